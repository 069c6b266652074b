"""Whatever happens in whatever order, a code ends where the booking wants it, and soon."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.kernel.refusals import Refused
from app.locks.states import GrantState
from app.usecases import keys
from tests.doors.hall import CLERK, FRONT, ROOM_1, ROOM_2, Hall, at

HOURS: Final = 10  # uses of an hour from 10 o'clock, so that each example has one of its own
DOORS: Final = (FRONT, ROOM_1, ROOM_2)


def staff(deed: Callable[..., None]) -> Callable[[Hall, Booking], None]:
    def work(hall: Hall, booking: Booking) -> None:
        with hall.app.app_context(), tenant_scope(hall.tenant_id):
            grants = [one for one in hall.grants(booking) if one.is_wanted]
            for one in grants[:1]:
                deed(one.id, actor=CLERK, now=hall.clock.now)

    return work


def fault(mode: str, device: str | None = None, **more: int) -> Callable[[Hall, Booking], None]:
    return lambda hall, _: hall.vendor.fault(mode, device, **more)


EVENTS: Final[dict[str, Callable[[Hall, Booking], object]]] = {
    "work": lambda hall, _: hall.works(),
    "heartbeat": lambda hall, _: hall.vendor.heartbeat(),
    "hear": lambda hall, _: hall.hears(),
    "a minute": lambda hall, _: hall.moves(minutes=1),
    "cancel": lambda hall, booking: hall.cancels(booking),
    "other room": lambda hall, booking: hall.changes(booking, room="room-2", **same(booking)),
    "take away": staff(keys.take_away),
    "hand over": staff(keys.hand_over),
    "make anew": staff(keys.make_anew),
    "lost answer": fault("timeout_after_commit"),
    "breakdown": fault("http_500_once"),
    "conflict": fault("conflict"),
    "no sync": fault("sync_fail", ROOM_1),
    "other number": fault("pin_replaced"),
    "ended token": fault("token_expired"),
    "entrance away": fault("offline", FRONT, count=3),
}
_used: dict[int, int] = {}  # by hall, how many examples there were


def same(booking: Booking) -> dict[str, object]:
    """Return the time of a booking, as a change names it."""
    hour = int(str(booking.purpose))
    return {"on": at(10).date() + timedelta(days=hour // HOURS), "hours": span(hour)}


def span(place: int) -> tuple[int, int]:
    return (10 + place % HOURS, 11 + place % HOURS)


@pytest.mark.parametrize("mode", ["bookings", "access_persons"], indirect=True)
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from(sorted(EVENTS)), min_size=3, max_size=14))
def test_any_order_ends_where_the_booking_wants_it(
    hall: Hall, hanako: Applicant, events: list[str]
):
    booking = a_booking(hall, hanako)
    for event in events:
        try:
            EVENTS[event](hall, booking)
        except Refused:
            continue  # cancelled twice, changed after it was cancelled: refused in words

    calm_down(hall)

    grants = hall.grants(booking)
    wanted = [one for one in grants if one.is_wanted]
    is_open = [one for one in wanted if not one.is_blocked and not one.is_by_hand]
    assert len(wanted) <= 1
    assert {one.state for one in is_open} <= {GrantState.READY}
    rest = [one.state for one in grants if one not in is_open]
    assert set(rest) <= {GrantState.REVOKED}
    number = booking.number
    assert admitted(hall, number) == len(is_open)
    pins = {hall.pin(booking)} if is_open else set()
    assert held(hall, number) == pins
    hall.cancels_quietly(booking)
    calm_down(hall)
    assert admitted(hall, number) == 0
    assert held(hall, number) == set()


def a_booking(hall: Hall, hanako: Applicant) -> Booking:
    """Book an hour that no other example had; its place stands in the purpose."""
    place = _used[id(hall)] = _used.get(id(hall), -1) + 1
    day = at(10).date() + timedelta(days=place // HOURS)
    booking = hall.has(hanako, ("room-1", day, span(place)), key=f"example {place}")
    booking.purpose = str(place)
    return booking


def calm_down(hall: Hall) -> None:
    """Let nothing go wrong any more, and everybody do what is due."""
    hall.vendor.lift()
    for _ in range(4):
        hall.watches()
        hall.works()
        hall.vendor.heartbeat()
        hall.hears()
        hall.moves(minutes=11)
    hall.works()


def admitted(hall: Hall, number: str | None) -> int:
    """Return how many codes the vendor holds under a booking's number."""
    told = [one["attributes"] for one in hall.vendor.cloud()]
    return sum(
        one["name"].startswith(str(number)) and one["status"] in ("upcoming", "current")
        for one in told
    )


def held(hall: Hall, number: str | None) -> set[str]:
    """Return which numbers that the vendor ever had for a booking are in a lock now."""
    told = [one["attributes"] for one in hall.vendor.cloud()]
    ever = {one["pin"] for one in told if one["name"].startswith(str(number))}
    return ever & {one["pin"] for door in DOORS for one in hall.vendor.held(door)}
