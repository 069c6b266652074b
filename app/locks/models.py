"""Accounts at vendors of locks, doors, and what a booking was given to open them with."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned

BY_CONSENT: Final = "consent"


class LockAccount(TenantOwned, Base):
    """How one vendor's locks are reached for a municipality; secrets are sealed."""

    __tablename__ = "lock_account"
    __table_args__ = (
        CheckConstraint("provider in ('remotelock','manual')", name="provider"),
        CheckConstraint("entry is null or entry = 'consent'", name="entry"),
        UniqueConstraint("tenant_id", "hook_mark"),
    )

    provider: Mapped[str]
    name: Mapped[str]
    mode: Mapped[str]  # how codes are made there: bookings, access_persons; manual: empty
    site: Mapped[str]  # which of the vendor's places, by its name in the settings
    client_ref: Mapped[str]
    sealed_secret: Mapped[str | None]
    sealed_tokens: Mapped[str | None]
    entry: Mapped[str | None]  # consent: an owner of locks lets us in; none: our own secret does
    consent_mark: Mapped[str | None]  # of what was asked there last, and by whose browser
    consent_until: Mapped[datetime | None]
    zone: Mapped[str]  # of the times that its locks keep
    hook_mark: Mapped[str | None]  # hash of the path that it tells us things under
    sealed_hook: Mapped[str | None]
    hook_told_at: Mapped[datetime | None]  # when the vendor took this path from us
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    heard_at: Mapped[datetime | None]  # when it last answered
    failing_since: Mapped[datetime | None]
    error: Mapped[str | None]
    rest_until: Mapped[datetime | None]  # nothing is asked of it before
    last_event: Mapped[str | None]

    @property
    def is_by_consent(self) -> bool:
        """Say whether an owner of locks lets us in, at a page of the vendor's."""
        return self.entry == BY_CONSENT

    @property
    def is_waiting(self) -> bool:
        """Say whether nobody has let us in yet: there is nothing to ask the vendor with."""
        return self.is_by_consent and self.sealed_tokens is None


class Door(TenantOwned, Base):
    """A door with a lock, and what it is known as to whoever stands before it."""

    __tablename__ = "door"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "account_id"], ["lock_account.tenant_id", "lock_account.id"]
        ),
        CheckConstraint("before_minutes between 0 and 120", name="before"),
        CheckConstraint("after_minutes between 0 and 120", name="after"),
        CheckConstraint("battery is null or battery between 0 and 100", name="battery"),
        Index(
            "ux_door_device", "tenant_id", "account_id", "device_ref", unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        Index("ix_door_facility", "tenant_id", "facility_id"),
    )  # fmt: skip

    facility_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)
    device_ref: Mapped[str]
    name: Mapped[str]
    place: Mapped[str]  # where it is and what to do before it, in words for residents
    is_alone: Mapped[bool]  # its code opens no other door: a key box, a number by algorithm
    is_shared: Mapped[bool]  # an entrance that others use at the same time
    before_minutes: Mapped[int]
    after_minutes: Mapped[int]
    position: Mapped[int]
    sealed_code: Mapped[str | None]  # of a key box: the number that opens it now
    code_set_at: Mapped[datetime | None]
    is_online: Mapped[bool | None]
    seen_at: Mapped[datetime | None]
    battery: Mapped[int | None]
    lead_seconds: Mapped[int | None]  # worst case until a new code is in the lock
    checked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class DoorRoom(Base):
    """A room that a door leads to; a door without any leads to every room of its hall."""

    __tablename__ = "door_room"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "door_id"], ["door.tenant_id", "door.id"]),
        ForeignKeyConstraint(["tenant_id", "room_id"], ["room.tenant_id", "room.id"]),
    )

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    door_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    room_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class AccessGrant(TenantOwned, Base):
    """A code for a visit: what is wanted of it, and how far the vendor is with it."""

    __tablename__ = "access_grant"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "account_id"], ["lock_account.tenant_id", "lock_account.id"]
        ),
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint(
            "state in ('planned','issuing','pending','ready','failed','revoking','revoked',"
            "'ended')",
            name="state",
        ),
        Index("ix_access_grant_booking", "tenant_id", "booking_id"),
        Index("ix_access_grant_holder", "tenant_id", "account_id", "holder_ref"),
        Index("ix_access_grant_day", "tenant_id", "facility_id", "on_date"),
        Index(
            "ix_access_grant_due", "tenant_id", "next_at",
            postgresql_where=text("next_at is not null"),
        ),
        Index(
            "ix_access_grant_live", "tenant_id", "ends_at",
            postgresql_where=text("state not in ('revoked','ended')"),
        ),
        Index(
            "ix_access_grant_mark", "tenant_id", "facility_id", "pin_mark",
            postgresql_where=text("pin_mark is not null"),
        ),
    )  # fmt: skip

    key: Mapped[str]  # what the vendor knows it by
    booking_id: Mapped[int] = mapped_column(BigInteger)
    facility_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)
    on_date: Mapped[date]
    is_wanted: Mapped[bool]
    starts_at: Mapped[datetime]  # of the window that is wanted, minutes before and after included
    ends_at: Mapped[datetime]
    version: Mapped[int]  # of what is wanted; counted up with every change of it
    told_version: Mapped[int]  # that the vendor was told
    state: Mapped[str]
    refs: Mapped[dict[str, Any]]  # what the vendor calls it
    holder_ref: Mapped[str | None]  # as its events name whose code it was
    sealed_pin: Mapped[str | None]
    pin_mark: Mapped[str | None]
    sealed_url: Mapped[str | None]
    effective_from: Mapped[datetime | None]  # the window that the vendor made of it
    effective_to: Mapped[datetime | None]
    is_by_hand: Mapped[bool]  # staff hand over a key instead
    is_blocked: Mapped[bool]  # staff took it away
    lease: Mapped[str | None]  # of the worker that is at it
    lease_until: Mapped[datetime | None]
    next_at: Mapped[datetime | None]  # when a worker is to look at it; None: nothing to do
    tries: Mapped[int]
    error: Mapped[str | None]
    made_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]  # when the vendor was last asked to make it
    ready_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]  # when the applicant first saw it
    revoked_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(BigInteger)


