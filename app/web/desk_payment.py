"""Money received at the desk: the sum is shown, confirmed on a page of its own, entered once."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.reports.bookings import BookingView
from app.usecases.receiving import receive_payment
from app.web import context, staff_words
from app.web.access import access
from app.web.desk_booking import (
    RECEIVED,
    RECEIVED_BEFORE,
    is_all_theirs,
    is_due,
    seen,
    to_booking,
)
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import signed_number

bp = Blueprint("desk_payment", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/bookings/<string:number>/payment")
@access(Permission.RECEIVE_PAYMENT)
def ask(number: str) -> ResponseReturnValue:
    """Ask whether the sum was really received."""
    view = _payable(number)
    if not is_due(view):
        return to_booking(view, RECEIVED_BEFORE)
    return page("desk/payment.html", view=view, refused=[])


@bp.post("/bookings/<string:number>/payment")
@access(Permission.RECEIVE_PAYMENT)
def receive(number: str) -> ResponseReturnValue:
    """Enter that the fee was received; pressed twice it is entered once."""
    view = _payable(number)
    yen = signed_number(text_ja.plain_number(request.form.get("yen", "")).removesuffix("円")) or 0
    try:
        receive_payment(view.booking.id, yen=yen, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        db.session.expire_all()  # somebody else was quicker: look again
        view = _payable(number)
        if not is_due(view):
            return to_booking(view, RECEIVED_BEFORE)
        return page("desk/payment.html", status=409, view=view, refused=sentences(no.refusals))
    return to_booking(view, RECEIVED)


def _payable(number: str) -> BookingView:
    """Return a booking whose whole fee is the viewer's business; 403 when it is others' too."""
    view = seen(number)
    if not is_all_theirs(view, Permission.RECEIVE_PAYMENT):
        abort(403)
    return view
