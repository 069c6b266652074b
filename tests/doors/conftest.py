"""A hall with three locks of a vendor, reached over real HTTP."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from app.booking.service.application import Applicant
from app.sims.locks import LockSim
from tests.conftest import Clock
from tests.doors.hall import ACCOUNT, Hall, a_hall
from tests.pages import Visitor
from tests.web.situations import is_signed_in


@pytest.fixture
def vendor(clock: Clock) -> Iterator[LockSim]:
    """A vendor of locks at the time of the test; no limit on calls unless a test sets one."""
    made = LockSim(ACCOUNT, rate_limit=1_000_000)
    made.clock.stand_still(clock.now)
    with made:
        made.settings(settle=0)
        yield made


@pytest.fixture
def told(app: Flask, vendor: LockSim) -> Iterator[Flask]:
    """The application, told where the vendor is."""
    settings = app.config["KAIKAN"]
    sites = {**settings.lock_sites, "here": (vendor.base_url, vendor.base_url)}
    app.config["KAIKAN"] = dataclasses.replace(settings, lock_sites=sites)
    yield app
    app.config["KAIKAN"] = settings


@pytest.fixture(params=["bookings", "access_persons"])
def mode(request: pytest.FixtureRequest) -> str:
    """In which of the vendor's two ways codes are made."""
    return str(request.param)


@pytest.fixture
def hall(told: Flask, vendor: LockSim, clock: Clock, mode: str) -> Hall:
    """中央会館 with an entrance and the doors of two rooms."""
    return a_hall(told, vendor, clock, mode=mode)


@pytest.fixture
def hanako(hall: Hall, visitor: Visitor) -> Applicant:
    """A resident, signed in with the browser of the test."""
    return is_signed_in(visitor)
