"""Receipts on paper, issued again with a mark, and payments that were entered wrongly."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.queries import lines_of
from app.db import db
from app.identity.permissions import Permission
from app.identity.staff.members import names_of
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.payments.models import Receipt
from app.payments.receipts import tax_of
from app.reports.bookings import BookingView
from app.reports.till import receipt_with
from app.usecases.receiving import issue_anew, take_back
from app.web import context, staff_words
from app.web.access import access
from app.web.booked import booked
from app.web.desk_booking import has_all_money, seen
from app.web.paper_loose import received_for
from app.web.receipt_words import marks_of
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import printable
from app.web.words import _

bp = Blueprint("desk_receipts", __name__)
bp.context_processor(staff_words.in_templates)
MOST_IN_A_REASON = 300


@bp.get("/receipts/<int:receipt_id>")
@access(Permission.RECEIVE_PAYMENT)
def show(receipt_id: int) -> ResponseReturnValue:
    """Show a receipt as it goes on paper."""
    view, receipt = theirs(receipt_id)
    return page(
        "desk/receipt.html",
        view=view,
        receipt=receipt,
        uses=received_for(booked(view.booking, lines_of(db.session(), view.booking.id)), receipt),
        tax_yen=tax_of(receipt.yen, receipt.tax_percent),
        names=names_of(db.session(), {receipt.issued_by, receipt.voided_by}),
        gone_back=marks_of(receipt),
    )


@bp.post("/receipts/<int:receipt_id>/again")
@access(Permission.RECEIVE_PAYMENT)
def again(receipt_id: int) -> ResponseReturnValue:
    """Issue it again; it is marked and counted."""
    theirs(receipt_id)
    try:
        issue_anew(receipt_id, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    return redirect(url_for(".show", receipt_id=receipt_id), code=303)


@bp.get("/receipts/<int:receipt_id>/take-back")
@access(Permission.RECEIVE_PAYMENT)
def ask_to_take_back(receipt_id: int) -> ResponseReturnValue:
    """Ask why the payment is to be taken back, and say what follows."""
    view, receipt = theirs(receipt_id)
    if receipt.voided_at is not None:
        return redirect(url_for(".show", receipt_id=receipt_id), code=303)
    return page("desk/take_back.html", view=view, receipt=receipt, refused=[], reason="")


@bp.post("/receipts/<int:receipt_id>/take-back")
@access(Permission.RECEIVE_PAYMENT)
def do_take_back(receipt_id: int) -> ResponseReturnValue:
    """Take the payment back and void its receipt; pressed twice it is done once."""
    view, receipt = theirs(receipt_id)
    typed = text_ja.tidy(printable(request.form.get("reason", "")))[:MOST_IN_A_REASON]
    try:
        take_back(
            context.catalogue(), receipt_id, reason=typed,
            actor=context.actor("staff"), now=context.now(),
        )  # fmt: skip
    except Refused as no:
        return page(
            "desk/take_back.html", status=422, view=view, receipt=receipt,
            refused=sentences(no.refusals), reason=typed,
        )  # fmt: skip
    flash(_("受け取りの記録を取り消しました。代金は、また受け取ってください。"))
    return redirect(url_for("desk_booking.show", number=view.booking.number), code=303)


def theirs(receipt_id: int) -> tuple[BookingView, Receipt]:
    """Return a receipt of a booking that is all the viewer's business; otherwise there is none."""
    found = receipt_with(db.session(), receipt_id) if receipt_id < 2**63 else None
    if found is None:
        abort(404)
    view = seen(found[1])
    if not has_all_money(view):
        abort(403)
    return view, found[0]
