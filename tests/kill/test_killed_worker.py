"""A worker is killed while it hands a letter over: the job is taken up again, one letter goes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import procrastinate
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy.engine import make_url

from app.facilities.catalogue import Catalogue
from tests import builders
from tests.db import proof
from tests.db.proof import one
from tests.kill.processes import wait_for, worker
from tests.usecases import steps
from tests.usecases.mailbox import MailBox, free_port

pytestmark = pytest.mark.kill


class SlowMailBox(MailBox):
    """Lets the first letter wait, so that somebody is in the middle of handing it over."""

    def __init__(self) -> None:
        super().__init__()
        self.is_first = True
        self.killed = asyncio.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if not self.is_first:
            return await super().handle_DATA(server, session, envelope)
        self.is_first = False
        self.asked.set()
        await self.killed.wait()
        return "451 the one who asked is dead"


@pytest.fixture
def slow_mailbox() -> Iterator[SlowMailBox]:
    box = SlowMailBox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.loop.call_soon_threadsafe(box.killed.set)
    controller.stop()


def test_the_letter_of_a_killed_worker_is_sent_by_another(
    midori: Catalogue, url: str, folder: Path, slow_mailbox: SlowMailBox
):
    made = steps.book(midori, builders.a_resident(), builders.a_wish(midori))
    with proof.as_superuser(url) as database:
        state = "select state from delivery"
        with worker(url, folder, mail_url=slow_mailbox.url, name="first") as first:
            wait_for(slow_mailbox.asked.is_set, first.said)
            first.kill()

        job = "select status::text from procrastinate_jobs where task_name = 'deliver_letter'"
        assert (one(database, job), one(database, state)) == ("doing", "promised")

        with worker(url, folder, mail_url=slow_mailbox.url, name="second") as second:
            alive = "select count(*) from procrastinate_workers"
            wait_for(lambda: one(database, alive) == 2, second.said)
            # The first one's heart stopped long ago; waiting for that would prove nothing more.
            database.execute(
                "update procrastinate_workers set last_heartbeat = now() - interval '10 minutes'"
                " where id = (select min(id) from procrastinate_workers)"
            )
            ask_for_a_sweep(url)
            wait_for(lambda: one(database, state) != "promised", second.said)
            # A job ends a moment after what it did: the queue writes that down by itself.
            doing = "select count(*) from procrastinate_jobs where status = 'doing'"
            wait_for(lambda: one(database, doing) == 0, second.said)

        assert database.execute("select state, tries, error from delivery").fetchall() == [
            ("sent", 2, None)
        ]
    (letter,) = slow_mailbox.letters
    assert letter["To"] == "hanako@example.jp"
    assert str(made.booking.number)[:4] in letter.get_content()


def ask_for_a_sweep(url: str) -> None:
    """Run the job that looks for stalled ones now, and not at the next full minute."""
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    queue = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo))
    with queue.open():
        queue.configure_task("take_up_stalled", queue="kaikan").defer(timestamp=0)
