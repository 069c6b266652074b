"""Opening time of rooms, day by day, by the calendar in force; closures and 保守 are taken off.

Public use (公用) and events are not: a hall that uses its own room has it open.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.facilities.policy import FacilityCalendar
from app.facilities.rules import Day, Slot, day_of, slots_of
from app.kernel.spans import Span, instant
from app.reports.usage.asked import Asked

Slots = tuple[Slot, ...]
Minutes = tuple[int, int]  # of a local day, half-open

_SHUT = text(
    """
    select space_id, starts_at, ends_at
      from occupancy
     where tenant_id = :tenant and space_id = any(:spaces) and live
       and kind in ('closure', 'maintenance') and starts_at < :ends and ends_at > :begins
    """
)


@dataclass(slots=True)
class Opened:
    """What was open: the slots of each room and day, and how often each weekday had them."""

    slots: dict[tuple[int, date], Slots] = field(default_factory=dict)
    by_weekday: Counter[tuple[int, Slots]] = field(default_factory=Counter)


def opened(session: Session, catalogue: Catalogue, asked: Asked) -> Opened:
    """Return what the rooms that are asked for had open; a closed day is not there."""
    rooms = asked.rooms(catalogue)
    shut = _shut(session, catalogue, asked, rooms)
    found = Opened()
    known: dict[tuple[int, str, int, int], Slots] = {}
    for number in range(asked.days):
        on = asked.first + timedelta(days=number)
        days: dict[int, tuple[FacilityCalendar, Day]] = {}
        for facility, room in rooms:
            if facility.id not in days:
                days[facility.id] = _day(catalogue, facility, on)
            calendar, day = days[facility.id]
            if not day.is_open:
                continue
            key = (id(calendar), room.slug, day.opens, day.closes)
            if key not in known:
                known[key] = slots_of(calendar, room.slug, day)
            slots = known[key]
            if (room.id, on) in shut:
                slots = _left(slots, shut[room.id, on])
            if slots:
                found.slots[room.id, on] = slots
                found.by_weekday[on.weekday(), slots] += 1
    return found


def minutes_of(slots: Slots) -> int:
    """Return how many minutes slots are open."""
    return sum(one.to_minute - one.from_minute for one in slots)


def _day(catalogue: Catalogue, facility: FacilityInfo, on: date) -> tuple[FacilityCalendar, Day]:
    calendar = facility.calendar_on(on)
    return calendar, day_of(calendar, on, catalogue.holidays_on(on))


def _left(slots: Slots, shut: Sequence[Minutes]) -> Slots:
    return tuple(
        one
        for one in slots
        if not any(begins < one.to_minute and one.from_minute < ends for begins, ends in shut)
    )


def _shut(
    session: Session,
    catalogue: Catalogue,
    asked: Asked,
    rooms: Sequence[tuple[FacilityInfo, RoomInfo]],
) -> Mapping[tuple[int, date], list[Minutes]]:
    """Return when rooms were shut, by room and day: a piece of floor shuts all rooms it is in."""
    by_space: dict[int, list[int]] = defaultdict(list)
    for _facility, room in rooms:
        for space in room.space_ids:
            by_space[space].append(room.id)
    zone = catalogue.zone
    span = Span(instant(asked.first, 0, zone), instant(asked.last + timedelta(days=1), 0, zone))
    told = {"tenant": current_tenant(), "spaces": sorted(by_space)}
    rows = session.execute(_SHUT, {**told, "begins": span.starts_at, "ends": span.ends_at})
    found: dict[tuple[int, date], list[Minutes]] = defaultdict(list)
    for space, starts_at, ends_at in rows:
        for on, minutes in _by_days(Span(starts_at, ends_at), zone):
            for room_id in by_space[space]:
                found[room_id, on].append(minutes)
    return found


def _by_days(span: Span, zone: ZoneInfo) -> list[tuple[date, Minutes]]:
    """Return a stretch of time as minutes of each local day that it touches."""
    begins, ends = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    found = []
    on = begins.date()
    while on <= ends.date():
        midnight = instant(on, 0, zone)
        first = max(0, int((begins - midnight).total_seconds() // 60))
        last = min(1440, int((ends - midnight).total_seconds() // 60))
        if first < last:
            found.append((on, (first, last)))
        on += timedelta(days=1)
    return found
