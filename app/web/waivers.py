"""A resident's or group's waivers: what was granted, what was asked for, asking for more."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.booking.models import Booking
from app.booking.queries import booking_numbered, lines_of
from app.booking.states import OPEN
from app.db import db
from app.fees import waivers as asked
from app.fees.models import OPEN_STATES, WaiverPaper, WaiverRequest
from app.identity.queries import every_entitlement_of
from app.kernel.refusals import Refused
from app.usecases import waiving
from app.web import context
from app.web.access import Access, access
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.waiver_forms import (
    PaperForm,
    ReplyForm,
    hint_of,
    let_papers_in,
    paper_sent,
    waiver_form,
)
from app.web.waiver_offers import WaiverOffer, for_booking, for_group
from app.web.words import _

bp = Blueprint("waivers", __name__)


@bp.get("/waivers")
@access(Access.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show the viewer's rights and requests."""
    session = db.session()
    return page(
        "waivers/mine.html",
        rights=every_entitlement_of(session, g.viewer.account_id),
        requests=asked.requests_of(session, g.viewer.account_id),
        halls={one.id: one.name for one in context.catalogue().facilities},
        may_ask=bool(for_group()),
    )


@bp.get("/waivers/new")
@access(Access.SIGNED_IN)
def ask_for_group() -> ResponseReturnValue:
    """Ask which waiver is wanted for everything to come."""
    offers = for_group()
    return _ask_page(offers, waiver_form(offers)(), None)


@bp.post("/waivers/new")
@access(Access.SIGNED_IN)
def send_for_group() -> ResponseReturnValue:
    """Ask for it."""
    let_papers_in()
    return _send(for_group(), None)


@bp.get("/bookings/<string(length=8):number>/waiver")
@access(Access.SIGNED_IN)
def ask_for_booking(number: str) -> ResponseReturnValue:
    """Ask which waiver is wanted for one booking."""
    booking = _booking(number)
    offers = for_booking(booking, lines_of(db.session(), booking.id))
    return _ask_page(offers, waiver_form(offers)(), booking)


@bp.post("/bookings/<string(length=8):number>/waiver")
@access(Access.SIGNED_IN)
def send_for_booking(number: str) -> ResponseReturnValue:
    """Ask for it."""
    let_papers_in()
    booking = _booking(number)
    return _send(for_booking(booking, lines_of(db.session(), booking.id)), booking)


@bp.get("/waivers/<int:request_id>")
@access(Access.SIGNED_IN)
def show(request_id: int) -> ResponseReturnValue:
    """Show one request: where it stands, what was said, which papers came."""
    return _request_page(_own(request_id))


@bp.post("/waivers/<int:request_id>/papers")
@access(Access.SIGNED_IN)
def add_paper(request_id: int) -> ResponseReturnValue:
    """Add a document."""
    let_papers_in()
    found, paper = _own(request_id), paper_sent()
    if paper is None:
        return _request_page(found, paper_errors=[_("書類をえらんでください。")], status=422)
    try:
        waiving.send_paper(found.id, paper, **_by_viewer())
    except Refused as no:
        return _request_page(found, paper_errors=sentences(no.refusals), status=422)
    flash(_("書類を受け取りました。"))
    return redirect(url_for(".show", request_id=found.id), code=303)


@bp.post("/waivers/<int:request_id>/reply")
@access(Access.SIGNED_IN)
def reply(request_id: int) -> ResponseReturnValue:
    """Answer what staff asked back."""
    found, form = _own(request_id), ReplyForm(request.form)
    if not form.validate():
        return _request_page(found, reply_form=form, status=422)
    try:
        waiving.reply(found.id, form.words.data, **_by_viewer())
    except Refused as no:
        return _request_page(found, refused=sentences(no.refusals), status=409)
    flash(_("返事を送りました。"))
    return redirect(url_for(".show", request_id=found.id), code=303)


