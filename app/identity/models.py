"""Accounts are global, one sign-in for every municipality; roles and profiles are tenant data."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned


class Account(Base):
    """A person who can sign in, known by an e-mail address."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str]  # lower case, as typed otherwise
    created_at: Mapped[datetime]


class SignInAttempt(Base):
    """Somebody asked for a code; it belongs to the browser that asked.

    The code is worked out from the salt and the service's secret, so it is stored nowhere.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_email", "email", "created_at"),
        Index("ix_sign_in_attempt_network", "network", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str]
    salt: Mapped[str]
    network: Mapped[str]  # keyed hash of the network that asked
    is_known_device: Mapped[bool]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignedIn(Base):
    """A session of one browser; deleting the row signs it out everywhere at once."""

    __tablename__ = "signed_in"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_signed_in_account", "account_id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    is_staff: Mapped[bool] = mapped_column(default=False)  # proved as staff do: roles count
    seen_at: Mapped[datetime]  # of staff, to the minute: an idle session ends
    proved_at: Mapped[datetime]  # when they last proved who they are


class Resident(TenantOwned, Base):
    """What a person is to one municipality (利用者): name, telephone, applicant class."""

    __tablename__ = "resident"
    __table_args__ = (UniqueConstraint("tenant_id", "account_id"),)

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    name: Mapped[str]
    kana: Mapped[str]
    phone: Mapped[str]
    applicant_class: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Entitlement(TenantOwned, Base):
    """A right to a waiver that a person or group was granted: which, where, how long (減免の資格).

    Days are inclusive. It is ended, never deleted: fees of the past rest on it.
    """

    __tablename__ = "entitlement"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        CheckConstraint("valid_from <= valid_to", name="order"),
        CheckConstraint("percent between 0 and 100", name="percent"),
        Index("ix_entitlement_account", "tenant_id", "account_id"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    waiver: Mapped[str]  # its id in tariffs
    name: Mapped[str]
    percent: Mapped[int]  # as the tariff had it then; what holds is always the tariff
    facility_id: Mapped[int | None] = mapped_column(BigInteger)  # None: every hall
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(BigInteger)


class ApiToken(TenantOwned, Base):
    """A program's key to one municipality, with what it may do."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)

    name: Mapped[str]
    token_hash: Mapped[str]
    rights: Mapped[str]  # words separated by spaces
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
