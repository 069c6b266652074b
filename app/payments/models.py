"""The ledger of bookings; the database refuses to change or delete an entry."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned

CITY = "city"  # the payee of a hall that names none: the municipality itself


class LedgerEntry(TenantOwned, Base):
    """One movement of money or debt of a booking; what is owed is the sum of `yen`."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "reverses_id"], ["ledger_entry.tenant_id", "ledger_entry.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "counter_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "reverses_id"),  # a payment is taken back once
        CheckConstraint(
            "kind in ('charge','surcharge','cancellation_fee','waiver','release','credit',"
            " 'payment','reversal','refund','refund_return')",
            name="kind",
        ),
        # A charge, a payout and a payment taken back raise what is owed to us.
        CheckConstraint(
            "(kind in ('charge','surcharge','cancellation_fee','refund','reversal') and yen >= 0)"
            " or (kind in ('waiver','release','credit','payment','refund_return') and yen <= 0)",
            name="sign",
        ),
        CheckConstraint(
            "(kind = 'reversal') = (reverses_id is not null)", name="reverses_something"
        ),
        Index("ix_ledger_entry_booking", "tenant_id", "booking_id"),
        Index("ix_ledger_entry_counter", "tenant_id", "business_on", "counter_id",
              postgresql_where=text("business_on is not null")),
    )  # fmt: skip

    booking_id: Mapped[int] = mapped_column(BigInteger)
    booking_line_id: Mapped[int | None] = mapped_column(BigInteger)
    # charge 調定, surcharge 割増, cancellation_fee 取消料, waiver 減免, release 調定減,
    # credit 充当, payment 収納, reversal 収納の取消, refund 還付の支払い, refund_return 還付の戻り
    kind: Mapped[str]
    yen: Mapped[int]
    entered_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(BigInteger)  # who entered it; None: the service
    # of money: cash, card_terminal, transfer; over the network card, konbini, paypay
    method: Mapped[str | None]
    payee: Mapped[str] = mapped_column(default=CITY)  # id in the policy
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    counter_id: Mapped[int | None] = mapped_column(BigInteger)  # the hall; None: the town hall
    business_on: Mapped[date | None]  # on whose 日計表 it stands; None: not taken at a counter


class ReceiptCount(Base):
    """How many receipts a payee issued in a fiscal year; its row is locked while one is made."""

    __tablename__ = "receipt_count"

    tenant_id: Mapped[int] = mapped_column(Integer, ForeignKey("tenant.id"), primary_key=True)
    payee: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int]


class Receipt(TenantOwned, Base):
    """A receipt (領収書) for one payment, as it was issued; voided it keeps its number."""

    __tablename__ = "receipt"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "entry_id"], ["ledger_entry.tenant_id", "ledger_entry.id"]
        ),
        UniqueConstraint("tenant_id", "payee", "fiscal_year", "number"),
        UniqueConstraint("tenant_id", "entry_id"),
        CheckConstraint("yen > 0 and number > 0 and copies >= 0", name="counts"),
        CheckConstraint("(voided_at is null) = (void_reason is null)", name="voided_for_a_reason"),
        Index("ix_receipt_booking", "tenant_id", "booking_id"),
    )

    payee: Mapped[str]
    fiscal_year: Mapped[int]
    number: Mapped[int]
    booking_id: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    yen: Mapped[int]  # tax included
    tax_percent: Mapped[int]
    addressee: Mapped[str]  # 宛名
    issuer: Mapped[str]
    invoice_number: Mapped[str | None]  # 登録番号, T and 13 digits
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(BigInteger)
    # What it was for, as it was then; None: issued before that was kept.
    uses: Mapped[list[dict[str, Any]] | None]
    copies: Mapped[int] = mapped_column(default=0)  # how often it was issued again (再発行)
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[int | None] = mapped_column(BigInteger)
    void_reason: Mapped[str | None]


class CashDay(TenantOwned, Base):
    """A counter's day, closed (日計表の締め); what comes later stands on the next open day."""

    __tablename__ = "cash_day"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "counter_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "counter_id", "on_date", postgresql_nulls_not_distinct=True),
        CheckConstraint("counted_yen = expected_yen or remark <> ''", name="difference_explained"),
    )

    counter_id: Mapped[int | None] = mapped_column(BigInteger)  # the hall; None: the town hall
    on_date: Mapped[date]
    expected_yen: Mapped[int]  # cash taken less cash given back
    counted_yen: Mapped[int]
    remark: Mapped[str]
    closed_at: Mapped[datetime]
    closed_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
