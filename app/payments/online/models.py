"""Accounts at a payment provider, attempts to pay through it, and what it told."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class PayeeAccount(TenantOwned, Base):
    """Where the money of a payee goes; proposed by one, in force once another agreed."""

    __tablename__ = "payee_account"
    __table_args__ = (
        CheckConstraint(
            "(mode = 'connect' and sealed_key is null) or (mode = 'own_key' and"
            " sealed_key is not null and sealed_secrets is not null)",
            name="mode",
        ),
        CheckConstraint("approved_by is null or approved_by <> proposed_by", name="two_people"),
        CheckConstraint("(approved_at is null) = (approved_by is null)", name="approved"),
        Index(
            "ux_payee_account_in_force", "tenant_id", "payee", unique=True,
            postgresql_where=text("approved_at is not null and ended_at is null"),
        ),
    )  # fmt: skip

    payee: Mapped[str]
    mode: Mapped[str]  # connect: through the platform's key; own_key: the payee's own
    account: Mapped[str]  # acct_…
    sealed_key: Mapped[str | None]
    sealed_secrets: Mapped[str | None]  # of its notices, the newest first
    legal_basis: Mapped[str]  # by which law it may be paid so (地方自治法)
    announced: Mapped[str]  # day and number of the public notice (告示)
    ways: Mapped[list[str]] = mapped_column(ARRAY(Text))  # switched on at the provider
    checked_at: Mapped[datetime]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[int] = mapped_column(BigInteger)
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(BigInteger)


class PaymentAttempt(TenantOwned, Base):
    """Somebody went to pay for bookings at the provider, all to one payee."""

    __tablename__ = "payment_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "payee_account_id"], ["payee_account.tenant_id", "payee_account.id"]
        ),
        UniqueConstraint("tenant_id", "key"),
        UniqueConstraint("tenant_id", "session_ref"),
        CheckConstraint(
            "state in ('begun','open','waiting','paid','expired','failed')", name="state"
        ),
        CheckConstraint("yen > 0", name="yen"),
        CheckConstraint("(konbini_days is not null) = (way = 'konbini')", name="days"),
        Index(
            "ix_payment_attempt_going_on", "tenant_id", "begun_at",
            postgresql_where=text("state in ('begun','open','waiting')"),
        ),
        Index("ix_payment_attempt_intent", "tenant_id", "intent_ref"),
    )  # fmt: skip

    key: Mapped[str]  # what the provider and the applicant's browser know it by
    payee: Mapped[str]
    payee_account_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)  # who pays
    way: Mapped[str]  # as it was chosen: card, konbini, paypay
    yen: Mapped[int]
    konbini_days: Mapped[int | None]
    told: Mapped[dict[str, Any]]  # lines and address as they were told to the provider
    # begun: written here, perhaps not known there yet; open: a page to pay on stands open;
    # waiting: a number to pay at a shop is out
    state: Mapped[str]
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # until when it is certainly decided
    looked_at: Mapped[datetime]  # when the provider was last asked about it, or told of it
    ended_at: Mapped[datetime | None]
    session_ref: Mapped[str | None]
    intent_ref: Mapped[str | None]
    charge_ref: Mapped[str | None]
    url: Mapped[str | None]
    voucher_url: Mapped[str | None]
    voucher_until: Mapped[datetime | None]
    method: Mapped[str | None]  # with which it was really paid
    error: Mapped[str | None]


class PaymentPart(TenantOwned, Base):
    """What of an attempt is for one booking."""

    __tablename__ = "payment_part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "attempt_id"], ["payment_attempt.tenant_id", "payment_attempt.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "entry_id"], ["ledger_entry.tenant_id", "ledger_entry.id"]
        ),
        UniqueConstraint("tenant_id", "attempt_id", "booking_id"),
        UniqueConstraint("tenant_id", "entry_id"),
        CheckConstraint(
            "outcome is null or outcome in ('paid','revived','late','double','over')",
            name="outcome",
        ),
        CheckConstraint("yen > 0", name="yen"),
        Index(
            "ux_payment_part_open", "tenant_id", "booking_id", unique=True,
            postgresql_where=text("is_open"),
        ),
    )  # fmt: skip

    attempt_id: Mapped[int] = mapped_column(BigInteger)
    booking_id: Mapped[int] = mapped_column(BigInteger)
    yen: Mapped[int]
    is_open: Mapped[bool] = mapped_column(Boolean)  # may still be paid
    entry_id: Mapped[int | None] = mapped_column(BigInteger)  # the payment in the ledger
    # revived: it had lapsed, and stands again; late: too late, double: was paid, over: too much
    outcome: Mapped[str | None]


class ProviderNotice(Base):
    """What the provider told, once under its id; whose it is, is found out when it is worked.

    An id counts beside where it came from: who holds an account of their own signs any they like.
    """

    __tablename__ = "provider_notice"
    __table_args__ = (
        CheckConstraint(
            "state in ('new','done','refused','unknown','failed')", name="state"
        ),
    )  # fmt: skip

    source: Mapped[str] = mapped_column(primary_key=True)  # to which address, signed for whom
    id: Mapped[str] = mapped_column(primary_key=True)  # evt_…
    account: Mapped[str | None]  # acct_… of a connected account
    kind: Mapped[str]
    is_live: Mapped[bool] = mapped_column(Boolean)
    object_ref: Mapped[str]
    intent_ref: Mapped[str | None]
    owner: Mapped[int | None]  # the municipality whose mark the object carries
    made_at: Mapped[datetime]
    received_at: Mapped[datetime]
    state: Mapped[str]
    tries: Mapped[int]
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]
