"""The tables of bookings. What must never happen is forbidden here, by name."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Sequence,
    Text,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.booking.states import LineState, State
from app.db.base import Base, TenantOwned

# Counts the bookings of this database; the number said over the phone is made from it.
booking_count = Sequence("booking_count", metadata=Base.metadata)

SPACE_TAKEN_ONCE = "ex_occupancy_space_taken_once"
OCCUPANCY_KINDS = ("hold", "booking", "closure", "public_use", "maintenance")


def one_of(name: str, values: list[str]) -> str:
    """Return the check that a text column holds one of these values."""
    return f"{name} in ({', '.join(repr(value) for value in values)})"


class Booking(TenantOwned, Base):
    """One request: several rooms and times, one number, one fee, one letter (申込・予約).

    As a draft it is what a resident has chosen (えらんだ枠), known by a key in their browser.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "basket_key"),
        CheckConstraint(one_of("state", [str(s) for s in State]), name="state"),
        CheckConstraint("(state = 'draft') = (number is null)", name="submitted_has_a_number"),
        CheckConstraint(
            "state = 'draft' or (account_id is not null or is_by_staff)", name="has_an_applicant"
        ),
        CheckConstraint("fee_yen >= 0", name="fee"),
        CheckConstraint("state <> 'provisional' or due_at is not null", name="provisional_is_due"),
        Index("ix_booking_account", "tenant_id", "account_id", "submitted_at"),
        Index(
            "ix_booking_due", "tenant_id", "due_at", postgresql_where=text("state = 'provisional'")
        ),
        Index(
            "ix_booking_drafts", "tenant_id", "touched_at", postgresql_where=text("state = 'draft'")
        ),
        Index(
            "ix_booking_origin", "tenant_id", "origin", postgresql_where=text("origin is not null")
        ),
    )

    state: Mapped[str]
    number: Mapped[str | None]  # eight digits, said over the phone
    basket_key: Mapped[str | None]  # hash of the key that the browser holds
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    is_by_staff: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str | None]  # keyed hash of the network of somebody not signed in
    touched_at: Mapped[datetime]
    extended_at: Mapped[datetime | None]  # a hold is extended once
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # cancelled or lapsed
    applicant_class: Mapped[str | None]
    applicant_name: Mapped[str | None]
    applicant_kana: Mapped[str | None]
    applicant_phone: Mapped[str | None]
    purpose: Mapped[str | None]
    people: Mapped[int | None]
    shown_name: Mapped[str | None]  # 案内板にのせる名前
    notes: Mapped[str | None]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fee_yen: Mapped[int] = mapped_column(default=0)


class BookingLine(TenantOwned, Base):
    """One room and time of a booking, with the fee and the rules it was made under."""

    __tablename__ = "booking_line"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        # The facility too, so that a line can't name a room of another hall.
        ForeignKeyConstraint(
            ["tenant_id", "facility_id", "room_id"],
            ["room.tenant_id", "room.facility_id", "room.id"],
        ),
        CheckConstraint(one_of("state", [str(s) for s in LineState]), name="state"),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_booking_line_booking", "tenant_id", "booking_id"),
        Index("ix_booking_line_facility_day", "tenant_id", "facility_id", "on_date"),
    )

    booking_id: Mapped[int] = mapped_column(BigInteger)
    facility_id: Mapped[int] = mapped_column(BigInteger)
    room_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    on_date: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    slots: Mapped[int]  # how many time divisions, for quotas and reports
    extras: Mapped[dict[str, Any] | None]  # equipment by id, how many; null: not asked yet
    items: Mapped[int | None]  # tables, lanes or courts that are used
    fee_yen: Mapped[int | None]  # frozen when the booking is made
    quote: Mapped[dict[str, Any] | None]
    waivers: Mapped[list[str] | None] = mapped_column(ARRAY(Text))  # granted, by id in the tariff
    settled: Mapped[dict[str, Any] | None]  # how staff read what the tariff leaves open
    terms_version_id: Mapped[int | None] = mapped_column(BigInteger)
    fees_version_id: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]


class BookingChange(TenantOwned, Base):
    """One change of a booking in place: how its lines stood before and after. Append-only."""

    __tablename__ = "booking_change"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        Index("ix_booking_change_booking", "tenant_id", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(BigInteger)  # who changed it
    is_by_applicant: Mapped[bool]
    lines: Mapped[list[dict[str, Any]]]  # line, before, after
    more_yen: Mapped[int]  # negative: it costs less
    back_yen: Mapped[int]


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
        CheckConstraint(one_of("kind", list(OCCUPANCY_KINDS)), name="kind"),
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
    """A room or hall kept from booking once: closed, public use (公用), maintenance."""

    __tablename__ = "closure"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        CheckConstraint("kind in ('closure','public_use','maintenance')", name="kind"),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]
