"""Where online money goes: two people, a recorded basis, what the provider knows, own keys."""

import dataclasses
import json
import time
from datetime import timedelta
from typing import Any

import pytest
import stripe
from flask import Flask
from sqlalchemy import text

from app.booking.service.application import Applicant
from app.booking.states import State
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.jobs import money
from app.jobs.places import for_each
from app.kernel.refusals import Refused
from app.payments.online import accounts
from app.payments.online.accounts import CONNECT, OWN_KEY, Proposal
from app.payments.online.notices import Key
from app.payments.tasks import MoneyTask, ask_staff
from app.sims.stripe import StripeSim
from app.tenants.policy import Payee
from app.usecases import online_accounts
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.conftest import Clock
from tests.online.town import ACCOUNT, SECRET, Town, a_town
from tests.pages import Visitor
from tests.reports.situations import clerk, goes_on_until, staff
from tests.web.situations import is_signed_in

FIRST, SECOND = Actor("staff", 900_002), Actor("staff", 900_003)
CITY = Payee(id="city", name="市", issuer="市長", legal_basis="usage_fee")
MANAGER = Payee(id="city", name="会社", issuer="会社", legal_basis="manager_income")
NEW = "/midori/office/accounts/city/new"


def proposal(**other: Any) -> Proposal:
    usual = Proposal("city", CONNECT, ACCOUNT, "designated_agent", "告示第12号", frozenset())
    return dataclasses.replace(usual, **other)


def proposed(town: Town, wanted: Proposal, payee: Payee = CITY) -> int:
    with town.app.app_context(), tenant_scope(1):
        return online_accounts.propose(
            town.provider, payee, wanted, actor=FIRST, now=town.clock.now
        )


@pytest.fixture
def bare_town(paying: Flask, sim: StripeSim, clock: Clock) -> Town:
    """A town that is not paid over the network yet."""
    with paying.app_context():
        assert builders.tenant_id_of("midori") == 1
    return Town(paying, sim, clock)


class TestAProposal:
    def test_is_in_force_only_once_another_agreed(self, bare_town: Town):
        made = proposed(bare_town, proposal())
        with bare_town.app.app_context(), tenant_scope(1):
            assert accounts.in_force(db.session(), "city") is None
            with pytest.raises(Refused) as no:
                online_accounts.approve(made, actor=FIRST, now=bare_town.clock.now)
            assert no.value.codes == ("account.own",)
            for _ in range(2):
                online_accounts.approve(made, actor=SECOND, now=bare_town.clock.now)
            found = accounts.in_force(db.session(), "city")
            assert found is not None
            assert found.ways == ["card", "konbini", "paypay"]

    def test_can_not_be_agreed_to_by_its_own_author_even_in_the_database(self, bare_town: Town):
        made = proposed(bare_town, proposal())
        with bare_town.app.app_context(), tenant_scope(1):
            statement = text(
                "update payee_account set approved_by = proposed_by, approved_at = now()"
                " where id = :id"
            )
            with pytest.raises(Exception, match="two_people"):
                in_transaction(lambda session: session.execute(statement, {"id": made}))

    @pytest.mark.parametrize(
        ("payee", "other", "code"),
        [
            (CITY, {"announced": ""}, "account.not_announced"),
            (CITY, {"legal_basis": "manager_income"}, "account.other_basis"),
            (MANAGER, {"legal_basis": "designated_agent"}, "account.other_basis"),
            (CITY, {"account": "acct_unknown"}, "account.not_known"),
            (CITY, {"mode": OWN_KEY, "key": "sk_test_x"}, "account.no_key"),
        ],
    )
    def test_is_refused_with_its_reason(
        self, bare_town: Town, payee: Payee, other: dict[str, Any], code: str
    ):
        with pytest.raises(Refused) as no:
            proposed(bare_town, proposal(**other), payee)
        assert no.value.codes == (code,)

    def test_is_refused_until_the_legal_basis_is_recorded(self, bare_town: Town):
        unsaid = CITY.model_copy(update={"legal_basis": None})
        with pytest.raises(Refused) as no:
            proposed(bare_town, proposal(), unsaid)
        assert no.value.codes == ("account.no_basis",)

    def test_replaces_the_account_before_it_and_refunds_still_go_through_that(
        self, town: Town, sim: StripeSim, hanako: Applicant
    ):
        booking = town.books(hanako)
        attempt = town.goes(hanako, booking)
        made = proposed(town, proposal())
        with town.app.app_context(), tenant_scope(1):
            online_accounts.approve(made, actor=SECOND, now=town.clock.now)
        sim.pay_card(town.session_of(attempt))

        assert town.asks(attempt) == "paid"
        assert town.booking(booking).state == State.CONFIRMED


