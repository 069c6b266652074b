"""The tables of issued papers; receipts have their own beside the ledger."""

from datetime import datetime
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


class PaperCount(Base):
    """How many papers of a kind a payee issued in a fiscal year; locked while one is made."""

    __tablename__ = "paper_count"

    tenant_id: Mapped[int] = mapped_column(Integer, ForeignKey("tenant.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    payee: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int]


class Paper(TenantOwned, Base):
    """A numbered paper of a booking as it was issued; replaced it keeps its number."""

    __tablename__ = "paper"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        UniqueConstraint("tenant_id", "kind", "payee", "fiscal_year", "number"),
        CheckConstraint("kind in ('permit','bill','notice')", name="kind"),
        CheckConstraint("number > 0 and copies >= 0", name="counts"),
        # Of each kind one stands for a booking and a payee: the last.
        Index("ix_paper_standing", "tenant_id", "booking_id", "kind", "payee", unique=True,
              postgresql_where=text("replaced_at is null")),
        Index("ix_paper_booking", "tenant_id", "booking_id"),
    )  # fmt: skip

    kind: Mapped[str]
    payee: Mapped[str]
    fiscal_year: Mapped[int]
    number: Mapped[int]
    booking_id: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]]  # what it was issued on: other facts, another paper
    document: Mapped[dict[str, Any]]  # what stood on it, so that a copy is the same
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(BigInteger)
    copies: Mapped[int] = mapped_column(default=0)  # how often it was issued again (再発行)
    replaced_at: Mapped[datetime | None]  # since then another stands in its place
