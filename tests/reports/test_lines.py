"""The list of bookings: which lines, in which order, what they add up to."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db import db
from app.facilities.catalogue import Catalogue
from app.kernel.clock import TOKYO
from app.payments.models import LedgerEntry
from app.reports.lines import LineRow, Totals, page_of_lines, stream_lines, totals
from app.reports.selection import Filters, Order
from tests import builders
from tests.builders import HOUR, MONDAY_9AM, NEXT_MONDAY
from tests.reports.situations import a_booking
from tests.usecases import steps

IN_TWO_WEEKS = date(2027, 3, 15)
APRIL = date(2027, 4, 5)


@pytest.fixture
def several(midori: Catalogue) -> dict[str, Any]:
    """Paid, unpaid, free, cancelled after payment, in two halls and two months."""
    return {
        "paid": a_booking(midori, ("room-1", NEXT_MONDAY, (10, 12)), paid=True, people=10),
        "unpaid": a_booking(
            midori,
            ("hall", IN_TWO_WEEKS, (9, 12)),
            email="taro@example.jp",
            name="森田 進",
            people=100,
            shown_name="",
        ),
        "free": a_booking(midori, ("lobby", NEXT_MONDAY, (13, 16)), people=4),
        "two": a_booking(
            midori,
            ("room-1", APRIL, (10, 12)),
            ("room-2", APRIL, (10, 12)),
            paid=True,
            people=7,
        ),
        "kita": a_booking(midori, ("room-2", NEXT_MONDAY, (9, 10)), facility="kita", people=3),
    }


def rows(found: Catalogue, order: Order | None = None, **chosen: Any) -> list[LineRow]:
    filters = Filters(found.zone, MONDAY_9AM, **chosen)
    return page_of_lines(db.session(), filters, order or Order(), limit=100, offset=0)


def numbers(found: list[LineRow]) -> list[str]:
    return [row.number for row in found]


def test_what_a_line_says(midori: Catalogue, several: dict[str, Any]):
    (row,) = rows(midori, words=several["paid"].booking.number)

    assert (row.facility, row.room, row.on_date) == ("中央会館", "第1会議室", NEXT_MONDAY)
    assert (row.name, row.kana, row.people) == ("山田 花子", "ヤマダ ハナコ", 10)
    assert (row.state, row.assessed_yen, row.collected_yen) == ("confirmed", 800, 800)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"to_day": date(2027, 3, 31)}, {"paid", "unpaid", "free", "kita"}),
        ({"from_day": IN_TWO_WEEKS, "to_day": IN_TWO_WEEKS}, {"unpaid"}),
        ({"state": "unpaid"}, {"unpaid", "kita"}),
        ({"state": "confirmed"}, {"paid", "free", "two"}),
        ({"state": "cancelled"}, set()),
        ({"paid": "paid"}, {"paid", "two"}),
        ({"paid": "unpaid"}, {"unpaid", "kita"}),
        ({"paid": "free"}, {"free"}),
        ({"applicant_class": "resident"}, {"paid", "unpaid", "free", "two", "kita"}),
        ({"applicant_class": "outsider"}, set()),
        ({"words": "もりた"}, set()),
        ({"words": "森田"}, {"unpaid"}),
        ({"words": "みどりの会"}, {"paid", "free", "two", "kita"}),
    ],
)
def test_filters(midori: Catalogue, several: dict[str, Any], chosen: Any, expected: set[str]):
    found = {row.number for row in rows(midori, **chosen)}

    assert found == {several[one].booking.number for one in expected}


def test_a_hall_and_a_room(midori: Catalogue, several: dict[str, Any]):
    kita = midori.facility_named("kita")
    assert kita

    assert numbers(rows(midori, facility_id=kita.id)) == [several["kita"].booking.number]
    assert len(rows(midori, room_id=builders.room_id(midori))) == 2


def test_the_day_of_the_request_counts_from_midnight_to_midnight_here(midori: Catalogue):
    late = MONDAY_9AM + 14 * HOUR  # 23:00 of the first of March in Tokyo
    made = a_booking(midori, now=late)

    today = {"period_of": "request", "from_day": date(2027, 3, 1), "to_day": date(2027, 3, 1)}
    following = {"period_of": "request", "from_day": date(2027, 3, 2)}
    assert numbers(rows(midori, **today)) == [made.booking.number]
    assert rows(midori, **following) == []


def test_a_basket_is_no_booking(midori: Catalogue):
    steps.choose(midori, "a browser", builders.a_wish(midori))

    assert rows(midori) == []


def test_another_municipality_is_not_there(app: Any, midori: Catalogue, several: dict[str, Any]):
    aoba = builders.catalogue_of("aoba")
    theirs = a_booking(aoba, slug="aoba", email="other@example.jp")

    assert theirs.booking.number not in numbers(rows(midori))
    assert rows(midori, words=theirs.booking.number or "") == []


def test_a_confirmed_use_that_is_over_was_used(midori: Catalogue, several: dict[str, Any]):
    over = datetime(2027, 3, 8, 12, tzinfo=TOKYO)

    found = page_of_lines(
        db.session(), Filters(midori.zone, over, state="used"), Order(), limit=9, offset=0
    )

    assert [(row.number, row.state) for row in found] == [(several["paid"].booking.number, "used")]


class TestMoney:
    def test_a_fee_that_came_back_by_half_stays_collected_until_it_is_paid_out(
        self, midori: Catalogue
    ):
        made = a_booking(midori, paid=True)  # 800 yen, a week before: half comes back
        steps.cancel(midori, made)

        (row,) = rows(midori)
        assert (row.state, row.assessed_yen, row.collected_yen) == ("cancelled", 400, 800)
        assert row.owed_yen == -400
        assert numbers(rows(midori, paid="to_refund")) == [made.booking.number]

    def test_an_unpaid_line_that_was_cancelled_costs_nothing(self, midori: Catalogue):
        made = a_booking(midori)
        steps.cancel(midori, made)

        (row,) = rows(midori)
        assert (row.assessed_yen, row.collected_yen, row.owed_yen) == (0, 0, 0)

    def test_a_payment_is_shared_by_the_lines_that_stood_when_it_came(self, midori: Catalogue):
        made = a_booking(
            midori,
            ("room-1", NEXT_MONDAY, (10, 12)),
            ("room-2", NEXT_MONDAY, (10, 12)),
            ("kitchen", NEXT_MONDAY, (10, 12)),
        )
        first, _second, third = made.lines
        steps.cancel(midori, made, first.id)
        steps.pay(made.booking, yen=600 + 1000)
        steps.cancel(midori, made, third.id)

        found = {row.room: (row.assessed_yen, row.collected_yen) for row in rows(midori)}
        assert found == {"第1会議室": (0, 0), "第2会議室": (600, 600), "調理室": (500, 1000)}

    def test_totals_are_what_the_ledger_holds(self, midori: Catalogue, several: dict[str, Any]):
        steps.cancel(midori, several["two"], several["two"].lines[0].id)

        sums = totals(db.session(), Filters(midori.zone, MONDAY_9AM))

        def ledger(*kinds: str) -> int:
            total = select(func.sum(LedgerEntry.yen)).where(LedgerEntry.kind.in_(kinds))
            return db.session.scalar(total) or 0

        assert sums.assessed_yen == ledger("charge", "release")
        assert sums.collected_yen == -ledger("payment")
        assert sums == Totals(6, 10 + 100 + 4 + 7 + 3, sums.assessed_yen, sums.collected_yen)


class TestOrder:
    def test_pages_follow_one_another_although_all_is_equal(self, midori: Catalogue):
        for number in range(9):
            a_booking(midori, ("lobby", NEXT_MONDAY + timedelta(weeks=number % 3), (9, 10))
                      if number < 3 else
                      (["room-1", "room-2", "kitchen"][number % 3],
                       NEXT_MONDAY + timedelta(weeks=number // 3 - 1), (9, 10)))  # fmt: skip
        filters, order = Filters(midori.zone, MONDAY_9AM), Order("name")

        pages = [
            page_of_lines(db.session(), filters, order, limit=4, offset=skipped)
            for skipped in (0, 4, 8)
        ]

        seen = [row.line_id for page in pages for row in page]
        assert len(seen) == len(set(seen)) == 9
        assert seen == [row.line_id for row in stream_lines(db.session(), filters, order)]

    @pytest.mark.parametrize(
        ("by", "key"),
        [
            ("use", lambda row: row.starts_at),
            ("request", lambda row: row.submitted_at),
            ("number", lambda row: row.number),
            ("yen", lambda row: row.assessed_yen),
            ("name", lambda row: row.name),
        ],
    )
    def test_each_order_goes_both_ways(
        self, midori: Catalogue, several: dict[str, Any], by: str, key: Any
    ):
        up = [key(row) for row in rows(midori, Order(by))]
        down = [key(row) for row in rows(midori, Order(by, is_descending=True))]

        assert up == sorted(up)
        assert down == sorted(down, reverse=True)
