"""What pages about a booking say of its doors: that a number opens them, and when it is seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.booking.service.changed import LineChange, Shape
from app.db import db
from app.locks.queries import doors_of
from app.usecases.door_watch import SHOWN_BEFORE
from app.usecases.ways_in import knows_number, opens_by_number, way_in
from app.web import context
from app.web.booked import Booked
from app.web.words import _


@dataclass(frozen=True, slots=True)
class DoorHint:
    """How near the number of a booking is: to be seen now, later, or not wanted yet."""

    near: Literal["now", "later", "ahead"]
    seen_from: datetime | None = None  # None: not known yet

    @property
    def hours(self) -> int:
        """Return how many hours before the use a number is shown."""
        return int(SHOWN_BEFORE.total_seconds() // 3600)


def hint_of(found: Booked) -> DoorHint | None:
    """Return what to say of the doors of a booking; None when no number opens any of them."""
    if not found.coming:
        return None
    way = way_in(found.booking.id, now=context.now())
    if way.opens_at is None:
        return _without_number(found) if way.is_by_number else None
    seen_from = way.opens_at - SHOWN_BEFORE
    return DoorHint("now" if seen_from <= context.now() else "later", seen_from)


def is_by_number(found: Booked) -> bool:
    """Say whether a door to what is ahead opens by a number, whenever that can be seen."""
    lines = [one.line for one in found.coming]
    halls, rooms = {one.facility_id for one in lines}, {one.room_id for one in lines}
    return bool(lines) and opens_by_number(db.session(), halls, rooms)


def _without_number(found: Booked) -> DoorHint:
    """Return what to say where a number is still to be planned: shortly before, the page does."""
    if found.is_due_again:
        return DoorHint("ahead")
    is_near = found.coming[0].line.starts_at - SHOWN_BEFORE <= context.now()
    return DoorHint("now" if is_near and found.status == "confirmed" else "ahead")


def before_change(
    booking_id: int, made: Sequence[LineChange], *, more_yen: int, several: bool
) -> list[str]:
    """Return what to know of the doors before a booking is changed; nothing where none is known.

    `several` uses: where one leaves the time of another, that one's number may change, too.
    """
    moved = [one for one in made if _is_moved(one)]
    if not (moved or more_yen > 0) or way_in(booking_id, now=context.now()).opens_at is None:
        return []
    said = [_of_number(moved, is_sure=not several and more_yen <= 0)] if moved else []
    if more_yen > 0:
        said.append(_("増えた料金をはらうまで、この枠のドアの番号は使えません。"))
    return said


def _is_moved(one: LineChange) -> bool:
    return _place(one.before) != _place(one.after)


def _place(shape: Shape) -> tuple[object, ...]:
    return shape.room_id, shape.on, shape.starts_at, shape.ends_at


def _of_number(moved: Sequence[LineChange], *, is_sure: bool) -> str:
    """Return whether the same number opens after a move: through the same doors it does."""
    before, after = (
        [_doors_to(shape.room_id) for shape in shapes]
        for shapes in ([x.before for x in moved], [x.after for x in moved])
    )
    if before != after:
        return _("ドアの番号が変わります。")
    # A key box has a number of its own, which may be turned between two days.
    if is_sure and not any(is_alone for doors in after for _door, is_alone in doors):
        return _("ドアの番号は同じです。ドアがあく時間が変わります。")
    return _("ドアの番号や、ドアがあく時間も、変わることがあります。")


def _doors_to(room_id: int) -> set[tuple[int, bool]]:
    hall, _room = context.catalogue().known_room(room_id)
    doors = doors_of(db.session(), [hall.id])
    return {(one.id, one.is_alone) for one in doors if not one.rooms or room_id in one.rooms}


def after_change(
    booking_id: int, *, is_over: bool = False, is_moved: bool = True, is_rest: bool = False
) -> list[str]:
    """Return what becomes of a number that was seen.

    `is_over`: nothing of the booking stands. `is_moved`: its room, day or time is another.
    `is_rest`: some of it was cancelled.
    """
    if not knows_number(db.session(), booking_id):
        return []
    if is_over:
        return [_("前に見たドアの番号は、使わないでください。印刷した紙は、すててください。")]
    fate = way_in(booking_id, now=context.now()).fate
    if fate == "same" and is_rest:
        return [_("のこる枠のドアの番号は、同じです。")]
    if fate == "same":
        return [_("ドアの番号は同じです。ドアがあく時間が変わりました。")] if is_moved else []
    changes = _("ドアの番号が変わります。")
    may = _("ドアの番号や、ドアがあく時間は、変わることがあります。")
    return [
        changes if fate == "another" else may,
        _("前に見た番号は使わないで、「ドアの番号」をもう一度見てください。"),
    ]
