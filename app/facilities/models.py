"""Places and the floor in them: facility, space (atom), room, and the versions of their rules."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class Facility(TenantOwned, Base):
    """A building or ground with an address and a caretaker (施設・会館)."""

    __tablename__ = "facility"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)

    slug: Mapped[str]
    name: Mapped[str]
    kana: Mapped[str]
    kind: Mapped[str]  # 公民館, コミュニティ会館, ホール… as the municipality says
    address: Mapped[str]
    phone: Mapped[str]
    access: Mapped[str]
    description: Mapped[str]
    is_demonstration: Mapped[bool]  # figures made up to try the service with
    position: Mapped[int]
    is_listed: Mapped[bool] = mapped_column(default=True)


class Space(TenantOwned, Base):
    """The smallest lockable piece of floor (面); what occupancy is kept of."""

    __tablename__ = "space"
    __table_args__ = (
        UniqueConstraint("tenant_id", "facility_id", "slug"),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger)
    slug: Mapped[str]


class Room(TenantOwned, Base):
    """What people book (室場): a named set of spaces. 全面 is {A, B}, 半面 is {A}."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("tenant_id", "facility_id", "slug"),
        UniqueConstraint("tenant_id", "facility_id", "id"),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        CheckConstraint("capacity is null or capacity > 0", name="capacity"),
        CheckConstraint("buffer_minutes between 0 and 720", name="buffer"),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger)
    slug: Mapped[str]
    name: Mapped[str]
    kana: Mapped[str]
    capacity: Mapped[int | None]
    min_people: Mapped[int] = mapped_column(default=1)
    purposes: Mapped[list[str]] = mapped_column(ARRAY(Text))  # ids; empty: any purpose
    description: Mapped[str]
    buffer_minutes: Mapped[int] = mapped_column(default=0)  # clean-up after each use
    position: Mapped[int]
    is_listed: Mapped[bool] = mapped_column(default=True)


class RoomSpace(Base):
    """Which pieces of floor a room takes."""

    __tablename__ = "room_space"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "room_id"], ["room.tenant_id", "room.id"]),
        ForeignKeyConstraint(["tenant_id", "space_id"], ["space.tenant_id", "space.id"]),
    )

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    space_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class RuleVersion(TenantOwned, Base):
    """A facility's calendar, terms or tariff from a day on; never changed once published."""

    __tablename__ = "rule_version"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "facility_id", "subject", "effective_from", "published_at"),
        CheckConstraint("subject in ('calendar','terms','fees')", name="subject"),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str]
    effective_from: Mapped[date]
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(BigInteger)  # None: a pack was loaded
    draft_id: Mapped[int | None] = mapped_column(BigInteger)
    document: Mapped[dict[str, Any]]


class RuleDraft(TenantOwned, Base):
    """Rules as somebody would have them from a day on; nothing holds before it is published."""

    __tablename__ = "rule_draft"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        CheckConstraint("subject in ('calendar','terms','fees','policy')", name="subject"),
        CheckConstraint("(subject = 'policy') = (facility_id is null)", name="of_a_hall"),
        CheckConstraint("state in ('open','published','discarded')", name="state"),
        Index("ix_rule_draft_state", "tenant_id", "state", "changed_at"),
    )

    facility_id: Mapped[int | None] = mapped_column(BigInteger)  # None: the municipality's own
    subject: Mapped[str]
    effective_from: Mapped[date]
    document: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")  # why, for whoever publishes it
    state: Mapped[str] = mapped_column(default="open")
    editors: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))  # none of them publishes it
    changed_at: Mapped[datetime]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(BigInteger)


class RuleCases(TenantOwned, Base):
    """The worked examples of a municipality (cases.yaml), as they were last loaded."""

    __tablename__ = "rule_cases"

    published_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]


class FacilityChange(Base):
    """One row for each transaction that changed what a facility's pages show.

    Appended, never updated, so that bookings of one hall queue at nothing; readers take the
    count and the highest id together, because ids are not committed in order.
    """

    __tablename__ = "facility_change"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        Index("ix_facility_change_changed_at", "tenant_id", "changed_at"),
    )

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    changed_at: Mapped[datetime]
