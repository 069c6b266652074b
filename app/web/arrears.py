"""Who owes money (未納一覧): filtered, sorted, as CSV and on paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import ValidationError

from app.db import db
from app.identity.permissions import Permission
from app.kernel.text_ja import plain_number
from app.reports import arrears
from app.reports.arrears import Asked, Debt, Told
from app.reports.as_csv import as_csv
from app.reports.columns import Column, Kind
from app.reports.exporting import note_money
from app.reports.months.asked import SEVERAL
from app.web import context, halls, money_words, months_asked, staff_words
from app.web.access import access
from app.web.downloads import csv_type, encoding_asked, named, streamed
from app.web.formats import local
from app.web.months_asked import OVER_SEVERAL, UNKNOWN
from app.web.office_filters import ALL
from app.web.rendering import page
from app.web.staff_forms import Choice, page_number, printable, signed_number
from app.web.words import _

bp = Blueprint("arrears", __name__)
bp.context_processor(staff_words.in_templates)

ROWS = 100  # of a page
MOST_DAYS = 365
WHICH = {
    "late": _l("期限をすぎたもの"),
    "soon": _l("もうすぐ期限のもの"),
    "all": _l("すべて（期限の前もふくむ）"),
}
ORDERS = {
    "days": _l("すぎた日数の長い順"),
    "yen": _l("金額の大きい順"),
    "name": _l("名前の順"),
    "hall": _l("会館の順"),
}


class ArrearsFilters(Form):  # type: ignore[misc]
    """Which debts are listed, in which order."""

    which = Choice(_l("どの未納か"), options=WHICH.items(), unknown=UNKNOWN)
    days = StringField(_l("もうすぐ：何日以内"))
    payee = Choice(_l("料金を受け取るところ"), unknown=UNKNOWN)
    place = Choice(_l("会館"), unknown=UNKNOWN)
    sort = Choice(_l("並び順"), options=ORDERS.items(), unknown=UNKNOWN)

    def validate_days(self, field: StringField) -> None:
        """Refuse what is no number of days."""
        if self.within is None:
            raise ValidationError(
                _("「何日以内」は、1から%(most)sまでの数字で入れてください。", most=MOST_DAYS)
            )

    @property
    def within(self) -> int | None:
        """Return within how many days something is due soon."""
        days = signed_number(plain_number(self.days.data or "").removesuffix("日"))
        return days if days is not None and 1 <= days <= MOST_DAYS else None

    @property
    def asked(self) -> Asked:
        """Return the question; only of a form that is valid."""
        assert self.within is not None
        hall = None
        if self.place.data:
            found = context.catalogue().facility_named(self.place.data)
            hall = found.id if found else SEVERAL
        return asked(
            which=self.which.data, within_days=self.within, payee=self.payee.data or None,
            facility_id=hall, order=self.sort.data,
        )  # fmt: skip


def asked(**narrowed: Any) -> Asked:
    """Return a question about the debts that are the viewer's business."""
    return Asked(
        now=context.now(),
        zone=g.municipality.zone.key,
        scope=halls.scope(Permission.REPORTS),
        contacts=halls.scope(Permission.DESK),
        takes=halls.scope(Permission.RECEIVE_PAYMENT),
        **narrowed,
    )


