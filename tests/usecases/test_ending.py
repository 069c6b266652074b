"""Cancelling, paying, lapsing: floor free at once, every yen explained, each exactly once."""

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.booking.service.application import Applicant
from app.booking.service.ending import move
from app.booking.service.submitting import Submitted
from app.booking.states import State
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from app.kernel.clock import TOKYO
from app.usecases import cancelling, lapsing
from tests import builders
from tests.builders import MONDAY_9AM
from tests.db.proof import one
from tests.usecases import steps
from tests.usecases.steps import CLERK

IN_THREE_WEEKS, IN_TWO_WEEKS, IN_A_WEEK = date(2027, 3, 22), date(2027, 3, 15), date(2027, 3, 8)
THURSDAY = date(2027, 3, 4)


def state_of(database: psycopg.Connection, made: Submitted) -> str:
    return str(one(database, "select state from booking where id = %s", made.booking.id))


def ledger(database: psycopg.Connection, made: Submitted) -> list[tuple[str, int]]:
    query = "select kind, yen from ledger_entry where booking_id = %s order by id"
    return database.execute(query, [made.booking.id]).fetchall()


def letters(database: psycopg.Connection) -> list[str]:
    return [row[0] for row in database.execute("select template from delivery order by id")]


class TestCancelling:
    def test_frees_the_floor_at_once_and_owes_nothing(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wish = builders.a_wish(midori, "hall", hours=(9, 12))
        made = steps.book(midori, hanako, wish)

        steps.cancel(midori, made)

        assert state_of(sound, made) == "cancelled"
        assert ledger(sound, made) == [("charge", 3000), ("release", -3000)]
        assert letters(sound) == ["booking_made", "booking_cancelled"]
        assert steps.choose(midori, "rival", wish).refused == {}

    def test_keeps_what_was_taken_as_history(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, "hall", hours=(9, 12)))

        steps.cancel(midori, made)

        assert one(sound, "select count(*) from occupancy where not live") == 2

    def test_a_part_leaves_the_rest_standing_with_its_own_letter(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(
            midori, hanako, builders.a_wish(midori), builders.a_wish(midori, "room-2")
        )
        first, second = made.lines

        steps.cancel(midori, made, first.id)
        assert state_of(sound, made) == "provisional"
        assert ledger(sound, made)[2:] == [("release", -800)]

        steps.cancel(midori, made, second.id)
        assert state_of(sound, made) == "cancelled"
        assert ledger(sound, made)[2:] == [("release", -800), ("release", -600)]
        assert letters(sound) == ["booking_made", "booking_cancelled", "booking_cancelled"]

    def test_twice_does_it_once(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        ends = [len(steps.cancel(midori, made)) for _ in range(2)]

        assert ends == [1, 0]
        assert len(ledger(sound, made)) == 2

    def test_all_that_costs_makes_what_is_left_certain(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        """Nothing is owed for the lobby, so no deadline may take it away."""
        made = steps.book(midori, hanako, builders.a_wish(midori), builders.a_wish(midori, "lobby"))
        due = made.booking.due_at
        assert due is not None
        room = next(line for line in made.lines if line.fee_yen)

        steps.cancel(midori, made, room.id)

        assert lapsing.lapse_overdue(now=due) == 0
        assert state_of(sound, made) == "confirmed"

    @pytest.mark.parametrize(
        ("on", "percent", "back"),
        [(IN_TWO_WEEKS, 100, 800), (IN_A_WEEK, 50, 400), (THURSDAY, 0, 0)],
    )
    def test_what_was_paid_gives_back_what_the_rules_say(
        self,
        midori: Catalogue,
        sound: psycopg.Connection,
        hanako: Applicant,
        on: date,
        percent: int,
        back: int,
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, on=on))
        steps.pay(made.booking)

        (end,) = steps.cancel(midori, made)

        assert (end.consequence.refund_percent, end.consequence.refund_yen) == (percent, back)
        assert end.consequence.citation == "みどり市会館条例施行規則 第8条"
        assert ledger(sound, made) == [("charge", 800), ("payment", -800), ("release", -back)]

    def test_is_for_the_person_who_booked(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        jiro = builders.a_resident(email="jiro@example.jp")

        told = steps.told(steps.cancel, midori, made, actor=Actor("resident", jiro.account_id))

        assert told == ["booking.unknown"]
        assert state_of(sound, made) == "provisional"

    def test_is_written_down_with_who_did_it(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        steps.cancel(midori, made, actor=CLERK)

        entry = sound.execute(
            "select actor_kind, account_id, request_id, subject_id, facts from audit_entry"
            " where action = 'booking.cancelled'"
        ).fetchone()
        lines = [line.id for line in made.lines]
        assert entry == (
            "staff", CLERK.account_id, "at-the-counter", made.booking.id,
            {"lines": lines, "refund_yen": 0, "state": "cancelled"},
        )  # fmt: skip

    def test_ends_for_residents_before_it_ends_for_staff(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, on=IN_A_WEEK))
        steps.pay(made.booking)
        the_day = datetime(2027, 3, 8, 0, 0, tzinfo=TOKYO)

        assert steps.told(steps.cancel, midori, made, now=the_day) == ["cancel.too_late"]
        assert len(steps.cancel(midori, made, actor=CLERK, now=the_day)) == 1

    def test_ends_for_everybody_when_the_use_begins(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, on=IN_A_WEEK))
        at_ten = datetime(2027, 3, 8, 10, 0, tzinfo=TOKYO)

        told = steps.told(steps.cancel, midori, made, actor=CLERK, now=at_ten)

        assert told == ["cancel.started"]

    def test_all_lines_or_none_when_one_can_no_longer_be(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(
            midori, hanako,
            builders.a_wish(midori, on=IN_A_WEEK), builders.a_wish(midori, on=IN_THREE_WEEKS),
        )  # fmt: skip
        steps.pay(made.booking)
        the_day = datetime(2027, 3, 8, 0, 0, tzinfo=TOKYO)

        assert steps.told(steps.cancel, midori, made, now=the_day) == ["cancel.too_late"]
        assert one(sound, "select count(*) from booking_line where state = 'active'") == 2

    @pytest.mark.parametrize("lines", [[], [10**9]])
    def test_of_no_line_or_anothers_is_refused(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, lines: list[int]
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        told = steps.told(
            cancelling.cancel_lines, midori, made.booking.id, lines, actor=CLERK, now=MONDAY_9AM
        )

        assert told == ["cancel.nothing_chosen"]

    def test_in_another_municipality_is_refused(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        booking, lines = made.booking.id, [line.id for line in made.lines]
        aoba = builders.catalogue_of("aoba")

        with tenant_scope(aoba.tenant_id):
            told = steps.told(
                cancelling.cancel_lines, aoba, booking, lines, actor=CLERK, now=MONDAY_9AM
            )

        assert told == ["booking.unknown"]

    def test_a_basket_is_no_booking(self, midori: Catalogue, sound: psycopg.Connection):
        basket = steps.choose(midori, "mine", builders.a_wish(midori))
        line = one(sound, "select id from booking_line")

        told = steps.told(
            cancelling.cancel_lines,
            midori, basket.booking_id, [line], actor=CLERK, now=MONDAY_9AM,
        )  # fmt: skip

        assert told == ["booking.unknown"]


class TestReceivingAPayment:
    def test_makes_the_booking_certain(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        steps.pay(made.booking)

        assert state_of(sound, made) == "confirmed"
        assert ledger(sound, made) == [("charge", 800), ("payment", -800)]
        assert letters(sound) == ["booking_made", "payment_received"]
        assert sound.execute(
            "select account_id, method from ledger_entry where kind = 'payment'"
        ).fetchall() == [(CLERK.account_id, "cash")]

    def test_of_another_sum_is_refused_with_both(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        assert steps.told(steps.pay, made.booking, yen=700) == ["payment.other_sum"]
        assert state_of(sound, made) == "provisional"

    def test_after_a_part_was_cancelled_is_of_the_rest(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(
            midori, hanako, builders.a_wish(midori), builders.a_wish(midori, "room-2")
        )
        steps.cancel(midori, made, made.lines[0].id)

        assert steps.told(steps.pay, made.booking, yen=1400) == ["payment.other_sum"]
        steps.pay(made.booking, yen=600)
        assert state_of(sound, made) == "confirmed"

    @pytest.mark.parametrize("yen", [0, 800])
    @pytest.mark.parametrize("end", ["paid", "cancelled", "lapsed", "free"])
    def test_is_refused_when_nothing_is_due(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, end: str, yen: int
    ):
        made = steps.book(
            midori, hanako, builders.a_wish(midori, "lobby" if end == "free" else "room-1")
        )
        if end == "paid":
            steps.pay(made.booking)
        elif end == "cancelled":
            steps.cancel(midori, made)
        elif end == "lapsed":
            assert made.booking.due_at is not None
            lapsing.lapse_overdue(now=made.booking.due_at)
        before = ledger(sound, made)

        assert steps.told(steps.pay, made.booking, yen=yen) == ["payment.not_due"]
        assert ledger(sound, made) == before


class TestLapsing:
    def test_happens_at_the_deadline_and_not_before(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wish = builders.a_wish(midori)
        made = steps.book(midori, hanako, wish)
        due = made.booking.due_at
        assert due is not None

        assert lapsing.lapse_overdue(now=due - timedelta(seconds=1)) == 0
        assert steps.codes(steps.choose(midori, "rival", wish)) == ["slot.taken"]
        assert lapsing.lapse_overdue(now=due) == 1

        assert state_of(sound, made) == "lapsed"
        assert ledger(sound, made) == [("charge", 800), ("release", -800)]
        assert letters(sound) == ["booking_made", "booking_lapsed"]

    def test_frees_the_floor(self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant):
        wish = builders.a_wish(midori, on=date(2027, 4, 5))
        made = steps.book(midori, hanako, wish)
        due = made.booking.due_at
        assert due is not None
        lapsing.lapse_overdue(now=due)

        assert steps.choose(midori, "rival", wish, now=due).refused == {}

    def test_happens_once(self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        due = made.booking.due_at
        assert due is not None

        counts = [lapsing.lapse_overdue(now=due + timedelta(days=n)) for n in range(3)]

        assert counts == [1, 0, 0]
        assert len(ledger(sound, made)) == 2

    def test_passes_over_what_was_paid_or_cancelled(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        paid = steps.book(midori, hanako, builders.a_wish(midori))
        cancelled = steps.book(midori, hanako, builders.a_wish(midori, "room-2"))
        due = paid.booking.due_at
        assert due is not None
        steps.pay(paid.booking)
        steps.cancel(midori, cancelled)

        assert lapsing.lapse_overdue(now=due) == 0

    def test_leaves_a_line_cancelled_before_as_it_was(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(
            midori, hanako, builders.a_wish(midori), builders.a_wish(midori, "room-2")
        )
        due = made.booking.due_at
        assert due is not None
        steps.cancel(midori, made, made.lines[0].id)

        lapsing.lapse_overdue(now=due)

        states = sound.execute("select state from booking_line order by id").fetchall()
        assert sorted(states) == [("cancelled",), ("lapsed",)]
        assert [yen for _, yen in ledger(sound, made)] == [800, 600, -800, -600]

    def test_is_of_the_current_municipality_only(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        due = steps.book(midori, hanako, builders.a_wish(midori)).booking.due_at
        assert due is not None

        with tenant_scope(builders.tenant_id_of("aoba")):
            assert lapsing.lapse_overdue(now=due) == 0


@pytest.mark.parametrize("present", State)
@pytest.mark.parametrize("following", State)
def test_a_booking_moves_only_as_the_table_says(present: State, following: State):
    allowed = {
        ("draft", "provisional"), ("draft", "confirmed"), ("provisional", "confirmed"),
        ("provisional", "cancelled"), ("provisional", "lapsed"), ("confirmed", "used"),
        ("confirmed", "cancelled"), ("draft", "requested"), ("requested", "provisional"),
        ("requested", "confirmed"), ("requested", "cancelled"), ("requested", "lapsed"),
        ("confirmed", "provisional"), ("lapsed", "confirmed"),
    }  # fmt: skip
    booking: Any = type("Booking", (), {"state": str(present)})()

    if (present, following) in allowed:
        move(booking, following)
        assert booking.state == following
    else:
        with pytest.raises(ValueError, match="does not become"):
            move(booking, following)
