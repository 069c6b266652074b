"""What cancelling would do, or has done, line by line and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.booking.rules.outcomes import Consequence
from app.booking.service.ending import LineEnd, line_ends
from app.db import db
from app.payments.costs import costs_of
from app.payments.service import balance_of, gone_back_yen
from app.web import context, formats
from app.web.booked import Booked, BookedLine
from app.web.kept_words import undecided
from app.web.outcomes import ask_the_hall, share, until
from app.web.sentences import sentence
from app.web.words import _


@dataclass(frozen=True, slots=True)
class Ending:
    """A line that stands, with what cancelling it would do, or why that can't be done."""

    booked: BookedLine
    sentences: tuple[str, ...]
    citation: str
    until: datetime | None
    refusal: str
    back_yen: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a line costs in the ledger, and how much of that is really held for it."""

    cost_yen: int
    yen: int
    is_less: bool = False  # something of the booking's payments went back already

    def back_yen(self, end: Consequence) -> int:
        """Return what would come back of what is held."""
        return max(0, self.yen - (self.cost_yen - end.refund_yen))

    def still_due_yen(self, end: Consequence) -> int:
        """Return what would have to be paid all the same."""
        return max(0, self.cost_yen - end.refund_yen - self.yen)


def endings(found: Booked, *, is_paid: bool) -> list[Ending]:
    """Return what cancelling each standing line of a booking would do now."""
    by_line = {one.line.id: one for one in found.lines if one.facility}
    lines = [one.line for one in by_line.values()]
    held = _held(found) if is_paid else {}
    ends = line_ends(context.catalogue(), found.booking, lines, is_paid=is_paid, now=context.now())
    return [
        Ending(
            by_line[end.line.id],
            tuple(_would(by_line[end.line.id], end.consequence, held.get(end.line.id))),
            end.consequence.citation,
            until(use) if (use := by_line[end.line.id].use) else None,
            sentence(end.refusal) if end.refusal else "",
            _back(end, held.get(end.line.id)),
        )
        for end in ends
    ]


def _held(found: Booked) -> dict[int, Held]:
    """Return what is held for each standing line: payments less refunds, and what others keep."""
    session, booking_id = db.session(), found.booking.id
    balance = balance_of(session, booking_id)
    gone = gone_back_yen(session, booking_id) + max(0, -balance.owed_yen)
    costs = {line_id: one.now_yen for line_id, one in costs_of(session, booking_id, {}).items()}
    standing = [one.line.id for one in found.standing]
    left = balance.paid_yen - gone
    left -= sum(yen for line_id, yen in costs.items() if line_id not in standing)
    held = {}
    for line_id in standing:
        cost = costs.get(line_id, 0)
        mine = min(cost, max(left, 0))
        left -= mine
        held[line_id] = Held(cost, mine, is_less=gone > 0)
    return held


def _back(end: LineEnd, held: Held | None) -> int:
    return held.back_yen(end.consequence) if held and not end.refusal else 0


def _would(booked: BookedLine, end: Consequence, held: Held | None) -> list[str]:
    """Return what cancelling a line would do; `held` is None while nothing was paid."""
    fee_yen = booked.line.fee_yen or 0
    if not fee_yen and not (held and held.cost_yen):
        return [_("お金はかかりません。")]
    if held is None:
        return [_("%(fee)sは、はらわなくてよくなります。", fee=formats.yen(fee_yen))]
    if booked.facility and end.is_undecided:
        return [ask_the_hall(booked.facility)]
    return [*_comes_back(end, held, fee_yen), *_not_paid(end, held)]


def _comes_back(end: Consequence, held: Held, fee_yen: int) -> list[str]:
    back_yen = held.back_yen(end)
    of = _("先に返す分をのぞいた%(yen)s") if held.is_less else _("はらった%(yen)s")
    of %= {"yen": formats.yen(held.yen)}
    if not back_yen:
        return [_("%(of)sは、返りません。", of=of)]
    if back_yen == held.yen:
        return [_("%(of)sは、全部返します。", of=of)]
    said = [_("%(of)sのうち、%(back)sを返します。", of=of, back=formats.yen(back_yen))]
    if back_yen != end.refund_yen:
        return said
    part = share(end.refund_percent or 0)
    if held.yen == fee_yen:
        return [*said, _("返すのは、料金の%(share)sです。", share=part)]
    fee = formats.yen(fee_yen)
    return [*said, _("返すのは、いまの料金 %(fee)sの%(share)sです。", fee=fee, share=part)]


def _not_paid(end: Consequence, held: Held) -> list[str]:
    """Return what becomes of what was not paid yet of a line that became dearer."""
    due = held.still_due_yen(end)
    freed = held.cost_yen - held.yen - due
    said = []
    if freed > 0:
        text = _("まだはらっていない%(yen)sは、はらわなくてよくなります。", yen=formats.yen(freed))
        said.append(text)
    if due:
        said.append(_("%(yen)sは、取り消してもはらう必要があります。", yen=formats.yen(due)))
    return said


def cancelled_words(
    ends: Sequence[LineEnd], *, is_whole: bool, owed_before: int, owed_after: int
) -> list[str]:
    """Return what was done, and what follows for the money; asked again it was done before.

    `owed_before` and `owed_after`: how the booking's balance stood; negative is owed back.
    """
    if not ends:
        return [_("この枠は、すでに取り消してあります。")]
    refund = max(0, -owed_after) - max(0, -owed_before)
    released = _released(ends, owed_before, owed_after)
    said = [_("%(n)s枠を取り消しました。", n=len(ends))]
    if is_whole:
        said = [_("この予約を、すべて取り消しました。")]
    if released > 0:
        said.append(
            _("取り消した枠の%(yen)sは、はらわなくてよくなりました。", yen=formats.yen(released))
        )
    if refund > 0:
        said.append(_("%(yen)sを返します。", yen=formats.yen(refund)))
    kept = [one.consequence for one in ends if _is_kept(one)]
    if any(one.is_undecided for one in kept):
        said.append(undecided())
    elif kept and refund <= 0:
        said.append(_("はらった料金は、返りません。"))
    return said


def _released(ends: Sequence[LineEnd], owed_before: int, owed_after: int) -> int:
    """Return what need not be paid any more; what is not permitted yet stands in no ledger."""
    if owed_before == owed_after == 0:
        return sum(one.consequence.released_yen for one in ends)
    return max(0, owed_before) - max(0, owed_after)


def _is_kept(end: LineEnd) -> bool:
    """Say whether something of a line was paid and does not come back."""
    found = end.consequence
    return (end.line.fee_yen or 0) > found.refund_yen + found.released_yen
