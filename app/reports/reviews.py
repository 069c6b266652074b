"""Applications that wait for a permit: who, what, since when, and by when staff answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select, true
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingChange, BookingLine
from app.booking.states import WAITING, LineState, Review, State
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.identity.permissions import Scope
from app.reports.selection import same_facility, same_room, within

MOST = 200
_TEXTS = (
    Booking.applicant_name,
    Booking.applicant_phone,
    Booking.shown_name,
    Booking.purpose,
    Booking.notes,
)


@dataclass(frozen=True, slots=True)
class WantedUse:
    """One room and time of an application."""

    facility_id: int
    facility: str
    room_id: int
    room: str
    on: date
    starts_at: datetime
    ends_at: datetime
    fee_yen: int | None


@dataclass(frozen=True, slots=True)
class Application:
    """An application that waits for a permit."""

    booking_id: int
    number: str
    account_id: int | None
    submitted_at: datetime
    answer_by: date
    state: str  # asked or returned
    name: str
    phone: str
    shown_name: str
    purpose: str
    notes: str
    people: int
    changes: int  # how often it was changed so far
    uses: Sequence[WantedUse]

    @property
    def places(self) -> set[tuple[int, int]]:
        """Return the halls and rooms it asks for."""
        return {(one.facility_id, one.room_id) for one in self.uses}


def applications(
    session: Session, *, scope: Scope, now: datetime, numbers: Sequence[str] | None = None
) -> list[Application]:
    """Return what waits within a scope, what staff are to answer first; at most MOST.

    One whose last use is over is not there: nothing can be permitted any more. `numbers`: only
    these, however many of them still wait.
    """
    wanted = Booking.number.in_(numbers) if numbers is not None else true()
    statement: Select[*tuple[Any, ...]] = (
        select(
            Booking.id, Booking.number, Booking.account_id, Booking.submitted_at,
            Booking.answer_by, Booking.review, *(func.coalesce(one, "") for one in _TEXTS),
            func.coalesce(Booking.people, 0), _changes(),
        )
        .where(*_waiting(scope, now), wanted)
        .order_by(case((Booking.review == Review.ASKED, 0), else_=1), Booking.answer_by, Booking.id)
        .limit(MOST)
    )  # fmt: skip
    rows = session.execute(statement).all()
    uses = _uses(session, [row[0] for row in rows])
    return [Application(*[*row, uses.get(row[0], ())]) for row in rows]


def how_many_wait(session: Session, *, scope: Scope, now: datetime, today: date) -> tuple[int, int]:
    """Return how many applications staff are to answer, and how many of them late."""
    is_late = func.count().filter(Booking.answer_by < today)
    found = session.execute(
        select(func.count(), is_late).where(*_waiting(scope, now), Booking.review == Review.ASKED)
    ).one()
    return int(found[0]), int(found[1])


def _waiting(scope: Scope, now: datetime) -> list[ColumnElement[bool]]:
    return [
        Booking.tenant_id == current_tenant(),
        Booking.state == State.REQUESTED,
        Booking.review.in_(WAITING),
        exists().where(
            BookingLine.tenant_id == Booking.tenant_id,
            BookingLine.booking_id == Booking.id,
            BookingLine.state == LineState.ACTIVE,
            BookingLine.ends_at > now,
            within(scope),
        ),
    ]


def _changes() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(BookingChange.tenant_id == Booking.tenant_id, BookingChange.booking_id == Booking.id)
        .scalar_subquery()
    )


def _uses(session: Session, ids: Sequence[int]) -> dict[int, list[WantedUse]]:
    """Return what each application asks for, all of it: one permit is given for the whole."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            BookingLine.booking_id, BookingLine.facility_id, Facility.name, BookingLine.room_id,
            Room.name, BookingLine.on_date, BookingLine.starts_at, BookingLine.ends_at,
            BookingLine.fee_yen,
        )
        .join(Room, same_room())
        .join(Facility, same_facility())
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.booking_id.in_(ids),
            BookingLine.state == LineState.ACTIVE,
        )
        .order_by(BookingLine.starts_at, Room.position, BookingLine.id)
    )  # fmt: skip
    found: dict[int, list[WantedUse]] = defaultdict(list)
    for row in session.execute(statement):
        found[row[0]].append(WantedUse(*row[1:]))
    return found
