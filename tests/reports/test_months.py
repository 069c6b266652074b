"""A year of charges and receipts to the yen, against figures that this test adds up by itself."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, timedelta
from typing import Any

import openpyxl
from flask import Flask

from app.db import db
from app.identity.permissions import Scope
from app.kernel.calendar_jp import fiscal_year
from app.reports.months.asked import Asked
from app.reports.months.counted import Statement, statement
from app.reports.months.counters import sheets
from app.reports.months.entries import Picked, found, whole
from app.reports.months.figures import BALANCES, Row, line_with, side_of
from tests import builders
from tests.pages import Visitor
from tests.reports.a_year_of_money import FIRST, MONTHS, Logged, Year
from tests.reports.situations import clerk, working
from tests.usecases.test_receiving import a_clerk, has_payees
from tests.web.situations import a_third_hall

PAYEES = (
    {"id": "city", "name": "みどり市一般会計", "issuer": "みどり市長"},
    {"id": "kanri", "name": "緑サービス", "issuer": "株式会社緑サービス"},
)
SECOND = {"days_after_request": 7, "days_before_use": 1, "where": "受付", "payee": "kanri"}
ASSESSED = ("charge", "waiver", "release")


def a_year(app: Flask) -> Year:
    has_payees(app, *PAYEES)
    a_third_hall(app, terms={"payment": SECOND})
    who = a_clerk(app)
    with working(app) as catalogue:
        return Year(catalogue, who).run()


def spans() -> list[tuple[date, date]]:
    """Return every month, both fiscal years, and the day on each side of the year's end."""
    months = [
        (one, (one + timedelta(days=31)).replace(day=1) - timedelta(days=1)) for one in MONTHS
    ]
    years = [(date(n, 4, 1), date(n + 1, 3, 31)) for n in (2026, 2027)]
    return [*months, *years, (date(2027, 3, 31),) * 2, (date(2027, 4, 1),) * 2]


