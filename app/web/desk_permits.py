"""The permits of a hall's day in one file, or in several where they are many."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.queries import lines_of
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.issued.models import Paper
from app.kernel.refusals import Refused
from app.papers.documents import Permit
from app.reports import days
from app.reports.bookings import booking_view
from app.web import context, halls, staff_words
from app.web.access import access
from app.web.booked import Booked, booked
from app.web.paper_files import answer, issue, sheet_of, standing
from app.web.permitting import is_permitted
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import signed_number
from app.web.words import _

bp = Blueprint("desk_permits", __name__)
bp.context_processor(staff_words.in_templates)

MOST = 100  # of a day in one file


@bp.post("/<slug:facility>/days/<day:on>/permits")
@access(Permission.DESK)
def make(facility: str, on: date) -> ResponseReturnValue:
    """Issue the permits of everybody who uses a hall on a day, and lead to one file of them.

    Where they are too many for one file, lead to the page of all files first.
    """
    hall = halls.hall(facility)
    found, begins = permitted(hall, on), _begins()
    if begins is None and len(found) > MOST:
        return redirect(url_for(".parts", facility=hall.slug, on=on), code=303)
    begins = begins or 0
    for one in found[begins : begins + MOST]:
        try:
            issue(Permit.kind, one.booking, actor=context.actor("staff"))
        except Refused as no:
            for text in sentences(no.refusals):
                flash(text)
    return redirect(url_for(".show", facility=hall.slug, on=on, begins=begins), code=303)


@bp.get("/<slug:facility>/days/<day:on>/permits")
@access(Permission.DESK)
def show(facility: str, on: date) -> ResponseReturnValue:
    """Send the permits that stand for the uses of a hall on a day, in the order of the clock."""
    hall = halls.hall(facility)
    found, begins = permitted(hall, on), _begins()
    if begins is None and len(found) > MOST:
        return redirect(url_for(".parts", facility=hall.slug, on=on), code=303)
    begins = begins or 0
    papers: list[Paper] = []
    for one in found[begins : begins + MOST]:
        papers += standing(Permit.kind, one.booking)
    if not papers:
        flash(_("この日に出せる使用許可書はありません。"))
        return redirect(url_for("desk.day", facility=hall.slug, on=on), code=303)
    part = f"-{begins // MOST + 1}" if len(found) > MOST else ""
    return answer([sheet_of(one) for one in papers], of=f"{hall.slug}-{on}{part}")


@bp.get("/<slug:facility>/days/<day:on>/permits/parts")
@access(Permission.DESK)
def parts(facility: str, on: date) -> ResponseReturnValue:
    """Show into how many files the permits of a day go, to be fetched one after the other."""
    hall = halls.hall(facility)
    count = len(permitted(hall, on))
    if not count:
        flash(_("この日に出せる使用許可書はありません。"))
        return redirect(url_for("desk.day", facility=hall.slug, on=on), code=303)
    found = [(at, min(at + MOST, count)) for at in range(0, count, MOST)]
    return page("desk/permits.html", hall=hall, on=on, count=count, most=MOST, parts=found)


def permitted(hall: FacilityInfo, on: date) -> Sequence[Booked]:
    """Return the bookings of a hall's day whose permits can be handed out by the viewer."""
    coming = days.coming(db.session(), hall.id, on, on, halls.scope())
    numbers = list(dict.fromkeys(one.number for one in coming))
    found = [one for number in numbers if (one := whole(number)) is not None]
    return [one for one in found if is_permitted(one)]


def whole(number: str) -> Booked | None:
    """Return a booking of which every line is the viewer's business: papers speak of all."""
    view = booking_view(db.session(), number, scope=halls.scope(), now=context.now())
    if view is None or view.hidden:
        return None
    return booked(view.booking, lines_of(db.session(), view.booking.id))


def _begins() -> int | None:
    """Return behind how many permits the wanted file begins; None: no file was chosen."""
    typed = signed_number(request.values.get("begins", ""))
    return None if typed is None else max(0, typed) // MOST * MOST
