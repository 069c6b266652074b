"""What of a fee does not come back, by which rule, or that staff have yet to say; from the ledger.

For letters and pages alike: both are to name the same sums.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.policy import Terms
from app.booking.rules.changes import citation_of
from app.booking.states import LineState
from app.payments.costs import Cost, costs_of, undecided_lines
from app.payments.service import balance_of, gone_back_yen

Use = tuple[BookingLine, Terms | None]  # a line with the terms that were agreed to


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of uses that were cancelled."""

    fee_yen: int  # what they cost until then
    yen: int  # of that, kept for certain
    citation: str
    is_for_cancelling: bool  # charged as 取消料, and no longer a fee for use
    is_undecided: bool


@dataclass(frozen=True, slots=True)
class Overpaid:
    """What is kept of uses that became cheaper after they were paid."""

    paid_yen: int  # received for the whole booking
    fee_yen: int  # what the whole booking costs now
    back_yen: int  # of the difference, what came or comes back
    yen: int  # of the difference, what is kept
    citation: str
    is_undecided: bool

    @property
    def adds_up(self) -> bool:
        """Say whether these sums alone explain it; else something was cancelled or is due too."""
        return self.paid_yen - self.fee_yen == self.back_yen + self.yen


def kept_of(session: Session, booking_id: int, uses: Sequence[Use]) -> Kept | None:
    """Return what is kept of these uses that were cancelled; None when there is nothing to say."""
    gone = [(line, terms) for line, terms in uses if line.state == LineState.CANCELLED]
    if not gone:
        return None
    costs = _costs(session, booking_id, [line for line, _terms in gone])
    open_ones = undecided_lines(session, booking_id)
    sure = [x for x in gone if x[0].id not in open_ones and costs[x[0].id].now_yen > 0]
    is_undecided = any(line.id in open_ones for line, _terms in gone)
    if not sure and not is_undecided:
        return None
    return Kept(
        sum(costs[line.id].before_yen for line, _terms in sure),
        sum(costs[line.id].now_yen for line, _terms in sure),
        _cited(terms.cancellation.citation for _line, terms in sure if terms),
        any(terms.cancellation.kept_as != "fee" for _line, terms in sure if terms),
        is_undecided,
    )


def overpaid_of(session: Session, booking_id: int, uses: Sequence[Use]) -> Overpaid | None:
    """Return what is kept of these uses that stand and became cheaper; None: nothing is."""
    standing = [(line, terms) for line, terms in uses if line.state == LineState.ACTIVE]
    costs = _costs(session, booking_id, [line for line, _terms in standing])
    over = [x for x in standing if costs[x[0].id].now_yen > (x[0].fee_yen or 0)]
    balance = balance_of(session, booking_id)
    if not over or balance.paid_yen <= 0:
        return None
    open_ones = undecided_lines(session, booking_id)
    return Overpaid(
        balance.paid_yen,
        sum(line.fee_yen or 0 for line, _terms in standing),
        gone_back_yen(session, booking_id) + max(0, -balance.owed_yen),
        sum(costs[line.id].now_yen - (line.fee_yen or 0) for line, _terms in over),
        _cited(citation_of(terms) for _line, terms in over if terms),
        any(line.id in open_ones for line, _terms in over),
    )


def _costs(session: Session, booking_id: int, lines: Sequence[BookingLine]) -> dict[int, Cost]:
    ended = {one.id: one.ended_at for one in lines if one.ended_at is not None}
    found = costs_of(session, booking_id, ended)
    return {one.id: found.get(one.id, Cost(0, 0)) for one in lines}


def _cited(texts: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(one for one in texts if one))