def expected(
    year: Year, first: date, last: date, key: Callable[[Logged], Hashable], some: list[Logged]
) -> dict[Hashable, dict[str, int]]:
    """Add up the log: movements of the days, and what was unpaid or owed back around them."""
    rows: dict[Hashable, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    owed: dict[tuple[int, str], list[Any]] = {}
    for one in some:
        if one.on > last:
            continue
        state = owed.setdefault((one.booking, one.payee), [key(one), 0, 0])
        state[2] += one.yen
        if one.on < first:
            state[1] += one.yen
            continue
        name = one.kind
        if one.kind == "payment":
            name = f"payment.{one.method}"
        assessed = one.kind in ASSESSED
        yen = one.yen if assessed else -one.yen
        rows[key(one)][name] += yen
        rows[key(one)]["assessed" if assessed else "collected"] += yen
    for place, before, after in owed.values():
        for name, yen in (
            ("unpaid_before", before), ("over_before", -before), ("unpaid", after), ("over", -after)
        ):  # fmt: skip
            rows[place][name] += max(yen, 0)
    return without_nothing(rows)


def without_nothing(rows: Any) -> dict[Hashable, dict[str, int]]:
    told = {key: {name: yen for name, yen in row.items() if yen} for key, row in rows.items()}
    return {key: row for key, row in told.items() if row}


def told(rows: dict[Hashable, Row], *, names: Iterable[str]) -> dict[Hashable, dict[str, int]]:
    return without_nothing(
        {key: {name: row.yen(line_with(name)) for name in names} for key, row in rows.items()}
    )


def names_of(statement: Statement) -> list[str]:
    return [one.id for one in statement.lines]


def notice_years(some: list[Logged], last: date) -> dict[tuple[int, str], set[int]]:
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for one in some:
        if one.kind == "charge" and one.on <= last:
            found[one.booking, one.payee].add(fiscal_year(one.on))
    return found


def test_a_year_to_the_yen(app: Flask):
    """One year for all of it: making it takes longer than looking at it."""
    year = a_year(app)
    every_figure_of_every_month_and_year(app, year)
    a_figure_is_the_sum_of_its_entries_and_balances_of_bookings(app, year)
    of_a_hall_only_what_is_all_its_own(app, year)
    the_counters_sheets_agree_with_the_payments(app, year)
    page_csv_and_workbook_say_the_same(app, year)


def every_figure_of_every_month_and_year(app: Flask, year: Year) -> None:
    kinds = {one.kind for one in year.log}
    assert kinds == {"charge", "waiver", "release", "payment", "reversal", "refund"}
    assert {year.hall_of(one) for one in year.log} == {0, *year.places.values()}
    turned = [x for x in year.log if (x.on.month, x.on.day) in ((3, 31), (4, 1))]
    assert len(turned) > 4
    with working(app):
        for first, last in spans():
            for payee in (None, "city", "kanri"):
                agrees(year, first, last, payee)


def agrees(year: Year, first: date, last: date, payee: str | None) -> None:
    some = [one for one in year.log if payee in (None, one.payee)]
    got = statement(db.session(), Asked(first, last, "Asia/Tokyo", payee=payee))
    years = notice_years(some, last)

    def year_of(one: Logged) -> int:
        (found, *more) = years[one.booking, one.payee]
        return 0 if more else found

    names = names_of(got)
    where = (first, last, payee)
    whole_of = expected(year, first, last, lambda _: "", some)
    assert told({"": got.total}, names=names) == whole_of, where
    assert got.total.difference == 0, where
    for by, key in (
        ("hall", year.hall_of), ("year", year_of), ("payee", lambda x: x.payee)
    ):  # fmt: skip
        wanted = expected(year, first, last, key, some)
        assert told(got.groups[by], names=names) == wanted, (by, where)
        assert not any(row.difference for row in got.groups[by].values()), (by, where)
    moved = [name for name in names if name not in BALANCES]
    for by, key in (("day", lambda x: x.on), ("collector", lambda x: x.collector)):
        those = some if by == "day" else [x for x in some if side_of(x.kind) == "collected"]
        wanted = {
            place: {name: yen for name, yen in row.items() if name not in BALANCES}
            for place, row in expected(year, first, last, key, those).items()
        }
        assert told(got.groups[by], names=moved) == without_nothing(wanted), (by, where)


def a_figure_is_the_sum_of_its_entries_and_balances_of_bookings(app: Flask, year: Year) -> None:
    asked = Asked(date(2026, 9, 1), date(2026, 9, 30), "Asia/Tokyo")
    hall = year.places["kita"]
    with working(app):
        got = statement(db.session(), asked)
        for line in got.lines:
            assert whole(db.session(), asked, Picked(line)).yen == got.total.yen(line), line
            there = Asked(asked.first, asked.last, asked.zone, facility_id=hall)
            rows = list(found(db.session(), there, Picked(line)))
            assert sum(one.yen for one in rows) == got.groups["hall"][hall].yen(line), line
            assert {one.hall_id for one in rows} <= {hall}
        for by, pick in (("year", "year"), ("collector", "collector"), ("day", "on")):
            for key, row in got.groups[by].items():
                for line in got.lines_by(by):
                    picked = Picked(line, **{pick: key})
                    assert whole(db.session(), asked, picked).yen == row.yen(line), (by, key, line)


def of_a_hall_only_what_is_all_its_own(app: Flask, year: Year) -> None:
    hall = year.places["nishi"]
    scope = Scope(facility_ids=frozenset([hall]))
    with working(app):
        for first, last in spans()[:3]:
            got = statement(db.session(), Asked(first, last, "Asia/Tokyo", scope))
            wanted = expected(
                year, first, last, year.hall_of, [x for x in year.log if year.hall_of(x) == hall]
            )
            assert told(got.groups["hall"], names=names_of(got)) == wanted
        of_room = Scope(room_ids=frozenset([builders.room_id(year.found, "room-1", "kita")]))
        got = statement(db.session(), Asked(*spans()[-4], "Asia/Tokyo", of_room))
        mine = {
            told.id
            for told in year.bookings.values()
            if {(x.hall, x.room) for x in told.lines if x.hall != "nishi"} == {("kita", "room-1")}
        }
        those = [x for x in year.log if x.booking in mine and x.payee == "city"]
        assert told({"": got.total}, names=names_of(got)) == expected(
            year, *spans()[-4], lambda _: "", those
        )


def the_counters_sheets_agree_with_the_payments(app: Flask, year: Year) -> None:
    counters = {0, *year.places.values()}
    with working(app):
        for first, last in spans():
            asked = Asked(first, last, "Asia/Tokyo")
            beside = sheets(db.session(), asked, counters=counters)
            got = statement(db.session(), asked)
            assert beside.yen == got.total.yen(line_with("collected"))
            assert all(one.sheet_yen == one.yen for one in beside.counters)
            closed = {
                (None, on) for on in year.closed[None] if first <= on <= last
            }  # fmt: skip
            assert {(one.counter_id or None, one.on_date) for one in beside.closed} == closed or (
                len(beside.closed) == 60
            )
            assert all(one.expected_yen == one.entered_yen for one in beside.closed)
            for counter, on in beside.left_open:
                assert on not in year.closed[counter or None]
        one_payee = Asked(date(2026, 4, 1), date(2027, 3, 31), "Asia/Tokyo", payee="kanri")
        beside = sheets(db.session(), one_payee, counters=counters)
        got = statement(db.session(), one_payee)
        assert beside.yen == got.total.yen(line_with("collected"))
        assert sum(one.sheet_yen for one in beside.counters) > beside.yen
        march = Asked(date(2027, 3, 1), date(2027, 3, 31), "Asia/Tokyo")
        assert all(
            (one.business_on.month == 3) != (one.entered_at.astimezone(FIRST.tzinfo).month == 3)
            for one in sheets(db.session(), march, counters=counters).moved
        )


def page_csv_and_workbook_say_the_same(app: Flask, year: Year) -> None:
    page = clerk(app, email="second@example.jp")
    whole_of = expected(year, date(2026, 4, 1), date(2027, 3, 31), lambda _: "", year.log)[""]
    path = "/midori/desk/money/{}?of=year&month=2026-04&by=hall"
    shown = yen_of(page.visit(path.format("")), "table.sums tfoot td")
    rows = list(csv.reader(io.StringIO(page.visit(path.format("csv")).response.data.decode())))
    in_csv = [int(one) for one in rows[-1][1:]]
    book = openpyxl.load_workbook(io.BytesIO(page.visit(path.format("excel")).response.data))
    in_book = list(list(book["会館別"].values)[-1][1:])
    assert shown == in_csv == in_book
    assert sum(whole_of.values()) == sum(in_csv)
    assert page.visit(path.format("")).text.count("（合っています）") == 2


def yen_of(page: Visitor, where: str) -> list[int]:
    texts = [one.get_text(strip=True) for one in page.page.select(where)]
    return [int(one.replace(",", "").removesuffix("円")) for one in texts]
