"""The tables of what is shown by a secret address."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned

SCREEN, CALENDAR = "screen", "calendar"


class PublicLink(TenantOwned, Base):
    """An address that needs no sign-in: of a hall's rooms, or of one person's bookings.

    Its key is worked out from the secret and `salt`, so stored nowhere, and shown again to those
    who may make it. Ended, it leads nowhere.
    """

    __tablename__ = "public_link"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        CheckConstraint("kind in ('screen','calendar')", name="kind"),
        CheckConstraint(
            "(facility_id is null) <> (account_id is null)", name="of_a_hall_or_a_person"
        ),
        CheckConstraint(
            "kind = 'calendar' or facility_id is not null", name="screens_are_of_halls"
        ),
        Index("ix_public_link_facility", "tenant_id", "facility_id"),
        Index("ix_public_link_account", "tenant_id", "account_id"),
    )

    kind: Mapped[str]
    name: Mapped[str]
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    room_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))  # None: every room
    account_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("account.id"))
    salt: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # when it was last asked for, to the minute


class ScreenNotice(TenantOwned, Base):
    """Words over everything on the screens of a hall, until a moment (避難所開設など)."""

    __tablename__ = "screen_notice"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        Index("ix_screen_notice_facility", "tenant_id", "facility_id", "until"),
    )

    facility_id: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str]
    until: Mapped[datetime]
    put_at: Mapped[datetime]
    put_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
