"""Two at once about one payment: whoever comes first, no yen is lost and none counted twice."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.booking.service.application import Applicant
from app.booking.states import State
from app.db.audit import SERVICE, Actor
from app.db.session import in_transaction, tenant_scope
from app.payments.online import attempts
from app.payments.online.models import PaymentAttempt
from app.payments.ports import Unreachable
from app.payments.service import Entry, enter_one
from app.sims.stripe import StripeSim
from app.usecases import (
    at_provider,
    cancelling,
    lapsing,
    paying_online,
    receiving,
    sending_refunds,
)
from app.usecases.paying_online import Choice
from tests import builders
from tests.online.test_paths import cancels
from tests.online.town import Town
from tests.racing import race
from tests.usecases.steps import CLERK
from tests.web.situations import lines_in

pytestmark = pytest.mark.race


def test_pressed_at_once_it_is_one_page(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    booking_id, yen, account = booking.id, booking.fee_yen, hanako.account_id

    def press(_: int) -> str | None:
        chosen = Choice([booking_id], "city", "card", yen)
        found = builders.catalogue_of("midori")
        made = paying_online.begin(
            found, chosen, actor=Actor("resident", account), now=town.clock.now
        )
        return at_provider.open_page(town.provider, town.paid_town(), made, now=town.clock.now)

    with town.app.app_context(), tenant_scope(1):
        result = race(press, *range(12))

    assert len(set(result.results)) == 1
    assert len(sim.sessions()) == 1


@pytest.mark.parametrize("other", ["counter", "cancel", "lapse"])
def test_a_payment_and_something_else(town: Town, sim: StripeSim, hanako: Applicant, other: str):
    """Each is tried several times, so that either comes first."""
    booking = town.books(hanako)
    if other == "lapse":
        town.moves(days=6, hours=14, minutes=50)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    if other == "lapse":
        is_left_behind(town, attempt)
        town.moves(minutes=20)
    booking_id, account = booking.id, hanako.account_id
    (line,) = lines_in(town.app, booking)

    def run(what: str) -> object:
        if what == "settle":
            return at_provider.refresh(town.provider, town.paid_town(), attempt, now=town.clock.now)
        if what == "lapse":
            return lapsing.lapse_overdue(now=town.clock.now)
        found = builders.catalogue_of("midori")
        if what == "cancel":
            actor = Actor("resident", account)
            return cancelling.cancel_lines(
                found, booking_id, [line], actor=actor, now=town.clock.now
            )
        taken = receiving.Taken(None, "みどり市", despite=True)
        return receiving.receive_payment(
            found, booking_id, taken, yen=800, actor=CLERK, now=town.clock.now
        )

    with town.app.app_context(), tenant_scope(1):
        race(run, "settle", other, "settle", other)

    paid = [yen for kind, yen in town.ledger(booking) if kind == "payment"]
    assert paid.count(-800) == len(paid) <= 2
    assert len(paid) >= 1
    planned = sum(one.yen for one in town.refunds(booking))
    assert planned == max(0, -town.owed(booking))
    if town.booking(booking).state in (State.CANCELLED, State.LAPSED):
        assert town.owed(booking) <= 0
    else:
        assert town.booking(booking).state == State.CONFIRMED
        assert town.owed(booking) == -planned


def is_left_behind(town: Town, attempt_id: int) -> None:
    """Let the deadline not know of the attempt, as after an operator's hand."""
    with town.app.app_context(), tenant_scope(1):

        def work(session: object) -> None:
            for part in attempts.parts_of(session, attempt_id):  # type: ignore[arg-type]
                part.is_open = False

        in_transaction(work)


def test_eight_workers_send_a_refund_once(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    cancels(town, hanako, booking)
    (refund,) = town.refunds(booking)
    refund_id = refund.id

    def send(_: int) -> None:
        with suppress(Unreachable):  # the provider is busy with the same key: it is tried again
            sending_refunds.send(town.provider, refund_id, now=town.clock.now)

    with town.app.app_context(), tenant_scope(1):
        race(send, *range(8))
        sending_refunds.send(town.provider, refund_id, now=town.clock.now)

    assert len(sim.refunds()) == 1
    assert [kind for kind, _ in town.ledger(booking)].count("refund") == 1
    assert town.owed(booking) == 0


def test_without_its_lock_a_payment_would_count_many_times(
    town: Town, sim: StripeSim, hanako: Applicant
):
    """The negative control: what `advance` does, without locking booking and attempt."""
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    booking_id = booking.id

    def careless(_: int) -> None:
        def work(session: object) -> None:
            one = session.scalars(  # type: ignore[attr-defined]
                select(PaymentAttempt).where(
                    PaymentAttempt.tenant_id == 1, PaymentAttempt.id == attempt
                )
            ).one()
            if one.state == "paid":
                return
            enter_one(
                session, Entry("payment", -800, method="card"), booking_id=booking_id,  # type: ignore[arg-type]
                actor=SERVICE, now=town.clock.now,
            )  # fmt: skip
            one.state = "paid"

        in_transaction(work)

    with town.app.app_context(), tenant_scope(1):
        race(careless, *range(16))

    assert [kind for kind, _ in town.ledger(booking)].count("payment") > 1


def test_a_deadline_waits_while_somebody_may_still_be_paying(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    town.clock.now = town.booking(booking).due_at - timedelta(minutes=1)
    sim.clock.stand_still(town.clock.now)
    attempt = town.goes(hanako, booking)
    town.moves(minutes=10)

    with town.app.app_context(), tenant_scope(1):
        assert lapsing.lapse_overdue(now=town.clock.now) == 0
    sim.pay_card(town.session_of(attempt))
    assert town.asks(attempt) == "paid"
    assert town.booking(booking).state == State.CONFIRMED
