"""The tables of a statement: names of rows, columns of files, addresses of every figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.staff.members import names_of
from app.reports.as_xlsx import Sheet
from app.reports.columns import Column, Kind
from app.reports.months.asked import SEVERAL
from app.reports.months.counted import Rows, Statement
from app.reports.months.counters import Sheets
from app.reports.months.figures import Line, Row
from app.web import context, formats, money_words
from app.web.months_asked import BY, OVER_SEVERAL, MonthsFilters, in_address
from app.web.words import _

TOTAL = None


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row of a table: what it is called, and what of an address picks it."""

    name: str
    row: Row
    picks: dict[str, Any]
    on: date | None = None


def rows(by: str, found: Rows) -> list[NamedRow]:
    """Return the rows of a grouping in their order."""
    make: dict[str, Callable[[Rows], list[NamedRow]]] = {
        "hall": _halls, "day": _days, "year": _years, "payee": _payees, "collector": _collectors,
    }  # fmt: skip
    return make[by](found)


def _halls(found: Rows) -> list[NamedRow]:
    catalogue = context.catalogue()
    every: Sequence[FacilityInfo] = (*catalogue.facilities, *catalogue.former)
    order = {one.id: place for place, one in enumerate(every)}
    slugs = {one.id: one.slug for one in catalogue.facilities}

    def named(hall: int) -> NamedRow:
        place = OVER_SEVERAL if hall == SEVERAL else slugs.get(hall)
        picks = {"place": place} if place else {}
        return NamedRow(money_words.hall(hall, every), found[hall], picks)

    keys = sorted((int(str(key)) for key in found), key=lambda one: order.get(one, len(order)))
    return [named(one) for one in keys]


def _days(found: Rows) -> list[NamedRow]:
    days = sorted(one for one in found if isinstance(one, date))
    return [NamedRow(formats.ja_day(x), found[x], {"on": x.isoformat()}, on=x) for x in days]


def _years(found: Rows) -> list[NamedRow]:
    years = sorted(int(str(one)) for one in found)
    return [NamedRow(money_words.year(x), found[x], {"of_year": x}) for x in years]


def _payees(found: Rows) -> list[NamedRow]:
    names = {str(one): money_words.payee(str(one)) for one in found}
    return [NamedRow(names[x], found[x], {"payee": x}) for x in sorted(names)]


def _collectors(found: Rows) -> list[NamedRow]:
    ids = sorted(int(str(one)) for one in found)
    names = who_entered(ids)
    return [NamedRow(names[x], found[x], {"collector": x}) for x in ids]


def who_entered(account_ids: Sequence[int | None]) -> dict[int | None, str]:
    """Return who entered something: staff by name, applicants and the service as such."""
    named = names_of(db.session(), {one for one in account_ids if one})
    return {
        one: named.get(one, _("申込者")) if one else _("自動の処理") for one in set(account_ids)
    }


def address(form: MonthsFilters) -> Callable[..., str]:
    """Return how to get from a figure to what makes it up."""
    kept = in_address(form)

    def of(line: Line, picks: dict[str, Any] | None = None) -> str:
        return url_for("months_entries.show", **{**kept, **(picks or {}), "figure": line.id})

    return of


def columns(by: str, lines: Sequence[Line]) -> list[Column[NamedRow]]:
    """Return the columns of a file."""

    def value(line: Line) -> Callable[[NamedRow], object]:
        return lambda one: one.row.yen(line)

    name: list[Column[NamedRow]] = [
        Column(str(BY[by]), Kind.TEXT, lambda one: one.name, 26),
    ]
    if by == "day":
        name = [Column(str(BY[by]), Kind.DAY, lambda one: one.on or one.name, 14)]
    return [
        *name,
        *(Column(money_words.figure(x), Kind.YEN, value(x), 16) for x in lines),
    ]


def with_sum(by: str, some: Sequence[NamedRow], total: Row) -> list[NamedRow]:
    """Return rows with their sum at the end."""
    return [*some, NamedRow(_("合計"), total, {})]


def sheets(found: Statement, beside: Sheets | None) -> list[Sheet[Any]]:
    """Return a sheet for the whole, one for each grouping, and the counters."""
    made: list[Sheet[Any]] = [Sheet(_("合計"), _whole_columns(found), found.lines)]
    for by, name in BY.items():
        table = with_sum(by, rows(by, found.groups[by]), found.total)
        if by == "day":  # a workbook's day is a date, its sum has none
            table = table[:-1]
        made.append(Sheet(_("%(by)s別", by=name), columns(by, found.lines_by(by)), table))
    if beside is not None:
        made.append(Sheet(_("日計表との照合"), _counter_columns(), beside.counters))
    return made


def _whole_columns(found: Statement) -> list[Column[Line]]:
    total = found.total
    return [
        Column(_("項目"), Kind.TEXT, money_words.figure, 30),
        Column(_("金額"), Kind.YEN, total.yen, 16),
        Column(
            _("件数"), Kind.NUMBER, lambda one: None if one.is_balance else total.entries(one), 10
        ),
    ]


def _counter_columns() -> list[Column[Any]]:
    return [
        Column(_("窓口"), Kind.TEXT, lambda one: money_words.counter(one.counter_id), 26),
        Column(_("日計表の合計"), Kind.YEN, lambda one: one.sheet_yen, 16),
        Column(_("この表にふくむ額"), Kind.YEN, lambda one: one.yen, 16),
    ]
