"""Bookings as calendars (RFC 5545): what, where and when, nothing about whom."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import g, url_for
from icalendar import Calendar, Event, Timezone, vText

from app.booking.numbers import spoken
from app.booking.states import State
from app.reports.feeds import Entry
from app.web import context, formats
from app.web.booked import Booked
from app.web.words import _

# A line goes through these in this order only; a change of its booking counts more than all.
ORDER = {"TENTATIVE": 0, "CONFIRMED": 1, "CANCELLED": 2}
UNCHANGED = timedelta(hours=1)  # how often programs are asked to look again


def calendar_file(found: Booked, *, changes: int, by_number: bool = False) -> bytes:
    """Return one event for each room and time of a booking, cancelled ones marked so.

    `changes`: how often the booking was changed. `by_number`: doors open by one, told elsewhere.
    """
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    for one in found.lines:
        line, booking = one.line, found.booking
        entry = Entry(
            line.id, booking.number or "", line.room_id, line.starts_at, line.ends_at, one.stands,
            booking.state, "", changes, line.ended_at or booking.submitted_at or context.now(),
        )  # fmt: skip
        address = one.facility.address if one.facility else ""
        event = _event(entry, one.hall, one.room, address, stamped=context.now())
        if by_number and one.stands:
            said = _("ドアは番号であきます。番号は、番号のページで見られます。")
            event["description"] = vText(f"{event['description']}\n{said}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(name: str, entries: Sequence[Entry], *, is_own: bool) -> bytes:
    """Return a calendar that programs ask for again and again (RFC 5545, RFC 7986).

    `is_own`: of the person who booked; then each event leads to its booking.
    """
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", UNCHANGED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for one in entries:
        try:
            facility, room = context.catalogue().known_room(one.room_id)
        except LookupError:
            continue
        event = _event(one, facility.name, room.name, facility.address, stamped=one.changed_at)
        if not is_own:
            _without_owner(event, one, room.name)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Kaikan//kaikan//JA")
    calendar.add("version", "2.0")
    calendar.add_component(Timezone.from_tzid(g.municipality.zone.key))
    return calendar


def _event(one: Entry, hall: str, room: str, address: str, *, stamped: datetime) -> Event:
    status = _status(one.state, stands=one.stands)
    host = urlsplit(context.settings().base_url).hostname or "kaikan"
    event = Event()
    event.add("uid", f"{g.municipality.id}-{one.line_id}@{host}")
    event.add("dtstamp", stamped)
    event.add("last-modified", one.changed_at)
    event.add("sequence", one.changes * len(ORDER) + ORDER[status])
    event.add("status", status)
    event.add("summary", f"{room}（{hall}）")
    event.add("location", f"{hall} {address}".strip())
    event.add("dtstart", formats.local(one.starts_at))
    event.add("dtend", formats.local(one.ends_at))
    event.add("description", _("予約番号 %(number)s", number=spoken(one.number)))
    event.add("url", _address(one.number))
    return event


def _without_owner(event: Event, one: Entry, room: str) -> None:
    """Let an event say what a board in the hall says, and nothing by which to find the booking."""
    for name in ("description", "url", "summary"):
        del event[name]
    event.add("summary", f"{room}　{one.shown_name or _('貸切')}")


def _status(state: str, *, stands: bool) -> str:
    if not stands:
        return "CANCELLED"
    return "TENTATIVE" if state in (State.REQUESTED, State.PROVISIONAL) else "CONFIRMED"


def _address(number: str) -> str:
    return context.settings().base_url + url_for("bookings.detail", number=number)
