"""Notices: real ones believed once, forged and misplaced ones not at all, in any order."""

import dataclasses
import json
import time
from collections.abc import Iterator
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
from app.jobs.running import make_queue
from app.payments.online import accounts
from app.payments.online.accounts import OWN_KEY, Proposal
from app.payments.online.notices import Key
from app.sims.stripe import StripeSim
from app.usecases import online_accounts
from tests.conftest import SECRET as SERVICE_SECRET
from tests.online.town import ACCOUNT, SECRET, Town
from tests.pages import Visitor
from tests.racing import race
from tests.reports.browsing import served


@pytest.fixture
def listening(paying: Flask, sim: StripeSim) -> Iterator[str]:
    """The service at an address, which the provider was told."""
    with served(paying) as url:
        sim.endpoint(f"{url}/hooks/stripe", SECRET)
        yield url
        sim.hold_deliveries()


def notices(town: Town) -> dict[str, tuple[str, str | None]]:
    with town.app.app_context(), tenant_scope(None):
        rows = db.session.execute(text("select id, kind, state, error from provider_notice"))
        return {row.id: (row.state, row.error) for row in rows}


def works(town: Town) -> dict[str, str | None]:
    """Let the worker do what the notices ask for; return by kind what became of them."""
    with town.app.app_context():
        for notice_id in list(notices(town)):
            money._work(Key(notice_id))
        with tenant_scope(None):
            rows = db.session.execute(text("select kind, state, error from provider_notice"))
            return {row.kind: row.state if not row.error else row.error for row in rows}


def send(town: Town, body: bytes, signature: str) -> int:
    answer = town.app.test_client().post(
        "/hooks/stripe", data=body, headers={"Stripe-Signature": signature}
    )
    return answer.status_code


def sealed(
    event: dict[str, Any], *, secret: str = SECRET, at: int | None = None
) -> tuple[bytes, str]:
    body = json.dumps(event)
    moment = int(time.time()) if at is None else at
    return body.encode(), stripe.WebhookSignature.generate_signature_header(
        body, secret, timestamp=moment
    )


def an_event(session_ref: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "livemode": False, "created": 1_800_000_000, "account": ACCOUNT,
        "data": {"object": {"id": session_ref, "metadata": {"tenant": "1"}}},
        **more,
    }  # fmt: skip


