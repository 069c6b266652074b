"""The vendor is slow, forgets, refuses, rests: nothing is lost, and staff hear what they must."""

import dataclasses
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from psycopg import sql

from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.kernel.refusals import Refused
from app.locks.states import GrantState
from app.usecases import door_notices, lock_secrets
from tests.db import proof
from tests.doors.hall import ACCOUNT, CLERK, CLIENT, FRONT, PASSWORD, ROOM_1, Hall, at

pytestmark = pytest.mark.parametrize("mode", ["bookings"], indirect=True)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_ends_in_the_middle_is_renewed_once(
    hall: Hall, hanako: Applicant, status: int
):
    hall.vendor.settings(expired_status=status)
    booking = hall.has(hanako)
    hall.vendor.fault("token_expired")

    hall.settles(booking)

    assert hall.states(booking) == [GrantState.READY]
    assert hall.tasks() == []


def test_a_secret_that_is_refused_stops_the_account_and_tells_staff_until_it_is_mended(
    hall: Hall, hanako: Applicant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(ACCOUNT.clients, CLIENT, "another password")  # set anew at the vendor
    hall.vendor.world["tokens"].clear()
    booking = hall.has(hanako)
    hall.works()

    assert hall.tasks() == ["account"]
    asked = len(hall.vendor.requests())
    hall.works()
    assert len(hall.vendor.requests()) == asked  # it rests

    before = hall.account().sealed_secret
    with pytest.raises(Refused):
        renew(hall, "neither of them")
    assert hall.account().sealed_secret == before
    renew(hall, "another password")
    hall.settles(booking)
    hall.watches()
    assert hall.states(booking) == [GrantState.READY]
    assert hall.account().failing_since is None


def test_what_is_asked_too_often_rests_as_long_as_it_is_told_and_comes_to_its_end(
    hall: Hall, hanako: Applicant
):
    bookings = [hall.has(hanako, ("room-1", at(10).date(), (h, h + 1)), key=str(h))
                for h in range(9, 15)]  # fmt: skip
    hall.vendor.settings(rate_limit=8)

    for _ in range(12):
        hall.works()
        hall.vendor.heartbeat()
        hall.moves(seconds=61)
    hall.vendor.settings(rate_limit=1_000_000)
    hall.settles(bookings[-1])

    assert [hall.states(one) for one in bookings] == [[GrantState.READY]] * 6
    assert len(set(hall.admitted())) == len(hall.admitted()) == 6
    assert hall.tasks() == []


def test_a_lock_that_could_not_take_a_code_is_told_to_staff_and_tried_again(
    hall: Hall, hanako: Applicant
):
    hall.vendor.fault("sync_fail", ROOM_1)
    booking = hall.has(hanako)
    hall.settles(booking)
    assert hall.states(booking) == [GrantState.FAILED]
    assert hall.tasks() == ["sync_failed"]
    assert hall.door_states(booking) == {FRONT: "ready", ROOM_1: "failed"}

    hall.moves(minutes=6)
    hall.settles(booking)
    assert hall.states(booking) == [GrantState.READY]
    assert hall.tasks() == []


@pytest.mark.parametrize("fault", ["http_500_once", "conflict", "slow", "pin_replaced"])
def test_what_passes_by_itself_asks_nobody(hall: Hall, hanako: Applicant, fault: str):
    hall.vendor.fault(fault, seconds=0.2)
    booking = hall.has(hanako)
    hall.works()
    hall.moves(minutes=1)
    hall.settles(booking)

    assert hall.states(booking) == [GrantState.READY]
    assert hall.admitted() == [hall.pin(booking)]
    assert hall.tasks() == []


def test_a_timeout_at_the_second_door_makes_neither_a_second_code_nor_half_a_one(
    hall: Hall, hanako: Applicant
):
    """The vendor made the code and opened the second door to it; both answers but one came."""
    hall.vendor.fault("timeout_after_commit", ROOM_1)
    booking = hall.has(hanako)

    hall.works()
    assert hall.states(booking) == [GrantState.ISSUING]
    hall.moves(minutes=1)
    pin = hall.settles(booking)

    assert hall.admitted() == [pin]
    assert hall.door_states(booking) == {FRONT: "ready", ROOM_1: "ready"}
    (person,) = hall.vendor.cloud()
    assert len(hall.vendor.requests("POST", f"/access_persons/{person['id']}/accesses")) == 1
    hall.goes_to(at(10))
    assert hall.opens(FRONT, pin)
    assert hall.opens(ROOM_1, pin)


def test_a_code_that_somebody_took_away_at_the_vendor_is_made_again(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    before = hall.settles(booking)
    told = hall.vendor.cloud()[0]
    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        hall.locks.provider(1).revoke({"person": told["id"]})

    hall.goes_to(at(8, 1))
    hall.works()
    after = hall.settles(booking)

    assert hall.states(booking) == [GrantState.READY]
    hall.goes_to(at(10))
    assert hall.opens(ROOM_1, after)
    assert before == after or not hall.opens(ROOM_1, before)


def test_a_lock_whose_clock_is_wrong_by_minutes_opens_within_the_time_that_was_paid(
    hall: Hall, hanako: Applicant
):
    booking = hall.has(hanako)
    pin = hall.settles(booking)
    for seconds in (-540, 540):
        hall.vendor.fault("clock_skew", ROOM_1, seconds=seconds)
        for moment in (at(10), at(11, 59)):
            hall.goes_to(moment)
            assert hall.opens(ROOM_1, pin), (seconds, moment)


def test_health_is_told_before_the_first_use_that_it_would_break(hall: Hall, hanako: Applicant):
    hall.settles(hall.has(hanako))
    hall.moves(days=2)
    hall.vendor.drain(ROOM_1, 9)
    hall.vendor.heartbeat()
    hall.watches()
    assert hall.tasks() == ["battery"]

    hall.vendor.drain(ROOM_1, 90)
    hall.vendor.heartbeat()
    hall.watches()
    assert hall.tasks() == []

    hall.vendor.fault("offline", ROOM_1, count=10_000)
    hall.moves(hours=4)
    hall.watches()
    assert hall.tasks() == ["offline"]


def test_wrong_numbers_that_an_offline_lock_tells_late_are_told_to_staff_too(
    hall: Hall, hanako: Applicant
):
    """The vendor puts them where they happened, before what was heard of meanwhile."""
    pin = hall.settles(hall.has(hanako))
    hall.goes_to(at(10))
    hall.vendor.fault("offline", ROOM_1, count=1_000)
    for _ in range(5):
        hall.opens(ROOM_1, "000111")
    hall.moves(minutes=1)
    assert hall.opens(FRONT, pin)
    assert hall.hears() > 0
    assert "wrong_tries" not in hall.tasks()

    hall.vendor.lift("offline")
    hall.moves(minutes=16)
    hall.vendor.heartbeat()
    assert hall.hears() > 0

    assert "wrong_tries" in hall.tasks()
    assert hall.hears() == 0  # what was told before counts once


def test_five_wrong_numbers_at_a_door_are_told_to_staff(hall: Hall, hanako: Applicant):
    hall.settles(hall.has(hanako))
    for _ in range(4):
        hall.opens(FRONT, "000000")
    hall.watches()
    assert hall.tasks() == []

    hall.opens(FRONT, "111111")
    hall.watches()
    hall.watches()
    assert hall.tasks() == ["wrong_tries"]


def test_no_number_is_anywhere_in_clear(hall: Hall, hanako: Applicant, caplog):
    caplog.set_level("DEBUG")
    booking = hall.has(hanako)
    first = hall.settles(booking)
    hall.changes(booking, room="room-2", hours=(10, 12))
    pin = hall.settles(booking)
    hall.goes_to(at(10) - timedelta(hours=2))
    hall.watches()

    with hall.app.app_context(), proof.as_superuser() as database:
        dump = dumped(database)
    assert booking.number in dump
    for one in (first, pin):
        assert one not in dump
        assert one not in caplog.text
    for secret in (PASSWORD, "access_token"):
        assert secret not in dump
    assert CLIENT in dump


def test_a_notice_is_read_back_before_it_is_believed(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    hall.works()
    hall.vendor.heartbeat()
    event = hall.vendor.events("access_person_synced")[0]
    raw = json.dumps({"data": event}).encode()
    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        provider = hall.locks.provider(1)
        refs = [*provider.hints({}, raw), "never-happened"]
        assert door_notices.note_ids(1, refs, now=hall.clock.now) == 2
        assert door_notices.note_ids(1, refs, now=hall.clock.now) == 0
        states = [door_notices.read_notice(hall.locks, one, now=hall.clock.now) for one in (1, 2)]
    hall.works()

    assert states == ["done", "unknown"]
    assert hall.states(booking) == [GrantState.READY]


def renew(hall: Hall, secret: str) -> None:
    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        lock_secrets.renew_account(hall.locks, 1, secret, actor=CLERK, now=hall.clock.now)


def dumped(database: psycopg.Connection) -> str:
    """Return every row of every table as text."""
    tables = database.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    ).fetchall()
    return "\n".join(
        str(
            database.execute(
                sql.SQL("select t::text from {} t").format(sql.Identifier(one))
            ).fetchall()
        )
        for (one,) in tables
    )


def test_a_vendor_that_speaks_nonsense_keeps_the_worker_from_nothing(
    hall: Hall, hanako: Applicant, nonsense: str
):
    first, second = hall.has(hanako), hall.has(hanako, ("room-2", at(10).date(), (13, 14)), key="b")
    with elsewhere(hall, nonsense):
        hall.works()
    assert [hall.states(one) for one in (first, second)] == [[GrantState.ISSUING]] * 2
    assert {hall.grant(one).error for one in (first, second)} == {"KeyError"}

    hall.moves(minutes=1)
    for one in (first, second):
        hall.settles(one)
    assert [hall.states(one) for one in (first, second)] == [[GrantState.READY]] * 2


class _Nonsense(BaseHTTPRequestHandler):
    """Answers every call with an object that says nothing of what was asked."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {"access_token": "a", "expires_in": 7200} if "token" in self.path else {}
        raw = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_PUT = do_POST  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def nonsense() -> Iterator[str]:
    """Where a vendor is that speaks nonsense."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nonsense)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def elsewhere(hall: Hall, url: str) -> Iterator[None]:
    """Let the vendor be somewhere else for a while."""
    settings = hall.app.config["KAIKAN"]
    sites = {**settings.lock_sites, "here": (url, url)}
    hall.app.config["KAIKAN"] = dataclasses.replace(settings, lock_sites=sites)
    yield
    hall.app.config["KAIKAN"] = settings
