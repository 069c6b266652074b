"""Choosing holds floor at once for a while: whole wishes, with the reason for each that is not."""

from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking.service import baskets
from app.booking.service.application import Applicant
from app.booking.service.basket_plan import HOLD, Wish
from app.booking.service.baskets import MOST_HELD_PER_NETWORK, MOST_LINES, Chooser
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.kernel.clock import TOKYO
from app.usecases import choosing
from tests import builders
from tests.builders import HOUR, MONDAY_9AM, NEXT_MONDAY
from tests.usecases import steps

MINUTE = timedelta(minutes=1)
TUESDAY = NEXT_MONDAY + timedelta(days=1)  # closed


def held(database: psycopg.Connection, key: str) -> list[tuple[str, int, int]]:
    """Return what floor a browser's basket holds: room, first and last hour."""
    return database.execute(
        """
        select r.slug, extract(hour from l.starts_at at time zone 'Asia/Tokyo')::int,
               extract(hour from l.ends_at at time zone 'Asia/Tokyo')::int
          from booking b join booking_line l on (l.tenant_id, l.booking_id) = (b.tenant_id, b.id)
          join room r on (r.tenant_id, r.id) = (l.tenant_id, l.room_id)
         where b.basket_key = %s
           and (select count(*) from occupancy o
                 where (o.tenant_id, o.booking_line_id) = (l.tenant_id, l.id) and o.live)
             = (select count(*) from room_space s
                 where (s.tenant_id, s.room_id) = (l.tenant_id, l.room_id))
         order by 1, 2
        """,
        [key],
    ).fetchall()


def expiries(database: psycopg.Connection) -> list[object]:
    return [row[0] for row in database.execute("select distinct expires_at from occupancy")]


