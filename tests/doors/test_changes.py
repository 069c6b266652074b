"""What becomes of a code when its booking, its door or somebody's mind changes."""

from datetime import timedelta

import pytest

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.locks.states import GrantState
from app.payments.service import balance_of
from app.usecases import doors, keys, planning_doors
from app.usecases.doors import DoorForm
from tests import builders
from tests.doors.hall import CLERK, FRONT, ROOM_1, ROOM_2, Hall, at
from tests.pages import Visitor
from tests.usecases import steps
from tests.web.situations import Room, is_signed_in

pytestmark = pytest.mark.parametrize("mode", ["bookings"], indirect=True)
MORNING: Room = ("room-1", at(10).date(), (10, 12))


def test_a_booking_that_is_not_paid_has_no_code_and_gets_one_when_it_is(
    hall: Hall, hanako: Applicant
):
    booking = hall.books(hanako)
    hall.works()
    assert hall.grants(booking) == []

    hall.pays(booking)
    hall.works()
    assert hall.states(booking) == [GrantState.PENDING]


def test_another_time_keeps_the_number_and_moves_what_it_opens(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    pin = hall.settles(booking)

    hall.changes(booking, hours=(14, 16))
    assert hall.settles(booking) == pin

    hall.goes_to(at(10))
    hall.vendor.heartbeat()
    assert not hall.opens(ROOM_1, pin)
    hall.goes_to(at(14))
    assert hall.opens(ROOM_1, pin)
    assert hall.states(booking) == [GrantState.READY]


def test_what_became_dearer_opens_nothing_until_it_is_paid(hall: Hall, hanako: Applicant):
    """Else a short use of a small room would be the key to a long one of the hall."""
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.changes(booking, hours=(10, 14))

    hall.works()
    hall.vendor.heartbeat()
    hall.works()
    assert hall.admitted() == []
    hall.goes_to(at(9, 55))
    hall.watches()
    hall.works()
    assert not hall.opens(FRONT, pin)

    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        steps.receives(hall.tenant_id, booking.id, yen=owed(hall, booking), now=hall.clock.now)
    assert hall.admitted() == []
    again = hall.settles(booking)  # woken by the payment alone
    assert hall.admitted() == [again]


def test_what_did_not_become_dearer_keeps_its_number_until_the_money_is_overdue(
    hall: Hall, hanako: Applicant
):
    later = builders.NEXT_MONDAY + timedelta(days=7)
    booking = hall.has(
        hanako, ("room-1", builders.NEXT_MONDAY, (10, 12)), ("room-1", later, (10, 12))
    )
    hall.settles(booking)
    numbers = hall.admitted()
    hall.changes(booking, hours=(10, 14))  # of the first
    hall.works()
    hall.works()

    (kept,) = hall.admitted()
    assert kept in numbers
    (due_at,) = hall.scalars("select due_at from booking where id = :id", booking.id)
    assert due_at is not None
    hall.goes_to(due_at)
    hall.watches()
    hall.works()
    assert hall.admitted() == []


@pytest.mark.parametrize(("kind", "until"), [("public_use", (12, 0)), ("closure", (12, 10))])
def test_a_code_opens_no_room_while_the_hall_itself_has_it(
    hall: Hall, hanako: Applicant, kind: str, until: tuple[int, int]
):
    """Where it is only closed nobody is there, and one may still carry one's things out."""
    booking = hall.has(hanako)
    hall.settles(booking)
    assert hall.grant(booking).ends_at == at(12, 10)

    closure = hall.keeps("room-1", at(12), at(14), kind=kind)
    hall.works()
    assert hall.grant(booking).ends_at == at(*until)

    hall.opens_room_again("room-1", closure)
    hall.works()
    assert hall.grant(booking).ends_at == at(12, 10)


def test_a_day_that_was_woken_is_planned_although_a_worker_died_with_it(
    hall: Hall, hanako: Applicant
):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.changes(booking, hours=(14, 16))
    with hall.app.app_context():
        assert planning_doors.woken() != {}  # and the worker died

    hall.settles(booking)

    assert hall.grant(booking).starts_at == at(13, 50)
    hall.goes_to(at(10))
    assert not hall.opens(FRONT, pin)
    with hall.app.app_context():
        assert planning_doors.woken() == {}


def test_a_neighbour_s_change_takes_nothing_of_the_minutes_after_a_use(
    hall: Hall, hanako: Applicant
):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.goes_to(at(12, 5))  # the use has ended, the door opens until ten past

    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        planning_doors.plan_days([(1, at(10).date())], now=hall.clock.now)
    hall.works()

    assert hall.states(booking) == [GrantState.READY]
    assert hall.opens(ROOM_1, pin)


def test_who_looks_right_after_a_change_sees_what_holds_now(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    hall.settles(booking)
    hall.changes(booking, hours=(14, 16))

    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        planning_doors.catch_up(booking.id, now=hall.clock.now)

    assert hall.grant(booking).starts_at == at(13, 50)
    assert hall.grant(booking).told_version < hall.grant(booking).version


def test_another_room_gets_another_number_and_the_first_one_opens_nothing(
    hall: Hall, hanako: Applicant
):
    booking = hall.has(hanako)
    before = hall.settles(booking)

    hall.changes(booking, room="room-2", hours=(10, 12))
    after = hall.settles(booking)

    assert sorted(hall.states(booking)) == [GrantState.READY, GrantState.REVOKED]
    assert hall.grants(booking)[1].replaces_id == hall.grants(booking)[0].id
    hall.goes_to(at(10))
    assert [hall.opens(door, after) for door in (FRONT, ROOM_1, ROOM_2)] == [True, False, True]
    assert not hall.opens(FRONT, before)


def test_a_code_opens_no_room_while_somebody_else_has_it(hall: Hall, hanako: Applicant):
    taro = is_signed_in_elsewhere(hall)
    first = hall.has(taro, ("room-1", at(10).date(), (9, 10)), key="taro")
    second = hall.has(hanako, MORNING)
    third = hall.has(taro, ("room-1", at(10).date(), (12, 13)), key="taro again")
    for one in (first, second, third):
        hall.settles(one)

    grant = hall.grant(second)
    assert (grant.starts_at, grant.ends_at) == (at(10), at(12))
    hall.cancels(first)
    hall.cancels(third)
    hall.settles(second)
    grant = hall.grant(second)
    assert (grant.starts_at, grant.ends_at) == (at(9, 50), at(12, 10))


def test_an_entrance_alone_opens_early_although_somebody_is_in_the_next_room(
    hall: Hall, hanako: Applicant
):
    hall.has(is_signed_in_elsewhere(hall), ("room-2", at(10).date(), (9, 10)), key="taro")
    hall.has(hanako, MORNING)
    booking = hall.books(hanako, ("lobby", at(10).date(), (10, 11)), key="free of charge")
    pin = hall.settles(booking)

    assert hall.door_states(booking) == {FRONT: "ready"}
    hall.goes_to(at(9, 50))
    assert hall.opens(FRONT, pin)


def test_a_door_that_comes_later_gives_codes_to_bookings_that_are_there(
    hall: Hall, hanako: Applicant
):
    kitchen = ("kitchen", at(10).date(), (10, 12))
    booking = hall.has(hanako, kitchen)
    pin = hall.settles(booking)
    assert hall.door_states(booking) == {FRONT: "ready"}

    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        [door] = [one for one in hall.door_rows() if one.name == ROOM_2]
        doors.end_door(door.id, actor=CLERK, now=hall.clock.now)
        room = hall.room("kitchen")
        form = DoorForm(
            room.facility_id, door.account_id, door.device_ref, "調理室", rooms=frozenset([room.id])
        )
        doors.add_door(form, actor=CLERK, now=hall.clock.now)
    after = hall.settles(booking)

    assert hall.door_states(booking) == {FRONT: "ready", "調理室": "ready"}
    assert after != pin
    hall.goes_to(at(10))
    assert hall.opens(ROOM_2, after)
    assert not hall.opens(FRONT, pin)


class TestStaff:
    def test_take_a_code_away_and_no_other_comes_until_they_make_one(
        self, hall: Hall, hanako: Applicant
    ):
        booking = hall.has(hanako)
        pin = hall.settles(booking)
        self.do(hall, keys.take_away, booking)
        hall.works()
        hall.vendor.heartbeat()
        hall.watches()
        hall.moves(minutes=2)
        hall.works()
        assert hall.states(booking) == [GrantState.REVOKED]
        assert hall.admitted() == []

        self.do(hall, keys.make_anew, booking)
        other = hall.settles(booking)

        hall.goes_to(at(10))
        assert hall.opens(ROOM_1, other)
        assert not hall.opens(ROOM_1, pin)

    def test_hand_over_a_key_instead(self, hall: Hall, hanako: Applicant):
        booking = hall.has(hanako)
        hall.works()
        self.do(hall, keys.hand_over, booking)
        hall.works()
        hall.vendor.heartbeat()
        hall.moves(minutes=2)
        hall.works()

        assert hall.admitted() == []
        assert hall.grant(booking).is_by_hand
        hall.goes_to(at(9))
        hall.watches()
        assert hall.tasks() == []  # nobody waits for a code

    def do(self, hall: Hall, deed, booking) -> None:
        with hall.app.app_context(), tenant_scope(hall.tenant_id):
            deed(hall.grant(booking).id, actor=CLERK, now=hall.clock.now)


def test_a_use_far_ahead_gets_its_code_when_it_comes_near(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako, ("room-1", at(10).date() + timedelta(days=28), (10, 12)))
    hall.works()
    assert hall.grants(booking) == []

    hall.moves(days=6)
    hall.watches()
    hall.works()
    assert hall.states(booking) == [GrantState.PENDING]


def test_a_day_before_its_use_one_letter_says_where_the_number_is(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    hall.watches()
    assert "key_open" not in hall.letters()

    hall.goes_to(at(10) - timedelta(hours=23))
    hall.watches()
    hall.watches()

    assert hall.letters().count("key_open") == 1
    assert pin not in str(hall.scalars("select row_to_json(delivery)::text from delivery", 0))


def is_signed_in_elsewhere(hall: Hall) -> Applicant:
    return is_signed_in(Visitor(hall.app), "taro@example.jp")


def owed(hall: Hall, booking: Booking) -> int:
    return hall.does(lambda session: balance_of(session, booking.id).owed_yen)
