"""A hall's days for the desk: who comes when, what is held right now, what keeps a room."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.booking.floor import Closure, Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.counter.models import ActualUse
from app.counter.rules import Marks
from app.counter.uses import FIELDS as MARKS
from app.db.session import current_tenant
from app.facilities.catalogue import FacilityInfo
from app.facilities.models import Room
from app.identity.permissions import EVERYWHERE, Scope
from app.kernel.spans import Span
from app.reports.selection import same_booking, same_room, same_use, within

_LONGEST = timedelta(hours=36)  # ck_occupancy_at_most_36_hours


@dataclass(frozen=True, slots=True)
class Coming:
    """One use of a room by somebody: when, where, who, whether the fee was received, who came."""

    line_id: int
    number: str
    on_date: date
    starts_at: datetime
    ends_at: datetime
    room_id: int
    room: str
    name: str
    shown_name: str
    phone: str
    people: int | None
    purpose: str
    notes: str
    state: str  # of the booking
    fee_yen: int
    due_at: datetime | None
    extras: dict[str, int] | None  # equipment to set out, by id
    items: int | None
    fees_version_id: int | None
    marks: Marks
    people_counted: int | None
    remark: str


@dataclass(frozen=True, slots=True)
class Held:
    """A room that somebody is applying for right now; who it is concerns nobody (手続き中)."""

    on_date: date
    starts_at: datetime
    ends_at: datetime
    room_id: int
    room: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Floor that is kept from booking: closed, public use, maintenance."""

    kind: str
    name: str
    starts_at: datetime
    ends_at: datetime
    room_ids: tuple[int, ...]


def coming(
    session: Session, facility_id: int, first: date, last: date, scope: Scope = EVERYWHERE
) -> list[Coming]:
    """Return who uses the hall between two days, in the order of the clock, then of the rooms."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            BookingLine.id,
            Booking.number,
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            Room.id,
            Room.name,
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
            Booking.people,
            func.coalesce(Booking.purpose, ""),
            func.coalesce(Booking.notes, ""),
            Booking.state,
            func.coalesce(BookingLine.fee_yen, 0),
            Booking.due_at,
            BookingLine.extras,
            BookingLine.items,
            BookingLine.fees_version_id,
            *(getattr(ActualUse, name) for name in MARKS),
            ActualUse.people,
            func.coalesce(ActualUse.remark, ""),
        )
        .join(Booking, same_booking())
        .join(Room, same_room())
        .outerjoin(ActualUse, same_use())
        .where(
            *_in_hall(facility_id, first, last),
            BookingLine.state == LineState.ACTIVE,
            within(scope),
        )
        .order_by(BookingLine.starts_at, Room.position, BookingLine.id)
    )
    return [_coming(row) for row in session.execute(statement)]


def _coming(row: Sequence[Any]) -> Coming:
    """Return a use from its row: what was noted of it stands before its last two columns."""
    noted = len(row) - 2 - len(MARKS)
    values: list[Any] = [*row[:noted], Marks(*row[noted:-2]), *row[-2:]]
    return Coming(*values)


def held_now(
    session: Session,
    facility_id: int,
    first: date,
    last: date,
    scope: Scope = EVERYWHERE,
    *,
    now: datetime,
) -> list[Held]:
    """Return what somebody holds at this moment between two days, without saying who."""
    until = func.min(Occupancy.expires_at)
    statement: Select[*tuple[Any, ...]] = (
        select(
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            Room.id,
            Room.name,
            until,
        )
        .join(Room, same_room())
        .join(
            Occupancy,
            (Occupancy.tenant_id == BookingLine.tenant_id)
            & (Occupancy.booking_line_id == BookingLine.id),
        )
        .where(
            *_in_hall(facility_id, first, last),
            BookingLine.state == LineState.HELD,
            within(scope),
            Occupancy.live,
            Occupancy.kind == "hold",
        )
        .group_by(BookingLine.tenant_id, BookingLine.id, Room.tenant_id, Room.id)
        .having(until > now)
        .order_by(BookingLine.starts_at, Room.position)
    )
    return [Held(*row) for row in session.execute(statement)]


def kept(session: Session, facility: FacilityInfo, span: Span) -> list[Kept]:
    """Return what keeps rooms of a hall from being booked within `span`."""
    spaces = {space for room in facility.rooms for space in room.space_ids}
    rows = session.execute(
        select(
            Occupancy.kind,
            Closure.name,
            Occupancy.starts_at,
            Occupancy.ends_at,
            func.array_agg(Occupancy.space_id),
        )
        .join(
            Closure,
            (Closure.tenant_id == Occupancy.tenant_id) & (Closure.id == Occupancy.closure_id),
        )
        .where(
            Occupancy.tenant_id == current_tenant(),
            Occupancy.space_id.in_(spaces),
            Occupancy.live,
            # Bounds on starts_at, so that the index is used: a stretch has 36 hours at most.
            Occupancy.starts_at > span.starts_at - _LONGEST,
            Occupancy.starts_at < span.ends_at,
            Occupancy.ends_at > span.starts_at,
        )
        .group_by(Closure.id, Occupancy.kind, Closure.name, Occupancy.starts_at, Occupancy.ends_at)
        .order_by(Occupancy.starts_at, Closure.id)
    )
    return [
        Kept(kind, name, starts_at, ends_at, rooms_of(facility, taken))
        for kind, name, starts_at, ends_at, taken in rows
    ]


def rooms_of(facility: FacilityInfo, space_ids: Collection[int]) -> tuple[int, ...]:
    """Return the rooms that these pieces of floor make up; the whole rather than its parts."""
    taken = set(space_ids)
    inside = [room for room in facility.rooms if taken.issuperset(room.space_ids)]
    return tuple(
        room.id
        for room in inside
        if not any(set(room.space_ids) < set(other.space_ids) for other in inside)
    )


def next_use(
    session: Session, facility_id: int, after: date, scope: Scope = EVERYWHERE
) -> date | None:
    """Return the next day on which somebody uses the hall, for a day on which nobody does."""
    return session.scalar(
        select(func.min(BookingLine.on_date)).where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id == facility_id,
            BookingLine.on_date > after,
            within(scope),
            BookingLine.state == LineState.ACTIVE,
        )
    )


def counts(
    session: Session, facility_ids: Sequence[int], on: date, scope: Scope = EVERYWHERE
) -> dict[int, int]:
    """Return how many uses each hall has on a day."""
    rows = session.execute(
        select(BookingLine.facility_id, func.count())
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id.in_(facility_ids),
            BookingLine.on_date == on,
            BookingLine.state == LineState.ACTIVE,
            within(scope),
        )
        .group_by(BookingLine.facility_id)
    )
    return {facility_id: count for facility_id, count in rows}


def _in_hall(facility_id: int, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return (
        BookingLine.tenant_id == current_tenant(),
        BookingLine.facility_id == facility_id,
        BookingLine.on_date.between(first, last),
    )
