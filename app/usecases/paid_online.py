"""What the provider says of a payment is written down: money first, then what it means.

The page somebody comes back to, the provider's notices and the service's own questions all end
here. Attempts only move forward; told twice, nothing happens twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.service.ending import certain, locked
from app.booking.service.reviving import revive
from app.booking.service.told import uses_told
from app.booking.states import OPEN, State
from app.db import audit
from app.db.audit import SERVICE
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.kernel.refusals import Refused
from app.notify.service import promise
from app.payments import receipts
from app.payments.online import attempts
from app.payments.online.models import PaymentAttempt, PaymentPart
from app.payments.online.ways import GRACE, LATE_AT_THE_SHOP
from app.payments.ports import Seen
from app.payments.refunds import planning
from app.payments.refunds.planning import Cause
from app.payments.service import Entry, enter_one, owed_by_payee, owed_yen
from app.payments.tasks import ask_staff
from app.usecases.applying import charge
from app.usecases.receiving import issuer_of

FORWARD: Final = {"begun": 0, "open": 1, "waiting": 2, "expired": 3, "failed": 3, "paid": 4}


@dataclass(frozen=True, slots=True)
class Town:
    """The municipality as far as receipts and times need it."""

    catalogue: Catalogue
    name: str


def advance(session: Session, town: Town, attempt_id: int, seen: Seen, *, now: datetime) -> str:
    """Bring an attempt to where the provider says it is; return its state."""
    parts = attempts.parts_of(session, attempt_id)
    bookings = {one.booking_id: locked(session, one.booking_id) for one in parts}
    attempt = attempts.locked(session, attempt_id)
    attempt.looked_at = now
    if FORWARD[seen.state] < FORWARD[attempt.state] or attempt.state == "paid":
        return attempt.state
    attempt.session_ref = seen.session_ref
    attempt.url = seen.url or attempt.url
    attempt.intent_ref = seen.intent_ref or attempt.intent_ref
    attempt.charge_ref = seen.charge_ref or attempt.charge_ref
    if seen.state == "paid":
        _settle(session, town, attempt, attempts.parts_of(session, attempt_id), bookings, seen,
                now=now)  # fmt: skip
    elif seen.state in ("expired", "failed") and attempt.ended_at is None:
        had_number = attempt.state == "waiting"
        attempts.close(session, attempt, seen.state, now=now)
        if had_number:
            _tell_number_ended(session, attempt, bookings.values(), now=now)
    elif seen.state == "waiting":
        _wait(session, attempt, seen, now=now)
    elif seen.state == "open":
        attempt.state = "open"
    session.flush()
    return attempt.state


def _wait(session: Session, attempt: PaymentAttempt, seen: Seen, *, now: datetime) -> None:
    """A number to pay at a shop is out; nobody can take it back."""
    attempt.voucher_url = seen.voucher_url or attempt.voucher_url
    attempt.voucher_until = seen.voucher_until or attempt.voucher_until
    if attempt.voucher_until is not None:
        attempt.ends_at = attempt.voucher_until + LATE_AT_THE_SHOP + GRACE
    if attempt.state != "waiting":
        attempt.state = "waiting"
        email = email_of(session, attempt.account_id)
        promise(session, "payment_waiting", subject_id=attempt.id, email=email, now=now)


def _tell_number_ended(
    session: Session, attempt: PaymentAttempt, bookings: Iterable[Booking], *, now: datetime
) -> None:
    """Promise a letter that a number ran out; of what lapses with it, that letter tells."""
    if any(_is_kept(session, one, now=now) for one in bookings):
        email = email_of(session, attempt.account_id)
        promise(session, "payment_number_ended", subject_id=attempt.id, email=email, now=now)


def _is_kept(session: Session, booking: Booking, *, now: datetime) -> bool:
    """Say whether a booking goes on waiting for its money."""
    if booking.due_at is None or owed_yen(session, booking.id) <= 0:
        return False
    if booking.state == State.CONFIRMED:
        return True
    return booking.state == State.PROVISIONAL and booking.due_at > now


def _settle(
    session: Session,
    town: Town,
    attempt: PaymentAttempt,
    parts: Sequence[PaymentPart],
    bookings: dict[int, Booking],
    seen: Seen,
    *,
    now: datetime,
) -> None:
    """Enter the money of every part, then judge what it means for each booking."""
    attempt.method = seen.method or attempt.way
    attempts.close(session, attempt, "paid", now=now)
    if seen.yen != attempt.yen:
        ask_staff(
            session, "odd_sum", f"attempt:{attempt.id}", booking_id=parts[0].booking_id,
            yen=seen.yen, facts={"asked_yen": attempt.yen}, now=now,
        )  # fmt: skip
    left = seen.yen
    owed_before = {}
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        yen = left if is_last else min(left, part.yen)
        left -= yen
        if yen > 0:
            booking = bookings[part.booking_id]
            owed_before[part.id] = owed_by_payee(session, booking.id).get(attempt.payee, 0)
            _enter(session, town, attempt, part, booking, yen, now=now)
    for part in parts:
        if part.entry_id is not None:
            booking = bookings[part.booking_id]
            part.outcome = _judge(session, town, booking, owed_before[part.id], now=now)
            _tell(session, attempt, part, booking, now=now)


def _enter(
    session: Session,
    town: Town,
    attempt: PaymentAttempt,
    part: PaymentPart,
    booking: Booking,
    yen: int,
    *,
    now: datetime,
) -> None:
    entry = Entry("payment", -yen, method=attempt.method, payee=attempt.payee)
    part.entry_id = enter_one(session, entry, booking_id=booking.id, actor=SERVICE, now=now)
    receipts.issue(
        session, issuer_of(town.catalogue, attempt.payee, town.name, now=now),
        booking_id=booking.id, entry_id=part.entry_id, yen=yen,
        uses=uses_told(session, booking.id, attempt.payee),
                addressee=booking.applicant_name or "",
        today=now.astimezone(town.catalogue.zone).date(), actor=SERVICE, now=now,
    )  # fmt: skip


def _judge(
    session: Session, town: Town, booking: Booking, owed_before: int, *, now: datetime
) -> str:
    """Let a booking stand that can; whatever is too much is planned to go back."""
    found = "paid"
    if booking.state == State.LAPSED:
        found = "revived" if _revived(session, town.catalogue, booking, now=now) else "late"
    elif booking.state not in OPEN:
        found = "late"
    elif owed_yen(session, booking.id) <= 0 and _waits_for_money(booking):
        certain(session, booking, now=now)
    if found == "paid" and any(yen < 0 for yen in owed_by_payee(session, booking.id).values()):
        found = "double" if owed_before <= 0 else "over"
    planning.plan(session, booking.id, Cause(found), now=now)
    return found


def _waits_for_money(booking: Booking) -> bool:
    is_due_again = booking.state == State.CONFIRMED and booking.due_at is not None
    return booking.state == State.PROVISIONAL or is_due_again


def _revived(session: Session, catalogue: Catalogue, booking: Booking, *, now: datetime) -> bool:
    """Try to let it stand again; what can't be had leaves no trace."""
    try:
        with session.begin_nested():
            lines = revive(session, catalogue, booking, now=now)
    except Refused:
        session.refresh(booking)
        return False
    charge(session, booking.id, lines, actor=SERVICE, now=now)
    return True


def _tell(
    session: Session,
    attempt: PaymentAttempt,
    part: PaymentPart,
    booking: Booking,
    *,
    now: datetime,
) -> None:
    assert part.entry_id is not None
    assert part.outcome is not None
    facts = {
        "yen": part.yen, "method": attempt.method, "outcome": part.outcome, "state": booking.state,
    }  # fmt: skip
    audit.note(
        session, SERVICE, "payment.online", subject="booking", subject_id=booking.id, now=now,
        facts=facts,
    )  # fmt: skip
    email, entry_id = email_of(session, attempt.account_id), part.entry_id
    if part.outcome == "paid":
        promise(session, "payment_received", subject_id=entry_id, email=email, now=now)
    elif part.outcome == "revived":
        promise(session, "payment_revived", subject_id=entry_id, email=email, now=now)
    else:
        promise(session, "payment_returned", subject_id=entry_id, email=email, now=now)
