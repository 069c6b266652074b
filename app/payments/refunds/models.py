"""Refunds (還付): each out of one payment, as far as it has come."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class Refund(TenantOwned, Base):
    """Money that goes back out of one payment; in the ledger once it was paid out."""

    __tablename__ = "refund"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "payment_id"], ["ledger_entry.tenant_id", "ledger_entry.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "entry_id"], ["ledger_entry.tenant_id", "ledger_entry.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "attempt_id"], ["payment_attempt.tenant_id", "payment_attempt.id"]
        ),
        UniqueConstraint("tenant_id", "provider_ref"),
        UniqueConstraint("tenant_id", "entry_id"),
        CheckConstraint("yen > 0", name="yen"),
        CheckConstraint(
            "state in ('due','sent','details','done','failed','dropped')", name="state"
        ),
        CheckConstraint(
            "method in ('card','konbini','paypay','cash','transfer')", name="method"
        ),
        CheckConstraint("(state = 'done') = (entry_id is not null)", name="done"),
        Index("ix_refund_booking", "tenant_id", "booking_id"),
        Index(
            "ix_refund_going_on", "tenant_id", "asked_at",
            postgresql_where=text("state not in ('done','dropped')"),
        ),
    )  # fmt: skip

    booking_id: Mapped[int] = mapped_column(BigInteger)
    payee: Mapped[str]
    yen: Mapped[int]
    payment_id: Mapped[int] = mapped_column(BigInteger)  # out of which payment
    attempt_id: Mapped[int | None] = mapped_column(BigInteger)  # when the provider sends it
    method: Mapped[str]  # how it goes back
    # cancelled, displaced, changed, waived, late, double, over, outside
    reason: Mapped[str]
    citation: Mapped[str]  # by which rule (還付の根拠)
    # due: to be sent, or to be paid out by staff; details: they are asked for a bank account;
    # failed: staff decide; dropped: not owed any more before anything went
    state: Mapped[str]
    provider_ref: Mapped[str | None]  # re_…
    tries: Mapped[int]
    round: Mapped[int]  # how often it failed: each time the provider is asked anew
    error: Mapped[str | None]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(BigInteger)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    remark: Mapped[str]  # of staff: to which account, against which signature
