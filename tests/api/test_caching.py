"""Public answers carry an ETag; it changes when the answer does, and only then."""

from datetime import timedelta

import pytest

from app.web.api import availability
from app.web.api.caching import Memory, Seen
from tests.api.calling import Program, an_application, statements
from tests.api.test_availability import DAY, WEEK, hold
from tests.builders import MONDAY_9AM

PUBLIC = ["/facilities", "/facilities/chuo", "/facilities/chuo/rooms", WEEK]


def test_what_did_not_change_is_not_sent_again(anybody):
    for path in PUBLIC:
        first = anybody.get(path)
        again = anybody.get(path, status=304, **{"If-None-Match": first.headers["ETag"]})

        assert first.headers["Cache-Control"].startswith("public, max-age=")
        assert first.headers["ETag"].startswith('W/"')
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == first.headers[name]


def test_public_answers_depend_on_no_cookie_and_pages_of_other_sites_may_read_them(anybody):
    answer = anybody.get(WEEK, Cookie="kaikan=whatever", Origin="https://example.jp")

    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_compressed_answer_has_the_same_etag(anybody):
    plain = anybody.get(WEEK)
    small = anybody.client.get(anybody.root + WEEK, headers={"Accept-Encoding": "gzip"})
    again = anybody.client.get(
        anybody.root + WEEK,
        headers={"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]},
    )

    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["ETag"] == plain.headers["ETag"]
    assert again.status_code == 304


def test_another_answer_does_not_go_with_this_etag(anybody):
    etag = anybody.get("/facilities").headers["ETag"]

    anybody.get(WEEK, **{"If-None-Match": etag})
    anybody.get(WEEK, **{"If-None-Match": '"rubbish", W/"more"'})
    anybody.get(WEEK, **{"If-None-Match": "no quotes \xff"})


def test_a_booking_changes_it_and_a_cancellation_brings_it_back(program, anybody):
    before = anybody.get(WEEK).headers["ETag"]
    number = program.post("/bookings", an_application()).get_json()["number"]

    booked = anybody.get(WEEK, **{"If-None-Match": before}).headers["ETag"]
    program.post(f"/bookings/{number}/cancellation", status=200)
    freed = anybody.get(WEEK, **{"If-None-Match": booked}).headers["ETag"]

    assert booked != before
    assert freed == before


def test_a_booking_in_another_hall_leaves_it(program, anybody):
    before = anybody.get(WEEK).headers["ETag"]
    program.post("/bookings", an_application({"facility": "kita"}))

    anybody.get(WEEK, status=304, **{"If-None-Match": before})


@pytest.mark.parametrize("minutes", [15, 60])
def test_time_alone_changes_it_too(app, clock, anybody, minutes):
    hold(app, clock)  # until 9:15
    today = DAY.replace("2027-03-08", "2027-03-01")  # the slot of 10:00 is past at 10:00
    path = DAY if minutes == 15 else today
    etag = anybody.get(path).headers["ETag"]
    clock.now += timedelta(minutes=minutes, seconds=-1)
    anybody.get(path, status=304, **{"If-None-Match": etag})

    clock.now += timedelta(seconds=1)

    assert anybody.get(path, **{"If-None-Match": etag}).headers["ETag"] != etag


def test_it_is_the_same_in_every_process(monkeypatch, anybody):
    etag = anybody.get(WEEK).headers["ETag"]

    monkeypatch.setattr(availability, "_memory", Memory())  # of a process that just started
    anybody.get(WEEK, status=304, **{"If-None-Match": etag})


def test_a_304_of_availability_asks_the_database_one_question(app, anybody):
    etag = anybody.get(WEEK).headers["ETag"]

    with statements(app) as seen:
        anybody.get(WEEK, status=304, **{"If-None-Match": etag})

    assert [one.split()[0].lower() for one in seen] == ["select", "select"]
    assert "set_config" in seen[0]
    assert "facility_change" in seen[1]


def test_memory_is_bounded():
    memory = Memory(most=3)
    for n in range(10):
        memory.keep(n, Seen(0, f"e{n}", MONDAY_9AM + timedelta(hours=1)))

    assert [memory.etag(n, 0, now=MONDAY_9AM) for n in range(10)] == [None] * 7 + ["e7", "e8", "e9"]
    assert memory.etag(9, 1, now=MONDAY_9AM) is None  # the data moved on
    assert memory.etag(9, 0, now=MONDAY_9AM + timedelta(hours=1)) is None  # its time is over


def test_two_municipalities_share_nothing(app, anybody):
    other = Program(app, "aoba")
    etag = anybody.get(WEEK).headers["ETag"]

    other.get(WEEK, **{"If-None-Match": etag})
