"""The eight things that a code has to do, judged at the keypad by what the lock itself holds."""

from datetime import timedelta

import pytest
from flask import Flask

from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.kernel.refusals import Refused
from app.locks.states import GrantState
from app.sims.locks import LockSim
from app.usecases import connecting_locks, doors
from app.usecases.connecting_locks import NewAccount
from app.usecases.doors import DoorForm
from tests import builders
from tests.conftest import Clock
from tests.doors.hall import (
    CLERK,
    CLIENT,
    FRONT,
    PASSWORD,
    ROOM_1,
    ROOM_2,
    Hall,
    at,
)
from tests.web.situations import Room

BOTH: tuple[Room, ...] = (
    ("room-1", at(10).date(), (10, 12)), ("room-2", at(10).date(), (10, 12)),
)  # fmt: skip


def test_opens_from_ten_minutes_before_to_ten_after_and_not_a_minute_more(
    hall: Hall, hanako: Applicant
):
    pin = hall.settles(hall.has(hanako))

    for moment, opens in [
        (at(9, 49), False), (at(9, 50), True), (at(12, 9), True), (at(12, 11), False)
    ]:  # fmt: skip
        hall.goes_to(moment)
        hall.vendor.heartbeat()

        assert hall.opens(FRONT, pin) is opens, moment
        assert hall.opens(ROOM_1, pin) is opens, moment
        assert not hall.opens(ROOM_2, pin)


def test_booked_minutes_before_its_use_staff_hear_and_a_touch_of_the_keys_brings_the_code(
    hall: Hall, hanako: Applicant
):
    hall.goes_to(at(10, 1))
    hall.vendor.heartbeat()  # the next one comes in a quarter of an hour
    booking = hall.books(hanako, ("room-1", at(10).date() + timedelta(days=2), (10, 12)))
    hall.goes_to(at(9, 41, booking_day := at(10).date() + timedelta(days=2)))
    hall.vendor.heartbeat()
    hall.pays(booking)
    hall.works()
    hall.moves(minutes=3)
    hall.watches()

    assert hall.door_states(booking) == {FRONT: "ready", ROOM_1: "pending"}
    assert "urgent" in hall.tasks()

    pin = hall.pin(booking)
    hall.goes_to(at(9, 52, booking_day))
    hall.opens(ROOM_1, pin)  # the touch wakes the lock, and it asks for news
    assert hall.opens(ROOM_1, pin)
    hall.hears()
    hall.works()
    assert hall.states(booking) == [GrantState.READY]
    assert "urgent" not in hall.tasks()


def test_a_timeout_after_the_vendor_did_it_makes_no_second_code(hall: Hall, hanako: Applicant):
    hall.vendor.fault("timeout_after_commit")
    booking = hall.has(hanako)

    hall.works()
    assert hall.states(booking) == [GrantState.ISSUING]
    hall.moves(minutes=1)
    pin = hall.settles(booking)

    assert hall.states(booking) == [GrantState.READY]
    assert hall.admitted() == [pin]


@pytest.mark.parametrize("mode", ["bookings"], indirect=True)
def test_a_number_that_the_vendor_replaced_opens_all_doors_and_is_the_one_that_is_told(
    hall: Hall, hanako: Applicant
):
    hall.vendor.fault("pin_replaced")
    pin = hall.settles(hall.has(hanako, *BOTH))
    hall.goes_to(at(10))

    assert [hall.opens(door, pin) for door in (FRONT, ROOM_1, ROOM_2)] == [True] * 3
    assert {one["pin"] for one in hall.vendor.held(FRONT)} == {pin}


def test_cancelled_while_it_is_made_it_ends_taken_away(hall: Hall, hanako: Applicant):
    hall.vendor.fault("timeout_after_commit")
    booking = hall.has(hanako)
    hall.works()
    hall.cancels(booking)

    hall.works()
    hall.vendor.heartbeat()
    hall.moves(minutes=2)
    hall.works()

    assert hall.states(booking) == [GrantState.REVOKED]
    assert hall.admitted() == []
    assert hall.vendor.held(FRONT) == hall.vendor.held(ROOM_1) == []


def test_a_lock_that_is_away_stops_no_cancellation_and_its_code_dies_at_its_end(
    hall: Hall, hanako: Applicant
):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.vendor.fault("offline", ROOM_1, count=1_000)

    hall.cancels(booking)
    hall.works()

    assert hall.states(booking) == [GrantState.REVOKING]
    hall.goes_to(at(10))
    hall.works()
    assert not hall.opens(FRONT, pin)
    assert hall.opens(ROOM_1, pin)  # the lock never heard of it: this is the stated lag
    hall.goes_to(at(12, 11))
    hall.works()
    assert not hall.opens(ROOM_1, pin)
    hall.goes_to(at(12, 16))  # clocks of locks are not ours
    hall.works()
    assert hall.states(booking) == [GrantState.ENDED]


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_vendor_whose_clock_runs_ahead_takes_a_cancelled_code_away_all_the_same(
    hall: Hall, hanako: Applicant, *, is_lost: bool
):
    if is_lost:
        hall.vendor.fault("timeout_after_commit")
    booking = hall.has(hanako)
    hall.works()
    pin = hall.pin(booking) if is_lost else hall.settles(booking)
    hall.vendor.clock.stand_still(at(13))
    assert hall.admitted() == []  # over, the vendor says

    hall.cancels(booking)
    hall.works()
    hall.moves(minutes=2)  # its clock is put right
    hall.works()

    hall.vendor.heartbeat()
    hall.goes_to(at(10))
    assert hall.admitted() == []
    assert not hall.opens(FRONT, pin)
    assert not hall.opens(ROOM_1, pin)


def test_two_towns_with_one_account_never_get_the_same_lock(
    hall: Hall, vendor: LockSim, told: Flask, clock: Clock
):
    with told.app_context():
        aoba = builders.tenant_id_of("aoba")
        found = builders.catalogue_of("aoba")
        facility = found.facility_named("chuo")
        assert facility is not None
        wanted = NewAccount("remotelock", "RemoteLOCK", "bookings", "here", CLIENT, PASSWORD)
        with tenant_scope(aoba):
            account_id = connecting_locks.add_account(
                hall.locks, wanted, actor=CLERK, now=clock.now
            )
            form = DoorForm(facility.id, account_id, vendor.device_id(FRONT), "入口")
            with pytest.raises(Refused) as no:
                doors.add_door(form, others=[hall.tenant_id], actor=CLERK, now=clock.now)

    assert no.value.codes == ("door.taken",)


def test_an_event_that_is_told_again_does_nothing_more(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    hall.settles(booking)
    before = hall.grant(booking).version, hall.grant(booking).state

    assert hall.hears() == 0
    hall.works()

    assert (hall.grant(booking).version, hall.grant(booking).state) == before
