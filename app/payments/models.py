"""The ledger of bookings; the database refuses to change or delete an entry."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class LedgerEntry(TenantOwned, Base):
    """One movement of money or debt of a booking; what is owed is the sum of `yen`."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        CheckConstraint("kind in ('charge','waiver','release','payment','refund')", name="kind"),
        # A charge and a payout raise what is owed to us; the others lower it.
        CheckConstraint(
            "(kind in ('charge','refund') and yen >= 0)"
            " or (kind in ('waiver','release','payment') and yen <= 0)",
            name="sign",
        ),
        Index("ix_ledger_entry_booking", "tenant_id", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(BigInteger)
    booking_line_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str]  # charge 調定, waiver 減免, release 調定減, payment 収納, refund 還付の支払い
    yen: Mapped[int]
    entered_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(BigInteger)  # who entered it; None: the service
    method: Mapped[str | None]  # of a payment: counter
