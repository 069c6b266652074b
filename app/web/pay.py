"""Paying over the network: what and how, off to the provider's page, and back again."""

from collections.abc import Sequence

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.queries import bookings_with, lines_by_booking
from app.db import db
from app.kernel.refusals import Refused
from app.payments.online import attempts
from app.payments.online.models import PaymentAttempt
from app.payments.ports import Declined, Unreachable
from app.usecases.at_provider import open_page, refresh_for_page, stop
from app.usecases.paying_online import Choice, begin
from app.web import context
from app.web.access import Access, access
from app.web.booked import Booked, all_booked
from app.web.door_hint import hint_of
from app.web.headers import leads_to_provider
from app.web.pay_halls import by_hall
from app.web.payables import NAMES, SHOPS, Bill, bills, payables, provider, town, under_way
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("pay", __name__)

BACK = {"late", "double", "over"}  # what of a payment goes back
KEY = "<string(length=22):key>"


@bp.get("/pay")
@access(Access.SIGNED_IN)
def choose() -> ResponseReturnValue:
    """Show what is to be paid, and the ways to pay it; first which bookings, when there are many.

    One booking that is being paid for already leads to where it stands.
    """
    named = request.args.getlist("b")
    if also := request.args.getlist("also"):
        return _which(also)
    if not named and "which" in request.args:
        return _which(named, status=422)
    bill = _bill(named)
    if bill is None:
        return _which(named)
    if len(bill.items) == 1 and (one := under_way(bill.items[0].booking.id)) is not None:
        return redirect(url_for(".show", key=one.key), code=303)
    return _how(bill)


@bp.post("/pay")
@access(Access.SIGNED_IN)
def go() -> ResponseReturnValue:
    """Begin to pay and send the browser to the provider's page; pressed twice it is one page."""
    bill = _bill(request.form.getlist("b"))
    if bill is None:
        return _which(request.form.getlist("b"), status=409)
    way = request.form.get("way", "")
    if not way:
        return _how(bill, refused=[_("はらい方をえらんでください。")], status=422)
    yen = request.form.get("yen", "")
    ids = [one.booking.id for one in bill.items]
    chosen = Choice(ids, bill.payee, way, int(yen) if yen.isdecimal() and len(yen) < 10 else 0)
    now = context.now()  # of both, so that it shows whether somebody looked since
    try:
        attempt_id = begin(context.catalogue(), chosen, actor=context.actor(), now=now)
        url = open_page(provider(), town(), attempt_id, now=now)
    except Refused as no:
        return _how(bill, refused=sentences(no.refusals), way=way, status=409)
    if url is None:
        key = attempts.known(db.session(), attempt_id).key
        return redirect(url_for(".show", key=key), code=303)
    return redirect(url, code=303)


@bp.get(f"/pay/{KEY}")
@access(Access.SIGNED_IN)
def show(key: str) -> ResponseReturnValue:
    """Say how a payment stands, as the provider says just now; here one comes back."""
    attempt = _own(key)
    is_sure = refresh_for_page(provider(), town(), attempt.id, now=context.now())
    attempt = _own(key)
    items = _items(attempt)
    outcomes = {part.outcome for part in attempts.parts_of(db.session(), attempt.id)}
    is_paid_alone = attempt.state == "paid" and len(items) == 1
    response = page(
        "pay/show.html", attempt=attempt, items=items, is_sure=is_sure, shops=SHOPS,
        outcomes=outcomes, goes_back=bool(outcomes & BACK),
        way=NAMES.get(attempt.way, attempt.way),
        numbers=[one.booking.number for one in items],
        door=hint_of(items[0]) if is_paid_alone else None,
        halls=list({hall.id: hall for one in items for hall in one.halls}.values()),
    )  # fmt: skip
    return leads_to_provider(response, context.settings())


@bp.post(f"/pay/{KEY}/stop")
@access(Access.SIGNED_IN)
def leave(key: str) -> ResponseReturnValue:
    """Close the provider's page so that one can pay otherwise; what was paid stays paid."""
    attempt = _own(key)
    numbers = [one.booking.number for one in _items(attempt)]
    try:
        state = stop(provider(), town(), attempt.id, now=context.now())
    except (Unreachable, Declined):
        state = attempt.state
    if state in ("paid", "waiting", "begun", "open"):
        return redirect(url_for(".show", key=key), code=303)
    return redirect(url_for(".choose", b=numbers), code=303)


def _bill(numbers: Sequence[str]) -> Bill | None:
    """Return what is paid together; None when it is not clear yet which bookings."""
    found = bills(payables(numbers or None))
    if len(found) != 1 or (not numbers and len(found[0].items) > 1):
        return None
    return found[0]


def _which(numbers: Sequence[str], *, status: int = 200) -> ResponseReturnValue:
    found = payables()
    free = [x for x in found if x.attempt is None]
    return page(
        "pay/which.html", status=status, chosen=numbers,
        bills=[(one, by_hall(one.items)) for one in bills(free)],
        begun=[x for x in found if x.attempt is not None],
        is_nothing_chosen=status == 422,
        is_nothing_due=bool(numbers) and not set(numbers) & {x.booking.number for x in found},
        is_mixed=len(bills([x for x in found if x.booking.number in numbers])) > 1,
    )  # fmt: skip


def _how(
    bill: Bill, *, refused: Sequence[str] = (), way: str = "", status: int = 200
) -> ResponseReturnValue:
    others = [x for x in payables() if x.payee == bill.payee and x.attempt is None]
    shown = {x.booking.id for x in bill.items}
    response = page(
        "pay/how.html", status=status, bill=bill, names=NAMES, shops=SHOPS, refused=refused,
        parts=by_hall(bill.items), begun=[x for x in bill.items if x.attempt is not None],
        way=way or (bill.ways[0] if len(bill.ways) == 1 else ""),
        has_others=any(x.booking.id not in shown for x in others),
    )  # fmt: skip
    return leads_to_provider(response, context.settings())


def _items(attempt: PaymentAttempt) -> list[Booked]:
    parts = attempts.parts_of(db.session(), attempt.id)
    ids = [one.booking_id for one in parts]
    return all_booked(bookings_with(db.session(), ids), lines_by_booking(db.session(), ids))


def _own(key: str) -> PaymentAttempt:
    """Return the viewer's attempt; another's is as unknown as one that never was."""
    known = key.isascii() and key.isprintable()  # what is not, the database can't even look up
    found = attempts.with_key(db.session(), key) if known else None
    if found is None or found.account_id != g.viewer.account_id:
        abort(404)
    return found
