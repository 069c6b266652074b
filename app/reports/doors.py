"""Doors for staff: codes with their doors, uses behind doors, and how locks are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.db.session import current_tenant
from app.facilities.models import Room
from app.identity.permissions import Scope
from app.locks.models import AccessGrant, AccessGrantDoor, AccessGrantLine, Door, LockAccount
from app.locks.ports import BOX
from app.locks.queries import rooms_behind
from app.locks.states import SETTLED, GrantState
from app.reports.selection import same_booking, same_room, within


@dataclass(frozen=True, slots=True)
class Losing:
    """A booking whose code for a door would be gone, whose it is, and when it would have opened."""

    number: str
    starts_at: datetime
    ends_at: datetime
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CodeDoor:
    """A door that a code opens, and whether it has the code."""

    name: str
    place: str
    state: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code with the uses that it is for and the doors that it opens; never the number."""

    grant: AccessGrant
    is_box: bool
    line_ids: frozenset[int]
    doors: tuple[CodeDoor, ...]  # as one comes to them: the entrance before the room


@dataclass(frozen=True, slots=True)
class DoorUse:
    """One use of a room behind a door."""

    line_id: int
    facility_id: int
    room_id: int
    on_date: date
    starts_at: datetime
    ends_at: datetime
    room: str
    number: str
    name: str
    shown_name: str
    phone: str
    state: str  # of the booking
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class DoorView:
    """A door in use with the rooms behind it; none: every room of its hall."""

    door: Door
    account: str
    is_box: bool
    room_ids: frozenset[int]

    def leads_to(self, facility_id: int, room_id: int) -> bool:
        """Say whether one comes through it to a room."""
        is_of_hall = self.door.facility_id == facility_id
        return is_of_hall and (not self.room_ids or room_id in self.room_ids)


def codes_of_booking(session: Session, booking_id: int) -> list[Code]:
    """Return the codes of a booking, and those taken away that a lock may still hold."""
    is_left = or_(AccessGrant.is_wanted, AccessGrant.state == GrantState.REVOKING)
    return _codes(session, AccessGrant.booking_id == booking_id, is_left)


def doors_at(session: Session, facility_ids: Collection[int] | None = None) -> list[DoorView]:
    """Return the doors in use of these halls, or of all, hall by hall."""
    of_halls = [] if facility_ids is None else [Door.facility_id.in_(facility_ids)]
    rows = session.execute(
        select(Door, LockAccount.name, LockAccount.provider)
        .join(
            LockAccount,
            (LockAccount.tenant_id == Door.tenant_id) & (LockAccount.id == Door.account_id),
        )
        .where(Door.tenant_id == current_tenant(), Door.ended_at.is_(None), *of_halls)
        .order_by(Door.facility_id, Door.position, Door.id)
    ).all()
    rooms = rooms_behind(session, [door.id for door, _, _ in rows]) if rows else {}
    return [DoorView(door, name, kind == BOX, rooms[door.id]) for door, name, kind in rows]


def uses(
    session: Session, doors: Sequence[DoorView], first: date, last: date, scope: Scope
) -> list[DoorUse]:
    """Return who comes through these doors between two days, in the order of the clock."""
    halls = {one.door.facility_id for one in doors}
    if not halls:
        return []
    statement: Select[*tuple[Any, ...]] = (
        select(
            BookingLine.id,
            BookingLine.facility_id,
            BookingLine.room_id,
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            Room.name,
            Booking.number,
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
            Booking.state,
        )
        .join(Booking, same_booking())
        .join(Room, same_room())
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id.in_(halls),
            BookingLine.on_date.between(first, last),
            BookingLine.state == LineState.ACTIVE,
            within(scope),
        )
        .order_by(BookingLine.starts_at, Room.position, BookingLine.id)
    )
    found = [
        row
        for row in session.execute(statement).all()
        if any(one.leads_to(row[1], row[2]) for one in doors)
    ]
    codes = codes_of_lines(session, [row[0] for row in found])
    return [_use(row, codes[row[0]]) for row in found]


def _use(row: Sequence[Any], codes: Sequence[Code]) -> DoorUse:
    values: list[Any] = [*row, tuple(codes)]
    return DoorUse(*values)


def codes_of_lines(session: Session, line_ids: Collection[int]) -> dict[int, list[Code]]:
    """Return the codes of uses that are wanted last, by use."""
    found: dict[int, list[Code]] = defaultdict(list)
    if line_ids:
        mine = select(AccessGrantLine.grant_id).where(
            AccessGrantLine.tenant_id == current_tenant(), AccessGrantLine.line_id.in_(line_ids)
        )
        for code in _codes(session, AccessGrant.id.in_(mine), AccessGrant.is_wanted.is_(True)):
            for line_id in code.line_ids:
                found[line_id].append(code)
    return found


def bookings_losing(session: Session, door_id: int, *, now: datetime) -> list[Losing]:
    """Return the codes for a door that are to open it yet, the soonest first, and whom to call."""
    rows = session.execute(
        select(
            func.coalesce(Booking.number, ""),
            AccessGrant.starts_at,
            AccessGrant.ends_at,
            func.coalesce(func.nullif(Booking.shown_name, ""), Booking.applicant_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
        )
        .join(
            AccessGrant,
            (AccessGrant.tenant_id == Booking.tenant_id) & (AccessGrant.booking_id == Booking.id),
        )
        .join(
            AccessGrantDoor,
            (AccessGrantDoor.tenant_id == AccessGrant.tenant_id)
            & (AccessGrantDoor.grant_id == AccessGrant.id),
        )
        .where(
            Booking.tenant_id == current_tenant(),
            AccessGrantDoor.door_id == door_id,
            AccessGrant.is_wanted,
            AccessGrant.ends_at > now,
            AccessGrant.state.not_in(SETTLED),
        )
        .order_by(AccessGrant.starts_at, Booking.number)
    )
    return [Losing(*row) for row in rows]


def _codes(session: Session, *which: ColumnElement[bool]) -> list[Code]:
    lines = (
        select(func.array_agg(AccessGrantLine.line_id))
        .where(
            AccessGrantLine.tenant_id == AccessGrant.tenant_id,
            AccessGrantLine.grant_id == AccessGrant.id,
        )
        .correlate(AccessGrant)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            AccessGrant,
            LockAccount.provider,
            lines,
            Door.name,
            Door.place,
            AccessGrantDoor.state,
        )
        .join(
            LockAccount,
            (LockAccount.tenant_id == AccessGrant.tenant_id)
            & (LockAccount.id == AccessGrant.account_id),
        )
        .join(
            AccessGrantDoor,
            (AccessGrantDoor.tenant_id == AccessGrant.tenant_id)
            & (AccessGrantDoor.grant_id == AccessGrant.id),
        )
        .join(
            Door,
            (Door.tenant_id == AccessGrantDoor.tenant_id) & (Door.id == AccessGrantDoor.door_id),
        )
        .where(AccessGrant.tenant_id == current_tenant(), *which)
        .order_by(AccessGrant.starts_at, AccessGrant.id, Door.is_shared.desc(), Door.position)
    ).all()
    doors: dict[int, list[CodeDoor]] = defaultdict(list)
    for row in rows:
        doors[row[0].id].append(CodeDoor(*row[3:]))
    once = {row[0].id: row for row in rows}
    return [
        Code(grant, provider == BOX, frozenset(lines or ()), tuple(doors[grant.id]))
        for grant, provider, lines, *_ in once.values()
    ]
