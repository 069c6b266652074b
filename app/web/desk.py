"""The desk of a hall (会館の受付): its day, its week, and the booking a caller speaks of."""

from datetime import date, timedelta

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.counter.notes import how_many_open
from app.db import db
from app.identity.permissions import Permission, may
from app.kernel.spans import Span, instant
from app.reports import days, finding
from app.reports.matching import FEWEST_DIGITS, is_too_short
from app.reports.reviews import how_many_wait
from app.web import context, desk_day, desk_place, halls, staff_words, wall_sheet
from app.web.access import access
from app.web.desk_doors import doors_waiting, halls_with_doors
from app.web.rendering import page
from app.web.staff_forms import as_day, printable
from app.web.words import _

bp = Blueprint("desk", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/")
@access(Permission.DESK)
def home() -> ResponseReturnValue:
    """Show the halls of the viewer, or go straight to the only one."""
    seen = halls.seen()
    if len(seen) == 1:
        return redirect(url_for(".day", facility=seen[0].slug, on=context.today()), code=303)
    desk_place.leave()
    counts = days.counts(db.session(), [one.id for one in seen], context.today(), halls.scope())
    whole = [one.id for one in seen if may(g.viewer, Permission.DESK, one.id)]
    waiting = how_many_open(db.session(), whole)
    may_permit = halls.scope(Permission.APPROVE)
    permits = how_many_wait(
        db.session(), scope=may_permit, now=context.now(), today=context.today()
    )
    return page(
        "desk/home.html", halls=seen, counts=counts, waiting=waiting, permits=permits,
        doors=doors_waiting(), with_doors=halls_with_doors(), on=context.today(),
    )  # fmt: skip


@bp.get("/<slug:facility>/days/<day:on>")
@access(Permission.DESK)
def day(facility: str, on: date) -> ResponseReturnValue:
    """Show who comes to a hall on a day, what is not paid, and what is held right now."""
    return desk_day.show(halls.hall(facility), on)


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
        days=[desk_day.calendar_day(hall, first + timedelta(days=n)) for n in range(7)],
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
