"""Moving a use in the calendar: which it is, and the change that a place it is dropped on means.

Dragging, pressing and the keyboard all lead here, and from here to the same form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, url_for
from sqlalchemy import select

from app.booking.models import Booking, BookingLine
from app.booking.plan import room_day
from app.booking.rules.fitting import ending_at, fitted
from app.booking.service.basket_plan import minute_of
from app.booking.states import OPEN, LineState
from app.db import db
from app.db.session import current_tenant
from app.identity.permissions import Permission, may
from app.web import context, formats, halls
from app.web.staff_forms import as_day, signed_number


@dataclass(frozen=True, slots=True)
class Moving:
    """A use that is to be moved: in words, with the ends it might have, and its form."""

    line_id: int
    text: str
    ends: list[tuple[str, str]]  # when, and the address of that change
    form: str


def moving(line_id: int) -> Moving | None:
    """Return the use that is to be moved, when it stands and the viewer may move it."""
    found = _found(line_id)
    if found is None:
        return None
    line, booking = found
    name = booking.shown_name or booking.applicant_name or ""
    room = context.catalogue().known_room(line.room_id)[1].name
    day = formats.ja_day(line.on_date)
    text = f"{day} {formats.ja_span(line.starts_at, line.ends_at)} {room} {name}"
    ends = [
        (formats.ja_minute(one), url_for("desk_calendar.drop", line=line.id, until=one))
        for one in _other_ends(line)
    ]
    form = url_for("desk_change.ask", number=booking.number, line=line.id)
    return Moving(line.id, text, ends, form)


def target(given: Mapping[str, str]) -> str | None:
    """Return the address of the change that is meant; None when there is no such use or room.

    `line` alone stays as it is; `room`, `on` and `from` put it elsewhere, as long as before as
    far as the slots there allow; `until` moves its end.
    """
    found = _found(signed_number(given.get("line", "")) or 0)
    if found is None:
        return None
    line, booking = found
    catalogue = context.catalogue()
    begins = minute_of(line.starts_at, line.on_date, catalogue)
    ends = minute_of(line.ends_at, line.on_date, catalogue)
    on = as_day(given.get("on", line.on_date.isoformat()))
    room_id = signed_number(given.get("room", str(line.room_id))) or 0
    start = signed_number(given.get("from", str(begins)))
    until = signed_number(given.get("until", ""))
    if on is None or start is None or not _is_offered(room_id):
        return None
    times = _times(room_id, on, start, ends - begins, until)
    more: dict[str, Any] = {"from": times[0], "to": times[1], "check": "y"}
    number = booking.number
    return url_for("desk_change.ask", number=number, line=line.id, room=room_id, on=on, **more)


def _other_ends(line: BookingLine) -> list[int]:
    """Return the minutes of its day at which a use might end instead."""
    catalogue = context.catalogue()
    hall, room = catalogue.known_room(line.room_id)
    slots = room_day(catalogue, hall, room, line.on_date).slots
    begins = minute_of(line.starts_at, line.on_date, catalogue)
    ends = minute_of(line.ends_at, line.on_date, catalogue)
    return [s.to_minute for s in slots if s.to_minute > begins and s.to_minute != ends]


def _times(room_id: int, on: date, start: int, minutes: int, until: int | None) -> tuple[int, int]:
    """Return from when to when it would be; where nothing fits, as it was asked."""
    catalogue = context.catalogue()
    hall, room = catalogue.room(room_id)
    day = room_day(catalogue, hall, room, on)
    if until is None:
        run = fitted(day.slots, day.division, start, minutes)
    else:
        run = ending_at(day.slots, day.division, start, until)
    return (run.from_minute, run.to_minute) if run else (start, start + minutes)


def _is_offered(room_id: int) -> bool:
    seen = halls.seen(Permission.CHANGE_FOR_OTHERS)
    return any(room.id == room_id for hall in seen for room in hall.rooms)


def _found(line_id: int) -> tuple[BookingLine, Booking] | None:
    """Return a use that stands with its booking, which is open, when the viewer may move it."""
    row = db.session.execute(
        select(BookingLine, Booking)
        .join(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.id == line_id,
            BookingLine.state == LineState.ACTIVE,
            Booking.state.in_(OPEN),
        )
    ).one_or_none()
    if row is None:
        return None
    line, booking = row
    is_theirs = may(g.viewer, Permission.CHANGE_FOR_OTHERS, line.facility_id, line.room_id)
    return (line, booking) if is_theirs else None
