"""The form of a change of a booking, for residents and for the desk: one line at a time.

Everything is in the address until it is done, so that Back, reload and a shared link are safe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import request

from app.booking.models import Booking, BookingLine
from app.booking.plan import RoomDay, room_day
from app.booking.queries import changes_of
from app.booking.service.baskets import Wish, minute_of
from app.booking.service.changed import LineChange, Shape
from app.booking.service.changing import Asked
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.usecases import changing
from app.web import change_equipment, context, formats
from app.web.change_equipment import Equipment
from app.web.equipment_words import equipment_words
from app.web.sentences import sentences
from app.web.staff_forms import as_day
from app.web.words import _

MOST_PEOPLE = 100_000
Choice = tuple[str, str, bool]  # value, name, whether it is chosen


@dataclass(slots=True)
class ChangeForm:
    """What the page shows: the choices as they are typed, and what is wrong with them."""

    line: BookingLine
    rooms: Sequence[tuple[str, Sequence[Choice]]]  # by hall
    on: str
    begins: Sequence[Choice]
    ends: Sequence[Choice]
    people: str
    closed: str = ""  # why the room can't be had on this day at all
    problems: Sequence[str] = ()
    wish: Wish | None = None
    head_count: int | None = None
    seen: int = 0  # how often it had been changed when this was read
    equipment: Equipment = field(default_factory=Equipment)

    def asked(self) -> Asked:
        """Return the change that is asked for; only of a form without problems."""
        assert self.wish is not None
        used = {self.line.id: self.equipment.used} if self.equipment.used else {}
        return Asked({self.line.id: self.wish}, used, people=self.head_count)


@dataclass(frozen=True, slots=True)
class Side:
    """How a use is, or would be, in words."""

    day: str
    hours: str
    room: str
    people: str
    equipment: str
    yen: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A change that was tried: both sides, and what follows for the money."""

    before: Side
    after: Side
    more_yen: int
    back_yen: int
    is_same: bool


def read(booking: Booking, line: BookingLine, halls: Sequence[FacilityInfo]) -> ChangeForm:
    """Return the form as it stands in the address or was sent; at first as the booking is."""
    given = request.values
    catalogue = context.catalogue()
    known = {str(room.id): (hall, room) for hall in halls for room in hall.rooms}
    typed_room = given.get("room", str(line.room_id))
    hall, room = known.get(typed_room) or catalogue.known_room(line.room_id)
    typed_day = given.get("on", line.on_date.isoformat())
    on = as_day(typed_day)
    day = room_day(catalogue, hall, room, on) if on else None
    begins = given.get("from", str(minute_of(line.starts_at, line.on_date, catalogue)))
    ends = given.get("to", str(minute_of(line.ends_at, line.on_date, catalogue)))
    people = given.get("people", str(booking.people or ""))
    form = ChangeForm(
        line,
        [(one.name, _rooms(one, room)) for one in halls],
        typed_day,
        _minutes(day, begins, is_start=True),
        _minutes(day, ends, is_start=False),
        people,
        closed=_closed(day),
        seen=changes_of(db.session(), booking.id),
    )
    form.problems = _problems(form, room, on, begins, ends, people)
    form.equipment = change_equipment.read(booking, line, day, form.wish)
    form.problems = [*form.problems, *form.equipment.problems]
    return form


def look(booking: Booking, form: ChangeForm, *, actor_kind: str) -> Looked | None:
    """Try the change; what is wrong with it stands in the form."""
    try:
        made = changing.look_at(
            context.catalogue(), booking.id, form.asked(), actor=context.actor(actor_kind),
            now=context.now(),
        )  # fmt: skip
    except Refused as no:
        form.problems = sentences(no.refusals)
        return None
    return _looked(made, form.equipment.names)


def _rooms(hall: FacilityInfo, chosen: RoomInfo) -> list[Choice]:
    return [(str(one.id), one.name, one.id == chosen.id) for one in hall.rooms]


def _minutes(day: RoomDay | None, typed: str, *, is_start: bool) -> list[Choice]:
    slots = day.slots if day else ()
    edges = sorted({slot.from_minute if is_start else slot.to_minute for slot in slots})
    return [(str(one), formats.ja_minute(one), str(one) == typed) for one in edges]


def _closed(day: RoomDay | None) -> str:
    if day is None or day.slots:
        return ""
    return _("この日は休館です（%(name)s）。", name=day.day.closed_because)


def _problems(
    form: ChangeForm, room: RoomInfo, on: date | None, begins: str, ends: str, people: str
) -> list[str]:
    """Fill in what is asked for, or return what is wrong with it."""
    found = []
    if on is None:
        found.append(_("日にちを、2026年12月5日のように入力してください。"))
    elif form.closed:
        found.append(form.closed)
    elif not any(one[2] for one in form.begins) or not any(one[2] for one in form.ends):
        found.append(_("この部屋と日の時間を、下の一覧からえらんでください。"))
    plain = text_ja.plain_number(people).removesuffix("人")
    if plain.isascii() and plain.isdecimal() and 0 < int(plain[:9]) <= MOST_PEOPLE:
        form.head_count = int(plain)
    else:
        found.append(_("人数を、数字で入力してください。"))
    if not found and on is not None:
        form.wish = Wish(room.id, on, int(begins), int(ends))
    return found


def _looked(made: Sequence[LineChange], names: Mapping[str, str]) -> Looked | None:
    if not made:
        nothing = Side("", "", "", "", "", "")
        return Looked(nothing, nothing, 0, 0, is_same=True)
    one = made[0]
    return Looked(
        _side(one.before, one, names),
        _side(one.after, one, names),
        sum(x.more_yen for x in made),
        sum(x.back_yen for x in made),
        is_same=False,
    )


def _side(shape: Shape, one: LineChange, names: Mapping[str, str]) -> Side:
    facility, room = context.catalogue().known_room(shape.room_id)
    return Side(
        formats.ja_date(shape.on),
        formats.ja_span(shape.starts_at, shape.ends_at),
        f"{facility.name} {room.name}",
        _("%(n)s人", n=shape.people) if shape.people else "",
        _used(shape, one, names),
        formats.yen(shape.fee_yen) if shape.fee_yen is not None else _("未定"),
    )


def _used(shape: Shape, one: LineChange, names: Mapping[str, str]) -> str:
    """Return what is used beside the room; nothing when neither side uses anything."""
    sides = (one.before, one.after)
    is_counted = any((side.items or 1) > 1 for side in sides)
    if not is_counted and not any(side.extras for side in sides):
        return ""
    return equipment_words(names, shape.extras, (shape.items or 1) if is_counted else None)