class AccessGrantDoor(TenantOwned, Base):
    """A door that a code opens, as it was when the code was made."""

    __tablename__ = "access_grant_door"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "grant_id"], ["access_grant.tenant_id", "access_grant.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "door_id"], ["door.tenant_id", "door.id"]),
        UniqueConstraint("tenant_id", "grant_id", "door_id"),
        CheckConstraint("state in ('pending','ready','failed')", name="state"),
        Index("ix_access_grant_door_door", "tenant_id", "door_id"),
    )

    grant_id: Mapped[int] = mapped_column(BigInteger)
    door_id: Mapped[int] = mapped_column(BigInteger)
    device_ref: Mapped[str]
    position: Mapped[int]  # 0 is the vendor's primary one
    state: Mapped[str]


class AccessGrantLine(Base):
    """A use that a code is for."""

    __tablename__ = "access_grant_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "grant_id"], ["access_grant.tenant_id", "access_grant.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "line_id"], ["booking_line.tenant_id", "booking_line.id"]
        ),
        Index("ix_access_grant_line_line", "tenant_id", "line_id"),
    )

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class LockNotice(TenantOwned, Base):
    """Something a vendor told, or that it was found to keep: once under its id there."""

    __tablename__ = "lock_notice"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "account_id"], ["lock_account.tenant_id", "lock_account.id"]
        ),
        UniqueConstraint("tenant_id", "account_id", "event_ref"),
        CheckConstraint("state in ('new','done','unknown')", name="state"),
        Index("ix_lock_notice_door", "tenant_id", "door_id", "at"),
        Index("ix_lock_notice_received", "tenant_id", "received_at"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    event_ref: Mapped[str]
    state: Mapped[str]  # unknown: the vendor has no such event
    kind: Mapped[str | None]
    at: Mapped[datetime | None]
    door_id: Mapped[int | None] = mapped_column(BigInteger)
    grant_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime]


class DoorWake(Base):
    """A day of a hall whose codes are to be planned anew; written by the database itself.

    Of no municipality's own: the worker asks once for all of them, and it holds ids and days only.
    """

    __tablename__ = "door_wake"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    owner: Mapped[int]  # the municipality
    facility_id: Mapped[int] = mapped_column(BigInteger)
    on_date: Mapped[date]
