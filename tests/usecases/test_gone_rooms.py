"""A hall or room that is no longer offered: nothing new, but what was booked goes on as agreed."""

from collections.abc import Callable

import psycopg
import pytest

from app.adapters.mail_smtp import SmtpPost
from app.booking.service.application import Applicant
from app.booking.service.submitting import Submitted
from app.facilities.catalogue import Catalogue
from app.usecases import choosing, lapsing
from app.usecases.delivering import deliver
from tests import builders
from tests.builders import MONDAY_9AM
from tests.conftest import SECRET
from tests.db.proof import one
from tests.usecases import steps
from tests.usecases.mailbox import open_mailbox

GONE = {
    "room": "update room set is_listed = false where slug = 'room-1' and facility_id = 1",
    "hall": "update facility set is_listed = false where id = 1",
}


@pytest.fixture(params=GONE)
def gone(request: pytest.FixtureRequest, database: psycopg.Connection) -> Callable[[], Catalogue]:
    """Take the room, or the hall that it is in, off the list."""

    def take() -> Catalogue:
        database.execute(GONE[request.param])
        database.execute("update tenant set catalogue_revision = catalogue_revision + 1")
        return builders.catalogue_of("midori")

    return take


@pytest.fixture
def made(midori: Catalogue, hanako: Applicant) -> Submitted:
    return steps.book(midori, hanako, builders.a_wish(midori))


def test_it_can_not_be_chosen_any_more(
    midori: Catalogue, sound: psycopg.Connection, gone: Callable[[], Catalogue]
):
    wish = builders.a_wish(midori)

    assert steps.codes(steps.choose(gone(), "mine", wish)) == ["room.unknown"]


def test_a_basket_with_it_can_still_be_changed_and_applied_for(
    midori: Catalogue,
    sound: psycopg.Connection,
    hanako: Applicant,
    gone: Callable[[], Catalogue],
):
    room = builders.a_wish(midori)
    elsewhere = builders.a_wish(midori, facility="kita")
    steps.choose(midori, "mine", room)
    found = gone()

    assert steps.choose(found, "mine", elsewhere).refused == {}
    assert steps.told(steps.apply, found, "mine", hanako) == ["room.unknown"]
    made = steps.apply(found, "mine", hanako, best_effort=True)

    assert [line.room_id for line in made.lines] == [elsewhere.room_id]


def test_it_can_be_let_go_of(
    midori: Catalogue, sound: psycopg.Connection, gone: Callable[[], Catalogue]
):
    wish = builders.a_wish(midori)
    steps.choose(midori, "mine", wish)

    choosing.let_go(gone(), "mine", wish, now=MONDAY_9AM)

    assert one(sound, "select count(*) from booking_line") == 0


def test_what_was_booked_can_be_paid_and_cancelled_under_its_terms(
    made: Submitted, sound: psycopg.Connection, gone: Callable[[], Catalogue]
):
    steps.pay(made.booking)

    (end,) = steps.cancel(gone(), made)

    assert end.consequence.refund_percent == 50
    assert one(sound, "select state from booking") == "cancelled"


def test_what_was_booked_lapses_as_it_would_have(
    made: Submitted, sound: psycopg.Connection, gone: Callable[[], Catalogue]
):
    assert made.booking.due_at is not None
    gone()

    assert lapsing.lapse_overdue(now=made.booking.due_at) == 1


def test_letters_about_it_still_go(
    made: Submitted, sound: psycopg.Connection, gone: Callable[[], Catalogue]
):
    with open_mailbox() as mailbox:
        deliver(
            1,
            catalogue=gone(),
            secret=SECRET,
            write=lambda template, facts: (template, facts["lines"][0]["room"].name),
            post=SmtpPost(mailbox.url, "会館 <no-reply@kaikan.example>"),
            now=MONDAY_9AM,
        )

        assert mailbox.letters[0].get_content().strip() == "第1会議室"
