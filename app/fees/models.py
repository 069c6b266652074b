"""Who asked to pay less, with what papers, and what became of it (減免の申請)."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned

ASKED, RETURNED, APPROVED = "asked", "returned", "approved"
REFUSED, WITHDRAWN = "refused", "withdrawn"
OPEN_STATES = (ASKED, RETURNED)
STATES = (*OPEN_STATES, APPROVED, REFUSED, WITHDRAWN)
_OPEN = "state in ('asked','returned')"


class WaiverRequest(TenantOwned, Base):
    """A request for a waiver: for one booking, or for everything a group will book."""

    __tablename__ = "waiver_request"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        CheckConstraint(
            "state in ('asked','returned','approved','refused','withdrawn')", name="state"
        ),
        # Pressed twice, it is asked once.
        Index("uq_waiver_request_of_booking", "tenant_id", "booking_id", unique=True,
              postgresql_where=text(f"{_OPEN} and booking_id is not null")),
        Index("uq_waiver_request_of_group", "tenant_id", "account_id", "waiver", unique=True,
              postgresql_where=text(f"{_OPEN} and booking_id is null")),
        Index("ix_waiver_request_state", "tenant_id", "state", "asked_at"),
    )  # fmt: skip

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    booking_id: Mapped[int | None] = mapped_column(BigInteger)
    waiver: Mapped[str]  # its id in tariffs
    name: Mapped[str]  # as it was called when it was asked for
    state: Mapped[str] = mapped_column(default=ASKED)
    asked_at: Mapped[datetime]


class WaiverStep(TenantOwned, Base):
    """One thing that happened to a request, with what was said; append-only."""

    __tablename__ = "waiver_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "request_id"], ["waiver_request.tenant_id", "waiver_request.id"]
        ),
        Index("ix_waiver_step_request", "tenant_id", "request_id"),
    )

    request_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]  # what the request was from then on
    words: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(BigInteger)  # None: the service
    at: Mapped[datetime]


class WaiverPaper(TenantOwned, Base):
    """A document that came with a request."""

    __tablename__ = "waiver_paper"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "request_id"], ["waiver_request.tenant_id", "waiver_request.id"]
        ),
        CheckConstraint("octet_length(content) <= 5242880", name="at_most_5_mib"),
        Index("ix_waiver_paper_request", "tenant_id", "request_id"),
    )

    request_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sent_at: Mapped[datetime]
