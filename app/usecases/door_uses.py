"""Which uses stand, as codes for doors are planned of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from app.booking.floor import Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.models import RoomSpace
from app.locks.visits import Taken, Use

NEARBY: Final = timedelta(hours=3)  # more than the minutes that a code opens early or late
# Paid, free, or to be paid later by the hall's rules; a booking that is only provisional is not.
OPENS: Final = (State.CONFIRMED, State.USED)
TAKES: Final = (State.REQUESTED, State.PROVISIONAL, *OPENS)
OF_THE_HALL: Final = ("public_use", "event", "maintenance")  # somebody is there
LONGEST: Final = timedelta(hours=36)  # that a piece of floor is taken for, by one row


_DEARER = text(
    """
    select distinct cast(one ->> 'line' as bigint)
      from booking_change as change, jsonb_array_elements(change.lines) as one
     where change.tenant_id = :tenant and change.booking_id = :booking
       and coalesce(cast(one -> 'after' ->> 'fee_yen' as int), 0)
         > coalesce(cast(one -> 'before' ->> 'fee_yen' as int), 0)
    """
)


def to_be_paid_first(session: Session, booking_id: int) -> frozenset[int]:
    """Return the lines of a booking that once became dearer than they were.

    While something is due of it, it is they that are to be paid before a door opens for them.
    """
    values = {"tenant": current_tenant(), "booking": booking_id}
    return frozenset(session.scalars(_DEARER, values))


def kept_by_hall(session: Session, uses: Sequence[Use]) -> list[Taken]:
    """Return what the hall itself has near these uses: public use, events, maintenance.

    Where it is only closed, nobody is in the room.
    """
    if not uses:
        return []
    rows = session.execute(
        select(Occupancy.space_id, Occupancy.starts_at, Occupancy.ends_at).where(
            Occupancy.tenant_id == current_tenant(),
            Occupancy.space_id.in_(frozenset[int]().union(*(one.spaces for one in uses))),
            Occupancy.live,
            Occupancy.kind.in_(OF_THE_HALL),
            Occupancy.starts_at > min(one.starts_at for one in uses) - NEARBY - LONGEST,
            Occupancy.starts_at < max(one.ends_at for one in uses) + NEARBY,
            Occupancy.ends_at > min(one.starts_at for one in uses) - NEARBY,
        )
    )
    return [Taken(frozenset({row.space_id}), row.starts_at, row.ends_at) for row in rows]


def around(session: Session, uses: Sequence[Use]) -> list[Use]:
    """Return the uses of everybody near these."""
    days: dict[int, list[Use]] = defaultdict(list)
    for use in uses:
        days[use.facility_id].append(use)
    if not days:
        return []
    near = [
        (BookingLine.facility_id == hall)
        & (BookingLine.starts_at < max(one.ends_at for one in theirs) + NEARBY)
        & (BookingLine.ends_at > min(one.starts_at for one in theirs) - NEARBY)
        for hall, theirs in days.items()
    ]
    return uses_of(session, or_(*near))


def uses_of(session: Session, *which: object) -> list[Use]:
    """Return the uses that stand and take a room, those that `which` tells."""
    rows = session.execute(
        select(
            BookingLine.id, BookingLine.booking_id, BookingLine.facility_id, BookingLine.room_id,
            BookingLine.on_date, BookingLine.starts_at, BookingLine.ends_at,
        )
        .join(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.state == LineState.ACTIVE,
            Booking.state.in_(TAKES),
            *which,  # type: ignore[arg-type]
        )
        .order_by(BookingLine.starts_at, BookingLine.id)
    ).all()  # fmt: skip
    spaces = _spaces(session, {row.room_id for row in rows})
    return [
        Use(row.id, row.booking_id, row.facility_id, row.room_id, spaces[row.room_id],
            row.on_date, row.starts_at, row.ends_at)
        for row in rows
    ]  # fmt: skip


def _spaces(session: Session, room_ids: Collection[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for room_id, space_id in session.execute(
        select(RoomSpace.room_id, RoomSpace.space_id).where(
            RoomSpace.tenant_id == current_tenant(), RoomSpace.room_id.in_(room_ids)
        )
    ):
        found[room_id].add(space_id)
    return {room_id: frozenset(found[room_id]) for room_id in room_ids}
