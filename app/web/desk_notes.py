"""Hand-over notes of a hall (引き継ぎ): written for the next shift or the city, and seen to."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.kernel.text_ja import tidy_lines
from app.usecases.handing_over import see_to_note, write_note
from app.web import context, desk_day, halls, staff_words
from app.web.access import access
from app.web.rendering import page
from app.web.sentences import sentences

bp = Blueprint("desk_notes", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/<slug:facility>/notes/new")
@access(Permission.HAND_OVER)
def ask(facility: str) -> ResponseReturnValue:
    """Show the form of a note."""
    hall = _hall(facility)
    key = desk_day.new_key()
    return page("desk/note.html", hall=hall, body="", key=key, problems=[], on=context.today())


@bp.post("/<slug:facility>/notes/new")
@access(Permission.HAND_OVER)
def write(facility: str) -> ResponseReturnValue:
    """Leave a note; what is wrong with it is said beside what was typed."""
    hall, body = _hall(facility), tidy_lines(request.form.get("body", ""))
    key = request.form.get("key", "")[:64] or desk_day.new_key()
    try:
        write_note(hall.id, body, form_key=key, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        return page(
            "desk/note.html", status=422, hall=hall, body=body, key=key,
            problems=sentences(no.refusals), on=context.today(),
        )  # fmt: skip
    return _to_today(hall)


@bp.post("/<slug:facility>/notes/<int:note_id>")
@access(Permission.HAND_OVER)
def see_to(facility: str, note_id: int) -> ResponseReturnValue:
    """Mark a note as seen to, or bring it back."""
    hall = _hall(facility)
    try:
        see_to_note(
            hall.id, note_id, is_done="undo" not in request.form,
            actor=context.actor("staff"), now=context.now(),
        )  # fmt: skip
    except Refused:
        abort(404)
    return _to_today(hall)


def _hall(slug: str) -> FacilityInfo:
    """Return a hall all of which the viewer works for; a note may speak of any room of it."""
    hall = halls.hall(slug, Permission.HAND_OVER)
    return hall if desk_day.writes_notes(hall) else abort(404)


def _to_today(hall: FacilityInfo) -> ResponseReturnValue:
    day = url_for("desk.day", facility=hall.slug, on=context.today())
    return redirect(f"{day}#notes", code=303)
