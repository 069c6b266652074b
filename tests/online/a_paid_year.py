"""A year of bookings that are paid over the network and at counters, beside a plain log.

The log is what somebody with paper would write: from the prices and terms of tests.builders and
from what each story is about, never from the ledger.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from app.booking.models import Booking, BookingLine
from app.booking.service.application import Applicant
from app.booking.service.basket_plan import Wish
from app.booking.service.changing import Asked
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.kernel.clock import TOKYO
from app.usecases import cancelling, changing, lapsing, refunding
from app.usecases.refunding import Handed
from app.usecases.returned import refresh_refunds, sync
from tests import builders
from tests.online.town import Town
from tests.usecases import steps
from tests.usecases.steps import CLERK
from tests.web.situations import lines_in

FIRST = datetime(2027, 5, 6, 9, tzinfo=TOKYO)
PRICE = {"room-1": 400, "room-2": 300}  # an hour
AHEAD = 24  # days from the request to the use


@dataclass(frozen=True, slots=True)
class Logged:
    """One movement: on which day, of which booking, what, how, how many yen (always positive)."""

    on: date
    booking: int
    kind: str  # charge, release, payment, refund
    method: str
    yen: int


@dataclass
class Stay:
    """A booking in the making: who, what it cost, where it is."""

    person: Applicant
    booking: Booking
    room: str
    on: date
    hours: int = 2
    attempt: int = 0

    @property
    def yen(self) -> int:
        return PRICE[self.room] * self.hours


@dataclass
class PaidYear:
    """Stories that begin through a year, told in the order of time."""

    town: Town
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    log: list[Logged] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    _queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _places: set[tuple[str, date, int]] = field(default_factory=set)
    _number: Callable[[], int] = field(default_factory=lambda: count().__next__)

    def run(self, *, months: int = 12, each: int = 1) -> "PaidYear":
        for month in range(months):
            for place, story in enumerate(STORIES * each):
                at = FIRST + timedelta(days=30 * month + 2 * place, minutes=place)
                self.later(at, lambda story=story: self._begin(story))  # type: ignore[misc]
        while self._queue:
            at, _, work = heapq.heappop(self._queue)
            self.town.clock.now = max(at, self.town.clock.now)
            self.town.sim.clock.stand_still(self.town.clock.now)
            work()
            self._worker()
        return self

    def later(self, at: datetime, work: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (at, self._number(), work))

    @property
    def today(self) -> date:
        return self.town.clock.now.astimezone(TOKYO).date()

    def note(self, stay: Stay, kind: str, yen: int, method: str = "") -> None:
        self.log.append(Logged(self.today, stay.booking.id, kind, method, yen))

    def _begin(self, story: "Story") -> None:
        number = self._number()
        room, on, hour = self._place()
        with self.town.app.app_context():
            person = builders.a_resident(email=f"p{number}@example.jp")
        booking = self.town.books(person, (room, on, (hour, hour + 2)), key=f"b{number}")
        stay = Stay(person, booking, room, on)
        assert booking.fee_yen == stay.yen
        self.stays.append(stay)
        self.note(stay, "charge", stay.yen)
        story(self, stay)

    def _place(self) -> tuple[str, date, int]:
        """Return a room, a day and an hour that no other story has, with an hour to spare."""
        room = self.dice.choice(list(PRICE))
        on = _open_day(self.today + timedelta(days=AHEAD))
        while True:
            for hour in (9, 12, 15, 18):
                if (room, on, hour) not in self._places:
                    self._places.add((room, on, hour))
                    return room, on, hour
            on = _open_day(on + timedelta(days=1))

    def _worker(self) -> None:
        """Do what the worker does by the clock: refunds and lapses."""
        with self.town.app.app_context(), tenant_scope(1):
            refresh_refunds(self.town.provider, now=self.town.clock.now + timedelta(hours=1))
            lapsing.lapse_overdue(now=self.town.clock.now)

    # What happens in stories.

    def goes(self, stay: Stay, way: str) -> str:
        stay.attempt = self.town.goes(stay.person, stay.booking, way=way)
        return self.town.session_of(stay.attempt)

    def pays(self, stay: Stay, way: str) -> None:
        session_ref, sim = self.goes(stay, way), self.town.sim
        if way == "card":
            sim.pay_card(session_ref)
        elif way == "paypay":
            sim.pay_paypay(session_ref)
        else:
            sim.choose_konbini(session_ref)
            self.town.asks(stay.attempt)
            sim.pay_konbini(session_ref)
        assert self.town.asks(stay.attempt) == "paid"
        self.note(stay, "payment", stay.yen, way)

    def pays_at_the_counter(self, stay: Stay, *, despite: bool = False) -> None:
        with self.town.app.app_context(), tenant_scope(1):
            steps.receives(1, stay.booking.id, yen=stay.yen, now=self.town.clock.now,
                           despite=despite)  # fmt: skip
        self.note(stay, "payment", stay.yen, "cash")

    def cancels(self, stay: Stay, *, percent: int, method: str, by_hall: bool = False) -> None:
        actor = CLERK if by_hall else Actor("resident", stay.person.account_id)
        with self.town.app.app_context(), tenant_scope(1):
            in_transaction(
                lambda session: cancelling.cancel_at_once(
                    session, builders.catalogue_of("midori"), stay.booking.id,
                    lines_in(self.town.app, stay.booking), actor=actor, now=self.town.clock.now,
                    by_facility=by_hall,
                )
            )  # fmt: skip
        back = stay.yen * percent // 100
        if back:
            self.note(stay, "release", back)
            if method != "cash":
                self.note(stay, "refund", back, method)

    def gives_cash_back(self, stay: Stay, yen: int) -> None:
        (refund,) = self.town.refunds(stay.booking)
        with self.town.app.app_context(), tenant_scope(1):
            refunding.hand_over(
                refund.id, Handed("cash", None, "受領印あり"), actor=CLERK,
                now=self.town.clock.now, today=self.today,
            )  # fmt: skip
        self.note(stay, "refund", yen, "cash")

    def is_changed_to(self, stay: Stay, hours: int) -> None:
        (line,) = lines_in(self.town.app, stay.booking)
        booked = self.town.booking(stay.booking)
        assert booked.fee_yen == stay.yen
        with self.town.app.app_context(), tenant_scope(1):
            found = builders.catalogue_of("midori")
            room = next(r for hall in found.facilities for r in hall.rooms
                        if (hall.slug, r.slug) == ("chuo", stay.room))  # fmt: skip
            begins = self._begins(stay)
            changing.change(
                found, stay.booking.id,
                Asked({line: Wish(room.id, stay.on, begins, begins + 60 * hours)}),
                actor=Actor("resident", stay.person.account_id), now=self.town.clock.now,
            )  # fmt: skip
        before, stay.hours = stay.yen, hours
        more = stay.yen - before
        self.note(stay, "charge" if more > 0 else "release", abs(more))

    def _begins(self, stay: Stay) -> int:
        (line,) = self.town.rows(BookingLine, BookingLine.booking_id == stay.booking.id)
        local = line.starts_at.astimezone(TOKYO)
        return local.hour * 60 + local.minute


Story = Callable[[PaidYear, Stay], None]


def _open_day(day: date) -> date:
    """Return a day on which the hall is open: no Tuesday, not around New Year."""
    while day.weekday() == 1 or (day.month, day.day) >= (12, 28) or (day.month, day.day) <= (1, 4):
        day += timedelta(days=1)
    return day


def _before(stay: Stay, days: int) -> datetime:
    return datetime.combine(stay.on - timedelta(days=days), time(10), TOKYO)


def card(year: PaidYear, stay: Stay) -> None:
    year.pays(stay, "card")


def paypay(year: PaidYear, stay: Stay) -> None:
    year.pays(stay, "paypay")


def konbini(year: PaidYear, stay: Stay) -> None:
    year.pays(stay, "konbini")


def cash(year: PaidYear, stay: Stay) -> None:
    year.pays_at_the_counter(stay)


def nothing(year: PaidYear, stay: Stay) -> None:
    """Never paid: it lapses after seven days, when somebody else's deed wakes the worker."""
    lapses_on = datetime.combine(year.today + timedelta(days=8), time(0), TOKYO)
    year.later(lapses_on, lambda: year.note(stay, "release", stay.yen))