class TestOnTheScreen:
    def test_one_proposes_and_another_agrees(self, bare_town: Town, sim: StripeSim):
        one = clerk(bare_town.app, email="one@example.jp").visit("/midori/office/accounts")
        assert "ネットでははらえません。窓口だけで受け取っています。" in one.text
        one.press("口座を出す").fill("口座の番号", ACCOUNT).choose("指定納付受託者")
        one.fill("告示の日付と番号", "令和8年4月1日 告示第12号").press("口座を出す")
        assert "ほかの職員が認めるのを待っています。" in one.text
        assert "この口座を認める" not in one.text

        other = clerk(bare_town.app, email="two@example.jp").visit("/midori/office/accounts")
        other.press("この口座を認める")

        assert "口座を認めました。いまから使えます。" in other.text
        assert "クレジットカード、コンビニ、PayPay" in other.text

    def test_what_was_typed_stays_but_no_key_is_shown_again(self, bare_town: Town):
        one = clerk(bare_town.app).visit(NEW)
        one.choose("主体が自分で持つ鍵").fill("鍵（sk_", "sk_test_unknown").fill(
            "お知らせのひみつ", "whsec_x"
        ).fill("告示の日付と番号", "告示第1号")
        one.press("口座を出す", status=422)

        assert one.page.select_one("#announced")["value"] == "告示第1号"
        assert "sk_test_unknown" not in str(one.page)
        assert "whsec_x" not in str(one.page)

    def test_the_cashier_of_a_hall_may_not(self, bare_town: Town):
        staff(bare_town.app).visit("/midori/office/accounts", status=403)


class TestAnOwnKey:
    def test_is_sealed_and_its_notices_come_to_an_address_of_its_own(
        self, paying: Flask, clock: Clock, visitor: Visitor
    ):
        with StripeSim(keys={"sk_test_own": "acct_own"}) as own:
            own.clock.stand_still(clock.now)
            with paying.app_context():
                builders.tenant_id_of("midori")
            town = Town(paying, own, clock)
            wanted = proposal(mode=OWN_KEY, account="", key="sk_test_own", secrets="whsec_own")
            made = proposed(town, wanted)
            with paying.app_context(), tenant_scope(1):
                online_accounts.approve(made, actor=SECOND, now=clock.now)
                row = db.session.execute(text("select * from payee_account")).mappings().one()
            assert row["account"] == "acct_own"
            assert "sk_test_own" not in str(dict(row))
            assert "whsec_own" not in str(dict(row))
            hanako = is_signed_in(visitor)
            booking = town.books(hanako)
            attempt = town.goes(hanako, booking)
            own.pay_card(town.session_of(attempt))
            event = next(one for one in own.events() if one["type"] == "checkout.session.completed")
            assert "account" not in event
            assert told(paying, event, "whsec_of_the_platform") == 400
            assert told(paying, event, "whsec_own") == 200

            gateway = paying.extensions["gateway"]
            paying.config["KAIKAN"] = dataclasses.replace(
                paying.config["KAIKAN"], stripe_api=own.base_url
            )
            with paying.app_context():
                money._work(Key(event["id"], "1/acct_own"))
            paying.extensions["gateway"] = gateway

            assert town.booking(booking).state == State.CONFIRMED


def told(app: Flask, event: dict[str, Any], secret: str) -> int:
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(
        body, secret, timestamp=int(time.time())
    )
    answer = app.test_client().post(
        "/hooks/stripe/midori/city", data=body, headers={"Stripe-Signature": signature}
    )
    return answer.status_code


