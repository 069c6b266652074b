"""A booking by telephone or at the counter: who calls, what they usually book, done in four taps.

Everything stands in the form until it is booked and goes along with each press, so that nothing
is lost when the manager is called away, and a reload does no harm. Who calls stands in no address.
"""

import secrets

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.codes import keyed_hash
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.kernel.text_ja import digits, is_kana
from app.reports.callers import FEWEST_OF_A_PHONE, callers
from app.reports.matching import FEWEST_DIGITS, is_numeric, is_too_short
from app.usecases import booking_for
from app.usecases.applying import NotAllWishes
from app.web import context, desk_place, halls, staff_words
from app.web.access import access
from app.web.phone_booking import PhoneBooking
from app.web.phone_free import about_yen
from app.web.phone_offers import offers
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import printable
from app.web.words import _

bp = Blueprint("desk_phone", __name__)
bp.context_processor(staff_words.in_templates)
NONCE_BYTES = 16


@bp.get("/<slug:facility>/phone")
@access(Permission.BOOK_FOR_OTHERS)
def find(facility: str) -> ResponseReturnValue:
    """Find who is calling, by number, telephone or kana."""
    hall = halls.hall(facility, Permission.BOOK_FOR_OTHERS)
    desk_place.come_to(hall)
    words = printable(request.args.get("q", ""))[:100]
    problem, found = "", []
    if words and is_too_short(words):
        problem = _("番号や電話番号は、%(n)sけた以上を入れてください。", n=FEWEST_DIGITS)
    elif words:
        found = callers(db.session(), words, scope=halls.scope(Permission.BOOK_FOR_OTHERS))
    status = 422 if problem else 200
    place = PhoneBooking(hall)
    return page(
        "desk/phone.html", status=status, hall=hall, words=words, found=found, problem=problem,
        noted=place.noted(), place=place.place(), typed=_typed(words), today=context.today(),
    )  # fmt: skip


def _typed(words: str) -> dict[str, str]:
    """Return what was looked for as the part of a new booking that it would be."""
    if not words:
        return {}
    is_phone = is_numeric(words) and len(digits(words)) >= FEWEST_OF_A_PHONE
    if is_phone:
        return {"phone": words}
    return {"kana": words} if is_kana(words) and not is_numeric(words) else {}


@bp.get("/<slug:facility>/phone/booking")
@access(Permission.BOOK_FOR_OTHERS)
def draft(facility: str) -> ResponseReturnValue:
    """Show what would be booked for the caller and what it costs; what they usually book."""
    hall = halls.hall(facility, Permission.BOOK_FOR_OTHERS)
    return _page(PhoneBooking(hall), nonce=secrets.token_urlsafe(NONCE_BYTES))


@bp.post("/<slug:facility>/phone/booking")
@access(Permission.BOOK_FOR_OTHERS)
def book(facility: str) -> ResponseReturnValue:
    """Book it all or nothing, at a price that was seen; pressed twice it is booked once.

    What only shapes the form, as a use that is added, shows it again.
    """
    hall = halls.hall(facility, Permission.BOOK_FOR_OTHERS)
    form = PhoneBooking(hall)
    nonce = request.form.get("nonce", "")[:100] or secrets.token_urlsafe(NONCE_BYTES)
    if form.is_shaped:
        return _page(form, nonce=nonce)
    if form.missing() or not form.wishes:
        return _page(form, nonce=nonce, status=422)
    if form.agreed_yen is None:
        return _page(form, nonce=nonce)
    try:
        made = booking_for.book_for(
            context.catalogue(), form.as_noted(_key(nonce)),
            actor=context.actor("staff"), now=context.now(), agreed_yen=form.agreed_yen,
        )  # fmt: skip
    except Refused as no:
        form.refuse(no)
        return _page(form, nonce=nonce, status=409)
    number = made.booking.number
    return redirect(url_for("desk_booking.show", number=number, told="booked"), code=303)


def _page(form: PhoneBooking, *, nonce: str, status: int = 200) -> ResponseReturnValue:
    """Show the form with its price; a price that can't be had says why at each use."""
    priced = None
    if form.missing():
        form.look_at_floor()
    elif form.wishes:
        try:
            priced = booking_for.look_at(
                context.catalogue(), form.as_noted(_key(f"look-{nonce}")),
                actor=context.actor("staff"), now=context.now(),
            )  # fmt: skip
        except NotAllWishes as no:
            form.refuse(no)
        except Refused as no:
            form.problems = sentences(no.refusals)
    if (
        request.method == "POST"
        and not form.is_shaped
        and status == 200
        and (form.problems or form.by_use)
    ):
        status = 409
    return page(
        "desk/phone_booking.html",
        status=status,
        hall=form.hall,
        form=form,
        priced=priced,
        about_yen=None
        if priced
        else about_yen(form.hall, form.wishes, form.applicant().applicant_class),
        offers=offers(form),
        nonce=nonce,
    )


def _key(nonce: str) -> str:
    return keyed_hash(context.settings().secret_key, "phone", nonce)
