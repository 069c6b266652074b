"""A web process is killed in the middle of bookings: nothing is half, nobody is forgotten."""

import time
from itertools import islice
from pathlib import Path

import pytest

from app.facilities.catalogue import Catalogue
from tests.db import proof
from tests.db.proof import one
from tests.kill.bookers import Answers, Booker, bookable, in_threads
from tests.kill.processes import gunicorn, wait_for

pytestmark = pytest.mark.kill

BOOKINGS, THREADS = 120, 12


def test_what_was_answered_is_booked_once_and_what_was_not_can_be_asked_again(
    midori: Catalogue, token: str, url: str, folder: Path
):
    lines = islice(bookable(midori, "room-1", "hall", "kitchen"), 10**6)
    asked = [(f"k{n}", line) for n, line in zip(range(BOOKINGS), lines, strict=False)]
    assert len(asked) == BOOKINGS
    answers = Answers()

    with gunicorn(url, folder) as web:
        first = web.children
        booker = Booker(web.port, token, answers, time.monotonic() + 60)
        threads = in_threads(booker, asked, threads=THREADS)
        for so_many in (BOOKINGS // 6, BOOKINGS // 3, BOOKINGS // 2):
            wait_for(lambda so_many=so_many: answers.count() >= so_many, web.said)
            web.kill_a_child()
        for thread in threads:
            thread.join(60)

        assert answers.count() == BOOKINGS, web.said()
        assert web.answers()
        # gunicorn put others in the place of those that were killed
        wait_for(lambda: len(web.children) == len(first), web.said)

    assert answers.wrong == [], web.said()
    assert answers.unanswered > 0, "nobody was in the middle of anything"
    check_books(url, answers)


def check_books(url: str, answers: Answers) -> None:
    """Compare what programs were told with what is written."""
    told = [body["number"] for status, body in answers.by_key.values() if status == 201]
    statuses = {status for status, _ in answers.by_key.values()}
    with proof.as_superuser(url) as database:
        proof.assert_whole(database)
        written = database.execute("select number from booking where state <> 'draft'").fetchall()
        assert one(database, "select count(*) from booking where state = 'draft'") == 0
    assert statuses <= {201, 409}
    assert sorted(told) == sorted(row[0] for row in written)
