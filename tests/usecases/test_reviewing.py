"""Uses that staff permit: asked, returned, granted or refused, once, whoever acts at once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import changes_of, lines_of
from app.booking.service.basket_plan import Wish
from app.booking.service.changing import Asked
from app.booking.service.permits import steps_of
from app.booking.states import LineState, Review, State
from app.counter.rules import Mark
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refused
from app.payments.service import balance_of
from app.usecases import reviewing
from app.usecases.attending import set_mark
from app.usecases.cancelling import cancel_lines
from app.usecases.changing import change
from app.usecases.lapsing import lapse_overdue
from app.usecases.reviewing import Answer
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.db import proof
from tests.racing import race
from tests.reports.situations import a_booking, working
from tests.usecases.steps import CLERK
from tests.web.situations import a_third_hall

GROUND = {"id": "order", "name": "公の秩序を乱すおそれがあるとき", "citation": "条例第7条第1号"}
WITH_PERMIT: dict[str, Any] = {
    "reviews": [{"rooms": ["room-1"], "days": 5, "citation": "規則第3条"}], "grounds": [GROUND],
}  # fmt: skip
GRANT = Answer(Review.GRANTED)


@pytest.fixture(autouse=True)
def a_hall_that_permits(app: Flask) -> None:
    a_third_hall(app, terms=WITH_PERMIT)


def applied(found: Catalogue, room: str = "room-1", *, hour: int = 10, **more: Any) -> Booking:
    use = (room, NEXT_MONDAY, (hour, hour + 2))
    return a_booking(found, use, facility="nishi", **more).booking


def fresh(booking_id: int) -> Booking:
    db.session.expire_all()
    return db.session.get_one(Booking, (builders.tenant_id_of("midori"), booking_id))


def decide(found: Catalogue, booking: Booking, answer: Answer = GRANT, **more: Any) -> None:
    more = {"actor": CLERK, "now": MONDAY_9AM + timedelta(hours=1), **more}
    reviewing.decide(found, booking.id, answer, **more)


def test_only_what_a_rule_names_waits_for_a_permit(app: Flask):
    with working(app) as found:
        waits, at_once = applied(found), applied(found, "room-2")

        assert (waits.state, waits.review) == (State.REQUESTED, Review.ASKED)
        assert waits.answer_by == date(2027, 3, 6), "five days after the application"
        assert (waits.due_at, waits.fee_yen) == (None, 800)
        assert balance_of(db.session(), waits.id).owed_yen == 0
        assert (at_once.state, at_once.review) == (State.PROVISIONAL, None)


def test_permitted_it_is_charged_and_due_from_then_on_and_only_once(app: Flask):
    with working(app) as found:
        booking = applied(found)
        for _ in range(2):
            decide(found, booking)

        booking = fresh(booking.id)
        assert (booking.state, booking.review) == (State.PROVISIONAL, Review.GRANTED)
        assert balance_of(db.session(), booking.id).owed_yen == 800
        assert [one.state for one in steps_of(db.session(), booking.id)] == ["granted"]
        letters = "select count(*) from delivery where template = 'review_answered'"
        assert db.session.scalar(text(letters)) == 1
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


def test_refused_its_floor_is_free_and_the_ground_is_kept(app: Flask):
    with working(app) as found:
        booking = applied(found)
        decide(found, booking, Answer(Review.REFUSED, "催しの内容によります。", ("order",)))

        booking = fresh(booking.id)
        assert (booking.state, booking.review) == (State.CANCELLED, Review.REFUSED)
        (step,) = steps_of(db.session(), booking.id)
        assert step.grounds == [{"name": GROUND["name"], "citation": GROUND["citation"]}]
        assert balance_of(db.session(), booking.id).owed_yen == 0
        assert applied(found, email="taro@example.jp").state == State.REQUESTED
        sent = "select count(*) from delivery where template = 'booking_cancelled'"
        assert db.session.scalar(text(sent)) == 0, "one letter says it all"
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


def test_returned_and_answered_it_is_with_the_staff_again(app: Flask):
    with working(app) as found:
        booking = applied(found)
        hanako = Actor("resident", account_id=booking.account_id)
        decide(found, booking, Answer(Review.RETURNED, "何人が出演しますか。"))
        assert fresh(booking.id).review == Review.RETURNED
        assert fresh(booking.id).state == State.REQUESTED

        reviewing.reply(booking.id, "5人です。", actor=hanako, now=MONDAY_9AM)
        assert fresh(booking.id).review == Review.ASKED
        with pytest.raises(Refused, match=r"review\.not_asked"):
            reviewing.reply(booking.id, "5人です。", actor=hanako, now=MONDAY_9AM)


def test_nobody_answers_their_own_or_what_was_answered_otherwise(app: Flask):
    with working(app) as found:
        booking = applied(found)
        with pytest.raises(Refused, match=r"review\.own"):
            decide(found, booking, actor=Actor("staff", account_id=booking.account_id))
        with pytest.raises(Refused, match=r"review\.no_such_ground"):
            decide(found, booking, Answer(Review.REFUSED, "", ("weather",)))
        decide(found, booking)
        with pytest.raises(Refused, match=r"review\.decided"):
            decide(found, booking, Answer(Review.REFUSED, "", ("order",)))


def test_what_was_changed_since_it_was_read_is_not_permitted_unseen(app: Flask):
    with working(app) as found:
        booking = applied(found)
        line = lines_of(db.session(), booking.id)[0]
        hanako = Actor("resident", account_id=booking.account_id)
        longer = Asked({line.id: Wish(line.room_id, NEXT_MONDAY, 600, 900)})
        change(found, booking.id, longer, actor=hanako, now=MONDAY_9AM)

        with pytest.raises(Refused, match=r"review\.changed"):
            decide(found, booking, seen=0)
        decide(found, booking, seen=changes_of(db.session(), booking.id))
        assert fresh(booking.id).fee_yen == 2000


def test_after_the_permit_a_resident_makes_no_other_use_of_it(app: Flask):
    with working(app) as found:
        booking = applied(found)
        decide(found, booking)
        line = lines_of(db.session(), booking.id)[0]
        hanako = Actor("resident", account_id=booking.account_id)

        longer = Asked({line.id: Wish(line.room_id, NEXT_MONDAY, 600, 900)})
        with pytest.raises(Refused, match=r"change\.needs_permit"):
            change(found, booking.id, longer, actor=hanako, now=MONDAY_9AM)
        shorter = Asked({line.id: Wish(line.room_id, NEXT_MONDAY, 600, 660)})
        change(found, booking.id, shorter, actor=hanako, now=MONDAY_9AM)
        assert fresh(booking.id).fee_yen == 400


def test_moved_into_a_room_that_needs_none_it_waits_no_longer(app: Flask):
    with working(app) as found:
        booking = applied(found)
        line = lines_of(db.session(), booking.id)[0]
        other = builders.room_id(found, "room-2", "nishi")
        there = Asked({line.id: Wish(other, NEXT_MONDAY, 600, 720)})
        change(found, booking.id, there, actor=CLERK, now=MONDAY_9AM)

        assert (fresh(booking.id).state, fresh(booking.id).review) == (State.PROVISIONAL, None)


def test_permit_and_cancellation_at_once_leave_one_of_both(app: Flask):
    with working(app) as found:
        for n in range(6):
            booking = applied(found, email=f"h{n}@example.jp")
            line = lines_of(db.session(), booking.id)[0]
            who = Actor("resident", account_id=booking.account_id)
            db.session.commit()

            def act(
                what: str, booking: Booking = booking, line_id: int = line.id, who: Actor = who
            ) -> None:
                if what == "permit":
                    decide(found, booking)
                else:
                    cancel_lines(found, booking.id, [line_id], actor=who, now=MONDAY_9AM)

            raced = race(act, "permit", "cancel")
            unexpected = [one for one in raced.refusals if one != ("review.ended",)]
            assert not unexpected
            assert fresh(booking.id).state == State.CANCELLED
            assert balance_of(db.session(), booking.id).owed_yen == 0
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


def test_two_clerks_of_two_minds_one_of_them_is_told(app: Flask):
    with working(app) as found:
        booking = applied(found)
        answers = [GRANT, Answer(Review.REFUSED, "", ("order",))]
        raced = race(lambda one: decide(found, booking, one), *answers)

        assert raced.refusals == [("review.decided",)]
        steps = steps_of(db.session(), booking.id)
        assert len(steps) == 1
        assert fresh(booking.id).review == steps[0].state


def test_without_the_lock_both_would_have_been_told_yes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    """The control: both read before either writes, and the booking carries two answers."""
    both_read = threading.Barrier(2)

    def read_only(session: Session, booking_id: int) -> Booking:
        booking = session.get_one(Booking, (builders.tenant_id_of("midori"), booking_id))
        both_read.wait(10)
        return booking

    monkeypatch.setattr(reviewing, "locked", read_only)
    with working(app) as found:
        booking = applied(found)
        answers = [Answer(Review.RETURNED, text) for text in ("何人ですか。", "何時からですか。")]
        raced = race(lambda one: decide(found, booking, one), *answers)

        assert raced.refusals == []
        assert len(steps_of(db.session(), booking.id)) == 2


def test_a_use_that_is_over_is_not_permitted_any_more(app: Flask):
    with working(app) as found:
        booking = applied(found)
        with pytest.raises(Refused, match=r"review\.over"):
            decide(found, booking, now=MONDAY_9AM + timedelta(days=8))


def test_what_nobody_answered_ends_with_its_time_and_only_once(app: Flask):
    """The applicant no longer waits, nothing was charged, and the letter says whose fault it is."""
    over = MONDAY_9AM + timedelta(days=7, hours=3)
    with working(app) as found:
        booking, answered = applied(found), applied(found, "room-1", email="b@example.jp", hour=14)
        decide(found, answered)
        counts = [lapse_overdue(now=at) for at in (over - timedelta(seconds=1), over, over)]

        assert counts[0] == 1, "the one that was permitted and not paid"
        assert counts[1:] == [1, 0]
        booking = fresh(booking.id)
        assert (booking.state, booking.review) == (State.LAPSED, Review.ASKED)
        assert [one.state for one in lines_of(db.session(), booking.id)] == [LineState.LAPSED]
        assert balance_of(db.session(), booking.id).owed_yen == 0
        with pytest.raises(Refused, match=r"review\.ended"):
            decide(found, booking, now=over)
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


@pytest.mark.race
def test_a_permit_in_the_last_moment_and_the_end_leave_one_of_both(app: Flask):
    with working(app) as found:
        booking = applied(found)
        over = MONDAY_9AM + timedelta(days=7, hours=3)
        raced = race(
            lambda do: do(),
            lambda: decide(found, booking, now=over - timedelta(seconds=1)),
            lambda: lapse_overdue(now=over),
        )

        state = fresh(booking.id).state
        assert (state == State.LAPSED) == bool(raced.refusals)
        assert state in (State.LAPSED, State.PROVISIONAL)
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


def test_nobody_comes_in_without_a_permit(app: Flask):
    begins = MONDAY_9AM + timedelta(days=7, hours=1)
    with working(app) as found:
        booking = applied(found)
        (line,) = lines_of(db.session(), booking.id)
        for mark in (Mark.CAME, Mark.KEY_OUT):
            with pytest.raises(Refused, match=r"use\.no_permit"):
                set_mark(found, booking.id, line.id, mark, actor=CLERK, now=begins)
        decide(found, booking, now=begins - timedelta(hours=2))
        assert set_mark(
            found, booking.id, line.id, Mark.CAME, actor=CLERK, now=begins
        ).marks.came_at


def test_the_database_itself_lets_nothing_be_certain_without_its_permit(app: Flask):
    with working(app) as found:
        booking = applied(found)
        sneaky = text("update booking set state = 'confirmed' where id = :id")
        with pytest.raises(IntegrityError, match="certain_is_permitted"):
            in_transaction(lambda session: session.execute(sneaky, {"id": booking.id}))