class TestWhatIsFreeIsHeld:
    def test_for_a_quarter_of_an_hour(self, midori: Catalogue, sound: psycopg.Connection):
        steps.choose(midori, "mine", builders.a_wish(midori))

        assert held(sound, "mine") == [("room-1", 10, 12)]
        assert expiries(sound) == [MONDAY_9AM + HOLD]

    def test_until_then_nobody_else_has_it_and_from_then_on_anybody(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        wish = builders.a_wish(midori, "hall", hours=(9, 12))
        steps.choose(midori, "mine", wish)

        before = steps.choose(midori, "rival", wish, now=MONDAY_9AM + HOLD - MINUTE)
        after = steps.choose(midori, "rival", wish, now=MONDAY_9AM + HOLD)

        assert (steps.codes(before), steps.codes(after)) == (["slot.taken"], [])
        assert held(sound, "mine") == []

    def test_and_hours_next_to_one_another_are_one_use(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(midori, "mine", builders.a_wish(midori, hours=(10, 11)))
        steps.choose(
            midori,
            "mine",
            builders.a_wish(midori, hours=(11, 12)),
            builders.a_wish(midori, hours=(14, 15)),
        )

        assert held(sound, "mine") == [("room-1", 10, 12), ("room-1", 14, 15)]

    def test_and_the_time_between_periods_goes_with_them_where_the_rule_says_so(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(
            midori,
            "mine",
            builders.a_wish(midori, "hall", hours=(9, 12)),
            builders.a_wish(midori, "hall", hours=(13, 17)),
        )

        assert held(sound, "mine") == [("hall", 9, 17)]

    def test_the_same_slot_chosen_twice_is_held_once(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        wish = builders.a_wish(midori)
        steps.choose(midori, "mine", wish)

        again = steps.choose(midori, "mine", wish, wish)

        assert again.refused == {}
        assert held(sound, "mine") == [("room-1", 10, 12)]

    def test_in_a_basket_for_each_municipality(self, midori: Catalogue, sound: psycopg.Connection):
        steps.choose(midori, "mine", builders.a_wish(midori))

        aoba = builders.catalogue_of("aoba")
        with tenant_scope(aoba.tenant_id):
            chosen = steps.choose(aoba, "mine", builders.a_wish(aoba))

        assert chosen.refused == {}


class TestANightThatEndsAt24:
    @pytest.fixture
    def late(self, midori: Catalogue) -> Catalogue:
        """A hall whose night ends at 24:00, with half an hour of cleaning up after it."""
        night = {"id": "night", "name": "夜間", "from": "18:00", "to": "24:00"}
        hall = {"slug": "hall", "name": "ホール", "capacity": 50, "spaces": ["hall"], "buffer": 30}
        price = {"kind": "per_period", "id": "n", "rooms": ["hall"], "yen": {"night": 9000},
                 "citation": builders.CITED}  # fmt: skip
        builders.a_facility(
            midori.tenant_id,
            "late",
            "夜の会館",
            position=3,
            rooms=[hall],
            calendar={
                "hours": [{"from": "9:00", "to": "24:00"}],
                "divisions": [{"kind": "periods", "periods": [night]}],
            },
            fees={"prices": [price]},
        )
        return builders.catalogue_of("midori")

    def test_is_of_the_day_on_which_it_begins(
        self, late: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wish = builders.a_wish(late, "hall", facility="late", hours=(18, 24))

        made = steps.book(late, hanako, wish)

        (line,) = made.lines
        assert (line.on_date, line.fee_yen) == (NEXT_MONDAY, 9000)
        assert line.ends_at.astimezone(TOKYO).isoformat() == "2027-03-09T00:00:00+09:00"
        assert steps.codes(steps.choose(late, "rival", wish)) == ["slot.taken"]


class TestAWishIsRefused:
    def test_when_the_floor_is_taken_and_the_other_wishes_are_held(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        taken, free = builders.a_wish(midori), builders.a_wish(midori, "room-2")
        steps.choose(midori, "rival", taken)

        chosen = steps.choose(midori, "mine", taken, free)

        assert {wish: no[0].code for wish, no in chosen.refused.items()} == {taken: "slot.taken"}
        assert held(sound, "mine") == [("room-2", 10, 12)]

    def test_alone_and_not_the_hours_beside_it_that_were_chosen_with_it(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        hours = [builders.a_wish(midori, hours=(hour, hour + 1)) for hour in (9, 10, 11, 12)]
        steps.choose(midori, "rival", hours[1])

        chosen = steps.choose(midori, "mine", *hours)

        assert {wish: no[0].code for wish, no in chosen.refused.items()} == {hours[1]: "slot.taken"}
        assert held(sound, "mine") == [("room-1", 9, 10), ("room-1", 11, 13)]

    def test_and_what_was_held_beside_it_stays_held(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(midori, "mine", builders.a_wish(midori, hours=(10, 11)))
        steps.choose(midori, "rival", builders.a_wish(midori, hours=(11, 12)))

        chosen = steps.choose(
            midori,
            "mine",
            builders.a_wish(midori, hours=(11, 12)),
            builders.a_wish(midori, hours=(9, 10)),
        )

        assert steps.codes(chosen) == ["slot.taken"]
        assert held(sound, "mine") == [("room-1", 9, 11)]

    def test_when_the_clean_up_after_it_would_reach_into_another_use(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(midori, "rival", builders.a_wish(midori, "kitchen", hours=(12, 13)))

        chosen = steps.choose(midori, "mine", builders.a_wish(midori, "kitchen", hours=(11, 12)))

        assert steps.codes(chosen) == ["slot.taken"]

    def test_when_the_basket_itself_has_that_floor_through_another_room(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(midori, "mine", builders.a_wish(midori, "hall", hours=(9, 12)))

        chosen = steps.choose(midori, "mine", builders.a_wish(midori, "hall-east", hours=(9, 12)))

        assert steps.codes(chosen) == ["slot.overlaps_own"]
        assert held(sound, "mine") == [("hall", 9, 12)]

    def test_of_two_wishes_for_the_same_floor_one_is_held(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        chosen = steps.choose(
            midori,
            "mine",
            builders.a_wish(midori, "hall", hours=(9, 12)),
            builders.a_wish(midori, "hall-east", hours=(9, 12)),
        )

        assert steps.codes(chosen) == ["slot.overlaps_own"]
        assert len(held(sound, "mine")) == 1

    @pytest.mark.parametrize(
        ("hours", "code"),
        [((9, 22), None), ((8, 10), "slot.unknown"), ((21, 23), "slot.unknown")],
    )
    def test_when_no_slots_fill_it(self, midori: Catalogue, hours: tuple[int, int], code: str):
        chosen = steps.choose(midori, "mine", builders.a_wish(midori, hours=hours))

        assert steps.codes(chosen) == ([code] if code else [])

    def test_when_it_is_half_a_period(self, midori: Catalogue):
        chosen = steps.choose(midori, "mine", builders.a_wish(midori, "hall", hours=(9, 11)))

        assert steps.codes(chosen) == ["slot.unknown"]

    def test_when_the_hall_is_closed_that_day(self, midori: Catalogue):
        wish = builders.a_wish(midori, on=TUESDAY)

        chosen = steps.choose(midori, "mine", wish)

        assert [(no.code, no.facts) for no in chosen.refused[wish]] == [
            ("day.closed", {"name": "定休日"})
        ]

    def test_when_it_has_begun(self, midori: Catalogue):
        today = builders.a_wish(midori, on=builders.TODAY, hours=(9, 10))

        chosen = steps.choose(midori, "mine", today, now=MONDAY_9AM)

        assert steps.codes(chosen) == ["slot.past"]

    def test_before_the_reception_opens_with_the_moment_it_does(self, midori: Catalogue):
        wish = builders.a_wish(midori, on=date(2027, 6, 3))

        chosen = steps.choose(midori, "mine", wish)

        (no,) = chosen.refused[wish]
        assert no.code == "reception.not_yet"
        assert no.facts["opens_at"].astimezone(TOKYO).isoformat() == "2027-04-01T09:00:00+09:00"

    def test_after_the_reception_closed_with_what_to_do_then(self, midori: Catalogue):
        wish = builders.a_wish(midori, on=builders.TODAY, hours=(10, 11))

        chosen = steps.choose(midori, "mine", wish, now=MONDAY_9AM + MINUTE)

        assert [(no.code, no.facts["afterwards"]) for no in chosen.refused[wish]] == [
            ("reception.over", "会館にお電話ください。")
        ]

    def test_by_the_window_of_ones_own_class(self, midori: Catalogue):
        wish = builders.a_wish(midori, on=date(2027, 4, 15))

        of_residents = steps.choose(midori, "resident", wish, applicant_class="resident")
        of_outsiders = steps.choose(midori, "outsider", wish, applicant_class="outsider")

        assert of_residents.refused == {}
        assert steps.codes(of_outsiders) == ["reception.not_yet"]

    def test_when_the_municipality_has_no_such_room(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        theirs = builders.a_wish(builders.catalogue_of("aoba"))
        known = builders.a_wish(midori)
        nowhere = Wish(10**9, NEXT_MONDAY, 600, 660)

        chosen = steps.choose(midori, "mine", known, theirs, nowhere)

        assert {wish: no[0].code for wish, no in chosen.refused.items()} == {
            theirs: "room.unknown",
            nowhere: "room.unknown",
        }
        assert held(sound, "mine") == [("room-1", 10, 12)]


class TestAllOrNothing:
    def test_leaves_nothing_when_something_can_not_be_had(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        taken = builders.a_wish(midori)
        steps.choose(midori, "rival", taken)

        told = steps.told(
            steps.choose,
            midori,
            "mine",
            taken,
            builders.a_wish(midori, "room-2"),
            all_or_nothing=True,
        )

        assert told == ["slot.taken"]
        assert held(sound, "mine") == []


class TestARoomThatGoesWithAHall:
    """第2会議室 opens a month before, but a year before together with the hall."""

    @pytest.fixture
    def minami(self, midori: Catalogue) -> Catalogue:
        rule = {
            "opens": {"kind": "before", "months": 12},
            "closes": {"kind": "minutes_before", "minutes": 60},
        }
        alone = {**rule, "opens": {"kind": "before", "months": 1}}
        together = {**rule, "rooms": ["room-2"], "together_with": ["hall"]}
        builders.a_facility(
            midori.tenant_id,
            "minami",
            "南会館",
            position=3,
            terms={"reception": [{**rule, "rooms": ["hall"]}, alone, together]},
        )
        return builders.catalogue_of("midori")

    FAR = date(2027, 9, 6)

    def wishes(self, minami: Catalogue) -> list[Wish]:
        return [
            builders.a_wish(minami, room, facility="minami", on=self.FAR, hours=(9, 12))
            for room in ("hall", "room-2")
        ]

    def test_is_held_with_it(self, minami: Catalogue, sound: psycopg.Connection):
        chosen = steps.choose(minami, "mine", *self.wishes(minami))

        assert chosen.refused == {}

    def test_is_not_held_without_it(self, minami: Catalogue, sound: psycopg.Connection):
        chosen = steps.choose(minami, "mine", self.wishes(minami)[1])

        assert steps.codes(chosen) == ["reception.not_yet"]

    def test_is_not_booked_alone_when_the_hall_was_lost(
        self, minami: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        hall, room = self.wishes(minami)
        steps.choose(minami, "mine", hall, room)
        late = MONDAY_9AM + HOLD
        steps.choose(minami, "rival", hall, now=late)

        told = steps.told(steps.apply, minami, "mine", hanako, now=late, best_effort=True)

        assert sorted(told) == ["reception.not_yet", "slot.taken"]


class TestLettingGo:
    def test_frees_the_floor_at_once(self, midori: Catalogue, sound: psycopg.Connection):
        wish = builders.a_wish(midori, "hall", hours=(9, 12))
        steps.choose(midori, "mine", wish)

        choosing.let_go(midori, "mine", wish, now=MONDAY_9AM)

        assert steps.choose(midori, "rival", wish).refused == {}
        assert held(sound, "mine") == []

    def test_of_the_middle_leaves_two_uses(self, midori: Catalogue, sound: psycopg.Connection):
        steps.choose(midori, "mine", builders.a_wish(midori, "kitchen", hours=(9, 13)))

        middle = builders.a_wish(midori, "kitchen", hours=(10, 12))
        choosing.let_go(midori, "mine", middle, now=MONDAY_9AM)

        assert held(sound, "mine") == [("kitchen", 9, 10), ("kitchen", 12, 13)]

    def test_of_what_is_not_held_changes_nothing(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(midori, "mine", builders.a_wish(midori))

        choosing.let_go(midori, "mine", builders.a_wish(midori, "room-2"), now=MONDAY_9AM)
        choosing.let_go(midori, "nobody", builders.a_wish(midori), now=MONDAY_9AM)

        assert held(sound, "mine") == [("room-1", 10, 12)]

    def test_after_the_hold_ran_out_it_is_not_booked_either(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        """Applying takes again what ran out; what was let go of must not come back so."""
        late = MONDAY_9AM + HOLD
        gone = builders.a_wish(midori)
        steps.choose(midori, "mine", gone, builders.a_wish(midori, "room-2"))

        choosing.let_go(midori, "mine", gone, now=late)
        made = steps.apply(midori, "mine", hanako, now=late)

        assert [midori.room(line.room_id)[1].slug for line in made.lines] == ["room-2"]

    def test_of_a_part_after_the_hold_ran_out_leaves_the_rest(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        late = MONDAY_9AM + HOLD
        steps.choose(midori, "mine", builders.a_wish(midori, hours=(9, 12)))

        choosing.let_go(midori, "mine", builders.a_wish(midori, hours=(9, 10)), now=late)

        assert held(sound, "mine") == [("room-1", 10, 12)]


class TestKeepingLonger:
    def test_keeps_everything_for_another_while_once(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        steps.choose(midori, "mine", builders.a_wish(midori), builders.a_wish(midori, "room-2"))
        later = MONDAY_9AM + HOLD - MINUTE

        choosing.keep_longer("mine", now=later)

        assert expiries(sound) == [MONDAY_9AM + 2 * HOLD]
        assert steps.told(choosing.keep_longer, "mine", now=later) == ["basket.extended_before"]

    def test_is_refused_when_the_holds_ran_out(self, midori: Catalogue):
        steps.choose(midori, "mine", builders.a_wish(midori))

        assert steps.told(choosing.keep_longer, "mine", now=MONDAY_9AM + HOLD) == ["basket.empty"]

    def test_is_refused_when_nothing_was_chosen(self, midori: Catalogue):
        assert steps.told(choosing.keep_longer, "mine", now=MONDAY_9AM) == ["basket.empty"]


class TestABasketHasLimits:
    def test_of_lines(self, midori: Catalogue, sound: psycopg.Connection):
        wishes = [
            builders.a_wish(midori, room, facility=facility, on=NEXT_MONDAY + day, hours=hours)
            for facility in ("chuo", "kita")
            for room in ("room-1", "room-2", "lobby")
            for day in (timedelta(0), timedelta(2), timedelta(3), timedelta(4))
            for hours in ((9, 10), (13, 14), (18, 19))
        ]

        told = steps.told(steps.choose, midori, "mine", *wishes[: MOST_LINES + 1])

        assert told == ["basket.full"]
        assert steps.choose(midori, "mine", *wishes[:MOST_LINES]).refused == {}
        assert len(held(sound, "mine")) == MOST_LINES

    def test_of_what_strangers_of_one_network_hold_together(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        self.fill(midori, "library")
        one_more = builders.a_wish(midori, "lobby", on=NEXT_MONDAY + timedelta(7))

        here = Chooser("one-more", "resident", "library")
        elsewhere = Chooser("elsewhere", "resident", "home")
        signed_in = Chooser("signed-in", "resident", None)

        assert steps.told(choosing.choose, midori, here, [one_more], now=MONDAY_9AM) == [
            "basket.sign_in_first"
        ]
        choosing.choose(midori, elsewhere, [one_more], now=MONDAY_9AM)
        choosing.choose(midori, signed_in, [one_more], now=MONDAY_9AM)

    def test_which_count_only_what_is_still_held(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        self.fill(midori, "library")
        one_more = builders.a_wish(midori, "lobby", on=NEXT_MONDAY + timedelta(7))

        here = Chooser("one-more", "resident", "library")
        chosen = choosing.choose(midori, here, [one_more], now=MONDAY_9AM + HOLD)

        assert chosen.refused == {}

    def test_which_do_not_count_what_is_held_by_one_who_signed_in_since(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        self.fill(midori, "library")
        one_more = builders.a_wish(midori, "lobby", on=NEXT_MONDAY + timedelta(7))

        signed_in, here = Chooser("stranger-0", "resident"), Chooser("new", "resident", "library")
        told = steps.told(choosing.choose, midori, signed_in, [one_more], now=MONDAY_9AM)
        assert told == ["basket.full"]
        choosing.choose(midori, signed_in, [], now=MONDAY_9AM)

        assert choosing.choose(midori, here, [one_more], now=MONDAY_9AM).refused == {}

    def fill(self, midori: Catalogue, network: str) -> None:
        days = [NEXT_MONDAY + timedelta(days=n) for n in (0, 2, 3, 4, 5)]
        wishes = [
            builders.a_wish(midori, room, facility=facility, on=on, hours=(hour, hour + 1))
            for facility in ("chuo",)
            for on in days
            for room in ("room-1", "room-2")
            for hour in (9, 11, 13, 15, 17, 19)
        ]
        assert len(wishes) == MOST_HELD_PER_NETWORK
        for n in range(0, len(wishes), MOST_LINES):
            chooser = Chooser(f"stranger-{n}", "resident", network)
            chosen = choosing.choose(midori, chooser, wishes[n : n + MOST_LINES], now=MONDAY_9AM)
            assert chosen.refused == {}

    def test_and_nothing_is_added_to_one_that_was_applied_for(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori))
        steps.apply(midori, "mine", hanako)

        told = steps.told(steps.choose, midori, "mine", builders.a_wish(midori, "room-2"))

        assert told == ["basket.submitted"]

    def test_a_booked_basket_can_not_be_let_go_of_or_kept_longer(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wish = builders.a_wish(midori)
        steps.choose(midori, "mine", wish)
        made = steps.apply(midori, "mine", hanako)

        choosing.let_go(midori, "mine", wish, now=MONDAY_9AM + HOUR)

        assert held(sound, "mine") == [("room-1", 10, 12)]
        assert steps.told(choosing.keep_longer, "mine", now=MONDAY_9AM) == ["basket.empty"]
        assert made.booking.state == "provisional"


def test_who_waits_too_long_for_somebody_elses_lock_is_told_that_it_is_busy(
    midori: Catalogue, sound: psycopg.Connection
):
    steps.choose(midori, "mine", builders.a_wish(midori))

    def hurried(session: Session) -> None:
        session.execute(text("set local lock_timeout = '50ms'"))
        baskets.hold(
            session, midori, Chooser("mine", "resident"), [builders.a_wish(midori, "room-2")],
            now=MONDAY_9AM,
        )  # fmt: skip

    with sound.transaction():
        sound.execute("select id from booking where basket_key = 'mine' for update")
        told = steps.told(in_transaction, hurried)

    assert told == ["busy"]
    assert held(sound, "mine") == [("room-1", 10, 12)]
