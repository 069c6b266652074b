"""Staff take something off a fee that was charged (減額): the heating failed, for one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import lines_of
from app.booking.service.ending import certain, is_own, locked, looks_other
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.refunds.planning import Cause, plan
from app.payments.service import cost_of, enter, of_line, owed_yen

RULE: Final = "credit"  # of the line of a fee that staff took off
# Of one that was cancelled it is what staff give back where no rule says how much.
CHARGED: Final = (State.PROVISIONAL, State.CONFIRMED, State.USED, State.CANCELLED)
OF: Final = (LineState.ACTIVE, LineState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Off:
    """How much is taken off which use, why, and what its fee was when that was decided."""

    line_id: int
    yen: int
    reason: str
    seen_yen: int


def credit(booking_id: int, off: Off, *, actor: Actor, now: datetime) -> Booking:
    """Take something off a fee; what was paid too much goes back. Pressed twice it is done once.

    Raises Refused for one's own booking, for one that nothing was charged of, for more than its
    fee, without a reason, and when the fee is not what was seen any more.
    """

    def work(session: Session) -> Booking:
        booking = locked(session, booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("fee.own"))
        line = next((x for x in lines_of(session, booking.id) if x.id == off.line_id), None)
        if line is None or line.state not in OF or booking.state not in CHARGED:
            raise Refused(Refusal("payment.not_due"))
        _check(line, cost_of(session, booking.id, line.id), off)
        if line.state == LineState.ACTIVE:
            _write(booking, line, off)
        entry = of_line("credit", -off.yen, line)
        enter(session, [entry], booking_id=booking.id, actor=actor, now=now)
        is_due = booking.state in (State.PROVISIONAL, State.CONFIRMED) and booking.due_at
        if is_due and owed_yen(session, booking.id) <= 0:
            certain(session, booking, now=now)
        plan(session, booking.id, Cause("credited", off.reason), now=now)
        looks_other(session, booking, now=now)
        deed = audit.note_one(
            session, actor, "fee.credited", subject="booking", subject_id=booking.id, now=now,
            facts={
                "lines": [line.id], "off_yen": off.yen, "fee_yen": booking.fee_yen,
                "reason": off.reason, "state": booking.state,
            },
        )  # fmt: skip
        if booking.account_id is not None:
            email = email_of(session, booking.account_id)
            promise(session, "fee_credited", subject_id=deed, email=email, now=now)
        return booking

    return in_transaction(work)


def _check(line: BookingLine, cost: int, off: Off) -> None:
    if off.seen_yen != cost:
        raise Refused(Refusal("credit.meanwhile", {"yen": cost}))
    # A use that stands costs its fee, and what a rule kept when it was made shorter: no fee may
    # become less than nothing.
    most = min(cost, line.fee_yen or 0) if line.state == LineState.ACTIVE else cost
    if not 0 < off.yen <= most:
        raise Refused(Refusal("credit.sum", {"yen": most}))
    if not off.reason:
        raise Refused(Refusal("credit.no_reason"))


def _write(booking: Booking, line: BookingLine, off: Off) -> None:
    """Lower the fee: cancelled later, what comes back is of what it costs now."""
    quote = dict(line.quote or {})
    taken = {
        "rule": RULE, "label": "減額", "arithmetic": off.reason, "yen": -off.yen, "citation": "",
    }  # fmt: skip
    line.fee_yen = (line.fee_yen or 0) - off.yen
    booking.fee_yen -= off.yen
    line.quote = {**quote, "total_yen": line.fee_yen, "lines": [*quote.get("lines", ()), taken]}
