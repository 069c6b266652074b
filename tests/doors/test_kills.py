"""Killed between any two steps, a code is taken up where it stopped: none too many, none left."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.locks.states import GrantState
from tests.doors.dying import POINTS
from tests.doors.hall import FRONT, ROOM_1, ROOM_2, Hall, at
from tests.doors.test_races import plan

pytestmark = [
    pytest.mark.kill,
    pytest.mark.parametrize("point", POINTS),
]
only_bookings = pytest.mark.parametrize("mode", ["bookings"], indirect=True)
ROOT = Path(__file__).parents[2]


def test_while_a_code_is_made(hall: Hall, hanako: Applicant, point: str):
    booking = hall.has(hanako)

    dies(hall, point)
    pin = is_followed(hall, booking)

    assert hall.states(booking) == [GrantState.READY]
    assert hall.admitted() == [pin]
    hall.goes_to(at(10))
    assert hall.opens(FRONT, pin)
    assert hall.opens(ROOM_1, pin)


@only_bookings
def test_while_a_code_is_moved_to_another_hour(hall: Hall, hanako: Applicant, point: str):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.changes(booking, hours=(14, 16))

    dies(hall, point)
    assert is_followed(hall, booking) == pin

    assert hall.states(booking) == [GrantState.READY]
    assert hall.admitted() == [pin]
    hall.goes_to(at(10))
    assert not hall.opens(FRONT, pin)
    hall.goes_to(at(14))
    assert hall.opens(FRONT, pin)
    assert hall.opens(ROOM_1, pin)
    assert not hall.opens(ROOM_2, pin)


@only_bookings
def test_while_a_code_is_taken_away(hall: Hall, hanako: Applicant, point: str):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.cancels(booking)

    dies(hall, point)
    is_followed(hall, booking)

    assert hall.states(booking) == [GrantState.REVOKED]
    assert hall.admitted() == []
    hall.goes_to(at(10))
    assert not hall.opens(FRONT, pin)
    assert not hall.opens(ROOM_1, pin)


def dies(hall: Hall, point: str) -> None:
    """Let a worker of its own process begin, and be killed at a point."""
    plan(hall)
    url = str(hall.app.config["SQLALCHEMY_DATABASE_URI"])
    ended = subprocess.run(
        [sys.executable, "-m", "tests.doors.dying", url, hall.vendor.base_url, point,
         hall.clock.now.isoformat()],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def is_followed(hall: Hall, booking: Booking) -> str | None:
    """Let another worker come after the dead one's lease; return the number."""
    hall.moves(seconds=121)
    hall.works()
    hall.vendor.heartbeat()
    hall.hears()
    hall.works()
    hall.moves(minutes=2)
    hall.works()
    return hall.grant(booking).sealed_pin and hall.pin(booking)
