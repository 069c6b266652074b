"""What was: a person's last booking, and who did what to a booking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import State
from app.db.audit import AuditEntry
from app.db.session import current_tenant
from app.facilities.models import Facility, Room


@dataclass(frozen=True, slots=True)
class LastTime:
    """What a person said the last time they applied, and at which halls that was."""

    purpose: str
    people: int
    shown_name: str
    answers: dict[str, Any]
    facility_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing that somebody did to a booking (R174)."""

    at: datetime
    actor_kind: str
    account_id: int | None
    action: str
    facts: dict[str, Any]


# The halls of the one booking that is last: a join would gather those of all that the person made.
_LAST_TIME = (
    select(
        Booking.purpose,
        Booking.people,
        Booking.shown_name,
        Booking.answers,
        select(func.array_agg(BookingLine.facility_id))
        .where(BookingLine.tenant_id == Booking.tenant_id, BookingLine.booking_id == Booking.id)
        .scalar_subquery()
        .label("facility_ids"),
    )
    .where(
        Booking.tenant_id == bindparam("tenant"),
        Booking.account_id == bindparam("account"),
        Booking.state != State.DRAFT,
        Booking.is_by_staff.is_(False),
    )
    .order_by(Booking.submitted_at.desc(), Booking.id.desc())
    .limit(1)
)


def last_time(session: Session, account_id: int) -> LastTime | None:
    """Return what the person said when they last applied in this municipality."""
    told = {"tenant": current_tenant(), "account": account_id}
    row = session.execute(_LAST_TIME, told).one_or_none()
    if row is None:
        return None
    return LastTime(
        purpose=row.purpose or "",
        people=row.people or 0,
        shown_name=row.shown_name or "",
        answers=row.answers,
        facility_ids=frozenset(row.facility_ids or ()),
    )


def booking_with(session: Session, booking_id: int) -> Booking | None:
    """Return the booking with this id in the current municipality, once it was applied for."""
    return session.scalar(
        select(Booking).where(
            Booking.tenant_id == current_tenant(),
            Booking.id == booking_id,
            Booking.state != State.DRAFT,
        )
    )


def touches_of(session: Session, booking_id: int) -> list[Touch]:
    """Return who did what to a booking, from its beginning on."""
    rows = session.execute(
        select(
            AuditEntry.at,
            AuditEntry.actor_kind,
            AuditEntry.account_id,
            AuditEntry.action,
            AuditEntry.facts,
        )
        .where(
            AuditEntry.tenant_id == current_tenant(),
            AuditEntry.subject == "booking",
            AuditEntry.subject_id == booking_id,
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [Touch(*row) for row in rows]


def names_of_rooms(session: Session, room_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the names of halls and rooms that are no longer listed, by the room's id."""
    rows = session.execute(
        select(Room.id, Facility.name, Room.name)
        .join(Facility, (Facility.tenant_id == Room.tenant_id) & (Facility.id == Room.facility_id))
        .where(Room.tenant_id == current_tenant(), Room.id.in_(room_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}
