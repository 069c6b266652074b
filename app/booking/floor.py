"""The tables of floor: who takes which piece of it when, and what keeps it from booking."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.booking.models import one_of
from app.db.base import Base, TenantOwned

SPACE_TAKEN_ONCE = "ex_occupancy_space_taken_once"
CLOSURE_KINDS = ("closure", "public_use", "event", "maintenance")


class Occupancy(TenantOwned, Base):
    """One piece of floor taken for one stretch of time, whoever takes it and why.

    `ends_at` includes the clean-up after. A row is written by app.booking.occupancy alone.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "space_id"], ["space.tenant_id", "space.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "booking_line_id"],
            ["booking_line.tenant_id", "booking_line.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "closure_id"], ["closure.tenant_id", "closure.id"], ondelete="CASCADE"
        ),
        # No piece of floor is taken twice, whoever asks at once. Half-open: touching is fine.
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("space_id"), "="),
            (func.tstzrange(column("starts_at"), column("ends_at"), text("'[)'")), "&&"),
            using="gist",
            where=text("live"),
            name=SPACE_TAKEN_ONCE,
        ),
        CheckConstraint(one_of("kind", ["hold", "booking", *CLOSURE_KINDS]), name="kind"),
        CheckConstraint("starts_at < ends_at", name="order"),
        # Readers look back no further than this for what reaches into their day.
        CheckConstraint("ends_at <= starts_at + interval '36 hours'", name="at_most_36_hours"),
        CheckConstraint("(kind = 'hold') = (expires_at is not null)", name="a_hold_expires"),
        CheckConstraint(
            "(booking_line_id is null) <> (closure_id is null)", name="has_one_owner"
        ),
        Index("ix_occupancy_lookup", "tenant_id", "space_id", "starts_at",
              postgresql_where=text("live")),
        Index("ix_occupancy_line", "tenant_id", "booking_line_id"),
    )  # fmt: skip

    space_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[str]
    booking_line_id: Mapped[int | None] = mapped_column(BigInteger)
    closure_id: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None]
    live: Mapped[bool] = mapped_column(default=True)


class Closure(TenantOwned, Base):
    """Rooms kept from booking: closed, public use (公用), an event of the hall, maintenance (保守).

    Staff ask for it and it fills what is left free between bookings; or a pack brings it.
    """

    __tablename__ = "closure"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "form_key"),
        CheckConstraint(one_of("kind", list(CLOSURE_KINDS)), name="kind"),
        CheckConstraint("(made_by is null) = (asked is null)", name="asked_by_somebody"),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(BigInteger)  # None: it came with a pack
    asked: Mapped[dict[str, Any] | None]  # app.booking.rules.keeping.Keep
    form_key: Mapped[str | None]  # of the form it came from: sent twice, it is one
    ended_at: Mapped[datetime | None]  # opened again; nothing fills it any more


class Displacement(TenantOwned, Base):
    """A use that the hall had to cancel for a closure, and whether its owner was told."""

    __tablename__ = "displacement"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "closure_id"], ["closure.tenant_id", "closure.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "booking_line_id"], ["booking_line.tenant_id", "booking_line.id"]
        ),
        UniqueConstraint("tenant_id", "booking_line_id"),
        CheckConstraint("(called_at is null) = (called_by is null)", name="called_by_somebody"),
        Index("ix_displacement_closure", "tenant_id", "closure_id"),
    )

    closure_id: Mapped[int] = mapped_column(BigInteger)
    booking_line_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    is_mailed: Mapped[bool]  # a letter was promised; else somebody calls
    called_at: Mapped[datetime | None]
    called_by: Mapped[int | None] = mapped_column(BigInteger)