@bp.post("/waivers/<int:request_id>/withdrawal")
@access(Access.SIGNED_IN)
def withdraw(request_id: int) -> ResponseReturnValue:
    """Take a request back."""
    found = _own(request_id)
    try:
        waiving.withdraw(found.id, **_by_viewer())
    except Refused as no:
        return _request_page(found, refused=sentences(no.refusals), status=409)
    flash(_("申請を取り下げました。"))
    return redirect(url_for(".show", request_id=found.id), code=303)


@bp.get("/waivers/<int:request_id>/papers/<int:paper_id>")
@access(Access.SIGNED_IN)
def paper(request_id: int, paper_id: int) -> ResponseReturnValue:
    """Send a document of one's own request."""
    return sent_paper(_own(request_id), paper_id)


def sent_paper(found: WaiverRequest, paper_id: int) -> Response:
    """Return a document of a request as a file that no browser runs anything of."""
    papers = asked.papers_of(db.session(), found.id)
    paper: WaiverPaper = next((one for one in papers if one.id == paper_id), None) or abort(404)
    response = Response(paper.content, content_type=paper.media_type)
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[paper.media_type]
    response.headers["Content-Disposition"] = f'attachment; filename="paper-{paper.id}.{ending}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _send(offers: list[WaiverOffer], booking: Booking | None) -> ResponseReturnValue:
    form = waiver_form(offers)(request.form)
    if not form.validate():
        return _ask_page(offers, form, booking, status=422)
    chosen = next(one for one in offers if one.id == form.waiver.data)
    try:
        request_id = waiving.ask_waiver(
            waiver=chosen.id,
            name=chosen.label,
            reason=form.reason.data,
            paper=paper_sent(),
            booking_id=booking.id if booking else None,
            **_by_viewer(),
        )
    except Refused as no:
        return _ask_page(offers, form, booking, status=422, refused=sentences(no.refusals))
    flash(_("減免を申請しました。"))
    return redirect(url_for(".show", request_id=request_id), code=303)


def _by_viewer() -> dict[str, Any]:
    account_id = g.viewer.account_id
    return {"account_id": account_id, "actor": context.actor(), "now": context.now()}


def _booking(number: str) -> Booking:
    """Return the viewer's own booking that has not ended."""
    found = booking_numbered(db.session(), number)
    if found is None or found.account_id != g.viewer.account_id or found.state not in OPEN:
        abort(404)
    return found


def _own(request_id: int) -> WaiverRequest:
    found = asked.request_with(db.session(), request_id) if request_id < 2**63 else None
    if found is None or found.account_id != g.viewer.account_id:
        abort(404)
    return found


def _ask_page(
    offers: list[WaiverOffer],
    form: Form,
    booking: Booking | None,
    *,
    status: int = 200,
    refused: list[str] | None = None,
) -> ResponseReturnValue:
    return page(
        "waivers/ask.html",
        status=status,
        offers=offers,
        form=form,
        booking=booking,
        action=url_for(".send_for_booking", number=booking.number)
        if booking
        else url_for(".send_for_group"),
        hints={one.id: hint_of(one) for one in offers},
        refused=refused or [],
        back=url_for("bookings.detail", number=booking.number) if booking else url_for(".mine"),
    )


def _request_page(
    found: WaiverRequest,
    *,
    status: int = 200,
    reply_form: Form | None = None,
    paper_errors: list[str] | None = None,
    refused: list[str] | None = None,
) -> ResponseReturnValue:
    session = db.session()
    paper_form = PaperForm()
    paper_form.paper.errors = paper_errors or []
    key = (found.tenant_id, found.booking_id)
    booking = session.get(Booking, key) if found.booking_id else None
    return page(
        "waivers/request.html",
        status=status,
        request_=found,
        is_open=found.state in OPEN_STATES,
        steps=asked.steps_of(session, found.id),
        papers=asked.papers_of(session, found.id),
        booking=booking,
        own=g.viewer.account_id,
        reply_form=reply_form or ReplyForm(),
        paper_form=paper_form,
        refused=refused or [],
    )
