"""How much of a month was used of what was open, room by room (利用実績, R150 first form).

What stands is counted, paid or not; cancelled uses bring only the part of the fee that stays.
A whole hall counts in its own row, not in those of its parts. Utilisation is over the slots of
the opening hours: once by slots, once by days (R151).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import distinct, func, literal, select, true
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.facilities.models import Facility, Room
from app.facilities.rules import day_of, slots_of
from app.reports.money import money_of_line
from app.reports.selection import same_booking, same_facility, same_room


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted of one room or of several together."""

    uses: int = 0
    people: int = 0
    minutes: int = 0
    slots: int = 0
    slots_open: int = 0
    days: int = 0
    days_open: int = 0
    assessed_yen: int = 0
    collected_yen: int = 0

    def __add__(self, other: Self) -> "Figures":
        return Figures(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(Figures))
        )

    @property
    def by_slots(self) -> float | None:
        """Return the part of the open slots that was used; None when nothing was open."""
        return self.slots / self.slots_open if self.slots_open else None

    @property
    def by_days(self) -> float | None:
        """Return the part of the open days on which the room was used."""
        return self.days / self.days_open if self.days_open else None


@dataclass(frozen=True, slots=True)
class RoomUse:
    """The month of one room."""

    facility: str
    room: str
    figures: Figures


def usage(
    session: Session, catalogue: Catalogue, first: date, last: date, facility_id: int | None = None
) -> list[RoomUse]:
    """Return every room between two days, in the order of halls and rooms.

    A room that is no longer listed is there when it was used; what it had open is not known.
    """
    counted = _counted(session, first, last, facility_id)
    found = []
    for facility in catalogue.facilities:
        if facility_id not in (None, facility.id):
            continue
        for room in facility.rooms:
            _, figures = counted.pop(room.id, ("", Figures()))
            open_ = opened(catalogue, facility, room, first, last)
            found.append(RoomUse(facility.name, room.name, figures + open_))
    return found + [RoomUse(*names, figures) for names, figures in counted.values()]


def by_facility(rooms: Sequence[RoomUse]) -> Iterator[tuple[str, list[RoomUse], Figures]]:
    """Yield each hall with its rooms and what they add up to."""
    for name in dict.fromkeys(one.facility for one in rooms):
        of_hall = [one for one in rooms if one.facility == name]
        yield name, of_hall, sum_of(of_hall)


def sum_of(rooms: Sequence[RoomUse]) -> Figures:
    """Return what rooms add up to."""
    return sum((one.figures for one in rooms), Figures())


def opened(
    catalogue: Catalogue, facility: FacilityInfo, room: RoomInfo, first: date, last: date
) -> Figures:
    """Return how many slots and days a room had open, by the calendar in force on each day."""
    slots = days = 0
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        calendar = facility.calendar_on(on)
        day = day_of(calendar, on, catalogue.holidays_on(on))
        count = len(slots_of(calendar, room.slug, day))
        slots += count
        days += count > 0
    return Figures(slots_open=slots, days_open=days)


def _counted(
    session: Session, first: date, last: date, facility_id: int | None
) -> dict[int, tuple[tuple[str, str], Figures]]:
    money = money_of_line()
    stands = BookingLine.state == LineState.ACTIVE
    seconds = func.extract("epoch", BookingLine.ends_at - BookingLine.starts_at)
    figures: tuple[Any, ...] = (
        func.count().filter(stands),
        func.sum(Booking.people).filter(stands),
        func.sum(seconds).filter(stands) / 60,
        func.sum(BookingLine.slots).filter(stands),
        literal(0),
        func.count(distinct(BookingLine.on_date)).filter(stands),
        literal(0),
        func.sum(money.c.assessed_yen),
        func.sum(money.c.collected_yen),
    )
    statement = (
        select(Room.id, Facility.name, Room.name, *figures)
        .select_from(BookingLine)
        .join(Booking, same_booking())
        .join(Room, same_room())
        .join(Facility, same_facility())
        .join(money, true())
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.on_date.between(first, last),
            Booking.state != State.DRAFT,
        )
        .group_by(Room.tenant_id, Room.id, Facility.tenant_id, Facility.id)
        .order_by(Facility.position, Room.position, Room.id)
    )
    if facility_id is not None:
        statement = statement.where(BookingLine.facility_id == facility_id)
    return {row[0]: ((row[1], row[2]), _figures(row[3:])) for row in session.execute(statement)}


def _figures(row: Sequence[Any]) -> Figures:
    return Figures(*(int(figure or 0) for figure in row))
