"""Applying makes a booking of a basket: once, at the fee that was seen, under rules that stay."""

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.booking.service.application import Applicant
from app.booking.service.basket_plan import HOLD
from app.booking.service.baskets import Chooser
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.facilities.service import publish
from app.kernel.clock import TOKYO
from app.kernel.refusals import Refused
from app.usecases import applying, lapsing
from app.usecases.applying import NotAllWishes
from tests import builders
from tests.builders import CITED, FEES, MONDAY_9AM, NEXT_MONDAY, TERMS
from tests.db.proof import one
from tests.usecases import steps

APRIL = date(2027, 4, 5)  # a Monday, after the tariff of 1 April


def in_tokyo(moment: datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(TOKYO).strftime("%m-%d %H:%M")


def rows(database: psycopg.Connection, query: str, *values: Any) -> list[Any]:
    return database.execute(query, values).fetchall()


class TestABookingIsMade:
    def test_with_a_number_a_fee_and_a_deadline(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(
            midori, hanako, builders.a_wish(midori), builders.a_wish(midori, "hall", hours=(9, 17))
        )

        booking = made.booking
        assert booking.number is not None
        assert (len(booking.number), booking.number.isdecimal()) == (8, True)
        assert booking.state == "provisional"
        assert booking.fee_yen == 2 * 400 + 3000 + 4000
        assert in_tokyo(booking.due_at) == "03-08 00:00"  # the day before the use, to its end
        assert booking.submitted_at == MONDAY_9AM

    def test_with_what_the_applicant_said(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori), people=7, shown_name="囲碁の会")

        booking = made.booking
        assert (booking.people, booking.shown_name, booking.purpose) == (7, "囲碁の会", "meeting")
        assert (booking.applicant_name, booking.applicant_class) == ("山田 花子", "resident")

    def test_with_the_fee_of_each_line_explained_and_cited(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        (line,) = steps.book(midori, hanako, builders.a_wish(midori)).lines

        assert line.fee_yen == 800
        assert line.quote == {
            "total_yen": 800,
            "lines": [
                {
                    "rule": "room-1",
                    "label": "基本",
                    "arithmetic": "400円 × 2時間",
                    "yen": 800,
                    "citation": "みどり市会館条例 別表",
                }
            ],
        }

    def test_with_a_charge_an_audit_entry_and_one_letter(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))

        (line,) = made.lines
        charges = rows(sound, "select kind, yen, booking_line_id, account_id from ledger_entry")
        assert charges == [("charge", 800, line.id, hanako.account_id)]
        assert rows(
            sound, "select actor_kind, account_id, action, subject_id from audit_entry"
        ) == [("resident", hanako.account_id, "booking.made", made.booking.id)]
        letters = rows(sound, "select id, template, subject_id, email, state from delivery")
        assert [letter[1:] for letter in letters] == [
            ("booking_made", made.booking.id, "hanako@example.jp", "promised")
        ]
        assert rows(sound, "select task_name, args from procrastinate_jobs") == [
            ("deliver_letter", {"tenant_id": midori.tenant_id, "delivery_id": letters[0][0]})
        ]

    def test_certain_at_once_when_it_costs_nothing(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori, "lobby"))

        assert (made.booking.state, made.booking.due_at) == ("confirmed", None)
        assert rows(sound, "select kind, yen from ledger_entry") == [("charge", 0)]

    def test_due_at_the_end_of_the_earliest_deadline_of_its_lines(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        late = builders.a_wish(midori, on=NEXT_MONDAY + timedelta(days=30))
        assert in_tokyo(steps.book(midori, hanako, late).booking.due_at) == "03-09 00:00"

        early = builders.a_wish(midori, on=date(2027, 3, 4))
        both = steps.book(midori, hanako, early, builders.a_wish(midori, on=APRIL))
        assert in_tokyo(both.booking.due_at) == "03-04 00:00"

    def test_on_the_day_of_use_due_when_the_use_begins(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        today = builders.a_wish(midori, on=builders.TODAY, hours=(14, 15))

        assert in_tokyo(steps.book(midori, hanako, today).booking.due_at) == "03-01 14:00"


class TestAskingAgain:
    def test_returns_the_booking_that_was_made(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori))
        first = steps.apply(midori, "mine", hanako)

        again = steps.apply(midori, "mine", hanako, people=99, now=MONDAY_9AM + HOLD * 4)

        assert (first.is_new, again.is_new) == (True, False)
        assert again.booking.number == first.booking.number
        assert again.booking.people == 10

    def test_does_not_show_it_to_somebody_else(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        """On a shared computer the next person's browser still has the key."""
        steps.choose(midori, "mine", builders.a_wish(midori))
        steps.apply(midori, "mine", hanako)

        jiro = builders.a_resident(email="jiro@example.jp", name="次郎")

        assert steps.told(steps.apply, midori, "mine", jiro) == ["basket.submitted"]

    def test_with_an_empty_basket_says_so(self, midori: Catalogue, hanako: Applicant):
        assert steps.told(steps.apply, midori, "nothing", hanako) == ["basket.empty"]


class TestAHoldThatRanOut:
    def test_is_taken_again_when_the_floor_is_still_free(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori, "hall", hours=(9, 12)))

        made = steps.apply(midori, "mine", hanako, now=MONDAY_9AM + HOLD * 3)

        assert made.is_new

    def test_is_taken_again_although_a_rivals_hold_ran_out_there_too(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wish = builders.a_wish(midori, "hall", hours=(9, 12))
        steps.choose(midori, "mine", wish)
        east = builders.a_wish(midori, "hall-east", hours=(9, 12))
        steps.choose(midori, "rival", east, now=MONDAY_9AM + HOLD)

        made = steps.apply(midori, "mine", hanako, now=MONDAY_9AM + HOLD * 2)

        assert made.is_new

    def test_and_was_lost_is_named_and_nothing_is_booked(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        lost, kept = builders.a_wish(midori), builders.a_wish(midori, "room-2")
        steps.choose(midori, "mine", lost, kept)
        late = MONDAY_9AM + HOLD
        steps.choose(midori, "rival", lost, now=late)

        with pytest.raises(applying.NotAllLines) as told:
            steps.apply(midori, "mine", hanako, now=late)

        assert [no.code for line in told.value.lines for no in line.refusals] == ["slot.taken"]
        named = "select slug from room r join booking_line l on r.id = l.room_id where l.id = %s"
        assert rows(sound, named, told.value.lines[0].line_id) == [("room-1",)]
        assert one(sound, "select count(*) from booking where state <> 'draft'") == 0

    def test_and_was_lost_is_left_out_when_the_applicant_wants_the_rest(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        lost, kept = builders.a_wish(midori), builders.a_wish(midori, "room-2")
        steps.choose(midori, "mine", lost, kept)
        late = MONDAY_9AM + HOLD
        steps.choose(midori, "rival", lost, now=late)

        made = steps.apply(midori, "mine", hanako, now=late, best_effort=True)

        assert [line.fee_yen for line in made.lines] == [600]
        assert made.booking.fee_yen == 600

    def test_and_nothing_is_left_is_refused_although_the_rest_would_do(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wish = builders.a_wish(midori)
        steps.choose(midori, "mine", wish)
        late = MONDAY_9AM + HOLD
        steps.choose(midori, "rival", wish, now=late)

        told = steps.told(steps.apply, midori, "mine", hanako, now=late, best_effort=True)

        assert told == ["slot.taken"]


class TestARequestIsRefused:
    @pytest.mark.parametrize(
        ("room", "said", "code", "facts"),
        [
            ("room-2", {"people": 13}, "room.over_capacity", {"room": "第2会議室", "capacity": 12}),
            ("dojo", {"people": 9, "purpose": "dance"}, "room.too_few", {"least": 10}),
            ("dojo", {"people": 10, "purpose": "music"}, "room.other_purpose", {"room": "武道場"}),
        ],
    )
    def test_when_the_room_is_not_for_that(
        self,
        midori: Catalogue,
        sound: psycopg.Connection,
        hanako: Applicant,
        room: str,
        said: dict[str, Any],
        code: str,
        facts: dict[str, Any],
    ):
        dojo = {"slug": "dojo", "name": "武道場", "capacity": 40, "spaces": ["dojo"],
                "min_people": 10, "purposes": ["dance"]}  # fmt: skip
        price = {"kind": "per_hour", "id": "d", "rooms": ["dojo"], "yen": 1, "citation": CITED}
        builders.a_facility(
            midori.tenant_id, "budokan", "武道館", position=3,
            rooms=[*builders.ROOMS, dojo], fees={"prices": [*FEES["prices"], price]},
        )  # fmt: skip
        found = builders.catalogue_of("midori")
        steps.choose(found, "mine", builders.a_wish(found, room, facility="budokan"))

        with pytest.raises(Refused) as told:
            steps.apply(found, "mine", hanako, **said)

        assert told.value.codes == (code,)
        assert facts.items() <= told.value.refusals[0].facts.items()

    def test_with_every_reason_at_once(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori, "room-2"))

        at_nine = datetime(2027, 3, 8, 9, 30, tzinfo=TOKYO)
        told = steps.told(steps.apply, midori, "mine", hanako, people=13, now=at_nine)

        assert told == ["reception.over", "room.over_capacity"]

    def test_when_the_use_began_meanwhile(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori))

        at_ten = datetime(2027, 3, 8, 10, tzinfo=TOKYO)

        assert steps.told(steps.apply, midori, "mine", hanako, now=at_ten) == ["slot.past"]

    def test_when_the_applicants_own_class_may_not_yet(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        """Rooms were chosen before signing in, under the window of residents."""
        outsider = builders.a_resident(email="o@example.jp", applicant_class="outsider")
        steps.choose(midori, "mine", builders.a_wish(midori, on=APRIL))

        assert steps.told(steps.apply, midori, "mine", outsider) == ["reception.not_yet"]

    def test_when_the_fee_is_not_the_one_that_was_seen(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori))

        with pytest.raises(Refused) as told:
            steps.apply(midori, "mine", hanako, agreed_yen=700)

        assert [(no.code, no.facts) for no in told.value.refusals] == [
            ("fee.changed", {"yen": 800})
        ]
        assert steps.apply(midori, "mine", hanako, agreed_yen=800).booking.fee_yen == 800

    def test_when_no_rule_decides_the_fee(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        builders.a_facility(
            midori.tenant_id, "minami", "南会館", position=3,
            fees={"open_questions": [{"id": "shop", "when": "for_profit", "because": "営利の額"}]},
        )  # fmt: skip
        found = builders.catalogue_of("midori")
        steps.choose(found, "mine", builders.a_wish(found, facility="minami"))

        with pytest.raises(Refused) as told:
            steps.apply(found, "mine", hanako, is_for_profit=True)

        assert [(no.code, no.facts["because"]) for no in told.value.refusals] == [
            ("fee.undetermined", "営利の額")
        ]


class TestRulesStayWithABooking:
    """I9: a booking keeps the version it was made under, whatever is published afterwards."""

    def publish(self, found: Catalogue, subject: str, document: dict[str, Any]) -> Catalogue:
        def work(session: Any) -> None:
            publish(
                session, found.facilities[0].id, subject, effective_from=date(2027, 3, 1),
                document=document, now=MONDAY_9AM + HOLD,
            )  # fmt: skip
            session.execute(
                builders.text("update tenant set catalogue_revision = catalogue_revision + 1")
            )

        in_transaction(work, as_owner=True)
        return builders.catalogue_of("midori")

    def test_its_fee_does_not_follow_a_new_tariff_but_the_next_booking_does(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        before = steps.book(midori, hanako, builders.a_wish(midori))
        dearer = [{**price, "yen": 900} if price["id"] == "room-1" else price
                  for price in FEES["prices"]]  # fmt: skip

        later = self.publish(midori, "fees", {"prices": dearer})
        after = steps.book(later, hanako, builders.a_wish(later, hours=(13, 15)))
        steps.pay(before.booking)

        assert (before.booking.fee_yen, after.booking.fee_yen) == (800, 1800)
        assert before.lines[0].fees_version_id != after.lines[0].fees_version_id
        assert one(sound, "select -sum(yen) from ledger_entry where kind = 'payment'") == 800

    def test_a_basket_chosen_before_costs_what_holds_when_it_is_applied_for(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        steps.choose(midori, "mine", builders.a_wish(midori))
        dearer = [{**price, "yen": 900} if price["id"] == "room-1" else price
                  for price in FEES["prices"]]  # fmt: skip

        later = self.publish(midori, "fees", {"prices": dearer})

        assert steps.told(steps.apply, later, "mine", hanako, agreed_yen=800) == ["fee.changed"]

    def test_it_is_cancelled_under_the_terms_it_was_made_under(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        steps.pay(made.booking)
        nothing_back = {**TERMS["cancellation"], "refunds": []}

        later = self.publish(midori, "terms", {**TERMS, "cancellation": nothing_back})
        (end,) = steps.cancel(later, made)

        assert end.consequence.refund_percent == 50

    def test_a_tariff_with_a_later_day_holds_for_uses_from_that_day(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        def from_april(session: Any) -> None:
            dearer = [{**price, "yen": 500} if price["id"] == "room-1" else price
                      for price in FEES["prices"]]  # fmt: skip
            publish(
                session, midori.facilities[0].id, "fees", effective_from=date(2027, 4, 1),
                document={"prices": dearer}, now=MONDAY_9AM,
            )  # fmt: skip
            session.execute(
                builders.text("update tenant set catalogue_revision = catalogue_revision + 1")
            )

        in_transaction(from_april, as_owner=True)
        found = builders.catalogue_of("midori")

        made = steps.book(found, hanako, builders.a_wish(found), builders.a_wish(found, on=APRIL))

        assert [line.fee_yen for line in made.lines] == [800, 1000]


class TestAQuota:
    def city(self, *quotas: dict[str, Any], **at_the_hall: Any) -> Catalogue:
        tenant_id = builders.a_tenant("kagiri", "132292", "かぎり市", {"quotas": list(quotas)})
        builders.a_facility(tenant_id, "chuo", "かぎり会館", terms=at_the_hall)
        builders.a_facility(tenant_id, "kita", "北かぎり会館", position=2)
        return builders.catalogue_of("kagiri")

    MONTHLY = {"id": "monthly", "name": "1か月に2回まで", "limit": 2, "per": "month"}

    def test_counts_what_was_booked_before_in_every_hall(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        found = self.city(self.MONTHLY)
        person = builders.a_resident("kagiri", "taro@example.jp")
        with tenant_scope(found.tenant_id):
            steps.book(found, person, builders.a_wish(found))
            steps.book(found, person, builders.a_wish(found, facility="kita"))
            steps.choose(found, "third", builders.a_wish(found, "room-2"))

            with pytest.raises(Refused) as told:
                steps.apply(found, "third", person)

            assert [(no.code, no.facts) for no in told.value.refusals] == [
                ("quota.reached", {"name": "1か月に2回まで", "limit": 2})
            ]
            steps.choose(found, "april", builders.a_wish(found, on=APRIL))
            assert steps.apply(found, "april", person).is_new

    def test_of_a_hall_counts_in_that_hall_only(self, midori: Catalogue, sound: psycopg.Connection):
        found = self.city(quotas=[{**self.MONTHLY, "limit": 1}])
        person = builders.a_resident("kagiri", "taro@example.jp")
        with tenant_scope(found.tenant_id):
            steps.book(found, person, builders.a_wish(found))
            steps.book(found, person, builders.a_wish(found, facility="kita"))
            steps.choose(found, "second", builders.a_wish(found, "room-2"))

            assert steps.told(steps.apply, found, "second", person) == ["quota.reached"]

    def test_is_freed_by_cancelling_and_by_lapsing(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        found = self.city({**self.MONTHLY, "limit": 1})
        person = builders.a_resident("kagiri", "taro@example.jp")
        with tenant_scope(found.tenant_id):
            steps.cancel(found, steps.book(found, person, builders.a_wish(found)))
            lapsed = steps.book(found, person, builders.a_wish(found))
            assert lapsed.booking.due_at is not None
            lapsing.lapse_overdue(now=lapsed.booking.due_at)

            later = builders.a_wish(found, on=date(2027, 3, 25))
            assert steps.book(found, person, later, now=lapsed.booking.due_at).is_new

    def test_does_not_count_near_uses_where_the_rule_frees_them(
        self, midori: Catalogue, sound: psycopg.Connection
    ):
        found = self.city({**self.MONTHLY, "limit": 1, "not_within_days": 3})
        person = builders.a_resident("kagiri", "taro@example.jp")
        with tenant_scope(found.tenant_id):
            steps.book(found, person, builders.a_wish(found))
            steps.book(found, person, builders.a_wish(found, on=date(2027, 3, 4)))
            steps.choose(found, "far", builders.a_wish(found, on=date(2027, 3, 5)))

            assert steps.told(steps.apply, found, "far", person) == ["quota.reached"]

    def test_counts_for_its_classes_only(self, midori: Catalogue, sound: psycopg.Connection):
        found = self.city({**self.MONTHLY, "limit": 1, "classes": ["resident"]})
        club = builders.a_resident("kagiri", "club@example.jp", applicant_class="group")
        with tenant_scope(found.tenant_id):
            wishes = [builders.a_wish(found), builders.a_wish(found, "room-2")]
            assert steps.book(found, club, *wishes).is_new

    def test_is_of_each_person(self, midori: Catalogue, sound: psycopg.Connection):
        found = self.city({**self.MONTHLY, "limit": 1})
        people = [builders.a_resident("kagiri", f"{name}@example.jp") for name in ("taro", "jiro")]
        with tenant_scope(found.tenant_id):
            for person, room in zip(people, ("room-1", "room-2"), strict=True):
                assert steps.book(found, person, builders.a_wish(found, room)).is_new


class TestAProgramAppliesAtOnce:
    def ask(self, found: Catalogue, key: str, person: Applicant, *wishes: Any, **said: Any) -> Any:
        return in_transaction(
            lambda session: applying.apply_at_once(
                session,
                found,
                Chooser(key, person.applicant_class),
                wishes,
                person,
                builders.some_answers(**said),
                actor=Actor("program", token_id=1),
                now=MONDAY_9AM,
            )
        )

    def test_for_everything_it_asked_for(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wishes = [builders.a_wish(midori), builders.a_wish(midori, "hall", hours=(9, 12))]

        made = self.ask(midori, "api", hanako, *wishes)

        assert [line.fee_yen for line in made.lines] == [3000, 800]
        assert one(sound, "select actor_kind from audit_entry") == "program"

    def test_or_for_nothing_and_is_told_by_place(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        free, taken = builders.a_wish(midori), builders.a_wish(midori, "room-2")
        steps.choose(midori, "rival", taken)

        with pytest.raises(NotAllWishes) as told:
            self.ask(midori, "api", hanako, free, taken)

        assert [(n, [no.code for no in why]) for n, why in told.value.by_line] == [
            (1, ["slot.taken"])
        ]
        assert one(sound, "select count(*) from booking") == 1
        assert current_tenant() == midori.tenant_id

    def test_or_for_nothing_when_a_rule_refuses_a_line(
        self, midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
    ):
        wishes = [builders.a_wish(midori), builders.a_wish(midori, "room-2")]

        with pytest.raises(NotAllWishes) as told:
            self.ask(midori, "api", hanako, *wishes, people=20)

        assert [(n, [no.code for no in why]) for n, why in told.value.by_line] == [
            (1, ["room.over_capacity"])
        ]
        assert one(sound, "select count(*) from occupancy") == 0
