"""What about money a person has to see to: refunds that failed, disputes, sums that differ."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, select, text, update
from sqlalchemy.orm import Mapped, Session

from app.db import tasks
from app.db.base import Base
from app.db.session import current_tenant
from app.db.tasks import StaffTask


class MoneyTask(StaffTask, Base):
    """Something about money that staff have to see to, made once for what it is about."""

    __tablename__ = "money_task"
    __table_args__ = (
        UniqueConstraint("tenant_id", "about"),
        Index(
            "ix_money_task_open", "tenant_id", "made_at", postgresql_where=text("done_at is null")
        ),
    )

    yen: Mapped[int | None]
    due_at: Mapped[datetime | None]  # until when somebody else waits for our answer


def ask_staff(
    session: Session, kind: str, about: str, *, now: datetime, booking_id: int | None = None,
    yen: int | None = None, due_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Make a task; told again about the same it stays one."""
    tasks.ask(
        session, MoneyTask, kind, about, now=now, facts=facts,
        booking_id=booking_id, yen=yen, due_at=due_at,
    )  # fmt: skip


def put_due(session: Session, about: str, due_at: datetime) -> None:
    """Write until when somebody else waits for an answer: it may have moved since."""
    session.execute(
        update(MoneyTask)
        .where(MoneyTask.tenant_id == current_tenant(), MoneyTask.about == about)
        .values(due_at=due_at)
    )


def open_tasks(session: Session, *, limit: int = 200) -> Sequence[MoneyTask]:
    """Return what is to be seen to: first by the day it is due by, then the oldest."""
    return session.scalars(
        select(MoneyTask)
        .where(MoneyTask.tenant_id == current_tenant(), MoneyTask.done_at.is_(None))
        .order_by(MoneyTask.due_at.asc().nulls_last(), MoneyTask.made_at, MoneyTask.id)
        .limit(limit)
    ).all()


def open_tasks_of(session: Session, booking_id: int) -> Sequence[MoneyTask]:
    """Return what is to be seen to of one booking, also where it was paid with others at once."""
    is_its = (MoneyTask.booking_id == booking_id) | MoneyTask.facts["bookings"].contains(
        [booking_id]
    )
    return session.scalars(
        select(MoneyTask)
        .where(MoneyTask.tenant_id == current_tenant(), MoneyTask.done_at.is_(None), is_its)
        .order_by(MoneyTask.due_at.asc().nulls_last(), MoneyTask.made_at, MoneyTask.id)
    ).all()


def booking_of(session: Session, task_id: int) -> int | None:
    """Return the booking that a task is about."""
    return session.scalar(
        select(MoneyTask.booking_id).where(
            MoneyTask.tenant_id == current_tenant(), MoneyTask.id == task_id
        )
    )


def see_to(
    session: Session, task_id: int, *, remark: str, account_id: int | None, now: datetime
) -> bool:
    """Write that it was seen to; False when it was before, or there is no such task."""
    return tasks.see_to(session, MoneyTask, task_id, remark=remark, account_id=account_id, now=now)
