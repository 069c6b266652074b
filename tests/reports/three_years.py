"""Three years of bookings at four halls of thirty rooms: made here, counted by who made them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from app.kernel.clock import TOKYO
from tests import builders
from tests.builders import CITED

FIRST, LAST = date(2024, 4, 1), date(2027, 3, 31)
HALLS, ROOMS = 4, 30
PERIODS = (("am", 9, 12), ("pm", 13, 17), ("night", 18, 22))
PURPOSES = ("meeting", "lesson", "music", "sports")
CLASSES = ("resident", "group", "outsider")
COLUMNS = {
    "booking": "tenant_id, id, state, number, is_by_staff, touched_at, submitted_at, answers,"
    " fee_yen, people, purpose, applicant_class, applicant_name, due_at",
    "booking_line": "tenant_id, id, booking_id, facility_id, room_id, state, on_date, starts_at,"
    " ends_at, slots, fee_yen, quote, payee",
    "ledger_entry": "tenant_id, id, booking_id, booking_line_id, kind, yen, entered_at,"
    " method, payee",
    "actual_use": "tenant_id, id, booking_line_id, no_show_at, people, remark, version",
}


@dataclass(frozen=True, slots=True)
class Made:
    """One booking of one room, as it was made."""

    number: int
    facility_id: int
    room_id: int
    on: date
    period: int
    state: str  # active, cancelled or lapsed
    people: int
    came: int | None  # counted by staff
    no_show: bool
    purpose: str
    applicant_class: str
    fee_yen: int
    waived_yen: int
    kept_yen: int  # of a cancelled one: what the applicant still owes
    is_paid: bool
    back_yen: int

    @property
    def stands(self) -> bool:
        """Say whether it was neither cancelled nor lapsed."""
        return self.state == "active"

    @property
    def assessed_yen(self) -> int:
        """Return 調定."""
        return self.fee_yen if self.stands else self.kept_yen

    @property
    def collected_yen(self) -> int:
        """Return 収納."""
        return self.fee_yen - self.back_yen if self.is_paid else 0


def halls(slug: str = "midori") -> dict[int, list[int]]:
    """Make the halls; return the ids of their rooms by hall."""
    tenant = builders.tenant_id_of(slug)
    rooms = [
        {"slug": f"r{n}", "name": f"第{n}室", "capacity": 40, "spaces": [f"r{n}"]}
        for n in range(1, ROOMS + 1)
    ]
    periods = [
        {"id": name, "name": name, "from": f"{begins}:00", "to": f"{ends}:00"}
        for name, begins, ends in PERIODS
    ]
    price = {"kind": "per_period", "id": "all", "rooms": [one["slug"] for one in rooms],
             "yen": {name: 500 for name, _, _ in PERIODS}, "citation": CITED}  # fmt: skip
    found = {}
    for n in range(1, HALLS + 1):
        hall = builders.a_facility(
            tenant, f"big-{n}", f"大会館{n}", position=10 + n, rooms=rooms,
            calendar={"closings": [], "divisions": [{"kind": "periods", "periods": periods}]},
            fees={"prices": [price]},
        )  # fmt: skip
        listed = next(x for x in builders.catalogue_of(slug).facilities if x.id == hall)
        found[hall] = [room.id for room in listed.rooms]
    return found


def made(rooms: dict[int, list[int]], count: int) -> list[Made]:
    """Return so many bookings: no room is booked twice, evenings are rarer than mornings."""
    dice = random.Random("three years")
    free = [
        (hall, room, FIRST + timedelta(days=day), period)
        for hall, some in rooms.items()
        for room in some
        for day in range((LAST - FIRST).days + 1)
        for period in range(3)
        if period < 2 or dice.random() < 0.9
    ]
    return [_one(number, *place, dice) for number, place in enumerate(dice.sample(free, count), 1)]


def _one(number: int, hall: int, room: int, on: date, period: int, dice: random.Random) -> Made:
    state = dice.choices(("active", "cancelled", "lapsed"), (85, 11, 4))[0]
    fee = dice.choice((0, 500, 1300, 2700))
    waived = fee // 2 if fee and dice.random() < 0.2 else 0
    fee -= waived
    is_paid = bool(fee) and ((state == "active" and dice.random() < 0.95) or
                             (state == "cancelled" and dice.random() < 0.5))  # fmt: skip
    kept = fee // 2 if state == "cancelled" and is_paid else 0
    no_show = state == "active" and dice.random() < 0.02
    came = (
        dice.randint(1, 40) if state == "active" and not no_show and dice.random() < 0.6 else None
    )
    return Made(
        number, hall, room, on, period, state, dice.randint(1, 40), came, no_show,
        dice.choice(PURPOSES), dice.choices(CLASSES, (5, 3, 1))[0], fee, waived, kept, is_paid,
        fee - kept if state == "cancelled" and is_paid and dice.random() < 0.7 else 0,
    )  # fmt: skip


def write(connection: psycopg.Connection, tenant: int, some: list[Made]) -> None:
    """Write bookings, lines, ledger and uses straight into the tables."""
    for table, rows in (
        ("booking", (_booking(tenant, x) for x in some)),
        ("booking_line", (_line(tenant, x) for x in some)),
        ("ledger_entry", _ledger(tenant, some)),
        ("actual_use", (_use(tenant, x) for x in some if x.no_show or x.came is not None)),
    ):
        with connection.cursor().copy(f"copy {table} ({COLUMNS[table]}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        # Else the next table's references may be looked up by an index that only knows the tenant.
        connection.execute(f"analyze {table}")
    connection.commit()
    connection.autocommit = True
    connection.execute("vacuum analyze")


def _at(on: date, hour: int) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=TOKYO)


def _booking(tenant: int, x: Made) -> tuple[Any, ...]:
    state = (
        x.state if not x.stands else "confirmed" if x.is_paid or not x.fee_yen else "provisional"
    )
    return (tenant, x.number, state, f"{x.number:08}", True, _at(x.on, 0), _at(x.on, 0), "{}",
            x.fee_yen, x.people, x.purpose, x.applicant_class, "山田", _at(x.on, 1))  # fmt: skip


def _line(tenant: int, x: Made) -> tuple[Any, ...]:
    _name, begins, ends = PERIODS[x.period]
    waived = f', "waived": {{"half": {x.waived_yen}}}' if x.waived_yen else ""
    quote = f'{{"lines": []{waived}}}'
    return (tenant, x.number, x.number, x.facility_id, x.room_id, x.state, x.on,
            _at(x.on, begins), _at(x.on, ends), 1, x.fee_yen, quote, "city")  # fmt: skip


def _ledger(tenant: int, some: list[Made]) -> Iterator[tuple[Any, ...]]:
    number = 0
    for x in some:
        entries = [("charge", x.fee_yen)]
        if x.is_paid:
            entries.append(("payment", -x.fee_yen))
        if not x.stands:
            entries.append(("release", x.kept_yen - x.fee_yen))
        if x.back_yen:
            entries.append(("refund", x.back_yen))
        for kind, yen in entries:
            number += 1
            line = None if kind == "payment" else x.number
            method = "counter" if kind == "payment" else None
            yield (tenant, number, x.number, line, kind, yen, _at(x.on, 2), method, "city")


def _use(tenant: int, x: Made) -> tuple[Any, ...]:
    no_show = _at(x.on, 12) if x.no_show else None
    return (tenant, x.number, x.number, no_show, x.came, "", 1)
