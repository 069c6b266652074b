"""The tables of the counter."""

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


class ActualUse(TenantOwned, Base):
    """How one line of a booking was really used (利用実績): none, nothing was noted yet."""

    __tablename__ = "actual_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "booking_line_id"], ["booking_line.tenant_id", "booking_line.id"]
        ),
        UniqueConstraint("tenant_id", "booking_line_id"),
        CheckConstraint(
            "left_at is null or (came_at is not null and came_at <= left_at)",
            name="came_before_left",
        ),
        CheckConstraint("no_show_at is null or came_at is null", name="came_or_not"),
        CheckConstraint("key_back_at is null or key_out_at is not null", name="key_was_out"),
        CheckConstraint("people is null or people > 0", name="people"),
    )

    booking_line_id: Mapped[int] = mapped_column(BigInteger)
    came_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    no_show_at: Mapped[datetime | None]
    key_out_at: Mapped[datetime | None]
    key_back_at: Mapped[datetime | None]
    people: Mapped[int | None]  # counted; None: as it was applied for
    remark: Mapped[str]
    version: Mapped[int]  # rises with each write, so that nobody overwrites what they didn't see


class HandOverNote(TenantOwned, Base):
    """What staff of a hall tell the next shift or the city (引き継ぎ), until it is seen to."""

    __tablename__ = "hand_over_note"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "form_key"),
        CheckConstraint("(done_at is null) = (done_by is null)", name="done_by_somebody"),
        Index("ix_hand_over_note_open", "tenant_id", "facility_id",
              postgresql_where=text("done_at is null")),
        Index("ix_hand_over_note_done", "tenant_id", "facility_id", "done_at"),
    )  # fmt: skip

    facility_id: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str]
    form_key: Mapped[str]  # of the form it came from: sent twice, it is one note
    written_at: Mapped[datetime]
    written_by: Mapped[int] = mapped_column(BigInteger)
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(BigInteger)
