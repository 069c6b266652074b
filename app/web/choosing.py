"""Choosing together: several days, several rooms or the whole building, in one press."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.booking import looking
from app.booking.finding import whole_building
from app.booking.service.basket_plan import Wish
from app.facilities.catalogue import FacilityInfo
from app.kernel.refusals import Refusal
from app.web import context, formats, grids, hallwords, holding
from app.web.access import Access, access
from app.web.choosing_form import ChooseForm
from app.web.pressed import find_hall
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import as_day
from app.web.words import _

bp = Blueprint("choosing", __name__)

MOST_DAYS = 60
MOST_SAID = 12  # lines of what could not be had; more would hide the form


@dataclass(frozen=True, slots=True)
class TickDay:
    """A day of the calendar to tick."""

    date: date
    why: str | None  # the hall is closed
    is_over: bool
    holiday: str | None

    @property
    def may_be_ticked(self) -> bool:
        """Say whether it can be asked for."""
        return self.why is None and not self.is_over


@bp.get("/facilities/<slug:facility>/choose")
@access(Access.PUBLIC)
def form(facility: str) -> ResponseReturnValue:
    """Ask for days, rooms and a time; another month keeps what was chosen."""
    hall = find_hall(facility)
    return _page(hall, _form(hall, request.args) if "go" in request.args else None)


@bp.post("/facilities/<slug:facility>/choose")
@access(Access.PUBLIC)
def choose(facility: str) -> ResponseReturnValue:
    """Hold what can be had of it at once; the basket's page tells what could not."""
    hall = find_hall(facility)
    told = _form(hall, request.form)
    if not told.validate():
        return _page(hall, told, status=422)
    wishes = told.wishes(whole_building(hall.rooms))
    found = holding.hold(wishes, all_or_nothing=told.all_or_nothing.data)
    refused = {wish: found[wish] for wish in wishes if wish in found}
    if len(refused) == len(wishes):
        return _page(hall, told, status=409, refused=_lines(hall, refused))
    holding.remember_missed(list(refused))
    return redirect(url_for("booking.basket"), code=303)


def _page(
    hall: FacilityInfo,
    told: ChooseForm | None,
    *,
    status: int = 200,
    refused: Sequence[str] = (),
) -> ResponseReturnValue:
    of, today = _first_month(), context.today()
    chosen = told or _form(hall, None)
    earlier, later = grids.months_around(of, today)
    months = [of, grids.months_around(of, of)[1] or of]
    return page(
        "looking/choose.html",
        status=status,
        hall=hall,
        form=chosen,
        elsewhere=_elsewhere(hall, chosen.days.data or (), months),
        refused=refused,
        of=of,
        months=[(one, _weeks_ahead(hall, one)) for one in months],
        heads=grids.monday_first(of),
        earlier=earlier,
        later=later,
        page_help=hallwords.help_of(hall, today),
    )


def _weeks_ahead(hall: FacilityInfo, month: date) -> list[list[TickDay | None]]:
    """Return the weeks of a month that have something to tick."""
    weeks = grids.by_weeks([_tick(hall, on) for on in grids.month_days(month)])
    return [some for some in weeks if any(one and not one.is_over for one in some)]


def _form(hall: FacilityInfo, typed: MultiDict[str, str] | None) -> ChooseForm:
    of = _first_month()
    after = grids.months_around(of, of)[1]
    days = grids.month_days(of) + (grids.month_days(after) if after else [])
    days += _ticked(hall, typed.getlist("days") if typed else ())
    known = sorted({on for on in days if _tick(hall, on).may_be_ticked})
    return ChooseForm(hall, known, typed)


def _ticked(hall: FacilityInfo, typed: Iterable[str]) -> list[date]:
    """Return the days that were ticked and may be, of whatever month."""
    found = {on for one in typed if (on := as_day(one))}
    last = context.today() + grids.AHEAD
    return sorted(on for on in found if on <= last and _tick(hall, on).may_be_ticked)[:MOST_DAYS]


def _elsewhere(hall: FacilityInfo, typed: Iterable[str], months: Sequence[date]) -> list[date]:
    """Return the ticked days of months that are not shown."""
    shown = {(one.year, one.month) for one in months}
    return [on for on in _ticked(hall, typed) if (on.year, on.month) not in shown]


def _first_month() -> date:
    """Return the first month of the calendar: the one asked for, or this one."""
    this = context.today().replace(day=1)
    try:
        named = request.values.get("go") or request.values.get("from", "")
        asked = date.fromisoformat(f"{named}-01")
    except ValueError:
        return this
    return asked if this <= asked <= this + grids.AHEAD else this


def _tick(hall: FacilityInfo, on: date) -> TickDay:
    day = looking.hall_day(context.catalogue(), hall, on)
    why = None if day.is_open else _("休館")
    return TickDay(on, why, on < context.today(), grids.holiday(on))


def _lines(hall: FacilityInfo, refused: Mapping[Wish, Sequence[Refusal]]) -> list[str]:
    """Return what could not be had, line by line; the same reason for all is said once."""
    if len({tuple(refusals) for refusals in map(sentences, refused.values())}) == 1:
        return sentences(next(iter(refused.values())))
    names = {room.id: room.name for room in hall.rooms}
    lines = [
        _(
            "%(day)s %(span)s %(room)s：%(why)s",
            day=formats.ja_day(wish.on),
            span=formats.ja_minutes_span(wish.from_minute, wish.to_minute),
            room=names[wish.room_id],
            why=" ".join(sentences(refusals)),
        )
        for wish, refusals in refused.items()
    ]
    return lines[:MOST_SAID]
