"""The desk of a hall (会館の受付): its day, its week, and the booking a caller speaks of."""

from datetime import date, timedelta

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.facilities.rules import Day, day_of
from app.identity.permissions import Permission
from app.kernel.spans import Span, day_span, instant
from app.reports import days, finding
from app.reports.matching import FEWEST_DIGITS, is_too_short
from app.reports.unpaid import unpaid
from app.web import context, halls, staff_words, wall_sheet
from app.web.access import access
from app.web.rendering import page
from app.web.staff_forms import as_day, printable
from app.web.words import _

bp = Blueprint("desk", __name__)
bp.context_processor(staff_words.in_templates)

MOST_UNPAID = 20


@bp.get("/")
@access(Permission.DESK)
def home() -> ResponseReturnValue:
    """Show the halls of the viewer, or go straight to the only one."""
    seen = halls.seen()
    if len(seen) == 1:
        return redirect(url_for(".day", facility=seen[0].slug, on=context.today()), code=303)
    counts = days.counts(db.session(), [one.id for one in seen], context.today(), halls.scope())
    return page("desk/home.html", halls=seen, counts=counts, on=context.today())


@bp.get("/<slug:facility>/days/<day:on>")
@access(Permission.DESK)
def day(facility: str, on: date) -> ResponseReturnValue:
    """Show who comes to a hall on a day, what is not paid, and what is held right now."""
    hall = halls.hall(facility)
    session, is_today = db.session(), on == context.today()
    scope = halls.scope()
    coming = days.coming(session, hall.id, on, on, scope)
    return page(
        "desk/day.html",
        hall=hall,
        on=on,
        is_today=is_today,
        near=near(on),
        day=_day(hall, on),
        coming=coming,
        marks=marks(coming) if is_today else ["" for _one in coming],
        kept=days.kept(session, hall, day_span(on, g.municipality.zone)),
        held=days.held_now(session, hall.id, on, on, scope, now=context.now()),
        unpaid=unpaid(session, hall.id, scope, on=None if is_today else on, limit=MOST_UNPAID + 1),
        most_unpaid=MOST_UNPAID,
        following=None if coming else days.next_use(session, hall.id, on, scope),
        room_names={room.id: room.name for room in hall.rooms},
        purposes=purposes(),
    )


@bp.get("/<slug:facility>/days")
@access(Permission.DESK)
def pick_day(facility: str) -> ResponseReturnValue:
    """Go to the day that was typed; what is no day is said so."""
    hall = halls.hall(facility)
    typed = printable(request.args.get("on", ""))
    on = as_day(typed)
    if on is None:
        return page("desk/pick_day.html", status=422, hall=hall, typed=typed, on=context.today())
    return redirect(url_for(".day", facility=hall.slug, on=on), code=303)


@bp.get("/<slug:facility>/weeks/<day:on>")
@access(Permission.DESK)
def week(facility: str, on: date) -> ResponseReturnValue:
    """Show the week of a day, Monday first, room by room, as it hangs on the wall."""
    hall = halls.hall(facility)
    first = on - timedelta(days=on.weekday())
    last = first + timedelta(days=6)
    session, zone = db.session(), g.municipality.zone
    span = Span(instant(first, 0, zone), instant(last + timedelta(days=1), 0, zone))
    return page(
        "desk/week.html",
        hall=hall,
        days=[_day(hall, first + timedelta(days=n)) for n in range(7)],
        rows=wall_sheet.rows(
            hall,
            first,
            coming=days.coming(session, hall.id, first, last, halls.scope()),
            held=days.held_now(session, hall.id, first, last, halls.scope(), now=context.now()),
            kept=days.kept(session, hall, span),
        ),
        before=first - timedelta(days=7),
        after=first + timedelta(days=7),
        today=context.today(),
    )


@bp.get("/bookings")
@access(Permission.DESK)
def find() -> ResponseReturnValue:
    """Find a booking by number, telephone or name; the only one that fits opens at once."""
    words = printable(request.args.get("q", ""))[:100]
    if not words or is_too_short(words):
        problem = (
            _("番号や電話番号は、%(n)sけた以上を入れてください。", n=FEWEST_DIGITS) if words else ""
        )
        return page(
            "desk/find.html",
            status=422 if words else 200,
            words=words,
            found=[],
            problem=problem,
            most=0,
        )
    found = finding.find(db.session(), words, scope=halls.scope(), now=context.now())
    if len(found) == 1:
        return redirect(url_for("desk_booking.show", number=found[0].number), code=303)
    most = finding.MOST_FOUND
    return page("desk/find.html", words=words, found=found, problem="", most=most)


def near(on: date) -> dict[str, date | None]:
    """Return the days that a day's page leads to; today is left out on its own page."""
    today = context.today()
    return {
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "today": None if on == today else today,
    }


def marks(coming: list[days.Coming]) -> list[str]:
    """Return for each use of today whether it is over, going on, next or later."""
    now = context.now()
    following = min((one.starts_at for one in coming if one.starts_at > now), default=None)
    return [
        "done"
        if one.ends_at <= now
        else "now"
        if one.starts_at <= now
        else "next"
        if one.starts_at == following
        else ""
        for one in coming
    ]


def purposes() -> dict[str, str]:
    """Return the names of purposes by id."""
    return {one.id: one.name for one in context.policy().purposes}


def _day(hall: FacilityInfo, on: date) -> Day:
    return day_of(hall.calendar_on(on), on, context.catalogue().holidays_on(on))
