"""What a vendor of locks tells us: kept under its id, believed once it was read back."""

import io
import json
import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.db import db
from app.locks.models import LockAccount, LockNotice
from app.locks.tasks import DoorTask
from app.usecases import connecting_locks, door_notices, lock_hooks
from app.usecases.lock_tokens import Stored
from app.web.logs import JsonLines
from tests.pages import Visitor
from tests.reports.situations import clerk
from tests.web.doors import FRONT, ROOM_1, STAFF, House


def address(house: House, account_id: int) -> str:
    with house.inside():
        key = lock_hooks.hook_of(house.locks, account_id, actor=STAFF, now=house.clock.now)
    return f"/hooks/locks/{key}"


def told(ref: str) -> bytes:
    return json.dumps({"data": {"id": ref, "type": "access_denied_event"}}).encode()


def notices(house: House) -> list[tuple[str, str]]:
    with house.inside():
        return [(one.event_ref, one.state) for one in db.session.query(LockNotice)]


def jobs(house: House) -> list[str]:
    with house.inside():
        named = text("select args::text from procrastinate_jobs where task_name = :name")
        return list(db.session.scalars(named, {"name": door_notices.READ_NOTICE}))


@pytest.fixture
def lines() -> io.StringIO:
    """What the service logs, as it stands in the log."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_flood_of_notices_is_not_read_back_one_by_one(app: Flask, house: House, visitor: Visitor):
    account = house.account()
    path = address(house, account)

    for n in range(door_notices.MOST_A_MINUTE + 20):
        assert visitor.client.post(path, data=told(f"flood-{n}")).status_code == 200

    assert len(notices(house)) == len(jobs(house)) == door_notices.MOST_A_MINUTE
    house.clock.now += timedelta(minutes=1)
    visitor.client.post(path, data=told("next-minute"))
    assert len(notices(house)) == door_notices.MOST_A_MINUTE + 1


def test_a_notice_is_kept_once_and_read_back_by_a_job(
    app: Flask, house: House, visitor: Visitor, lines: io.StringIO
):
    account = house.account()
    path = address(house, account)
    for _n in range(2):
        answer = visitor.client.post(path, data=told("event-1"))
        assert (answer.status_code, answer.text) == (200, "ok")

    assert notices(house) == [("event-1", "new")]
    assert len(jobs(house)) == 1
    assert "/hooks/locks/<string:key>" in lines.getvalue()
    assert path.rsplit("/", 1)[1] not in lines.getvalue()
    with house.inside():
        notice = db.session.scalars(select(LockNotice.id)).one()
        state = door_notices.read_notice(house.locks, notice, now=house.clock.now)
    assert state == "unknown"  # nobody but us has ever heard of it
    assert notices(house) == [("event-1", "unknown")]


@pytest.mark.parametrize("key", ["x", "1-", "1-wrong", "999999-wrong", "٣-wrong", "1" * 400])
def test_an_address_that_nobody_was_told_is_not_there(
    app: Flask, house: House, visitor: Visitor, lines: io.StringIO, key: str
):
    house.account()
    answer = visitor.client.post(f"/hooks/locks/{key}", data=told("event-1"))

    assert answer.status_code == 404
    assert "lock notice refused" in lines.getvalue()
    assert len(key) < 3 or key not in lines.getvalue()
    assert notices(house) == []


def test_the_address_of_an_account_that_ended_is_gone(app: Flask, house: House, visitor: Visitor):
    account = house.account()
    path = address(house, account)
    with house.inside():
        connecting_locks.end_account(account, actor=STAFF, now=house.clock.now)

    assert visitor.client.post(path, data=told("event-1")).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b'{"data": {"id": "../../x"}}', b"[" * 50_000]
)
def test_what_is_no_notice_is_refused(
    app: Flask, house: House, visitor: Visitor, lines: io.StringIO, body: bytes
):
    path = address(house, house.account())
    answer = visitor.client.post(path, data=body)

    assert answer.status_code == 400
    assert "no_notice" in lines.getvalue()
    assert path.rsplit("/", 1)[1] not in lines.getvalue()
    assert notices(house) == []


def test_what_is_too_long_is_not_read(app: Flask, house: House, visitor: Visitor):
    path = address(house, house.account())
    answer = visitor.client.post(path, data=told("x" * 70_000))

    assert answer.status_code == 413
    assert notices(house) == []


def test_the_vendor_s_own_notices_find_their_way(app: Flask, house: House, visitor: Visitor):
    """Wrong numbers are typed at a door; what its lock tells is brought to us and read back."""
    account = house.account()
    house.door(account, FRONT, name="正面入口")
    path = address(house, account)
    for _n in range(5):
        house.sim.keypad(FRONT, "000000")
    for event in house.sim.events("access_denied"):
        body = json.dumps({"data": event}).encode()
        assert visitor.client.post(path, data=body).status_code == 200
    with house.inside():
        for notice in db.session.scalars(select(LockNotice.id)).all():
            door_notices.read_notice(house.locks, notice, now=house.clock.now)

    assert [state for _ref, state in notices(house)] == ["done"] * 5
    with house.inside():
        assert [one.kind for one in db.session.query(DoorTask)] == ["wrong_tries"]


def test_while_the_vendor_lets_us_ask_nothing_a_notice_is_left_to_the_poll(
    app: Flask, house: House
):
    """Else each of a hundred notices asks again and again, and no code is made meanwhile."""
    account = house.account()
    house.door(account, ROOM_1)
    now = house.clock.now
    with house.inside():
        assert door_notices.note_ids(account, ["one", "two"], now=now) == 2
        first, second = [one.id for one in db.session.query(LockNotice).order_by(LockNotice.id)]
    house.sim.settings(rate_limit=0)
    asked = len(house.sim.requests())

    with house.inside():
        assert door_notices.read_notice(house.locks, first, now=now) == "resting"
        assert len(house.sim.requests()) == asked + 1
        assert door_notices.read_notice(house.locks, second, now=now) == "resting"
    assert len(house.sim.requests()) == asked + 1  # it rests: not even asked
    house.sim.settings(rate_limit=100_000)
    with house.inside():
        later = now + timedelta(minutes=2)
        house.sim.clock.stand_still(later)
        assert door_notices.read_notice(house.locks, second, now=later) == "unknown"


def test_a_week_after_its_end_nothing_lets_us_into_an_account(app: Flask, house: House):
    account = house.account()
    with house.inside():
        connecting_locks.end_account(account, actor=STAFF, now=house.clock.now)

    def forgets(**later: int) -> int:
        with house.inside():
            return connecting_locks.forget_secrets(now=house.clock.now + timedelta(**later))

    assert forgets(days=7) == 0
    assert forgets(days=7, seconds=1) == 1
    with house.inside():
        row = db.session.query(LockAccount).one()
        assert (row.sealed_secret, row.sealed_tokens, row.sealed_hook) == (None, None, None)
    assert forgets(days=8) == 0


def test_a_vendor_that_does_not_hear_that_it_is_over_is_named_to_staff(app: Flask, house: House):
    account = house.account()
    house.sim.settings(rate_limit=0)

    page = clerk(app).post(f"/midori/office/doors/accounts/{account}/end", {})

    assert "つながりを切りました。" in page.text
    assert "お知らせの届け先は、鍵の会社に残っています。" in page.text


def test_nothing_that_opens_stands_where_an_error_is_told(app: Flask, house: House):
    secret = app.config["KAIKAN"].secret_key
    for told in (house.locks, Stored(1, secret)):
        assert secret not in repr(told)
