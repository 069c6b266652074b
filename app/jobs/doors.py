"""Doors: what bookings wake, what locks are to be brought to, what is watched by the clock."""

import functools
from collections.abc import Sequence
from datetime import date, datetime

import procrastinate
from flask import Flask, current_app
from procrastinate import RetryStrategy

from app import wiring
from app.config import Settings
from app.db.session import tenant_scope
from app.jobs.places import for_each, in_app, log, municipality_with
from app.kernel import clock
from app.tenants.queries import Municipality
from app.usecases import connecting_locks, door_notices, door_watch, lock_watch
from app.usecases.door_notices import READ_NOTICE
from app.usecases.lock_accounts import Locks
from app.usecases.minding_doors import Worker
from app.usecases.planning_doors import missed, plan_days, woken

EVERY_FEW_SECONDS = "* * * * * */5"
EVERY_MINUTE, EVERY_FIVE_MINUTES, EACH_NIGHT = "* * * * *", "*/5 * * * *", "20 18 * * *"
PATIENTLY = RetryStrategy(max_attempts=6, exponential_wait=3)


def add_tasks(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add the task that a vendor's notice asks for."""

    @queue.task(name=READ_NOTICE, queue="kaikan", retry=PATIENTLY)
    @functools.partial(in_app, flask_app)
    def read_lock_notice(*, tenant_id: int, notice_id: int) -> None:
        with tenant_scope(tenant_id):
            state = door_notices.read_notice(_locks(), notice_id, now=_now())
            if state == "unknown":
                log.warning("lock_notice_unknown", extra={"notice": notice_id})
            _mind(municipality_with(tenant_id))


def schedule(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add what is done by the clock; any number of workers do it once."""
    here = functools.partial(in_app, flask_app)

    @queue.periodic(cron=EVERY_FEW_SECONDS)
    @queue.task(name="doors_woken", queue="kaikan", queueing_lock="doors_woken")
    @here
    def doors_woken(timestamp: int) -> None:
        if days := woken():
            for_each(lambda one: _plan(one, days.get(one.id, [])))

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="mind_doors", queue="kaikan", queueing_lock="mind_doors")
    @here
    def mind_doors(timestamp: int) -> None:
        for_each(lambda _: door_notices.poll(_locks(), now=_now()))
        for_each(_mind)
        for_each(lambda _: lock_watch.check_locks(_locks(), now=_now(), only_near=True))
        for_each(lambda _: door_watch.warn(now=_now()))

    @queue.periodic(cron=EVERY_FIVE_MINUTES)
    @queue.task(name="watch_doors", queue="kaikan", queueing_lock="watch_doors")
    @here
    def watch_doors(timestamp: int) -> None:
        for_each(_watch)

    @queue.periodic(cron=EACH_NIGHT)
    @queue.task(name="forget_doors", queue="kaikan", queueing_lock="forget_doors")
    @here
    def forget_doors(timestamp: int) -> None:
        for_each(lambda _: door_watch.forget(now=_now()))
        for_each(lambda _: door_notices.forget(now=_now()))
        for_each(lambda _: connecting_locks.forget_secrets(now=_now()))


def _plan(municipality: Municipality, days: Sequence[tuple[int, date]]) -> None:
    if days:
        plan_days(days, now=_now())
        _mind(municipality)


def _mind(municipality: Municipality) -> None:
    if done := Worker(_locks(), _now).work():
        log.info("minded doors", extra={"municipality": municipality.slug, "count": done})


def _watch(municipality: Municipality) -> None:
    """Find what no change woke, ask the vendors, promise the letters of the day."""
    now = _now()
    plan_days(missed(now=now), now=now)
    lock_watch.check_locks(_locks(), now=now)
    door_watch.open_letters(now=now)


def _locks() -> Locks:
    settings: Settings = current_app.config["KAIKAN"]
    return wiring.locks(settings)


def _now() -> datetime:
    """Return the instant; of a test, the one that its clock shows."""
    return current_app.config.get("KAIKAN_CLOCK", clock.now)()  # type: ignore[no-any-return]
