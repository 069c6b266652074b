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
from app.booking.service.application import said_in
from app.booking.service.basket_plan import Wish, minute_of
from app.booking.service.changed import LineChange, Shape
from app.booking.service.changing import Asked
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.usecases import changing
from app.web import change_equipment, change_words, context, formats
from app.web.change_equipment import Equipment
from app.web.change_words import Stood
from app.web.door_hint import before_change
from app.web.equipment_words import equipment_words
from app.web.people_form import field_of
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
    kinds: Sequence[tuple[str, str, str]] = ()  # field, name and number of each kind of people
    people_by: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[tuple[int, str]] = ()  # all that can be changed, in words
    facility_id: int = 0
    line_id: int = 0  # of `line`, also once that can't be read any more

    def asked(self) -> Asked:
        """Return the change that is asked for; only of a form without problems."""
        assert self.wish is not None
        used = {self.line.id: self.equipment.used} if self.equipment.used else {}
        return Asked(
            {self.line.id: self.wish}, used, people=self.head_count, people_by=self.people_by
        )

    @property
    def is_moved(self) -> bool:
        """Say whether another room, day or time is asked for than the line has now."""
        assert self.wish is not None
        line, catalogue = self.line, context.catalogue()
        first, last = (
            minute_of(x, line.on_date, catalogue) for x in (line.starts_at, line.ends_at)
        )
        return self.wish != Wish(line.room_id, line.on_date, first, last)


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
    """A change that was tried: both sides, and what follows for the money and else."""

    before: Side
    after: Side
    more_yen: int
    money: str
    notes: Sequence[str]
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
        [(one.name, _rooms(one, room, several=len(halls) > 1)) for one in halls],
        typed_day,
        _minutes(day, begins, is_start=True),
        _minutes(day, ends, is_start=False),
        people,
        closed=_closed(day),
        seen=changes_of(db.session(), booking.id),
        facility_id=line.facility_id,
        line_id=line.id,
    )
    problems = _problems(form, room, on, begins, ends)
    if typed_room not in known and "room" in given:
        form.wish, problems = None, [_("部屋を、一覧からえらびなおしてください。"), *problems]
    form.equipment = change_equipment.read(booking, line, day, form.wish)
    problems += _people_problems(form, booking, people)
    form.problems = [*problems, *form.equipment.problems]
    return form


def look(booking: Booking, form: ChangeForm, *, actor_kind: str) -> Looked | None:
    """Try the change; what is wrong with it stands in the form."""
    before = change_words.stood(booking, form.line)
    try:
        made = changing.look_at(
            context.catalogue(), booking.id, form.asked(), actor=context.actor(actor_kind),
            now=context.now(),
        )  # fmt: skip
    except Refused as no:
        form.problems = sentences(no.refusals)
        return None
    more_yen = sum(one.more_yen for one in made)
    return _looked(
        before,
        made,
        form,
        before_change(booking.id, made, more_yen=more_yen, several=len(form.lines) > 1),
    )


def lines_in_words(lines: Sequence[BookingLine]) -> list[tuple[int, str]]:
    """Return the uses of a booking that can be changed, each by its id and in words."""
    return [
        (
            one.id,
            f"{formats.ja_day(one.on_date)} {formats.ja_span(one.starts_at, one.ends_at)} {room}",
        )
        for one in lines
        for room in [context.catalogue().known_room(one.room_id)[1].name]
    ]


def _looked(
    stood: Stood, made: Sequence[LineChange], form: ChangeForm, doors: Sequence[str]
) -> Looked:
    if not made:
        nothing = Side("", "", "", "", "", "")
        return Looked(nothing, nothing, 0, "", (), is_same=True)
    names = form.equipment.names
    one = next((x for x in made if x.line_id == form.line_id), made[0])
    before, after = _side(one.before, one, names), _side(one.after, one, names)
    return Looked(
        before, after, sum(x.more_yen for x in made), change_words.money(stood, made),
        [
            *change_words.beside(one, made),
            *change_words.follows(stood, one, made, several=len(form.lines) > 1),
            *doors,
        ],
        is_same=False,
    )  # fmt: skip


def _rooms(hall: FacilityInfo, chosen: RoomInfo, *, several: bool) -> list[Choice]:
    where = f"（{hall.name}）" if several else ""  # a closed list shows no groups
    return [(str(one.id), one.name + where, one.id == chosen.id) for one in hall.rooms]


def _minutes(day: RoomDay | None, typed: str, *, is_start: bool) -> list[Choice]:
    slots = day.slots if day else ()
    edges = sorted({slot.from_minute if is_start else slot.to_minute for slot in slots})
    return [(str(one), formats.ja_minute(one), str(one) == typed) for one in edges]


def _closed(day: RoomDay | None) -> str:
    if day is None or day.slots:
        return ""
    return _("この日は休館です（%(name)s）。", name=day.day.closed_because)


def _problems(
    form: ChangeForm, room: RoomInfo, on: date | None, begins: str, ends: str
) -> list[str]:
    """Fill in what is asked for, or return what is wrong with it."""
    if on is None:
        return [_("日にちを、2026年12月5日のように入力してください。")]
    if form.closed:
        return [form.closed]
    if not any(one[2] for one in form.begins) or not any(one[2] for one in form.ends):
        return [_("この部屋と日の時間を、下の一覧からえらんでください。")]
    form.wish = Wish(room.id, on, int(begins), int(ends))
    return []


def _people_problems(form: ChangeForm, booking: Booking, typed: str) -> list[str]:
    """Fill in how many people come, by age where the fee tells them apart."""
    if form.equipment.kinds:
        return _by_kinds(form, booking)
    form.head_count = _number(typed)
    return [] if form.head_count else [_("人数を、数字で入力してください。")]


def _by_kinds(form: ChangeForm, booking: Booking) -> list[str]:
    said = said_in(booking).people_by
    typed = {
        kind: request.values.get(field_of(kind), str(said.get(kind, "") or ""))
        for kind, _name in form.equipment.kinds
    }
    form.kinds = [(field_of(kind), name, typed[kind]) for kind, name in form.equipment.kinds]
    counts = {kind: _number(text) if text.strip() else 0 for kind, text in typed.items()}
    known = {kind: count for kind, count in counts.items() if count is not None}
    total = sum(known.values())
    if len(known) < len(counts) or not 0 < total <= MOST_PEOPLE:
        return [_("人数を、区分ごとに数字で入力してください。")]
    form.head_count, form.people_by = total, known
    return []


def _number(typed: str) -> int | None:
    """Return a number of people as it was typed, with any width and counter; None for none."""
    plain = text_ja.plain_number(typed).removesuffix("人")
    is_number = plain.isascii() and plain.isdecimal() and 0 < int(plain[:9]) <= MOST_PEOPLE
    return int(plain) if is_number else None


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