class TestWhatTheProviderSaysOfAnAccount:
    def test_is_asked_again_each_night(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        sim.set_methods(ACCOUNT, ["card"])
        with town.app.app_context():
            for_each(money._recheck)
        booking = town.books(hanako)
        how = visitor.visit(f"/midori/pay?b={booking.number}").text

        assert "クレジットカード" in how
        assert "PayPay" not in how

    def test_and_when_it_tells_of_a_change(self, town: Town, sim: StripeSim):
        sim.set_methods(ACCOUNT, ["card"])
        event = next(one for one in sim.events() if one["type"] == "account.updated")
        body, headers = sim.sealed(event["id"], SECRET)
        assert town.app.test_client().post(
            "/hooks/stripe", data=body, headers=headers
        ).status_code == 200  # fmt: skip
        with town.app.app_context():
            money._work(Key(event["id"]))
            with tenant_scope(1):
                assert accounts.in_force(db.session(), "city").ways == ["card"]


def test_a_dispute_is_a_task_and_the_booking_stands(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    sim.open_dispute(town.session_of(attempt))
    event = next(one for one in sim.events() if one["type"] == "charge.dispute.created")
    body, headers = sim.sealed(event["id"], SECRET)
    for _ in range(2):
        town.app.test_client().post("/hooks/stripe", data=body, headers=headers)
        with town.app.app_context():
            money._work(Key(event["id"]))

    assert town.tasks() == ["dispute"]
    assert town.booking(booking).state == State.CONFIRMED
    page = f"/midori/desk/bookings/{booking.number}"
    at_the_hall = staff(town.app).visit(page).text
    assert "カード会社から異議の申し立てがありました 期限：2027年3月8日（月）9時" in at_the_hall
    assert "市役所の収納の担当が確かめています。" in at_the_hall
    desk = clerk(town.app).visit(page)
    (task,) = town.rows(MoneyTask)
    assert desk.page.select_one(f'a[href="/midori/office/money#task-{task.id}"]')
    office = desk.press("お金の確認を開く")
    assert office.page.select_one(f"#task-{task.id} h2")
    assert "カード会社から異議の申し立てがありました" in office.text
    office.fill("どうしたか", "領収書を送った").press("済みにする")
    assert "いまはありません" in office.text
    assert "異議の申し立て" not in desk.visit(page).text


def test_what_the_card_company_waits_for_comes_first_and_is_seen_on_every_booking_it_paid(
    town: Town, sim: StripeSim, hanako: Applicant
):
    first = town.books(hanako)
    second = town.books(hanako, ("room-2", NEXT_MONDAY, (10, 12)), key="other")
    attempt = town.goes(hanako, first, second)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    with town.app.app_context(), tenant_scope(1):
        in_transaction(
            lambda session: ask_staff(session, "odd_sum", "x", now=town.clock.now, yen=1)
        )
    sim.open_dispute(town.session_of(attempt))
    event = next(one for one in sim.events() if one["type"] == "charge.dispute.created")
    body, headers = sim.sealed(event["id"], SECRET)
    town.app.test_client().post("/hooks/stripe", data=body, headers=headers)
    with town.app.app_context():
        money._work(Key(event["id"]))

    office = clerk(town.app).visit("/midori/office/money")
    assert [one.get_text() for one in office.page.select("section h2")] == [
        "カード会社から異議の申し立てがありました", "頼んだ額とちがう額が入りました"
    ]  # fmt: skip
    for one in (first, second):
        desk = staff(town.app).visit(f"/midori/desk/bookings/{one.number}")
        assert "異議の申し立て" in desk.text
    goes_on_until(town.app, town.clock, town.clock.now + timedelta(days=8))
    late = clerk(town.app).visit("/midori/office/money").text
    assert "期限（2027年3月8日（月）9時）がすぎました" in late


def test_a_town_of_two_payees_needs_an_account_for_each(
    paying: Flask, sim: StripeSim, clock: Clock
):
    town = a_town(paying, sim, clock, payee="kanri")
    with town.app.app_context(), tenant_scope(1):
        assert accounts.in_force(db.session(), "city") is None
        assert accounts.in_force(db.session(), "kanri") is not None


def test_before_an_account_is_ended_the_page_says_what_that_means(
    town: Town, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    office = clerk(town.app).visit("/midori/office/accounts").press("この口座を止める")
    assert "新しい支払いは、すぐにできなくなります。" in office.text
    office.press("この口座を止める")

    assert "口座を止めました。" in office.text
    gone = office.page.select_one("#ended tbody").get_text(" ", strip=True)
    assert f"{ACCOUNT} みどり市" in gone
    assert "止めた人" in office.page.select_one("#ended td:last-child")["data-head"]
    assert "2027年3月1日（月）9時" in office.page.select_one("#ended td:last-child").get_text()
    assert "管理 太郎" in office.page.select_one("#ended td:last-child").get_text()
    assert "支払いへ進む" not in visitor.visit(f"/midori/bookings/{booking.number}").text
    record = clerk(town.app, email="audit@example.jp").visit("/midori/office/audit").text
    assert ACCOUNT in record


def test_an_account_of_another_town_is_not_taken_for_ones_own(town: Town):
    neighbour = clerk(town.app, slug="aoba")
    neighbour.visit("/aoba/office/accounts/city/new").fill("口座の番号", ACCOUNT)
    neighbour.choose("指定納付受託者").fill("告示の日付と番号", "告示第1号")
    neighbour.press("口座を出す", status=422)

    assert "この口座は、ほかの自治体が使っています。" in neighbour.text
    with town.app.app_context(), tenant_scope(builders.tenant_id_of("aoba")):
        assert list(accounts.standing(db.session())) == []
