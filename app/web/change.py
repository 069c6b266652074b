"""Changing one's own booking: other time, room or head count, seen before it is done."""

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.models import Booking, BookingLine
from app.booking.queries import booking_numbered, lines_of
from app.booking.states import OPEN, LineState
from app.db import db
from app.kernel.refusals import Refusal, Refused
from app.usecases.changing import change
from app.web import change_form, context
from app.web.access import Access, access
from app.web.change_form import ChangeForm, Looked
from app.web.door_hint import after_change
from app.web.payables import stopped
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import carried_number
from app.web.words import _

bp = Blueprint("change", __name__)
NUMBER = "<string(length=8):number>"


@bp.get(f"/bookings/{NUMBER}/change")
@access(Access.SIGNED_IN)
def ask(number: str) -> ResponseReturnValue:
    """Show the form; with `check`, both sides and what follows for the money."""
    booking, form = _form(number)
    looked = None
    if "check" in request.args and not form.problems:
        looked = change_form.look(booking, form, actor_kind="resident")
    if "check" not in request.args:
        form.problems = []
    return _page(booking, form, looked, status=422 if form.problems else 200)


@bp.post(f"/bookings/{NUMBER}/change")
@access(Access.SIGNED_IN)
def do(number: str) -> ResponseReturnValue:
    """Change it, if it costs what was said."""
    booking, form = _form(number)
    if form.problems:
        return _page(booking, form, None, status=422)
    is_moved = form.is_moved
    agreed = carried_number(request.form.get("more_yen", ""))
    if (
        stopped(booking.id) == "waiting"
    ):  # its price may change, and nobody can call the number back
        form.problems = sentences([Refusal("pay.number_out")])
        return _page(booking, form, None, status=409)
    try:
        change(
            context.catalogue(), booking.id, form.asked(), actor=context.actor(),
            now=context.now(), agreed_yen=agreed, seen=carried_number(request.form.get("seen", "")),
        )  # fmt: skip
    except Refused as no:
        form.problems = sentences(no.refusals)
        return _page(booking, form, None, status=409)
    flash(_("予約を変更しました。メールでもお知らせします。"))
    for text in after_change(booking.id, is_moved=is_moved):
        flash(text)
    return redirect(url_for("bookings.detail", number=number), code=303)


def _form(number: str) -> tuple[Booking, ChangeForm]:
    """Return the viewer's booking and the form of the line that is asked for."""
    known = number.isascii() and number.isdecimal()
    booking = booking_numbered(db.session(), number) if known else None
    if booking is None or booking.account_id != g.viewer.account_id:
        abort(404)
    lines = [x for x in lines_of(db.session(), booking.id) if x.state == LineState.ACTIVE]
    if booking.state not in OPEN or not lines:
        abort(404)
    line = _line(lines)
    form = change_form.read(booking, line, context.catalogue().facilities)
    form.lines = change_form.lines_in_words(lines)
    return booking, form


def _line(lines: list[BookingLine]) -> BookingLine:
    asked = request.values.get("line", "")
    found = next((one for one in lines if str(one.id) == asked), None)
    return found or (lines[0] if not asked else abort(404))


def _page(
    booking: Booking, form: ChangeForm, looked: Looked | None, *, status: int
) -> ResponseReturnValue:
    phone = context.catalogue().facility(form.facility_id).phone
    return page(
        "bookings/change.html", status=status, booking=booking, form=form, looked=looked,
        phone=phone,
    )  # fmt: skip
