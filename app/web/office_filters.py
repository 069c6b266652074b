"""The filter row over the bookings of a municipality: read, checked, said again in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import ValidationError

from app.kernel.calendar_jp import days_in_month
from app.kernel.text_ja import tidy
from app.reports.matching import FEWEST_DIGITS, is_numeric, is_too_short
from app.reports.selection import ORDERS, Filters, Order
from app.web import context, staff_words
from app.web.staff_forms import Choice, Day
from app.web.words import _

ALL = ("", _l("すべて"))
MOST_WORDS = 100  # characters of a free search
ANY_ORDER = [(sign + by, "") for by in ORDERS for sign in ("", "-")]


class BookingFilters(Form):  # type: ignore[misc]
    """Which bookings; every field narrows."""

    of = Choice(_l("期間"), options=[("use", _l("使う日")), ("request", _l("申し込んだ日"))])
    from_ = Day(_l("から"), name="from")
    to = Day(_l("まで"))
    facility = Choice(_l("施設"), unknown=_l("この施設はありません。一覧からえらんでください。"))
    room = Choice(_l("部屋"), unknown=_l("この部屋はありません。一覧からえらんでください。"))
    state = Choice(_l("状態"), options=[ALL, *staff_words.STATES.items()])
    paid = Choice(_l("代金"), options=[ALL, *staff_words.PAID.items()])
    applicant = Choice(_l("利用者区分"))
    q = StringField(_l("番号・名前・電話"))
    sort = Choice(_l("並び順"), options=ANY_ORDER)

    def validate_to(self, field: Day) -> None:
        """Refuse a period that ends before it begins."""
        first, last = self.from_.day, field.day
        if first is not None and last is not None and last < first:
            raise ValidationError(_("「から」より前の日です。2つの日を入れかえてください。"))

    def validate_room(self, field: Choice) -> None:
        """Refuse a room of another hall than the one that was chosen."""
        hall = self.facility.data
        if hall and field.data and field.data.split("/")[0] != hall:
            raise ValidationError(_("えらんだ施設の部屋ではありません。どちらかを変えてください。"))

    def validate_q(self, field: StringField) -> None:
        """Refuse a number that half of all numbers contain."""
        if field.data and is_too_short(field.data):
            raise ValidationError(
                _("番号や電話番号は、%(n)sけた以上を入れてください。", n=FEWEST_DIGITS)
            )

    @property
    def filters(self) -> Filters:
        """Return what was asked, for the reports; only of a form that is valid."""
        hall, room = self._place()
        return Filters(
            zone=g.municipality.zone,
            now=context.now(),
            period_of=self.of.data,
            from_day=self.from_.day,
            to_day=self.to.day,
            facility_id=hall,
            room_id=room,
            state=self.state.data or None,
            paid=self.paid.data or None,
            applicant_class=self.applicant.data or None,
            words=self.q.data,
        )

    @property
    def order(self) -> Order:
        """Return the order that was asked for."""
        return Order(self.sort.data.removeprefix("-"), self.sort.data.startswith("-"))

    def _place(self) -> tuple[int | None, int | None]:
        hall_slug, _slash, room_slug = (self.room.data or self.facility.data).partition("/")
        hall = context.catalogue().facility_named(hall_slug)
        room = hall.room_named(room_slug) if hall else None
        return hall.id if hall else None, room.id if room else None


def read(given: MultiDict[str, str] | None = None) -> BookingFilters:
    """Return the filters of this request; without a period it is the present month."""
    first, last = month_of(context.today())
    given = MultiDict(request.args if given is None else given)
    given.setdefault("from", first.isoformat())
    given.setdefault("to", last.isoformat())
    given.setdefault("of", "use")
    given.setdefault("sort", "use")
    given["q"] = tidy(given.get("q", ""))[:MOST_WORDS]
    form = BookingFilters(formdata=None)
    halls = context.catalogue().facilities
    form.facility.offer([ALL, *((one.slug, one.name) for one in halls)])
    form.room.offer([ALL])
    for hall in halls:
        rooms = [(f"{hall.slug}/{room.slug}", room.name) for room in hall.rooms]
        form.room.offer(rooms, group=hall.name)
    classes = context.policy().applicant_classes
    form.applicant.offer([ALL, *((one.id, one.name) for one in classes)])
    form.process(formdata=given)
    return form


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's month."""
    return day.replace(day=1), day.replace(day=days_in_month(day))


def in_address(form: BookingFilters, **changes: str | int) -> dict[str, Any]:
    """Return the filters as they stand in an address; an open period is said too."""
    values = {field.name: field.data or "" for field in form}
    kept = {name: v for name, v in values.items() if v or name in ("from", "to")}
    return {**kept, **changes}


def in_words(form: BookingFilters) -> list[tuple[str, str]]:
    """Return the filters as people read them, for the second sheet of a workbook."""
    said = []
    for field in form:
        if field.name == "sort" or not field.data:
            continue
        choices: Mapping[str, Any] = {}
        if isinstance(field, Choice):
            choices = {value: label for value, label, *_rest in field.iter_choices()}
        said.append((str(field.label.text), str(choices.get(field.data, field.data))))
    return said


def in_audit(form: BookingFilters) -> dict[str, str]:
    """Return the filters for the audit, which keeps numbers but nobody's name for ever."""
    kept = {field.name: str(field.data) for field in form if field.data}
    if "q" in kept and not is_numeric(kept["q"]):
        kept["q"] = "*"
    return kept