def slip_unused(year: PaidYear, stay: Stay) -> None:
    """A number for a shop that nobody pays: it runs out with the deadline, then it lapses."""
    session_ref = year.goes(stay, "konbini")
    year.town.sim.choose_konbini(session_ref)
    assert year.town.asks(stay.attempt) == "waiting"

    def ends() -> None:
        assert year.town.asks(stay.attempt) == "failed"
        year.note(stay, "release", stay.yen)

    year.later(year.town.attempt(stay.attempt).voucher_until + timedelta(hours=1), ends)


def card_then_cancelled(days: int, percent: int, way: str) -> Story:
    def story(year: PaidYear, stay: Stay) -> None:
        year.pays(stay, way)
        year.later(_before(stay, days), lambda: year.cancels(stay, percent=percent, method=way))

    return story


def konbini_then_cancelled(year: PaidYear, stay: Stay) -> None:
    """The shop's money goes to a bank account that they give the provider."""
    year.pays(stay, "konbini")

    def cancels() -> None:
        year.cancels(stay, percent=100, method="cash")  # its refund is noted when it goes
        year._worker()
        sim = year.town.sim
        mine = [r for r in sim.refunds() if r["status"] == "requires_action"]
        for one in mine:
            sim.give_bank_details(one["id"])
            sim.settle_refund(one["id"])
        year.note(stay, "refund", stay.yen, "konbini")

    year.later(_before(stay, 16), cancels)


