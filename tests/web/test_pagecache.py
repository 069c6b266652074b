"""Pages kept for everybody: the same from every process, never old, never somebody else's."""

import gzip
from datetime import timedelta

import pytest

from app.factory import create_app
from app.web import pagecache
from app.web.pagecache import PageCache
from tests import builders
from tests.conftest import MINE, settings_for
from tests.pages import Visitor
from tests.web.situations import holds, is_signed_in, statements

DAY = "/midori/facilities/chuo/days/2027-03-08"
WEEK = "/midori/facilities/chuo/weeks/2027-03-08"
MONTH = "/midori/facilities/chuo/months/2027-03"
HALL = "/midori/facilities/chuo"
KEPT = ["/midori/", HALL, DAY, WEEK, MONTH, "/midori/facilities/chuo/rooms/room-1/days/2027-03-08"]
ALMOST, JUST = 0.49, 0.5  # seconds; how long "nothing has changed" is believed


class Stopwatch:
    """A clock of seconds that stands still until a test moves it."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def stopwatch(app):
    watch = Stopwatch()
    with app.app_context():
        pagecache.start_anew(PageCache(watch))
    return watch


@pytest.fixture
def stranger(app, stopwatch):
    """A browser that nobody knows."""
    return app.test_client()


def asked_again(client, path, **headers):
    """Ask for a page twice and return the second answer with the SQL it cost."""
    client.get(path)
    with statements(client.application) as seen:
        answer = client.get(path, headers=headers)
    return answer, [one for one in seen if "FROM tenant" not in one]


@pytest.mark.parametrize("path", KEPT)
def test_a_page_is_made_once_for_everybody(app, stranger, path):
    first = stranger.get(path)

    answer, cost = asked_again(app.test_client(), path)

    assert cost == []
    assert answer.data == first.data
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "HX-Request", "Accept-Encoding"} <= set(answer.vary)


@pytest.mark.parametrize("path", KEPT)
def test_who_has_the_page_already_is_told_so_without_a_query(stranger, path):
    etag = stranger.get(path).headers["ETag"]

    answer, cost = asked_again(stranger, path, **{"If-None-Match": etag})

    assert (answer.status_code, answer.data, cost) == (304, b"", [])


def test_zipped_and_plain_are_the_same_page(stranger):
    plain, zipped = stranger.get(WEEK), stranger.get(WEEK, headers={"Accept-Encoding": "gzip"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] == plain.headers["ETag"]


def test_a_part_for_htmx_and_larger_text_are_pages_of_their_own(stranger):
    whole = stranger.get(WEEK).text
    part = stranger.get(WEEK, headers={"HX-Request": "true"}).text
    stranger.set_cookie("text", "large")
    large = stranger.get(WEEK).text

    assert part.lstrip().startswith('<div class="full stack" id="week">')
    assert 'class="large"' in large
    assert whole != large


def test_whether_anything_changed_is_asked_at_most_every_half_second(stranger, stopwatch):
    stranger.get(WEEK)
    stopwatch.seconds += ALMOST
    assert asked_again(stranger, WEEK)[1] == []

    stopwatch.seconds += JUST - ALMOST
    with statements(stranger.application) as seen:
        for _ in range(5):
            stranger.get(WEEK)

    assert [one.split(" FROM ")[1].split()[0] for one in seen if "FROM tenant" not in one] == [
        "facility_change"
    ]


class TestTwoProcesses:
    @pytest.fixture
    def other(self, app, postgres, stopwatch):
        """The same service in another process, as far as its memory goes."""
        second = create_app(settings_for(postgres.url(MINE)))
        second.config["KAIKAN_CLOCK"] = app.config["KAIKAN_CLOCK"]
        with second.app_context():
            pagecache.start_anew(PageCache(stopwatch))
        yield second
        with second.app_context():
            pagecache.db.session.remove()
            pagecache.db.engine.dispose()

    @pytest.mark.parametrize("path", KEPT)
    def test_give_the_same_bytes(self, app, other, path):
        one, two = app.test_client().get(path), other.test_client().get(path)

        assert (one.data, one.headers["ETag"]) == (two.data, two.headers["ETag"])

    @pytest.mark.parametrize("path", [DAY, WEEK, MONTH])
    def test_what_is_held_through_one_is_seen_by_the_other_within_a_second(
        self, app, other, stopwatch, path
    ):
        reader = other.test_client()
        before = reader.get(path)

        holds(Visitor(app), [("room-1", builders.NEXT_MONDAY, (9, 22))])
        stopwatch.seconds += JUST
        after = reader.get(path, headers={"If-None-Match": before.headers["ETag"]})

        assert after.status_code == 200
        assert after.data != before.data

    def test_what_is_held_in_another_hall_makes_no_page_old(self, app, other, stopwatch):
        before = other.test_client().get(WEEK)

        holds(Visitor(app), facility="kita")
        stopwatch.seconds += JUST

        answer, _ = asked_again(
            other.test_client(), WEEK, **{"If-None-Match": before.headers["ETag"]}
        )
        assert answer.status_code == 304


class TestAPageChangesByItself:
    def test_when_a_hold_runs_out(self, app, stranger, clock):
        holds(Visitor(app))
        held = stranger.get(DAY)
        clock.now += timedelta(minutes=15) - timedelta(seconds=1)
        assert stranger.get(DAY).data == held.data

        clock.now += timedelta(seconds=1)

        assert "ほかの方が手続き中です。" in held.text
        assert "ほかの方が手続き中です。" not in stranger.get(DAY).text

    def test_when_reception_opens(self, stranger, clock):
        path = "/midori/facilities/chuo/days/2027-06-07"
        clock.now = builders.MONDAY_9AM + timedelta(days=31) - timedelta(seconds=1)
        assert "から申し込めます。" in stranger.get(path).text

        clock.now += timedelta(seconds=1)  # the first of April, nine o'clock

        assert "から申し込めます。" not in stranger.get(path).text

    def test_when_a_slot_begins(self, stranger, clock):
        path = "/midori/facilities/chuo/days/2027-03-01"
        clock.now = builders.MONDAY_9AM + timedelta(hours=1, seconds=-1)
        before = stranger.get(path).text.count('class="past"')

        clock.now += timedelta(seconds=1)

        assert stranger.get(path).text.count('class="past"') > before

    def test_at_midnight(self, stranger, clock):
        path = "/midori/facilities/chuo/weeks/2027-03-02"
        assert "前の週" in stranger.get(path).text

        clock.now = builders.MONDAY_9AM + timedelta(hours=15)

        assert "前の週" not in stranger.get(path).text

    def test_when_rules_are_published(self, app, stranger):
        assert "第3会館" not in stranger.get("/midori/").text

        with app.app_context():
            builders.a_facility(builders.tenant_id_of("midori"), "san", "第3会館", position=3)
        app.extensions["municipalities"]._read_at = float("-inf")  # a second later

        assert "第3会館" in stranger.get("/midori/").text

    def test_after_a_minute_at_the_latest(self, stranger, stopwatch):
        stranger.get("/midori/facilities/chuo")
        stopwatch.seconds += 60

        with statements(stranger.application) as seen:
            stranger.get(WEEK)

        assert seen


class TestWhoIsSomebody:
    def test_sees_what_they_did_at_once(self, app, stranger, visitor):
        stranger.get(DAY)  # kept for everybody

        holds(visitor)

        assert "✓ えらびました" in visitor.visit(DAY).text
        assert "✓ えらびました" not in stranger.get(DAY).text

    def test_leaves_no_page_of_theirs_for_others(self, app, stranger, visitor):
        holds(visitor)
        is_signed_in(visitor)
        for path in KEPT:
            visitor.visit(path)

        assert all("hanako@example.jp" not in stranger.get(path).text for path in KEPT)

    def test_is_told_nothing_of_what_is_kept(self, visitor, stopwatch):
        holds(visitor)

        answer = visitor.client.get(DAY)

        assert "ETag" not in answer.headers
        assert {"Cookie", "HX-Request", "Accept-Encoding"} <= set(answer.vary)


def test_the_pages_of_two_municipalities_are_not_mixed_up(stranger):
    assert "みどり市" in stranger.get("/midori/facilities/chuo").text
    assert "あおば町" in stranger.get("/aoba/facilities/chuo").text


def test_a_page_that_is_not_there_is_not_kept(stranger):
    answer, cost = asked_again(stranger, "/midori/facilities/attic")

    assert (answer.status_code, cost) == (404, [])
    assert "ETag" not in answer.headers


def test_no_more_is_kept_than_fits(app):
    with app.app_context():
        pagecache.start_anew(PageCache(most_bytes=40_000))
    client = app.test_client()

    for n in range(1, 29):
        client.get(f"/midori/facilities/chuo/rooms/room-1/days/2027-03-{n:02}")

    with app.app_context():
        assert 20_000 < pagecache.pages().bytes_kept <= 40_000
