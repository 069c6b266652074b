"""What letters say of a payment: when, how, and for which bookings it was made at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import bookings_with
from app.db.session import current_tenant
from app.payments.models import LedgerEntry
from app.payments.online import attempts
from app.payments.online.models import PaymentAttempt, PaymentPart
from app.payments.service import owed_yen


@dataclass(frozen=True, slots=True)
class Told:
    """A booking that a payment is for, with its part, and what it still owes now."""

    booking: Booking
    yen: int
    owed_yen: int


def parts_told(session: Session, attempt_id: int) -> list[Told]:
    """Return the bookings that somebody set out to pay together, the first first."""
    parts = attempts.parts_of(session, attempt_id)
    found = {one.id: one for one in bookings_with(session, [x.booking_id for x in parts])}
    return [
        Told(found[one.booking_id], one.yen, owed_yen(session, one.booking_id)) for one in parts
    ]


def had_number(session: Session, booking_id: int) -> bool:
    """Say whether a number to pay a booking at a shop was ever out."""
    found = (
        select(PaymentAttempt.id)
        .join(
            PaymentPart,
            (PaymentPart.tenant_id == PaymentAttempt.tenant_id)
            & (PaymentPart.attempt_id == PaymentAttempt.id),
        )
        .where(
            PaymentAttempt.tenant_id == current_tenant(),
            PaymentPart.booking_id == booking_id,
            PaymentAttempt.voucher_url.is_not(None),
        )
    )
    return session.scalar(found.limit(1)) is not None


def received(session: Session, entry: LedgerEntry) -> dict[str, Any]:
    """Return when a payment came, and over the network the bookings that it covers."""
    attempt_id = session.scalar(
        select(PaymentPart.attempt_id).where(
            PaymentPart.tenant_id == current_tenant(), PaymentPart.entry_id == entry.id
        )
    )
    if attempt_id is not None:
        return {"received_at": entry.entered_at, "parts": parts_told(session, attempt_id)}
    taken = sum(-one.yen for one in _at_a_counter(session, entry))
    return {"received_at": entry.entered_at, "parts": [], "paid_yen": taken}


def _at_a_counter(session: Session, entry: LedgerEntry) -> Sequence[LedgerEntry]:
    """Return what was taken for a booking at once: of several payees each gets an entry."""
    return session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == entry.booking_id,
            LedgerEntry.kind == "payment",
            LedgerEntry.entered_at == entry.entered_at,
            LedgerEntry.method == entry.method,
        )
    ).all()
