"""What a caller usually books, on the coming days when it is free; and the form for anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import request

from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.identity.permissions import Scope
from app.reports.callers import Habit, habits
from app.web import context, formats, hallwords
from app.web.phone_booking import PhoneBooking, times_of
from app.web.phone_free import is_free, is_past, taken_slots
from app.web.staff_forms import as_day
from app.web.words import _

WEEKS = 6
Choice = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Day:
    """One day on which the usual could be booked."""

    value: str
    text: str
    is_free: bool
    is_noted: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """A room and time that the caller books again and again."""

    text: str
    days: Sequence[Day]


@dataclass(frozen=True, slots=True)
class Anything:
    """The choices of the form for any room, day and time."""

    rooms: Sequence[Choice]
    on: str
    begins: Sequence[Choice]
    ends: Sequence[Choice]
    closed: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What the page offers."""

    usual: Sequence[Usual]
    anything: Anything
    classes: Sequence[Choice]
    purposes: Sequence[Choice]


def offers(form: PhoneBooking) -> Offers:
    """Return what the page offers for this caller."""
    policy = context.policy()
    chosen = form.given.get("class", form.caller.applicant_class) or policy.default_class().id
    found: list[Habit] = []
    if form.is_known:
        # Of this hall alone: what they book elsewhere would crowd it out.
        here = Scope(room_ids=frozenset(room.id for room in form.hall.rooms))
        found = habits(
            db.session(), form.caller, scope=here,
            today=context.today(), zone=str(context.catalogue().zone),
        )  # fmt: skip
    rooms = {room.id: room for room in form.hall.rooms}
    return Offers(
        [_usual(form, rooms[one.room_id], one) for one in found if one.room_id in rooms],
        _any(form.hall),
        [(one.id, one.name, one.id == chosen) for one in policy.applicant_classes],
        [(one.id, one.name, one.id == form.purpose) for one in policy.purposes],
    )


def _usual(form: PhoneBooking, room: RoomInfo, habit: Habit) -> Usual:
    today = context.today()
    first = today + timedelta(days=(habit.weekday - today.weekday()) % 7 or 7)
    days = [first + timedelta(days=7 * n) for n in range(WEEKS)]
    span = formats.ja_minutes_span(habit.from_minute, habit.to_minute)
    weekday = formats.ja_day(first)[-2]
    text = _("%(day)s曜日 %(span)s %(room)s", day=weekday, span=span, room=room.name)
    return Usual(text, [_day(form, room, habit, on) for on in days])


def _day(form: PhoneBooking, room: RoomInfo, habit: Habit, on: date) -> Day:
    value = f"{room.id}.{on}.{habit.from_minute}.{habit.to_minute}"
    free = is_free(form.hall, room, on, habit.from_minute, habit.to_minute)
    return Day(value, formats.ja_day(on), free, value in form.values)


def _any(hall: FacilityInfo) -> Anything:
    given = request.values
    known = [str(room.id) for room in hall.rooms]
    room = given.get("room", "") if given.get("room", "") in known else (known or [""])[0]
    typed = given.get("on", "")
    on = as_day(typed) if typed else _first_day(hall, room)
    begins, ends = times_of(hall, int(room), on) if on and room else ([], [])
    taken = _taken(hall, room, on) if on and begins else []
    return Anything(
        [(str(one.id), one.name, str(one.id) == room) for one in hall.rooms],
        on.isoformat() if on else typed,
        _minutes(begins, given.get("from", ""), {first for first, _last in taken}),
        _minutes(ends, given.get("to", ""), {last for _first, last in taken}),
        _("この日は休館です。ほかの日をえらんでください。") if on and not begins else "",
    )


def _first_day(hall: FacilityInfo, room: str) -> date:
    """Return the first day on which the hall is open and a use can begin yet."""
    catalogue, today = context.catalogue(), context.today()
    first = hallwords.next_open_day(catalogue, hall, today)
    begins = times_of(hall, int(room), first)[0] if room else []
    if first > today or not begins or not is_past(first, begins[-1]):
        return first
    return hallwords.next_open_day(catalogue, hall, today + timedelta(days=1))


def _taken(hall: FacilityInfo, room: str, on: date) -> list[tuple[int, int]]:
    return taken_slots(hall, next(one for one in hall.rooms if str(one.id) == room), on)


def _minutes(edges: Sequence[int], chosen: str, taken: Collection[int]) -> list[Choice]:
    return [(str(one), _minute(one, is_taken=one in taken), str(one) == chosen) for one in edges]


def _minute(minute: int, *, is_taken: bool) -> str:
    time = formats.ja_minute(minute)
    return _("%(time)s（空いていません）", time=time) if is_taken else time
