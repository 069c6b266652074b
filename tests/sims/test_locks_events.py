"""Events of the locks, and how they come to whoever subscribed."""

from pathlib import Path
from typing import Any

import pytest

from app.sims.locks import LockSim, NotPossible, courier, events
from tests.sims.conftest import Listener, accounts
from tests.sims.locking import NOON, OTHER_APP, TOWN_APP, Vendor


def subscriber(vendor: Vendor, url: str, **changed: Any) -> Any:
    told = {"active": True, "name": "会館", "url": url, "content_type": "json"} | changed
    body = {"type": "webhook_notification_subscriber", "attributes": told}
    return vendor.call("POST", "/notification_subscribers", body)


def subscription(vendor: Vendor, taker: str, kind: str, ident: str, *events: str) -> Any:
    told = {
        "events": [{"event_type": one} for one in events],
        "publisher_type": kind,
        "publisher_id": ident,
        "subscriber_type": "webhook_notification_subscriber",
        "subscriber_id": taker,
    }
    return vendor.call("POST", "/notification_subscriptions", {"attributes": told})


def types(locks: LockSim) -> list[str]:
    return [one["type"].removesuffix("_event") for one in locks.events()]


class TestEvents:
    def test_tell_of_an_entry_by_lock_and_by_person(self, locks: LockSim, vendor: Vendor):
        person = vendor.booked("正面入口", "11:00", pin="482913")["access_person_id"]

        locks.keypad("正面入口", "482913")

        assert types(locks) == ["access_person_synced", "unlocked", "access_person_used"]
        unlocked, used = (one["attributes"] for one in locks.events()[1:])
        door = locks.device_id("正面入口")
        assert (unlocked["publisher_id"], unlocked["associated_resource_id"]) == (door, person)
        assert (used["publisher_id"], used["associated_resource_id"]) == (person, door)
        assert (unlocked["method"], unlocked["pin"]) == ("pin", "482913")
        assert unlocked["time_zone"] == "Asia/Tokyo"

    def test_tell_of_a_refusal(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", pin="482913")

        locks.keypad("正面入口", "000000")
        locks.keypad("正面入口", "482913")

        unknown, early = (one["attributes"] for one in locks.events("access_denied"))
        assert unknown["status"] == "failed"
        assert "associated_resource_id" not in unknown
        assert early["associated_resource_type"] == "access_guest"
        assert locks.events("access_person_used")[0]["attributes"]["status"] == "failed"

    def test_are_listed_the_newest_first(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口", "11:00", pin="482913")
        locks.clock.advance(seconds=60)
        locks.keypad("正面入口", "482913")

        body = vendor.get("/events")

        assert [one["type"] for one in body["data"]] == [
            "access_person_used_event",
            "unlocked_event",
            "access_person_synced_event",
        ]
        assert set(body["data"][0]) == {"type", "attributes", "id", "links"}
        one = body["data"][0]
        assert vendor.get(f"/events/{one['id']}")["data"] == one
        oldest = vendor.get("/events", sort="occurred_at", per_page=1)["data"]
        assert oldest[0]["type"] == "access_person_synced_event"

    def test_are_forgotten_when_they_are_very_many(
        self, locks: LockSim, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(events, "MOST_KEPT", 3)
        vendor.booked("正面入口", "11:00", pin="482913")
        for _ in range(3):
            locks.keypad("正面入口", "482913")

        assert types(locks) == ["access_person_used", "unlocked", "access_person_used"]

    def test_are_the_account_s_own(self, locks: LockSim, vendor: Vendor):
        vendor.booked("正面入口")
        event = vendor.get("/events")["data"][0]["id"]
        town = Vendor(locks, TOWN_APP)

        assert town.get("/events")["data"] == []
        assert town.call("GET", f"/events/{event}").status_code == 404


class TestSubscribing:
    def test_brings_what_was_asked_of_one_door(
        self, locks: LockSim, vendor: Vendor, listener: Listener
    ):
        taker = subscriber(vendor, listener.url).json()["data"]["id"]
        door = locks.device_id("正面入口")
        answer = subscription(vendor, taker, "lock", door, "access_person_synced")
        assert answer.status_code == 201
        assert answer.json()["data"]["attributes"]["events"] == [
            {"event_type": "access_person_synced"}
        ]

        person = vendor.booked("正面入口")["access_person_id"]
        vendor.booked("集会室", id="R-2-1")
        locks.heartbeat()
        locks.keypad("正面入口", "000000")

        assert locks.wait_for_deliveries(5)
        [event] = listener.events
        assert event["data"]["type"] == "access_person_synced_event"
        assert event["data"]["attributes"]["publisher_id"] == door
        assert event["data"]["attributes"]["associated_resource_id"] == person
        assert vendor.get(f"/events/{event['data']['id']}")["data"] == event["data"]

    @pytest.mark.parametrize(("kind", "doors"), [("account", 2), ("location", 1)])
    def test_brings_those_of_a_place_or_of_all(
        self, locks: LockSim, vendor: Vendor, listener: Listener, kind: str, doors: int
    ):
        taker = subscriber(vendor, listener.url).json()["data"]["id"]
        hall = vendor.get(f"/devices/{locks.device_id('ホール')}")["data"]["attributes"]
        ident = hall["location_id"] if kind == "location" else locks.account("city").id
        subscription(vendor, taker, kind, ident, "access_person_synced")
        vendor.booked("ホール")
        vendor.booked("正面入口", id="R-2-1")
        locks.heartbeat()

        assert locks.wait_for_deliveries(5)
        assert len(listener.events) == doors

    def test_is_refused_what_does_not_exist(self, locks: LockSim, vendor: Vendor):
        assert subscriber(vendor, "nowhere").status_code == 422
        assert subscriber(vendor, "http://a.example/", content_type="form").status_code == 422
        taker = subscriber(vendor, "http://a.example/").json()["data"]["id"]
        door, strange = locks.device_id("正面入口"), locks.device_id("町の入口")
        assert subscription(vendor, taker, "lock", door, "explosion").status_code == 422
        assert subscription(vendor, taker, "lock", door).status_code == 422
        assert subscription(vendor, taker, "lock", strange, "unlocked").status_code == 404
        town = Vendor(locks, TOWN_APP)
        assert subscription(town, taker, "lock", strange, "unlocked").status_code == 404

    def test_can_be_changed_and_ended(self, locks: LockSim, vendor: Vendor, listener: Listener):
        taker = subscriber(vendor, listener.url).json()["data"]["id"]
        subscription(vendor, taker, "account", locks.account("city").id, "access_person_synced")
        url = f"/notification_subscribers/{taker}"
        vendor.call("PUT", url, {"attributes": {"active": False}})
        vendor.booked("正面入口")
        assert locks.deliveries() == []

        other = Vendor(locks, OTHER_APP)
        assert other.get("/notification_subscribers")["data"][0]["attributes"]["active"] is False
        assert vendor.get("/notification_subscriptions")["meta"]["total_count"] == 1
        assert vendor.call("DELETE", url).status_code == 204
        assert vendor.get("/notification_subscriptions")["meta"]["total_count"] == 0


class TestDelivery:
    @pytest.fixture
    def heard(self, locks: LockSim, listener: Listener) -> Listener:
        locks.webhook(listener.url, "city")
        return listener

    def kinds(self, listener: Listener) -> list[str]:
        return [one["data"]["type"].removesuffix("_event") for one in listener.events]

    def test_is_tried_again_until_it_is_taken(
        self, locks: LockSim, vendor: Vendor, heard: Listener
    ):
        heard.status += [500, 302]
        vendor.booked("正面入口")

        assert locks.wait_for_deliveries(5)
        [delivery] = locks.deliveries()
        assert [one["status"] for one in delivery["attempts"]] == [500, 302, 200]

    def test_is_given_up_in_the_end(
        self, locks: LockSim, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(courier, "BACK_OFF", (0.01,))
        locks.webhook("http://127.0.0.1:1/nobody")
        vendor.booked("正面入口")

        assert locks.wait_for_deliveries(5)
        assert locks.deliveries()[0]["state"] == "given up"

    def test_never_comes_on_order_and_the_event_is_kept(
        self, locks: LockSim, vendor: Vendor, heard: Listener
    ):
        locks.fault("never_webhook", "正面入口")

        vendor.booked("正面入口")

        assert locks.deliveries() == []
        assert types(locks) == ["access_person_synced"]

    def test_is_held_and_comes_backwards(self, locks: LockSim, vendor: Vendor, heard: Listener):
        locks.hold_deliveries()
        vendor.booked("正面入口", "11:00", pin="482913")
        locks.keypad("正面入口", "482913")
        backwards = [one["id"] for one in locks.events()][::-1]

        locks.release_deliveries(backwards)

        assert locks.wait_for_deliveries(5)
        assert [one["data"]["id"] for one in heard.events] == backwards

    def test_is_lost_on_order(self, locks: LockSim, vendor: Vendor, heard: Listener):
        locks.hold_deliveries()
        vendor.booked("正面入口")

        locks.discard_deliveries()
        locks.release_deliveries()

        assert locks.wait_for_deliveries(5)
        assert heard.events == []

    def test_comes_again_by_hand(self, locks: LockSim, vendor: Vendor, heard: Listener):
        vendor.booked("正面入口")
        assert locks.wait_for_deliveries(5)
        heard.status.append(409)

        assert locks.replay(locks.events()[0]["id"]) == 409

        first, second = heard.events
        assert first == second
        with pytest.raises(NotPossible):
            locks.replay("nothing")

    def test_of_what_never_happened(self, locks: LockSim, vendor: Vendor, heard: Listener):
        assert locks.forge("access_person_synced", "集会室", "somebody", id="made-up") == 200

        [event] = heard.events
        assert event["data"]["id"] == "made-up"
        assert event["data"]["attributes"]["associated_resource_id"] == "somebody"
        assert vendor.call("GET", "/events/made-up").status_code == 404


class TestARestart:
    def test_forgets_nothing(self, tmp_path: Path, listener: Listener):
        file = tmp_path / "locks.json"
        with LockSim(*accounts(), state=file) as first:
            first.clock.set(NOON)
            first.webhook(listener.url)
            vendor = Vendor(first)
            vendor.booked("正面入口", "11:00", pin="482913")
            vendor.booked("集会室", "11:00", id="R-2-1", pin="735190")
            first.fault("offline", "集会室")
            first.drain("ホール", 30)
            assert first.wait_for_deliveries(5)
            port = first.listening.port

        with LockSim(*accounts(), state=file, port=port) as second:
            second.webhook(listener.url)
            assert vendor.get("/bookings/R-2-1")["data"]["attributes"]["pin"] == "735190"
            assert second.keypad("正面入口", "482913")["result"] == "unlocked"
            assert second.keypad("集会室", "735190")["result"] == "denied"
            assert [one["mode"] for one in second.faults()] == ["offline"]
            hall = vendor.get(f"/devices/{second.device_id('ホール')}")["data"]["attributes"]
            assert hall["power_level"] == 30
            assert abs((second.clock.now() - NOON).total_seconds()) < 60
            assert types(second)[0] == "access_person_synced"
            assert second.wait_for_deliveries(5)
        assert len(vendor_events(listener, "unlocked_event")) == 1

    def test_sends_what_was_waiting(self, tmp_path: Path, listener: Listener):
        file = tmp_path / "locks.json"
        listener.status.append(503)
        with LockSim(*accounts(), state=file) as first:
            first.hold_deliveries()
            first.webhook(listener.url)
            Vendor(first).booked("正面入口")

        with LockSim(*accounts(), state=file) as second:
            second.release_deliveries()
            assert second.wait_for_deliveries(5)
        assert second.deliveries()[0]["state"] == "delivered"


def vendor_events(listener: Listener, kind: str) -> list[Any]:
    return [one for one in listener.events if one["data"]["type"] == kind]
