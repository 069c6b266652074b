"""Lines of bookings as staff see them: a page, the sum of all, or every one as a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.facilities.models import Facility, Room
from app.reports.money import money_of_line
from app.reports.selection import (
    Filters,
    Order,
    conditions,
    order_by,
    same_booking,
    same_facility,
    same_room,
    state_of_line,
)

CHUNK = 2000  # rows that a stream holds in memory


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line with what its booking says and what it was assessed and collected."""

    line_id: int
    number: str
    submitted_at: datetime
    on_date: date
    starts_at: datetime
    ends_at: datetime
    facility: str
    room: str
    state: str  # of the line, in the words of Filters.state
    applicant_class: str
    name: str
    kana: str
    phone: str
    people: int
    purpose: str
    shown_name: str
    notes: str
    due_at: datetime | None
    assessed_yen: int
    collected_yen: int
    owed_yen: int  # of the whole booking


@dataclass(frozen=True, slots=True)
class Totals:
    """What a selection adds up to; people only of lines that stand."""

    lines: int
    people: int
    assessed_yen: int
    collected_yen: int


def page_of_lines(
    session: Session, filters: Filters, order: Order, *, limit: int, offset: int
) -> list[LineRow]:
    """Return a page of lines; the same page as long as nothing was booked between."""
    statement = _rows(filters, order).limit(limit).offset(offset)
    return [LineRow(*row) for row in session.execute(statement)]


def stream_lines(session: Session, filters: Filters, order: Order) -> Iterator[LineRow]:
    """Yield every line through a server-side cursor, so that a year does not fill memory."""
    statement = _rows(filters, order).execution_options(yield_per=CHUNK)
    for row in session.execute(statement):
        yield LineRow(*row)


def totals(session: Session, filters: Filters) -> Totals:
    """Return what the selection adds up to."""
    money = money_of_line()
    stands = BookingLine.state == LineState.ACTIVE
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Booking.people).filter(stands), 0),
            func.coalesce(func.sum(money.c.assessed_yen), 0),
            func.coalesce(func.sum(money.c.collected_yen), 0),
        )
        .select_from(BookingLine)
        .join(Booking, same_booking())
        .join(money, true())
        .where(*conditions(filters, money))
    ).one()
    return Totals(*(int(figure) for figure in row))


def _rows(filters: Filters, order: Order) -> Select[*tuple[Any, ...]]:
    money = money_of_line()
    return (
        select(
            BookingLine.id,
            Booking.number,
            Booking.submitted_at,
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            Facility.name,
            Room.name,
            state_of_line(filters.now),
            func.coalesce(Booking.applicant_class, ""),
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.applicant_kana, ""),
            func.coalesce(Booking.applicant_phone, ""),
            func.coalesce(Booking.people, 0),
            func.coalesce(Booking.purpose, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.notes, ""),
            Booking.due_at,
            money.c.assessed_yen,
            money.c.collected_yen,
            money.c.owed_yen,
        )
        .select_from(BookingLine)
        .join(Booking, same_booking())
        .join(Room, same_room())
        .join(Facility, same_facility())
        .join(money, true())
        .where(*conditions(filters, money))
        .order_by(*order_by(order, money))
    )
