"""What the ledger owes back is planned payment by payment; what is not owed any more is dropped.

The caller has the booking's lock, so that two plans of one booking never meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.db.outbox import enqueue
from app.db.session import current_tenant
from app.payments.models import LedgerEntry
from app.payments.online.models import PaymentPart
from app.payments.online.ways import WAYS
from app.payments.refunds.models import Refund
from app.payments.service import owed_by_payee

SEND = "send_refund"
NOT_GONE = ("due", "sent", "details", "failed")  # planned, and not in the ledger yet
AT_A_COUNTER = "cash"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money goes back, and by which rule (還付の根拠)."""

    reason: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Portion:
    """What of a payment goes back, and in which way."""

    payment_id: int
    yen: int
    method: str
    attempt_id: int | None  # through which it came; None: it goes back over a counter


def plan(session: Session, booking_id: int, cause: Cause, *, now: datetime) -> list[Refund]:
    """Plan what the ledger owes back and is not planned yet; return the new refunds.

    Each goes out of one payment, the newest first, in the way it was paid. What was planned and is
    not owed any more is dropped, unless it is on its way. Told again, nothing is planned twice.
    """
    made = []
    owed = owed_by_payee(session, booking_id)
    planned = _planned(session, booking_id)
    for payee in {*owed, *planned}:
        target = max(0, -owed.get(payee, 0))
        already = sum(one.yen for one in planned.get(payee, ()))
        if already > target:
            already -= _drop(planned[payee], already - target)
        if already < target:
            made += _spread(session, booking_id, payee, target - already, cause, now=now)
    session.flush()
    for one in made:
        if one.attempt_id is not None:
            send_soon(session, one)
    return made


def send_soon(session: Session, refund: Refund) -> None:
    """Let the worker send a refund through the provider once this commits."""
    enqueue(session, SEND, refund_id=refund.id)


def left_of(session: Session, booking_id: int, payment_id: int) -> int:
    """Return how much of a payment has not gone back and is not planned to."""
    payment = session.get_one(LedgerEntry, (current_tenant(), payment_id))
    found = _payments(session, booking_id, payment.payee)
    return next((left for entry, left, _attempt in found if entry.id == payment_id), 0)


def _planned(session: Session, booking_id: int) -> dict[str, list[Refund]]:
    found: dict[str, list[Refund]] = {}
    rows = session.scalars(
        select(Refund)
        .where(
            Refund.tenant_id == current_tenant(),
            Refund.booking_id == booking_id,
            Refund.state.in_(NOT_GONE),
        )
        .order_by(Refund.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for one in rows:
        found.setdefault(one.payee, []).append(one)
    return found


def _drop(planned: Sequence[Refund], too_much: int) -> int:
    """Drop or shorten what has not begun to go, the newest first; return how many yen."""
    dropped = 0
    for one in planned:
        if one.state != "due" or one.tries or dropped >= too_much:
            continue
        taken = min(one.yen, too_much - dropped)
        dropped += taken
        if taken == one.yen:
            one.state = "dropped"
        else:
            one.yen -= taken
    return dropped


def _spread(
    session: Session, booking_id: int, payee: str, yen: int, cause: Cause, *, now: datetime
) -> list[Refund]:
    made = []
    for part in portions(session, booking_id, payee, yen):
        one = Refund(
            tenant_id=current_tenant(), booking_id=booking_id, payee=payee, yen=part.yen,
            payment_id=part.payment_id, attempt_id=part.attempt_id, method=part.method,
            reason=cause.reason, citation=cause.citation, state="due", tries=0, round=0,
            asked_at=now, remark="",
        )  # fmt: skip
        session.add(one)
        made.append(one)
    return made


def portions(session: Session, booking_id: int, payee: str, yen: int) -> list[Portion]:
    """Return out of which payments so many yen go back, the newest first, and in which ways."""
    found = []
    for payment, left, attempt_id in _payments(session, booking_id, payee):
        taken = min(left, yen)
        if taken <= 0:
            continue
        if attempt_id is not None and payment.method in WAYS:
            found.append(Portion(payment.id, taken, payment.method, attempt_id))
        else:
            found.append(Portion(payment.id, taken, AT_A_COUNTER, None))
        yen -= taken
    return found


def _payments(
    session: Session, booking_id: int, payee: str
) -> list[tuple[LedgerEntry, int, int | None]]:
    """Return payments with what of each has not gone back, and through which attempt it came."""
    reversal = (
        select(LedgerEntry.reverses_id)
        .where(LedgerEntry.tenant_id == current_tenant(), LedgerEntry.booking_id == booking_id)
        .where(LedgerEntry.reverses_id.is_not(None))
    )
    gone = (
        select(Refund.payment_id, func.sum(Refund.yen).label("yen"))
        .where(
            Refund.tenant_id == current_tenant(),
            Refund.booking_id == booking_id,
            Refund.state != "dropped",
        )
        .group_by(Refund.payment_id)
        .subquery()
    )
    rows = session.execute(
        select(LedgerEntry, func.coalesce(gone.c.yen, 0), PaymentPart.attempt_id)
        .outerjoin(gone, gone.c.payment_id == LedgerEntry.id)
        .outerjoin(
            PaymentPart,
            and_(
                PaymentPart.tenant_id == LedgerEntry.tenant_id,
                PaymentPart.entry_id == LedgerEntry.id,
            ),
        )
        .where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == booking_id,
            LedgerEntry.payee == payee,
            LedgerEntry.kind == "payment",
            LedgerEntry.id.not_in(reversal),
        )
        .order_by(LedgerEntry.id.desc())
    )
    return [(entry, -entry.yen - int(back), attempt) for entry, back, attempt in rows]
