"""Refunds that are not settled, and what about money a person has to see to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import Session

from app.booking.floor import Displacement
from app.booking.models import Booking, BookingLine
from app.db.session import current_tenant
from app.payments.refunds.models import Refund
from app.payments.tasks import MoneyTask, open_tasks

MOST = 200


@dataclass(frozen=True, slots=True)
class Owed:
    """A refund with whose it is."""

    refund: Refund
    number: str
    name: str
    shown_name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something to see to, with the booking's number where there is one."""

    task: MoneyTask
    number: str | None


def refunds_left(session: Session, *, by_staff: bool) -> list[Owed]:
    """Return refunds that are not settled, the oldest first: by our hands, or by the provider."""
    by_hand = Refund.attempt_id.is_(None) | (Refund.state == "failed")
    return _owed(
        session,
        select(Refund, *_WHO)
        .join(Booking, _ITS)
        .where(
            Refund.tenant_id == current_tenant(),
            Refund.state.not_in(("done", "dropped")),
            by_hand if by_staff else ~by_hand,
        )
        .order_by(Refund.asked_at, Refund.id)
        .limit(MOST),
    )


def waiting_at(session: Session, facility_id: int) -> list[Owed]:
    """Return what staff have to give back for bookings that lie in one hall alone."""
    its = and_(
        BookingLine.tenant_id == Refund.tenant_id, BookingLine.booking_id == Refund.booking_id
    )
    elsewhere = exists().where(its, BookingLine.facility_id != facility_id)
    return _owed(
        session,
        select(Refund, *_WHO)
        .join(Booking, _ITS)
        .where(
            Refund.tenant_id == current_tenant(),
            Refund.state.in_(("due", "failed")),
            Refund.attempt_id.is_(None) | (Refund.state == "failed"),
            exists().where(its, BookingLine.facility_id == facility_id),
            ~elsewhere,
        )
        .order_by(Refund.asked_at, Refund.id)
        .limit(MOST),
    )


def given_back_for(session: Session, closure_id: int) -> Sequence[Refund]:
    """Return the refunds that a closure brought to those who gave way, by booking."""
    return session.scalars(
        select(Refund)
        .where(
            Refund.tenant_id == current_tenant(),
            Refund.state != "dropped",
            Refund.reason == "displaced",
            exists()
            .where(
                Displacement.tenant_id == Refund.tenant_id,
                Displacement.closure_id == closure_id,
                Displacement.at == Refund.asked_at,
                BookingLine.tenant_id == Displacement.tenant_id,
                BookingLine.id == Displacement.booking_line_id,
                BookingLine.booking_id == Refund.booking_id,
            )
            .correlate(Refund),
        )
        .order_by(Refund.booking_id, Refund.id)
    ).all()


def refund_with(session: Session, refund_id: int) -> Owed | None:
    """Return a refund of the municipality."""
    one = select(Refund, *_WHO).join(Booking, _ITS)
    found = _owed(session, one.where(Refund.tenant_id == current_tenant(), Refund.id == refund_id))
    return found[0] if found else None


def tasks_left(session: Session) -> list[Task]:
    """Return what a person has to see to, the oldest first."""
    tasks = open_tasks(session)
    ids = {one.booking_id for one in tasks if one.booking_id is not None}
    rows = session.execute(
        select(Booking.id, Booking.number).where(
            Booking.tenant_id == current_tenant(), Booking.id.in_(ids)
        )
    )
    numbers: dict[int, str | None] = {row.id: row.number for row in rows}
    return [Task(one, numbers.get(one.booking_id or 0)) for one in tasks]


_WHO = (
    Booking.number, Booking.applicant_name, Booking.shown_name, Booking.applicant_phone
)  # fmt: skip
_ITS = and_(Booking.tenant_id == Refund.tenant_id, Booking.id == Refund.booking_id)


def _owed(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Owed]:
    rows: Sequence[Any] = session.execute(statement).all()
    return [Owed(row[0], row[1] or "", row[2] or "", row[3] or "", row[4] or "") for row in rows]
