"""The question of a usage report: which days, where, what kind, grouped by what, which columns."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import ValidationError

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.kernel.calendar_jp import days_in_month, fiscal_year, months_before
from app.reports.usage.asked import Asked, place_of
from app.web import context, halls
from app.web.office_filters import ALL
from app.web.staff_forms import Choice, Day
from app.web.usage_columns import GROUPED_BY
from app.web.words import _

MOST_DAYS = 1100  # three years
COLUMN = "col"  # in the address, once for each column that is shown


class UsageFilters(Form):  # type: ignore[misc]
    """Which uses are counted, and by what they are grouped."""

    from_ = Day(_l("から"), name="from")
    to = Day(_l("まで"))
    place = Choice(_l("施設・部屋"), unknown=_l("一覧からえらんでください。"))
    purpose = Choice(_l("目的"), unknown=_l("一覧からえらんでください。"))
    applicant = Choice(_l("利用者区分"), unknown=_l("一覧からえらんでください。"))
    by = Choice(
        _l("まとめ方"), options=GROUPED_BY.items(), unknown=_l("一覧からえらんでください。")
    )

    def validate_from_(self, field: Day) -> None:
        """Ask for a beginning."""
        if field.day is None and not field.data:
            raise ValidationError(_("始まりの日を入れてください。"))

    def validate_to(self, field: Day) -> None:
        """Refuse a period that has no end, ends before it begins, or is too long."""
        if field.day is None and not field.data:
            raise ValidationError(_("終わりの日を入れてください。"))
        if self.from_.day is None or field.day is None:
            return
        if field.day < self.from_.day:
            raise ValidationError(_("「から」より前の日です。2つの日を入れかえてください。"))
        if (field.day - self.from_.day).days >= MOST_DAYS:
            raise ValidationError(_("一度に集計できるのは3年分までです。"))

    @property
    def asked(self) -> Asked:
        """Return the question; only of a form that is valid."""
        assert self.from_.day is not None
        assert self.to.day is not None
        facility_id, room_id = place_of(context.catalogue(), self.place.data or "")
        return Asked(
            self.from_.day,
            self.to.day,
            halls.scope(Permission.REPORTS),
            facility_id,
            room_id,
            self.purpose.data or None,
            self.applicant.data or None,
        )


def read(given: MultiDict[str, str] | None = None) -> UsageFilters:
    """Return the question of this request; without days it is this fiscal year."""
    given = MultiDict(request.args if given is None else given)
    first, last = this_year(context.today())
    given.setdefault("from", first.isoformat())
    given.setdefault("to", last.isoformat())
    given.setdefault("by", "room")
    form = UsageFilters(formdata=None)
    form.place.offer([ALL])
    for hall in halls.seen(Permission.REPORTS):
        form.place.offer(_places(hall), group=hall.name)
    policy = context.policy()
    form.purpose.offer([ALL, *((one.id, one.name) for one in policy.purposes)])
    form.applicant.offer([ALL, *((one.id, one.name) for one in policy.applicant_classes)])
    form.process(formdata=given)
    return form


def columns_asked(given: MultiDict[str, str] | None = None) -> list[str]:
    """Return the columns that are ticked; none says: those that most people want."""
    return (request.args if given is None else given).getlist(COLUMN)


def in_address(form: UsageFilters, columns: Sequence[str], **changes: Any) -> dict[str, Any]:
    """Return the question as it stands in an address."""
    values = {field.name: field.data for field in form if field.data}
    return {**values, COLUMN: list(columns), **changes}


def in_words(form: UsageFilters) -> list[tuple[str, str]]:
    """Return the question as people read it, for the first sheet of a workbook."""
    said = []
    for field in form:
        if field.data:
            choices = {}
            if isinstance(field, Choice):
                choices = {value: label for value, label, *_rest in field.iter_choices()}
            said.append((str(field.label.text), str(choices.get(field.data, field.data))))
    return said


def periods(today: date) -> list[tuple[str, date, date]]:
    """Return the periods that people ask for most, with their names."""
    before = months_before(today.replace(day=1), 1)
    first, last = this_year(today)
    return [
        (_("今月"), today.replace(day=1), today.replace(day=days_in_month(today))),
        (_("先月"), before, before.replace(day=days_in_month(before))),
        (_("今年度"), first, last),
        (_("前年度"), months_before(first, 12), first - timedelta(days=1)),
    ]


def this_year(today: date) -> tuple[date, date]:
    """Return the first and the last day of the fiscal year (4月から3月)."""
    year = fiscal_year(today)
    return date(year, 4, 1), date(year + 1, 3, 31)


def _places(hall: FacilityInfo) -> list[tuple[str, str]]:
    whole = (hall.slug, _("%(hall)s全体", hall=hall.name))
    return [whole, *((f"{hall.slug}/{room.slug}", room.name) for room in hall.rooms)]
