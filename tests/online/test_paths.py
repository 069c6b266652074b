"""Every way a payment can go, driven over HTTP: in time, late, twice, too much, and back."""

from datetime import timedelta

from sqlalchemy import text

from app.booking.service.application import Applicant
from app.booking.states import State
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.sims.stripe import StripeSim
from app.usecases import at_provider, cancelling, lapsing, sending_refunds
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.online.town import Town
from tests.usecases import steps
from tests.web.situations import lines_in


def lapses(town: Town) -> int:
    with town.app.app_context(), tenant_scope(1):
        return lapsing.lapse_overdue(now=town.clock.now)


def sends(town: Town, refund_id: int) -> str:
    with town.app.app_context(), tenant_scope(1):
        return sending_refunds.send(town.provider, refund_id, now=town.clock.now)


def cancels(town: Town, person: Applicant, booking: object) -> None:
    with town.app.app_context(), tenant_scope(1):
        cancelling.cancel_lines(
            builders.catalogue_of("midori"), booking.id, lines_in(town.app, booking),
            actor=Actor("resident", person.account_id), now=town.clock.now,
        )  # fmt: skip


def test_paid_by_card_in_time_the_booking_is_certain(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))

    assert town.asks(attempt) == "paid"

    assert town.booking(booking).state == State.CONFIRMED
    assert town.ledger(booking) == [("charge", booking.fee_yen), ("payment", -booking.fee_yen)]
    assert [(one.yen, one.number) for one in town.receipts(booking)] == [(booking.fee_yen, 1)]
    assert town.letters() == ["booking_made", "payment_received"]
    assert [one.outcome for one in town.parts(attempt)] == ["paid"]


def test_asked_again_and_again_nothing_happens_twice(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))

    for _ in range(3):
        assert town.asks(attempt) == "paid"

    assert town.owed(booking) == 0
    assert len(town.receipts(booking)) == 1


def test_one_payment_for_two_bookings(town: Town, sim: StripeSim, hanako: Applicant):
    first = town.books(hanako)
    second = town.books(hanako, ("room-2", NEXT_MONDAY, (10, 12)), key="other")
    attempt = town.goes(hanako, first, second)
    sim.pay_card(town.session_of(attempt))

    town.asks(attempt)

    assert {town.booking(one).state for one in (first, second)} == {State.CONFIRMED}
    assert town.owed(first) == town.owed(second) == 0
    assert [one["amount_total"] for one in sim.sessions()] == [first.fee_yen + second.fee_yen]


def test_a_declined_card_leaves_the_page_open_and_the_booking_waiting(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)

    assert sim.pay_card(town.session_of(attempt), "4000000000000002")

    assert town.asks(attempt) == "open"
    assert town.booking(booking).state == State.PROVISIONAL
    assert [kind for kind, _ in town.ledger(booking)] == ["charge"]


def test_at_a_shop_the_booking_waits_and_then_is_certain(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking, way="konbini")
    sim.choose_konbini(town.session_of(attempt))

    assert town.asks(attempt) == "waiting"
    found = town.attempt(attempt)
    assert found.voucher_url
    assert found.voucher_until <= town.booking(booking).due_at
    assert "payment_waiting" in town.letters()

    sim.pay_konbini(town.session_of(attempt))
    assert town.asks(attempt) == "paid"
    assert town.booking(booking).state == State.CONFIRMED
    assert town.attempt(attempt).method == "konbini"


def test_nothing_lapses_while_a_number_for_a_shop_is_out(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking, way="konbini")
    sim.choose_konbini(town.session_of(attempt))
    town.asks(attempt)
    due = town.booking(booking).due_at
    town.clock.now = due + timedelta(minutes=5)

    assert lapses(town) == 0

    town.sim.clock.stand_still(town.clock.now)
    sim.lapse_konbini(town.session_of(attempt))
    assert town.asks(attempt) == "failed"
    assert lapses(town) == 1
    assert town.booking(booking).state == State.LAPSED


