"""The book of a hall (使用簿) on paper: a day on A4, a week on A3 or A4, with room for a pen."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from app.booking.states import State
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.kernel.spans import Span, day_span, instant
from app.reports import days
from app.reports.days import Coming, Kept
from app.web import context, halls, staff_words, wall_sheet
from app.web.access import access
from app.web.desk_day import calendar_day, purposes
from app.web.equipment_words import used_words
from app.web.ledger_doors import keys_of_day
from app.web.rendering import page

bp = Blueprint("desk_ledger", __name__)
bp.context_processor(staff_words.in_templates)

FEWEST_ROWS = 2  # of each room, so that who comes unannounced is written down too
PAPERS = ("a3", "a4")


@dataclass(slots=True)
class RoomPage:
    """One room in the book of a day: its uses, what keeps it, and empty rows for a pen."""

    room: str
    uses: list[Coming] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    @property
    def empty(self) -> int:
        """Return how many rows stay empty."""
        return max(FEWEST_ROWS - len(self.uses) - len(self.kept), 1)

    @property
    def rows(self) -> int:
        """Return how many rows the room has in all."""
        return len(self.uses) + len(self.kept) + self.empty


@bp.get("/<slug:facility>/days/<day:on>/ledger")
@access(Permission.DESK)
def day(facility: str, on: date) -> ResponseReturnValue:
    """Show a hall's day as the book has it, on A4."""
    hall = halls.hall(facility)
    coming = days.coming(db.session(), hall.id, on, on, halls.scope())
    kept = days.kept(db.session(), hall, day_span(on, g.municipality.zone))
    return page(
        "desk/ledger_day.html",
        hall=hall,
        on=on,
        day=calendar_day(hall, on),
        rooms=book_of(hall, coming, kept),
        used={one.line_id: used for one in coming if (used := used_words(hall, one))},
        purposes=purposes(),
        unpaid={use.line_id for use in coming if _is_unpaid(use)},
        keys=keys_of_day(hall, coming),
        printed=context.now(),
    )


def _is_unpaid(use: Coming) -> bool:
    is_due_again = use.state == State.CONFIRMED and use.due_at is not None
    return bool(use.fee_yen) and (use.state == State.PROVISIONAL or is_due_again)


@bp.get("/<slug:facility>/weeks/<day:on>/ledger")
@access(Permission.DESK)
def week(facility: str, on: date) -> ResponseReturnValue:
    """Show a hall's week as the book has it, on A3 across or on A4."""
    hall = halls.hall(facility)
    first = on - timedelta(days=on.weekday())
    last = first + timedelta(days=6)
    session, zone, scope = db.session(), g.municipality.zone, halls.scope()
    span = Span(instant(first, 0, zone), instant(last + timedelta(days=1), 0, zone))
    paper = request.args.get("paper", "a3")
    return page(
        "desk/ledger_week.html",
        hall=hall,
        paper=paper if paper in PAPERS else "a3",
        days=[calendar_day(hall, first + timedelta(days=n)) for n in range(7)],
        rows=wall_sheet.rows(
            hall,
            first,
            coming=days.coming(session, hall.id, first, last, scope),
            held=[],
            kept=days.kept(session, hall, span),
        ),
        printed=context.now(),
    )


def book_of(hall: FacilityInfo, coming: list[Coming], kept: list[Kept]) -> list[RoomPage]:
    """Return the rooms of a hall in order, each with its day; unlisted ones while booked."""
    names = {room.id: room.name for room in hall.rooms}
    names |= {use.room_id: use.room for use in coming}
    found = {room_id: RoomPage(name) for room_id, name in names.items()}
    for use in coming:
        found[use.room_id].uses.append(use)
    for stretch in kept:
        for room_id in stretch.room_ids:
            if room_id in found:
                found[room_id].kept.append(stretch)
    return list(found.values())