@bp.get("/arrears")
@access(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """Show who owes what since when, and how they were reminded so far."""
    return listed()


@bp.get("/arrears/csv")
@access(Permission.REPORTS, recent=True)
def csv() -> ResponseReturnValue:
    """Send the list as CSV."""
    encoding, form = encoding_asked(), read()
    if not form.validate():
        return _page(form, status=422)
    rows = arrears.debts(db.session(), form.asked)
    told = arrears.told_so_far(db.session(), [one.booking_id for one in rows])
    filters = {field.name: str(field.data) for field in form if field.data}
    facts: dict[str, object] = {"format": "csv", "encoding": encoding, "filters": filters}
    actor = context.actor("staff")
    note_money(facts, len(rows), actor=actor, now=context.now(), has_names=True)
    name = named("arrears", _("未納一覧"), context.today(), None)
    pieces = as_csv(_columns(told), rows, encoding)
    return streamed(pieces, csv_type(encoding), name.disposition("csv"))


def listed(*, problems: Sequence[str] = (), status: int = 200) -> ResponseReturnValue:
    """Show the list, with what is wrong with what was asked of it."""
    form = read()
    if not form.validate():
        return _page(form, problems=problems, status=422)
    question, session = form.asked, db.session()
    sums = arrears.totals(session, question)
    number = page_number(request.args.get("page", "1"))
    pages = max(1, -(-sums.bookings // ROWS))
    if number is None or number > pages:
        return _page(form, problems=problems, sums=sums, pages=pages, status=404)
    rows = arrears.debts(session, question, limit=ROWS, offset=(number - 1) * ROWS)
    told = arrears.told_so_far(session, [one.booking_id for one in rows])
    return _page(
        form, problems=problems, status=status, sums=sums, rows=rows, told=told, pages=pages,
        number=number,
    )  # fmt: skip


def read() -> ArrearsFilters:
    """Return the filters of this request; at first what is past its day, the longest first."""
    given = MultiDict(request.args)
    given.setdefault("which", "late")
    given.setdefault("days", "7")
    given.setdefault("sort", "days")
    given["days"] = printable(given["days"])[:20]
    form = ArrearsFilters(formdata=None)
    form.payee.offer([ALL, *months_asked.payees(printable(given.get("payee", "")))])
    form.place.offer([ALL, *((one.slug, one.name) for one in halls.seen(Permission.REPORTS))])
    form.place.offer([(OVER_SEVERAL, money_words.hall(SEVERAL))])
    form.process(formdata=given)
    return form


def in_address(form: ArrearsFilters, **changes: Any) -> dict[str, Any]:
    """Return the filters as they stand in an address."""
    return {**{field.name: field.data for field in form if field.data}, **changes}


def _page(form: ArrearsFilters, *, status: int = 200, **found: Any) -> ResponseReturnValue:
    return page(
        "money/arrears.html",
        status=status,
        form=form,
        kept=lambda **changes: in_address(form, **changes),
        arrears_at=lambda **changes: url_for("arrears.show", **in_address(form, **changes)),
        words=money_words,
        chosen=request.args.getlist("number"),
        **{
            "problems": (), "rows": [], "told": {}, "sums": None, "pages": 0, "number": 0, **found,
        },
    )  # fmt: skip


def _columns(told: Mapping[int, Sequence[Told]]) -> list[Column[Debt]]:
    def reminded(one: Debt) -> str:
        return _("、").join(
            f"{local(x.at):%Y-%m-%d} {staff_words.WAYS[x.way]}"
            for x in told.get(one.booking_id, ())
        )

    return [
        Column(_("予約番号"), Kind.TEXT, lambda one: staff_words.number(one.number)),
        Column(_("会館"), Kind.TEXT, lambda one: money_words.hall(one.hall_id)),
        Column(_("料金を受け取るところ"), Kind.TEXT, lambda one: money_words.payee(one.payee)),
        Column(_("使う日"), Kind.DAY, lambda one: one.first_use),
        Column(_("団体・案内板の名前"), Kind.TEXT, lambda one: one.shown_name),
        Column(_("申込者"), Kind.TEXT, lambda one: one.name),
        Column(_("電話"), Kind.TEXT, lambda one: one.phone),
        Column(_("未納額"), Kind.YEN, lambda one: one.yen),
        Column(_("期限"), Kind.MOMENT, lambda one: local(one.due_at).replace(tzinfo=None)),
        Column(_("すぎた日数"), Kind.NUMBER, lambda one: max(0, one.late_days)),
        Column(_("催促"), Kind.TEXT, reminded),
    ]
