"""What pages about a booking say of its doors: that a number opens them, and when it is seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.db import db
from app.usecases.door_watch import SHOWN_BEFORE
from app.usecases.ways_in import knows_number, way_in
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


def _without_number(found: Booked) -> DoorHint:
    """Return what to say where a number is still to be planned: shortly before, the page does."""
    if found.is_due_again:
        return DoorHint("ahead")
    is_near = found.coming[0].line.starts_at - SHOWN_BEFORE <= context.now()
    return DoorHint("now" if is_near and found.status == "confirmed" else "ahead")


def before_change(booking_id: int, *, more_yen: int) -> list[str]:
    """Return what to know of the doors before a booking is changed; nothing where none is known."""
    if way_in(booking_id, now=context.now()).opens_at is None:
        return []
    said = [_("ドアの番号や、ドアがあく時間も、変わることがあります。")]
    if more_yen > 0:
        said.append(_("増えた料金をはらうまで、この枠のドアの番号は使えません。"))
    return said


def after_change(booking_id: int, *, is_over: bool = False) -> list[str]:
    """Return what becomes of a number that was seen; `is_over`: nothing of the booking stands."""
    if not knows_number(db.session(), booking_id):
        return []
    if is_over:
        return [_("前に見たドアの番号は、使わないでください。印刷した紙は、すててください。")]
    return [
        _("ドアの番号や、ドアがあく時間は、変わることがあります。"),
        _("前に見た番号は使わないで、「ドアの番号」をもう一度見てください。"),
    ]
