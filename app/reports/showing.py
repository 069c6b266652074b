"""What is on today, for screens in halls: rooms, hours, and the names given for the board."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.booking.floor import Closure, Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.kernel.spans import Span

CERTAIN = (State.PROVISIONAL, State.CONFIRMED, State.USED)


@dataclass(frozen=True, slots=True)
class Shown:
    """One use as the public may read it: never whose it is, only the name given for it."""

    room_id: int
    room: str
    starts_at: datetime
    ends_at: datetime
    name: str  # "" when no name is to be shown


def uses_of(
    session: Session, hall: FacilityInfo, room_ids: Collection[int], on: date, day: Span
) -> list[Shown]:
    """Return today's uses of these rooms and the hall's own events, in the order of the clock.

    Uses of other rooms that take their floor are among them: a whole, where a part is asked for.
    What the hall does inside (休館, 公用, 保守) and what is not permitted yet is not shown.
    """
    room_ids = _sharing(hall, room_ids)
    names = {room.id: (place, room.name) for place, room in enumerate(hall.rooms)}
    rows = session.execute(
        select(BookingLine.room_id, BookingLine.starts_at, BookingLine.ends_at, Booking.shown_name)
        .join(
            Booking,
            and_(Booking.tenant_id == BookingLine.tenant_id, Booking.id == BookingLine.booking_id),
        )
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id == hall.id,
            BookingLine.on_date == on,
            BookingLine.room_id.in_(room_ids),
            BookingLine.state == LineState.ACTIVE,
            Booking.state.in_(CERTAIN),
        )
    )
    found = [
        Shown(row[0], names[row[0]][1], row[1], row[2], row[3] or "")
        for row in rows
        if row[0] in names
    ]
    found += _events(session, hall, room_ids, day)
    return sorted(found, key=lambda one: (one.starts_at, names[one.room_id][0]))


def _events(
    session: Session, hall: FacilityInfo, room_ids: Collection[int], day: Span
) -> Sequence[Shown]:
    """Return the hall's own events (行事), once for each room whose whole floor they have."""
    rows = session.execute(
        select(Occupancy.space_id, Occupancy.starts_at, Occupancy.ends_at, Closure.name)
        .join(
            Closure,
            and_(Closure.tenant_id == Occupancy.tenant_id, Closure.id == Occupancy.closure_id),
        )
        .where(
            Occupancy.tenant_id == current_tenant(),
            Closure.facility_id == hall.id,
            Occupancy.kind == "event",
            Occupancy.live,
            Occupancy.starts_at < day.ends_at,
            Occupancy.ends_at > day.starts_at,
        )
    ).all()
    spaces: dict[tuple[datetime, datetime, str], set[int]] = defaultdict(set)
    for space, starts_at, ends_at, name in rows:
        spaces[starts_at, ends_at, name].add(space)
    return [
        Shown(room.id, room.name, *event)
        for event, taken in spaces.items()
        for room in _rooms_of(hall, taken)
        if room.id in room_ids
    ]


def _rooms_of(hall: FacilityInfo, taken: set[int]) -> list[RoomInfo]:
    """Return the rooms that these pieces of floor make, the largest first, none twice."""
    found, left = [], set(taken)
    for room in sorted(hall.rooms, key=lambda one: -len(one.space_ids)):
        if room.space_ids and set(room.space_ids) <= left:
            found.append(room)
            left -= set(room.space_ids)
    return found


def _sharing(hall: FacilityInfo, room_ids: Collection[int]) -> set[int]:
    """Return these rooms and those that have floor in common with them."""
    floor = {space for room in hall.rooms if room.id in room_ids for space in room.space_ids}
    return {room.id for room in hall.rooms if room.id in room_ids or floor & set(room.space_ids)}
