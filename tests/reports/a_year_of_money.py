"""A year of bookings at three halls and two payees, through the real use cases, beside a plain log.

The log says what happened as somebody at the halls would write it down: it is made from prices,
terms and closed days as they stand in tests.builders, never from the ledger.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from app.booking.service.changing import Asked
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.kernel.clock import TOKYO
from app.payments.service import Entry, enter
from app.payments.till import Count, cash_of
from app.usecases import cancelling, changing, lapsing, receiving
from app.usecases.closing_till import close_till
from app.usecases.receiving import Taken
from tests import builders
from tests.usecases import steps

FIRST = datetime(2026, 4, 3, 9, tzinfo=TOKYO)
PAYEE = {"chuo": "city", "kita": "city", "nishi": "kanri"}
HALLS = tuple(PAYEE)
PRICE = {"room-1": 400, "room-2": 300}  # an hour
BEGINS = (9, 13, 17)  # two hours each, with one to spare
COLLECTORS = (900_001, 900_002)
MONTHS = [date(2026 + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(14)]


@dataclass(frozen=True, slots=True)
class Logged:
    """One movement as it was seen."""

    on: date  # by the municipality's clock, or of the counter's sheet
    booking: int
    payee: str
    kind: str
    method: str
    yen: int  # a debt is positive
    collector: int = 0


@dataclass
class Line:
    """A room and hours of a booking."""

    id: int
    hall: str
    room: str
    on: date
    begins: int
    hours: int
    stands: bool = True

    @property
    def fee(self) -> int:
        return PRICE[self.room] * self.hours


@dataclass
class Told:
    """A booking, as far as its money goes."""

    id: int
    number: str
    lines: list[Line]
    due_at: datetime
    state: str = "unpaid"
    receipts: list[tuple[int, str, int, str, int | None]] = field(default_factory=list)


@dataclass
class Year:
    """The year, told event by event in the order of time."""

    found: Catalogue
    clerk: Actor
    count: int = 160
    log: list[Logged] = field(default_factory=list)
    bookings: dict[int, Told] = field(default_factory=dict)
    closed: dict[int | None, set[date]] = field(default_factory=lambda: defaultdict(set))
    sheets: dict[tuple[int | None, date], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.dice = random.Random("a year of money")
        self.queue: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.order = count()
        self.people = [
            builders.a_resident("midori", f"p{n}@example.jp", name=f"利用 {n}") for n in range(4)
        ]
        self.places = {h: self.found.facility_named(h).id for h in HALLS}
        self.free = {
            (hall, room, day, begins)
            for hall in HALLS
            for room in PRICE
            for n in range(400)
            for day in [FIRST.date() + timedelta(days=n)]
            for begins in BEGINS
            if day.weekday() != 1 and (day.month, day.day) not in _NEW_YEAR
        }

    def run(self) -> "Year":
        """Let everything happen."""
        for first in MONTHS[1:-1]:
            midnight = datetime.combine(first, time(), TOKYO)
            for moment in (midnight - timedelta(seconds=1), midnight):
                self.at(moment, self.book)
            self.at(midnight - timedelta(hours=4), self.close_all)
        for _ in range(self.count):
            minutes = self.dice.randrange(358 * 24 * 60)
            self.at(FIRST + timedelta(minutes=minutes), self.book)
        for n in range(0, 360, 9):
            self.at(FIRST + timedelta(days=n, hours=9), self.close_all)
        while self.queue:
            now, _n, act = heapq.heappop(self.queue)
            act(now)
        return self

    def at(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen then."""
        heapq.heappush(self.queue, (moment, next(self.order), act))

    def book(self, now: datetime) -> None:
        """Somebody books one room, or two in one or two halls."""
        free: list[tuple[str, str, date, int]] = []
        while not free:  # a day on which the halls are closed has nothing free
            day = now.date() + timedelta(days=self.dice.randint(9, 35))
            free = sorted(x for x in self.free if x[2] == day)
        chosen = self.dice.sample(free, min(len(free), self.dice.choice((1, 1, 1, 2))))
        if len(chosen) == 2 and chosen[0][:1] == chosen[1][:1] and self.dice.random() < 0.5:
            chosen = chosen[:1]
        self.free -= set(chosen)
        wishes = [
            builders.a_wish(self.found, room, on=on, hours=(begins, begins + 2), facility=hall)
            for hall, room, on, begins in chosen
        ]
        made = steps.book(self.found, self.dice.choice(self.people), *wishes, now=now)
        lines = []
        for line in made.lines:
            hall, room = self.found.known_room(line.room_id)
            begins = line.starts_at.astimezone(TOKYO).hour
            lines.append(Line(line.id, hall.slug, room.slug, line.on_date, begins, 2))
        due = made.booking.due_at
        assert due is not None
        told = Told(made.booking.id, str(made.booking.number), lines, due)
        self.bookings[told.id] = told
        for line in lines:
            self.write(now.date(), told, PAYEE[line.hall], "charge", line.fee)
        self.goes_on(told, now, due)

    def goes_on(self, told: Told, now: datetime, due: datetime) -> None:
        """Say what becomes of it: paid, cancelled, changed, waived, or forgotten."""
        soon = now + (due - now) * self.dice.random() * 0.9
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), TOKYO)
        way = self.dice.choices(("pay", "cancel", "longer", "waive", "lapse"), (60, 8, 14, 8, 10))[
            0
        ]
        if way != "lapse" and midnight < due and self.dice.random() < 0.3:
            soon = midnight - timedelta(seconds=self.dice.choice((0, 1)))
        self.at(due + timedelta(minutes=1), self.lapse)
        if way == "lapse":
            return
        act = {"pay": self.pay, "cancel": self.cancel, "longer": self.change, "waive": self.waive}
        self.at(soon, lambda at: act[way](told, at))
        if way in ("longer", "waive") and self.dice.random() < 0.8:
            self.at(soon + (due - soon) * 0.5, lambda at: self.pay(told, at))

    def pay(self, told: Told, now: datetime) -> None:
        """They pay all they owe at a counter; perhaps it is taken back, cancelled, made longer."""
        owed = self.owed(told)
        if told.state in ("ended", "lapsed") or not owed or min(owed.values()) < 0:
            return
        counter = self.dice.choice([None, *self.places.values()])
        method = self.dice.choice(("cash", "cash", "card_terminal"))
        who = self.dice.choice(COLLECTORS)
        made = receiving.receive_payment(
            self.found, told.id, Taken(counter, "みどり市", method), yen=sum(owed.values()),
            actor=Actor("staff", who), now=now,
        )  # fmt: skip
        on = self.sheet(counter, now)
        for receipt, (payee, yen) in zip(made, sorted(owed.items()), strict=True):
            self.write(on, told, payee, "payment", -yen, method, who)
            self.sheets[counter, on] += yen if method == "cash" else 0
            told.receipts.append((receipt, payee, yen, method, counter))
        told.state = "paid"
        later = now + timedelta(hours=self.dice.randint(1, 90))
        next_ = self.dice.choices(
            (None, self.take_back, self.cancel, self.change), (60, 12, 18, 10)
        )[0]
        if next_ is not None:
            self.at(later, lambda at: next_(told, at))

    def take_back(self, told: Told, now: datetime) -> None:
        """The last payment was another's; most pay again."""
        if told.state != "paid" or self.first_use(told) <= now + timedelta(days=1):
            return
        receipt, payee, yen, method, counter = told.receipts.pop()
        who = self.dice.choice(COLLECTORS)
        receiving.take_back(
            self.found, receipt, reason="ちがう予約", actor=Actor("staff", who), now=now
        )
        on = self.sheet(counter, now)
        self.write(on, told, payee, "reversal", yen, method, who)
        self.sheets[counter, on] -= yen if method == "cash" else 0
        told.state = "again"
        if self.dice.random() < 0.7:
            self.at(now + timedelta(hours=self.dice.randint(1, 60)), lambda at: self.pay(told, at))

    def cancel(self, told: Told, now: datetime) -> None:
        """One line is cancelled; what was paid comes back by the days that are left."""
        line = self.dice.choice(told.lines)
        if told.state not in ("unpaid", "paid") or not line.stands or self.first_use(told) <= now:
            return
        if told.state == "paid" and self.owed(told):
            return
        cancelling.cancel_lines(
            self.found, told.id, [line.id], actor=Actor("staff", COLLECTORS[0]), now=now
        )
        days = (line.on - now.date()).days
        percent = 100 if told.state == "unpaid" or days >= 14 else 50 if days >= 7 else 0
        line.stands = False
        self.write(now.date(), told, PAYEE[line.hall], "release", -(line.fee * percent // 100))
        if not any(x.stands for x in told.lines):
            told.state = "ended"
        back = line.fee * percent // 100
        if told.state in ("paid", "ended") and self.owed(told) and self.dice.random() < 0.6:
            after = now + timedelta(hours=self.dice.randint(2, 200))
            self.at(after, lambda at: self.refund(told, PAYEE[line.hall], back, at))

    def refund(self, told: Told, payee: str, yen: int, now: datetime) -> None:
        """The money goes back by transfer, over no counter."""
        if self.owed(told).get(payee, 0) > -yen:
            return
        entry = Entry("refund", yen, method="transfer", payee=payee)
        in_transaction(
            lambda session: enter(
                session, [entry], booking_id=told.id, actor=Actor("staff", COLLECTORS[1]), now=now
            )
        )
        self.write(now.date(), told, payee, "refund", yen, "transfer", COLLECTORS[1])

    def change(self, told: Told, now: datetime) -> None:
        """They stay an hour longer; some pay the rest, some never do."""
        line = told.lines[0]
        is_open = told.state in ("unpaid", "paid", "again") and line.stands and line.hours == 2
        if not is_open or self.first_use(told) <= now + timedelta(days=1):
            return
        if told.state == "unpaid" and told.due_at <= now:
            return
        wish = builders.a_wish(
            self.found, line.room, on=line.on, hours=(line.begins, line.begins + 3),
            facility=line.hall,
        )  # fmt: skip
        asked = Asked({line.id: wish})
        changing.change(self.found, told.id, asked, actor=steps.CLERK, now=now)
        line.hours = 3
        self.write(now.date(), told, PAYEE[line.hall], "charge", PRICE[line.room])
        if told.state == "paid":
            told.state = "again"
            if self.dice.random() < 0.6:
                self.at(now + timedelta(hours=30), lambda at: self.pay(told, at))

    def waive(self, told: Told, now: datetime) -> None:
        """A part is waived; nothing else happens to it but paying."""
        line = told.lines[0]
        if told.state != "unpaid" or not line.stands:
            return
        entry = Entry("waiver", -100, line.id, payee=PAYEE[line.hall])
        in_transaction(
            lambda session: enter(session, [entry], booking_id=told.id, actor=steps.CLERK, now=now)
        )
        self.write(now.date(), told, PAYEE[line.hall], "waiver", -100)
        told.state = "waived"

    def lapse(self, now: datetime) -> None:
        """What was not paid by its day lapses."""
        lapsing.lapse_overdue(now=now)
        for told in self.bookings.values():
            if told.state in ("unpaid", "waived") and told.due_at <= now:
                told.state = "lapsed"
                for line in (x for x in told.lines if x.stands):
                    self.write(now.date(), told, PAYEE[line.hall], "release", -line.fee)

    def close_all(self, now: datetime) -> None:
        """The day of every counter is closed; one of them finds 100 yen too much."""
        on = now.date()
        for counter in (None, *self.places.values()):
            if on in self.closed[counter]:
                continue
            cash = self.sheets[counter, on]
            assert cash == in_transaction(lambda s, c=counter: cash_of(s, c, on))
            more = 100 if counter is None else 0
            close_till(
                counter, on, Count(cash + more, "おつりのまちがい" if more else ""),
                actor=self.clerk, today=on, now=now,
            )  # fmt: skip
            self.closed[counter].add(on)

    def sheet(self, counter: int | None, now: datetime) -> date:
        """Return on which sheet money stands: that of the day, or the next that is open."""
        on = now.astimezone(TOKYO).date()
        while on in self.closed[counter]:
            on += timedelta(days=1)
        return on

    def write(self, on: date, told: Told, payee: str, kind: str, yen: int, *how: Any) -> None:
        """Write a line of the log."""
        method, collector = (*how, "", 0)[:2] if how else ("", 0)
        self.log.append(Logged(on, told.id, payee, kind, method, yen, collector))

    def owed(self, told: Told) -> dict[str, int]:
        """Return what is owed to each payee, by the log."""
        found: dict[str, int] = defaultdict(int)
        for one in self.log:
            if one.booking == told.id:
                found[one.payee] += one.yen
        return {payee: yen for payee, yen in found.items() if yen}

    def first_use(self, told: Told) -> datetime:
        """Return when its first room is used."""
        first = min(told.lines, key=lambda x: (x.on, x.begins))
        return datetime.combine(first.on, time(first.begins), TOKYO)

    def hall_of(self, one: Logged) -> int:
        """Return the hall in which a payee's rooms of a booking lie; 0: several."""
        halls = {x.hall for x in self.bookings[one.booking].lines if PAYEE[x.hall] == one.payee}
        return self.places[halls.pop()] if len(halls) == 1 else 0


_NEW_YEAR = {(12, day) for day in range(28, 32)} | {(1, day) for day in range(1, 5)}
