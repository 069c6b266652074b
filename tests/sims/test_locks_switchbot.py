"""The second vendor: signed calls, commands that are answered later, keys with an end."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from app.sims.locks import LockSim, SwitchBot
from app.sims.locks.switchbot.accounts import device_id, sign
from tests.sims.conftest import Listener
from tests.sims.locking import NOON

TOKEN, WORD = "t" * 20, "kagi"
DOOR = device_id(TOKEN, "勝手口")
START = int(NOON.timestamp()) + 3000
KEY = {"name": "R1-1", "type": "timeLimit", "password": "482913"}
KEY |= {"startTime": START, "endTime": START + 7200}


@pytest.fixture
def sim() -> Iterator[LockSim]:
    with LockSim(switchbots=[SwitchBot(TOKEN, WORD)]) as one:
        one.clock.stand_still(NOON)
        yield one


def call(sim: LockSim, method: str, path: str, body: object = None, **headers: str) -> Any:
    t, nonce = "1796442600000", "n-1"
    signed = {"Authorization": TOKEN, "t": t, "nonce": nonce, "sign": sign(TOKEN, WORD, t, nonce)}
    url = f"{sim.base_url}/v1.1{path}"
    return requests.request(method, url, json=body, headers=signed | headers)


def command(sim: LockSim, name: str, parameter: object, device: str = DOOR) -> Any:
    told = {"commandType": "command", "command": name, "parameter": parameter}
    return call(sim, "POST", f"/devices/{device}/commands", told).json()


def key_list(sim: LockSim) -> list[Any]:
    body = call(sim, "GET", "/devices").json()["body"]
    return list(body["deviceList"][0]["keyList"])


def hook(sim: LockSim, url: str, action: str = "setupWebhook") -> Any:
    told = {"action": action, "url": url, "deviceList": "ALL"}
    return call(sim, "POST", f"/webhook/{action}", told).json()


class TestTheSignature:
    @pytest.mark.parametrize(
        "changed", [{"sign": "x"}, {"nonce": "other"}, {"t": "1"}, {"Authorization": "nobody"}]
    )
    def test_is_checked(self, sim: LockSim, changed: dict[str, str]):
        answer = call(sim, "GET", "/devices", **changed)

        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})

    def test_is_what_openssl_makes_of_token_time_and_nonce(self):
        assert sign("a", "b", "1", "c") == "JW89iTYq/J6KUFmhZS9jvplUmSqwnDS40w/QCX6eO28="


class TestAKey:
    def test_is_there_only_after_a_while_and_then_it_is_told(
        self, sim: LockSim, listener: Listener
    ):
        hook(sim, listener.url)
        answer = command(sim, "createKey", KEY)
        assert (answer["statusCode"], answer["message"]) == (100, "success")
        assert key_list(sim) == []

        sim.clock.advance(seconds=3)

        assert sim.wait_for_deliveries(5)
        [event] = listener.events
        assert event["eventType"] == "changeReport"
        context = event["context"]
        assert (context["eventName"], context["result"]) == ("createKey", "success")
        assert (context["commandId"], context["deviceMac"]) == (answer["body"]["commandId"], DOOR)
        [key] = key_list(sim)
        assert (key["name"], key["status"]) == ("R1-1", "normal")
        assert "482913" not in str(key)

    def test_opens_in_its_time(self, sim: LockSim):
        command(sim, "createKey", KEY)
        seen = []
        for seconds in (10, 2990, 7199, 1):
            sim.clock.advance(seconds=seconds)
            seen.append(sim.keypad("勝手口", "482913")["reason"])

        assert seen == ["not_yet", "ok", "ok", "over"]
        assert key_list(sim)[0]["status"] == "expired"
        assert sim.keypad(DOOR, "000000")["result"] == "denied"

    def test_that_is_used_once_is_gone(self, sim: LockSim):
        command(sim, "createKey", KEY | {"type": "disposable", "startTime": START - 3000})
        sim.clock.advance(seconds=3)

        assert [sim.keypad("勝手口", "482913")["result"] for _ in range(2)] == [
            "unlocked",
            "denied",
        ]

    def test_is_deleted_by_the_id_that_the_list_tells(self, sim: LockSim, listener: Listener):
        command(sim, "createKey", KEY)
        sim.clock.advance(seconds=3)
        hook(sim, listener.url)

        assert command(sim, "deleteKey", {"id": key_list(sim)[0]["id"]})["statusCode"] == 100
        sim.clock.advance(seconds=3)

        assert key_list(sim) == []
        assert sim.wait_for_deliveries(5)
        assert listener.events[0]["context"]["eventName"] == "deleteKey "

    @pytest.mark.parametrize(
        "changed",
        [
            {"password": "12345"},
            {"password": "1234567890123"},
            {"name": ""},
            {"type": "forever"},
            {"startTime": None},
            {"startTime": START * 1000},
            {"endTime": START},
        ],
    )
    def test_is_refused_what_a_keypad_can_not_hold(self, sim: LockSim, changed: dict[str, Any]):
        answer = command(sim, "createKey", KEY | changed)

        assert answer["statusCode"] == 190
        sim.clock.advance(seconds=60)
        assert key_list(sim) == []

    def test_has_a_name_of_its_own(self, sim: LockSim):
        command(sim, "createKey", KEY)
        sim.clock.advance(seconds=3)

        assert command(sim, "createKey", KEY | {"password": "735190"})["statusCode"] == 190

    def test_commands_that_go_nowhere(self, sim: LockSim):
        assert command(sim, "createKey", KEY, device="nowhere")["statusCode"] == 152
        assert command(sim, "turnOn", {})["statusCode"] == 160
        assert command(sim, "createKey", "default")["statusCode"] == 190
        assert command(sim, "deleteKey", {"id": "7"})["statusCode"] == 190


class TestFaults:
    @pytest.mark.parametrize(
        ("mode", "seconds", "result"), [("offline", 60, "timeout"), ("sync_fail", 3, "failed")]
    )
    def test_leave_no_key(
        self, sim: LockSim, listener: Listener, mode: str, seconds: int, result: str
    ):
        hook(sim, listener.url)
        sim.fault(mode, "勝手口", count=1)
        assert command(sim, "createKey", KEY)["statusCode"] == 100

        sim.clock.advance(seconds=seconds)

        assert sim.wait_for_deliveries(5)
        assert listener.events[0]["context"]["result"] == result
        assert key_list(sim) == []

    def test_leave_the_key_and_tell_nobody(self, sim: LockSim, listener: Listener):
        hook(sim, listener.url)
        sim.fault("never_webhook", DOOR)
        command(sim, "createKey", KEY)

        sim.clock.advance(seconds=3)

        assert sim.deliveries() == []
        assert len(key_list(sim)) == 1


def test_the_webhook_can_be_asked_for_changed_and_deleted(sim: LockSim):
    assert hook(sim, "nowhere")["statusCode"] == 190
    assert hook(sim, "http://a.example/")["statusCode"] == 100
    assert hook(sim, "http://b.example/", "updateWebhook")["statusCode"] == 100
    assert hook(sim, "", "queryWebhook")["body"] == {"urls": ["http://b.example/"]}
    assert hook(sim, "", "deleteWebhook")["statusCode"] == 100
    assert hook(sim, "", "queryWebhook")["body"] == {"urls": []}
    assert hook(sim, "", "explode")["statusCode"] == 190
