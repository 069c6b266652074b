"""A booking as a calendar file (RFC 5545): what, where and when, nothing about whom."""

from urllib.parse import urlsplit

from flask import g, url_for
from icalendar import Calendar, Event, Timezone

from app.booking.numbers import spoken
from app.booking.states import State
from app.web import context, formats
from app.web.booked import Booked, BookedLine
from app.web.words import _

# A line goes through these in this order only, so the count of its changes is known by them.
SEQUENCE = {"TENTATIVE": 0, "CONFIRMED": 1, "CANCELLED": 2}


def calendar_file(found: Booked) -> bytes:
    """Return one event for each room and time of a booking, cancelled ones marked so."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kaikan//kaikan//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(Timezone.from_tzid(g.municipality.zone.key))
    for one in found.lines:
        calendar.add_component(_event(found, one))
    return bytes(calendar.to_ical())


def _event(found: Booked, one: BookedLine) -> Event:
    line, booking = one.line, found.booking
    status = _status(booking.state, stands=one.stands)
    host = urlsplit(context.settings().base_url).hostname or "kaikan"
    address = one.facility.address if one.facility else ""
    event = Event()
    event.add("uid", f"{line.tenant_id}-{line.id}@{host}")
    event.add("dtstamp", context.now())
    event.add("last-modified", line.ended_at or booking.submitted_at or context.now())
    event.add("sequence", SEQUENCE[status])
    event.add("status", status)
    event.add("summary", f"{one.room}（{one.hall}）")
    event.add("location", f"{one.hall} {address}".strip())
    event.add("dtstart", formats.local(line.starts_at))
    event.add("dtend", formats.local(line.ends_at))
    event.add("description", _("予約番号 %(number)s", number=spoken(booking.number or "")))
    event.add("url", _address(booking.number or ""))
    return event


def _status(state: str, *, stands: bool) -> str:
    if not stands:
        return "CANCELLED"
    return "TENTATIVE" if state in (State.REQUESTED, State.PROVISIONAL) else "CONFIRMED"


def _address(number: str) -> str:
    return context.settings().base_url + url_for("bookings.detail", number=number)
