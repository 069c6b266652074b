"""What is done by the clock; any number of workers do it once."""

import functools

import procrastinate
from flask import Flask
from procrastinate import JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from app.db import db
from app.db.session import tenant_scope
from app.facilities.queries import catalogue
from app.jobs.places import for_each, in_app, log
from app.kernel import clock
from app.reports.made import forget_old as forget_files
from app.tenants.queries import Municipality
from app.usecases.closing import fill_all
from app.usecases.lapsing import lapse_overdue
from app.usecases.sweeping import forget, sweep

STALLED_SECONDS = 90
EVERY_MINUTE, EVERY_TEN_MINUTES = "* * * * *", "*/10 * * * *"


def schedule(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add what is done by the clock; any number of workers do it once."""
    here = functools.partial(in_app, flask_app)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="lapse_overdue", queue="kaikan", queueing_lock="lapse_overdue")
    @here
    def lapse(timestamp: int) -> None:
        for_each(_lapse)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="keep_closed", queue="kaikan", queueing_lock="keep_closed")
    @here
    def keep_closed(timestamp: int) -> None:
        for_each(_keep_closed)

    @queue.periodic(cron=EVERY_TEN_MINUTES)
    @queue.task(name="sweep", queue="kaikan", queueing_lock="sweep")
    @here
    def sweep_all(timestamp: int) -> None:
        for_each(lambda _: sweep(now=clock.now()))
        for_each(lambda _: forget_files(now=clock.now()))
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


def _lapse(municipality: Municipality) -> None:
    if lapsed := lapse_overdue(now=clock.now()):
        log.info("lapsed", extra={"municipality": municipality.slug, "count": lapsed})


def _keep_closed(municipality: Municipality) -> None:
    """Let closures take what became free: a booking that stayed was cancelled, a hold ran out."""
    found = catalogue(db.session(), municipality)
    if filled := fill_all(found, now=clock.now()):
        log.info("kept closed", extra={"municipality": municipality.slug, "count": filled})
