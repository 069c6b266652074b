"""A resident's own bookings: the list, one of them, its paper and calendar file, cancelling."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.history import touches_of
from app.booking.queries import (
    booking_numbered,
    bookings_of,
    changes_of,
    lines_by_booking,
    lines_of,
)
from app.booking.service.permits import steps_of
from app.booking.states import OPEN, State
from app.db import db
from app.fees.queries import tariff_on
from app.fees.waivers import requests_for
from app.kernel import text_ja
from app.kernel.refusals import Refusal, Refused
from app.locks.openings import first_openings
from app.payments.service import owed_yen, paid_yen
from app.usecases.cancelling import cancel_lines
from app.usecases.reviewing import reply
from app.usecases.ways_in import knows_number
from app.web import context
from app.web.access import Access, access
from app.web.booked import Booked, all_booked, booked, row
from app.web.calendar_file import calendar_file
from app.web.door_hint import after_change, hint_of, is_by_number
from app.web.ending import cancelled_words, endings
from app.web.forms import MOST_IN_A_TEXT
from app.web.kept_keys import kept_keys
from app.web.outcomes import cancelling
from app.web.paper_files import papers_for
from app.web.pay_halls import together
from app.web.payables import paying, stopped
from app.web.records import NOTES_ON_PAPER, fee_of, history_of, recorded
from app.web.refund_words import how_back, refunds_said
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.waiver_offers import for_booking
from app.web.words import _

bp = Blueprint("bookings", __name__)

NUMBER = "<string(length=8):number>"


@bp.get("/bookings")
@access(Access.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show all bookings of this person: what comes first, then what is over."""
    own = bookings_of(db.session(), g.viewer.account_id)
    lines = lines_by_booking(db.session(), [one.id for one in own])
    found = all_booked(own, lines)
    coming = sorted((one for one in found if one.coming), key=lambda x: x.coming[0].line.starts_at)
    keys = first_openings(db.session(), [one.booking.id for one in coming], now=context.now())
    past = sorted(
        (one for one in found if not one.coming and one.lines),
        key=lambda one: one.lines[-1].line.starts_at,
        reverse=True,
    )
    return page(
        "bookings/mine.html",
        coming=[
            row(one, one.coming[0], len(one.coming), has_key=one.booking.id in keys)
            for one in coming
        ],
        past=[row(one, one.lines[-1], len(one.lines)) for one in past],
        together=together(coming),
        kept_keys=kept_keys(found),
        knows_waivers=bool(g.viewer.entitlements) or _knows_waivers(),
    )


def _knows_waivers() -> bool:
    """Say whether any hall waives fees at all; else there is nothing to ask for."""
    today = context.today()
    return any(tariff_on(one, today).document.waivers for one in context.catalogue().facilities)


@bp.get(f"/bookings/{NUMBER}")
@access(Access.SIGNED_IN)
def detail(number: str) -> ResponseReturnValue:
    """Show one booking with its fee, its money and its history."""
    found = own(number)
    return page(
        "bookings/detail.html",
        **recorded(found),
        review_steps=steps_of(db.session(), found.booking.id) if found.booking.review else [],
        me=g.viewer.account_id,
        waivers=requests_for(db.session(), found.booking.id),
        may_ask_waiver=_may_ask_waiver(found),
        cancelling=cancelling(found.uses) if found.coming else [],
        papers=papers_for(found),
        history=history_of(touches_of(db.session(), found.booking.id)),
        paying=paying(found),
        refunds=refunds_said(found.booking.id),
        door=hint_of(found),
        kept_keys=kept_keys([found]),
    )


@bp.post(f"/bookings/{NUMBER}/reply")
@access(Access.SIGNED_IN)
def send_reply(number: str) -> ResponseReturnValue:
    """Send the reply to what staff asked about an application."""
    found = own(number)
    words = text_ja.tidy_lines(request.form.get("words", ""))[:MOST_IN_A_TEXT]
    if not words:
        flash(_("返事を入力してください。"))
        return redirect(url_for("bookings.detail", number=number) + "#reply", code=303)
    try:
        reply(found.booking.id, words, actor=context.actor(), now=context.now())
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    else:
        flash(_("返事を送りました。会館の答えをお待ちください。"))
    return redirect(url_for("bookings.detail", number=number), code=303)


