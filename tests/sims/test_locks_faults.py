"""What goes wrong on order in the locks' API, and the orders as JSON."""

import threading
import time
from typing import Any

import pytest
import requests

from app.sims.locks import LockSim
from tests.sims.locking import CITY_APP, TOWN_APP, Vendor


class TestFaults:
    def test_five_hundred_before_anything_is_done(self, locks: LockSim, vendor: Vendor):
        locks.fault("http_500_once")

        answer = vendor.book("集会室")

        assert (answer.status_code, answer.json()["type"]) == (500, "internal_server_error")
        assert "X-RateLimit-Remaining" in answer.headers
        assert locks.cloud() == []
        assert vendor.book("集会室").status_code == 201

    def test_an_answer_that_is_lost_after_it_was_done(self, locks: LockSim, vendor: Vendor):
        locks.fault("timeout_after_commit", "集会室")
        assert vendor.get("/devices")  # reading loses nothing

        with pytest.raises(requests.ConnectionError):
            vendor.book("集会室", pin="482913")

        assert vendor.get("/bookings/R-1-1")["data"]["attributes"]["pin"] == "482913"
        assert vendor.book("集会室").status_code == 409
        assert len(locks.cloud()) == 1

    def test_an_answer_that_is_slow(self, locks: LockSim, vendor: Vendor):
        locks.fault("slow", seconds=0.6)
        done: list[int] = []
        slow = threading.Thread(target=lambda: done.append(vendor.book("集会室").status_code))
        began = time.monotonic()
        slow.start()
        while not locks.requests("POST", "/bookings"):
            time.sleep(0.01)

        time.sleep(0.1)
        assert vendor.get("/devices")  # others are not kept waiting
        assert done == []
        slow.join()
        assert done == [201]
        assert time.monotonic() - began >= 0.6

    def test_too_many_calls(self, locks: LockSim, vendor: Vendor):
        locks.fault("rate_limit", count=2, seconds=7)

        refused = [vendor.call("GET", "/devices") for _ in range(2)]

        assert [one.status_code for one in refused] == [429, 429]
        assert refused[0].headers["Retry-After"] == "7"
        assert vendor.call("GET", "/devices").status_code == 200

    def test_a_token_that_is_good_no_more(self, locks: LockSim, vendor: Vendor):
        locks.fault("token_expired")

        assert vendor.call("GET", "/devices").status_code == 403
        assert vendor.call("GET", "/devices").status_code == 403
        assert Vendor(locks).call("GET", "/devices").status_code == 200

    def test_a_number_that_is_replaced(self, locks: LockSim, vendor: Vendor):
        locks.fault("pin_replaced", "集会室")

        assert vendor.booked("正面入口", id="R-0", pin="735190")["pin"] == "735190"
        assert vendor.booked("集会室", pin="482913")["pin"] != "482913"
        assert vendor.booked("集会室", id="R-2-1", pin="482913")["pin"] == "482913"

    def test_a_conflict_about_nothing(self, locks: LockSim, vendor: Vendor):
        locks.fault("conflict", "集会室")

        assert vendor.book("集会室").status_code == 409
        assert vendor.call("GET", "/bookings/R-1-1").status_code == 404
        assert vendor.book("集会室").status_code == 201

    def test_at_one_door_only_also_when_its_booking_is_meant(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室")
        vendor.booked("正面入口", id="R-2-1")
        locks.fault("http_500_once", "集会室")

        assert vendor.call("PUT", "/bookings/R-2-1/deactivate").status_code == 200
        assert vendor.call("GET", "/bookings/R-1-1").status_code == 500

    def test_can_be_taken_back(self, locks: LockSim, vendor: Vendor):
        locks.fault("http_500_once", count=5)
        locks.fault("offline", "集会室")

        locks.lift("http_500_once")

        assert [one["mode"] for one in locks.faults()] == ["offline"]
        assert vendor.call("GET", "/devices").status_code == 200

    def test_of_no_known_kind(self, locks: LockSim):
        with pytest.raises(ValueError, match="no such fault"):
            locks.fault("explode")


class TestOrdersAsJson:
    def order(self, locks: LockSim, path: str, told: object, method: str = "POST") -> Any:
        return requests.request(method, f"{locks.base_url}/__sim/{path}", json=told)

    def test_move_the_clock(self, locks: LockSim):
        assert self.order(locks, "clock", {"advance_s": 600}).json() == {
            "now": "2026-12-05T03:10:00+00:00"
        }
        told = {"now": "2026-12-05T12:49:00+09:00", "stand_still": True}
        assert self.order(locks, "clock", told).json()["now"] == "2026-12-05T03:49:00+00:00"
        assert self.order(locks, "clock", {"real": True}).status_code == 200
        assert locks.clock.offset.total_seconds() == 0

    @pytest.mark.parametrize(
        "told", [{}, {"now": "2026-12-05T12:49:00"}, {"now": "noon"}, {"advance_s": "x"}, []]
    )
    def test_that_say_no_time_are_refused(self, locks: LockSim, told: object):
        assert self.order(locks, "clock", told).status_code == 422

    def test_bring_a_code_into_a_lock_and_try_it(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", "11:00", pin="482913")
        door = locks.device_id("集会室")

        assert self.order(locks, "heartbeat", {"device_id": door}).json() == {"changed": 1}
        told = {"device_id": door, "pin": "482913"}
        assert self.order(locks, "keypad", told).json()["result"] == "unlocked"

    def test_make_faults_and_take_them_back(self, locks: LockSim):
        door = locks.device_id("集会室")
        told = {"device_id": door, "mode": "sync_fail", "count": 3}

        assert self.order(locks, "faults", told).json()["faults"][0]["left"] == 3
        assert self.order(locks, "faults", {}, "DELETE").json() == {"faults": []}
        assert self.order(locks, "faults", {"mode": "explode"}).status_code == 422
        assert self.order(locks, "faults", {}).status_code == 422
        nowhere = {"mode": "offline", "device_id": "nowhere"}
        assert self.order(locks, "faults", nowhere).status_code == 404

    def test_show_what_the_cloud_and_the_locks_hold(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室", pin="482913")

        found = requests.get(f"{locks.base_url}/__sim/state").json()

        assert found["now"] == "2026-12-05T03:00:00Z"
        assert found["cloud"][0]["attributes"]["pin"] == "482913"
        assert found["held"][locks.device_id("集会室")] == []

    def test_hand_out_a_code_and_change_settings(self, locks: LockSim):
        told = {"client_id": CITY_APP, "account": "town"}

        assert self.order(locks, "codes", told).json()["code"]
        assert self.order(locks, "settings", {"rate_limit": 1}).status_code == 200
        assert Vendor(locks, TOWN_APP).call("GET", "/devices").status_code == 200
        assert self.order(locks, "settings", {"colour": 1}).status_code == 422
