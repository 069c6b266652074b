"""Something is taken off a fee: the ledger says so, what was paid too much goes back, once."""

import pytest

from app.booking.service.application import Applicant
from app.booking.states import State
from app.db.session import tenant_scope
from app.payments.refunds.models import Refund
from app.sims.stripe import StripeSim
from app.usecases.crediting import Off, credit
from tests.online.test_paths import cancels
from tests.online.town import Town
from tests.racing import race
from tests.reports.situations import clerk, staff
from tests.usecases.steps import CLERK
from tests.web.situations import lines_in


def paid(town: Town, sim: StripeSim, person: Applicant):
    booking = town.books(person)
    attempt = town.goes(person, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    return booking


def test_of_a_paid_fee_the_difference_goes_back(town: Town, sim: StripeSim, hanako: Applicant):
    booking = paid(town, sim, hanako)
    desk = clerk(town.app).visit(f"/midori/desk/bookings/{booking.number}")
    desk.press("料金を減らす・返す額を決める").fill("減らす額", "２００円").fill(
        "減らすわけ", "暖房の故障"
    )
    desk.press("料金を減らす")

    assert "料金を減らしました。" in desk.text
    assert town.ledger(booking)[-1] == ("credit", -200)
    refunds: list[Refund] = town.refunds(booking)
    assert [(one.yen, one.reason, one.citation) for one in refunds] == [
        (200, "credited", "暖房の故障")
    ]
    assert town.booking(booking).fee_yen == 600
    assert town.letters()[-1] == "fee_credited"
    assert "減額" in desk.visit(f"/midori/desk/bookings/{booking.number}").text


def test_cancelled_afterwards_no_more_comes_back_than_was_paid(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = paid(town, sim, hanako)
    (line,) = lines_in(town.app, booking)
    with town.app.app_context(), tenant_scope(1):
        credit(booking.id, Off(line, 200, "x", 800), actor=CLERK, now=town.clock.now)
    cancels(town, hanako, booking)

    assert sum(one.yen for one in town.refunds(booking)) == 200 + 300
    assert town.owed(booking) == -500


def test_an_unpaid_fee_that_is_all_taken_off_makes_the_booking_certain(
    town: Town, hanako: Applicant
):
    booking = town.books(hanako)
    (line,) = lines_in(town.app, booking)
    with town.app.app_context(), tenant_scope(1):
        credit(booking.id, Off(line, 800, "会館の都合", 800), actor=CLERK, now=town.clock.now)

    assert town.booking(booking).state == State.CONFIRMED
    assert town.owed(booking) == 0


@pytest.mark.parametrize(
    ("yen", "reason", "said"),
    [
        ("たくさん", "x", "減らす額を、数字で入力してください。"),
        ("801", "x", "減らせるのは、1円から800円までです。"),
        ("0", "x", "減らせるのは、1円から800円までです。"),
        ("-5", "x", "減らせるのは、1円から800円までです。"),
        ("100", "", "減らすわけを入力してください。"),
    ],
)
def test_what_can_not_be_is_said_and_what_was_typed_stays(
    town: Town, hanako: Applicant, yen: str, reason: str, said: str
):
    booking = town.books(hanako)
    desk = clerk(town.app).visit(f"/midori/desk/bookings/{booking.number}/credit")
    desk.fill("減らす額", yen).fill("減らすわけ", reason).press("料金を減らす", status=422)

    assert said in desk.text
    assert desk.page.select_one("#yen")["value"] == yen
    assert [kind for kind, _ in town.ledger(booking)] == ["charge"]


def test_pressed_by_two_at_once_it_is_taken_off_once(town: Town, hanako: Applicant):
    booking = town.books(hanako)
    (line,) = lines_in(town.app, booking)
    booking_id, now = booking.id, town.clock.now
    with town.app.app_context(), tenant_scope(1):
        result = race(
            lambda _: credit(booking_id, Off(line, 200, "x", 800), actor=CLERK, now=now),
            *range(4),
        )

    assert len(result.results) == 1
    assert result.refusals == [("credit.meanwhile",)] * 3
    assert town.ledger(booking) == [("charge", 800), ("credit", -200)]


def test_a_hall_manager_may_not(town: Town, hanako: Applicant):
    booking = town.books(hanako)
    page = staff(town.app).visit(f"/midori/desk/bookings/{booking.number}")
    assert "料金を減らす" not in page.text
    page.visit(f"/midori/desk/bookings/{booking.number}/credit", status=403)


def test_of_what_was_cancelled_staff_decide_what_comes_back(
    town: Town, sim: StripeSim, hanako: Applicant
):
    """Where no rule says how much, nothing is lost: it is a task, and a sum with a reason."""
    booking = paid(town, sim, hanako)
    town.moves(days=3)
    cancels(town, hanako, booking)
    assert town.refunds(booking) == []
    desk = clerk(town.app).visit(f"/midori/desk/bookings/{booking.number}")
    desk.press("返す額を決める")
    assert "（取り消した枠）" in desk.text
    desk.fill("減らす額", "300").fill("減らすわけ", "市長が認めた").press("料金を減らす")

    assert [(one.yen, one.reason) for one in town.refunds(booking)] == [(300, "credited")]
    assert town.owed(booking) == -300
    assert town.booking(booking).state == State.CANCELLED
