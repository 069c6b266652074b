"""The tables of those who work for a municipality."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned
from app.identity.permissions import RoleKind

KINDS = ",".join(repr(str(kind)) for kind in RoleKind)


class Staff(TenantOwned, Base):
    """Somebody who works for a municipality (職員). It is ended, never deleted."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "account_id"),)

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    name: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffRole(TenantOwned, Base):
    """A role of a member: everywhere, at one facility, or for one room of it."""

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint("tenant_id", "staff_id", "role", "facility_id", "room_id",
                         postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.id"]),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "facility_id", "room_id"],
            ["room.tenant_id", "room.facility_id", "room.id"],
        ),
        CheckConstraint(f"role in ({KINDS})", name="role"),
        CheckConstraint("room_id is null or facility_id is not null", name="room_of_a_hall"),
    )  # fmt: skip

    staff_id: Mapped[int] = mapped_column(BigInteger)
    role: Mapped[str]
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    room_id: Mapped[int | None] = mapped_column(BigInteger)


class Invitation(TenantOwned, Base):
    """An offer to work for the municipality, or to set the proofs of a member anew.

    The key in the letter is worked out from the salt and the service's secret; it is stored
    nowhere.
    """

    __tablename__ = "staff_invitation"
    __table_args__ = (Index("ix_staff_invitation_email", "tenant_id", "email"),)

    email: Mapped[str]
    name: Mapped[str]
    roles: Mapped[list[dict[str, Any]]]  # role, facility_id, room_id
    salt: Mapped[str]
    is_anew: Mapped[bool] = mapped_column(default=False)  # a member's proofs are set anew
    invited_by: Mapped[int | None] = mapped_column(BigInteger)  # None: from the shell
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
