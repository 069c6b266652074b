"""Cancelling at the desk for somebody on the telephone: what follows is said before it is done."""

from collections.abc import Sequence

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from app.booking.queries import lines_of
from app.booking.service.ending import LineEnd, line_ends
from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.payments.service import paid_yen
from app.reports.bookings import BookingView
from app.usecases.cancelling import cancel_lines
from app.web import context, halls, staff_words
from app.web.access import access
from app.web.desk_booking import CANCELLED, CANCELLED_BEFORE, places_of, seen, to_booking
from app.web.payables import stopped
from app.web.refund_words import how_back
from app.web.rendering import page
from app.web.sentences import sentences

bp = Blueprint("desk_cancellation", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/bookings/<string:number>/cancellation")
@access(Permission.CANCEL_FOR_OTHERS)
def ask(number: str) -> ResponseReturnValue:
    """Show what cancelling each room would bring, before anything is pressed."""
    view = _cancellable(number)
    if not view.standing:
        return to_booking(view, CANCELLED_BEFORE)
    return _page(view)


@bp.post("/bookings/<string:number>/cancellation")
@access(Permission.CANCEL_FOR_OTHERS)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel the rooms that were chosen, if it still brings what was said."""
    view = _cancellable(number)
    chosen = _chosen(view)
    stopped(view.booking.id)
    now_said = {said(end) for end in _ends(view) if end.line.id in chosen}
    if not now_said <= set(request.form.getlist("said")):
        return _page(view, status=409, has_changed=True)
    actor, now = context.actor("staff"), context.now()
    try:
        ended = cancel_lines(context.catalogue(), view.booking.id, chosen, actor=actor, now=now)
    except Refused as no:
        return _page(view, status=409 if chosen else 422, refused=sentences(no.refusals))
    return to_booking(view, CANCELLED if ended else CANCELLED_BEFORE)


def said(end: LineEnd) -> str:
    """Return what the page says cancelling a line brings, to be compared when it is pressed."""
    found = end.consequence
    return f"{end.line.id}:{found.refund_yen}:{found.released_yen}"


def has_begun(end: LineEnd) -> bool:
    """Say whether the use has begun; then nobody cancels it."""
    return end.refusal is not None and end.refusal.code == "cancel.started"


def _cancellable(number: str) -> BookingView:
    view = seen(number)
    if not halls.may_at(Permission.CANCEL_FOR_OTHERS, places_of(view.lines)):
        abort(403)
    return view


def _ends(view: BookingView) -> list[LineEnd]:
    """Return what cancelling would do, of the lines that the viewer sees."""
    session = db.session()
    mine = {line.line_id for line in view.lines}
    return line_ends(
        context.catalogue(),
        view.booking,
        [line for line in lines_of(session, view.booking.id) if line.id in mine],
        is_paid=paid_yen(session, view.booking.id) > 0,
        now=context.now(),
    )


def _chosen(view: BookingView) -> set[int]:
    """Return the lines that were ticked; a line of another hall does not exist for the viewer."""
    typed = set(request.form.getlist("line"))
    known = {str(line.line_id): line.line_id for line in view.lines}
    if not typed <= set(known):
        abort(404)
    return {known[one] for one in typed}


def _how_back(view: BookingView, ends: Sequence[LineEnd]) -> list[str]:
    """Return how and how soon what comes back would come, for whoever asks."""
    comes = any(end.consequence.refund_yen for end in ends)
    return how_back(view.booking.id) if comes else []


def _page(
    view: BookingView,
    *,
    status: int = 200,
    has_changed: bool = False,
    refused: Sequence[str] = (),
) -> ResponseReturnValue:
    ends = {end.line.id: end for end in _ends(view)}
    uses = [(line, ends[line.line_id]) for line in view.standing if line.line_id in ends]
    coming = [line for line, end in uses if not has_begun(end)]
    return page(
        "desk/cancellation.html",
        status=status,
        view=view,
        uses=uses,
        how_back=_how_back(view, [end for _line, end in uses]),
        open=len(coming),
        first=coming[0] if coming else None,
        has_begun=has_begun,
        said=said,
        has_changed=has_changed,
        refused=list(refused),
    )
