"""What about doors a person has to see to: codes that fail, locks that are silent, wrong tries."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    Select,
    UniqueConstraint,
    cast,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import tasks
from app.db.base import Base
from app.db.session import current_tenant
from app.db.tasks import StaffTask
from app.locks.models import Door

TURN = "turn_box"  # the number of a key box is known to somebody who is not to get in any more

CHANGED = "number_changed"  # somebody without an address knows a number that opens nothing now

ENDED = "door_ended"  # people who had a number have no way in, for a door is used no more


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
    """Make a task; told again about the same it stays one. True when it is new.

    What had come right by itself and did not last is open again, as if it were new.
    """
    if tasks.ask(session, DoorTask, kind, about, now=now, **more):
        return True
    again = session.scalar(
        update(DoorTask)
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.about == about,
            DoorTask.done_at.is_not(None),
            DoorTask.done_by.is_(None),
        )
        .values(done_at=None, made_at=now, facts=more.get("facts") or {})
        .returning(DoorTask.id)
    )
    return again is not None


def ask_again(session: Session, about: str, *, seen_before: datetime, now: datetime) -> None:
    """Open a task anew that somebody saw to before, for what it is about is as it was."""
    session.execute(
        update(DoorTask)
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.about == about,
            DoorTask.done_by.is_not(None),
            DoorTask.done_at <= seen_before,
        )
        .values(done_at=None, done_by=None, made_at=now, remark="")
    )


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


def settle_door(session: Session, door_id: int, *, now: datetime) -> None:
    """Write that open tasks about a door came right: it is used no more."""
    session.execute(
        update(DoorTask)
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.done_at.is_(None),
            DoorTask.door_id == door_id,
        )
        .values(done_at=now)
    )


def settle_ended(session: Session, *, now: datetime) -> None:
    """Write that nobody has to be called any more about doors that are used no more."""
    until = cast(DoorTask.facts["until"].astext, DateTime(timezone=True))
    session.execute(
        update(DoorTask)
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.done_at.is_(None),
            DoorTask.kind == ENDED,
            until <= now,
        )
        .values(done_at=now)
    )


def ask_to_turn(session: Session, box: Door, *, now: datetime) -> None:
    """Make the task that a key box is to be turned, once as long as one is open."""
    seen_to = session.scalar(
        select(func.count())
        .select_from(DoorTask)
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.kind == TURN,
            DoorTask.door_id == box.id,
            DoorTask.done_at.is_not(None),
        )
    )
    ask_staff(
        session, TURN, f"{TURN}:{box.id}:{seen_to or 0}", facility_id=box.facility_id,
        door_id=box.id, now=now,
    )  # fmt: skip


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
