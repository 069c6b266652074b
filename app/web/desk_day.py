"""A hall's day as its page shows it: who comes, what waits, what was handed over."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

from flask import Response, g

from app.counter.models import HandOverNote
from app.counter.notes import shown
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.facilities.rules import Day, day_of
from app.identity.permissions import Permission, may
from app.identity.staff.members import names_of
from app.kernel.spans import day_span
from app.reports import days
from app.reports.days import Coming
from app.reports.unpaid import unpaid
from app.web import context, desk_place, halls
from app.web.desk_doors import doors_waiting
from app.web.equipment_words import used_words
from app.web.rendering import page

MOST_UNPAID = 20


def show(
    hall: FacilityInfo, on: date, *, status: int = 200, problems: Sequence[str] = ()
) -> Response:
    """Show who comes to a hall on a day, what is not paid, and what is held right now."""
    desk_place.come_to(hall)
    session, is_today = db.session(), on == context.today()
    scope = halls.scope()
    coming = days.coming(session, hall.id, on, on, scope)
    return page(
        "desk/day.html",
        status=status,
        problems=problems,
        hall=hall,
        on=on,
        today=context.today(),
        is_today=is_today,
        sees_notes=sees_notes,
        writes_notes=writes_notes,
        near=near(on),
        day=calendar_day(hall, on),
        coming=coming,
        marks=marks(coming) if is_today else ["" for _one in coming],
        used={one.line_id: used for one in coming if (used := used_words(hall, one))},
        may_admit=[
            on <= context.today() and may(g.viewer, Permission.ADMIT, hall.id, one.room_id)
            for one in coming
        ],
        so_far=so_far(coming),
        notes=_notes(hall) if is_today else [],
        kept=days.kept(session, hall, day_span(on, g.municipality.zone)),
        held=days.held_now(session, hall.id, on, on, scope, now=context.now()),
        unpaid=unpaid(session, hall.id, scope, on=None if is_today else on, limit=MOST_UNPAID + 1),
        most_unpaid=MOST_UNPAID,
        doors=doors_waiting() if is_today else (0, 0),
        following=None if coming else days.next_use(session, hall.id, on, scope),
        room_names={room.id: room.name for room in hall.rooms},
        purposes=purposes(),
    )


def calendar_day(hall: FacilityInfo, on: date) -> Day:
    """Return a day by the hall's calendar: open, or closed and why."""
    return day_of(hall.calendar_on(on), on, context.catalogue().holidays_on(on))


def near(on: date) -> dict[str, date | None]:
    """Return the days that a day's page leads to; today is left out on its own page."""
    today = context.today()
    return {
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "today": None if on == today else today,
    }


def marks(coming: Sequence[Coming]) -> list[str]:
    """Return for each use of today whether it is over, going on, next or later.

    What was noted counts before the clock: who left early is gone, who is still in is in.
    """
    now = context.now()
    waiting = [one.starts_at for one in coming if one.starts_at > now and not one.marks.came_at]
    following = min(waiting, default=None)

    def mark(one: Coming) -> str:
        if one.marks.left_at or one.marks.no_show_at:
            return "done"
        if one.marks.came_at:
            return "now"
        if one.ends_at <= now:
            return "done"
        if one.starts_at <= now:
            return "now"
        return "next" if one.starts_at == following else ""

    return [mark(one) for one in coming]


def so_far(coming: Sequence[Coming]) -> dict[str, int]:
    """Return how many uses are expected, in, gone, or never came, and how many keys are out."""
    found: Counter[str] = Counter()
    for one in coming:
        if one.marks.no_show_at:
            found["no_show"] += 1
        elif one.marks.left_at:
            found["left"] += 1
        else:
            over = "unknown" if one.ends_at <= context.now() else "expected"
            found["came" if one.marks.came_at else over] += 1
        if one.marks.key_out_at and not one.marks.key_back_at:
            found["keys_out"] += 1
    return {
        key: found[key] for key in ("expected", "unknown", "came", "left", "no_show", "keys_out")
    }


def purposes() -> dict[str, str]:
    """Return the names of purposes by id."""
    return {one.id: one.name for one in context.policy().purposes}


def sees_notes(hall: FacilityInfo) -> bool:
    """Say whether the viewer works for all of a hall: its notes may speak of any room."""
    return may(g.viewer, Permission.DESK, hall.id)


def writes_notes(hall: FacilityInfo) -> bool:
    """Say whether the viewer may leave notes at a hall and see to them."""
    return may(g.viewer, Permission.HAND_OVER, hall.id)


def new_key() -> str:
    """Return a key for a form, by which it counts once however often it is sent."""
    return uuid4().hex


def _notes(hall: FacilityInfo) -> list[tuple[HandOverNote, str, str]]:
    """Return a hall's notes with the names of who wrote them and who saw to them."""
    if not sees_notes(hall):
        return []
    found = shown(db.session(), hall.id, now=context.now())
    names = names_of(db.session(), {who for one in found for who in (one.written_by, one.done_by)})
    return [(one, names.get(one.written_by, ""), names.get(one.done_by or 0, "")) for one in found]
