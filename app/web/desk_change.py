"""Changing a booking at the desk: other time, room or head count, seen before it is done."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from app.booking.models import BookingLine
from app.booking.queries import lines_of
from app.booking.states import LineState
from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refusal, Refused
from app.reports.bookings import BookingView
from app.usecases.changing import change
from app.web import change_form, context, halls, staff_words
from app.web.access import access
from app.web.change_form import ChangeForm, Looked
from app.web.desk_booking import CHANGED, places_of, seen, to_booking
from app.web.payables import stopped
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import carried_number

bp = Blueprint("desk_change", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/bookings/<string:number>/change")
@access(Permission.CHANGE_FOR_OTHERS)
def ask(number: str) -> ResponseReturnValue:
    """Show the form; with `check`, both sides and what follows for the money."""
    view = _changeable(number)
    form = _form(view)
    looked = None
    if "check" in request.args and not form.problems:
        looked = change_form.look(view.booking, form, actor_kind="staff")
    if "check" not in request.args:
        form.problems = []  # the first look at a room or day is no mistake
    return _page(view, form, looked, status=422 if form.problems else 200)


@bp.post("/bookings/<string:number>/change")
@access(Permission.CHANGE_FOR_OTHERS)
def do(number: str) -> ResponseReturnValue:
    """Change it, if it costs what was said."""
    view = _changeable(number)
    form = _form(view)
    if form.problems:
        return _page(view, form, None, status=422)
    agreed = carried_number(request.form.get("more_yen", ""))
    if (
        stopped(view.booking.id) == "waiting"
    ):  # its price may change, and nobody can call the number back
        form.problems = sentences([Refusal("pay.number_out")])
        return _page(view, form, None, status=409)
    try:
        change(
            context.catalogue(), view.booking.id, form.asked(), actor=context.actor("staff"),
            now=context.now(), agreed_yen=agreed, seen=carried_number(request.form.get("seen", "")),
        )  # fmt: skip
    except Refused as no:
        form.problems = sentences(no.refusals)
        return _page(view, form, None, status=409)
    return to_booking(view, CHANGED)


def _changeable(number: str) -> BookingView:
    """Return a booking of which every room that stands is the viewer's to change; else 403."""
    view = seen(number)
    is_theirs = halls.may_at(Permission.CHANGE_FOR_OTHERS, places_of(view.standing))
    if not view.is_all_theirs or not is_theirs:
        abort(403)
    return view


def _form(view: BookingView) -> ChangeForm:
    lines = [x for x in lines_of(db.session(), view.booking.id) if x.state == LineState.ACTIVE]
    line = _line(lines)
    form = change_form.read(view.booking, line, halls.seen(Permission.CHANGE_FOR_OTHERS))
    form.lines = change_form.lines_in_words(lines)
    return form


def _line(lines: list[BookingLine]) -> BookingLine:
    asked = request.values.get("line", "")
    found = next((one for one in lines if str(one.id) == asked), None)
    return found or (lines[0] if lines and not asked else abort(404))


def _page(
    view: BookingView, form: ChangeForm, looked: Looked | None, *, status: int
) -> ResponseReturnValue:
    return page("desk/change.html", status=status, view=view, form=form, looked=looked)
