"""How a use goes, ticked in one tap and taken back as easily; put right on a page of its own."""

from datetime import datetime

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.counter.rules import Mark, Marks
from app.counter.uses import Noted, noted_of
from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.reports.bookings import BookingView, LineView
from app.usecases import attending
from app.web import context, desk_day, halls, staff_words, use_form
from app.web.access import access
from app.web.desk_booking import seen
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.use_form import UseForm

bp = Blueprint("desk_uses", __name__)
bp.context_processor(staff_words.in_templates)


@bp.post("/bookings/<string:number>/uses/<int:line_id>/marks")
@access(Permission.ADMIT)
def mark(number: str, line_id: int) -> ResponseReturnValue:
    """Set a mark, or take it back; the day's page shows it."""
    view, line = _use(number, line_id)
    wanted = _mark(request.form.get("mark", ""))
    do = attending.take_back if "undo" in request.form else attending.set_mark
    try:
        do(
            context.catalogue(), view.booking.id, line.line_id, wanted,
            actor=context.actor("staff"), now=context.now(),
        )  # fmt: skip
    except Refused as no:
        db.session.expire_all()
        hall = halls.hall(line.facility_slug)
        return desk_day.show(hall, line.on_date, status=409, problems=sentences(no.refusals))
    day = url_for("desk.day", facility=line.facility_slug, on=line.on_date)
    return redirect(f"{day}#use-{line.line_id}", code=303)


@bp.get("/bookings/<string:number>/uses/<int:line_id>")
@access(Permission.ADMIT)
def ask(number: str, line_id: int) -> ResponseReturnValue:
    """Show what was noted of a use, to put it right."""
    view, line = _use(number, line_id)
    noted = noted_of(db.session(), line.line_id)
    return _page(view, line, use_form.filled(noted, line.on_date), noted)


@bp.post("/bookings/<string:number>/uses/<int:line_id>")
@access(Permission.ADMIT)
def put_right(number: str, line_id: int) -> ResponseReturnValue:
    """Write times, people and a remark as they really were."""
    view, line = _use(number, line_id)
    form = UseForm(formdata=request.form)
    before = noted_of(db.session(), line.line_id)
    if not form.validate():
        return _page(view, line, form, before, status=422)
    try:
        attending.put_right(
            context.catalogue(), view.booking.id, line.line_id,
            Noted(_marks(form, line, before), form.people.number, form.remark.data or ""),
            seen_version=form.seen, actor=context.actor("staff"), now=context.now(),
        )  # fmt: skip
    except Refused as no:
        db.session.expire_all()
        now_noted = noted_of(db.session(), line.line_id)
        form.version.data = str(now_noted.version)
        return _page(view, line, form, now_noted, status=409, refused=sentences(no.refusals))
    day = url_for("desk.day", facility=line.facility_slug, on=line.on_date)
    return redirect(f"{day}#use-{line.line_id}", code=303)


def _use(number: str, line_id: int) -> tuple[BookingView, LineView]:
    """Return a use that the viewer sees (else 404) and may admit (else 403)."""
    view = seen(number)
    line = next((one for one in view.lines if one.line_id == line_id), None) or abort(404)
    if not halls.may_at(Permission.ADMIT, [(line.facility_id, line.room_id)]):
        abort(403)
    return view, line


def _mark(typed: str) -> Mark:
    try:
        return Mark(typed)
    except ValueError:
        abort(404)


def _marks(form: UseForm, line: LineView, before: Noted) -> Marks:
    """Return the marks with the times that were typed; keys stay as they were ticked."""

    def at(minute: int | None) -> datetime | None:
        return use_form.moment(line.on_date, minute)

    came, old = at(form.came.minute), before.marks
    return Marks(
        came_at=old.came_at if use_form.same_minute(old.came_at, came) else came,
        left_at=(
            old.left_at
            if use_form.same_minute(old.left_at, at(form.left.minute))
            else at(form.left.minute)
        ),
        no_show_at=None if came else old.no_show_at,
        key_out_at=old.key_out_at,
        key_back_at=old.key_back_at,
    )


def _page(
    view: BookingView,
    line: LineView,
    form: UseForm,
    noted: Noted,
    *,
    status: int = 200,
    refused: list[str] | None = None,
) -> ResponseReturnValue:
    return page(
        "desk/use.html", status=status, view=view, line=line, form=form, noted=noted,
        refused=refused or [],
    )  # fmt: skip