def cash_then_displaced(year: PaidYear, stay: Stay) -> None:
    year.pays_at_the_counter(stay)

    def displaced() -> None:
        year.cancels(stay, percent=100, method="cash", by_hall=True)
        year.gives_cash_back(stay, stay.yen)

    year.later(_before(stay, 2), displaced)


def twice(year: PaidYear, stay: Stay) -> None:
    """Paid at the counter with the page to pay on open, and there as well."""
    session_ref = year.goes(stay, "card")
    year.pays_at_the_counter(stay, despite=True)
    year.town.sim.pay_card(session_ref)
    assert year.town.asks(stay.attempt) == "paid"
    year.note(stay, "payment", stay.yen, "card")
    year.note(stay, "refund", stay.yen, "card")


def after_cancelling(year: PaidYear, stay: Stay) -> None:
    """Cancelled while a number for a shop is out, and paid all the same."""
    session_ref = year.goes(stay, "konbini")
    year.town.sim.choose_konbini(session_ref)
    year.town.asks(stay.attempt)
    year.cancels(stay, percent=100, method="cash")
    year.town.sim.pay_konbini(session_ref)
    assert year.town.asks(stay.attempt) == "paid"
    year.note(stay, "payment", stay.yen, "konbini")
    year._worker()
    for one in year.town.sim.refunds():
        if one["status"] == "requires_action":
            year.town.sim.give_bank_details(one["id"])
            year.town.sim.settle_refund(one["id"])
    year.note(stay, "refund", stay.yen, "konbini")


def longer(year: PaidYear, stay: Stay) -> None:
    """One hour more after paying: the difference is paid by itself."""
    year.pays(stay, "card")
    before = stay.yen
    year.is_changed_to(stay, 3)
    more = stay.yen - before
    stay.attempt = _goes_for(year, stay, more)
    year.town.sim.pay_card(year.town.session_of(stay.attempt))
    assert year.town.asks(stay.attempt) == "paid"
    year.note(stay, "payment", more, "card")


def _goes_for(year: PaidYear, stay: Stay, yen: int) -> int:
    asked = Booking(id=stay.booking.id, fee_yen=yen)
    return year.town.goes(stay.person, asked)


def shorter(year: PaidYear, stay: Stay) -> None:
    """One hour less long before the use: the difference goes back whole."""
    year.pays(stay, "card")
    before = stay.yen
    year.is_changed_to(stay, 1)
    year.note(stay, "refund", before - stay.yen, "card")


def by_hand_at_the_provider(year: PaidYear, stay: Stay) -> None:
    """Somebody gave half back in the provider's own pages; the booking stands, half unpaid."""
    year.pays(stay, "card")
    half = stay.yen // 2
    year.town.sim.dashboard_refund(year.town.session_of(stay.attempt), half)
    with year.town.app.app_context(), tenant_scope(1):
        intent = year.town.attempt(stay.attempt).intent_ref
        for _ in range(2):
            sync(year.town.provider, str(intent), now=year.town.clock.now)
    year.note(stay, "refund", half, "card")


STORIES: list[Story] = [
    card, paypay, konbini, cash, nothing, slip_unused, card_then_cancelled(16, 100, "card"),
    card_then_cancelled(10, 50, "paypay"), card_then_cancelled(3, 0, "card"),
    konbini_then_cancelled, cash_then_displaced, twice, after_cancelling, longer, shorter,
    by_hand_at_the_provider,
]  # fmt: skip
