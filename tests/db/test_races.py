"""Whoever asks at once, by whichever path: one has it, each other is told why, nothing is half."""

from datetime import timedelta
from itertools import pairwise

import psycopg
import pytest

from app.booking.service.application import Applicant
from app.booking.service.basket_plan import HOLD, Wish
from app.db import db
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from app.identity.codes import code_for
from app.identity.models import SignInAttempt
from app.identity.service import Browser
from app.usecases import choosing, lapsing, signing_in
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import SECRET
from tests.db.proof import one
from tests.racing import race
from tests.usecases import steps

pytestmark = pytest.mark.race

ROUNDS = 6
DAYS = [NEXT_MONDAY + timedelta(days=n) for n in (0, 2, 3, 4, 5, 6, 7, 9, 10, 11)]  # open ones


@pytest.fixture
def hanako(midori: Catalogue) -> Applicant:
    return builders.a_resident()


class TestAtOneFloor:
    def test_the_whole_hall_and_its_halves_are_never_both_had(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        for on in DAYS[:ROUNDS]:
            rooms = ["hall", "hall-east", "hall-west"] * 6

            def take(n: int, on=on, rooms=rooms) -> str | None:
                wish = builders.a_wish(midori, rooms[n], on=on, hours=(9, 12))
                chosen = steps.choose(midori, steps.new_key(), wish)
                assert steps.codes(chosen) in ([], ["slot.taken"])
                return None if chosen.refused else rooms[n]

            came = race(take, *range(len(rooms)))

            won = sorted(room for room in came.results if room)
            assert won in (["hall"], ["hall-east"], ["hall-west"], ["hall-east", "hall-west"])

    def test_three_rooms_wanted_in_opposing_orders_go_to_one(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        for on in DAYS[:ROUNDS]:
            wishes = [
                builders.a_wish(midori, room, on=on, hours=hours)
                for room, hours in (("room-1", (9, 12)), ("hall", (9, 12)), ("kitchen", (9, 12)))
            ]
            orders = [wishes, wishes[::-1], wishes[1:] + wishes[:1], [wishes[1], *wishes[::2]]] * 4

            def take(order: list[Wish]) -> None:
                steps.choose(midori, steps.new_key(), *order, all_or_nothing=True)

            came = race(take, *orders)

            assert len(came.results) == 1
            assert {code for codes in came.refusals for code in codes} == {"slot.taken"}

    def test_rooms_side_by_side_in_time_are_all_had(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        wishes = [builders.a_wish(midori, hours=(hour, hour + 1)) for hour in range(9, 22)]

        came = race(lambda wish: steps.choose(midori, steps.new_key(), wish), *wishes)

        assert [chosen.refused for chosen in came.results] == [{}] * len(wishes)

    def test_the_clean_up_after_a_use_is_kept_from_the_next(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        for on in DAYS[:ROUNDS]:
            hours = list(range(9, 21)) * 2

            def take(hour: int, on=on) -> int | None:
                wish = builders.a_wish(midori, "kitchen", on=on, hours=(hour, hour + 1))
                chosen = steps.choose(midori, steps.new_key(), wish)
                return None if chosen.refused else hour

            won = sorted(hour for hour in race(take, *hours).results if hour is not None)

            assert won
            assert all(later - earlier >= 2 for earlier, later in pairwise(won))

    def test_neighbours_who_each_reach_into_the_others_hours_do_not_lock_one_another_out(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        """Both give up their own hold to take a longer one; each wants what the other has."""
        for on in DAYS[:ROUNDS]:
            early, late = steps.new_key(), steps.new_key()
            steps.choose(midori, early, builders.a_wish(midori, on=on, hours=(10, 11)))
            steps.choose(midori, late, builders.a_wish(midori, on=on, hours=(12, 13)))
            wanted = [(early, (11, 13)), (late, (10, 12))]

            came = race(
                lambda who, on=on: steps.choose(
                    midori, who[0], builders.a_wish(midori, on=on, hours=who[1])
                ),
                *wanted,
            )

            assert [steps.codes(chosen) for chosen in came.results] == [["slot.taken"]] * 2

    def test_a_longer_use_of_half_a_hall_and_the_whole_hall_do_not_lock_one_another_out(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        for on in DAYS[:ROUNDS]:
            west, whole = steps.new_key(), steps.new_key()
            steps.choose(midori, west, builders.a_wish(midori, "hall-west", on=on, hours=(9, 12)))

            def take(who: str, on=on, west=west) -> list[str]:
                wishes = [builders.a_wish(midori, "hall", on=on, hours=(9, 12))]
                if who == west:
                    wishes = [
                        builders.a_wish(midori, "hall-west", on=on, hours=(13, 17)),
                        builders.a_wish(midori, "hall-east", on=on, hours=(9, 12)),
                    ]
                return steps.codes(steps.choose(midori, who, *wishes))

            came = race(take, west, whole, steps.new_key(), steps.new_key())

            assert came.results == [[], ["slot.taken"], ["slot.taken"], ["slot.taken"]]


class TestAtAHoldThatRanOut:
    @pytest.mark.parametrize("rooms", [["room-1"], ["kitchen", "hall", "room-2", "room-1"]])
    def test_its_owner_or_a_rival_has_the_floor_and_the_other_is_told(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, rooms: list[str]
    ):
        late = MONDAY_9AM + HOLD
        for on in DAYS[:ROUNDS]:
            mine, rival = steps.new_key(), steps.new_key()
            wishes = [builders.a_wish(midori, room, on=on, hours=(9, 12)) for room in rooms]
            for wish in wishes:
                steps.choose(midori, mine, wish)

            def finish(key: str, mine=mine, wishes=wishes) -> str:
                if key == mine:
                    steps.apply(midori, key, hanako, now=late)
                else:
                    steps.choose(midori, key, *wishes[::-1], now=late, all_or_nothing=True)
                return key

            came = race(finish, mine, rival)

            assert len(came.results) == 1
            assert set(came.refusals[0]) == {"slot.taken"}

    def test_of_many_rivals_one_has_it(self, midori: Catalogue, sound: psycopg.Connection):
        late = MONDAY_9AM + HOLD
        wish = builders.a_wish(midori, "hall", hours=(9, 12))
        steps.choose(midori, steps.new_key(), wish)

        came = race(
            lambda key: steps.codes(steps.choose(midori, key, wish, now=late)),
            *(steps.new_key() for _ in range(20)),
        )

        assert sorted(came.results) == [[]] + [["slot.taken"]] * 19


class TestWhileABookingEnds:
    def test_cancelling_frees_the_floor_for_one_who_comes_at_the_same_moment_or_for_none(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        for on in DAYS[:ROUNDS]:
            wish = builders.a_wish(midori, "hall", on=on, hours=(9, 12))
            made = steps.book(midori, hanako, wish)

            def come(key: str | None, wish=wish, made=made) -> list[str] | None:
                if key is None:
                    assert len(steps.cancel(midori, made)) == 1
                    return None
                return steps.codes(steps.choose(midori, key, wish))

            came = race(come, None, *(steps.new_key() for _ in range(8)))

            told = [codes for codes in came.results if codes is not None]
            assert len(told) == 8
            assert told.count([]) in (0, 1)
            assert all(codes in ([], ["slot.taken"]) for codes in told)

    def test_cancelling_from_two_windows_happens_once(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        for on in DAYS[:ROUNDS]:
            made = steps.book(midori, hanako, builders.a_wish(midori, on=on))

            came = race(lambda _, made=made: len(steps.cancel(midori, made)), *range(4))

            assert sorted(came.results) == [0, 0, 0, 1]
            assert (
                one(
                    sound,
                    "select count(*) from ledger_entry where kind = 'release' and booking_id = %s",
                    made.booking.id,
                )
                == 1
            )

    def test_a_payment_at_the_deadline_is_received_or_the_booking_lapses_never_both(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        for on in DAYS[:ROUNDS]:
            made = steps.book(midori, hanako, builders.a_wish(midori, on=on))
            due = made.booking.due_at
            assert due is not None

            def meet(who: str, made=made, due=due) -> int:
                if who == "worker":
                    return lapsing.lapse_overdue(now=due)
                steps.pay(made.booking, now=due)
                return 0

            came = race(meet, "worker", "clerk")

            state, owed, paid = sound.execute(
                """
                select b.state, sum(e.yen),
                       -coalesce(sum(e.yen) filter (where kind = 'payment'), 0)
                  from booking b join ledger_entry e
                    on (e.tenant_id, e.booking_id) = (b.tenant_id, b.id)
                 where b.id = %s group by 1
                """,
                [made.booking.id],
            ).fetchone()
            assert owed == 0
            if came.refusals:
                assert (state, paid, came.refusals) == ("lapsed", 0, [("payment.not_due",)])
            else:
                assert (state, paid) == ("confirmed", made.booking.fee_yen)

    def test_two_workers_let_each_overdue_booking_lapse_once(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = [steps.book(midori, hanako, builders.a_wish(midori, on=on)) for on in DAYS]
        late = max(each.booking.due_at for each in made if each.booking.due_at)

        came = race(lambda _: lapsing.lapse_overdue(now=late), *range(3))

        assert sum(came.results) == len(made)
        counted = "select count(*) from {} where {}"
        assert one(sound, counted.format("ledger_entry", "kind = 'release'")) == len(made)
        assert one(sound, counted.format("audit_entry", "action = 'booking.lapsed'")) == len(made)
        assert one(sound, counted.format("delivery", "template = 'booking_lapsed'")) == len(made)


class TestOfOnePerson:
    def test_pressing_eight_times_makes_one_booking_one_number_one_letter(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        key = steps.new_key()
        steps.choose(midori, key, builders.a_wish(midori), builders.a_wish(midori, "room-2"))

        came = race(lambda _: steps.apply(midori, key, hanako), *range(8))

        assert sum(made.is_new for made in came.results) == 1
        assert len({(made.booking.id, made.booking.number) for made in came.results}) == 1
        for table, expected in {
            "booking": 1, "booking_line": 2, "ledger_entry": 2, "audit_entry": 1,
            "delivery": 1, "procrastinate_jobs": 1,
        }.items():  # fmt: skip
            assert one(sound, f"select count(*) from {table}") == expected, table

    def test_two_tabs_add_and_remove_without_losing_what_either_did(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        key = steps.new_key()
        hours = range(9, 21)
        gone = {hour: builders.a_wish(midori, hours=(hour, hour + 1)) for hour in hours[::2]}
        new = {hour: builders.a_wish(midori, hours=(hour, hour + 1)) for hour in hours[1::2]}
        steps.choose(midori, key, *gone.values())

        def change(wish: Wish) -> None:
            if wish in gone.values():
                choosing.let_go(midori, key, wish, now=MONDAY_9AM)
            else:
                assert not steps.choose(midori, key, wish).refused

        race(change, *gone.values(), *new.values())

        rows = sound.execute(
            "select extract(hour from l.starts_at at time zone 'Asia/Tokyo')::int,"
            " extract(epoch from o.ends_at - o.starts_at)::int"
            " from booking_line l join occupancy o on o.booking_line_id = l.id and o.live"
            " order by 1"
        ).fetchall()
        assert rows == [(hour, 3600) for hour in new]

    def test_a_quota_holds_for_two_baskets_at_once(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        limited = a_city_with_a_quota_of(1)
        person = builders.a_resident("kagiri", "taro@example.jp")
        with tenant_scope(limited.tenant_id):
            keys = [steps.new_key() for _ in range(6)]
            for key, on in zip(keys, DAYS, strict=False):
                steps.choose(limited, key, builders.a_wish(limited, on=on))

            came = race(lambda key: steps.apply(limited, key, person), *keys)

        assert len(came.results) == 1
        assert came.refusals == [("quota.reached",)] * 5

    def test_a_sign_in_code_opens_one_session(self, midori: Catalogue, sound: psycopg.Connection):
        attempt_id = signing_in.ask_for_code(
            email="hanako@example.jp", browser=Browser("network"), now=MONDAY_9AM
        )
        salt = db.session.get_one(SignInAttempt, attempt_id).salt
        db.session.rollback()
        code = code_for(SECRET, attempt_id, salt)

        came = race(
            lambda n: signing_in.sign_in(
                attempt_id=attempt_id, code=code, secret=SECRET, request_id=str(n), now=MONDAY_9AM
            ),
            *range(8),
        )

        assert len(came.results) == 1
        assert came.refusals == [("sign_in.code_expired",)] * 7
        assert one(sound, "select count(*) from signed_in") == 1

    def test_guessing_codes_at_once_gets_no_more_than_five_tries(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        attempt_id = signing_in.ask_for_code(
            email="hanako@example.jp", browser=Browser("network"), now=MONDAY_9AM
        )

        came = race(
            lambda n: signing_in.sign_in(
                attempt_id=attempt_id, code="wrong", secret=SECRET, request_id="", now=MONDAY_9AM
            ),
            *range(12),
        )

        told = sorted(came.refusals)
        assert told == [("sign_in.code_dead",)] * 7 + [("sign_in.code_wrong",)] * 5


def a_city_with_a_quota_of(limit: int) -> Catalogue:
    """Make かぎり市, where everybody may have so many uses in a month."""
    quota = {"id": "monthly", "name": f"1か月に{limit}回まで", "limit": limit, "per": "month"}
    tenant_id = builders.a_tenant("kagiri", "132292", "かぎり市", {"quotas": [quota]})
    builders.a_facility(tenant_id, "chuo", "かぎり会館")
    return builders.catalogue_of("kagiri")
