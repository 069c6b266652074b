"""What cancelling would do, or has done, line by line and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.booking.rules.outcomes import Consequence
from app.booking.service.ending import LineEnd, line_ends
from app.web import context, formats
from app.web.booked import Booked, BookedLine
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


def endings(found: Booked, *, is_paid: bool) -> list[Ending]:
    """Return what cancelling each standing line of a booking would do now."""
    by_line = {one.line.id: one for one in found.lines if one.facility}
    lines = [one.line for one in by_line.values()]
    ends = line_ends(context.catalogue(), found.booking, lines, is_paid=is_paid, now=context.now())
    return [
        Ending(
            by_line[end.line.id],
            tuple(_would(by_line[end.line.id], end.consequence, is_paid=is_paid)),
            end.consequence.citation,
            until(use) if (use := by_line[end.line.id].use) else None,
            sentence(end.refusal) if end.refusal else "",
            0 if end.refusal else end.consequence.refund_yen,
        )
        for end in ends
    ]


def _would(booked: BookedLine, end: Consequence, *, is_paid: bool) -> list[str]:
    fee_yen = booked.line.fee_yen or 0
    fee = formats.yen(fee_yen)
    if not fee_yen:
        return [_("お金はかかりません。")]
    if not is_paid:
        return [_("%(fee)sは、はらわなくてよくなります。", fee=fee)]
    is_silent = booked.terms and not booked.terms.cancellation.refunds
    if booked.facility and (is_silent or end.refund_percent is None):
        return [ask_the_hall(booked.facility)]
    if not end.refund_yen:
        return [_("はらった%(fee)sは、返りません。", fee=fee)]
    if end.refund_percent == 100:
        return [_("はらった%(fee)sは、全部返します。", fee=fee)]
    back = formats.yen(end.refund_yen)
    return [
        _("はらった%(fee)sのうち、%(back)sを返します。", fee=fee, back=back),
        _("返すのは、料金の%(share)sです。", share=share(end.refund_percent or 0)),
    ]


def cancelled_words(ends: Sequence[LineEnd], *, is_whole: bool) -> list[str]:
    """Return what was done, and what follows for the money; asked again it was done before."""
    if not ends:
        return [_("この枠は、すでに取り消してあります。")]
    refund = sum(end.consequence.refund_yen for end in ends)
    released = sum(end.consequence.released_yen for end in ends)
    kept = sum(end.line.fee_yen or 0 for end in ends) - refund - released
    said = [_("%(n)s枠を取り消しました。", n=len(ends))]
    if is_whole:
        said = [_("この予約を、すべて取り消しました。")]
    if released:
        said.append(
            _("取り消した枠の%(yen)sは、はらわなくてよくなりました。", yen=formats.yen(released))
        )
    if refund:
        said.append(_("%(yen)sを返します。", yen=formats.yen(refund)))
    elif any(end.consequence.refund_percent is None for end in ends) and kept > 0:
        said.append(_("返るお金は、会館が決めます。会館にお電話ください。"))
    elif kept > 0:
        said.append(_("はらった料金は、返りません。"))
    return said
