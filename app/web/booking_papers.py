"""A resident's papers as PDF: permit, bill, notice, estimate, receipts.

A number is given by a POST, once for the same facts; the file is then fetched by GET, the same
each time, as browsers fetch a PDF again to save or print it.
"""

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.kernel.refusals import Refused
from app.reports.till import receipts_of
from app.web import context
from app.web.access import Access, access
from app.web.bookings import NUMBER, own
from app.web.chosen import chosen
from app.web.paper_files import (
    answer,
    check_kind,
    has_estimate,
    issue,
    receipt_sheet,
    sheet_of,
    standing,
)
from app.web.paper_loose import estimates_for, estimates_of
from app.web.sentences import sentences

bp = Blueprint("booking_papers", __name__)


@bp.post(f"/bookings/{NUMBER}/papers/<slug:kind>")
@access(Access.SIGNED_IN)
def make(number: str, kind: str) -> ResponseReturnValue:
    """Issue the papers of a kind that are due, and lead to their file."""
    found = own(number)
    try:
        papers = issue(check_kind(kind), found.booking, actor=context.actor())
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
        papers = []
    if not papers:
        return redirect(url_for("bookings.detail", number=number), code=303)
    return redirect(url_for(".show", number=number, kind=kind), code=303)


@bp.get(f"/bookings/{NUMBER}/papers/<slug:kind>")
@access(Access.SIGNED_IN)
def show(number: str, kind: str) -> ResponseReturnValue:
    """Send the papers of a kind that stand; when they are none any more, show the booking."""
    found = own(number)
    papers = standing(check_kind(kind), found.booking)
    if not papers:
        return redirect(url_for("bookings.detail", number=number), code=303)
    return answer([sheet_of(one) for one in papers])


@bp.get(f"/bookings/{NUMBER}/estimate")
@access(Access.SIGNED_IN)
def estimate(number: str) -> ResponseReturnValue:
    """Send what a booking that is not paid costs."""
    found = own(number)
    return answer(estimates_of(found) if has_estimate(found) else [], of=found.number)


@bp.get(f"/bookings/{NUMBER}/receipts/<int:receipt_id>")
@access(Access.SIGNED_IN)
def receipt(number: str, receipt_id: int) -> ResponseReturnValue:
    """Send a receipt of the viewer's booking as a file."""
    found = own(number)
    rows = receipts_of(db.session(), found.booking.id)
    row = next((one for one in rows if one.id == receipt_id), None) or abort(404)
    return answer([receipt_sheet(found, row, as_file=True)])


@bp.get("/basket/estimate/pdf")
@access(Access.PUBLIC)
def basket_estimate() -> ResponseReturnValue:
    """Send what is chosen as an estimate."""
    return answer(estimates_for(chosen().held))
