"""Refunds and disputes."""

import threading
from typing import Any

import pytest
import stripe

from app.sims.stripe import NotPossible, StripeSim
from tests.sims.conftest import AT_CITY, AT_TOWN, Opens


@pytest.fixture
def paid(sim: StripeSim, opened: Opens) -> str:
    """The intent of a session paid by card, 1,200 yen."""
    sim.pay_card(opened().id)
    return str(sim.sessions()[0]["payment_intent"])


@pytest.fixture
def at_a_store(sim: StripeSim, opened: Opens) -> str:
    """The intent of a session paid at a store, 1,200 yen."""
    session = opened()
    sim.choose_konbini(session.id)
    sim.pay_konbini(session.id)
    return str(sim.sessions()[0]["payment_intent"])


def types(sim: StripeSim, since: int) -> list[str]:
    return [event["type"] for event in sim.events()[since:]]


class TestOfACard:
    def test_all_of_it_is_given_back_at_once(
        self, sim: StripeSim, client: stripe.StripeClient, paid: str
    ):
        told: Any = {
            "payment_intent": paid,
            "reason": "requested_by_customer",
            "instructions_email": "someone@example.jp",
            "metadata": {"refund": "r_1"},
        }
        since = len(sim.events())

        refund = client.v1.refunds.create(params=told, options=AT_CITY)

        charge = client.v1.charges.retrieve(str(refund.charge), options=AT_CITY)
        assert (refund.status, refund.amount) == ("succeeded", 1200)
        assert refund.metadata["refund"] == "r_1"
        assert (charge.refunded, charge.amount_refunded) == (True, 1200)
        assert types(sim, since) == ["refund.created", "charge.refunded"]

    def test_parts_of_it_add_up(self, client: stripe.StripeClient, paid: str):
        for yen in (500, 700):
            client.v1.refunds.create(
                params={"payment_intent": paid, "amount": yen}, options=AT_CITY
            )

        found = client.v1.refunds.list(params={"payment_intent": paid}, options=AT_CITY)
        assert [one.amount for one in found.data] == [700, 500]
        again = client.v1.refunds.retrieve(found.data[0].id, options=AT_CITY)
        assert again.amount == 700

    def test_never_more_than_is_left(self, client: stripe.StripeClient, paid: str):
        client.v1.refunds.create(params={"payment_intent": paid, "amount": 500}, options=AT_CITY)

        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as refused:
            client.v1.refunds.create(
                params={"payment_intent": paid, "amount": 701}, options=AT_CITY
            )
        assert refused.value.param == "amount"

    def test_not_twice(self, client: stripe.StripeClient, paid: str):
        client.v1.refunds.create(params={"payment_intent": paid}, options=AT_CITY)

        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(params={"payment_intent": paid}, options=AT_CITY)
        assert refused.value.code == "charge_already_refunded"

    def test_of_eight_at_once_no_more_is_given_than_was_paid(
        self, sim: StripeSim, client: stripe.StripeClient, paid: str
    ):
        gate, refused = threading.Barrier(8), []

        def refund() -> None:
            gate.wait()
            try:
                client.v1.refunds.create(
                    params={"payment_intent": paid, "amount": 500}, options=AT_CITY
                )
            except stripe.InvalidRequestError as no:
                refused.append(no)

        racing = [threading.Thread(target=refund) for _ in range(8)]
        for one in racing:
            one.start()
        for one in racing:
            one.join()

        assert len(refused) == 6
        assert [one["amount"] for one in sim.refunds()] == [500, 500]

    def test_by_the_charge_too(self, sim: StripeSim, client: stripe.StripeClient, paid: str):
        charge = sim.events("charge.succeeded")[0]["data"]["object"]["id"]

        refund = client.v1.refunds.create(params={"charge": charge}, options=AT_CITY)

        assert refund.payment_intent == paid

    def test_not_before_it_succeeded(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        sim.pay_card(opened().id, "4000000000000002")
        intent = sim.sessions()[0]["payment_intent"]
        charge = sim.events("charge.failed")[0]["data"]["object"]["id"]

        with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
            client.v1.refunds.create(params={"payment_intent": intent}, options=AT_CITY)
        with pytest.raises(stripe.InvalidRequestError, match="not succeeded"):
            client.v1.refunds.create(params={"charge": charge}, options=AT_CITY)

    def test_not_from_another_account(self, client: stripe.StripeClient, paid: str):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(params={"payment_intent": paid}, options=AT_TOWN)
        assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)

    def test_not_of_nothing_and_not_of_two_things(self, client: stripe.StripeClient, paid: str):
        for told in ({}, {"payment_intent": paid, "charge": "ch_1"}):
            with pytest.raises(stripe.InvalidRequestError, match="One of the following"):
                client.v1.refunds.create(params=told, options=AT_CITY)  # type: ignore[arg-type]

    def test_a_bank_can_send_it_back_and_it_can_be_tried_again(
        self, sim: StripeSim, client: stripe.StripeClient, paid: str
    ):
        refund = client.v1.refunds.create(params={"payment_intent": paid}, options=AT_CITY)

        sim.fail_refund(refund.id, "lost_or_stolen_card")

        read = client.v1.refunds.retrieve(refund.id, options=AT_CITY)
        assert (read.status, read.failure_reason) == ("failed", "lost_or_stolen_card")
        assert sim.events()[-1]["type"] == "refund.failed"
        assert client.v1.refunds.create(params={"payment_intent": paid}, options=AT_CITY)


