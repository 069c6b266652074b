"""Money received at the desk: the sum is shown, confirmed on a page of its own, entered once."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, g, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
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
from app.web.payables import stopped
from app.web.payment_form import PaymentForm
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("desk_payment", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/bookings/<string:number>/payment")
@access(Permission.RECEIVE_PAYMENT)
def ask(number: str) -> ResponseReturnValue:
    """Ask whether the sum was really received."""
    view = _payable(number)
    if not is_due(view):
        return to_booking(view, RECEIVED_BEFORE)
    return _page(view, PaymentForm(view, request.args))


@bp.post("/bookings/<string:number>/payment")
@access(Permission.RECEIVE_PAYMENT)
def receive(number: str) -> ResponseReturnValue:
    """Enter that the fee was received; pressed twice it is entered once."""
    view = _payable(number)
    form = PaymentForm(view, request.form)
    if is_due(view) and (problems := form.problems()):
        return _page(view, form, refused=problems, status=422)
    if form.despite and stopped(view.booking.id) == "paid":
        flash(_("いま、ネットではらわれました。受け取った現金は、返してください。"))
        return to_booking(view, RECEIVED_BEFORE)
    try:
        receive_payment(
            context.catalogue(), view.booking.id, form.taken(g.municipality.name),
            yen=form.yen, actor=context.actor("staff"), now=context.now(),
        )  # fmt: skip
    except Refused as no:
        db.session.expire_all()  # somebody else was quicker: look again
        view = _payable(number)
        if not is_due(view):
            return to_booking(view, RECEIVED_BEFORE)
        return _page(view, form, refused=sentences(no.refusals), status=409)
    return to_booking(view, RECEIVED, change=form.change_yen or None)


def _page(
    view: BookingView, form: PaymentForm, *, refused: Sequence[str] = (), status: int = 200
) -> ResponseReturnValue:
    return page("desk/payment.html", status=status, view=view, form=form, refused=refused)


def _payable(number: str) -> BookingView:
    """Return a booking whose whole fee is the viewer's business; 403 when it is others' too."""
    view = seen(number)
    if not is_all_theirs(view, Permission.RECEIVE_PAYMENT):
        abort(403)
    return view
