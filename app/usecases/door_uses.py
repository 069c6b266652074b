"""Which uses stand, as codes for doors are planned of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.models import RoomSpace
from app.locks.visits import Use

NEARBY: Final = timedelta(hours=3)  # more than the minutes that a code opens early or late
# Paid, free, or to be paid later by the hall's rules; a booking that is only provisional is not.
OPENS: Final = (State.CONFIRMED, State.USED)
TAKES: Final = (State.REQUESTED, State.PROVISIONAL, *OPENS)


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
