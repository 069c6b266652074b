"""Paying by card, PayPay and at a store; what events and objects come of it."""

from datetime import datetime
from typing import Any

import pytest
import stripe

from app.kernel.clock import TOKYO
from app.sims.stripe import NotPossible, StripeSim
from tests.sims.conftest import AT_CITY, Opens


def types(sim: StripeSim) -> list[str]:
    return [event["type"] for event in sim.events()]


class TestByCard:
    def test_money_is_there_at_once(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        assert sim.pay_card(opened().id) is None

        session = sim.sessions()[0]
        intent = client.v1.payment_intents.retrieve(
            session["payment_intent"], params={"expand": ["latest_charge"]}, options=AT_CITY
        )
        charge = client.v1.charges.retrieve(intent.latest_charge.id, options=AT_CITY)
        assert (session["status"], session["payment_status"]) == ("complete", "paid")
        assert (intent.status, intent.amount_received) == ("succeeded", 1200)
        assert (charge.status, charge.paid, charge.amount_captured) == ("succeeded", True, 1200)
        assert types(sim) == [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed",
        ]

    @pytest.mark.parametrize(
        ("number", "why"),
        [("4000000000000002", "generic_decline"), ("4000000000009995", "insufficient_funds")],
    )
    def test_a_declined_one_leaves_the_session_open(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens, number: str, why: str
    ):
        session = opened()

        assert sim.pay_card(session.id, number)

        intent = client.v1.payment_intents.retrieve(
            sim.sessions()[0]["payment_intent"], options=AT_CITY
        )
        assert sim.sessions()[0]["status"] == "open"
        assert intent.status == "requires_payment_method"
        assert intent.last_payment_error.decline_code == why
        assert types(sim)[-2:] == ["charge.failed", "payment_intent.payment_failed"]

    def test_another_card_after_it_pays_the_same_intent(self, sim: StripeSim, opened: Opens):
        session = opened()
        sim.pay_card(session.id, "4000000000000002")
        intent = sim.sessions()[0]["payment_intent"]

        assert sim.pay_card(session.id) is None

        assert sim.sessions()[0]["payment_intent"] == intent
        assert types(sim).count("payment_intent.created") == 1

    def test_is_done_once(self, sim: StripeSim, opened: Opens):
        session = opened()
        sim.pay_card(session.id)

        with pytest.raises(NotPossible):
            sim.pay_card(session.id)

    def test_only_where_it_is_offered(self, sim: StripeSim, opened: Opens):
        session = opened(allowed_payment_method_types=["konbini"])

        with pytest.raises(NotPossible):
            sim.pay_card(session.id)


def test_by_paypay_money_is_there_at_once(sim: StripeSim, opened: Opens):
    sim.pay_paypay(opened().id)

    assert sim.sessions()[0]["payment_status"] == "paid"
    assert sim.events("charge.succeeded")[0]["data"]["object"]["payment_method_details"] == {
        "type": "paypay",
        "paypay": {},
    }


class TestAtAStore:
    def test_a_voucher_comes_first(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        session = opened(payment_method_options={"konbini": {"expires_after_days": 2}})

        chosen = sim.choose_konbini(session.id, "familymart", phone="0312345678")

        read: Any = client.v1.payment_intents.retrieve(chosen["id"], options=AT_CITY)
        details = read.next_action.konbini_display_details
        stores = details.stores
        last = datetime.fromtimestamp(details.expires_at, TOKYO)
        assert (read.status, read.latest_charge) == ("requires_action", None)
        assert last == datetime(2026, 12, 3, 23, 59, 59, tzinfo=TOKYO)
        assert details.hosted_voucher_url == f"{sim.base_url}/voucher/{chosen['id']}"
        assert stores.familymart.confirmation_number == "0312345678"
        assert all(
            getattr(stores, one).payment_code
            for one in ("familymart", "lawson", "ministop", "seicomart")
        )
        assert sim.sessions()[0]["status"] == "complete"
        assert sim.sessions()[0]["payment_status"] == "unpaid"
        assert types(sim) == [
            "payment_intent.created",
            "payment_intent.requires_action",
            "checkout.session.completed",
        ]

    def test_three_days_are_usual_and_days_are_those_of_tokyo(self, sim: StripeSim, opened: Opens):
        sim.clock.set(datetime(2026, 12, 2, 0, 30, tzinfo=TOKYO))  # still the 1st in UTC

        chosen = sim.choose_konbini(opened().id)

        ends = chosen["next_action"]["konbini_display_details"]["expires_at"]
        assert datetime.fromtimestamp(ends, TOKYO).day == 5

    def test_the_money_comes_later(self, sim: StripeSim, opened: Opens):
        session = opened()
        sim.choose_konbini(session.id)
        sim.clock.advance(days=1)

        sim.pay_konbini(session.id)

        assert sim.sessions()[0]["payment_status"] == "paid"
        assert types(sim)[3:] == [
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.async_payment_succeeded",
        ]
        with pytest.raises(NotPossible):
            sim.pay_konbini(session.id)

    def test_or_never(self, sim: StripeSim, opened: Opens):
        session = opened()
        sim.choose_konbini(session.id)

        sim.lapse_konbini(session.id)

        assert sim.sessions()[0]["payment_status"] == "unpaid"
        assert types(sim)[3:] == [
            "payment_intent.payment_failed",
            "checkout.session.async_payment_failed",
        ]
        with pytest.raises(NotPossible):
            sim.pay_konbini(session.id)

    def test_the_till_takes_it_half_an_hour_longer(self, sim: StripeSim, opened: Opens):
        session = opened()
        chosen = sim.choose_konbini(session.id)
        ends = chosen["next_action"]["konbini_display_details"]["expires_at"]
        sim.clock.set(datetime.fromtimestamp(ends + 30 * 60, TOKYO))

        sim.pay_konbini(session.id)

        assert sim.sessions()[0]["payment_status"] == "paid"

    def test_and_no_longer(self, sim: StripeSim, opened: Opens):
        session = opened()
        chosen = sim.choose_konbini(session.id)
        ends = chosen["next_action"]["konbini_display_details"]["expires_at"]
        sim.clock.set(datetime.fromtimestamp(ends + 30 * 60 + 1, TOKYO))

        assert types(sim)[-1] == "checkout.session.async_payment_failed"
        with pytest.raises(NotPossible):
            sim.pay_konbini(session.id)

    def test_before_a_store_is_chosen_nothing_can_be_paid(self, sim: StripeSim, opened: Opens):
        session = opened()

        with pytest.raises(NotPossible):
            sim.pay_konbini(session.id)
        with pytest.raises(NotPossible):
            sim.choose_konbini(session.id, "seveneleven")
