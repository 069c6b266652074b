"""Bookings that wait for their fee, for the desk: by when, how much, and whom to call."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.identity.permissions import EVERYWHERE, Scope
from app.payments.models import LedgerEntry
from app.reports.selection import same_booking, within


@dataclass(frozen=True, slots=True)
class Unpaid:
    """One booking that is not paid, as far as this hall is concerned."""

    number: str
    name: str
    shown_name: str
    phone: str
    due_at: datetime
    first_use: datetime
    yen: int  # of the lines in this hall
    is_elsewhere_too: bool  # other halls' rooms are part of it: they are paid together


def unpaid(
    session: Session,
    facility_id: int,
    scope: Scope = EVERYWHERE,
    *,
    on: date | None = None,
    limit: int,
) -> list[Unpaid]:
    """Return what waits for its fee in a hall (or has a use on one day), the first due first."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Booking.number,
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
            Booking.due_at,
            func.min(BookingLine.starts_at),
            case(
                (
                    Booking.state == State.PROVISIONAL,
                    func.coalesce(func.sum(BookingLine.fee_yen), 0),
                ),
                else_=_owed(),
            ),
            _is_elsewhere(facility_id),
        )
        .select_from(BookingLine)
        .join(Booking, same_booking())
        .where(
            Booking.tenant_id == current_tenant(),
            or_(
                Booking.state == State.PROVISIONAL,
                # Paid before, and costs more since it was changed.
                and_(Booking.state == State.CONFIRMED, Booking.due_at.is_not(None)),
            ),
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id == facility_id,
            within(scope),
            BookingLine.state == LineState.ACTIVE,
        )
        .group_by(Booking.tenant_id, Booking.id)
        .order_by(Booking.due_at, Booking.id)
        .limit(limit)
    )
    if on is not None:
        statement = statement.having(func.bool_or(BookingLine.on_date == on))
    return [Unpaid(*row) for row in session.execute(statement)]


def _owed() -> ScalarSelect[int]:
    """Return what is still to be paid for the booking of a row, by its ledger."""
    return (
        select(func.coalesce(func.sum(LedgerEntry.yen), 0))
        .where(LedgerEntry.tenant_id == Booking.tenant_id, LedgerEntry.booking_id == Booking.id)
        .correlate(Booking)
        .scalar_subquery()
    )


def _is_elsewhere(facility_id: int) -> ColumnElement[bool]:
    """Return the condition that a booking has rooms in other halls too."""
    elsewhere = aliased(BookingLine)
    return (
        select(elsewhere.id)
        .where(
            elsewhere.tenant_id == Booking.tenant_id,
            elsewhere.booking_id == Booking.id,
            elsewhere.facility_id != facility_id,
            elsewhere.state == LineState.ACTIVE,
        )
        .correlate(Booking)
        .exists()
    )
