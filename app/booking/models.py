"""The tables of bookings; those of the floor they take stand in app.booking.floor."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.booking.states import LineState, Review, State
from app.db.base import Base, TenantOwned

# Counts the bookings of this database; the number said over the phone is made from it.
booking_count = Sequence("booking_count", metadata=Base.metadata)


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
        CheckConstraint(
            f"review is null or {one_of('review', [str(s) for s in Review])}", name="review"
        ),
        CheckConstraint("(review is null) = (answer_by is null)", name="review_has_a_day"),
        CheckConstraint(
            "state not in ('provisional','confirmed','used')"
            " or review is null or review = 'granted'",
            name="certain_is_permitted",
        ),
        Index(
            "ix_booking_review",
            "tenant_id",
            "answer_by",
            postgresql_where=text("state = 'requested' and review is not null"),
        ),
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
    review: Mapped[str | None]
    answer_by: Mapped[date | None]  # the last day of the 標準処理期間, or of the first use


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
    payee: Mapped[str] = mapped_column(default="city")  # who gets the fee
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
    lines: Mapped[list[dict[str, Any]]]  # line, before, after, back_yen
    more_yen: Mapped[int]  # negative: it costs less
    back_yen: Mapped[int]


class ReviewStep(TenantOwned, Base):
    """One thing that happened to the permit of a booking, with what was said. Append-only."""

    __tablename__ = "review_step"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        CheckConstraint(one_of("state", [str(s) for s in Review]), name="state"),
        Index("ix_review_step_booking", "tenant_id", "booking_id"),
    )

    booking_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    state: Mapped[str]  # what the permit was from then on
    words: Mapped[str]  # said to the other side
    grounds: Mapped[list[dict[str, Any]]]  # name and citation, as they stood
    account_id: Mapped[int | None] = mapped_column(BigInteger)  # who; None: the service
