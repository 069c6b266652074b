"""Notices (取消・還付通知書, 還付通知書): what was cancelled, what else goes back, what is kept."""

from collections.abc import Sequence
from typing import Any

from app.booking.states import LineState, Review, State
from app.db import db
from app.issued.service import Draft
from app.papers.documents import Ended, GivenBack, Notice
from app.payments.costs import Cost, costs_of, undecided_lines
from app.reports.papers import PayeeMoney, displaced_of, money_by_payee
from app.web import formats
from app.web.booked import Booked, BookedLine
from app.web.kept_words import kept_said, undecided
from app.web.paper_facts import drafted, facts_of_line, uses_in
from app.web.paper_given import Given, given_back
from app.web.paper_words import by_payee, issuer, payee_named, use_of
from app.web.refund_words import ways_back
from app.web.words import _

UNPAID = (State.REQUESTED, State.PROVISIONAL)  # of what is not paid yet nothing goes back
BY_RULE = {"changed", "waived", "credited"}  # a refund of these alone has a notice


def ended_of(found: Booked) -> list[BookedLine]:
    """Return the lines that were cancelled; what was not permitted never stood (不許可)."""
    if found.booking.review == Review.REFUSED:
        return []
    return [one for one in found.lines if one.line.state == LineState.CANCELLED]


def is_due(found: Booked) -> bool:
    """Say whether there is something to give notice of."""
    if ended_of(found):
        return True
    return found.booking.state not in UNPAID and _has_refund(given_back(found))


def notices(found: Booked) -> list[Draft]:
    """Return the notices that are due now, one for each payee."""
    ended, given = by_payee(ended_of(found)), given_back(found)
    payees = list(dict.fromkeys([*ended, *(one.payee for one in given)]))
    drafts = []
    for payee in payees:
        mine = [one for one in given if one.payee == payee]
        if payee in ended or _has_refund(mine):
            drafts.append(_notice(found, payee, ended.get(payee, []), mine))
    return drafts


def _has_refund(given: Sequence[Given]) -> bool:
    return any(one.reason in BY_RULE for one in given)


def _notice(
    found: Booked, payee: str, lines: Sequence[BookedLine], given: Sequence[Given]
) -> Draft:
    session, booking = db.session(), found.booking
    money = money_by_payee(session, booking.id).get(payee, PayeeMoney())
    displaced = displaced_of(session, booking.id) if lines else frozenset()
    open_ones = undecided_lines(session, booking.id)
    left = max(0, money.paid_back_yen - money.owed_yen)  # what comes back of all that was received
    ended, rows = _ended(found, lines, left, displaced, open_ones)
    back_yen = sum(one.back_yen for one in ended)
    beside = _fitting(given, left - back_yen)
    standing = [one for one in found.standing if one.line.payee == payee]
    waits = [one.line.id for one in (*lines, *standing) if one.line.id in open_ones]
    document = Notice(
        booking.applicant_name or "",
        issuer(payee_named(payee), [one.facility for one in (lines or standing)]),
        found.number,
        tuple(ended),
        money.received_yen,
        back_yen + sum(one.yen for one in beside),
        sum(x.fee_yen - x.kept_yen - x.back_yen for x in ended if not x.is_undecided),
        _basis_of(lines, displaced),
        tuple(ways_back(booking.id, payee)) if back_yen or beside else (),
        tuple(map(use_of, standing)),
        tuple(GivenBack(one.on, one.because, one.yen, one.basis, one.what) for one in beside),
        undecided() if waits else "",
        tuple(x for x in kept_said(found, payee=payee) if x != undecided()),
    )
    facts: dict[str, Any] = {"lines": rows, "received": money.received_yen, "back": back_yen}
    facts |= {"undecided": waits} if waits else {}
    facts |= {"given": [one.fact for one in beside]} if beside else {}
    return drafted(payee, facts, document)


def _ended(
    found: Booked,
    lines: Sequence[BookedLine],
    left: int,
    displaced: frozenset[int],
    open_ones: frozenset[int],
) -> tuple[list[Ended], list[list[Any]]]:
    """Return the cancelled lines with their sums, and the same as facts."""
    at = {one.line.id: one.line.ended_at for one in lines if one.line.ended_at}
    costs = costs_of(db.session(), found.booking.id, at)
    ended, rows = [], []
    for one in lines:
        cost = costs.get(one.line.id, Cost(0, 0))
        back = min(max(0, cost.before_yen - cost.now_yen), left)
        left -= back
        ended.append(_line(one, cost, back, displaced, is_undecided=one.line.id in open_ones))
        rows.append([*facts_of_line(one), cost.before_yen, cost.now_yen, back])
    return ended, rows


def _line(
    one: BookedLine, cost: Cost, back: int, displaced: frozenset[int], *, is_undecided: bool
) -> Ended:
    because = _("会館の都合") if one.line.id in displaced else _("申し出による取り消し")
    assert one.line.ended_at is not None
    on = _("%(day)sに取り消し", day=formats.ja_date(one.line.ended_at))
    more = cost.before_yen - (one.line.fee_yen or 0)  # kept when it became cheaper
    remark = ""
    if more > 0:
        remark = _("変更のときに返らなかった%(yen)sを、ふくみます。", yen=formats.yen(more))
    return Ended(
        use_of(one), cost.before_yen, cost.now_yen, back, on, because, is_undecided, remark
    )


def _fitting(given: Sequence[Given], most: int) -> list[Given]:
    """Return what else goes back; what staff took off a cancelled use stands with that use."""
    found = []
    for one in sorted(given, key=lambda x: (x.reason == "credited", x.at)):
        if one.yen <= most:
            found.append(one)
            most -= one.yen
    return sorted(found, key=lambda one: one.at)


def _basis_of(lines: Sequence[BookedLine], displaced: frozenset[int]) -> str:
    """Return the rules of what was cancelled on request; the hall's own need none of them."""
    uses = uses_in([one for one in lines if one.line.id not in displaced])
    return "、".join(dict.fromkeys(filter(None, (x.terms.cancellation.citation for x in uses))))
