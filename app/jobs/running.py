"""The queue with all its tasks, and the worker."""

import asyncio
import functools

import procrastinate
from flask import Flask, g
from procrastinate import RetryStrategy
from sqlalchemy.engine import make_url

from app.config import Settings
from app.db.roles import WEB
from app.db.session import tenant_scope
from app.jobs import clockwork, doors, letters, money
from app.jobs.places import in_app, municipality_with
from app.reports.made import MAKE
from app.reports.made import MOST_TRIES as MOST_TRIES_OF_A_FILE
from app.web.making import make

MAKING = RetryStrategy(max_attempts=MOST_TRIES_OF_A_FILE, wait=5)


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

    @queue.task(name=MAKE, queue="kaikan", retry=MAKING)
    @functools.partial(in_app, flask_app)
    def make_file(*, tenant_id: int, file_id: int) -> None:
        municipality = municipality_with(tenant_id)
        with tenant_scope(tenant_id):
            g.municipality = municipality
            make(file_id)

    letters.add_delivery(queue, flask_app)
    letters.schedule_letters(queue, flask_app)
    money.add_tasks(queue, flask_app)
    money.schedule(queue, flask_app)
    doors.add_tasks(queue, flask_app)
    doors.schedule(queue, flask_app)
    clockwork.schedule(queue, flask_app)
    return queue


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
