"""Payments over the network, against a local stand-in of the provider by real HTTP."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from app.adapters.stripe_checkout import StripeGateway
from app.booking.service.application import Applicant
from app.sims.stripe import StripeSim
from tests.conftest import Clock
from tests.db.conftest import database, sound
from tests.online.town import ACCOUNT, KEY, SECRET, Town, a_town
from tests.pages import Visitor
from tests.web.conftest import mailbox
from tests.web.situations import is_signed_in

__all__ = ["database", "mailbox", "sound"]


@pytest.fixture
def sim(clock: Clock) -> Iterator[StripeSim]:
    """A provider with one connected account, at the time of the test."""
    made = StripeSim(keys={KEY: None}, accounts={ACCOUNT: {"card", "konbini", "paypay"}})
    made.clock.stand_still(clock.now)
    with made:
        yield made


@pytest.fixture
def paying(app: Flask, sim: StripeSim) -> Iterator[Flask]:
    """The application, told where the provider is."""
    settings, gateway = app.config["KAIKAN"], app.extensions["gateway"]
    app.config["KAIKAN"] = dataclasses.replace(
        settings, stripe_key=KEY, stripe_api=sim.base_url, stripe_pages=sim.base_url,
        stripe_secrets=(SECRET,),
    )  # fmt: skip
    app.extensions["gateway"] = StripeGateway(KEY, sim.base_url)
    yield app
    app.config["KAIKAN"], app.extensions["gateway"] = settings, gateway


@pytest.fixture
def town(paying: Flask, sim: StripeSim, clock: Clock) -> Town:
    """みどり市, whose fees are paid to an account at the provider."""
    return a_town(paying, sim, clock)


@pytest.fixture
def hanako(town: Town, visitor: Visitor) -> Applicant:
    """A resident, signed in with the browser of the test."""
    return is_signed_in(visitor)
