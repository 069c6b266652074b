"""At the doors: what a lock holds, when it hears of a code, whom it lets in."""

from datetime import timedelta

import pytest

from app.sims.locks import LockSim, NotPossible
from tests.sims.conftest import FOUR_HOURS
from tests.sims.locking import NOON, Vendor


def minutes(locks: LockSim, after: float) -> None:
    """Go to so many minutes after twelve."""
    locks.clock.stand_still(NOON + timedelta(minutes=after))


def tried(locks: LockSim, door: str, pin: str) -> tuple[str, str]:
    found = locks.keypad(door, pin)
    return found["result"], found["reason"]


class TestAKeypad:
    def test_opens_from_the_first_second_to_the_last(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", pin="482913")
        seen = []
        for when in (49, 49.99, 50, 150, 189.99, 190, 191):
            minutes(locks, when)
            seen.append(tried(locks, "正面入口", "482913")[1])

        assert seen == ["not_yet", "not_yet", "ok", "ok", "ok", "over", "over"]

    def test_says_no_to_what_it_does_not_know(self, locks: LockSim):
        assert tried(locks, "正面入口", "000000") == ("denied", "unknown")
        with pytest.raises(NotPossible):
            locks.keypad("裏口", "1")

    def test_is_deaf_for_five_minutes_after_five_wrong_tries(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", "11:00", pin="482913")
        for _ in range(5):
            tried(locks, "正面入口", "000000")

        found = locks.keypad("正面入口", "482913")
        assert (found["result"], found["locked_until"]) == ("locked_out", "2026-12-05T03:05:00Z")
        locks.clock.advance(seconds=299)
        assert tried(locks, "正面入口", "482913")[0] == "locked_out"
        locks.clock.advance(seconds=1)
        assert tried(locks, "正面入口", "482913")[0] == "unlocked"

    def test_forgets_wrong_tries_when_it_opens(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", "11:00", pin="482913")
        for _ in range(2):
            for pin in ("000000",) * 4 + ("482913",):
                result = tried(locks, "正面入口", pin)[0]

            assert result == "unlocked"

    def test_goes_by_the_lock_s_own_clock(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", pin="482913")
        locks.fault("clock_skew", "正面入口", seconds=-600)

        minutes(locks, 55)
        assert tried(locks, "正面入口", "482913") == ("denied", "not_yet")
        minutes(locks, 195)
        assert tried(locks, "正面入口", "482913") == ("unlocked", "ok")

    def test_is_dead_without_power(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", "11:00", pin="482913")
        locks.drain("正面入口", 0)

        assert tried(locks, "正面入口", "482913") == ("denied", "no_power")

    def test_shows_the_door_open_for_a_moment(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", "11:00", pin="482913")
        url = f"/devices/{locks.device_id('正面入口')}"

        locks.keypad("正面入口", "482913")

        assert vendor.get(url)["data"]["attributes"]["state"] == "unlocked"
        locks.clock.advance(seconds=20)
        assert vendor.get(url)["data"]["attributes"]["state"] == "locked"


class TestTheLag:
    def test_a_code_is_not_in_the_lock_before_its_heartbeat(self, locks: LockSim, vendor: Vendor):
        person = vendor.booked("集会室", pin="482913")["access_person_id"]
        assert locks.held("集会室") == []

        locks.clock.advance(seconds=899)
        assert vendor.counts(person) == [(1, 0, 1, 0)]
        locks.clock.advance(seconds=1)

        assert vendor.counts(person) == [(1, 1, 0, 0)]
        assert [one["pin"] for one in locks.held("集会室")] == ["482913"]
        assert [one["attributes"]["occurred_at"] for one in locks.events()] == [
            "2026-12-05T03:15:00Z"
        ]

    def test_a_lock_on_mains_knows_at_once(self, locks: LockSim, vendor: Vendor):
        person = vendor.booked("正面入口")["access_person_id"]

        assert vendor.counts(person) == [(1, 1, 0, 0)]
        assert [one["type"] for one in locks.events()] == ["access_person_synced_event"]

    def test_a_code_can_be_forced_into_a_lock(self, locks: LockSim, vendor: Vendor):
        vendor.booked("ホール")

        assert locks.heartbeat("ホール") == 1
        assert locks.heartbeat("ホール") == 0
        assert locks.heartbeat() == 0

    def test_a_touch_wakes_the_lock_so_that_the_second_try_opens(
        self, locks: LockSim, vendor: Vendor
    ):
        vendor.booked("ホール", "12:20", pin="482913")
        minutes(locks, 25)

        first = locks.keypad("ホール", "482913")

        assert (first["result"], first["reason"]) == ("denied", "unknown")
        assert (first["woke"], first["changed"]) == (True, 1)
        assert tried(locks, "ホール", "482913") == ("unlocked", "ok")

    def test_a_guest_is_late_when_the_time_begins_and_the_lock_knows_nothing(
        self, locks: LockSim, vendor: Vendor
    ):
        person = vendor.booked("ホール", "12:20", "18:00")["access_person_id"]
        minutes(locks, 20)
        assert locks.events("access_guest_late_sync") == []

        minutes(locks, 60)
        locks.clock.advance(seconds=60)

        [late] = locks.events("access_guest_late_sync")
        assert late["attributes"]["associated_resource_id"] == person
        assert late["attributes"]["occurred_at"] == "2026-12-05T03:21:00Z"

    def test_a_guest_is_late_before_the_heartbeat_that_comes_after(
        self, locks: LockSim, vendor: Vendor
    ):
        vendor.booked("ホール", "15:50", "18:00")
        vendor.booked("ホール", "16:10", "18:00", id="R-2-1")

        locks.clock.advance(seconds=FOUR_HOURS + 1800)

        kinds = [one["type"].removesuffix("_event") for one in locks.events()]
        assert kinds == ["access_guest_late_sync", "access_person_synced", "access_person_synced"]

    def test_a_cancelled_code_opens_until_the_lock_hears_of_it(
        self, locks: LockSim, vendor: Vendor
    ):
        person = vendor.booked("集会室", "12:20", pin="482913")["access_person_id"]
        minutes(locks, 21)
        vendor.call("PUT", "/bookings/R-1-1/deactivate")

        assert vendor.counts(person) == [(1, 0, 1, 0)]
        assert tried(locks, "集会室", "482913") == ("unlocked", "ok")
        assert vendor.counts(person) == [(1, 1, 0, 0)]
        assert tried(locks, "集会室", "482913") == ("denied", "unknown")

    def test_a_moved_booking_is_the_old_one_for_the_lock(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", "12:20", "13:00", pin="482913")
        minutes(locks, 15)
        told = {"starts_at": "2026-12-05T13:00:00", "ends_at": "2026-12-05T14:00:00"}
        vendor.call("PUT", "/bookings/R-1-1", {"attributes": told})

        held = locks.held("集会室")[0]
        assert held["ends_at"] == "2026-12-05T13:00:00"
        minutes(locks, 30)
        assert locks.held("集会室")[0]["ends_at"] == "2026-12-05T14:00:00"

    def test_a_code_whose_time_is_over_leaves_the_lock(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", "12:20", "13:00")
        minutes(locks, 16)
        assert len(locks.held("集会室")) == 1

        minutes(locks, 76)
        assert tried(locks, "集会室", locks.held("集会室")[0]["pin"]) == ("denied", "over")
        minutes(locks, 76 + 24 * 60)

        assert locks.held("集会室") == []

    def test_one_code_for_several_doors(self, locks: LockSim, vendor: Vendor):
        booked = vendor.booked("正面入口", "12:20", pin="482913")
        for door in ("集会室", "ホール"):
            assert vendor.grant(booked["access_person_id"], door).status_code == 201

        assert vendor.counts(booked["access_person_id"]) == [
            (1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 1, 0)
        ]  # fmt: skip
        locks.heartbeat()
        minutes(locks, 30)
        assert {
            tried(locks, door, booked["pin"])[0] for door in ("正面入口", "集会室", "ホール")
        } == {"unlocked"}

    def test_a_year_goes_by_quickly(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", "2027-11-30T12:00:00", "2027-11-30T13:00:00")

        locks.clock.advance(days=360)

        assert len(locks.held("集会室")) == 1
        url = f"/devices/{locks.device_id('集会室')}"
        contact = Vendor(locks).get(url)["data"]["attributes"]["connected_at"]
        assert contact == "2027-11-30T03:00:00Z"


class TestALockThatIsAway:
    def test_keeps_what_it_has_and_learns_nothing(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", "12:00", "13:00", pin="482913")
        locks.heartbeat("集会室")
        locks.fault("offline", "集会室")
        vendor.call("PUT", "/bookings/R-1-1/deactivate")
        vendor.booked("集会室", "12:00", "13:00", id="R-2-1", pin="735190")

        minutes(locks, 59)

        assert tried(locks, "集会室", "735190") == ("denied", "unknown")
        assert tried(locks, "集会室", "482913") == ("unlocked", "ok")
        minutes(locks, 60)
        assert tried(locks, "集会室", "482913") == ("denied", "over")

    def test_is_missed_at_its_heartbeat_and_told_when_it_is_back(
        self, locks: LockSim, vendor: Vendor
    ):
        url = f"/devices/{locks.device_id('集会室')}"
        locks.fault("offline", "集会室")
        assert vendor.get(url)["data"]["attributes"]["alive"] is True
        minutes(locks, 15)
        assert vendor.get(url)["data"]["attributes"]["alive"] is False

        locks.lift("offline", "集会室")
        minutes(locks, 30)

        assert vendor.get(url)["data"]["attributes"]["alive"] is True
        assert [one["attributes"]["status"] for one in locks.events("connectivity")] == [
            "failed",
            "succeeded",
        ]

    def test_can_be_away_for_a_number_of_heartbeats(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室")
        locks.fault("offline", "集会室", count=2)

        minutes(locks, 30)
        assert locks.held("集会室") == []
        minutes(locks, 45)
        assert len(locks.held("集会室")) == 1

    def test_tells_later_what_happened_at_the_door(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", "11:00", pin="482913")
        locks.heartbeat("集会室")
        locks.fault("offline", "集会室")
        tried(locks, "集会室", "482913")
        assert locks.events("unlocked") == []

        locks.lift()
        minutes(locks, 15)

        [used] = locks.events("unlocked")
        assert used["attributes"]["occurred_at"] == "2026-12-05T03:00:00Z"

    def test_leaves_the_other_doors_alone(self, locks: LockSim, vendor: Vendor):
        locks.fault("offline", "集会室")
        vendor.booked("正面入口")

        assert len(locks.held("正面入口")) == 1


class TestALockThatDoesNotTakeACode:
    def test_fails_and_takes_it_the_next_time(self, locks: LockSim, vendor: Vendor):
        locks.fault("sync_fail", "集会室")
        person = vendor.booked("集会室")["access_person_id"]

        minutes(locks, 15)

        assert vendor.counts(person) == [(1, 0, 0, 1)]
        [failed] = locks.events("access_person_sync_failed")
        assert failed["attributes"]["status_info"] == "timeout"
        assert failed["attributes"]["associated_resource_id"] == person
        minutes(locks, 30)
        assert vendor.counts(person) == [(1, 1, 0, 0)]

    def test_on_mains_too(self, locks: LockSim, vendor: Vendor):
        locks.fault("sync_fail", "正面入口")
        person = vendor.booked("正面入口")["access_person_id"]

        locks.clock.advance(seconds=60)
        assert vendor.counts(person) == [(1, 0, 0, 1)]
        locks.clock.advance(seconds=900)
        assert vendor.counts(person) == [(1, 1, 0, 0)]


class TestALockWithoutNetwork:
    def test_opens_in_its_hours_and_tells_nobody(self, locks: LockSim, vendor: Vendor):
        pin = vendor.booked("倉庫", "13:00", "15:00")["pin"]
        seen = []
        for when in (59, 60, 179, 180):
            minutes(locks, when)
            seen.append(tried(locks, "倉庫", pin)[1])

        assert seen == ["not_yet", "ok", "ok", "over"]
        assert tried(locks, "倉庫", "123456789") == ("denied", "unknown")
        assert locks.events() == []
        assert locks.heartbeat("倉庫") == 0

    def test_wants_a_long_number_to_be_used_on_the_first_day(self, locks: LockSim, vendor: Vendor):
        pin = vendor.booked("倉庫", "13:00", "2026-12-08T13:00:00")["pin"]
        minutes(locks, 60 + 24 * 60)
        assert tried(locks, "倉庫", pin) == ("denied", "over")

        minutes(locks, 60)
        assert tried(locks, "倉庫", pin) == ("unlocked", "ok")
        minutes(locks, 60 + 48 * 60)
        assert tried(locks, "倉庫", pin) == ("unlocked", "ok")


class TestABattery:
    def test_that_is_low_is_told_once(self, locks: LockSim, vendor: Vendor):
        locks.fault("battery_low", "集会室")
        url = f"/devices/{locks.device_id('集会室')}"
        assert vendor.get(url)["data"]["attributes"]["power_level"] == 10
        assert locks.events("power_level_low") == []

        minutes(locks, 45)

        [low] = locks.events("power_level_low")
        assert low["attributes"]["power_level"] == 10
        assert low["attributes"]["publisher_id"] == locks.device_id("集会室")

    def test_that_is_new_can_be_low_again(self, locks: LockSim):
        for power in (10, 100, 15):
            locks.drain("集会室", power)
            locks.heartbeat("集会室")

        assert len(locks.events("power_level_low")) == 2
