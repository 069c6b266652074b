"""A booking is changed in place: floor, fee, ledger and letter together, or nothing at all."""

from datetime import date, timedelta

import psycopg
import pytest

from app.booking.rules.changes import back_of
from app.booking.service.application import Applicant
from app.booking.service.changing import Asked
from app.booking.service.equipment import Used
from app.booking.service.submitting import Submitted
from app.db.audit import Actor
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refused
from app.usecases import changing, lapsing
from tests import builders
from tests.builders import HOUR, MONDAY_9AM, NEXT_MONDAY
from tests.db.proof import one
from tests.racing import race
from tests.usecases import steps
from tests.usecases.steps import CLERK

FAR = date(2027, 4, 5)  # more than 14 days ahead: everything comes back


def me(who: Applicant) -> Actor:
    return Actor("resident", who.account_id, request_id="r")


def moved(found: Catalogue, made: Submitted, room: str = "room-1", **to) -> Asked:
    return Asked({made.lines[0].id: builders.a_wish(found, room, **to)})


def change(found: Catalogue, made: Submitted, asked: Asked, actor: Actor = CLERK, **more):
    more = {"now": MONDAY_9AM, **more}
    return changing.change(found, made.booking.id, asked, actor=actor, **more)


def refused(found: Catalogue, made: Submitted, asked: Asked, actor: Actor, **more) -> tuple:
    with pytest.raises(Refused) as no:
        change(found, made, asked, actor, **more)
    return no.value.codes


def state(database: psycopg.Connection, made: Submitted) -> tuple:
    return database.execute(
        """
        select b.state, b.fee_yen,
               (select coalesce(sum(yen), 0) from ledger_entry e where e.booking_id = b.id),
               (select count(*) from occupancy o join booking_line l on l.id = o.booking_line_id
                 where l.booking_id = b.id and o.live)
          from booking b where b.id = %s
        """,
        [made.booking.id],
    ).fetchone()


def hours(database: psycopg.Connection, made: Submitted) -> tuple[str, str]:
    begins, ends = database.execute(
        "select starts_at at time zone 'Asia/Tokyo', ends_at at time zone 'Asia/Tokyo'"
        " from booking_line where booking_id = %s",
        [made.booking.id],
    ).fetchone()
    return f"{begins:%m-%d %H}", f"{ends:%H}"


