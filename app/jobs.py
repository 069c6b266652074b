"""The worker: letters, lapses and sweeping, at least once each and harmless when twice."""

import asyncio
import functools
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import procrastinate
from flask import Flask, current_app, g
from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy.engine import make_url

from app import wiring
from app.config import Settings
from app.db import db
from app.db.roles import WEB
from app.db.session import tenant_scope
from app.facilities.queries import catalogue
from app.kernel import clock
from app.kernel.calendar_jp import months_before
from app.kernel.spans import instant
from app.notify.service import DELIVER, MOST_TRIES
from app.reports import late_reviews, saved
from app.reports.made import MAKE
from app.reports.made import MOST_TRIES as MOST_TRIES_OF_A_FILE
from app.reports.made import forget_old as forget_files
from app.tenants.queries import Municipality, municipalities
from app.usecases.closing import fill_all
from app.usecases.delivering import Facts, deliver
from app.usecases.lapsing import lapse_overdue
from app.usecases.reminding import remind_unpaid
from app.usecases.sweeping import forget, sweep
from app.web.making import make

log = logging.getLogger("kaikan.jobs")

Promise = Callable[[Municipality, datetime], int]  # of the letters of a day; how many

STALLED_SECONDS = 90
MORNING = 6  # o'clock, when the letters about a month begin to go
EVERY_MINUTE, EVERY_TEN_MINUTES = "* * * * *", "*/10 * * * *"
# After any error, not only a carrier's: a database that is away for a moment loses no letter.
MAKING = RetryStrategy(max_attempts=MOST_TRIES_OF_A_FILE, wait=5)
PAUSES = RetryStrategy(max_attempts=MOST_TRIES, exponential_wait=3)


def make_queue(flask_app: Flask) -> procrastinate.App:
    """Return the job queue with its tasks, for the worker."""
    settings: Settings = flask_app.config["KAIKAN"]
    url = make_url(settings.database_url).set(drivername="postgresql")
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=url.render_as_string(hide_password=False),
            kwargs={"options": f"-c role={WEB}"},
        )
    )
    in_app = functools.partial(_in_app, flask_app)

    @queue.task(name=DELIVER, queue="kaikan", retry=PAUSES)
    @in_app
    def deliver_letter(*, tenant_id: int, delivery_id: int) -> None:
        municipality, now = _municipality(tenant_id), clock.now()
        others: dict[str, Facts] = {
            "monthly_report": saved.letter,
            "reviews_late": functools.partial(late_reviews.letter, now=now),
        }
        with tenant_scope(tenant_id):
            g.municipality = municipality
            deliver(
                delivery_id,
                catalogue=catalogue(db.session(), municipality),
                secret=settings.secret_key,
                write=functools.partial(write_letter, municipality),
                post=wiring.post(settings),
                now=now,
                others=others,
            )

    @queue.task(name=MAKE, queue="kaikan", retry=MAKING)
    @in_app
    def make_file(*, tenant_id: int, file_id: int) -> None:
        municipality = _municipality(tenant_id)
        with tenant_scope(tenant_id):
            g.municipality = municipality
            make(file_id)

    _schedule(queue, flask_app)
    _schedule_letters(queue, flask_app)
    return queue


