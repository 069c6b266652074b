"""Every letter the service promised, and what became of it. Bodies are not kept."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class Delivery(TenantOwned, Base):
    """One letter (お知らせ): about what, to whom, and whether it went."""

    __tablename__ = "delivery"
    __table_args__ = (
        # One letter for one event, however often the event is told.
        UniqueConstraint("tenant_id", "template", "subject_id"),
        CheckConstraint("state in ('promised','sent','failed')", name="state"),
        Index("ix_delivery_state", "tenant_id", "state"),
    )

    template: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)  # a booking's or an attempt's id
    email: Mapped[str]
    state: Mapped[str] = mapped_column(default="promised")
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    promised_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
