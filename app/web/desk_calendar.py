"""The calendar of the desk: every room of one hall or of all, by day, week and month."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.identity.permissions import Permission
from app.kernel.spans import Span, instant
from app.reports.calendar import floor
from app.web import (
    calendar_asked,
    calendar_move,
    calendar_rows,
    context,
    desk_day,
    halls,
    pagecache,
    staff_words,
)
from app.web.access import access
from app.web.calendar_asked import Asked
from app.web.calendar_lines import Ways, axis
from app.web.calendar_move import Moving
from app.web.calendar_rows import Sight
from app.web.rendering import page
from app.web.staff_forms import as_day, printable

bp = Blueprint("desk_calendar", __name__)
bp.context_processor(staff_words.in_templates)
BELIEVED = timedelta(minutes=1)  # how long what has just begun may still look free


@bp.get("/calendar")
@access(Permission.DESK)
def go() -> ResponseReturnValue:
    """Go to the day that was typed, or to this week."""
    typed = printable(request.args.get("on", ""))
    on = as_day(typed) if typed else context.today()
    view = request.args.get("view", "week")
    if on is None or not calendar_asked.is_near(on) or view not in calendar_asked.VIEWS:
        asked = calendar_asked.read("week", context.today())
        return page("desk/calendar_day.html", status=422, asked=asked, typed=typed)
    return redirect(calendar_asked.read(view, on).address(), code=303)


@bp.get("/calendar/<any(day, week, month):view>/<day:on>")
@access(Permission.DESK)
def show(view: str, on: date) -> ResponseReturnValue:
    """Show who uses which room when, what is free, and where a press leads."""
    if not calendar_asked.is_near(on):
        abort(404)
    asked = calendar_asked.read(view, on)
    return pagecache.kept_for_staff(tuple(one.id for one in asked.halls), lambda: _page(asked))


@bp.get("/calendar/drop")
@access(Permission.CHANGE_FOR_OTHERS)
def drop() -> ResponseReturnValue:
    """Go to the change that a use is dropped on: nothing is changed before it is confirmed."""
    target = calendar_move.target(request.args)
    return redirect(target, code=303) if target else abort(404)


def _page(asked: Asked) -> Response:
    now, days = context.now(), asked.days
    former = {hall.id: [] if asked.room_ids else _former(hall) for hall in asked.halls}
    sight = _sight(asked, former)
    moving = calendar_move.moving(asked.moving) if asked.moving else None
    listed = [(one, calendar_rows.rows(one, former[one.id], days, sight)) for one in asked.halls]
    ends = [x.expires_at for some in sight.floor.values() for x in some if x.expires_at]
    pagecache.good_until(now + BELIEVED, *ends)
    rows = [row for _hall, some in listed for row in some]
    return page(
        "desk/calendar.html",
        asked=asked,
        modes=calendar_asked.offered_modes(),
        states=calendar_asked.STATES,
        listed=[(hall, some, _ways(hall, asked, moving)) for hall, some in listed],
        hours=axis(rows) if asked.view == "day" else None,
        heads=[desk_day.calendar_day(asked.halls[0], on) for on in days] if asked.halls else [],
        around=asked.around(),
        today=context.today(),
        moving=moving,
    )


def _sight(asked: Asked, former: Mapping[int, Sequence[RoomInfo]]) -> Sight:
    """Return the floor of the rooms that are asked for, as the viewer may see it."""
    now, catalogue, zone = context.now(), context.catalogue(), g.municipality.zone
    first, following = asked.days[0], asked.days[-1] + timedelta(days=1)
    rooms = [room for hall in asked.halls for room in (*hall.rooms, *former[hall.id])]
    spaces = {space for room in rooms for space in room.space_ids}
    span = Span(instant(first, 0, zone), instant(following, 0, zone))
    taken = floor(db.session(), spaces, span, halls.scope(), now=now)
    return Sight(catalogue, taken, now, asked.state)


def _former(hall: FacilityInfo) -> list[RoomInfo]:
    """Return the rooms of a hall that are no longer offered, which may be booked still."""
    former = next((one for one in context.catalogue().former if one.id == hall.id), None)
    scope = halls.scope()
    return [x for x in former.rooms if scope.covers(hall.id, x.id)] if former else []


def _ways(hall: FacilityInfo, asked: Asked, moving: Moving | None) -> Ways:
    """Return where presses lead from a hall's rows, by what pressing is to do."""
    here = hall.slug
    free, target = "", ""
    if moving is not None:
        free, target = "move", f"{url_for('desk_calendar.drop', line=moving.line_id)}&"
    elif asked.mode == "close" and _is_among(hall, Permission.CLOSE_ROOMS):
        free, target = "close", f"{url_for('desk_closures.ask', facility=here)}?"
    elif asked.mode == "book" and _is_among(hall, Permission.BOOK_FOR_OTHERS):
        free, target = "book", f"{url_for('desk_phone.find', facility=here)}?"
    may_move = _is_among(hall, Permission.CHANGE_FOR_OTHERS)
    choose = asked.address(moving=0) if asked.mode == "move" and may_move else ""
    return Ways(
        booking=url_for("desk.find").rstrip("/") + "/",
        choose=f"{choose}{'&' if '?' in choose else '?'}move=" if choose else "",
        closure=url_for("desk_closures.every", facility=here) + "/",
        free=free,
        target=target,
        marked=moving.line_id if moving is not None else 0,
        may_drag=may_move,
    )


def _is_among(hall: FacilityInfo, permission: Permission) -> bool:
    return any(one.id == hall.id for one in halls.seen(permission))