def test_a_notice_makes_the_booking_certain_though_nobody_comes_back(
    town: Town, sim: StripeSim, listening: str, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    assert sim.wait_for_deliveries()

    found = works(town)

    assert found["checkout.session.completed"] == "done"
    assert town.booking(booking).state == State.CONFIRMED
    assert town.owed(booking) == 0


def test_the_answer_is_given_before_any_work_is_done(
    town: Town, sim: StripeSim, listening: str, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    assert sim.wait_for_deliveries()

    assert set(notices(town).values()) == {("new", None)}
    assert town.booking(booking).state == State.PROVISIONAL
    waiting = "select count(*) from procrastinate_jobs where task_name = 'work_notice'"
    with town.app.app_context():
        assert db.session.scalar(text(waiting)) == len(notices(town))


def test_told_twice_and_out_of_order_it_counts_once(
    town: Town, sim: StripeSim, listening: str, hanako: Applicant
):
    sim.hold_deliveries()
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking, way="konbini")
    sim.choose_konbini(town.session_of(attempt))
    sim.pay_konbini(town.session_of(attempt))
    events = sim.events()

    for event in reversed(events):
        assert sim.deliver(event["id"], times=2) == 200
    works(town)

    assert len(notices(town)) == len({one["id"] for one in events})
    assert [kind for kind, _ in town.ledger(booking)] == ["charge", "payment"]
    assert len(town.receipts(booking)) == 1


def test_sixteen_notices_of_one_payment_at_once_count_once(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    session_ref = town.session_of(attempt)
    sim.pay_card(session_ref)
    for number in range(16):
        body, signature = sealed({**an_event(session_ref), "id": f"evt_{number}"})
        assert send(town, body, signature) == 200

    with town.app.app_context(), tenant_scope(1):
        result = race(lambda name: money._work(Key(name)), *[f"evt_{n}" for n in range(16)])

    assert not [one.error for one in result.outcomes if one.error]
    assert [kind for kind, _ in town.ledger(booking)] == ["charge", "payment"]
    assert len(town.receipts(booking)) == 1
    assert town.booking(booking).state == State.CONFIRMED


@pytest.mark.parametrize(
    "spoil",
    ["other secret", "old", "future", "two moments", "another body", "no signature", "no json"],
)
def test_what_the_provider_did_not_sign_just_now_is_refused(
    town: Town, sim: StripeSim, hanako: Applicant, spoil: str, caplog: pytest.LogCaptureFixture
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    event = an_event(town.session_of(attempt))
    body, signature = sealed(event)
    if spoil == "other secret":
        body, signature = sealed(event, secret="whsec_of_somebody")
    elif spoil == "old":
        body, signature = sealed(event, at=int(time.time()) - 301)
    elif spoil == "future":
        body, signature = sealed(event, at=int(time.time()) + 330)
    elif spoil == "two moments":  # the first is signed, the other only looks right
        body, signature = sealed(event, at=int(time.time()) + 330)
        signature += f",t={int(time.time())}"
    elif spoil == "another body":
        body = body.replace(b"acct_city", b"acct_mine")
    elif spoil == "no signature":
        signature = ""
    else:
        body = b"{"
        signature = stripe.WebhookSignature.generate_signature_header(
            body.decode(), SECRET, timestamp=int(time.time())
        )

    assert send(town, body, signature) == 400

    assert notices(town) == {}
    assert "notice refused" in caplog.text
    assert town.booking(booking).state == State.PROVISIONAL


def test_a_clock_that_is_a_little_ahead_is_no_lie(town: Town):
    body, signature = sealed(an_event("cs_1"), at=int(time.time()) + 240)

    assert send(town, body, signature) == 200


def test_two_secrets_hold_while_one_replaces_the_other(town: Town, sim: StripeSim):
    town.app.config["KAIKAN"] = dataclasses.replace(
        town.app.config["KAIKAN"], stripe_secrets=("whsec_new", SECRET)
    )
    for number, secret in enumerate(("whsec_new", SECRET)):
        body, signature = sealed({**an_event("cs_1"), "id": f"evt_{number}"}, secret=secret)
        assert send(town, body, signature) == 200


def test_a_notice_of_another_account_moves_nothing(town: Town, sim: StripeSim, hanako: Applicant):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    body, signature = sealed(an_event(town.session_of(attempt), account="acct_of_somebody"))

    assert send(town, body, signature) == 200

    assert works(town) == {"checkout.session.completed": "account"}
    assert town.booking(booking).state == State.PROVISIONAL


def test_a_notice_of_real_money_moves_nothing_where_the_key_is_for_tests(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    body, signature = sealed(an_event(town.session_of(attempt), livemode=True))

    assert send(town, body, signature) == 200

    assert works(town) == {"checkout.session.completed": "mode"}
    assert town.booking(booking).state == State.PROVISIONAL


def test_a_notice_of_nothing_we_know_is_kept_and_logged(
    town: Town, caplog: pytest.LogCaptureFixture
):
    body, signature = sealed(an_event("cs_unknown"))
    assert send(town, body, signature) == 200

    assert works(town) == {"checkout.session.completed": "attempt"}
    assert "notice_unknown" in caplog.text


def test_a_notice_is_worked_again_when_the_provider_was_away(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    body, signature = sealed(an_event(town.session_of(attempt)))
    send(town, body, signature)
    sim.fault("GET", "/v1/checkout/sessions/.*", "500", times=1)

    with pytest.raises(Exception, match="APIError"):
        works(town)
    assert notices(town)["evt_1"][0] == "new"

    assert works(town) == {"checkout.session.completed": "done"}
    assert town.booking(booking).state == State.CONFIRMED


def test_an_answer_that_never_came_is_asked_for_by_the_clock(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.moves(minutes=3)

    with town.app.app_context():
        for_each(money._ask)

    assert town.booking(booking).state == State.CONFIRMED


def test_only_posts_are_taken_and_nothing_large(visitor: Visitor, paying: Flask):
    client = paying.test_client()
    assert client.get("/hooks/stripe").status_code == 405
    assert client.post("/hooks/stripe", data=b"x" * 300_000).status_code == 413
    assert client.post("/hooks/stripe/midori/city", data=b"{}").status_code == 404


STRANGE = (
    {"data": {"object": []}}, {"data": {"object": "x"}}, {"data": {"object": {"metadata": "x"}}},
    {"created": "soon"}, {"created": 10**30}, {"id": None}, {"id": "evt_\x00"}, {"id": "e" * 300},
    {"type": {}}, {"account": {"id": 1}, "id": 5}, {"livemode": "false"},
    {"data": {"object": {"id": "cs\x00"}}},
)  # fmt: skip


@pytest.mark.parametrize("part", STRANGE)
def test_what_is_signed_but_strange_is_refused_and_never_an_error(town: Town, part: dict[str, Any]):
    body, signature = sealed({**an_event("cs_1"), **part})
    assert send(town, body, signature) == 400
    assert notices(town) == {}


def test_deep_nesting_and_odd_signatures_are_refused(town: Town):
    body = b"[" * 20_000
    signature = stripe.WebhookSignature.generate_signature_header(
        body.decode(), SECRET, timestamp=int(time.time())
    )
    assert send(town, body, signature) == 400
    answer = town.app.test_client().post(
        "/hooks/stripe", data=b"{}", headers={"Stripe-Signature": f"t={int(time.time())},v1=é"}
    )
    assert answer.status_code == 400


def test_a_dispute_that_the_provider_knows_nothing_of_is_no_task(town: Town):
    event = an_event("dp_forged", type="charge.dispute.created")
    body, signature = sealed(event)
    assert send(town, body, signature) == 200

    assert works(town) == {"charge.dispute.created": "dispute"}
    assert town.tasks() == []


def has_a_key_of_its_own(town: Town, payee: str, secret: str) -> None:
    """Let a payee be paid through an account by its own key, whose notices it signs itself."""
    wanted = Proposal(
        payee, OWN_KEY, "acct_kanri", "manager_income", "", frozenset({"card"}), "sk_kanri", secret
    )
    with town.app.app_context(), tenant_scope(1):
        made = in_transaction(
            lambda session: (
                accounts.propose(
                    session, wanted, secret=SERVICE_SECRET, account_id=900_002, now=town.clock.now
                ).id
            )
        )
        online_accounts.approve(made, actor=Actor("staff", 900_003), now=town.clock.now)


def test_an_id_that_a_payee_with_its_own_key_took_first_hides_no_notice_of_others(
    town: Town, sim: StripeSim, hanako: Applicant
):
    has_a_key_of_its_own(town, "kanri", "whsec_kanri")
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    event = an_event(town.session_of(attempt))
    body, signature = sealed({**event, "type": "x"}, secret="whsec_kanri")
    answer = town.app.test_client().post(
        "/hooks/stripe/midori/kanri", data=body, headers={"Stripe-Signature": signature}
    )
    assert answer.status_code == 200

    for _ in range(2):
        assert send(town, *sealed(event)) == 200

    found = sources(town)
    assert found == [("1/acct_kanri", "evt_1"), ("connected", "evt_1")]
    with town.app.app_context():
        for source, notice_id in found:
            money._work(Key(notice_id, source))
    assert town.booking(booking).state == State.CONFIRMED
    assert len(town.receipts(booking)) == 1


def sources(town: Town) -> list[tuple[str, str]]:
    with town.app.app_context(), tenant_scope(None):
        found = db.session.execute(text("select source, id from provider_notice order by source"))
        return [(row.source, row.id) for row in found]


def test_a_notice_is_forgotten_400_days_after_it_was_worked_and_never_before(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    send(town, *sealed(an_event(town.session_of(attempt))))
    works(town)
    send(town, *sealed({**an_event("cs_waits"), "id": "evt_waits"}))

    def clean() -> set[str]:
        with town.app.app_context():
            money._forget_notices()
        return set(notices(town))

    town.moves(days=399)
    assert clean() == {"evt_1", "evt_waits"}
    town.moves(days=2)
    assert clean() == {"evt_waits"}
    works(town)
    assert clean() == {"evt_waits"}
    town.moves(days=401)
    assert clean() == set()


def test_the_worker_forgets_notices_each_night(town: Town):
    with town.app.app_context():
        queue = make_queue(town.app)
    crons = {one.task.name: one.cron for one in queue.periodic_registry.periodic_tasks.values()}
    assert crons["forget_notices"] == "40 18 * * *"