class TestOfAStore:
    def test_an_address_is_needed(self, client: stripe.StripeClient, at_a_store: str):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(params={"payment_intent": at_a_store}, options=AT_CITY)
        assert refused.value.param == "instructions_email"

    def test_it_waits_for_a_bank_account_and_then_for_the_bank(
        self, sim: StripeSim, client: stripe.StripeClient, at_a_store: str
    ):
        told: Any = {"payment_intent": at_a_store, "instructions_email": "someone@example.jp"}

        refund = client.v1.refunds.create(params=told, options=AT_CITY)
        since = len(sim.events())
        states = [refund.status]
        for step in (sim.give_bank_details, sim.settle_refund):
            step(refund.id)
            states.append(client.v1.refunds.retrieve(refund.id, options=AT_CITY).status)

        assert refund.next_action.display_details.email_sent.email_sent_to == "someone@example.jp"
        assert states == ["requires_action", "pending", "succeeded"]
        assert types(sim, since) == ["refund.updated", "charge.refund.updated"] * 2
        with pytest.raises(NotPossible):
            sim.settle_refund(refund.id)

    def test_it_fails_when_nobody_answers(
        self, sim: StripeSim, client: stripe.StripeClient, at_a_store: str
    ):
        told: Any = {"payment_intent": at_a_store, "instructions_email": "someone@example.jp"}
        client.v1.refunds.create(params=told, options=AT_CITY)

        sim.clock.advance(days=45)

        assert sim.refunds()[0]["status"] == "failed"


class TestInTheDashboard:
    def test_a_refund_is_made_past_the_service(self, sim: StripeSim, paid: str):
        refund = sim.dashboard_refund(sim.sessions()[0]["id"], 300)

        assert (refund["amount"], refund["metadata"]) == (300, {})
        assert sim.events("refund.created")[0]["request"]["id"] is None

    def test_and_refused_where_it_must_be(self, sim: StripeSim, paid: str):
        with pytest.raises(NotPossible):
            sim.dashboard_refund(sim.sessions()[0]["id"], 1201)


class TestADispute:
    def test_is_opened_and_decided(self, sim: StripeSim, client: stripe.StripeClient, paid: str):
        since = len(sim.events())

        dispute = sim.open_dispute(sim.sessions()[0]["id"])

        read = client.v1.disputes.retrieve(dispute["id"], options=AT_CITY)
        assert (read.status, read.amount, read.payment_intent) == ("needs_response", 1200, paid)
        assert types(sim, since) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(params={"payment_intent": paid}, options=AT_CITY)
        assert refused.value.code == "charge_disputed"
        sim.close_dispute(dispute["id"], won=True)
        assert sim.events()[-1]["type"] == "charge.dispute.funds_reinstated"

    def test_is_for_cards_only(self, sim: StripeSim, at_a_store: str):
        with pytest.raises(NotPossible):
            sim.open_dispute(sim.sessions()[0]["id"])
