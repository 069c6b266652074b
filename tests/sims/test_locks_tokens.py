"""Who may call the locks' API, how long, how often, and what of it he sees."""

import re
from typing import Any

import pytest
import requests

from app.sims.locks import Account, Door, LockSim, NotPossible
from tests.sims.conftest import accounts
from tests.sims.locking import ACCEPT, CITY_APP, OTHER_APP, TOWN_APP, WORD, Vendor

BACK = "http://hall.example/lock/back"


def post(locks: LockSim, **form: str) -> requests.Response:
    told = {"client_id": CITY_APP, "client_secret": WORD} | form
    return requests.post(f"{locks.base_url}/oauth/token", data=told)


class TestAToken:
    def test_is_given_to_an_application(self, locks: LockSim):
        answer = post(locks, grant_type="client_credentials")

        body = answer.json()
        assert answer.status_code == 200
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 7200)
        assert body["created_at"] == int(locks.clock.now().timestamp())
        assert "refresh_token" not in body

    def test_is_given_to_one_that_says_so_in_a_header(self, locks: LockSim):
        told = {"grant_type": "client_credentials"}
        answer = requests.post(f"{locks.base_url}/oauth/token", data=told, auth=(CITY_APP, WORD))

        assert answer.json()["access_token"]

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [
            ({"client_secret": "wrong", "grant_type": "client_credentials"}, 401, "invalid_client"),
            ({"client_id": "nobody", "grant_type": "client_credentials"}, 401, "invalid_client"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ],
    )
    def test_is_refused(self, locks: LockSim, form: dict[str, str], status: int, error: str):
        answer = post(locks, **form)

        assert (answer.status_code, answer.json()["error"]) == (status, error)

    def test_lives_two_hours(self, locks: LockSim, vendor: Vendor):
        locks.clock.advance(seconds=7199)
        assert vendor.call("GET", "/devices").status_code == 200

        locks.clock.advance(seconds=1)

        assert vendor.call("GET", "/devices").status_code == 403
        assert Vendor(locks).call("GET", "/devices").status_code == 200

    @pytest.mark.parametrize("status", [401, 403])
    def test_that_is_not_good_is_refused_in_one_of_two_ways(self, locks: LockSim, status: int):
        locks.settings(expired_status=status)
        answer = Vendor(locks, Authorization="Bearer made-up").call("GET", "/devices")

        assert answer.status_code == status
        assert answer.json()["type"] == "invalid_token"

    def test_is_needed(self, locks: LockSim):
        answer = Vendor(locks, Authorization="").call("GET", "/devices")

        assert (answer.status_code, answer.json()["type"]) == (401, "unauthorized")

    def test_can_be_revoked(self, locks: LockSim, vendor: Vendor):
        token = vendor.headers["Authorization"].removeprefix("Bearer ")
        told = {"client_id": CITY_APP, "client_secret": WORD, "token": token}

        assert requests.post(f"{locks.base_url}/oauth/revoke", data=told).status_code == 200
        assert vendor.call("GET", "/devices").status_code == 403


class TestACode:
    def code(self, locks: LockSim, answer: str = "yes", **changed: str) -> requests.Response:
        told = {
            "client_id": OTHER_APP,
            "response_type": "code",
            "redirect_uri": BACK,
            "state": "s1",
            "account": "town",
            "answer": answer,
        } | changed
        return requests.post(f"{locks.base_url}/oauth/authorize", data=told, allow_redirects=False)

    def exchanged(self, locks: LockSim, code: str, **changed: str) -> requests.Response:
        told = {"client_id": OTHER_APP, "grant_type": "authorization_code", "code": code}
        return post(locks, **(told | {"redirect_uri": BACK} | changed))

    def test_lets_an_application_into_another_account(self, locks: LockSim):
        to = self.code(locks).headers["Location"]
        found = re.fullmatch(re.escape(BACK) + r"\?code=([0-9a-f]+)&state=s1", to)
        assert found

        token = self.exchanged(locks, found[1]).json()["access_token"]

        town = Vendor(locks, Authorization=f"Bearer {token}")
        doors = [one["attributes"]["name"] for one in town.get("/devices")["data"]]
        assert doors == ["町の入口"]

    def test_is_asked_for_on_a_page(self, locks: LockSim):
        told = {"client_id": OTHER_APP, "response_type": "code", "redirect_uri": BACK}

        answer = requests.get(f"{locks.base_url}/oauth/authorize", params=told)

        assert answer.status_code == 200
        assert "許可する" in answer.text

    def test_is_not_given_if_the_account_says_no(self, locks: LockSim):
        to = self.code(locks, answer="no").headers["Location"]

        assert to == f"{BACK}?error=access_denied&state=s1"

    @pytest.mark.parametrize(
        "changed", [{"client_id": "nobody"}, {"account": "nowhere"}, {"redirect_uri": "x"}]
    )
    def test_is_not_given_for_what_is_unknown(self, locks: LockSim, changed: dict[str, str]):
        assert self.code(locks, **changed).status_code == 422

    def test_is_good_once_and_ten_minutes(self, locks: LockSim):
        once, late = (locks.code(OTHER_APP, "town", BACK) for _ in range(2))

        assert self.exchanged(locks, once).status_code == 200
        assert self.exchanged(locks, once).json()["error"] == "invalid_grant"
        locks.clock.advance(seconds=600)
        assert self.exchanged(locks, late).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("changed", [{"client_id": CITY_APP}, {"redirect_uri": "http://b/"}])
    def test_is_good_for_its_application_and_address(self, locks: LockSim, changed: dict[str, str]):
        code = locks.code(OTHER_APP, "town", BACK)

        assert self.exchanged(locks, code, **changed).json()["error"] == "invalid_grant"


