"""Events on their way: signed, tried again, held, forged."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe import SignatureVerificationError, WebhookSignature

from app.kernel import clock
from app.sims.stripe import NotPossible, StripeSim, courier
from tests.sims.conftest import AT_CITY, CITY, KEY, SECRET, TOWN, Listener, Opens, client_of, params


@pytest.fixture
def heard(sim: StripeSim, listener: Listener) -> Listener:
    """Whoever listens for the platform."""
    sim.endpoint(listener.url, SECRET)
    return listener


def verified(listener: Listener, number: int = -1) -> None:
    body, signature = listener.heard[number]
    WebhookSignature.verify_header(body, signature, SECRET, 300)


class TestAnEvent:
    def test_is_signed_and_names_its_account(self, sim: StripeSim, heard: Listener, opened: Opens):
        session = opened()
        sim.pay_card(session.id)

        assert sim.wait_for_deliveries(5)

        event = heard.events[-1]
        verified(heard)
        assert heard.types == [one["type"] for one in sim.events()]
        assert (event["object"], event["api_version"]) == ("event", "2026-10-28.endive")
        assert (event["account"], event["livemode"]) == (CITY, False)
        assert event["data"]["object"]["id"] == session.id
        assert sim.events()[-1]["pending_webhooks"] == 0

    def test_keeps_how_its_object_was(self, sim: StripeSim, heard: Listener, opened: Opens):
        session = opened()
        sim.choose_konbini(session.id)
        sim.pay_konbini(session.id)

        completed = sim.events("checkout.session.completed")[0]
        assert completed["data"]["object"]["payment_status"] == "unpaid"

    def test_tells_which_request_caused_it(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        options: Any = AT_CITY | {"idempotency_key": "expire:1"}
        client.v1.checkout.sessions.expire(opened().id, options=options)

        assert sim.events()[0]["request"]["idempotency_key"] == "expire:1"

    def test_can_be_read(self, sim: StripeSim, client: stripe.StripeClient, opened: Opens):
        sim.pay_card(opened().id)
        newest = sim.events()[-1]["id"]

        assert client.v1.events.retrieve(newest, options=AT_CITY).id == newest
        listed = client.v1.events.list(params={"limit": 1}, options=AT_CITY)
        assert ([one.id for one in listed.data], listed.has_more) == ([newest], True)
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.events.retrieve(newest)

    def test_goes_to_those_who_take_its_account(
        self, sim: StripeSim, listener: Listener, opened: Opens
    ):
        sim.endpoint(listener.url, SECRET, TOWN)
        for account in (CITY, TOWN, None):
            sim.expire_session(opened(account=account).id)

        assert sim.wait_for_deliveries(5)

        assert [event["account"] for event in listener.events] == [TOWN]

    def test_does_not_name_the_account_to_itself(self, listener: Listener):
        with StripeSim(keys={"sk_test_own": "acct_own"}) as sim:
            sim.endpoint(listener.url, SECRET)
            told: Any = params()
            session = client_of(sim, "sk_test_own").v1.checkout.sessions.create(params=told)
            sim.pay_card(session.id)

            assert sim.wait_for_deliveries(5)
            verified(listener)
            assert "account" not in listener.events[-1]


class TestDelivery:
    def test_is_tried_again_until_it_is_taken(self, sim: StripeSim, heard: Listener, opened: Opens):
        heard.status += [500, 302]
        sim.expire_session(opened().id)

        assert sim.wait_for_deliveries(5)

        delivery = sim.deliveries()[0]
        assert [one["status"] for one in delivery["attempts"]] == [500, 302, 200]
        assert delivery["state"] == "delivered"

    def test_is_given_up_in_the_end(
        self,
        sim: StripeSim,
        listener: Listener,
        opened: Opens,
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr(courier, "BACK_OFF", (0.01, 0.01))
        sim.endpoint("http://127.0.0.1:1/nobody", SECRET)
        sim.expire_session(opened().id)

        assert sim.wait_for_deliveries(5)

        assert sim.deliveries()[0]["state"] == "given up"
        assert [one["status"] for one in sim.deliveries()[0]["attempts"]] == [0, 0, 0]

    def test_waits_while_it_is_held_and_comes_in_the_order_that_was_asked(
        self, sim: StripeSim, heard: Listener, opened: Opens
    ):
        sim.hold_deliveries()
        sim.pay_card(opened().id)
        assert sim.wait_for_deliveries(5)
        assert heard.heard == []
        backwards = [one["id"] for one in sim.events()][::-1]

        sim.release_deliveries(backwards)

        assert sim.wait_for_deliveries(5)
        assert [one["id"] for one in heard.events] == backwards

    def test_is_lost_on_order(self, sim: StripeSim, heard: Listener, opened: Opens):
        sim.hold_deliveries()
        sim.pay_card(opened().id)

        sim.discard_deliveries()
        sim.release_deliveries()

        assert sim.wait_for_deliveries(5)
        assert heard.heard == []

    def test_is_late_on_order(self, sim: StripeSim, heard: Listener, opened: Opens):
        sim.delay_deliveries(60)
        sim.expire_session(opened().id)

        assert not sim.wait_for_deliveries(0.2)
        assert heard.heard == []

    def test_by_hand_comes_as_often_as_asked_and_tells_the_answer(
        self, sim: StripeSim, heard: Listener, opened: Opens
    ):
        sim.hold_deliveries()
        sim.expire_session(opened().id)
        heard.status += [200, 409]

        assert sim.deliver(sim.events()[0]["id"], times=2) == 409
        assert heard.types == ["checkout.session.expired"] * 2
        with pytest.raises(NotPossible):
            sim.deliver("evt_unknown")


class TestAForgery:
    @pytest.fixture
    def event(self, sim: StripeSim, heard: Listener, opened: Opens) -> str:
        sim.hold_deliveries()
        sim.expire_session(opened().id)
        return str(sim.events()[0]["id"])

    def test_is_signed_by_another(self, sim: StripeSim, heard: Listener, event: str):
        sim.deliver(event, secret="whsec_other")

        with pytest.raises(SignatureVerificationError, match="No signatures found"):
            verified(heard)

    def test_is_changed_on_the_way(self, sim: StripeSim, heard: Listener, event: str):
        sim.deliver(event)
        body, signature = heard.heard[-1]

        with pytest.raises(SignatureVerificationError):
            WebhookSignature.verify_header(body + b" ", signature, SECRET, 300)

    def test_is_old(self, sim: StripeSim, heard: Listener, event: str):
        sim.deliver(event, at=clock.now() - timedelta(seconds=301))

        with pytest.raises(SignatureVerificationError, match="tolerance"):
            verified(heard)

    def test_is_of_the_other_mode_or_from_nowhere(
        self, sim: StripeSim, heard: Listener, event: str
    ):
        sim.deliver(event, livemode=True, account="acct_nowhere")

        verified(heard)
        assert (heard.events[-1]["livemode"], heard.events[-1]["account"]) == (True, "acct_nowhere")


def test_a_delivery_can_be_carried_by_hand(sim: StripeSim, opened: Opens):
    sim.expire_session(opened().id)

    body, headers = sim.sealed(sim.events()[0]["id"], SECRET)

    WebhookSignature.verify_header(body, headers["Stripe-Signature"], SECRET, 300)
    assert json.loads(body)["account"] == CITY


class TestARestart:
    def test_loses_nothing(self, tmp_path: Path, listener: Listener):
        file = tmp_path / "stripe.json"
        first = StripeSim(keys={KEY: None}, accounts={CITY: {"card"}}, state=file)
        with first:
            first.endpoint("http://127.0.0.1:1/nobody", SECRET)
            told: Any = params()
            options: Any = AT_CITY | {"idempotency_key": "cs:1"}
            session = client_of(first).v1.checkout.sessions.create(params=told, options=options)
            first.clock.advance(hours=1)
            first.pay_card(session.id)

        with StripeSim(keys={KEY: None}, accounts={CITY: {"card"}}, state=file) as second:
            again = client_of(second).v1.checkout.sessions.create(params=told, options=options)
            assert again.id == session.id
            assert second.sessions()[0]["payment_status"] == "paid"
            assert second.clock.now() - clock.now() > timedelta(minutes=59)
            assert [one["type"] for one in second.events()] == [
                one["type"] for one in first.events()
            ]
        assert json.loads(file.read_text("utf-8"))["events"]

    def test_sends_what_was_waiting(self, tmp_path: Path, listener: Listener):
        file = tmp_path / "stripe.json"
        listener.status += [503] * 2
        for _ in range(2):
            with StripeSim(keys={KEY: None}, state=file) as sim:
                sim.endpoint(listener.url, SECRET)
                if not sim.sessions():
                    told: Any = params()
                    session = client_of(sim).v1.checkout.sessions.create(params=told)
                    sim.expire_session(session.id)
                else:
                    assert sim.wait_for_deliveries(5)

        assert set(listener.types) == {"checkout.session.expired"}
        assert sim.deliveries()[0]["state"] == "delivered"
