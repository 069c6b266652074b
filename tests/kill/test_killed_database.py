"""The database is killed in the middle of bookings: what was answered is there when it is back."""

import shutil
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app.db import db
from app.db.session import tenant_scope
from app.factory import create_app
from app.local.postgres import PrivatePostgres
from app.local.postmaster import running_on
from tests import builders
from tests.api.calling import a_token
from tests.conftest import MINE, ROOT, settings_for
from tests.db import proof
from tests.kill.bookers import Answers, Booker, bookable, in_threads
from tests.kill.processes import descendants_of, gunicorn, kill_all, wait_for, worker
from tests.kill.test_killed_web import check_books
from tests.usecases.mailbox import open_mailbox

pytestmark = pytest.mark.kill

BOOKINGS, THREADS = 120, 12


@pytest.fixture
def durable() -> Iterator[PrivatePostgres]:
    """A server of the test's own, that writes to the disk before it answers."""
    data = ROOT / "var" / f"{MINE}-kill-postgres"
    server = PrivatePostgres(data, settings={"fsync": "on", "max_connections": "60"})
    server.start()
    yield server
    if running := running_on(data):
        kill_all([running.pid, *descendants_of(running.pid)])
    shutil.rmtree(data)
    for left in data.parent.glob(f"{data.name}.*"):
        left.unlink()


def test_what_was_answered_is_there_and_the_service_goes_on_by_itself(
    durable: PrivatePostgres, folder: Path
):
    url = furnished(durable)
    app = create_app(settings_for(url))
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            token = a_token(app)
            lines = list(islice(bookable(found, "room-1", "hall", "kitchen"), BOOKINGS))
        db.engine.dispose()
    asked = [(f"k{n}", line) for n, line in enumerate(lines)]
    assert len(asked) == BOOKINGS
    answers = Answers()

    with (
        open_mailbox() as mailbox,
        gunicorn(url, folder) as web,
        worker(url, folder, mail_url=mailbox.url, name="worker") as letters,
    ):
        before = web.children
        booker = Booker(web.port, token, answers, time.monotonic() + 60)
        threads = in_threads(booker, asked, threads=THREADS)
        wait_for(lambda: answers.count() >= BOOKINGS // 3, web.said)

        running = running_on(durable.data)
        assert running is not None
        kill_all([running.pid, *descendants_of(running.pid)])
        told = told_by_then(answers)
        wait_for(lambda: answers.away + answers.unanswered > THREADS, web.said)
        assert web.answers("/healthz")
        assert not web.answers("/readyz")
        durable.start()

        with proof.as_superuser(url) as database:
            assert database.execute("show fsync").fetchone() == ("on",)
            rows = database.execute("select number from booking where state <> 'draft'")
            assert told <= {row[0] for row in rows}, "an answered booking is gone"
        for thread in threads:
            thread.join(60)

        assert answers.count() == BOOKINGS, web.said()
        assert web.answers("/midori/"), web.said()
        assert web.children == before  # nobody had to start the web processes again
        with proof.as_superuser(url) as database:
            left = "select count(*) from delivery where state <> 'sent'"
            wait_for(lambda: proof.one(database, left) == 0, letters.said, within=60)
        assert letters.popen.poll() is None, "nor the worker"

    assert answers.wrong == [], web.said()
    assert answers.away > 0
    check_books(url, answers)


def told_by_then(answers: Answers) -> set[str]:
    with answers.lock:
        return {body["number"] for status, body in answers.by_key.values() if status == 201}


def furnished(server: PrivatePostgres) -> str:
    """Make a database with the municipalities of the builders and return its address."""
    server.create_database("kaikan")
    url = server.url("kaikan")
    bare = create_app(settings_for(url))
    with bare.app_context():
        upgrade()
        builders.furnish()
        db.session.remove()
        db.engine.dispose()
    return url
