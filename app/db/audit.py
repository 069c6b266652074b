"""Who did what to which row, when and for whom: written with the change, never changed after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base, TenantOwned
from app.db.session import current_tenant


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a resident, staff, a program with a token, or the service by itself."""

    kind: str  # resident | staff | program | service
    account_id: int | None = None
    token_id: int | None = None
    request_id: str = ""


SERVICE = Actor("service")


class AuditEntry(TenantOwned, Base):
    """One thing that somebody did (監査記録); append-only."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("actor_kind in ('resident','staff','program','service')", name="actor"),
        Index("ix_audit_entry_subject", "tenant_id", "subject", "subject_id", "at"),
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    request_id: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]]


# Core and built once: this runs with every change.
_WRITE = insert(AuditEntry.__table__)  # type: ignore[arg-type]


def note(
    session: Session,
    actor: Actor,
    action: str,
    *,
    subject: str,
    subject_id: int,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write down that `actor` did `action`; `facts` hold before and after, no free text."""
    row = _row(actor, action, subject, subject_id, now, facts)
    session.execute(_WRITE, [row])


def note_one(
    session: Session,
    actor: Actor,
    action: str,
    *,
    subject: str,
    subject_id: int,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write it down and return the entry's id, for a letter that is about this very deed."""
    row = _row(actor, action, subject, subject_id, now, facts)
    return int(session.execute(_WRITE.returning(AuditEntry.id), row).scalar_one())


def _row(
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int,
    now: datetime,
    facts: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "tenant_id": current_tenant(),
        "at": now,
        "actor_kind": actor.kind,
        "account_id": actor.account_id,
        "token_id": actor.token_id,
        "request_id": actor.request_id,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "facts": dict(facts or {}),
    }
