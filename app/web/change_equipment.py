"""The part of a change that says what is used beside the room: pieces, heating, tables, courts.

What can be had follows the room that is chosen, by the tariff of the day the booking was asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from wtforms import Field, Form

from app.booking.models import Booking, BookingLine
from app.booking.plan import RoomDay, room_day
from app.booking.service.basket_plan import Wish
from app.booking.service.equipment import Used
from app.fees.policy import Tariff
from app.fees.rules import needs
from app.kernel.spans import instant
from app.web import context
from app.web.equipment_form import Group, equipment_form, equipment_shown, groups, used_in
from app.web.offer import Offered
from app.web.people_form import Kinds

SAID = "equipped"  # that the fields were on the page: an unticked box sends nothing


@dataclass(frozen=True, slots=True)
class Equipment:
    """The fields for one line; `names` are of all pieces by id, old and new."""

    group: Group | None = None  # None: nothing can be used beside the room
    used: Used | None = None  # None: as it is, or not readable
    names: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    kinds: Kinds = ()  # by which people are counted where the tariff tells them apart

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Return what the fields hold, as fields that are not shown."""
        fields = [*self.group.extras, self.group.items] if self.group else []
        return [(one.name, value) for one in fields if one is not None and (value := _value(one))]


def read(booking: Booking, line: BookingLine, day: RoomDay | None, wish: Wish | None) -> Equipment:
    """Return the fields of a line as they were sent; at first as the booking is."""
    if day is None or booking.submitted_at is None:
        return Equipment()
    tariff = _tariff(booking, day)
    offered = _offered(booking, line, day, wish, tariff)
    names = {**_names_of(booking, line), **{one.id: one.name for one in tariff.extras}}
    kinds = offered.needs.people
    if not offered.needs.extras and not offered.needs.items:
        return Equipment(used=_unlike(line, Used(), offered), names=names, kinds=kinds)
    form = _form(line, offered)
    (group,) = groups(form, [offered])
    if not form.validate():
        said = [f"{one.label.text}：{one.errors[0]}" for one in form if one.errors]
        return Equipment(group, None, names, said, kinds)
    used = _unlike(line, used_in(form, [offered])[line.id], offered)
    return Equipment(group, used, names, kinds=kinds)


def _form(line: BookingLine, offered: Offered) -> Form:
    of = equipment_form([offered])
    if SAID in request.values:
        return of(request.values)
    was = [Offered(line, offered.facility, offered.room, None, None, (), needs=offered.needs)]
    return of(data=equipment_shown(was))


def _offered(
    booking: Booking, line: BookingLine, day: RoomDay, wish: Wish | None, tariff: Tariff
) -> Offered:
    """Return the line as it would be, in the room and time that are chosen."""
    zone = context.catalogue().zone
    times = (line.starts_at, line.ends_at)
    if wish and wish.from_minute < wish.to_minute:
        ends = (wish.from_minute, wish.to_minute)
        times = (instant(wish.on, ends[0], zone), instant(wish.on, ends[1], zone))
    sketch = BookingLine(
        id=line.id, facility_id=day.place.facility.id, room_id=day.room.id, on_date=day.on,
        starts_at=times[0], ends_at=times[1],
    )  # fmt: skip
    asked = needs(tariff, day.room.slug, booking.applicant_class or "")
    return Offered(sketch, day.place.facility, day.room, None, None, (), needs=asked)


def _tariff(booking: Booking, day: RoomDay) -> Tariff:
    assert booking.submitted_at is not None
    requested_on = booking.submitted_at.astimezone(context.catalogue().zone).date()
    return day.tariff(requested_on).document


def _names_of(booking: Booking, line: BookingLine) -> dict[str, str]:
    """Return the names of what the line may use now."""
    catalogue = context.catalogue()
    old = room_day(catalogue, *catalogue.known_room(line.room_id), line.on_date)
    return {one.id: one.name for one in _tariff(booking, old).extras}


def _unlike(line: BookingLine, used: Used, offered: Offered) -> Used | None:
    """Return what is asked for when it is not what the line has.

    What the line has and the form does not ask (priced by nobody) stays as long as the room does.
    """
    known = {one.id for one in offered.needs.extras}
    has = dict(line.extras or {})
    is_same_room = offered.line.room_id == line.room_id
    kept = {name: many for name, many in has.items() if is_same_room and name not in known}
    counts = {**kept, **{name: many for name, many in used.extras.items() if many}}
    items = used.items if offered.needs.items or not is_same_room else line.items or 1
    is_same = counts == has and items == (line.items or 1)
    return None if is_same else Used(counts, items)


def _value(one: Field) -> str:
    return ("y" if one.data else "") if one.type == "BooleanField" else str(one.data or "")
