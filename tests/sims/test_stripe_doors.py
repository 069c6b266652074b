"""Who may call, in which version, for which account; keys that are asked twice; faults."""

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
import stripe

from app.sims.stripe import StripeSim
from tests.sims.conftest import AT_CITY, AT_TOWN, CITY, KEY, Opens, client_of, params


def asked(sim: StripeSim, path: str, **headers: str) -> tuple[int, Any, Any]:
    """Ask without the library; return status, answer and headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{sim.base_url}{path}", headers=named)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as no:
        with no:
            return no.code, json.load(no), no.headers


class TestAtTheDoor:
    @pytest.mark.parametrize(
        "header", [f"Bearer {KEY}", f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}"]
    )
    def test_a_key_lets_in(self, sim: StripeSim, header: str):
        status, told, headers = asked(sim, "/v1/account", Authorization=header)

        assert (status, told["id"]) == (200, "acct_platform")
        assert headers["Request-Id"].startswith("req_")

    @pytest.mark.parametrize("header", ["", "Bearer sk_test_wrong", "Basic ***", "Other x"])
    def test_nothing_else_does(self, sim: StripeSim, header: str):
        status, told, _ = asked(sim, "/v1/account", Authorization=header)

        assert (status, told["error"]["type"]) == (401, "invalid_request_error")

    def test_the_library_knows_a_wrong_key(self, sim: StripeSim):
        with pytest.raises(stripe.AuthenticationError):
            client_of(sim, "sk_test_wrong").v1.events.list()

    def test_one_version_is_spoken(self, sim: StripeSim):
        key = f"Bearer {KEY}"

        assert asked(sim, "/v1/account", Authorization=key, Stripe_Version="2024-06-20")[0] == 400
        assert asked(sim, "/v1/account", Authorization=key,
                     Stripe_Version="2026-10-28.endive")[0] == 200  # fmt: skip

    def test_what_is_not_imitated_is_not_there(self, sim: StripeSim):
        with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
            client_of(sim).v1.customers.list()

    def test_it_listens_on_this_machine_only(self, sim: StripeSim):
        assert sim.base_url.startswith("http://127.0.0.1:")


class TestAccounts:
    def test_objects_are_seen_from_their_own_only(self, client: stripe.StripeClient, opened: Opens):
        session = opened()

        assert client.v1.checkout.sessions.retrieve(session.id, options=AT_CITY)
        for options in (AT_TOWN, {}):
            with pytest.raises(stripe.InvalidRequestError) as refused:
                client.v1.checkout.sessions.retrieve(session.id, options=options)
            assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
            assert client.v1.checkout.sessions.list(options=options).data == []

    def test_one_that_is_not_connected_is_out_of_reach(self, opened: Opens):
        with pytest.raises(stripe.PermissionError) as refused:
            opened(account="acct_elsewhere")
        assert refused.value.error.code == "account_invalid"

    def test_tell_how_they_can_be_paid(self, sim: StripeSim, client: stripe.StripeClient):
        read = client.v1.accounts.retrieve("acct_town")

        assert read.capabilities.to_dict() == {
            "card_payments": "active",
            "konbini_payments": "inactive",
            "paypay_payments": "inactive",
        }
        with pytest.raises(stripe.PermissionError):
            client.v1.accounts.retrieve("acct_elsewhere")
        with pytest.raises(stripe.PermissionError):
            client.v1.accounts.retrieve(CITY, options=AT_TOWN)

    def test_can_change_how(self, sim: StripeSim, client: stripe.StripeClient, opened: Opens):
        sim.set_methods(CITY, {"card"})

        told = sim.events("account.updated")[0]
        assert told["data"]["object"]["capabilities"]["konbini_payments"] == "inactive"
        assert opened().payment_method_types == ["card"]

    def test_with_keys_of_their_own_are_apart(self):
        keys = {"sk_test_own": "acct_own", "sk_test_other": "acct_other"}
        with StripeSim(keys=keys) as sim:
            own, other = client_of(sim, "sk_test_own"), client_of(sim, "sk_test_other")

            told: Any = params()
            session = own.v1.checkout.sessions.create(params=told)

            assert own.v1.accounts.retrieve_current().id == "acct_own"
            assert own.v1.checkout.sessions.retrieve(session.id)
            with pytest.raises(stripe.InvalidRequestError):
                other.v1.checkout.sessions.retrieve(session.id)
            with pytest.raises(stripe.PermissionError):
                other.v1.checkout.sessions.retrieve(
                    session.id, options={"stripe_account": "acct_own"}
                )


class TestIdempotency:
    def test_asked_again_it_is_the_same_answer(self, sim: StripeSim, opened: Opens):
        first, again = opened(key="cs:1"), opened(key="cs:1")

        assert first.id == again.id
        assert again.last_response.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.last_response.headers
        assert len(sim.sessions()) == 1
        assert [line["idempotency_key"] for line in sim.requests()] == ["cs:1", "cs:1"]

    def test_asked_otherwise_it_is_an_error(self, opened: Opens):
        opened(key="cs:1")

        with pytest.raises(stripe.IdempotencyError):
            opened(1300, key="cs:1")

    def test_each_account_has_its_own(self, opened: Opens):
        assert opened(key="cs:1").id != opened(key="cs:1", account="acct_town").id

    def test_what_was_wrong_before_work_began_is_forgotten(self, opened: Opens):
        with pytest.raises(stripe.InvalidRequestError):
            opened(key="cs:1", payment_method_types=["card"])

        assert opened(key="cs:1")

    def test_what_work_refused_is_remembered(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        session = opened()
        sim.pay_card(session.id)
        intent = sim.sessions()[0]["payment_intent"]
        told: Any = {"payment_intent": intent}
        first = client.v1.refunds.create(params=told, options=AT_CITY)
        options: Any = AT_CITY | {"idempotency_key": "re:1"}
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create(params=told, options=options)

        sim.fail_refund(first.id)

        with pytest.raises(stripe.InvalidRequestError) as again:
            client.v1.refunds.create(params=told, options=options)
        assert again.value.headers["Idempotent-Replayed"] == "true"
        assert again.value.code == "charge_already_refunded"

    def test_after_a_day_it_is_forgotten(self, sim: StripeSim, opened: Opens):
        first = opened(key="cs:1")

        sim.clock.advance(hours=24)

        assert opened(key="cs:1").id != first.id

    def test_two_at_once_are_not_both_done(self, sim: StripeSim, opened: Opens):
        sim.fault("POST", "/v1/checkout/sessions", "slow", seconds=0.5)
        done: list[str] = []
        slow = threading.Thread(target=lambda: done.append(opened(key="cs:1").id))
        slow.start()
        while not sim.requests():
            time.sleep(0.01)
        time.sleep(0.1)

        with pytest.raises(stripe.APIError) as refused:
            opened(key="cs:1")

        slow.join()
        assert refused.value.http_status == 409
        assert refused.value.error.code == "idempotency_key_in_use"
        assert opened(key="cs:1").id == done[0]
        assert len(sim.sessions()) == 1


class TestFaults:
    def test_five_hundred_before_anything_is_done(self, sim: StripeSim, opened: Opens):
        sim.fault("POST", r"^/v1/checkout/sessions$", "500")

        with pytest.raises(stripe.APIError) as refused:
            opened(key="cs:1")
        assert refused.value.http_status == 500
        assert sim.sessions() == []
        assert "Idempotent-Replayed" not in opened(key="cs:1").last_response.headers

    @pytest.mark.parametrize(
        ("kind", "error"),
        [("500_after", stripe.APIError), ("drop_after", stripe.APIConnectionError)],
    )
    def test_an_answer_that_is_lost(
        self, sim: StripeSim, opened: Opens, kind: str, error: type[Exception]
    ):
        sim.fault("POST", "/v1/checkout/sessions", kind)

        with pytest.raises(error):
            opened(key="cs:1")

        assert opened(key="cs:1").id == sim.sessions()[0]["id"]
        assert len(sim.sessions()) == 1

    def test_a_line_that_is_cut(self, sim: StripeSim, opened: Opens):
        sim.fault("POST", "/v1/checkout/sessions", "drop")

        with pytest.raises(stripe.APIConnectionError):
            opened()
        assert sim.sessions() == []

    def test_too_many_at_once(self, sim: StripeSim, opened: Opens):
        sim.fault("POST", "/v1/checkout/sessions", "429", times=2)

        for _ in range(2):
            with pytest.raises(stripe.RateLimitError):
                opened()
        assert opened()

    def test_only_the_calls_that_were_meant(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        sim.fault("GET", "/v1/refunds", "500")
        opened()

        with pytest.raises(stripe.APIError):
            client.v1.refunds.list(options=AT_CITY)

    def test_of_no_known_kind(self, sim: StripeSim):
        with pytest.raises(ValueError, match="no such fault"):
            sim.fault("GET", "/", "explode")


def test_the_log_tells_what_was_called(sim: StripeSim, opened: Opens):
    opened(payment_method_options={"konbini": {"expires_after_days": 2}})

    line = sim.requests("POST")[0]
    assert (line["path"], line["account"], line["status"]) == ("/v1/checkout/sessions", CITY, 200)
    assert line["params"]["payment_method_options"]["konbini"]["expires_after_days"] == "2"