class TestRefreshing:
    @pytest.fixture
    def pair(self, locks: LockSim) -> dict[str, Any]:
        code = locks.code(CITY_APP, "city", BACK)
        told = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        return dict(post(locks, **told).json())

    def test_uses_the_old_one_up(self, locks: LockSim, pair: dict[str, Any]):
        told = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        locks.clock.advance(hours=3)

        second = post(locks, **told).json()

        assert second["refresh_token"] != pair["refresh_token"]
        again = post(locks, **told)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        fresh = Vendor(locks, Authorization=f"Bearer {second['access_token']}")
        assert fresh.get("/devices")["meta"]["total_count"] == 4

    def test_is_for_the_application_it_was_given_to(self, locks: LockSim, pair: dict[str, Any]):
        told = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}

        assert post(locks, client_id=OTHER_APP, **told).json()["error"] == "invalid_grant"
        assert post(locks, **told).status_code == 200


class TestTheDoorOfTheApi:
    @pytest.mark.parametrize(
        ("accept", "status"),
        [
            (ACCEPT, 200),
            ("application/vnd.lockstate.v1+json", 200),
            ("application/json", 406),
            ("*/*", 406),
        ],
    )
    def test_speaks_one_version(self, locks: LockSim, accept: str, status: int):
        assert Vendor(locks, Accept=accept).call("GET", "/devices").status_code == status

    def test_knows_what_there_is(self, vendor: Vendor):
        assert vendor.call("GET", "/doors").status_code == 404
        assert vendor.call("DELETE", "/devices").status_code == 404

    def test_writes_down_what_was_asked_and_no_secret(self, locks: LockSim, vendor: Vendor):
        vendor.call("GET", "/devices")

        token, devices = locks.requests()
        assert token["body"]["client_secret"] == "…"
        assert (devices["account"], devices["client"]) == (locks.account("city").id, CITY_APP)
        assert locks.requests("GET", "/devices")[0]["status"] == 200


class TestLimits:
    def test_are_told_with_every_answer(self, vendor: Vendor):
        vendor.call("GET", "/devices")
        headers = vendor.call("GET", "/bookings/nothing").headers

        assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("120", "118")

    def test_hold_for_the_account_and_a_minute(self, locks: LockSim, vendor: Vendor):
        locks.settings(rate_limit=3)
        other, town = Vendor(locks, OTHER_APP), Vendor(locks, TOWN_APP)
        for caller in (vendor, other, vendor):
            assert caller.call("GET", "/devices").status_code == 200

        refused = other.call("GET", "/devices")

        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 61
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert town.call("GET", "/devices").status_code == 200
        locks.clock.advance(seconds=60)
        assert other.call("GET", "/devices").status_code == 200


class TestDevices:
    def test_are_listed_whatever_their_kind(self, locks: LockSim, vendor: Vendor):
        body = vendor.get("/devices")

        assert [one["type"] for one in body["data"]] == ["lock", "lock", "lock", "igloo_lock"]
        assert body["meta"] == {"page": 1, "per_page": 25, "total_count": 4, "total_pages": 1}
        hall = body["data"][2]["attributes"]
        assert (hall["name"], hall["heartbeat_interval"]) == ("ホール", 14400)
        assert (hall["alive"], hall["power_level"], hall["state"]) == (True, 90, "locked")

    def test_come_in_pages(self, vendor: Vendor):
        body = vendor.get("/devices", page=2, per_page=3)

        assert [one["attributes"]["name"] for one in body["data"]] == ["倉庫"]
        assert body["meta"]["total_pages"] == 2
        assert vendor.get("/devices", per_page=1000)["meta"]["per_page"] == 50

    def test_are_connected_for_a_moment_only(self, locks: LockSim, vendor: Vendor):
        locks.heartbeat("集会室")
        url = f"/devices/{locks.device_id('集会室')}"
        assert vendor.get(url)["data"]["attributes"]["connected"] is True

        locks.clock.advance(seconds=120)

        told = vendor.get(url)["data"]["attributes"]
        assert (told["connected"], told["alive"]) == (False, True)
        assert told["connected_at"] == "2026-12-05T03:00:00Z"

    def test_of_another_account_are_not_there(self, locks: LockSim):
        town = Vendor(locks, TOWN_APP)

        assert [one["attributes"]["name"] for one in town.get("/devices")["data"]] == ["町の入口"]
        answer = town.call("GET", f"/devices/{locks.device_id('正面入口')}")
        assert (answer.status_code, answer.json()["type"]) == (404, "resource_not_found")
        assert town.book("正面入口").status_code == 404

    def test_of_one_name_in_two_accounts_are_named_with_the_account(self):
        sim = LockSim(*(Account(name, {}, [Door("入口")]) for name in ("city", "town")))

        assert sim.device_id("city/入口") != sim.device_id("town/入口")
        with pytest.raises(NotPossible):
            sim.device_id("入口")

    def test_have_the_same_id_after_every_start(self, locks: LockSim):
        assert LockSim(*accounts()).device_id("ホール") == locks.device_id("ホール")

    def test_parameters_nobody_knows_are_refused(self, vendor: Vendor):
        assert vendor.call("GET", "/devices", kind="lock").status_code == 400
