"""What pages read of bookings: floor that is taken, drafts, one's own, a day at the desk."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from app.booking.floor import Occupancy
from app.booking.models import Booking, BookingChange, BookingLine
from app.booking.rules.availability import Busy
from app.booking.rules.quotas import Counted
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.facilities.holidays import is_holiday
from app.kernel.spans import Span

_LONGEST = timedelta(hours=36)  # ck_occupancy_at_most_36_hours

# Its columns are Busy's fields in their order. As text: grids read hundreds of rows each time.
_BUSY = text(
    """
    select o.space_id, extract(epoch from o.starts_at)::bigint,
           extract(epoch from o.ends_at)::bigint, o.kind, l.booking_id, o.expires_at, l.room_id
      from occupancy o
      left join booking_line l
        on l.tenant_id = o.tenant_id and l.id = o.booking_line_id and o.kind = 'hold'
     where o.tenant_id = :tenant and o.space_id = any(:spaces) and o.live
       and o.starts_at > :earliest and o.starts_at < :ends and o.ends_at > :begins
     order by o.space_id, o.starts_at
    """
)


def busy(session: Session, space_ids: Collection[int], span: Span) -> dict[int, list[Busy]]:
    """Return what takes these spaces within `span`, by space.

    Bounds on starts_at only: the overlap operator is not leakproof, and under row level
    security it would read the municipality's whole history.
    """
    rows = session.execute(
        _BUSY,
        {
            "tenant": current_tenant(),
            "spaces": list(space_ids),
            "begins": span.starts_at,
            "ends": span.ends_at,
            "earliest": span.starts_at - _LONGEST,
        },
    )
    found: dict[int, list[Busy]] = defaultdict(list)
    for row in rows.all():
        found[row[0]].append(Busy._make(row[1:]))
    return found


# Built once: to put a statement together costs as much as to send it, and these run with every
# page of whoever has chosen something.
_DRAFT = select(Booking).where(
    Booking.tenant_id == bindparam("tenant"), Booking.basket_key == bindparam("key")
)
_LINES = (
    select(BookingLine)
    .where(
        BookingLine.tenant_id == bindparam("tenant"),
        BookingLine.booking_id == bindparam("booking"),
    )
    .order_by(BookingLine.starts_at, BookingLine.room_id)
)
_HELD_LINES = _LINES.add_columns(
    select(func.min(Occupancy.expires_at))
    .where(
        Occupancy.tenant_id == BookingLine.tenant_id,
        Occupancy.booking_line_id == BookingLine.id,
        Occupancy.live,
        Occupancy.kind == "hold",
    )
    .scalar_subquery()
)


def draft_with(session: Session, basket_key: str) -> Booking | None:
    """Return the booking that this browser's key began; it may be submitted by now."""
    return session.scalar(_DRAFT, {"tenant": current_tenant(), "key": basket_key})


def lines_of(session: Session, booking_id: int) -> list[BookingLine]:
    """Return a booking's lines in the order of their times."""
    return list(session.scalars(_LINES, {"tenant": current_tenant(), "booking": booking_id}))


def held_lines(session: Session, booking_id: int) -> tuple[list[BookingLine], dict[int, datetime]]:
    """Return a booking's lines, and until when the floor of each is held; not there: it is not."""
    rows = session.execute(_HELD_LINES, {"tenant": current_tenant(), "booking": booking_id}).all()
    return [line for line, _ in rows], {line.id: until for line, until in rows if until}


def booking_numbered(session: Session, number: str) -> Booking | None:
    """Return the booking with this number in the current municipality."""
    if not (number.isascii() and number.isdecimal()):
        return None
    return session.scalar(
        select(Booking).where(Booking.tenant_id == current_tenant(), Booking.number == number)
    )


def bookings_of(session: Session, account_id: int, *, limit: int = 200) -> list[Booking]:
    """Return a person's bookings in the current municipality, the newest request first."""
    return list(
        session.scalars(
            select(Booking)
            .where(
                Booking.tenant_id == current_tenant(),
                Booking.account_id == account_id,
                Booking.state != State.DRAFT,
            )
            .order_by(Booking.submitted_at.desc())
            .limit(limit)
        )
    )


def bookings_with(session: Session, ids: Collection[int]) -> list[Booking]:
    """Return bookings by their ids, in the order of these."""
    return list(
        session.scalars(
            select(Booking)
            .where(Booking.tenant_id == current_tenant(), Booking.id.in_(ids))
            .order_by(Booking.id)
        )
    )


def lines_by_booking(session: Session, ids: Sequence[int]) -> dict[int, list[BookingLine]]:
    """Return the lines of several bookings, by booking, in the order of their times."""
    found: dict[int, list[BookingLine]] = defaultdict(list)
    for line in session.scalars(
        select(BookingLine)
        .where(BookingLine.tenant_id == current_tenant(), BookingLine.booking_id.in_(ids))
        .order_by(BookingLine.starts_at, BookingLine.room_id)
    ):
        found[line.booking_id].append(line)
    return found


def standing_uses(
    session: Session, catalogue: Catalogue, *, account_id: int, from_day: date, to_day: date
) -> list[tuple[int, Counted]]:
    """Return a person's live uses between two days, with their facilities, for quotas."""
    rows = session.execute(
        select(BookingLine.facility_id, BookingLine.room_id, BookingLine.on_date, BookingLine.slots)
        .join(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .where(
            Booking.tenant_id == current_tenant(),
            Booking.account_id == account_id,
            BookingLine.state == LineState.ACTIVE,
            BookingLine.on_date.between(from_day, to_day),
        )
    )
    return [
        (row.facility_id, counted(catalogue, row.room_id, row.on_date, row.slots)) for row in rows
    ]


def counted(catalogue: Catalogue, room_id: int, day: date, slots: int) -> Counted:
    """Return a use as quotas look at it."""
    free_day = day.weekday() >= 5 or is_holiday(day, catalogue.holidays_on(day))
    try:
        room = catalogue.room(room_id)[1].slug
    except LookupError:
        room = ""  # no longer listed: it counts for the municipality's quotas only
    return Counted(room, day, slots, free_day)


def changes_of(session: Session, booking_id: int, *, by_applicant: bool = False) -> int:
    """Return how often a booking was changed, by anybody or by its applicant."""
    statement = select(func.count()).where(
        BookingChange.tenant_id == current_tenant(), BookingChange.booking_id == booking_id
    )
    if by_applicant:
        statement = statement.where(BookingChange.is_by_applicant)
    return session.scalar(statement) or 0
