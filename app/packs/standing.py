"""Bookings ahead of rooms that a pack changes or no longer has: told, never touched."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.db.session import current_tenant
from app.facilities.models import Room


def bookings_ahead(
    session: Session, rooms: Sequence[Room], *, now: datetime, zone: ZoneInfo
) -> list[str]:
    """Return a phrase for each use of these rooms that is still to come."""
    name_of = {room.id: room.name for room in rooms}
    rows = session.execute(
        select(BookingLine.room_id, BookingLine.starts_at, Booking.number)
        .join(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.room_id.in_(name_of),
            BookingLine.state == LineState.ACTIVE,
            BookingLine.ends_at > now,
            Booking.number.is_not(None),
        )
        .order_by(BookingLine.starts_at, BookingLine.room_id)
    )
    return [
        f"{name_of[row.room_id]} {row.starts_at.astimezone(zone):%Y-%m-%d %H:%M} 予約 {row.number}"
        for row in rows
    ]
