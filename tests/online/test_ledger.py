"""What stands in the ledger: fees by their parts, and refunds by the lines they are of."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.booking.models import BookingLine
from app.booking.service.application import Applicant
from app.db import db
from app.db.session import in_transaction, tenant_scope
from app.payments.models import LedgerEntry
from app.reports.money import money_of_line
from app.sims.stripe import StripeSim
from app.usecases import cancelling
from app.usecases.returned import sync
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.online.test_paths import cancels, sends
from tests.online.town import Town
from tests.pages import Visitor
from tests.usecases import steps
from tests.usecases.steps import CLERK
from tests.web.situations import a_third_hall, has_booked, is_signed_in, lines_in, surcharged

WAIVED = {
    "waivers": [
        {"id": "half", "name": "半額", "percent": 50, "is_automatic": True,
         "classes": ["resident"], "citation": builders.CITED}
    ]
}  # fmt: skip


def by_line(town: Town) -> list[tuple[int, int]]:
    """Return of each line what was assessed and what of it was collected, as reports do."""
    with town.app.app_context(), tenant_scope(1):
        money = money_of_line()
        rows = db.session.execute(
            select(money.c.assessed_yen, money.c.collected_yen)
            .select_from(BookingLine)
            .join(money, text("true"))
            .where(BookingLine.tenant_id == 1)
            .order_by(BookingLine.id)
        )
        return [(int(a), int(b)) for a, b in rows]


def booked_at(app: Flask, visitor: Visitor, **documents: Any) -> list[tuple[str, int]]:
    a_third_hall(app, **documents)
    made = has_booked(app, is_signed_in(visitor), facility="nishi")
    with app.app_context(), tenant_scope(1):
        rows = db.session.scalars(
            select(LedgerEntry).where(LedgerEntry.booking_id == made.booking.id)
        )
        return [(one.kind, one.yen) for one in rows]


def test_a_surcharge_stands_by_itself(app: Flask, visitor: Visitor):
    found = booked_at(app, visitor, fees={**builders.FEES, **surcharged(percent=50)})
    assert found == [("charge", 800), ("surcharge", 400)]


def test_so_does_what_is_waived_from_the_beginning(app: Flask, visitor: Visitor):
    fees = {**builders.FEES, **surcharged(percent=50), **WAIVED}
    assert booked_at(app, visitor, fees=fees) == [
        ("charge", 800), ("surcharge", 400), ("waiver", -600)
    ]  # fmt: skip


def test_a_reduction_of_price_is_no_surcharge(app: Flask, visitor: Visitor):
    found = booked_at(app, visitor, fees={**builders.FEES, **surcharged(percent=-50)})
    assert found == [("charge", 400)]


def test_what_is_kept_may_be_a_fee_for_cancelling(app: Flask, visitor: Visitor):
    cancellation = {**builders.TERMS["cancellation"], "kept_as": "cancellation_fee"}
    a_third_hall(app, terms={**builders.TERMS, "cancellation": cancellation})
    person = is_signed_in(visitor)
    made = has_booked(app, person, facility="nishi")
    with app.app_context(), tenant_scope(1):
        steps.receives(1, made.booking.id, yen=800)
        steps.cancel(builders.catalogue_of("midori"), made)
        rows = db.session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.booking_id == made.booking.id)
            .order_by(LedgerEntry.id)
        )
        found = [(one.kind, one.yen) for one in rows]

    assert found == [
        ("charge", 800), ("payment", -800), ("release", -800), ("cancellation_fee", 400)
    ]  # fmt: skip


def test_a_refund_is_of_the_line_that_was_cancelled(town: Town, sim: StripeSim, hanako: Applicant):
    two = (("room-1", NEXT_MONDAY, (10, 12)), ("room-2", NEXT_MONDAY, (10, 12)))
    booking = town.books(hanako, *two)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    assert by_line(town) == [(800, 800), (600, 600)]
    first, _second = lines_in(town.app, booking)
    with town.app.app_context(), tenant_scope(1):
        in_transaction(
            lambda session: cancelling.cancel_at_once(
                session, builders.catalogue_of("midori"), booking.id, [first], actor=CLERK,
                now=town.clock.now,
            )
        )  # fmt: skip
    (refund,) = town.refunds(booking)
    assert by_line(town) == [(400, 800), (600, 600)]  # collected until it is paid back

    sends(town, refund.id)

    assert by_line(town) == [(400, 400), (600, 600)]


def test_one_that_came_twice_takes_nothing_from_any_line(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, booking.id, yen=800, now=town.clock.now, despite=True)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    (refund,) = town.refunds(booking)
    sends(town, refund.id)

    assert by_line(town) == [(800, 800)]


def test_a_refund_that_comes_back_is_owed_again_and_told_to_staff(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    cancels(town, hanako, booking)
    (refund,) = town.refunds(booking)
    assert sends(town, refund.id) == "done"
    (made,) = sim.refunds()
    sim.fail_refund(made["id"], "expired_or_canceled_card")
    with town.app.app_context(), tenant_scope(1):
        intent = str(town.attempt(attempt).intent_ref)
        for _ in range(2):
            sync(town.provider, intent, now=town.clock.now)

    assert town.ledger(booking)[-2:] == [("refund", 400), ("refund_return", -400)]
    assert town.owed(booking) == -400
    assert town.tasks() == ["refund_failed"]
    (refund,) = town.refunds(booking)
    assert (refund.state, refund.error) == ("failed", "expired_or_canceled_card")


@pytest.mark.parametrize(
    "statement", ["update ledger_entry set yen = 0", "delete from ledger_entry"]
)
def test_the_database_changes_and_deletes_no_entry(town: Town, hanako: Applicant, statement: str):
    town.books(hanako)
    with town.app.app_context(), tenant_scope(1):
        for as_owner in (False, True):
            with pytest.raises(DBAPIError):
                in_transaction(lambda session: session.execute(text(statement)), as_owner=as_owner)
