"""Uses for calendars of other programs: of a hall's rooms or of one person, cancelled ones too."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingChange, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant

BEHIND = timedelta(days=30)  # so long a cancelled use stays, that programs may learn of it
AHEAD = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Entry:
    """One use as a calendar knows it; no name of a person, no telephone, no address."""

    line_id: int
    number: str
    room_id: int
    starts_at: datetime
    ends_at: datetime
    stands: bool
    state: str  # of the booking
    shown_name: str
    changes: int
    changed_at: datetime  # when anything of it changed last


def of_rooms(session: Session, room_ids: Collection[int], today: date) -> list[Entry]:
    """Return the uses of these rooms, from a month ago on."""
    return _entries(session, BookingLine.room_id.in_(room_ids), today)


def of_person(session: Session, account_id: int, today: date) -> list[Entry]:
    """Return the uses that a person booked, from a month ago on."""
    return _entries(session, Booking.account_id == account_id, today)


def _entries(session: Session, whose: ColumnElement[bool], today: date) -> list[Entry]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            BookingLine.id, Booking.number, BookingLine.room_id, BookingLine.starts_at,
            BookingLine.ends_at, BookingLine.state == LineState.ACTIVE, Booking.state,
            func.coalesce(Booking.shown_name, ""),
            _changes(func.count()).scalar_subquery(),
            func.greatest(
                Booking.submitted_at, BookingLine.ended_at,
                _changes(func.max(BookingChange.at)).scalar_subquery(),
            ),
        )
        .join(
            Booking,
            and_(Booking.tenant_id == BookingLine.tenant_id, Booking.id == BookingLine.booking_id),
        )
        .where(
            BookingLine.tenant_id == current_tenant(),
            whose,
            BookingLine.on_date.between(today - BEHIND, today + AHEAD),
            Booking.state != State.DRAFT,
            or_(BookingLine.state == LineState.ACTIVE, BookingLine.ended_at > today - BEHIND),
        )
        .order_by(BookingLine.starts_at, BookingLine.id)
    )  # fmt: skip
    return [Entry(*row) for row in session.execute(statement)]


def _changes(what: ColumnElement[Any]) -> Select[Any]:
    """Return a statement about the changes of the booking it stands beside."""
    return select(what).where(
        BookingChange.tenant_id == current_tenant(), BookingChange.booking_id == Booking.id
    )
