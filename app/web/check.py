"""The last look before applying, the application itself, and what to do when not all can be had."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.booking.history import booking_with
from app.booking.models import Booking
from app.booking.service.submitting import NotAllLines, Submitted
from app.db import db
from app.kernel.refusals import Refusal, Refused
from app.usecases.applying import AskedWaiver, apply
from app.web import context, journey
from app.web.access import Access, access
from app.web.answers import Asking, asking
from app.web.checking import facts_of, waiver_asked
from app.web.offer import applicant, offer
from app.web.rendering import page
from app.web.sentences import sentences

bp = Blueprint("check", __name__)


@bp.get("/apply/check")
@access(Access.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show everything once more: answers, fee, deadline, rules."""
    found = asking()
    missing = _missing(found)
    return redirect(missing, code=303) if missing or found is None else _check(found)


@bp.post("/apply/check")
@access(Access.SIGNED_IN)
def send() -> ResponseReturnValue:
    """Apply; the same form sent again leads to the booking that it made before."""
    found, basket = asking(), request.form.get("basket", "")
    if found is None or basket != str(found.draft.id):
        made = _made_of(basket)
        if made is not None:
            return _to(made)
    missing = _missing(found)
    if missing or found is None:
        return redirect(missing, code=303)
    if request.form.get("lines") != found.mark:
        return _check(found, refusals=[Refusal("basket.changed")])
    try:
        return _applied(_apply(found))
    except NotAllLines as no:
        return _check(found, lost={one.line_id: one.refusals for one in no.lines})
    except Refused as no:
        return _check(found, refusals=no.refusals)


def _apply(found: Asking) -> Submitted:
    agreed = request.form.get("agreed_yen", "")
    return apply(
        context.catalogue(),
        context.basket_key() or "",
        applicant(),
        found.answers(),
        actor=context.actor(),
        now=context.now(),
        best_effort=request.form.get("rest") == "1",
        may_stay_open=True,
        waiver=_waiver(found),
        # What is no sum was not shown by us; nothing is agreed for it.
        agreed_yen=int(agreed) if agreed.isdecimal() and len(agreed) < 10 else -1,
    )


def _waiver(found: Asking) -> AskedWaiver | None:
    offer = waiver_asked(found)
    return AskedWaiver(offer.id, offer.label, found.waiver["reason"]) if offer else None


def _applied(made: Submitted) -> ResponseReturnValue:
    """Let go of the basket, so that the next choice begins a new one."""
    context.new_basket()
    journey.end()
    numbers: dict[str, str] = session.get("made", {})
    session["made"] = {**numbers, g.municipality.slug: made.booking.number}
    return _to(made.booking)


def _to(booking: Booking) -> ResponseReturnValue:
    return redirect(url_for("bookings.done", number=booking.number), code=303)


def _made_of(basket: str) -> Booking | None:
    """Return this person's booking that a basket has become, if it has."""
    if not basket.isdecimal() or len(basket) > 18:
        return None
    booking = booking_with(db.session(), int(basket))
    return booking if booking and booking.account_id == g.viewer.account_id else None


def _missing(found: Asking | None) -> str:
    """Return the address of what is still missing before the check; empty when nothing is."""
    if found is None:
        return journey.without_basket()
    if found.open():
        return journey.following(found)
    if g.viewer.resident_id is None:
        return url_for("account.profile", next=journey.check_url())
    return ""


def _check(
    found: Asking,
    *,
    refusals: Sequence[Refusal] = (),
    lost: Mapping[int, tuple[Refusal, ...]] | None = None,
) -> ResponseReturnValue:
    offered = offer(found.offered(), lost or {})
    return page(
        "apply/check.html",
        status=409 if refusals or lost is not None else 200,
        refused=sentences(refusals),
        offer=offered,
        asking=found,
        position=journey.position(journey.CHECK),
        back=journey.before(journey.CHECK),
        basket_url=url_for(journey.BASKET),
        **facts_of(found, offered),
    )