def _schedule(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add what is done by the clock; any number of workers do it once."""
    in_app = functools.partial(_in_app, flask_app)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="lapse_overdue", queue="kaikan", queueing_lock="lapse_overdue")
    @in_app
    def lapse(timestamp: int) -> None:
        _for_each(_lapse)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="keep_closed", queue="kaikan", queueing_lock="keep_closed")
    @in_app
    def keep_closed(timestamp: int) -> None:
        _for_each(_keep_closed)

    @queue.periodic(cron=EVERY_TEN_MINUTES)
    @queue.task(name="sweep", queue="kaikan", queueing_lock="sweep")
    @in_app
    def sweep_all(timestamp: int) -> None:
        _for_each(lambda _: sweep(now=clock.now()))
        _for_each(lambda _: forget_files(now=clock.now()))
        with tenant_scope(None):
            forget(now=clock.now())

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="take_up_stalled", queue="kaikan", queueing_lock="take_up_stalled",
                pass_context=True)  # fmt: skip
    async def take_up_stalled(context: JobContext, timestamp: int) -> None:
        """Run again what a killed worker had begun; the queue leaves this to us."""
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            try:
                await manager.retry_job(job)
            except UniqueViolation:  # one of the clock's that waits again already
                await manager.finish_job(job, status=Status.FAILED, delete_job=True)


def _schedule_letters(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add the letters that go by the clock, from the morning of a day on."""
    for name, promise in LETTERS.items():

        def promise_them(timestamp: int, promise: Promise = promise, name: str = name) -> None:
            _for_each(functools.partial(_by_day, name, promise))

        in_app = _in_app(flask_app, promise_them)
        task = queue.task(name=name, queue="kaikan", queueing_lock=name)(in_app)
        queue.periodic(cron=EVERY_TEN_MINUTES)(task)


def run_worker(flask_app: Flask, *, wait: bool = True) -> None:
    """Work until told to stop; with `wait` off, until nothing is left to do."""
    queue = make_queue(flask_app)

    async def work() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                queues=["kaikan"],
                concurrency=4,
                wait=wait,
                listen_notify=wait,
                delete_jobs="successful",
                install_signal_handlers=wait,
            )

    asyncio.run(work())


def write_letter(
    municipality: Municipality, template: str, facts: dict[str, Any]
) -> tuple[str, str]:
    """Return subject and body; the first line of a mail template is its subject.

    Not by render_template: what pages always know comes from a request, and here is none.
    """
    mail = current_app.jinja_env.get_template(f"mail/{template}.txt")
    base_url = current_app.config["KAIKAN"].base_url
    text = mail.render(sender=municipality, base_url=base_url, **facts)
    subject, _, body = text.partition("\n")
    return subject.strip(), body.strip() + "\n"


def _in_app(flask_app: Flask, task: Callable[..., None]) -> Callable[..., None]:
    """Run a task in an application context of its own, whatever thread it is given."""

    @functools.wraps(task)
    def run(*args: Any, **kwargs: Any) -> None:
        with flask_app.app_context():
            g.municipality = None
            try:
                task(*args, **kwargs)
            finally:
                db.session.remove()

    return run


def _lapse(municipality: Municipality) -> None:
    if lapsed := lapse_overdue(now=clock.now()):
        log.info("lapsed", extra={"municipality": municipality.slug, "count": lapsed})


def _keep_closed(municipality: Municipality) -> None:
    """Let closures take what became free: a booking that stayed was cancelled, a hold ran out."""
    found = catalogue(db.session(), municipality)
    if filled := fill_all(found, now=clock.now()):
        log.info("kept closed", extra={"municipality": municipality.slug, "count": filled})


def _by_day(name: str, promise: Promise, municipality: Municipality) -> None:
    """Promise letters of a kind, unless it is night."""
    now = clock.now()
    if now.astimezone(municipality.zone).hour >= MORNING and (told := promise(municipality, now)):
        log.info(name, extra={"municipality": municipality.slug, "count": told})


def _last_month(municipality: Municipality, now: datetime) -> int:
    first = now.astimezone(municipality.zone).date().replace(day=1)
    ended_at = instant(first, 0, municipality.zone)
    return saved.promise_monthly(month=months_before(first, 1), ended_at=ended_at, now=now)


def _late_reviews(municipality: Municipality, now: datetime) -> int:
    return late_reviews.promise_late(today=now.astimezone(municipality.zone).date(), now=now)


def _unpaid(municipality: Municipality, now: datetime) -> int:
    return remind_unpaid(catalogue(db.session(), municipality), now=now)


LETTERS: dict[str, Promise] = {
    "monthly_reports": _last_month,
    "late_reviews": _late_reviews,
    "reminders": _unpaid,
}


def _for_each(work: Callable[[Municipality], object]) -> None:
    """Do it for every municipality; trouble in one is logged and stops no other."""
    for municipality in _municipalities():
        try:
            with tenant_scope(municipality.id):
                work(municipality)
        except Exception:
            log.exception("failed", extra={"municipality": municipality.slug})


def _municipalities() -> list[Municipality]:
    with tenant_scope(None):
        return municipalities(db.session())


def _municipality(tenant_id: int) -> Municipality:
    return next(one for one in _municipalities() if one.id == tenant_id)
