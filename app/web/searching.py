"""The search: what is free on one day in all halls, and if nothing is, what comes nearest."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from app.booking import looking
from app.booking.finding import Asked, free_days, has_free, rooms_for
from app.booking.looking import RoomOnDay
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.web import context, criteria, grids, pressed, rooms
from app.web.access import Access, access
from app.web.criteria import SearchForm
from app.web.public import home_page
from app.web.rendering import page

bp = Blueprint("searching", __name__)

LOOK_AHEAD = 60  # days in which the first free one is looked for
MOST_HALLS, MOST_ROOMS = 5, 3  # of a page, and of each hall on it


@dataclass(frozen=True, slots=True)
class HallOnDay:
    """A hall in the results: its first rooms that would do, and how many more there are."""

    hall: FacilityInfo
    blocks: list[rooms.Block]
    more: int


@bp.get("/search")
@access(Access.PUBLIC)
def results() -> ResponseReturnValue:
    """Show what is free on the day asked for, or on the first day on which anything is."""
    form = SearchForm(pressed.query())
    if not form.validate():
        return home_page(form, status=422)
    criteria.remember(form)
    on = form.on.data or _first_free(form.asked) or context.today()
    places = rooms_for(context.catalogue(), form.asked)
    day = looking.facility_day(db.session(), context.catalogue(), places, on, context.looker())
    free = [one for one in day if has_free(one, form.asked.part)]
    halls, following = _halls(form, free, on)
    blocks = [block for one in halls for block in one.blocks]
    trouble = g.get("trouble")
    return page(
        "looking/search.html",
        status=409 if trouble else 200,
        trouble=trouble,
        form=form,
        on=on,
        halls=halls,
        following=following,
        blocks=blocks,
        instead=None if blocks else _instead(form, day, on),
        legend=rooms.legend(rooms.used(blocks)),
        strip=grids.strip(
            on,
            context.today(),
            lambda of: url_for("searching.results", **form.query(on=of)),
            hall=next(
                (x for x in context.catalogue().facilities if x.slug == form.asked.facility), None
            ),
        ),
    )


def _halls(form: SearchForm, free: list[RoomOnDay], on: date) -> tuple[list[HallOnDay], str | None]:
    """Return a few halls with a few rooms each, and where the following ones are."""
    groups = [list(some) for _, some in groupby(free, key=lambda one: one.facility.id)]
    typed = pressed.query().get("skip", "")
    skip = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    back = url_for("searching.results", **form.query(on=on, skip=str(skip)))
    most = MOST_ROOMS if len(groups) > 1 else len(free)
    shown = [
        HallOnDay(
            some[0].facility,
            [rooms.block(one, back=back, part=form.asked.part) for one in some[:most]],
            len(some[most:]),
        )
        for some in groups[skip : skip + MOST_HALLS]
    ]
    rest = len(groups) > skip + MOST_HALLS
    after = form.query(on=on, skip=str(skip + MOST_HALLS))
    return shown, url_for("searching.results", **after) if rest else None


def _first_free(asked: Asked) -> date | None:
    return next(iter(_free_days(asked, context.today(), most=1)), None)


def _free_days(asked: Asked, first: date, *, most: int) -> list[date]:
    days = [first + timedelta(days=n) for n in range(LOOK_AHEAD)]
    places = rooms_for(context.catalogue(), asked)
    return free_days(
        db.session(), context.catalogue(), places, days, asked.part, context.looker(), most=most
    )


def _instead(form: SearchForm, day: list[RoomOnDay], on: date) -> dict[str, object]:
    """Return what comes nearest when nothing fits: a part of the day, a day, fewer wishes."""
    asked = form.asked
    closed = {one.facility.name: one.plan.day.closed_because for one in day}
    parts = [
        (part.name, url_for("searching.results", **form.query(on=on, part=part.id)))
        for part in context.policy().parts_of_day
        if asked.part and any(has_free(one, part.id) for one in day)
    ]
    days = [
        (one, url_for("searching.results", **form.query(on=one)))
        for one in _free_days(asked, on + timedelta(days=1), most=3)
    ]
    return {
        "because": rooms.none_because([rooms.block(one, back="") for one in day]),
        "closed": {name: why for name, why in closed.items() if why},
        "are_all_closed": bool(closed) and all(closed.values()),
        "parts": parts,
        "days": days,
        "halls": url_for("searching.results", **form.query(on=on, facility=None))
        if asked.facility
        else None,
        "looser": url_for("searching.results", **form.query(on=on, people=None, purpose=None))
        if not day and (asked.people or asked.purpose)
        else None,
        "largest": max(
            (room.capacity or 0 for hall in context.catalogue().facilities for room in hall.rooms),
            default=0,
        ),
    }