def test_paid_too_late_with_the_room_still_free_the_booking_stands_again(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = lapsed_while_paying(town, hanako, booking)
    sim.pay_card(town.session_of(attempt))

    assert town.asks(attempt) == "paid"

    assert town.booking(booking).state == State.CONFIRMED
    assert [one.outcome for one in town.parts(attempt)] == ["revived"]
    assert town.owed(booking) == 0
    assert town.letters()[-1] == "payment_revived"
    with town.app.app_context(), tenant_scope(1):
        taken = steps.choose(
            builders.catalogue_of("midori"), "b2",
            builders.a_wish(builders.catalogue_of("midori"), "room-1", on=NEXT_MONDAY,
                            hours=(10, 12)), now=town.clock.now,
        )  # fmt: skip
    assert steps.codes(taken) == ["slot.taken"]


def test_paid_too_late_with_the_room_gone_the_money_goes_back(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = lapsed_while_paying(town, hanako, booking)
    with town.app.app_context():
        jiro = builders.a_resident(email="jiro@example.jp")
    town.books(jiro, key="jiros")
    sim.pay_card(town.session_of(attempt))

    assert town.asks(attempt) == "paid"

    assert town.booking(booking).state == State.LAPSED
    assert [one.outcome for one in town.parts(attempt)] == ["late"]
    (refund,) = town.refunds(booking)
    assert (refund.yen, refund.method, refund.state) == (booking.fee_yen, "card", "due")
    assert town.letters()[-1] == "payment_returned"

    assert sends(town, refund.id) == "done"
    assert town.owed(booking) == 0
    assert town.ledger(booking)[-1] == ("refund", booking.fee_yen)
    assert [one["amount"] for one in sim.refunds()] == [booking.fee_yen]
    assert town.letters()[-1] == "refund_done"


def test_paid_at_the_counter_as_well_the_second_payment_goes_back(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, booking.id, yen=booking.fee_yen, now=town.clock.now, despite=True)
    sim.pay_card(town.session_of(attempt))

    town.asks(attempt)

    assert [one.outcome for one in town.parts(attempt)] == ["double"]
    (refund,) = town.refunds(booking)
    assert (refund.yen, refund.method) == (booking.fee_yen, "card")
    sends(town, refund.id)
    assert town.owed(booking) == 0
    assert town.booking(booking).state == State.CONFIRMED


def test_cancelled_after_paying_what_comes_back_is_sent_once(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)

    cancels(town, hanako, booking)
    (refund,) = town.refunds(booking)
    assert refund.yen == -town.owed(booking) > 0
    for _ in range(3):
        sends(town, refund.id)

    assert len(sim.refunds()) == 1
    assert town.owed(booking) == 0
    assert refund.citation


def test_a_slip_that_can_not_be_called_back_is_paid_after_cancelling_and_goes_back(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking, way="konbini")
    sim.choose_konbini(town.session_of(attempt))
    town.asks(attempt)
    with town.app.app_context(), tenant_scope(1):
        state = at_provider.let_go(town.provider, town.paid_town(), booking.id, now=town.clock.now)
    assert state == "waiting"
    cancels(town, hanako, booking)
    sim.pay_konbini(town.session_of(attempt))

    town.asks(attempt)

    assert [one.outcome for one in town.parts(attempt)] == ["late"]
    (refund,) = town.refunds(booking)
    assert refund.method == "konbini"
    assert sends(town, refund.id) == "details"
    assert town.letters()[-1] == "refund_details"
    assert town.owed(booking) == -booking.fee_yen  # it has not gone yet
    (made,) = sim.refunds()
    sim.give_bank_details(made["id"])
    sim.settle_refund(made["id"])
    assert sends(town, refund.id) == "done"
    assert town.owed(booking) == 0


def test_a_page_that_ran_out_lets_one_pay_otherwise(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    town.moves(minutes=40)

    assert town.asks(attempt) == "expired"
    again = town.goes(hanako, booking, way="paypay")
    assert again != attempt
    sim.pay_paypay(town.session_of(again))
    assert town.asks(again) == "paid"
    assert town.booking(booking).state == State.CONFIRMED


def lapsed_while_paying(town: Town, person: Applicant, booking: object) -> int:
    """Let a booking lapse behind a page to pay on that is still open.

    The service itself does not do that: it waits. An operator's hand, or a fault, may.
    """
    town.clock.now = town.booking(booking).due_at - timedelta(minutes=1)
    town.sim.clock.stand_still(town.clock.now)
    attempt = town.goes(person, booking)
    with town.app.app_context(), tenant_scope(1):
        in_transaction(
            lambda session: session.execute(text("update payment_part set is_open = false"))
        )
    town.moves(minutes=2)
    assert lapses(town) == 1
    return attempt
