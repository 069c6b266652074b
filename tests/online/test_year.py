"""A year in which ledger, the provider's side, receipts and reports agree to the yen."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from app.db import db
from app.db.session import tenant_scope
from app.kernel.calendar_jp import fiscal_year
from app.kernel.clock import TOKYO
from app.payments.models import LedgerEntry, Receipt
from app.payments.online.ways import WAYS
from app.reports.months.asked import Asked
from app.reports.months.counted import statement
from app.sims.stripe import StripeSim
from tests.online.a_paid_year import FIRST, STORIES, Logged, PaidYear
from tests.online.town import Town

MONTHS = 12


def test_a_year_of_payments_to_the_yen(town: Town, sim: StripeSim):
    town.clock.now = FIRST
    sim.clock.stand_still(FIRST)

    year = PaidYear(town).run(months=MONTHS)

    assert len(year.stays) == MONTHS * len(STORIES)
    every_booking_is_as_the_log_says(town, year)
    the_provider_took_and_gave_what_the_log_says(sim, year)
    receipts_are_of_every_payment_without_a_gap(town, year)
    every_month_is_reported_as_the_log_says(town, year)
    only_what_was_done_by_hand_is_left_to_staff(town, year)


def every_booking_is_as_the_log_says(town: Town, year: PaidYear) -> None:
    entries = town.rows(LedgerEntry)
    found: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in entries:
        found[one.booking_id][one.kind, one.method or ""] += abs(one.yen)
    expected: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for logged in year.log:
        expected[logged.booking][logged.kind, logged.method] += logged.yen

    assert {key: +some for key, some in found.items()} == {
        key: +some for key, some in expected.items()
    }


def the_provider_took_and_gave_what_the_log_says(sim: StripeSim, year: PaidYear) -> None:
    taken = sum(one["amount_total"] for one in sim.sessions() if one["payment_status"] == "paid")
    given = sum(one["amount"] for one in sim.refunds() if one["status"] == "succeeded")

    assert taken == total(year.log, "payment", *WAYS)
    assert given == total(year.log, "refund", *WAYS)
    assert {one["status"] for one in sim.refunds()} == {"succeeded"}


def receipts_are_of_every_payment_without_a_gap(town: Town, year: PaidYear) -> None:
    receipts: list[Receipt] = town.rows(Receipt)
    by_year: dict[int, list[int]] = defaultdict(list)
    for one in receipts:
        assert one.fiscal_year == fiscal_year(one.issued_at.astimezone(TOKYO).date())
        by_year[one.fiscal_year].append(one.number)

    assert sum(one.yen for one in receipts) == total(year.log, "payment", "cash", *WAYS)
    assert len(receipts) == sum(one.kind == "payment" for one in year.log)
    assert len(by_year) == 2
    for numbers in by_year.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def every_month_is_reported_as_the_log_says(town: Town, year: PaidYear) -> None:
    first = date(2027, 4, 1)
    while first < date(2028, 7, 1):
        following = (first + timedelta(days=32)).replace(day=1)
        with town.app.app_context(), tenant_scope(1):
            asked = Asked(first, following - timedelta(days=1), "Asia/Tokyo", payee="city")
            told = statement(db.session(), asked)
            got = {line.id: told.total.yen(line) for line in told.lines}
        month = [one for one in year.log if first <= one.on < following]
        for kind in ("charge", "release"):
            sign = -1 if kind == "release" else 1
            assert got.get(kind, 0) == sign * total(month, kind, ""), (first, kind)
        for method in ("cash", *WAYS):
            assert got.get(f"payment.{method}", 0) == total(month, "payment", method), (
                first, method,
            )  # fmt: skip
        assert got.get("refund", 0) == -total(month, "refund", "cash", *WAYS), first
        assert told.total.difference == 0
        first = following


def only_what_was_done_by_hand_is_left_to_staff(town: Town, year: PaidYear) -> None:
    assert Counter(town.tasks()) == {"outside_refund": MONTHS}
    left: Any = Counter()
    for one in year.log:
        sign = 1 if one.kind in ("charge", "refund") else -1
        left[one.booking] += sign * one.yen
    owing = {booking for booking, yen in left.items() if yen}
    assert len(owing) == MONTHS  # those of which somebody gave half back by hand
    assert all(town.owed(stay.booking) == left[stay.booking.id] for stay in year.stays)


def total(log: list[Logged], kind: str, *methods: str) -> int:
    return sum(one.yen for one in log if one.kind == kind and one.method in methods)
