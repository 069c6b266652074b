"""Killed between any two steps, a payment is taken up where it stopped: nothing lost or doubled."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.booking.states import State
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.sims.stripe import StripeSim
from app.usecases import at_provider, paying_online
from app.usecases.paying_online import Choice
from app.usecases.returned import refresh_refunds
from tests import builders
from tests.online.dying import POINTS
from tests.online.test_paths import cancels
from tests.online.town import Town

pytestmark = pytest.mark.kill
ROOT = Path(__file__).parents[2]


def dies(town: Town, point: str, deed: str, row: int) -> None:
    """Do it in a process that is killed at a point."""
    url = town.app.config["SQLALCHEMY_DATABASE_URI"]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.online.dying", str(url), town.sim.base_url, point, deed,
         str(row), town.clock.now.isoformat()],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def begins(town: Town, person: Applicant, booking: Booking) -> int:
    """Write an attempt, as the page does before it asks the provider."""
    with town.app.app_context(), tenant_scope(1):
        chosen = Choice([booking.id], "city", "card", booking.fee_yen)
        return paying_online.begin(
            builders.catalogue_of("midori"), chosen,
            actor=Actor("resident", person.account_id), now=town.clock.now,
        )  # fmt: skip


def is_asked_by_the_clock(town: Town) -> None:
    town.moves(minutes=3)
    with town.app.app_context(), tenant_scope(1):
        at_provider.refresh_unsure(town.provider, town.paid_town(), now=town.clock.now)


@pytest.mark.parametrize("point", POINTS)
def test_while_the_page_is_made(town: Town, sim: StripeSim, hanako: Applicant, point: str):
    booking = town.books(hanako)
    attempt = begins(town, hanako, booking)

    dies(town, point, "open", attempt)
    is_asked_by_the_clock(town)

    assert len(sim.sessions()) == 1
    assert town.attempt(attempt).state == "open"
    sim.pay_card(town.session_of(attempt))
    assert town.asks(attempt) == "paid"
    assert town.booking(booking).state == State.CONFIRMED
    assert town.owed(booking) == 0


@pytest.mark.parametrize("point", POINTS)
def test_while_a_payment_is_entered(town: Town, sim: StripeSim, hanako: Applicant, point: str):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))

    dies(town, point, "settle", attempt)
    is_asked_by_the_clock(town)
    is_asked_by_the_clock(town)

    assert town.booking(booking).state == State.CONFIRMED
    assert [kind for kind, _ in town.ledger(booking)] == ["charge", "payment"]
    assert [one.number for one in town.receipts(booking)] == [1]
    assert town.letters().count("payment_received") == 1


@pytest.mark.parametrize("point", POINTS)
def test_while_a_refund_is_sent(town: Town, sim: StripeSim, hanako: Applicant, point: str):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    cancels(town, hanako, booking)
    (refund,) = town.refunds(booking)

    dies(town, point, "refund", refund.id)
    town.moves(days=2)  # the provider has forgotten the key by then
    with town.app.app_context(), tenant_scope(1):
        refresh_refunds(town.provider, now=town.clock.now)
        refresh_refunds(town.provider, now=town.clock.now)

    assert len(sim.refunds()) == 1
    assert town.refunds(booking)[0].state == "done"
    assert town.owed(booking) == 0
    assert [kind for kind, _ in town.ledger(booking)].count("refund") == 1
