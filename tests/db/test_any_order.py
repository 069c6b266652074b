"""Whatever people do, in any order and at once: nothing is half, nothing twice, nobody stuck."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import psycopg
import pytest
from sqlalchemy.orm import Session

from app.booking import looking
from app.booking.looking import Looker
from app.booking.rules.availability import Kind
from app.booking.service import baskets
from app.booking.service.application import Applicant
from app.booking.service.basket_plan import HOLD, Wish
from app.booking.service.baskets import Chooser
from app.booking.service.submitting import Submitted
from app.db import db
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refused
from app.usecases import choosing, lapsing, sweeping
from app.usecases.cancelling import cancel_lines
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.db.proof import assert_whole, one
from tests.racing import race
from tests.usecases import steps

pytestmark = pytest.mark.race

BEGINS = {
    "room-1": range(9, 14), "room-2": range(9, 14), "kitchen": range(9, 14),
    "hall": (9, 13, 18), "hall-east": (9, 13, 18), "hall-west": (9, 13, 18),
}  # fmt: skip
ENDS = {9: 12, 13: 17, 18: 22}  # of the hall's periods
TICK = HOLD / 40  # between two things that happen: a hold runs out after forty of them
MAY_BE_TOLD = {
    "slot.taken", "slot.overlaps_own", "basket.empty", "basket.submitted",
    "basket.extended_before", "payment.not_due", "payment.other_sum", "busy",
}  # fmt: skip


@dataclass
class Town:
    """What people share: a city, a clock that only runs, the bookings made so far."""

    found: Catalogue
    people: list[Applicant]
    ticks: "count[int]" = field(default_factory=count)
    made: list[tuple[int, int, list[int]]] = field(default_factory=list)  # id, fee, lines
    told: "Counter[str]" = field(default_factory=Counter)

    def now(self) -> datetime:
        return MONDAY_9AM + TICK * next(self.ticks)


class Person:
    """Somebody who does anything that can be done, as a seed says."""

    def __init__(self, town: Town, number: int) -> None:
        self.town = town
        self.chance = random.Random(number)
        self.applicant = town.people[number % len(town.people)]
        self.shared = f"shared-{number % 3}"  # a basket open in the windows of several people
        self.own = steps.new_key()

    def act(self) -> None:
        """Do one thing, and note what came of it."""
        doings: list[Callable[[], object]] = [
            self.choose, self.let_go, self.apply, self.keep_longer, self.cancel, self.pay, self.tidy
        ]  # fmt: skip
        doing = self.chance.choices(doings, [8, 3, 4, 1, 2, 1, 1])[0]
        try:
            doing()
            self.town.told[doing.__name__] += 1
        except Refused as no:
            self.town.told.update(no.codes)

    def key(self) -> str:
        return self.chance.choice([self.own, self.own, self.shared])

    def wish(self) -> Wish:
        room = self.chance.choice(list(BEGINS))
        begins = self.chance.choice(list(BEGINS[room]))
        ends = ENDS[begins] if room.startswith("hall") else begins + self.chance.choice((1, 2))
        on = NEXT_MONDAY + timedelta(days=self.chance.choice((0, 2)))
        return builders.a_wish(self.town.found, room, on=on, hours=(begins, ends))

    def choose(self) -> None:
        wishes = [self.wish() for _ in range(self.chance.choice((1, 1, 2, 3)))]
        whole = self.chance.random() < 0.3
        chosen = steps.choose(
            self.town.found, self.key(), *wishes, now=self.town.now(), all_or_nothing=whole
        )
        self.town.told.update(steps.codes(chosen))

    def let_go(self) -> None:
        choosing.let_go(self.town.found, self.key(), self.wish(), now=self.town.now())

    def apply(self) -> Submitted:
        key = self.key()
        made = steps.apply(
            self.town.found, key, self.applicant, now=self.town.now(),
            best_effort=self.chance.random() < 0.5,
        )  # fmt: skip
        lines = [line.id for line in made.lines]
        self.town.made.append((made.booking.id, made.booking.fee_yen, lines))
        if key == self.own:
            self.own = steps.new_key()
        else:
            self.shared += "-next"
        return made

    def keep_longer(self) -> None:
        choosing.keep_longer(self.key(), now=self.town.now())

    def cancel(self) -> None:
        if self.town.made:
            booking, _, lines = self.chance.choice(self.town.made)
            some = self.chance.sample(lines, self.chance.randint(1, len(lines)))
            cancel_lines(self.town.found, booking, some, actor=steps.CLERK, now=self.town.now())

    def pay(self) -> None:
        if self.town.made:
            booking, fee, _ = self.chance.choice(self.town.made)
            steps.receives(self.town.found.tenant_id, booking, yen=fee, now=self.town.now())

    def tidy(self) -> None:
        """Do what the worker does; now and then long after."""
        late = timedelta(days=self.chance.choice((0, 0, 0, 8)))
        lapsing.lapse_overdue(now=self.town.now() + late)
        sweeping.sweep(now=self.town.now())


@pytest.fixture
def town(midori: Catalogue) -> Town:
    people = [builders.a_resident(email=f"p{n}@example.jp") for n in range(4)]
    return Town(midori, people)


@pytest.mark.parametrize("seed", range(3))
def test_one_after_another(town: Town, sound: psycopg.Connection, seed: int):
    people = [Person(town, 100 * seed + number) for number in range(5)]
    order = random.Random(seed)

    for _ in range(120):
        order.choice(people).act()
        assert_whole(sound)

    check(town, sound)


def test_all_at_once(town: Town, sound: psycopg.Connection, capsys: pytest.CaptureFixture[str]):
    people = [Person(town, 1000 + number) for number in range(12)]

    def live(person: Person) -> None:
        for _ in range(25):
            person.act()

    race(live, *people, within=60)

    check(town, sound)
    with capsys.disabled():
        print(f"\n  12 people doing 25 things each at once: {dict(town.told.most_common())}")


def test_what_is_shown_as_free_can_be_had_and_nothing_else(town: Town, sound: psycopg.Connection):
    people = [Person(town, 7000 + number) for number in range(5)]
    order = random.Random(7)
    for _ in range(60):
        order.choice(people).act()
    hall, on = town.found.facilities[0], NEXT_MONDAY
    looker = Looker(town.now(), "resident")

    shown = looking.facility_day(
        db.session(), town.found, [(hall, room) for room in hall.rooms], on, looker
    )
    db.session.rollback()

    kinds = Counter(state.kind for day in shown for state in day.states)
    assert kinds[Kind.FREE] > 5
    assert kinds[Kind.TAKEN] > 5
    for day in shown:
        for state in day.states:
            slot = state.slot
            wish = Wish(day.room.id, on, slot.from_minute, slot.to_minute)
            told = tried(town.found, wish, now=looker.now)
            assert (told == []) == (state.kind is Kind.FREE), (day.room.slug, slot, told)


def tried(found: Catalogue, wish: Wish, *, now: datetime) -> list[str]:
    """Return why a new browser could not have a wish; nothing is kept of trying."""
    told: list[str] = []

    def work(session: Session) -> None:
        chooser = Chooser(steps.new_key(), "resident")
        told.extend(steps.codes(baskets.hold(session, found, chooser, [wish], now=now)))
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        in_transaction(work)
    return told


def check(town: Town, database: psycopg.Connection) -> None:
    """Expect that much was had and much refused, for known reasons, and that all adds up."""
    doings = {"choose", "let_go", "apply", "keep_longer", "cancel", "pay", "tidy"}
    assert set(town.told) - doings <= MAY_BE_TOLD
    assert town.told["apply"] > 3
    assert town.told["slot.taken"] > 3
    made = {booking for booking, _, _ in town.made}
    assert one(database, "select count(*) from booking where state <> 'draft'") == len(made)
    assert one(database, "select count(distinct number) from booking") == len(made)
    assert not db.session().in_transaction()
