"""Opening, reading and ending checkout sessions, as the service does it."""

from datetime import timedelta
from typing import Any

import pytest
import stripe

from app.sims.stripe import NotPossible, StripeSim
from tests.sims.conftest import AT_CITY, NOON, Opens, params

HALF_HOUR, DAY = 1800, 86400


def now() -> int:
    return int(NOON.timestamp())


class TestASession:
    def test_opens_with_a_page_to_pay_on(self, sim: StripeSim, opened: Opens):
        session = opened()

        assert session.id.startswith("cs_test_")
        assert session.url == f"{sim.base_url}/pay/{session.id}"
        assert (session.status, session.payment_status) == ("open", "unpaid")
        assert (session.amount_total, session.currency) == (1200, "jpy")
        assert session.payment_method_types == ["card", "konbini", "paypay"]
        assert session.payment_intent is None
        assert session.metadata["attempt"] == "a_1"
        assert session.expires_at == now() + DAY

    def test_adds_up_its_lines(self, opened: Opens):
        price = {"currency": "jpy", "unit_amount": 300, "product_data": {"name": "机"}}

        assert opened(line_items=[{"quantity": 2, "price_data": price}] * 2).amount_total == 1200

    def test_is_read_again_with_what_it_names(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        session = opened()
        sim.pay_card(session.id)

        read = client.v1.checkout.sessions.retrieve(
            session.id,
            params={"expand": ["payment_intent", "payment_intent.latest_charge"]},
            options=AT_CITY,
        )

        assert read.payment_status == "paid"
        assert read.url is None
        assert read.payment_intent.metadata["tenant"] == "t_1"
        assert read.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"

    def test_is_found_by_its_intent(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        opened()
        session = opened()
        sim.pay_card(session.id)
        intent = sim.sessions()[-1]["payment_intent"]

        found = client.v1.checkout.sessions.list(params={"payment_intent": intent}, options=AT_CITY)

        assert [one.id for one in found.data] == [session.id]

    def test_can_not_expand_what_is_no_id(self, client: stripe.StripeClient, opened: Opens):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
            client.v1.checkout.sessions.retrieve(
                opened().id, params={"expand": ["metadata"]}, options=AT_CITY
            )


class TestParametersAreRefused:
    def test_when_they_are_of_an_older_version(self, opened: Opens):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            opened(payment_method_types=["card"])

        assert refused.value.code == "parameter_unknown"
        assert refused.value.param == "payment_method_types"
        assert "Received unknown parameter: payment_method_types" in str(refused.value)

    def test_when_they_are_unknown_inside_another(self, opened: Opens):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            opened(payment_method_options={"konbini": {"expires_at": 1}})

        assert refused.value.param == "payment_method_options[konbini][expires_at]"

    @pytest.mark.parametrize("name", ["mode", "success_url", "line_items"])
    def test_when_they_are_missing(self, opened: Opens, client: stripe.StripeClient, name: str):
        asked: Any = params()
        del asked[name]

        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.checkout.sessions.create(params=asked, options=AT_CITY)
        assert (refused.value.code, refused.value.param) == ("parameter_missing", name)

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"customer_email": "nobody"}, "email_invalid"),
            ({"success_url": "/pay/return"}, "url_invalid"),
            ({"client_reference_id": ""}, "parameter_invalid_empty"),
            ({"expires_at": "soon"}, "parameter_invalid_integer"),
            ({"mode": "subscription"}, None),
            ({"allowed_payment_method_types": ["cheque"]}, None),
            ({"metadata": {"name": "x" * 501}}, None),
            ({"payment_method_options": {"konbini": {"expires_after_days": 61}}},
             "parameter_invalid_integer"),
        ],
    )  # fmt: skip
    def test_when_they_are_wrong(self, opened: Opens, changed: dict[str, Any], code: str | None):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            opened(**changed)

        assert refused.value.code == code

    @pytest.mark.parametrize("after", [HALF_HOUR - 1, DAY + 1])
    def test_when_a_session_would_end_too_soon_or_too_late(self, opened: Opens, after: int):
        with pytest.raises(stripe.InvalidRequestError, match="at least 30 minutes"):
            opened(expires_at=now() + after)

    @pytest.mark.parametrize("after", [HALF_HOUR, DAY])
    def test_but_not_at_the_bounds(self, opened: Opens, after: int):
        assert opened(expires_at=now() + after).expires_at == now() + after

    def test_when_a_platform_takes_a_fee_where_none_acts(self, opened: Opens):
        fee = {"application_fee_amount": 100}

        assert opened(payment_intent_data=fee)
        with pytest.raises(stripe.InvalidRequestError, match="application_fee_amount"):
            opened(account=None, payment_intent_data=fee)


class TestMethods:
    @pytest.mark.parametrize(
        ("yen", "offered"),
        [
            (50, ["card", "paypay"]),
            (119, ["card", "paypay"]),
            (120, ["card", "konbini", "paypay"]),
            (300_000, ["card", "konbini", "paypay"]),
            (300_001, ["card", "paypay"]),
            (1_000_000, ["card", "paypay"]),
            (1_000_001, ["card"]),
        ],
    )
    def test_depend_on_the_amount(self, opened: Opens, yen: int, offered: list[str]):
        assert opened(yen).payment_method_types == offered

    def test_are_those_that_are_allowed(self, opened: Opens):
        session = opened(allowed_payment_method_types=["konbini", "card"])

        assert session.payment_method_types == ["konbini", "card"]

    def test_are_those_the_account_has(self, opened: Opens):
        assert opened(account="acct_town").payment_method_types == ["card"]

    def test_can_be_none_at_all(self, opened: Opens):
        with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
            opened(119, allowed_payment_method_types=["konbini"])

    def test_know_no_payment_below_fifty_yen(self, opened: Opens):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            opened(49)

        assert refused.value.code == "amount_too_small"


class TestEnding:
    def test_an_open_session_is_expired_on_request(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens
    ):
        session = opened()

        ended = client.v1.checkout.sessions.expire(session.id, options=AT_CITY)

        assert (ended.status, ended.url) == ("expired", None)
        assert [e["type"] for e in sim.events()] == ["checkout.session.expired"]
        with pytest.raises(NotPossible):
            sim.pay_card(session.id)

    @pytest.mark.parametrize("pay", ["pay_card", "choose_konbini", "expire_session"])
    def test_any_other_is_not(
        self, sim: StripeSim, client: stripe.StripeClient, opened: Opens, pay: str
    ):
        session = opened()
        getattr(sim, pay)(session.id)

        with pytest.raises(stripe.InvalidRequestError, match='status in \\["open"\\]'):
            client.v1.checkout.sessions.expire(session.id, options=AT_CITY)

    def test_time_ends_it_too(self, sim: StripeSim, opened: Opens):
        session = opened(expires_at=now() + HALF_HOUR)

        sim.clock.advance(seconds=HALF_HOUR - 1)
        assert sim.sessions()[0]["status"] == "open"

        sim.clock.advance(seconds=1)
        assert sim.sessions()[0]["status"] == "expired"
        assert [e["data"]["object"]["id"] for e in sim.events()] == [session.id]

    def test_the_clock_goes_where_it_is_told(self, sim: StripeSim):
        sim.clock.set(NOON + timedelta(days=3))

        assert sim.clock.now() == NOON + timedelta(days=3)

        sim.clock.run_on()
        assert sim.clock.now() - NOON < timedelta(days=3, minutes=1)
