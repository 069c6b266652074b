"""A request that is asked twice is done once and answered twice (Idempotency-Key)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint, bindparam, select, update
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


_answers = Base.metadata.tables["idempotent_answer"]
_CLAIM = (
    insert(_answers)
    .values(
        tenant_id=bindparam("tenant"),
        token_id=bindparam("token"),
        key=bindparam("of_key"),
        request_hash=bindparam("hash"),
        asked_at=bindparam("at"),
    )
    .on_conflict_do_nothing()
    .returning(_answers.c.id)
)


def begin(
    session: Session, *, token_id: int, key: str, request_hash: str, now: datetime
) -> IdempotentAnswer | None:
    """Claim a key; return what was answered before, or None when this is the first time.

    Waits for a first request that is still under way; its rollback frees the key again.
    """
    told = {
        "tenant": current_tenant(),
        "token": token_id,
        "of_key": key,
        "hash": request_hash,
        "at": now,
    }
    claimed = session.scalar(_CLAIM, told)
    if claimed is not None:
        return None
    return session.scalar(
        select(IdempotentAnswer).where(
            IdempotentAnswer.token_id == token_id, IdempotentAnswer.key == key
        )
    )


_KEEP = (
    update(_answers)
    .where(
        _answers.c.tenant_id == bindparam("tenant"),
        _answers.c.token_id == bindparam("token"),
        _answers.c.key == bindparam("of_key"),
    )
    .values(answer=bindparam("told"))
)


def keep(session: Session, *, token_id: int, key: str, answer: dict[str, Any]) -> None:
    """Keep what was answered under a claimed key, for when it is asked again."""
    values = {"tenant": current_tenant(), "token": token_id, "of_key": key, "told": answer}
    session.execute(_KEEP, values)
