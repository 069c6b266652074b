"""Access persons, their doors, and bookings, as the locks' API shows them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from app.sims.locks import LockSim
from tests.sims.locking import OTHER_APP, TOWN_APP, Vendor

GUEST = {"name": "R-1", "starts_at": "2026-12-05T12:50:00", "ends_at": "2026-12-05T15:10:00"}


def person(vendor: Vendor, kind: str = "access_guest", **attributes: Any) -> requests.Response:
    return vendor.call("POST", "/access_persons", {"type": kind, "attributes": attributes})


def wrong(answer: requests.Response) -> dict[str | None, list[str]]:
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert "attributes" in body
    return {one["attribute"]: one["messages"] for one in body["errors"]}


class TestAPerson:
    def test_is_created_with_the_number_that_was_asked(self, vendor: Vendor):
        answer = person(vendor, **GUEST, pin="482913")

        assert answer.status_code == 201
        data = answer.json()["data"]
        assert data["type"] == "access_guest"
        told = data["attributes"]
        assert (told["pin"], told["status"]) == ("482913", "upcoming")
        assert told["starts_at"] == "2026-12-05T12:50:00"
        assert told["created_at"] == "2026-12-05T03:00:00Z"

    def test_or_with_one_that_is_made_up(self, vendor: Vendor):
        told = person(vendor, **GUEST, generate_pin=True).json()["data"]["attributes"]

        assert len(told["pin"]) == 6
        assert told["pin"].isdecimal()

    def test_without_times_is_let_in_for_ever(self, vendor: Vendor):
        data = person(vendor, "access_user", name="清掃", pin="7391").json()["data"]

        assert data["attributes"]["status"] == "current"
        assert "starts_at" not in data["attributes"]

    @pytest.mark.parametrize(
        ("changed", "name", "message"),
        [
            ({}, None, "pin, generate_pin or card_number is required"),
            ({"pin": "12"}, "pin", "must be 4 to 10 digits"),
            ({"pin": 482913}, "pin", "must be 4 to 10 digits"),
            ({"pin": "1234", "name": ""}, "name", "is empty"),
            ({"pin": "1234", "starts_at": None}, "starts_at", "is empty"),
            (
                {"pin": "1234", "starts_at": "2026-12-05T12:50:00+09:00"},
                "starts_at",
                "is not an ISO 8601 timestamp without time zone",
            ),
            (
                {"pin": "1234", "ends_at": "2026-02-30T12:00:00"},
                "ends_at",
                "is not a time that exists",
            ),
            (
                {"pin": "1234", "ends_at": "2026-12-05T12:50:00"},
                "ends_at",
                "must be after starts_at",
            ),
            ({"pin": "1234", "pn": "1"}, "pn", "is not an attribute of this resource"),
            ({"pin": "1234", "generate_pin": "yes"}, "generate_pin", "is not a boolean"),
        ],
    )
    def test_is_refused_in_the_vendor_s_shape(
        self, vendor: Vendor, changed: dict[str, Any], name: str | None, message: str
    ):
        assert wrong(person(vendor, **(GUEST | changed))) == {name: [message]}

    def test_all_that_is_wrong_is_told_at_once(self, vendor: Vendor):
        answer = person(vendor, pin="1")

        assert set(wrong(answer)) == {"name", "starts_at", "ends_at", "pin"}
        assert answer.json()["attributes"] == {"pin": "1"}
        assert "pin must be 4 to 10 digits" in [
            message for one in answer.json()["errors"] for message in one["full_messages"]
        ]

    def test_of_no_known_kind_is_refused(self, vendor: Vendor):
        assert "type" in wrong(person(vendor, "resident", **GUEST, pin="1234"))
        assert vendor.call("POST", "/access_persons", {"type": "x"}).status_code == 400
        assert vendor.call("POST", "/access_persons", ["x"]).status_code == 400

    def test_can_not_have_a_number_of_another_at_the_same_time(self, vendor: Vendor):
        person(vendor, **GUEST, pin="482913")
        later = GUEST | {"starts_at": "2026-12-05T15:10:00", "ends_at": "2026-12-05T18:00:00"}

        assert wrong(person(vendor, **GUEST, pin="482913")) == {"pin": ["has already been taken"]}
        assert person(vendor, **later, pin="482913").status_code == 201

    def test_goes_from_upcoming_to_current_to_expired(self, locks: LockSim, vendor: Vendor):
        url = f"/access_persons/{person(vendor, **GUEST, pin='1234').json()['data']['id']}"
        seen = []
        for minutes in (49, 1, 139, 1):
            locks.clock.advance(seconds=60 * minutes)
            vendor = Vendor(locks)
            seen.append(vendor.get(url)["data"]["attributes"]["status"])

        assert seen == ["upcoming", "current", "current", "expired"]
        assert vendor.get(url)["data"]["meta"] == {"restricted_actions": ["update"]}
        moved = vendor.call("PUT", url, {"attributes": {"name": "R-2"}})
        assert None in wrong(moved)

    def test_is_moved(self, vendor: Vendor):
        url = f"/access_persons/{person(vendor, **GUEST, pin='1234').json()['data']['id']}"

        told = {"ends_at": "2026-12-05T16:00:00", "pin": "9876"}
        answer = vendor.call("PUT", url, {"attributes": told})

        assert answer.status_code == 200
        found = vendor.get(url)["data"]["attributes"]
        assert (found["ends_at"], found["pin"]) == ("2026-12-05T16:00:00", "9876")
        assert "ends_at" in wrong(
            vendor.call("PUT", url, {"attributes": {"ends_at": "2026-12-05T10:00:00"}})
        )

    def test_is_hidden_from_the_list_when_it_is_over(self, vendor: Vendor):
        kept, gone = (
            person(vendor, **GUEST, pin=pin).json()["data"]["id"] for pin in ("1234", "2345")
        )
        answer = vendor.call("PUT", f"/access_persons/{gone}/deactivate")

        assert answer.json()["data"]["attributes"]["status"] == "deactivated"
        assert [one["id"] for one in vendor.get("/access_persons")["data"]] == [kept]
        over = vendor.get("/access_persons", **{"attributes[status][]": ["expired", "deactivated"]})
        assert [one["id"] for one in over["data"]] == [gone]

    def test_is_listed_in_order_and_by_kind(self, vendor: Vendor):
        person(vendor, "access_user", name="い", pin="1234")
        person(vendor, **(GUEST | {"name": "ろ"}), pin="2345")

        ordered = vendor.get("/access_persons", sort="-name")["data"]
        assert [one["attributes"]["name"] for one in ordered] == ["ろ", "い"]
        users = vendor.get("/access_persons", type="access_user")["data"]
        assert [one["attributes"]["name"] for one in users] == ["い"]
        assert vendor.call("GET", "/access_persons", sort="pin").status_code == 400

    def test_disappears_when_it_is_deleted(self, vendor: Vendor):
        url = f"/access_persons/{person(vendor, **GUEST, pin='1234').json()['data']['id']}"

        answer = vendor.call("DELETE", url)

        assert (answer.status_code, answer.content) == (204, b"")
        assert vendor.call("GET", url).status_code == 404

    def test_of_another_account_is_not_there(self, locks: LockSim, vendor: Vendor):
        url = f"/access_persons/{person(vendor, **GUEST, pin='1234').json()['data']['id']}"
        town = Vendor(locks, TOWN_APP)

        for method in ("GET", "DELETE"):
            assert town.call(method, url).status_code == 404
        assert town.call("PUT", f"{url}/deactivate").status_code == 404
        assert Vendor(locks, OTHER_APP).call("GET", url).status_code == 200
        assert person(town, **GUEST, pin="1234").status_code == 201


class TestAnAccess:
    @pytest.fixture
    def guest(self, vendor: Vendor) -> str:
        return str(person(vendor, **GUEST, pin="482913").json()["data"]["id"])

    def test_counts_nothing_right_after_the_call(self, vendor: Vendor, guest: str):
        answer = vendor.grant(guest, "集会室")

        assert answer.status_code == 201
        told = answer.json()["data"]["attributes"]
        assert [value for name, value in told.items() if name.endswith("_count")] == [0, 0, 0, 0]
        assert vendor.counts(guest) == [(1, 0, 1, 0)]

    def test_counts_nothing_for_a_while_if_that_is_wished(
        self, locks: LockSim, vendor: Vendor, guest: str
    ):
        locks.settings(settle=5)
        vendor.grant(guest, "正面入口")

        assert vendor.counts(guest) == [(0, 0, 0, 0)]
        locks.clock.advance(seconds=5)
        assert vendor.counts(guest) == [(1, 1, 0, 0)]

    def test_is_shown_with_its_person_and_with_its_door(
        self, locks: LockSim, vendor: Vendor, guest: str
    ):
        ident = vendor.grant(guest, "集会室").json()["data"]["id"]

        door = locks.device_id("集会室")
        one = vendor.get(f"/access_persons/{guest}/accesses/{ident}")["data"]
        assert (one["attributes"]["accessible_id"], one["attributes"]["access_person_id"]) == (
            door,
            guest,
        )
        listed = vendor.get(f"/devices/{door}/access_person_accesses")
        assert [one["id"] for one in listed["data"]] == [ident]

    def test_to_a_place_is_to_all_its_doors(self, locks: LockSim, vendor: Vendor, guest: str):
        door = vendor.get(f"/devices/{locks.device_id('集会室')}")["data"]["attributes"]
        told = {"accessible_type": "location", "accessible_id": door["location_id"]}

        answer = vendor.call("POST", f"/access_persons/{guest}/accesses", {"attributes": told})

        assert answer.status_code == 201
        assert vendor.counts(guest) == [(2, 1, 1, 0)]

    @pytest.mark.parametrize(
        ("kind", "door"), [("lock", "町の入口"), ("acs_door", "集会室"), ("lock", "倉庫")]
    )
    def test_to_what_is_not_there_is_refused(
        self, locks: LockSim, vendor: Vendor, guest: str, kind: str, door: str
    ):
        told = {"accessible_type": kind, "accessible_id": locks.device_id(door)}

        answer = vendor.call("POST", f"/access_persons/{guest}/accesses", {"attributes": told})

        assert answer.status_code == 404

    def test_is_given_once(self, vendor: Vendor, guest: str):
        vendor.grant(guest, "集会室")

        assert vendor.grant(guest, "集会室").status_code == 409

    def test_is_taken_away(self, locks: LockSim, vendor: Vendor, guest: str):
        ident = vendor.grant(guest, "正面入口").json()["data"]["id"]
        url = f"/access_persons/{guest}/accesses/{ident}"
        assert len(locks.held("正面入口")) == 1

        assert vendor.call("DELETE", url).status_code == 204

        assert vendor.call("GET", url).status_code == 404
        assert locks.held("正面入口") == []

    def test_with_a_schedule_is_not_imitated(self, locks: LockSim, vendor: Vendor, guest: str):
        told = {"accessible_type": "lock", "accessible_id": locks.device_id("集会室")}
        told |= {"access_schedule_id": "b4b3ec1d"}

        answer = vendor.call("POST", f"/access_persons/{guest}/accesses", {"attributes": told})

        assert "access_schedule_id" in wrong(answer)


class TestABooking:
    def test_makes_a_person_with_a_number_and_a_door(self, vendor: Vendor):
        answer = vendor.book("集会室", pin="482913")

        assert answer.status_code == 201
        assert "meta" not in answer.json()
        data = answer.json()["data"]
        told = data["attributes"]
        assert (data["type"], data["id"]) == ("booking", "R-1-1")
        assert (told["pin"], told["status"], told["start_margin_sec"]) == ("482913", "upcoming", 0)
        assert told["available_starts_at"] == told["starts_at"] == "2026-12-05T12:50:00"
        assert told["universal_access_key_url"].startswith("http://127.0.0.1")
        person = vendor.get(f"/access_persons/{told['access_person_id']}")["data"]
        assert person["attributes"]["pin"] == "482913"
        assert vendor.counts(told["access_person_id"]) == [(1, 0, 1, 0)]

    def test_makes_up_a_number_if_none_is_asked(self, vendor: Vendor):
        assert len(vendor.booked("集会室")["pin"]) == 6

    def test_is_known_by_its_id_and_made_once(self, vendor: Vendor):
        first = vendor.booked("集会室")

        again = vendor.book("集会室", name="R-2")

        assert (again.status_code, again.json()["type"]) == (409, "duplicate_resource")
        assert vendor.get("/bookings/R-1-1")["data"]["attributes"] == first
        assert vendor.call("GET", "/bookings/R-9-9").status_code == 404

    def test_is_made_once_also_by_many_at_once(self, locks: LockSim, vendor: Vendor):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: vendor.book("集会室").status_code, range(16)))

        assert sorted(answers) == [201] + [409] * 15
        assert len(locks.cloud()) == 1

    def test_has_an_id_of_its_account(self, locks: LockSim, vendor: Vendor):
        vendor.booked("集会室")
        town = Vendor(locks, TOWN_APP)

        assert town.call("GET", "/bookings/R-1-1").status_code == 404
        assert town.book("町の入口").status_code == 201

    def test_gets_another_number_in_silence_if_that_one_is_taken(self, vendor: Vendor):
        vendor.booked("集会室", pin="482913")

        answer = vendor.book("集会室", id="R-2-1", pin="482913")

        assert answer.status_code == 201
        assert answer.json()["data"]["attributes"]["pin"] != "482913"
        assert answer.json()["meta"]["warnings"][0]["messages"] == ["has already been taken"]

    def test_also_if_it_is_taken_at_another_door_of_the_account(self, vendor: Vendor):
        vendor.booked("正面入口", pin="482913")

        assert vendor.booked("集会室", id="R-2-1", pin="482913")["pin"] != "482913"

    def test_keeps_the_number_if_the_other_has_left_or_was_cancelled(self, vendor: Vendor):
        vendor.booked("集会室", pin="482913")

        assert (
            vendor.booked("集会室", "15:10", "18:00", id="R-2-1", pin="482913")["pin"] == "482913"
        )
        vendor.call("PUT", "/bookings/R-1-1/deactivate")
        assert vendor.booked("集会室", id="R-3-1", pin="482913")["pin"] == "482913"

    def test_is_refused_a_taken_number_if_it_must_be_exact(self, vendor: Vendor):
        vendor.booked("集会室", pin="482913")

        answer = vendor.book("集会室", id="R-2-1", pin="482913", validation=True)

        assert wrong(answer) == {"pin": ["has already been taken"]}
        assert vendor.call("GET", "/bookings/R-2-1").status_code == 404

    @pytest.mark.parametrize(
        ("changed", "name"),
        [
            ({"ends_at": "2026-12-05T12:00:00"}, "ends_at"),
            ({"pin": "1"}, "pin"),
            ({"guest_count": 3}, "guest_count"),
            ({"name": None}, "name"),
        ],
    )
    def test_is_refused_what_it_can_not_have(
        self, vendor: Vendor, changed: dict[str, Any], name: str
    ):
        assert name in wrong(vendor.book("集会室", **changed))

    def test_of_no_door_is_not_found(self, vendor: Vendor):
        assert vendor.book("集会室", device_id="nowhere").status_code == 404

    def test_is_moved_and_keeps_its_number(self, vendor: Vendor):
        first = vendor.booked("集会室", pin="482913")

        told = {"starts_at": "2026-12-05T17:50:00", "ends_at": "2026-12-05T21:10:00"}
        answer = vendor.call("PUT", "/bookings/R-1-1", {"attributes": told})

        now = answer.json()["data"]["attributes"]
        assert (now["pin"], now["starts_at"]) == ("482913", "2026-12-05T17:50:00")
        assert now["access_person_id"] == first["access_person_id"]

    def test_is_moved_and_loses_its_number_to_another(self, vendor: Vendor):
        vendor.booked("集会室", "18:00", "20:00", pin="482913")
        vendor.booked("集会室", "15:00", "17:00", id="R-2-1", pin="482913")

        told = {"starts_at": "2026-12-05T19:00:00", "ends_at": "2026-12-05T21:00:00"}
        answer = vendor.call("PUT", "/bookings/R-2-1", {"attributes": told | {"validation": False}})

        assert answer.json()["data"]["attributes"]["pin"] != "482913"
        assert answer.json()["meta"]["warnings"]

    def test_is_moved_to_another_door(self, locks: LockSim, vendor: Vendor):
        person = vendor.booked("正面入口", pin="482913")["access_person_id"]
        told = {"device_id": locks.device_id("集会室")}

        vendor.call("PUT", "/bookings/R-1-1", {"attributes": told})

        assert vendor.counts(person) == [(1, 0, 1, 0)]
        assert locks.held("正面入口") == []

    def test_is_over_once_it_is_deactivated(self, vendor: Vendor):
        vendor.booked("集会室")

        answer = vendor.call("PUT", "/bookings/R-1-1/deactivate")

        assert answer.status_code == 200
        found = vendor.get("/bookings/R-1-1")["data"]["attributes"]
        assert found["status"] == "deactivated"
        assert None in wrong(vendor.call("PUT", "/bookings/R-1-1", {"attributes": {"name": "x"}}))
        assert vendor.call("PUT", "/bookings/R-1-1/deactivate").status_code == 200

    def test_goes_with_its_person(self, vendor: Vendor):
        person = vendor.booked("集会室")["access_person_id"]

        vendor.call("DELETE", f"/access_persons/{person}")

        assert vendor.call("GET", "/bookings/R-1-1").status_code == 404


class TestALockWithoutNetwork:
    def test_knows_hours_only(self, vendor: Vendor):
        told = vendor.booked("倉庫")

        assert (told["starts_at"], told["ends_at"]) == (
            "2026-12-05T12:50:00",
            "2026-12-05T15:10:00",
        )
        assert told["available_starts_at"] == "2026-12-05T12:00:00"
        assert told["available_ends_at"] == "2026-12-05T15:00:00"
        assert len(told["pin"]) == 9

    def test_refuses_minutes_if_it_must_be_exact(self, vendor: Vendor):
        answer = vendor.book("倉庫", validation=True)

        assert wrong(answer) == {
            "starts_at": ["must be on the hour"],
            "ends_at": ["must be on the hour"],
        }

    def test_chooses_the_number_itself(self, vendor: Vendor):
        answer = vendor.book("倉庫", pin="482913")

        assert answer.json()["data"]["attributes"]["pin"] != "482913"
        assert answer.json()["meta"]["warnings"][0]["attribute"] == "pin"

    def test_knows_the_number_at_once(self, vendor: Vendor):
        told = vendor.booked("倉庫")

        assert vendor.counts(told["access_person_id"]) == [(1, 1, 0, 0)]

    def test_has_three_numbers_for_the_same_hours(self, vendor: Vendor):
        pins = {vendor.booked("倉庫", id=f"R-{n}")["pin"] for n in range(3)}

        assert len(pins) == 3
        assert None in wrong(vendor.book("倉庫", id="R-4"))

    def test_gives_another_number_for_other_hours(self, vendor: Vendor):
        first = vendor.booked("倉庫")
        told = {"ends_at": "2026-12-05T18:00:00", "validation": False}

        moved = vendor.call("PUT", "/bookings/R-1-1", {"attributes": told}).json()["data"]

        assert moved["attributes"]["pin"] != first["pin"]
        assert moved["attributes"]["universal_access_key_url"] == first["universal_access_key_url"]

    def test_can_not_be_told_that_a_number_is_over(self, locks: LockSim, vendor: Vendor):
        told = vendor.booked("倉庫")

        answer = vendor.call("PUT", "/bookings/R-1-1/deactivate").json()

        assert answer["data"]["attributes"]["status"] == "deactivated"
        assert "can't be revoked" in answer["meta"]["warnings"][0]["messages"][0]
        assert locks.keypad("倉庫", told["pin"])["result"] == "unlocked"
