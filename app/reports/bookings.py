"""One booking with its lines, for staff: names of rooms, also unlisted ones, and the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import booking_numbered
from app.booking.states import WAITING, LineState, State
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.identity.permissions import Scope
from app.payments.standing import Standing, standing_of
from app.reports.money import money_of_line
from app.reports.selection import same_booking, same_facility, same_room, state_of_line


@dataclass(frozen=True, slots=True)
class LineView:
    """One room and time of a booking."""

    line_id: int
    terms_version_id: int | None
    facility_id: int
    facility: str
    facility_slug: str
    room_id: int
    room: str
    on_date: date
    starts_at: datetime
    ends_at: datetime
    state: str
    fee_yen: int
    quote: dict[str, Any] | None
    fees_version_id: int | None
    extras: dict[str, int] | None
    items: int | None
    assessed_yen: int
    collected_yen: int
    is_undecided: bool  # its fee is left open

    @property
    def stands(self) -> bool:
        """Say whether the room is still booked."""
        return self.state not in (LineState.CANCELLED, LineState.LAPSED)


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking as somebody who sees certain halls may see it."""

    booking: Booking
    lines: Sequence[LineView]  # those they may see
    hidden: int  # how many lines lie elsewhere
    is_all_theirs: bool  # no line that still stands lies elsewhere
    owed_yen: int  # of the whole booking; negative when money is to be paid back
    money: Standing  # of the whole booking

    @property
    def standing(self) -> list[LineView]:
        """Return the lines that are still booked."""
        return [line for line in self.lines if line.stands]

    @property
    def state(self) -> str:
        """Return the booking's state in one word, as those of its lines."""
        if self.booking.state in (State.CANCELLED, State.LAPSED):
            return self.booking.state
        return next((line.state for line in reversed(self.standing)), State.CANCELLED)

    @property
    def is_open(self) -> bool:
        """Say whether a fee is for staff to decide."""
        return self.booking.state == State.REQUESTED and any(
            line.is_undecided for line in self.standing
        )

    @property
    def awaits_permit(self) -> bool:
        """Say whether staff have not permitted it yet."""
        return self.booking.state == State.REQUESTED and self.booking.review in WAITING

    @property
    def is_unpaid(self) -> bool:
        """Say whether the booking waits for its fee."""
        return self.booking.state == State.PROVISIONAL

    @property
    def is_due_again(self) -> bool:
        """Say whether it was paid, and costs more since it was changed."""
        return self.booking.state == State.CONFIRMED and self.booking.due_at is not None

    @property
    def collected_yen(self) -> int:
        """Return what was received for the lines shown."""
        return sum(line.collected_yen for line in self.lines)


def booking_view(
    session: Session, number: str, *, scope: Scope, now: datetime
) -> BookingView | None:
    """Return a booking as far as it lies within a scope, or None when it does not."""
    booking = booking_numbered(session, number)
    if booking is None:
        return None
    lines, owed = _lines(session, booking.id, now)
    theirs = [one for one in lines if scope.covers(one.facility_id, one.room_id)]
    if not theirs:
        return None
    others = [one for one in lines if one not in theirs]
    return BookingView(
        booking=booking,
        lines=theirs,
        hidden=len(others),
        is_all_theirs=not any(line.stands for line in others),
        owed_yen=owed,
        money=standing_of(session, booking.id),
    )


def _lines(session: Session, booking_id: int, now: datetime) -> tuple[list[LineView], int]:
    money = money_of_line()
    statement: Select[*tuple[Any, ...]] = (
        select(
            BookingLine.id,
            BookingLine.terms_version_id,
            BookingLine.facility_id,
            Facility.name,
            Facility.slug,
            BookingLine.room_id,
            Room.name,
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            state_of_line(now),
            func.coalesce(BookingLine.fee_yen, 0),
            BookingLine.quote,
            BookingLine.fees_version_id,
            BookingLine.extras,
            BookingLine.items,
            money.c.assessed_yen,
            money.c.collected_yen,
            BookingLine.fee_yen.is_(None),
            money.c.owed_yen,
        )
        .join(Booking, same_booking())
        .join(Room, same_room())
        .join(Facility, same_facility())
        .join(money, true())
        .where(BookingLine.tenant_id == current_tenant(), BookingLine.booking_id == booking_id)
        .order_by(BookingLine.starts_at, Room.position, BookingLine.id)
    )
    rows = session.execute(statement).all()
    return [LineView(*row[:-1]) for row in rows], int(rows[0][-1]) if rows else 0
