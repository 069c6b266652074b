"""What a counter's day brought, entry by entry, and the receipts of a booking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.db.session import current_tenant
from app.payments.models import LedgerEntry, Receipt
from app.payments.till import CASH, MONEY


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came over a counter (positive) or went back (negative)."""

    at: datetime
    kind: str  # payment, refund, reversal
    yen: int
    method: str
    number: str  # of the booking
    name: str
    shown_name: str
    receipt_id: int | None
    fiscal_year: int | None
    receipt_number: int | None
    account_id: int | None  # who entered it

    @property
    def is_cash(self) -> bool:
        """Say whether it lies in the drawer, or was taken out of it."""
        return self.method == CASH


def movements(session: Session, counter_id: int | None, on: date) -> list[Movement]:
    """Return what stands on the 日計表 of a counter's day, in the order it was entered."""
    payment = func.coalesce(LedgerEntry.reverses_id, LedgerEntry.id)
    here = (
        LedgerEntry.counter_id.is_(None)
        if counter_id is None
        else LedgerEntry.counter_id == counter_id
    )
    statement: Select[*tuple[Any, ...]] = (
        select(
            LedgerEntry.entered_at, LedgerEntry.kind, -LedgerEntry.yen,
            func.coalesce(LedgerEntry.method, ""), Booking.number,
            func.coalesce(Booking.applicant_name, ""), func.coalesce(Booking.shown_name, ""),
            Receipt.id, Receipt.fiscal_year, Receipt.number, LedgerEntry.account_id,
        )
        .join(
            Booking,
            and_(Booking.tenant_id == LedgerEntry.tenant_id, Booking.id == LedgerEntry.booking_id),
        )
        .outerjoin(
            Receipt,
            and_(Receipt.tenant_id == LedgerEntry.tenant_id, Receipt.entry_id == payment),
        )
        .where(
            LedgerEntry.tenant_id == current_tenant(), here, LedgerEntry.business_on == on,
            LedgerEntry.kind.in_(MONEY),
        )
        .order_by(LedgerEntry.id)
    )  # fmt: skip
    return [Movement(*row) for row in session.execute(statement)]


def receipts_of(session: Session, booking_id: int) -> Sequence[Receipt]:
    """Return the receipts of a booking, the first first; voided ones too."""
    return session.scalars(
        select(Receipt)
        .where(Receipt.tenant_id == current_tenant(), Receipt.booking_id == booking_id)
        .order_by(Receipt.id)
    ).all()


def receipt_with(session: Session, receipt_id: int) -> tuple[Receipt, str] | None:
    """Return a receipt and the number of its booking, or None."""
    row = session.execute(
        select(Receipt, Booking.number)
        .join(
            Booking, and_(Booking.tenant_id == Receipt.tenant_id, Booking.id == Receipt.booking_id)
        )
        .where(Receipt.tenant_id == current_tenant(), Receipt.id == receipt_id)
    ).first()
    return (row[0], row[1] or "") if row else None
