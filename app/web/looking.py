"""Looking without an account: a hall's day, week and month, a room's day, what is near."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from flask import Blueprint, abort, g, url_for
from flask.typing import ResponseReturnValue

from app.booking import looking
from app.booking.looking import RoomOnDay
from app.booking.near import nearest
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.web import context, grids, hallwords, pressed, rooms
from app.web.access import Access, access
from app.web.pagecache import good_until, kept
from app.web.pressed import find, find_hall
from app.web.rendering import page
from app.web.week_table import week_rows

bp = Blueprint("looking", __name__)


@bp.get("/facilities/<slug:facility>/days/<day:on>")
@access(Access.PUBLIC)
@kept
def day(facility: str, on: date) -> ResponseReturnValue:
    """Show one day of a hall: each room with what is free."""
    hall = find_hall(facility)

    def address(of: date) -> str:
        return url_for("looking.day", facility=facility, on=of)

    return _day_page("looking/day.html", hall, hall.rooms, on, address)


@bp.get("/facilities/<slug:facility>/rooms/<slug:room>/days/<day:on>")
@access(Access.PUBLIC)
@kept
def room_day(facility: str, room: str, on: date) -> ResponseReturnValue:
    """Show one day of one room."""
    hall, which = find(facility, room)

    def address(of: date) -> str:
        return url_for("looking.room_day", facility=facility, room=room, on=of)

    return _day_page("looking/room_day.html", hall, [which], on, address)


@bp.get("/facilities/<slug:facility>/weeks/<day:on>")
@access(Access.PUBLIC)
@kept
def week(facility: str, on: date) -> ResponseReturnValue:
    """Show seven days of all rooms of a hall."""
    hall, today = find_hall(facility), context.today()
    found = looking.week(db.session(), context.catalogue(), hall, on, context.looker())
    good_until(found.valid_until)
    earlier = max(on - timedelta(days=7), today)
    later = on + timedelta(days=7)
    rows = week_rows(found)
    return page(
        "looking/week.html",
        fragment="week",
        hall=hall,
        on=on,
        days=grids.heads([one.on for one in found.days]),
        parts=[part.name for part in context.catalogue().policy_on(on).parts_of_day],
        rows=rows,
        legend=rooms.legend(cell[0] for row in rows for some in row.cells for cell in some),
        earlier=earlier if earlier < on else None,
        later=later if later <= today + grids.AHEAD else None,
        page_help=hallwords.help_of(hall, today),
    )


@bp.get("/facilities/<slug:facility>/months/<month:of>")
@access(Access.PUBLIC)
@kept
def month(facility: str, of: date) -> ResponseReturnValue:
    """Show a month of a hall: on which days something is free."""
    hall, today = find_hall(facility), context.today()
    found = looking.month(
        db.session(), context.catalogue(), hall, grids.month_days(of), context.looker()
    )
    good_until(*(one.valid_until for one in found))
    weeks = grids.month_weeks(hall, found)
    earlier, later = grids.months_around(of, today)
    return page(
        "looking/month.html",
        hall=hall,
        of=of,
        weeks=weeks,
        heads=grids.monday_first(of),
        legend=rooms.legend(one.state for some in weeks for one in some if one),
        earlier=earlier,
        later=later,
        today=today,
        page_help=hallwords.help_of(hall, today),
    )


@bp.get("/facilities/<slug:facility>/rooms/<slug:room>/days/<day:on>/near")
@access(Access.PUBLIC)
def near(facility: str, room: str, on: date) -> ResponseReturnValue:
    """Show what is free near a use that can't be had."""
    hall, which = find(facility, room)
    at = pressed.AT.fullmatch(pressed.query().get("at", ""))
    if at is None:
        abort(404)
    wanted = pressed.wanted(hall, which, on, int(at[1]), int(at[2]))
    found = nearest(db.session(), context.catalogue(), wanted, context.looker())
    trouble = g.get("trouble")
    return page(
        "looking/near.html",
        status=409 if trouble else 200,
        trouble=trouble,
        wanted=wanted,
        near=pressed.in_words(found, wanted, url_for("booking.basket")),
        page_help=hallwords.help_of(hall, context.today()),
    )


def _day_page(
    template: str,
    hall: FacilityInfo,
    shown: Sequence[RoomInfo],
    on: date,
    address: Callable[[date], str],
) -> ResponseReturnValue:
    places = [(hall, room) for room in shown]
    found = looking.facility_day(db.session(), context.catalogue(), places, on, context.looker())
    blocks = [rooms.block(one, back=address(on)) for one in found]
    trouble = g.get("trouble")
    good_until(*(one.valid_until for one in found))
    return page(
        template,
        status=409 if trouble else 200,
        trouble=trouble,
        hall=hall,
        on=on,
        today=context.today(),
        blocks=blocks,
        legend=rooms.legend(rooms.used(blocks)),
        closed_because=_closed_because(found),
        none_because=rooms.none_because(blocks),
        opens_next=hallwords.next_open_day(context.catalogue(), hall, on + timedelta(days=1)),
        strip=grids.strip(on, context.today(), address, hall=hall),
        page_help=hallwords.help_of(hall, context.today()),
    )


def _closed_because(found: Sequence[RoomOnDay]) -> str | None:
    return found[0].plan.day.closed_because if found else None
