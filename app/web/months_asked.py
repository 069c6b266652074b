"""The question of a statement: which month or fiscal year, whose money, which hall."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.db import db
from app.identity.permissions import Permission
from app.kernel.calendar_jp import fiscal_year, months_before
from app.payments.models import CITY
from app.reports.months.asked import SEVERAL, Asked
from app.reports.months.entries import has_payee
from app.web import context, halls, money_words
from app.web.office_filters import ALL
from app.web.staff_forms import Choice, Month, printable
from app.web.words import _

UNKNOWN = _l("一覧からえらんでください。")
MONTH, YEAR = "month", "year"
OVER_SEVERAL = "-"  # no hall has such a slug
BY = {
    "hall": _l("会館"),
    "day": _l("日"),
    "year": _l("調定の年度"),
    "payee": _l("料金を受け取るところ"),
    "collector": _l("受け取った人"),
}


class MonthsFilters(Form):  # type: ignore[misc]
    """Which statement is asked for."""

    of = Choice(
        _l("期間"),
        options=[(MONTH, _l("1か月")), (YEAR, _l("年度（4月から3月）"))],
        unknown=UNKNOWN,
    )
    month = Month(_l("月（年度のときは、その年度の月）"))
    payee = Choice(_l("料金を受け取るところ"), unknown=UNKNOWN)
    place = Choice(_l("会館"), unknown=UNKNOWN)
    by = Choice(_l("表のまとめ方"), options=BY.items(), unknown=UNKNOWN)

    @property
    def first(self) -> date:
        """Return the first day; only of a form whose month can be read."""
        assert self.month.day is not None
        if self.of.data == YEAR:
            return date(fiscal_year(self.month.day), 4, 1)
        return self.month.day

    @property
    def last(self) -> date:
        """Return the last day."""
        first = self.first
        if self.of.data == YEAR:
            return date(first.year + 1, 3, 31)
        return first.replace(day=monthrange(first.year, first.month)[1])

    @property
    def asked(self) -> Asked:
        """Return the question; only of a form that is valid."""
        place, hall = self.place.data or "", None
        if place:
            found = context.catalogue().facility_named(place)
            hall = found.id if found else SEVERAL
        return Asked(
            self.first, self.last, g.municipality.zone.key, halls.scope(Permission.REPORTS),
            self.payee.data or None, hall,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its name, as a link has it."""

    name: str
    of: str
    month: str


def read(given: Mapping[str, str] | None = None) -> MonthsFilters:
    """Return the question of this request; without a month it is the present one."""
    told = MultiDict(request.args if given is None else given)
    told.setdefault("month", f"{context.today():%Y-%m}")
    told.setdefault("of", MONTH)
    told.setdefault("by", "hall")
    form = MonthsFilters(formdata=None)
    form.payee.offer([ALL, *payees(printable(told.get("payee", "")))])
    form.place.offer([ALL, *((one.slug, one.name) for one in halls.seen(Permission.REPORTS))])
    form.place.offer([(OVER_SEVERAL, money_words.hall(SEVERAL))])
    form.process(formdata=told)
    return form


def payees(more: str = "") -> list[tuple[str, str]]:
    """Return who gets money, by the rules of today; `more` too when the ledger knows it."""
    found = [(one.id, one.name) for one in context.policy().payees]
    known = {key for key, _name in found}
    if CITY not in known:
        found.insert(0, (CITY, money_words.payee(CITY)))
    if more and more not in {*known, CITY} and has_payee(db.session(), more):
        found.append((more, more))
    return found


def in_address(form: MonthsFilters, **changes: Any) -> dict[str, Any]:
    """Return the question as it stands in an address."""
    kept = {field.name: field.data for field in form if field.data}
    return {key: value for key, value in {**kept, **changes}.items() if value not in ("", None)}


def in_words(form: MonthsFilters) -> list[tuple[str, str]]:
    """Return the question as people read it."""
    said = [(_("期間"), f"{form.first:%Y-%m-%d} – {form.last:%Y-%m-%d}")]
    for field in (form.payee, form.place):
        names = {value: str(name) for value, name, *_rest in field.iter_choices()}
        said.append((str(field.label.text), names.get(field.data, "")))
    return said


def narrowed(form: MonthsFilters) -> list[tuple[str, str]]:
    """Return what of it is not everything: whose money, which hall."""
    chosen = [bool(form.payee.data), bool(form.place.data)]
    return [one for one, is_chosen in zip(in_words(form)[1:], chosen, strict=True) if is_chosen]


def name_of(form: MonthsFilters) -> str:
    """Return what a period is called."""
    if form.of.data == YEAR:
        return _("%(n)s年度", n=form.first.year)
    return _("%(year)s年%(month)s月", year=form.first.year, month=form.first.month)


def periods(form: MonthsFilters) -> list[Period]:
    """Return the periods beside the present one, and those that people ask for most."""
    today = context.today().replace(day=1)
    last_month, last_year = months_before(today, 1), months_before(today, 12)
    found = [
        Period(_("今月"), MONTH, f"{today:%Y-%m}"),
        Period(_("先月"), MONTH, f"{last_month:%Y-%m}"),
        Period(_("今年度"), YEAR, f"{date(fiscal_year(today), 4, 1):%Y-%m}"),
        Period(_("前年度"), YEAR, f"{date(fiscal_year(last_year), 4, 1):%Y-%m}"),
    ]
    if form.month.day is not None:
        step = 12 if form.of.data == YEAR else 1
        first = form.first
        ends = [(_("前の期間"), step), (_("次の期間"), -step)]
        found += [
            Period(name, form.of.data, f"{months_before(first, months):%Y-%m}")
            for name, months in ends
            if months_before(first, months).year in range(2000, 2100)
        ]
    return found
