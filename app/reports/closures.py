"""What keeps a hall's rooms from booking, which uses stand in its way, and who had to give way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.booking.floor import Closure, Displacement, Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.rules.keeping import Keep, read
from app.db.session import current_tenant
from app.facilities.catalogue import FacilityInfo
from app.facilities.models import Room
from app.reports.days import rooms_of
from app.reports.selection import same_booking, same_room

MOST = 200


@dataclass(frozen=True, slots=True)
class Closed:
    """One closure, with the floor it has from now on."""

    id: int
    kind: str
    name: str
    begins: datetime
    ends: datetime
    room_ids: tuple[int, ...]
    to_call: int  # who gave way and was neither mailed nor called yet
    keep: Keep | None  # as it was asked for; None: from a pack


@dataclass(frozen=True, slots=True)
class Use:
    """A booked use that stands in the way of a closure, or had to give way to one."""

    line_id: int
    number: str
    facility_id: int
    room_id: int
    room: str
    on_date: date
    starts_at: datetime
    ends_at: datetime
    name: str
    kana: str
    shown_name: str
    phone: str
    people: int | None
    purpose: str
    applicant_class: str
    state: str
    fee_yen: int
    has_mail: bool
    booking_id: int
    payee: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A use that gave way, and whether its owner knows."""

    use: Use
    is_mailed: bool
    called_at: datetime | None
    called_by: int | None


def closures(session: Session, hall: FacilityInfo, *, now: datetime) -> list[Closed]:
    """Return what keeps rooms of a hall from now on, the next first."""
    waiting = (
        select(func.count())
        .select_from(Displacement)
        .where(
            Displacement.tenant_id == Closure.tenant_id,
            Displacement.closure_id == Closure.id,
            Displacement.is_mailed.is_(False),
            Displacement.called_at.is_(None),
        )
        .correlate(Closure)
        .scalar_subquery()
    )
    begins, ends = func.min(Occupancy.starts_at), func.max(Occupancy.ends_at)
    rows = session.execute(
        select(
            Closure.id,
            Closure.kind,
            Closure.name,
            begins,
            ends,
            func.array_agg(Occupancy.space_id.distinct()),
            waiting,
            Closure.asked,
        )
        .join(
            Occupancy,
            (Occupancy.tenant_id == Closure.tenant_id) & (Occupancy.closure_id == Closure.id),
        )
        .where(
            Closure.tenant_id == current_tenant(),
            Closure.facility_id == hall.id,
            Occupancy.live,
            Occupancy.ends_at > now,
        )
        .group_by(Closure.tenant_id, Closure.id)
        .order_by(begins, Closure.id)
        .limit(MOST)
    )
    return [_closed(hall, row) for row in rows]


def closure_with(session: Session, facility_id: int, closure_id: int) -> Closure | None:
    """Return a closure of a hall."""
    return session.scalar(
        select(Closure).where(
            Closure.tenant_id == current_tenant(),
            Closure.facility_id == facility_id,
            Closure.id == closure_id,
        )
    )


def uses(session: Session, line_ids: Collection[int]) -> list[Use]:
    """Return these booked uses by time."""
    if not line_ids:
        return []
    rows = session.execute(_uses().where(BookingLine.id.in_(line_ids)))
    return [Use(*row) for row in rows]


def gave_way(session: Session, closure_id: int) -> list[Gone]:
    """Return the uses that gave way to a closure, with whether their owners know."""
    statement = (
        _uses()
        .add_columns(Displacement.is_mailed, Displacement.called_at, Displacement.called_by)
        .join(
            Displacement,
            (Displacement.tenant_id == BookingLine.tenant_id)
            & (Displacement.booking_line_id == BookingLine.id),
        )
        .where(Displacement.closure_id == closure_id)
    )
    return [Gone(Use(*row[:-3]), *row[-3:]) for row in session.execute(statement)]


def _closed(hall: FacilityInfo, row: Sequence[Any]) -> Closed:
    asked = row[7]
    return Closed(
        row[0], row[1], row[2], row[3], row[4], rooms_of(hall, row[5]), row[6],
        read(asked) if asked else None,
    )  # fmt: skip


def _uses() -> Select[*tuple[Any, ...]]:
    return (
        select(
            BookingLine.id,
            Booking.number,
            BookingLine.facility_id,
            BookingLine.room_id,
            Room.name,
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.applicant_kana, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
            Booking.people,
            func.coalesce(Booking.purpose, ""),
            func.coalesce(Booking.applicant_class, ""),
            Booking.state,
            func.coalesce(BookingLine.fee_yen, 0),
            Booking.account_id.isnot(None),
            Booking.id,
            BookingLine.payee,
        )
        .join(Booking, same_booking())
        .join(Room, same_room())
        .where(BookingLine.tenant_id == current_tenant())
        .order_by(BookingLine.starts_at, Room.position, BookingLine.id)
    )
