"""Where the code on a permit leads: whether it holds now. It names nobody."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, make_response
from flask.typing import ResponseReturnValue

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.db import db
from app.issued import keys
from app.issued.models import Paper
from app.issued.service import standing_of
from app.papers.documents import Permit, Use, read
from app.web import context
from app.web.access import Access, access
from app.web.booked import booked
from app.web.paper_drafts import facts_of_permit, is_permitted
from app.web.paper_words import number_of, office_day
from app.web.rendering import page

bp = Blueprint("permit_check", __name__)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a permit says, and whether that is so."""

    state: str  # valid, over, changed, cancelled
    number: str
    newer: str  # number of the permit in its place
    issued_on: str
    uses: tuple[Use, ...]
    now: datetime


@bp.get("/permits/<int:paper_id>/<string(length=32):key>")
@access(Access.PUBLIC)
def show(paper_id: int, key: str) -> ResponseReturnValue:
    """Say whether a permit holds now, to whoever holds it."""
    secret = context.settings().secret_key
    session = db.session()
    paper = None
    if paper_id < 2**63:
        paper = keys.opened(session, secret, paper_id, key, kind=Permit.kind)
    if paper is None:
        abort(404)
    response = make_response(page("bookings/permit.html", checked=_checked(paper)))
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _checked(paper: Paper) -> Checked:
    document = read(paper.kind, paper.document)
    assert isinstance(document, Permit)
    state = _state(paper)
    newer = [
        one
        for one in standing_of(db.session(), paper.booking_id, paper.kind)
        if one.payee == paper.payee and one.id != paper.id
    ]
    return Checked(
        state,
        number_of(paper.fiscal_year, paper.number),
        number_of(newer[0].fiscal_year, newer[0].number) if newer and state == "changed" else "",
        office_day(paper.issued_at),
        document.uses,
        context.now(),
    )


def _state(paper: Paper) -> str:
    session = db.session()
    booking = session.get_one(Booking, (paper.tenant_id, paper.booking_id))
    found = booked(booking, lines_of(session, booking.id))
    lines = [one for one in found.standing if one.line.payee == paper.payee]
    if not lines:
        return "cancelled"
    if not is_permitted(found) or facts_of_permit(booking, lines) != paper.facts:
        return "changed"
    is_over = all(one.line.ends_at <= context.now() for one in lines)
    return "over" if is_over else "valid"
