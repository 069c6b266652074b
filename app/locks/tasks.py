"""What about doors a person has to see to: codes that fail, locks that are silent, wrong tries."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Select, UniqueConstraint, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import tasks
from app.db.base import Base
from app.db.session import current_tenant
from app.db.tasks import StaffTask


class DoorTask(StaffTask, Base):
    """Something about a door or a code that staff have to see to."""

    __tablename__ = "door_task"
    __table_args__ = (
        UniqueConstraint("tenant_id", "about"),
        Index(
            "ix_door_task_open", "tenant_id", "made_at", postgresql_where=text("done_at is null")
        ),
    )

    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    door_id: Mapped[int | None] = mapped_column(BigInteger)
    grant_id: Mapped[int | None] = mapped_column(BigInteger)


def ask_staff(session: Session, kind: str, about: str, *, now: datetime, **more: Any) -> bool:
    """Make a task; told again about the same it stays one. True when it is new."""
    return tasks.ask(session, DoorTask, kind, about, now=now, **more)


def see_to(
    session: Session, task_id: int, *, remark: str, account_id: int | None, now: datetime
) -> bool:
    """Write that it was seen to; False when it was before, or there is no such task."""
    return tasks.see_to(session, DoorTask, task_id, remark=remark, account_id=account_id, now=now)


def settle_beginning(
    session: Session, beginnings: Collection[str], *, but: str = "", now: datetime
) -> None:
    """Write that open tasks about these things, `but` one of them, came right by themselves."""
    for beginning in beginnings:
        tasks.settle_beginning(session, DoorTask, f"{beginning}:", but=but, now=now)


def settle_grants(
    session: Session, grant_ids: Select[int] | Collection[int], kinds: Collection[str], *,
    now: datetime,
) -> None:  # fmt: skip
    """Write that open tasks of these kinds about codes came right, for whatever was wanted then."""
    session.execute(
        update(DoorTask)
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.done_at.is_(None),
            DoorTask.kind.in_(kinds),
            DoorTask.grant_id.in_(grant_ids),
        )
        .values(done_at=now)
    )
