"""Which rooms would do for what somebody wants, and on which days something of them is free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.booking.looking import Looker, RoomOnDay, busy_between, eye_on
from app.booking.plan import RoomDay, room_day
from app.booking.rules.availability import Kind, blocks_of
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo

Places = Sequence[tuple[FacilityInfo, RoomInfo]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody said of the use they want; all of it may be left open."""

    part: str | None = None  # id of a part of the day
    people: int | None = None
    purpose: str | None = None
    facility: str | None = None  # slug


def rooms_for(catalogue: Catalogue, asked: Asked) -> list[tuple[FacilityInfo, RoomInfo]]:
    """Return the rooms that would do, the smallest that is large enough first in each hall."""
    return [
        (hall, room)
        for hall in catalogue.facilities
        if asked.facility in (None, hall.slug)
        for room in sorted(hall.rooms, key=lambda room: _spare(room, asked.people))
        if room.suits(asked.purpose, asked.people)
    ]


def has_free(day: RoomOnDay, part: str | None) -> bool:
    """Say whether anything can be had of a room's day, in one part of it or in all."""
    begin, end = stretch(day.plan, part)
    return any(one.kind in (Kind.FREE, Kind.MINE) for one in day.states[begin:end])


def free_days(
    session: Session,
    catalogue: Catalogue,
    rooms: Places,
    days: Sequence[date],
    part: str | None,
    looker: Looker,
    *,
    most: int,
) -> list[date]:
    """Return the first days on which something can be had of these rooms; one query."""
    if not rooms or not days:
        return []
    taken = busy_between(session, catalogue, [room for _, room in rooms], days[0], days[-1])
    blocks = {room.id: blocks_of(room, taken, looker.now) for _, room in rooms}
    eyes = {hall.id: eye_on(catalogue, hall, looker) for hall, _ in rooms}
    found: list[date] = []
    for on in days:
        plans = (room_day(catalogue, hall, room, on) for hall, room in rooms)
        if any(
            Kind.FREE in eyes[plan.room.facility_id].kinds(plan, blocks[plan.room.id])[begin:end]
            for plan in plans
            for begin, end in [stretch(plan, part)]
        ):
            found.append(on)
        if len(found) == most:
            break
    return found


def stretch(plan: RoomDay, part: str | None) -> tuple[int, int]:
    """Return which of a day's slots begin in a part of it; all when no part is asked for."""
    named = [(begin, end) for id_, begin, end in plan.parts if id_ == part]
    return named[0] if named else (0, len(plan.slots))


def whole_building(rooms: Iterable[RoomInfo]) -> list[RoomInfo]:
    """Return rooms that together take all floor of a hall, and none of it twice (全館)."""
    taken: set[int] = set()
    found = []
    for room in sorted(rooms, key=lambda one: -len(one.space_ids)):
        if taken.isdisjoint(room.space_ids):
            taken.update(room.space_ids)
            found.append(room)
    return found


def _spare(room: RoomInfo, people: int | None) -> int:
    """Return how much too large a room is; without a number of people every order is kept."""
    return 0 if people is None else (room.capacity or 100_000) - people
