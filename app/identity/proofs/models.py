"""The tables of proofs; they belong to an account, wherever it works."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class StaffProof(Base):
    """A password, and the secret that an authenticator app shares with us."""

    __tablename__ = "staff_proof"

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"), primary_key=True)
    password_hash: Mapped[str | None]  # argon2id
    sealed_secret: Mapped[str | None]  # of the authenticator app, encrypted
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # six digits work once
    changed_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code on paper that stands in once for an authenticator that was lost."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A public key whose private half an authenticator keeps (WebAuthn)."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential"), Index("ix_passkey_account", "account_id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WrongTry(Base):
    """A wrong password, six digits or recovery code; too many from one place make it wait."""

    __tablename__ = "wrong_try"
    __table_args__ = (
        Index("ix_wrong_try_email", "email", "at"),
        Index("ix_wrong_try_network", "network", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str]
    network: Mapped[str]  # keyed hash of the network that asked
    is_known_device: Mapped[bool]
    at: Mapped[datetime]
