"""What a person has to see to: made once for what it is about, done once by somebody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import TenantOwned
from app.db.session import current_tenant


class StaffTask(TenantOwned):
    """The columns of a table of tasks; `about` names the one thing that a task is about."""

    kind: Mapped[str]
    about: Mapped[str]
    booking_id: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(BigInteger)  # None with done_at: by itself
    remark: Mapped[str]


Task = TypeVar("Task", bound=StaffTask)


def ask(
    session: Session, table: type[Task], kind: str, about: str, *, now: datetime,
    facts: Mapping[str, Any] | None = None, **more: Any,
) -> bool:  # fmt: skip
    """Make a task; told again about the same it stays one. True when it is new."""
    row = {
        "tenant_id": current_tenant(), "kind": kind, "about": about, "facts": dict(facts or {}),
        "made_at": now, "remark": "", **more,
    }  # fmt: skip
    made = session.scalar(insert(table).values(row).on_conflict_do_nothing().returning(table.id))
    return made is not None


def see_to(
    session: Session, table: type[Task], task_id: int, *, remark: str,
    account_id: int | None, now: datetime,
) -> bool:  # fmt: skip
    """Write that it was seen to; False when it was before, or there is no such task."""
    done = session.scalar(
        update(table)
        .where(table.tenant_id == current_tenant(), table.id == task_id, table.done_at.is_(None))
        .values(done_at=now, done_by=account_id, remark=remark)
        .returning(table.id)
    )
    return done is not None


def settle_beginning(
    session: Session, table: type[Task], beginning: str, *, but: str = "", now: datetime
) -> None:
    """Write that all tasks whose `about` begins so, `but` one, have come right by themselves."""
    session.execute(
        update(table)
        .where(
            table.tenant_id == current_tenant(),
            table.about.startswith(beginning, autoescape=True),
            table.about != but,
            table.done_at.is_(None),
        )
        .values(done_at=now)
    )
