"""Money handed back at a counter or sent to an account: asked, confirmed, entered once."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.db import db
from app.identity.permissions import Permission
from app.kernel import text_ja
from app.kernel.refusals import Refusal, Refused
from app.reports.bookings import BookingView
from app.reports.money_back import Owed, refund_with
from app.usecases.refunding import Handed, hand_over, send_again
from app.web import context, halls, staff_words
from app.web.access import access
from app.web.desk_booking import has_all_money, seen
from app.web.payment_form import TOWN_HALL, halls_of, usual_place
from app.web.refund_desk_words import STATES, basis_of, why_said
from app.web.refund_words import METHODS, REASONS
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import carried_number, printable
from app.web.words import _

bp = Blueprint("desk_refunds", __name__)
bp.context_processor(staff_words.in_templates)

MOST_IN_A_REMARK = 300
BY_HAND = {"cash": _l("現金で返した"), "transfer": _l("口座に振り込んだ")}


@bp.get("/refunds/<int:refund_id>")
@access(Permission.RECEIVE_PAYMENT)
def ask(refund_id: int) -> ResponseReturnValue:
    """Show a refund, and ask how it was given back where that is for staff to do."""
    view, owed = _theirs(refund_id)
    return _page(view, owed)


@bp.post("/refunds/<int:refund_id>")
@access(Permission.RECEIVE_PAYMENT)
def give(refund_id: int) -> ResponseReturnValue:
    """Ask once more, then enter that the money was given back; pressed twice it is entered once."""
    view, owed = _theirs(refund_id)
    method, place = request.form.get("method", ""), request.form.get("place", "")
    known = dict(_places(view))
    if method not in BY_HAND or (method == "cash" and place not in known):
        return _page(view, owed, refused=[_("返し方と場所をえらんでください。")], status=422)
    remark = text_ja.tidy(printable(request.form.get("remark", "")))[:MOST_IN_A_REMARK]
    if not remark:
        return _page(view, owed, refused=sentences([Refusal("refund.no_proof")]), status=422)
    if "fix" in request.form:
        return _page(view, owed)
    if "sure" not in request.form:
        where = known[place] if method == "cash" else ""
        return page("desk/refund_sure.html", owed=owed, method=method, place=place, where=where,
                    remark=remark)  # fmt: skip
    hall = context.catalogue().facility_named(place) if place not in ("", TOWN_HALL) else None
    seen_yen = carried_number(request.form.get("yen", ""))
    try:
        hand_over(
            refund_id, Handed(method, hall.id if hall else None, remark, seen_yen),
            actor=context.actor("staff"), now=context.now(), today=context.today(),
        )  # fmt: skip
    except Refused as no:
        db.session.expire_all()
        return _page(*_theirs(refund_id), refused=sentences(no.refusals), status=409)
    flash(_("返金を記録しました。"))
    return redirect(url_for("desk_booking.show", number=owed.number), code=303)


@bp.post("/refunds/<int:refund_id>/again")
@access(Permission.RECEIVE_PAYMENT)
def again(refund_id: int) -> ResponseReturnValue:
    """Let a refund that failed be sent once more."""
    _view, owed = _theirs(refund_id)
    try:
        if send_again(refund_id, actor=context.actor("staff"), now=context.now()):
            flash(_("もう一度送ります。結果は、この予約の画面で確かめてください。"))
        else:
            flash(_("この返金は、送りなおすものではありません。いまの状態を確かめてください。"))
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    return redirect(url_for("desk_booking.show", number=owed.number), code=303)


def _places(view: BookingView) -> list[tuple[str, str]]:
    """Return the counters at which the viewer gives money back."""
    own = halls_of(view, halls.seen(Permission.RECEIVE_PAYMENT))
    known = [(one.slug, one.name) for one in own]
    if halls.scope(Permission.RECEIVE_PAYMENT).is_everywhere:
        known.insert(0, (TOWN_HALL, _("市役所の窓口")))
    return known


def _page(
    view: BookingView, owed: Owed, *, refused: Sequence[str] = (), status: int = 200
) -> ResponseReturnValue:
    refund = owed.refund
    places = _places(view)
    is_by_hand = refund.state == "failed" or (refund.state == "due" and refund.attempt_id is None)
    return page(
        "desk/refund.html", status=status, view=view, owed=owed, refused=refused,
        is_by_hand=is_by_hand, places=places, usual=usual_place(places),
        typed=request.form, by_hand=BY_HAND,
        may_send=refund.state == "failed" and refund.attempt_id is not None,
        states=STATES, methods=METHODS, reasons=REASONS, basis=basis_of(refund),
        why=why_said(refund),
    )  # fmt: skip


def _theirs(refund_id: int) -> tuple[BookingView, Owed]:
    """Return a refund of a booking that is all the viewer's business; otherwise there is none."""
    found = refund_with(db.session(), refund_id) if refund_id < 2**63 else None
    if found is None:
        abort(404)
    view = seen(found.number)
    if not has_all_money(view):
        abort(403)
    return view, found
