"""The worker: what was promised is done although something else is broken, and done once."""

from collections.abc import Iterator
from typing import Any

import procrastinate
import psycopg
import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from app import jobs
from app.booking.service.application import Applicant
from app.config import Settings
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from tests import builders
from tests.db.proof import one
from tests.racing import race
from tests.usecases import steps
from tests.usecases.mailbox import MailBox, open_mailbox

DEAD_WORKER = """
insert into procrastinate_workers (last_heartbeat) values (now() - interval '10 minutes')
returning id
"""


@pytest.fixture
def mailbox(app: Flask) -> Iterator[MailBox]:
    """A mail server, and the application's settings say where it is."""
    settings: Settings = app.config["KAIKAN"]
    with open_mailbox() as box:
        app.config["KAIKAN"] = Settings(**{**vars(settings), "mail_url": box.url})
        yield box
        app.config["KAIKAN"] = settings


def run(app: Flask, *tasks: str) -> None:
    """Let a worker do everything that waits, and these tasks of the clock."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    conninfo = url.render_as_string(hide_password=False)
    queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo))
    with queue.open():
        for task in tasks:
            queue.configure_task(task, queue="kaikan", queueing_lock=task).defer(timestamp=0)
    jobs.run_worker(app, wait=False)


def letters_left(database: psycopg.Connection) -> list[Any]:
    """Return the states of the letters' jobs; of the clock's some may wait at any time."""
    query = "select status::text from procrastinate_jobs where task_name = 'deliver_letter'"
    return [row[0] for row in database.execute(query)]


def test_letters_of_every_municipality_go_out(
    app: Flask, midori: Catalogue, sound: psycopg.Connection, mailbox: MailBox, hanako: Applicant
):
    steps.book(midori, hanako, builders.a_wish(midori))
    aoba = builders.catalogue_of("aoba")
    jiro = builders.a_resident("aoba", "jiro@example.jp")
    with tenant_scope(aoba.tenant_id):
        steps.book(aoba, jiro, builders.a_wish(aoba))

    run(app)

    assert sorted(letter["To"] for letter in mailbox.letters) == [
        "hanako@example.jp",
        "jiro@example.jp",
    ]
    assert letters_left(sound) == []


def test_a_letter_that_can_not_be_written_is_tried_again_and_kept_for_staff_to_see(
    app: Flask, midori: Catalogue, database: psycopg.Connection, mailbox: MailBox, hanako: Applicant
):
    steps.book(midori, hanako, builders.a_wish(midori))
    database.execute("update delivery set template = 'no_such_letter'")

    run(app)

    assert letters_left(database) == ["todo"]
    assert database.execute("select state, tries, error from delivery").fetchall() == [
        ("promised", 1, "TemplateNotFound")
    ]


def test_a_municipality_in_trouble_does_not_stop_the_lapses_of_the_others(
    app: Flask, midori: Catalogue, database: psycopg.Connection, mailbox: MailBox, hanako: Applicant
):
    steps.book(midori, hanako, builders.a_wish(midori))
    aoba = builders.catalogue_of("aoba")
    jiro = builders.a_resident("aoba", "jiro@example.jp")
    with tenant_scope(aoba.tenant_id):
        steps.book(aoba, jiro, builders.a_wish(aoba))
    database.execute("update booking set due_at = now() - interval '1 hour'")
    database.execute("update booking set account_id = 10^9 where tenant_id = 1")

    run(app, "lapse_overdue", "sweep")

    assert database.execute("select tenant_id, state from booking order by 1").fetchall() == [
        (1, "provisional"),
        (2, "lapsed"),
    ]


def test_a_booking_in_trouble_does_not_stop_the_lapses_of_the_others(
    app: Flask, midori: Catalogue, database: psycopg.Connection, mailbox: MailBox, hanako: Applicant
):
    wishes = [builders.a_wish(midori, room) for room in ("room-1", "room-2")]
    for wish in wishes:
        steps.book(midori, hanako, wish)
    database.execute(
        "update booking set due_at = now() - interval '1 hour' * id,"
        " account_id = case id when (select max(id) from booking) then 10^9 else account_id end"
    )

    run(app, "lapse_overdue")

    states = database.execute("select state from booking order by id").fetchall()
    assert states == [("lapsed",), ("provisional",)]


def test_every_job_of_a_dead_worker_is_taken_up_although_one_waits_already(
    app: Flask, midori: Catalogue, sound: psycopg.Connection, mailbox: MailBox, hanako: Applicant
):
    """A clock's job of the dead worker may not be queued twice; the letter behind it still goes."""
    dead = one(sound, DEAD_WORKER)
    for task in ("lapse_overdue", "sweep"):
        sound.execute(
            "insert into procrastinate_jobs"
            " (queue_name, task_name, queueing_lock, args, status, worker_id)"
            " values ('kaikan', %s, %s, '{\"timestamp\": 0}', 'doing', %s)",
            [task, task, dead],
        )
    steps.book(midori, hanako, builders.a_wish(midori))
    sound.execute(
        "update procrastinate_jobs set status = 'doing', worker_id = %s"
        " where task_name = 'deliver_letter'",
        [dead],
    )

    run(app, "take_up_stalled", "lapse_overdue", "sweep")
    run(app)

    assert len(mailbox.letters) == 1
    assert letters_left(sound) == []
    assert one(sound, "select count(*) from procrastinate_jobs where status = 'doing'") == 0


def test_two_workers_send_each_letter_once(
    app: Flask, midori: Catalogue, sound: psycopg.Connection, mailbox: MailBox
):
    for n, hour in enumerate(range(9, 21)):
        person = builders.a_resident(email=f"p{n}@example.jp")
        steps.book(midori, person, builders.a_wish(midori, hours=(hour, hour + 1)))

    race(lambda _: jobs.run_worker(app, wait=False), *range(2))

    assert sorted(letter["To"] for letter in mailbox.letters) == sorted(
        f"p{n}@example.jp" for n in range(12)
    )
    assert letters_left(sound) == []
