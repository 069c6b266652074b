"""Letters: what was promised is delivered, and what is promised by the clock."""

import functools
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import procrastinate
from flask import Flask, current_app, g
from procrastinate import RetryStrategy

from app import wiring
from app.config import Settings
from app.db import db
from app.db.session import tenant_scope
from app.facilities.queries import catalogue
from app.jobs.places import for_each, in_app, log, municipality_with
from app.kernel import clock
from app.kernel.calendar_jp import months_before
from app.kernel.spans import instant
from app.notify.service import DELIVER, MOST_TRIES
from app.reports import late_reviews, saved
from app.tenants.queries import Municipality
from app.usecases.delivering import Facts, deliver
from app.usecases.reminding import remind_unpaid

Promise = Callable[[Municipality, datetime], int]  # of the letters of a day; how many

BLANK_LINES = re.compile(r"\n{3,}")  # where nothing was to be said
MORNING = 6  # o'clock, when the letters about a month begin to go
EVERY_TEN_MINUTES = "*/10 * * * *"
# After any error, not only a carrier's: a database that is away for a moment loses no letter.
PAUSES = RetryStrategy(max_attempts=MOST_TRIES, exponential_wait=3)


def add_delivery(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add the task that delivers a letter."""
    settings: Settings = flask_app.config["KAIKAN"]

    @queue.task(name=DELIVER, queue="kaikan", retry=PAUSES)
    @functools.partial(in_app, flask_app)
    def deliver_letter(*, tenant_id: int, delivery_id: int) -> None:
        municipality, now = municipality_with(tenant_id), clock.now()
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


def schedule_letters(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add the letters that go by the clock, from the morning of a day on."""
    for name, promise in LETTERS.items():

        def promise_them(timestamp: int, promise: Promise = promise, name: str = name) -> None:
            for_each(functools.partial(by_day, name, promise))

        promised = in_app(flask_app, promise_them)
        task = queue.task(name=name, queue="kaikan", queueing_lock=name)(promised)
        queue.periodic(cron=EVERY_TEN_MINUTES)(task)


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
    return subject.strip(), BLANK_LINES.sub("\n\n", body.strip()) + "\n"


def by_day(name: str, promise: Promise, municipality: Municipality) -> None:
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
