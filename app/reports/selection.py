"""Which lines of bookings staff ask for, and in which order, as conditions of a query.

A line is one room and time of a booking; that is what halls are used by and fees come from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, and_, case, func, not_, or_, true

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.counter.models import ActualUse
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.identity.permissions import Scope
from app.kernel.spans import instant
from app.reports.matching import matches

ENDED = {"cancelled": LineState.CANCELLED, "lapsed": LineState.LAPSED}
STATES = ("review", "unpaid", "confirmed", "used", *ENDED)
PAID = ("unpaid", "paid", "free", "to_refund")
ORDERS = ("use", "request", "number", "room", "name", "yen")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which lines: every field narrows, None does not."""

    zone: ZoneInfo
    now: datetime
    period_of: str = "use"  # use: the day of use; request: the day of the request
    from_day: date | None = None
    to_day: date | None = None
    facility_id: int | None = None
    room_id: int | None = None
    state: str | None = None  # review, unpaid, confirmed, used, cancelled, lapsed
    paid: str | None = None  # unpaid, paid, free, to_refund
    applicant_class: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """In which order; lines that are equal in it stand in the order they were made."""

    by: str = "use"
    is_descending: bool = False


def state_of_line(now: datetime) -> ColumnElement[str]:
    """Return a line's state in one word: its own when it ended, else its booking's.

    A confirmed use that is over was used: nobody ticks it off (来場の確認 comes in a later form).
    """
    ended = [(BookingLine.state == state, word) for word, state in ENDED.items()]
    is_over = and_(Booking.state == State.CONFIRMED, BookingLine.ends_at <= now)
    return case(
        *ended,
        (Booking.state == State.REQUESTED, "review"),
        (Booking.state == State.PROVISIONAL, "unpaid"),
        (or_(Booking.state == State.USED, is_over), "used"),
        (Booking.state == State.CONFIRMED, "confirmed"),
        else_="cancelled",
    )


def within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a line lies where somebody holds a permission."""
    if scope.is_everywhere:
        return true()
    return or_(
        BookingLine.facility_id.in_(scope.facility_ids), BookingLine.room_id.in_(scope.room_ids)
    )


def same_booking() -> ColumnElement[bool]:
    """Join a line to its booking."""
    return and_(Booking.tenant_id == BookingLine.tenant_id, Booking.id == BookingLine.booking_id)


def same_room() -> ColumnElement[bool]:
    """Join a line to its room, also one that is no longer listed."""
    return and_(Room.tenant_id == BookingLine.tenant_id, Room.id == BookingLine.room_id)


def same_use() -> ColumnElement[bool]:
    """Join a line to what was noted of its use, as far as anything was."""
    return and_(
        ActualUse.tenant_id == BookingLine.tenant_id, ActualUse.booking_line_id == BookingLine.id
    )


def same_facility() -> ColumnElement[bool]:
    """Join a line to its facility."""
    return and_(Facility.tenant_id == BookingLine.tenant_id, Facility.id == BookingLine.facility_id)


def order_by(order: Order, money: FromClause) -> list[ColumnElement[Any]]:
    """Return the keys of an order; the line comes last, so that it is never left open."""
    keys: dict[str, list[ColumnElement[Any]]] = {
        "use": [BookingLine.starts_at.expression],
        "request": [Booking.submitted_at.expression],
        "number": [Booking.number.expression],
        "room": [Facility.position.expression, Room.position.expression],
        "name": [func.coalesce(Booking.applicant_kana, ""), Booking.applicant_name.expression],
        "yen": [money.c.assessed_yen],
    }
    chosen = [key.desc() if order.is_descending else key for key in keys[order.by]]
    return [*chosen, BookingLine.id.expression]


def conditions(filters: Filters, money: FromClause) -> list[ColumnElement[bool]]:
    """Return what a line must be to be selected."""
    found: list[ColumnElement[bool]] = [
        BookingLine.tenant_id == current_tenant(),
        Booking.tenant_id == current_tenant(),
        Booking.state != State.DRAFT,
        *_period(filters),
    ]
    if filters.facility_id is not None:
        found.append(BookingLine.facility_id == filters.facility_id)
    if filters.room_id is not None:
        found.append(BookingLine.room_id == filters.room_id)
    if filters.state is not None:
        found.append(state_of_line(filters.now) == filters.state)
    if filters.paid is not None:
        found.append(_paid(filters.paid, money))
    if filters.applicant_class is not None:
        found.append(Booking.applicant_class == filters.applicant_class)
    if filters.words:
        found.append(matches(filters.words))
    return found


def _period(filters: Filters) -> Iterator[ColumnElement[bool]]:
    from_day, to_day = filters.from_day, filters.to_day
    if filters.period_of == "use":
        if from_day is not None:
            yield BookingLine.on_date >= from_day
        if to_day is not None:
            yield BookingLine.on_date <= to_day
        return
    if from_day is not None:
        yield Booking.submitted_at >= instant(from_day, 0, filters.zone)
    if to_day is not None:
        yield Booking.submitted_at < instant(to_day + timedelta(days=1), 0, filters.zone)


def _paid(wanted: str, money: FromClause) -> ColumnElement[bool]:
    # One that was paid, and costs more since it was changed, is due again.
    is_due_again = and_(Booking.state == State.CONFIRMED, Booking.due_at.is_not(None))
    is_due = or_(Booking.state == State.PROVISIONAL, is_due_again)
    if wanted == "unpaid":
        return and_(is_due, BookingLine.state == LineState.ACTIVE, money.c.assessed_yen > 0)
    if wanted == "paid":
        return and_(not_(is_due), money.c.collected_yen > 0)
    if wanted == "to_refund":
        return money.c.owed_yen < 0
    return and_(Booking.state != State.REQUESTED, func.coalesce(BookingLine.fee_yen, 0) == 0)
