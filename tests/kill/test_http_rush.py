"""Opening rush over HTTP at a real gunicorn: one has the slot, each other is told, none fails."""

import http.client
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.facilities.catalogue import Catalogue
from tests.db import proof
from tests.kill.bookers import Answers, Booker, Line, bookable
from tests.kill.processes import HOST, Process, gunicorn
from tests.racing import Race, percentile, race

pytestmark = pytest.mark.race

CLIENTS = 50


@pytest.fixture
def web(url: str, folder: Path) -> Iterator[Process]:
    with gunicorn(url, folder) as started:
        for _ in range(6):  # each process has read the municipality before the rush begins
            assert started.answers("/midori/")
        yield started


@pytest.fixture
def slot(midori: Catalogue) -> Line:
    return next(bookable(midori, "room-1"))


def test_of_fifty_programs_at_one_slot_one_books_it(
    midori: Catalogue, url: str, token: str, web: Process, slot: Line,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    booker = Booker(web.port, token, Answers(), deadline=0)

    came = race(lambda n: booker.ask(f"k{n}", slot), *range(CLIENTS))

    assert Counter(status for status, _ in came.results) == {201: 1, 409: CLIENTS - 1}
    for status, body in came.results:
        if status == 409:
            assert [no["code"] for no in body["refusals"]] == ["slot.taken"]
            assert all(no["sentence"] for no in body["refusals"])
    whole(url, bookings=1)
    say(capsys, "programs", came)


def test_of_fifty_browsers_at_one_slot_one_holds_it(
    midori: Catalogue, url: str, web: Process, slot: Line, capsys: pytest.CaptureFixture[str]
):
    form = urlencode(
        {
            "facility": slot["facility"],
            "room": slot["room"],
            "on": slot["date"],
            "at": "-".join(str(minute(slot[end])) for end in ("from", "to")),
        }
    )

    def press(_: int) -> tuple[int, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{HOST}:{web.port}",
        }
        with closing(http.client.HTTPConnection(HOST, web.port, timeout=20)) as connection:
            connection.request("POST", "/midori/basket/lines", form, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

    came = race(press, *range(CLIENTS))

    assert Counter(status for status, _ in came.results) == {303: 1, 409: CLIENTS - 1}
    for status, body in came.results:
        assert status == 303 or "ほかの方が手続き中です" in body
    whole(url, bookings=0)
    say(capsys, "browsers", came)


def whole(url: str, *, bookings: int) -> None:
    with proof.as_superuser(url) as database:
        proof.assert_whole(database)
        assert proof.one(database, "select count(*) from occupancy where live") == 1
        query = "select count(*) from booking where state <> 'draft'"
        assert proof.one(database, query) == bookings


def say(capsys: pytest.CaptureFixture[str], who: str, came: Race) -> None:
    with capsys.disabled():
        print(
            f"\n  {CLIENTS} {who} at one slot over HTTP: p50 {percentile(came.seconds, 50):.0f} ms,"
            f" p99 {percentile(came.seconds, 99):.0f} ms"
        )


def minute(clock: str) -> int:
    hour, _, past = clock.partition(":")
    return int(hour) * 60 + int(past)