class TestWhatFollows:
    def test_longer_costs_more_and_takes_more_floor(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        done = change(midori, made, moved(midori, made, hours=(10, 13)), me(hanako))

        assert [(x.more_yen, x.back_yen) for x in done] == [(400, 0)]
        assert state(sound, made) == ("provisional", 1200, 1200, 1)
        assert hours(sound, made) == ("03-08 10", "13")
        assert one(sound, "select slots from booking_line") == 3

    def test_over_its_own_time_is_no_conflict(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, hours=(10, 14)))

        change(midori, made, moved(midori, made, hours=(12, 16)), me(hanako))

        assert hours(sound, made) == ("03-08 12", "16")
        steps.book(midori, builders.a_resident(email="b@example.jp"), builders.a_wish(midori))

    def test_to_another_room_day_and_hall(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        to = {"on": NEXT_MONDAY + timedelta(days=2), "hours": (9, 10), "facility": "kita"}

        change(midori, made, moved(midori, made, "room-2", **to))

        assert state(sound, made) == ("provisional", 300, 300, 1)
        kita = midori.facility_named("kita")
        assert one(sound, "select facility_id from booking_line") == kita.id

    def test_a_whole_hall_for_its_half(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        half = steps.book(midori, hanako, builders.a_wish(midori, "hall-east", hours=(9, 12)))

        change(midori, half, moved(midori, half, "hall", hours=(9, 12)))

        assert state(sound, half) == ("provisional", 3000, 3000, 2)

    @pytest.mark.parametrize(
        ("on", "back", "owed"),
        [(FAR, 400, -400), (date(2027, 3, 12), 200, -200), (NEXT_MONDAY, 200, -200)],
    )
    def test_shorter_gives_back_as_cancelling_would(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection, on, back, owed
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, on=on))
        steps.pay(made.booking)

        done = change(midori, made, moved(midori, made, on=on, hours=(10, 11)), me(hanako))

        assert [(x.more_yen, x.back_yen) for x in done] == [(-400, back)]
        assert state(sound, made)[:3] == ("confirmed", 400, owed)

    def test_paid_and_longer_stays_certain_and_has_something_due(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        steps.pay(made.booking)

        change(midori, made, moved(midori, made, hours=(10, 14)), me(hanako))

        assert state(sound, made)[:3] == ("confirmed", 1600, 800)
        due = one(sound, "select due_at from booking")
        assert due is not None
        assert lapsing.lapse_overdue(now=due + HOUR) == 0, "what was paid for does not lapse"
        steps.pay(made.booking, yen=800)
        assert state(sound, made)[:3] == ("confirmed", 1600, 0)
        assert one(sound, "select due_at from booking") is None

    def test_what_was_free_and_costs_now_is_to_be_paid(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, "lobby"))
        assert made.booking.state == "confirmed"

        change(midori, made, moved(midori, made, "room-1"))

        assert state(sound, made)[:3] == ("provisional", 800, 800)

    def test_what_cost_and_is_free_now_is_certain(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        change(midori, made, moved(midori, made, "lobby"))

        assert state(sound, made)[:3] == ("confirmed", 0, 0)

    def test_again_and_again_puts_no_deadline_off(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, on=FAR))
        due = one(sound, "select due_at from booking")

        for n in range(3):
            to = moved(midori, made, on=FAR + timedelta(days=7 * n), hours=(10, 13))
            change(midori, made, to, me(hanako), now=MONDAY_9AM + timedelta(days=n))

        assert one(sound, "select due_at from booking") == due

    def test_people_too_and_equipment_that_nobody_has_is_refused(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        line = made.lines[0].id

        change(midori, made, Asked(people=25), me(hanako))

        assert one(sound, "select people from booking") == 25
        no = refused(midori, made, Asked(used={line: Used({"chairs": 3})}), me(hanako))
        assert no == ("fee.undetermined",)

    def test_nothing_different_does_nothing(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        assert change(midori, made, moved(midori, made), me(hanako)) == []
        assert change(midori, made, Asked(), me(hanako)) == []
        assert one(sound, "select count(*) from booking_change") == 0

    def test_one_letter_a_change_and_both_sides_of_it_in_the_audit(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        for end in (13, 14):
            change(midori, made, moved(midori, made, hours=(10, end)))

        letters = "select count(*) from delivery where template = 'booking_changed'"
        assert one(sound, letters) == 2
        facts = one(
            sound, "select facts from audit_entry where action = 'booking.changed' order by id"
        )
        assert (facts["before"][0]["fee_yen"], facts["after"][0]["fee_yen"]) == (800, 1200)

    def test_looked_at_it_is_undone(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        before = state(sound, made), hours(sound, made)

        found = changing.look_at(
            midori, made.booking.id, moved(midori, made, hours=(10, 14)), actor=CLERK,
            now=MONDAY_9AM,
        )  # fmt: skip

        assert [x.more_yen for x in found] == [800]
        assert (state(sound, made), hours(sound, made)) == before

    def test_another_price_than_was_shown_is_told(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        no = refused(midori, made, moved(midori, made, hours=(10, 13)), me(hanako), agreed_yen=300)

        assert no == ("change.price_changed",)
        assert state(sound, made) == ("provisional", 800, 800, 1)


class TestWhatIsRefused:
    def test_taken_floor_and_the_old_stays(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        other = builders.a_resident(email="b@example.jp")
        steps.book(midori, other, builders.a_wish(midori, hours=(12, 14)))

        for actor in (me(hanako), CLERK):
            no = refused(midori, made, moved(midori, made, hours=(10, 13)), actor)
            assert no == ("slot.taken",)
        assert state(sound, made) == ("provisional", 800, 800, 1)
        assert hours(sound, made) == ("03-08 10", "12")

    @pytest.mark.parametrize(
        ("to", "code"),
        [
            ({"hours": (12, 10)}, "slot.backwards"),
            ({"hours": (3, 4)}, "slot.unknown"),
            ({"on": date(2027, 12, 6)}, "reception.not_yet"),
            ({"on": date(2027, 2, 22)}, "slot.past"),
            ({"on": date(2027, 3, 9)}, "slot.unknown"),  # a closed day has no slots
        ],
    )
    def test_times_that_residents_can_not_have(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection, to, code
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        assert code in refused(midori, made, moved(midori, made, **to), me(hanako))
        assert state(sound, made) == ("provisional", 800, 800, 1)

    def test_staff_look_past_periods_but_not_past_capacity(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        change(midori, made, moved(midori, made, on=date(2027, 9, 6)))

        assert hours(sound, made) == ("09-06 10", "12")
        assert refused(midori, made, Asked(people=31), CLERK) == ("room.over_capacity",)

    def test_too_late_for_residents_but_not_for_staff(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        steps.pay(made.booking)
        late = MONDAY_9AM + timedelta(days=7)  # 9:00 of the day itself
        to = moved(midori, made, hours=(10, 13))

        assert refused(midori, made, to, me(hanako), now=late) == ("change.too_late",)
        change(midori, made, to, now=late)
        to = moved(midori, made, hours=(10, 12))
        begun = late + 2 * HOUR
        assert refused(midori, made, to, me(hanako), now=begun) == ("change.started",)

    def test_a_use_that_has_begun_is_extended_by_staff_until_it_is_over(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        steps.pay(made.booking)
        during = MONDAY_9AM + timedelta(days=7) + 2 * HOUR  # 11:00, they are inside

        change(midori, made, moved(midori, made, hours=(10, 14)), now=during)

        assert hours(sound, made) == ("03-08 10", "14")
        over = during + 3 * HOUR
        to = moved(midori, made, hours=(10, 15))
        assert refused(midori, made, to, CLERK, now=over) == ("change.over",)

    def test_a_room_that_comes_with_the_hall_is_changed_beside_it(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        """On the day of use the kitchen is open only to who has the hall too (together_with)."""
        general, outsiders = builders.TERMS["reception"]
        only_with = {
            "rooms": ["kitchen"],
            "together_with": ["hall"],
            "opens": {"kind": "before", "months": 6},
            "closes": {"kind": "before", "days": 1},
        }
        alone = {**only_with, "opens": {"kind": "before", "days": 2}}
        alone.pop("together_with")
        terms = {"reception": [only_with, alone, general, outsiders]}
        builders.a_facility(midori.tenant_id, "nishi", "西会館", position=3, terms=terms)
        found = builders.catalogue_of("midori")
        both = [
            builders.a_wish(found, "hall", facility="nishi", hours=(9, 12)),
            builders.a_wish(found, "kitchen", facility="nishi", hours=(9, 10)),
        ]
        made = steps.book(found, hanako, *both)
        kitchen = next(x for x in made.lines if x.fee_yen == 500)
        longer = builders.a_wish(found, "kitchen", facility="nishi", hours=(9, 11))

        change(found, made, Asked({kitchen.id: longer}), me(hanako))

        assert one(sound, "select sum(fee_yen) from booking_line") == 4000

    def test_people_where_the_fee_counts_them_by_age(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori), people_by={"adult": 10})

        assert refused(midori, made, Asked(people=20), CLERK) == ("change.people_by_age",)
        change(midori, made, moved(midori, made, hours=(10, 13)))
        assert state(sound, made)[1] == 1200

    def test_somebody_elses(self, midori: Catalogue, hanako: Applicant, sound):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        other = builders.a_resident(email="b@example.jp")

        assert refused(midori, made, Asked(people=3), me(other)) == ("booking.unknown",)

    def test_lines_of_another_booking_and_of_one_that_ended(
        self, midori: Catalogue, hanako: Applicant, sound
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        other = steps.book(midori, hanako, builders.a_wish(midori, "room-2"))

        assert refused(midori, made, moved(midori, other), CLERK) == ("change.unknown",)
        steps.cancel(midori, made)
        assert refused(midori, made, moved(midori, made), CLERK) == ("change.unknown",)


@pytest.mark.race
class TestAtOnce:
    def test_two_clerks_move_one_booking(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        came = race(
            lambda begins: change(midori, made, moved(midori, made, hours=(begins, begins + 2))),
            *range(9, 17),
        )

        assert not came.refusals
        assert state(sound, made) == ("provisional", 800, 800, 1)

    def test_two_bookings_want_the_same_free_time(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        both = [
            steps.book(midori, hanako, builders.a_wish(midori, hours=at))
            for at in ((9, 10), (11, 12))
        ]

        came = race(lambda n: change(midori, both[n], moved(midori, both[n], hours=(14, 15))), 0, 1)

        assert came.refusals == [("slot.taken",)]
        assert sorted(hours(sound, made)[0] for made in both) in (
            ["03-08 09", "03-08 14"],
            ["03-08 11", "03-08 14"],
        )

    def test_two_change_places_and_nobody_loses_theirs(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        """Each wants what the other has: nobody can have it while the other is there."""
        both = [
            steps.book(midori, hanako, builders.a_wish(midori, room))
            for room in ("room-1", "room-2")
        ]

        came = race(
            lambda n: change(midori, both[n], moved(midori, both[n], ("room-2", "room-1")[n])), 0, 1
        )

        assert came.refusals == [("slot.taken",)] * 2
        assert [state(sound, made)[3] for made in both] == [1, 1]

    def test_a_clerk_moves_what_a_resident_cancels(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        for n in range(5):
            on = NEXT_MONDAY + timedelta(days=7 * n)
            made = steps.book(midori, hanako, builders.a_wish(midori, on=on))

            def do(who: str, made=made, on=on) -> str:
                try:
                    if who == "clerk":
                        change(midori, made, moved(midori, made, on=on, hours=(14, 16)))
                    else:
                        steps.cancel(midori, made, actor=me(hanako))
                except Refused as no:
                    return no.codes[0]
                return who

            came = race(do, "clerk", "resident")

            assert sorted(came.results) in (["clerk", "resident"], ["change.unknown", "resident"])
            assert state(sound, made)[0] == "cancelled"
            assert state(sound, made)[2:] == (0, 0)

    def test_a_clerk_moves_to_where_a_resident_chooses(
        self, midori: Catalogue, hanako: Applicant, sound: psycopg.Connection
    ):
        for n in range(5):
            on = NEXT_MONDAY + timedelta(days=7 * n)
            made = steps.book(midori, hanako, builders.a_wish(midori, on=on))

            def do(who: str, made=made, on=on) -> str:
                if who == "clerk":
                    try:
                        change(midori, made, moved(midori, made, on=on, hours=(14, 16)))
                    except Refused as no:
                        return no.codes[0]
                    return who
                wish = builders.a_wish(midori, on=on, hours=(15, 17))
                chosen = steps.choose(midori, steps.new_key(), wish)
                return "slot.taken" if chosen.refused else who

            came = race(do, "clerk", "resident")

            assert sorted(came.results) in (["clerk", "slot.taken"], ["resident", "slot.taken"])


def test_what_comes_back_drops_fractions_and_is_never_negative():
    assert back_of(333, 0, 50) == 166
    assert back_of(100, 300, 100) == 0
    assert back_of(None, None, None) == 0
