"""Uses one by one with what was noted of them and how their fee was made, for lists and bills."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.counter.models import ActualUse
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.reports.lines import CHUNK
from app.reports.money import money_of_line
from app.reports.selection import (
    same_booking,
    same_facility,
    same_room,
    same_use,
    state_of_line,
    within,
)
from app.reports.usage.asked import Asked


@dataclass(frozen=True, slots=True)
class Use:
    """One room and time, who used it, what was noted, and what it costs."""

    number: str
    facility: str
    room: str
    on_date: date
    starts_at: datetime
    ends_at: datetime
    state: str
    name: str
    kana: str
    phone: str
    shown_name: str
    applicant_class: str
    purpose: str
    people: int  # as it was applied for
    counted: int | None  # as staff counted them
    came_at: datetime | None
    left_at: datetime | None
    no_show_at: datetime | None
    remark: str
    quote: dict[str, Any] | None
    assessed_yen: int
    collected_yen: int

    @property
    def owed_yen(self) -> int:
        """Return what of its fee was not received."""
        return max(0, self.assessed_yen - self.collected_yen)

    @property
    def waived_yen(self) -> int:
        """Return what was waived of its fee."""
        return sum(((self.quote or {}).get("waived") or {}).values())


def uses(session: Session, asked: Asked, *, now: datetime) -> Iterator[Use]:
    """Yield the uses that are asked for by hall, day, room and hour, cancelled ones too."""
    statement = _statement(asked, now).order_by(
        Facility.position, BookingLine.on_date, Room.position, BookingLine.starts_at, BookingLine.id
    )
    yield from _read(session, statement)


def bills(session: Session, asked: Asked, *, now: datetime) -> Iterator[Use]:
    """Yield the uses that cost something, by applicant and day: what a statement is made of."""
    money = money_of_line()
    statement = (
        _statement(asked, now, money)
        .where(money.c.assessed_yen > 0)
        .order_by(
            func.coalesce(Booking.applicant_kana, ""), Booking.applicant_name,
            Booking.applicant_phone, BookingLine.on_date, BookingLine.starts_at, BookingLine.id,
        )
    )  # fmt: skip
    yield from _read(session, statement)


def how_many(session: Session, asked: Asked) -> int:
    """Return how many uses there are."""
    statement = (
        select(func.count())
        .select_from(BookingLine)
        .join(Booking, same_booking())
        .where(*_conditions(asked))
    )
    return int(session.scalar(statement) or 0)


def _read(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[Use]:
    for row in session.execute(statement.execution_options(yield_per=CHUNK)):
        yield Use(*row)


def _statement(asked: Asked, now: datetime, money: Any = None) -> Select[*tuple[Any, ...]]:
    money = money_of_line() if money is None else money
    return (
        select(
            Booking.number, Facility.name, Room.name, BookingLine.on_date, BookingLine.starts_at,
            BookingLine.ends_at, state_of_line(now),
            func.coalesce(Booking.applicant_name, ""), func.coalesce(Booking.applicant_kana, ""),
            func.coalesce(Booking.applicant_phone, ""), func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_class, ""), func.coalesce(Booking.purpose, ""),
            func.coalesce(Booking.people, 0), ActualUse.people, ActualUse.came_at,
            ActualUse.left_at, ActualUse.no_show_at, func.coalesce(ActualUse.remark, ""),
            BookingLine.quote, money.c.assessed_yen, money.c.collected_yen,
        )
        .select_from(BookingLine)
        .join(Booking, same_booking())
        .join(Room, same_room())
        .join(Facility, same_facility())
        .join(money, true())
        .outerjoin(ActualUse, same_use())
        .where(*_conditions(asked))
    )  # fmt: skip


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found = [
        BookingLine.tenant_id == current_tenant(),
        BookingLine.on_date.between(asked.first, asked.last),
        Booking.state != State.DRAFT,
        BookingLine.state != LineState.HELD,
        within(asked.scope),
    ]
    for column, value in (
        (BookingLine.facility_id, asked.facility_id),
        (BookingLine.room_id, asked.room_id),
        (Booking.purpose, asked.purpose),
        (Booking.applicant_class, asked.applicant_class),
    ):
        if value is not None:
            found.append(column == value)
    return found
