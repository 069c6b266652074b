"""Taking something off a fee at the desk (減額): how much, of which use, and why."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.states import LineState
from app.identity.permissions import Permission
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.reports.bookings import BookingView, LineView
from app.usecases.crediting import CHARGED, Off, credit
from app.web import context, halls, staff_words
from app.web.access import access
from app.web.desk_booking import places_of, seen
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import carried_number, printable, signed_number
from app.web.words import _

bp = Blueprint("desk_credit", __name__)
bp.context_processor(staff_words.in_templates)

MOST_IN_A_REASON = 300


@bp.get("/bookings/<string:number>/credit")
@access(Permission.SETTLE_FEE)
def ask(number: str) -> ResponseReturnValue:
    """Ask how much is taken off which use, and why."""
    return _page(_mine(number))


@bp.post("/bookings/<string:number>/credit")
@access(Permission.SETTLE_FEE)
def take_off(number: str) -> ResponseReturnValue:
    """Take it off, if the fee is what the page said; pressed twice it is taken off once."""
    view = _mine(number)
    line_id, _sep, fee = request.form.get("line", "").partition(":")
    known = {str(one.line_id) for one in costing(view)}
    yen = signed_number(text_ja.plain_number(request.form.get("yen", "")).removesuffix("円"))
    if line_id not in known or yen is None:
        return _page(view, refused=[_("減らす額を、数字で入力してください。")], status=422)
    reason = text_ja.tidy(printable(request.form.get("reason", "")))[:MOST_IN_A_REASON]
    off = Off(int(line_id), yen, reason, carried_number(fee))
    try:
        credit(view.booking.id, off, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        return _page(seen(number), refused=sentences(no.refusals), status=422)
    flash(_("料金を減らしました。多くはらってある分は、返金に回しました。"))
    return redirect(url_for("desk_booking.show", number=view.booking.number), code=303)


def _page(
    view: BookingView, *, refused: Sequence[str] = (), status: int = 200
) -> ResponseReturnValue:
    return page(
        "desk/credit.html", status=status, view=view, uses=costing(view), refused=refused,
        typed=request.form,
    )  # fmt: skip


def costing(view: BookingView) -> list[LineView]:
    """Return the uses that still cost something, also of what was cancelled."""
    return [one for one in view.lines if one.assessed_yen > 0 and one.state != LineState.LAPSED]


def _mine(number: str) -> BookingView:
    """Return a booking of which something was charged, and whose fees are the viewer's."""
    view = seen(number)
    if view.hidden or not halls.may_at(Permission.SETTLE_FEE, places_of(view.lines)):
        abort(403)
    return view if view.booking.state in CHARGED and costing(view) else abort(404)
