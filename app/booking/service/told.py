"""The uses of a booking as an issued document keeps them, whatever becomes of them later."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import lines_of
from app.booking.states import LineState


def uses_told(session: Session, booking_id: int, payee: str) -> list[dict[str, Any]]:
    """Return the uses whose fee goes to a payee: those that stand, or all once none does."""
    theirs = [one for one in lines_of(session, booking_id) if one.payee == payee]
    standing = [one for one in theirs if one.state == LineState.ACTIVE]
    return [_told(one) for one in standing or theirs]


def line_told(booking: Booking, payee: str, told: Mapping[str, Any]) -> BookingLine:
    """Return a use as it was when it was told; it is in no session and never saved."""
    return BookingLine(
        tenant_id=booking.tenant_id,
        id=told["line"],
        booking_id=booking.id,
        facility_id=told["facility"],
        room_id=told["room"],
        state=LineState.ACTIVE,
        on_date=date.fromisoformat(told["on"]),
        starts_at=datetime.fromisoformat(told["from"]),
        ends_at=datetime.fromisoformat(told["to"]),
        slots=0,
        extras=told["extras"],
        items=told["items"],
        terms_version_id=told["terms"],
        payee=payee,
    )


def _told(line: BookingLine) -> dict[str, Any]:
    return {
        "line": line.id,
        "facility": line.facility_id,
        "room": line.room_id,
        "on": line.on_date.isoformat(),
        "from": line.starts_at.isoformat(),
        "to": line.ends_at.isoformat(),
        "extras": line.extras,
        "items": line.items,
        "terms": line.terms_version_id,
    }
