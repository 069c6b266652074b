"""A request that is asked twice is done once and answered twice (Idempotency-Key)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base, TenantOwned
from app.db.session import current_tenant


class IdempotentAnswer(TenantOwned, Base):
    """What a program asked under a key, and what it was told."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (UniqueConstraint("tenant_id", "token_id", "key"),)

    token_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]
    request_hash: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None]


def begin(
    session: Session, *, token_id: int, key: str, request_hash: str, now: datetime
) -> IdempotentAnswer | None:
    """Claim a key; return what was answered before, or None when this is the first time.

    Waits for a first request that is still under way; its rollback frees the key again.
    """
    claimed = session.scalar(
        insert(IdempotentAnswer)
        .values(
            tenant_id=current_tenant(),
            token_id=token_id,
            key=key,
            request_hash=request_hash,
            asked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(IdempotentAnswer.id)
    )
    if claimed is not None:
        return None
    return session.scalar(
        select(IdempotentAnswer).where(
            IdempotentAnswer.token_id == token_id, IdempotentAnswer.key == key
        )
    )
