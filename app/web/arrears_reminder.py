"""Reminding of what is owed: who is asked in which way, the letters, and the papers."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.states import LineState
from app.db import db
from app.db.session import current_tenant
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.kernel.text_ja import digits
from app.reports import arrears
from app.reports.arrears import ALL, Debt
from app.usecases.demanding import MAIL, PAPER, demand
from app.web import context, formats, money_words, staff_words
from app.web.access import access
from app.web.arrears import ROWS, asked, listed
from app.web.rendering import page
from app.web.words import _

OWN = "own"  # staff do not remind themselves

bp = Blueprint("arrears_reminder", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/arrears/reminder")
@access(Permission.RECEIVE_PAYMENT)
def ask() -> ResponseReturnValue:
    """Show whom a letter would be sent to, whom somebody calls, and who is left out."""
    debts = _chosen(request.args.getlist("number"))
    if not debts:
        return listed(problems=[_("催促する予約をえらんでください。")], status=422)
    return _page(debts)


@bp.post("/arrears/reminder")
@access(Permission.RECEIVE_PAYMENT)
def send() -> ResponseReturnValue:
    """Promise the letters, once a day for each booking, and note whom somebody calls."""
    debts = [one for one in _chosen(request.form.getlist("number")) if one.may_be_reminded]
    if not debts:
        return listed(problems=[_("催促する予約をえらんでください。")], status=422)
    ids = {one.booking_id: one.number for one in debts}
    db.session.rollback()  # each has a transaction of its own
    done: dict[str, list[str]] = {MAIL: [], PAPER: [], OWN: [], "": []}
    for booking_id, number in ids.items():
        try:
            way = demand(
                context.catalogue(), booking_id, actor=context.actor("staff"), now=context.now()
            )
        except Refused as no:  # paid or cancelled in this very moment, else one's own
            way = OWN if "payment.own" in no.codes else None
        done[way or ""].append(number)
    if done[MAIL]:
        flash(_("催促のメールを%(n)s件送りました。", n=len(done[MAIL])))
    if done[""]:
        flash(_("%(n)s件は、きょう催促したか、もう未納ではありません。", n=len(done[""])))
    if done[OWN]:
        flash(_("%(n)s件は自分の予約です。ほかの職員が催促します。", n=len(done[OWN])))
    if done[PAPER]:
        flash(_("%(n)s件はメールがありません。電話か手紙で知らせてください。", n=len(done[PAPER])))
        return redirect(url_for(".ask", number=done[PAPER]), code=303)
    return redirect(url_for("arrears.show"), code=303)


@bp.get("/arrears/letters")
@access(Permission.RECEIVE_PAYMENT, recent=True)
def letters() -> ResponseReturnValue:
    """Show letters for those who have no mail, one on a sheet of A4."""
    debts = [one for one in _chosen(request.args.getlist("number")) if one.may_be_reminded]
    if not debts:
        return listed(problems=[_("手紙を出す予約をえらんでください。")], status=422)
    found = [_letter(some) for some in _by_booking(debts)]
    return page("money/letters.html", letters=found, words=money_words)


def _chosen(numbers: Sequence[str]) -> list[Debt]:
    """Return what is owed for these bookings, where the viewer takes their money."""
    wanted = {digits(one) for one in numbers[:ROWS]} - {""}
    if not wanted:
        return []
    found = arrears.debts(db.session(), asked(which=ALL, numbers=wanted))
    return [one for one in found if one.may_ask]


def _page(debts: Sequence[Debt]) -> ResponseReturnValue:
    told = arrears.told_so_far(db.session(), [one.booking_id for one in debts])
    today = context.today()
    told_today = {
        booking_id
        for booking_id, some in told.items()
        if any(x.way in (MAIL, PAPER) and formats.local(x.at).date() == today for x in some)
    }
    kinds: dict[str, list[Debt]] = {"mail": [], "paper": [], "told": [], "never": []}
    for some in _by_booking(debts):
        kinds[_kind(some[0], told_today)] += some
    return page(
        "money/reminder.html",
        kinds=kinds,
        numbers=_numbers(
            x for x in [*kinds["mail"], *kinds["paper"]] if x.booking_id not in told_today
        ),
        count_of=lambda some: len(_numbers(some)),
        numbers_of=_numbers,
        told=told,
        words=money_words,
    )


def _numbers(some: Iterable[Debt]) -> list[str]:
    """Return the bookings of debts, each once."""
    return list(dict.fromkeys(one.number for one in some))


def _kind(one: Debt, told_today: set[int]) -> str:
    if not one.may_be_reminded:
        return "never"
    if not one.has_account:
        return "paper"
    return "told" if one.booking_id in told_today else "mail"


def _by_booking(debts: Sequence[Debt]) -> list[list[Debt]]:
    """Return debts by booking: one that owes two payees is one letter."""
    found: dict[int, list[Debt]] = {}
    for one in debts:
        found.setdefault(one.booking_id, []).append(one)
    return list(found.values())


def _letter(some: Sequence[Debt]) -> dict[str, Any]:
    """Return what a letter on paper says: to whom, for what, how much, by when, where."""
    booking = db.session.get_one(Booking, (current_tenant(), some[0].booking_id))
    lines = []
    for line in lines_of(db.session(), booking.id):
        if line.state == LineState.ACTIVE:
            lines.append((line, *context.catalogue().known_room(line.room_id)))
    halls_there = {hall.id: hall for _line, hall, _room in lines}.values()
    return {
        "booking": booking,
        "lines": lines,
        "halls": list(halls_there),
        "debts": some,
        "yen": sum(one.yen for one in some),
        "issuers": sorted({money_words.payee(one.payee) for one in some}),
    }