def _may_ask_waiver(found: Booked) -> bool:
    booking = found.booking
    if booking.state not in OPEN or not found.coming:
        return False
    return bool(for_booking(booking, [one.line for one in found.lines]))


@bp.get(f"/bookings/{NUMBER}/done")
@access(Access.SIGNED_IN)
def done(number: str) -> ResponseReturnValue:
    """Say that the application arrived, what comes next and by when."""
    found = own(number)
    return page(
        "bookings/done.html", b=found, quoted_yen=fee_of(found).total_yen,
        can_pay=paying(found, is_new=True).can_pay, door=hint_of(found),
        kept_keys=kept_keys([found]),
    )  # fmt: skip


@bp.get(f"/bookings/{NUMBER}/print")
@access(Access.SIGNED_IN)
def paper(number: str) -> ResponseReturnValue:
    """Show one booking on one sheet of paper."""
    found = own(number)
    return page(
        "bookings/print.html",
        back=url_for(".detail", number=number),
        by_number=is_by_number(found),
        **recorded(found, most_notes=NOTES_ON_PAPER),
    )


@bp.get(f"/bookings/{NUMBER}/calendar.ics")
@access(Access.SIGNED_IN)
def calendar(number: str) -> ResponseReturnValue:
    """Send the booking as a calendar file."""
    found = own(number)
    changes = changes_of(db.session(), found.booking.id)
    response = Response(
        calendar_file(found, changes=changes, by_number=is_by_number(found)),
        content_type="text/calendar; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="booking-{number}.ics"'
    return response


@bp.get(f"/bookings/{NUMBER}/cancel")
@access(Access.SIGNED_IN)
def ask_to_cancel(number: str) -> ResponseReturnValue:
    """Show what cancelling would do, before it is done."""
    return _cancel_page(own(number))


@bp.post(f"/bookings/{NUMBER}/cancel")
@access(Access.SIGNED_IN)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel the chosen lines and say what followed."""
    found = own(number)
    ids = [int(one) for one in request.form.getlist("line") if one.isdecimal() and len(one) < 19]
    if not ids:
        return _cancel_page(found, status=422, refusals=[Refusal("cancel.nothing_chosen")])
    state = stopped(found.booking.id)
    if state == "paid":
        return _cancel_page(own(number), status=409, refusals=[Refusal("pay.arrived")])
    owed = owed_yen(db.session(), found.booking.id)
    try:
        ends = cancel_lines(
            context.catalogue(), found.booking.id, ids, actor=context.actor(), now=context.now()
        )
    except Refused as no:
        return _cancel_page(found, status=409, refusals=no.refusals)
    is_whole = found.booking.state == State.CANCELLED
    after = owed_yen(db.session(), found.booking.id)
    for text in cancelled_words(ends, is_whole=is_whole, owed_before=owed, owed_after=after):
        flash(text)
    for text in after_change(found.booking.id, is_over=is_whole, is_rest=True):
        flash(text)
    if state == "waiting":
        flash(_("コンビニの番号は使わないでください。はらってしまったときは、お返しします。"))
    return redirect(url_for("bookings.detail", number=number), code=303)


def _cancel_page(
    found: Booked, *, status: int = 200, refusals: Sequence[Refusal] = ()
) -> ResponseReturnValue:
    is_paid = paid_yen(db.session(), found.booking.id) > 0
    would = endings(found, is_paid=is_paid)
    return page(
        "bookings/cancel.html",
        status=status,
        b=found,
        endings=would,
        how_back=how_back(found.booking.id) if any(one.back_yen for one in would) else [],
        refused=sentences(refusals),
        chosen=request.form.getlist("line"),
        tells_of_number=_tells_of_number(found),
    )


def _tells_of_number(found: Booked) -> bool:
    """Say whether a number was seen, or can be by now: else there is none to speak of."""
    hint = hint_of(found)
    if hint is None or hint.seen_from is None:
        return False
    return hint.near == "now" or knows_number(db.session(), found.booking.id)


def own(number: str) -> Booked:
    """Return the viewer's booking; another's is as unknown as one that never was."""
    known = number.isascii() and number.isdecimal()
    booking = booking_numbered(db.session(), number) if known else None
    if booking is None or booking.account_id != g.viewer.account_id:
        abort(404)
    return booked(booking, lines_of(db.session(), booking.id))
