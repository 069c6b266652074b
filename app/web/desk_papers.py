"""Papers at the desk as PDF: of a booking, of a counter's day."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.db import db
from app.identity.permissions import Permission
from app.issued.models import Paper
from app.issued.service import paper_with
from app.kernel.refusals import Refused
from app.papers.documents import Permit
from app.usecases.issuing import issue_paper_again
from app.web import context
from app.web.access import access
from app.web.booked import Booked, booked
from app.web.desk_booking import seen
from app.web.desk_permits import whole
from app.web.desk_receipts import theirs as their_receipt
from app.web.desk_till import check_town_hall, hall_of_counter, till_sheet_of
from app.web.paper_files import (
    answer,
    check_kind,
    has_estimate,
    issue,
    receipt_sheet,
    sheet_of,
    standing,
)
from app.web.paper_loose import estimates_of
from app.web.paper_stamps import not_permitted
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("desk_papers", __name__)


@bp.post("/bookings/<string:number>/papers/<slug:kind>")
@access(Permission.DESK)
def make(number: str, kind: str) -> ResponseReturnValue:
    """Issue the papers of a kind that are due for a booking, and lead to their file."""
    found = _theirs(number)
    try:
        papers = issue(check_kind(kind), found.booking, actor=context.actor("staff"))
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
        papers = []
    if not papers:
        return _to_booking(found.booking)
    return redirect(url_for(".show", number=found.booking.number, kind=kind), code=303)


@bp.get("/bookings/<string:number>/papers/<slug:kind>")
@access(Permission.DESK)
def show(number: str, kind: str) -> ResponseReturnValue:
    """Send the papers of a kind that stand for a booking."""
    found = _theirs(number)
    papers = standing(check_kind(kind), found.booking)
    if not papers:
        return _to_booking(found.booking)
    return answer([sheet_of(one) for one in papers])


@bp.get("/bookings/<string:number>/estimate")
@access(Permission.DESK)
def estimate(number: str) -> ResponseReturnValue:
    """Send what a booking that is not paid costs."""
    found = _theirs(number)
    return answer(estimates_of(found) if has_estimate(found) else [], of=found.number)


@bp.get("/papers/<int:paper_id>")
@access(Permission.DESK)
def one(paper_id: int) -> ResponseReturnValue:
    """Send a paper as it was issued, also one that was replaced."""
    return answer([sheet_of(_their_paper(paper_id))])


@bp.post("/papers/<int:paper_id>/again")
@access(Permission.DESK)
def again(paper_id: int) -> ResponseReturnValue:
    """Issue a paper again, marked and counted, and lead to its file."""
    paper = _their_paper(paper_id)
    if paper.kind == Permit.kind and (no := not_permitted(paper)):
        flash(_("%(why)s再発行はできません。", why=no[1]))
        return _to_booking(db.session.get_one(Booking, (paper.tenant_id, paper.booking_id)))
    try:
        issue_paper_again(paper_id, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
        return _to_booking(db.session.get_one(Booking, (paper.tenant_id, paper.booking_id)))
    return redirect(url_for(".one", paper_id=paper_id), code=303)


@bp.get("/receipts/<int:receipt_id>/pdf")
@access(Permission.RECEIVE_PAYMENT)
def receipt(receipt_id: int) -> ResponseReturnValue:
    """Send a receipt as it goes on paper."""
    view, row = their_receipt(receipt_id)
    found = booked(view.booking, lines_of(db.session(), view.booking.id))
    return answer([receipt_sheet(found, row, as_file=False)])


@bp.get("/<slug:facility>/till/<day:on>/pdf")
@access(Permission.RECEIVE_PAYMENT)
def till_of_hall(facility: str, on: date) -> ResponseReturnValue:
    """Send the day's money of a hall's counter."""
    return answer([till_sheet_of(hall_of_counter(facility), on)], of=f"{facility}-{on}")


@bp.get("/till/<day:on>/pdf")
@access(Permission.RECEIVE_PAYMENT)
def till_of_town_hall(on: date) -> ResponseReturnValue:
    """Send the day's money of the town hall's counter."""
    check_town_hall()
    return answer([till_sheet_of(None, on)], of=on.isoformat())


def _theirs(number: str) -> Booked:
    """Return a booking of which every line is the viewer's business: papers speak of all."""
    view = seen(number)
    return whole(view.booking.number or "") or abort(404)


def _their_paper(paper_id: int) -> Paper:
    paper = paper_with(db.session(), paper_id) if paper_id < 2**63 else None
    if paper is None:
        abort(404)
    booking = db.session.get_one(Booking, (paper.tenant_id, paper.booking_id))
    _theirs(booking.number or "")
    return paper


def _to_booking(booking: Booking) -> ResponseReturnValue:
    return redirect(url_for("desk_booking.show", number=booking.number), code=303)
