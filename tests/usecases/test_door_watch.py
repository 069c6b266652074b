"""What the clock watches about doors: codes late, locks that ail, wrong tries; tasks that end."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.db import db
from app.locks.models import AccessGrant, Door, LockAccount, LockNotice
from app.locks.ports import DeviceInfo
from app.locks.tasks import DoorTask
from app.usecases import door_notices, door_watch, doors, keys, lock_watch
from app.usecases.door_notices import note_ids
from tests.builders import MONDAY_9AM, TODAY
from tests.conftest import Clock
from tests.reports.situations import a_booking, working
from tests.usecases import steps
from tests.web.doors import FRONT, ROOM_1, STAFF, House, a_house

WEDNESDAY = date(2027, 3, 3)


@pytest.fixture
def house(app: Flask, clock: Clock) -> Iterator[House]:
    with a_house(app, clock) as one:
        yield one


def books(house: House, *, on: date = TODAY, hours: tuple[int, int] = (13, 15), **more):
    with working(house.app) as found:
        return a_booking(found, ("room-1", on, hours), paid=True, **more)


def tasks(house: House) -> list[tuple[str, bool]]:
    """Return kind and whether it waits, the oldest first."""
    with house.inside():
        found = db.session.query(DoorTask).order_by(DoorTask.id)
        return [(one.kind, one.done_at is None) for one in found]


def letters(house: House) -> list[str]:
    with house.inside():
        named = "select template from delivery where template like 'key%' order by id"
        return list(db.session.scalars(text(named)))


def warns(house: House, now: datetime) -> int:
    with house.inside():
        return door_watch.warn(now=now)


def checks(house: House, now: datetime) -> None:
    house.sim.clock.stand_still(now)
    with house.inside():
        lock_watch.check_locks(house.locks, now=now)


def urgent(house: House) -> list[tuple[str, bool]]:
    """Return the urgent tasks about locks, with whether they wait."""
    with house.inside():
        found = db.session.query(DoorTask).order_by(DoorTask.id)
        return [(one.kind, one.done_at is None) for one in found if one.facts.get("urgent")]


def heard(
    house: House, now: datetime, *, is_online: bool = False, battery: int = 90,
    lead_time: timedelta = timedelta(0),
) -> None:  # fmt: skip
    """Let the vendor say this of the only lock."""
    with house.inside():
        account_id, ref = db.session.query(Door.account_id, Door.device_ref).one()
    device = DeviceInfo(
        ref, "", "lock", is_online=is_online, seen_at=now, battery=battery, lead_time=lead_time
    )
    house.writes(lambda session: lock_watch.hear(session, account_id, [device], now=now))


def deeds(house: House) -> list[str]:
    """Return what was written down of codes, the first first."""
    named = "select action from audit_entry where action like 'key.%' order by id"
    with house.inside():
        return list(db.session.scalars(text(named)))


def events_of(house: House) -> int:
    with house.inside():
        return door_notices.poll(house.locks, now=house.clock.now)


class TestCodesThatAreLate:
    def test_are_told_of_once_and_again_when_it_is_urgent(self, house: House):
        house.door(house.account(), ROOM_1)
        house.sim.fault("sync_fail", ROOM_1, count=99)
        books(house)
        house.works()
        opens = house.grants()[0].starts_at
        assert warns(house, opens - timedelta(hours=2, minutes=1)) == 0
        assert warns(house, opens - timedelta(hours=2)) == 1
        assert warns(house, opens - timedelta(hours=1)) == 0
        assert warns(house, opens - timedelta(minutes=30)) == 1

        told = [one for one in tasks(house) if one[0] != "sync_failed"]
        assert told == [("late", False), ("urgent", True)]

    def test_end_when_it_is_ready_whatever_was_wanted_meanwhile(self, house: House):
        house.door(house.account(), ROOM_1)
        house.sim.fault("sync_fail", ROOM_1, count=99)
        made = books(house)
        house.works()
        opens = house.grants()[0].starts_at
        warns(house, opens - timedelta(hours=1))
        house.writes(
            lambda session: session.execute(
                update(AccessGrant).values(version=AccessGrant.version + 1, next_at=MONDAY_9AM)
            )
        )
        house.sim.lift()
        house.clock.now = MONDAY_9AM + timedelta(minutes=10)
        house.works()
        assert house.grants()[0].state == "ready", made

        assert {waits for _kind, waits in tasks(house)} == {False}

    def test_end_when_the_booking_is_cancelled(self, house: House):
        house.door(house.account(), ROOM_1)
        house.sim.fault("sync_fail", ROOM_1, count=99)
        made = books(house, on=WEDNESDAY)
        house.works()
        opens = house.grants()[0].starts_at
        warns(house, opens - timedelta(hours=1))
        with working(house.app) as found:
            steps.cancel(found, made)
        house.works()
        warns(house, opens - timedelta(minutes=50))

        assert {waits for _kind, waits in tasks(house)} == {False}

    def test_end_at_once_when_staff_hand_over_a_key(self, house: House):
        house.door(house.account(), ROOM_1)
        house.sim.fault("sync_fail", ROOM_1, count=99)
        books(house)
        house.works()
        grant = house.grants()[0]
        warns(house, grant.starts_at - timedelta(hours=1))
        with house.inside():
            keys.hand_over(grant.id, actor=STAFF, now=house.clock.now)

        assert {waits for _kind, waits in tasks(house)} == {False}


class TestLocks:
    def test_that_ail_are_told_of_before_the_first_use_that_needs_them(self, house: House):
        account = house.account()
        front = house.door(account, FRONT, shared=True)
        house.door(account, ROOM_1, "room-2")  # nobody needs it
        books(house)
        house.works()
        house.sim.drain(FRONT, 15)
        checks(house, MONDAY_9AM)
        checks(house, MONDAY_9AM + timedelta(minutes=5))

        assert tasks(house) == [("battery", True)]
        with house.inside():
            one = db.session.query(DoorTask).one()
            assert (one.door_id, one.facts["battery"]) == (front, 15)
            assert datetime.fromisoformat(one.facts["first"]) == house.grants()[0].starts_at
        house.sim.drain(FRONT, 90)
        checks(house, MONDAY_9AM + timedelta(minutes=10))
        assert tasks(house) == [("battery", False)]

    def test_a_later_use_makes_a_task_that_takes_the_place_of_the_first(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        books(house)
        books(house, on=WEDNESDAY, email="b@example.jp")
        house.works()
        house.sim.drain(FRONT, 15)
        checks(house, MONDAY_9AM)
        checks(house, MONDAY_9AM + timedelta(hours=8))

        assert tasks(house) == [("battery", False), ("battery", True)]

    def test_without_power_is_urgent_and_again_for_each_use(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        books(house)
        books(house, on=WEDNESDAY, email="b@example.jp")
        house.works()
        house.sim.drain(FRONT, 15)
        checks(house, MONDAY_9AM)
        assert urgent(house) == []
        for hours in (0, 1, 8):
            heard(house, MONDAY_9AM + timedelta(hours=hours), is_online=True, battery=0)

        assert urgent(house) == [("battery", False), ("battery", True)]
        assert tasks(house)[0] == ("battery", False)

    def test_offline_is_urgent_from_half_an_hour_before_a_use_until_its_end(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        books(house)
        house.works()
        house.sim.fault("offline", FRONT, count=10_000)
        opens = house.grants()[0].starts_at
        checks(house, opens - timedelta(minutes=45))
        assert (tasks(house), urgent(house)) == ([("offline", True)], [])
        checks(house, opens - timedelta(minutes=30))
        checks(house, opens + timedelta(hours=1))
        assert tasks(house) == [("offline", False), ("offline", True)]
        assert urgent(house) == [("offline", True)]
        checks(house, opens + timedelta(hours=3))

        assert urgent(house) == [("offline", False)]

    def test_offline_within_the_time_that_it_takes_a_code_is_urgent(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        books(house)
        house.works()
        opens = house.grants()[0].starts_at
        lead = timedelta(hours=2)
        heard(house, opens - lead - timedelta(minutes=1), lead_time=lead)
        assert urgent(house) == []
        heard(house, opens - lead, lead_time=lead)

        assert urgent(house) == [("offline", True)]

    def test_nobody_waits_for_a_door_when_staff_hand_over_a_key(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        books(house)
        house.works()
        house.sim.fault("offline", FRONT, count=10_000)
        grant = house.grants()[0]
        checks(house, grant.starts_at)
        with house.inside():
            keys.hand_over(grant.id, actor=STAFF, now=house.clock.now)
        checks(house, grant.starts_at + timedelta(minutes=5))

        assert tasks(house) == [("offline", False)]

    def test_what_came_right_by_itself_and_did_not_last_waits_again(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        books(house)
        house.works()
        for minutes, battery, waits in ((0, 15, True), (5, 90, False), (10, 15, True)):
            house.sim.drain(FRONT, battery)
            checks(house, MONDAY_9AM + timedelta(minutes=minutes))
            assert tasks(house) == [("battery", waits)]

    def test_of_a_door_that_is_used_no_more_nothing_waits(self, house: House):
        door = house.door(house.account(), FRONT, shared=True)
        books(house)
        house.works()
        house.sim.drain(FRONT, 15)
        checks(house, MONDAY_9AM)
        with house.inside():
            doors.end_door(door, actor=STAFF, now=house.clock.now)
        house.works()

        # whom it keeps out is called; nobody waits for its battery
        assert tasks(house) == [("battery", False), ("door_ended", True)]

    def test_that_is_gone_from_the_account(self, house: House):
        account = house.account()
        house.door(account, "", ref="no-such-lock", name="どこかのドア", shared=True)
        books(house)
        house.works()
        checks(house, MONDAY_9AM)

        assert ("gone", True) in tasks(house)

    def test_an_account_that_fails_is_one_task_and_ends_when_a_worker_gets_in(self, house: House):
        house.door(house.account(), FRONT, shared=True)
        house.sim.fault("http_500_once", count=99)
        for minutes in (0, 5):
            checks(house, MONDAY_9AM + timedelta(minutes=minutes))
        assert tasks(house) == [("account", True)]
        house.sim.lift()
        house.clock.now = MONDAY_9AM + timedelta(minutes=6)
        books(house)
        house.works()

        assert ("account", False) in tasks(house)
        with house.inside():
            account = db.session.query(LockAccount).one()
            assert (account.failing_since, account.error) == (None, None)


class TestWrongTries:
    def test_five_within_ten_minutes_are_told_of_also_when_heard_of_late(self, house: House):
        house.door(house.account(), FRONT)
        for n in range(5):
            house.sim.clock.stand_still(MONDAY_9AM + timedelta(minutes=n))
            house.sim.keypad(FRONT, "000000")
        house.clock.now = MONDAY_9AM + timedelta(hours=1)
        house.sim.clock.stand_still(house.clock.now)

        assert events_of(house) >= 5
        assert tasks(house) == [("wrong_tries", True)]
        assert events_of(house) == 0

    def test_five_in_an_hour_are_people_who_err(self, house: House):
        house.door(house.account(), FRONT)
        for n in range(5):
            house.sim.clock.stand_still(MONDAY_9AM + timedelta(minutes=12 * n))
            house.sim.keypad(FRONT, "000000")
        house.clock.now = MONDAY_9AM + timedelta(hours=1)
        house.sim.clock.stand_still(house.clock.now)
        events_of(house)

        assert tasks(house) == []

    def test_what_was_named_to_us_and_never_read_is_read_when_all_are_asked_for(self, house: House):
        account = house.account()
        house.door(account, FRONT)
        for _n in range(5):
            house.sim.keypad(FRONT, "000000")
        refs = [one["id"] for one in house.sim.events("access_denied")]
        with house.inside():
            assert note_ids(account, refs, now=house.clock.now) == 5
        events_of(house)

        with house.inside():
            assert {one.state for one in db.session.query(LockNotice)} == {"done"}
        assert tasks(house) == [("wrong_tries", True)]


class TestLetters:
    def test_whoever_knew_the_number_is_told_that_it_changed_and_how_often_it_did(
        self, house: House
    ):
        house.door(house.account(), ROOM_1)
        made = books(house)
        house.works()
        with house.inside():
            door_watch.open_letters(now=house.clock.now)
        for _n in range(2):
            assert house.pins(made.booking.id)
            with house.inside():
                keys.make_anew(house.grants()[-1].id, actor=STAFF, now=house.clock.now)
            house.works()
            with house.inside():
                door_watch.open_letters(now=house.clock.now)

        assert letters(house) == ["key_open", "key_changed", "key_changed"]

    def test_who_never_saw_one_hears_of_the_new_one_only(self, house: House):
        house.door(house.account(), ROOM_1)
        books(house)
        house.works()
        with house.inside():
            keys.make_anew(house.grants()[0].id, actor=STAFF, now=house.clock.now)
        house.works()
        with house.inside():
            door_watch.open_letters(now=house.clock.now)

        assert letters(house) == ["key_open"]

    def test_a_code_that_is_ready_only_after_its_beginning_has_its_letter_too(self, house: House):
        house.door(house.account(), ROOM_1)
        books(house)
        house.works()
        opens = house.grants()[0].starts_at
        with house.inside():
            door_watch.open_letters(now=opens + timedelta(minutes=1))

        assert letters(house) == ["key_open"]

    def test_a_key_box_that_is_turned_twice_is_told_of_twice(self, house: House):
        door = house.box("2580")
        made = books(house)
        house.works()
        assert house.pins(made.booking.id) == ["2580"]
        for code in ("1379", "4826"):
            with house.inside():
                doors.set_code(house.locks, door, code, actor=STAFF, now=house.clock.now)
            house.works()
            assert house.pins(made.booking.id) == [code]

        assert letters(house) == ["key_changed", "key_changed"]


class TestWithoutMail:
    """A number that was read aloud became another: nobody hears of that by a letter."""

    def changed(self, house: House, *, is_seen: bool = True) -> AccessGrant:
        house.door(house.account(), ROOM_1)
        made = books(house)
        house.writes(
            lambda session: session.execute(
                text("update booking set account_id = null, is_by_staff = true where id = :id"),
                {"id": made.booking.id},
            )
        )
        house.works()
        assert not is_seen or house.pins(made.booking.id)
        with house.inside():
            keys.make_anew(house.grants()[0].id, actor=STAFF, now=house.clock.now)
        house.works()
        return house.grants()[-1]

    def test_staff_are_to_call_until_the_use_is_over(self, house: House):
        grant = self.changed(house)
        assert letters(house) == []
        assert tasks(house) == [("number_changed", True)]
        with house.inside():
            one = db.session.query(DoorTask).one()
            assert (one.booking_id, one.grant_id) == (grant.booking_id, grant.id)
        warns(house, grant.ends_at - timedelta(minutes=1))
        assert tasks(house) == [("number_changed", True)]
        warns(house, grant.ends_at)

        assert tasks(house) == [("number_changed", False)]

    def test_nobody_is_called_about_a_number_that_nobody_was_told(self, house: House):
        self.changed(house, is_seen=False)

        assert tasks(house) == []

    def test_changed_again_after_the_call_they_are_to_call_again(self, house: House):
        grant = self.changed(house)
        with house.inside():
            task = db.session.query(DoorTask).one().id
            assert keys.see_to(task, "伝えた", actor=STAFF, now=house.clock.now)
        assert house.pins(grant.booking_id)
        with house.inside():
            keys.make_anew(grant.id, actor=STAFF, now=house.clock.now)
        house.works()

        assert tasks(house) == [("number_changed", False), ("number_changed", True)]


class TestWhatCanNotBeTakenBack:
    def test_is_for_staff_only_where_somebody_knows_the_number(self, house: House):
        house.box()
        made = books(house, on=WEDNESDAY)
        house.works()
        with working(house.app) as found:
            steps.cancel(found, made)
        house.works()
        assert tasks(house) == []
        house.clock.now = MONDAY_9AM + timedelta(hours=1)
        again = books(house, email="b@example.jp")
        house.works()
        assert house.pins(again.booking.id) == ["2580"]
        with house.inside():
            keys.take_away(house.grants()[-1].id, actor=STAFF, now=house.clock.now)
        house.works()

        assert tasks(house) == [("turn_box", True)]
        assert "key.left" in deeds(house)
        assert "key.failed" not in deeds(house)

    def known_to_two(self, house: House) -> tuple[int, list[int]]:
        """Let two see the number of a box, and lose it; return the box and their codes."""
        box = house.box()
        for n in range(2):
            made = books(house, hours=(13 + 2 * n, 15 + 2 * n), email=f"{n}@example.jp")
            house.works()
            assert house.pins(made.booking.id) == ["2580"]
        return box, self.taken(house)

    def taken(self, house: House) -> list[int]:
        ids = [one.id for one in house.grants()]
        for grant_id in ids:
            with house.inside():
                keys.take_away(grant_id, actor=STAFF, now=house.clock.now)
        house.works()
        return ids

    def test_is_one_task_of_a_box_until_it_was_turned(self, house: House):
        box, ids = self.known_to_two(house)
        assert tasks(house) == [("turn_box", True)]
        with house.inside():
            doors.set_code(house.locks, box, "1379", actor=STAFF, now=house.clock.now)
        house.works()

        assert tasks(house) == [("turn_box", False)]
        assert [(one.id, one.state) for one in house.grants()] == [(x, "revoked") for x in ids]
        with house.inside():
            keys.make_anew(ids[0], actor=STAFF, now=house.clock.now)
        house.works()
        assert house.pins(house.grants()[-1].booking_id) == ["1379"]
        self.taken_last(house)
        assert tasks(house) == [("turn_box", False), ("turn_box", True)]

    def taken_last(self, house: House) -> None:
        with house.inside():
            keys.take_away(house.grants()[-1].id, actor=STAFF, now=house.clock.now)
        house.works()

    def test_another_box_s_number_says_nothing_of_this_one(self, house: House):
        box, _ids = self.known_to_two(house)
        with house.inside():
            account = house.grants()[0].account_id
        other = house.door(account, "", "room-2", name="倉庫の箱", ref="box-2", is_alone=True)
        with house.inside():
            doors.set_code(house.locks, other, "1379", actor=STAFF, now=house.clock.now)
        house.works()

        assert tasks(house) == [("turn_box", True)], box

    def test_of_a_box_that_is_used_no_more_nothing_is_asked(self, house: House):
        box, _ids = self.known_to_two(house)
        books(house, on=WEDNESDAY, email="c@example.jp")
        house.works()
        with house.inside():
            doors.end_door(box, actor=STAFF, now=house.clock.now)
        house.works()

        assert tasks(house) == [("turn_box", False), ("door_ended", True)]
        assert deeds(house).count("key.door_ended") == 1  # of the one that was to have it
        assert "key.failed" not in deeds(house)


def test_a_week_after_its_end_nothing_of_a_code_opens_or_leads_anywhere(house: House):
    """Also of one that has an address and no number: the address is as good as a number."""
    house.door(house.account(), ROOM_1)
    books(house)
    books(house, hours=(16, 18), email="b@example.jp")
    house.works()
    first, second = house.grants()
    assert first.sealed_pin
    assert first.sealed_url
    only_address = update(AccessGrant).where(AccessGrant.id == second.id)
    house.writes(lambda session: session.execute(only_address.values(sealed_pin=None)))

    def forgets(now: datetime) -> int:
        with house.inside():
            return door_watch.forget(now=now)

    assert forgets(first.ends_at + timedelta(days=7)) == 0
    assert forgets(second.ends_at + timedelta(days=7, seconds=1)) == 2
    assert [(one.sealed_pin, one.sealed_url, one.pin_mark) for one in house.grants()] == [
        (None, None, None)
    ] * 2
    assert forgets(second.ends_at + timedelta(days=8)) == 0
