"""What the provider told: kept once under its id, answered at once, worked by a job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.payments.online.models import ProviderNotice

MOST_TRIES = 12


def keep(
    session: Session, told: Mapping[str, Any], *, owner: tuple[int, str] | None, now: datetime
) -> bool:
    """Keep a notice whose signature was checked; False when it was kept before.

    `owner` is the municipality and account whose own address it came to; else the object's mark
    says whose it may be, and that is checked against the account when it is worked.
    """
    about = told["data"]["object"]
    marks = about.get("metadata") or {}
    mark = str(marks.get("tenant", ""))
    marked = int(mark) if mark.isdecimal() and len(mark) < 10 else None
    intent = about.get("payment_intent")
    kept = session.scalar(
        insert(ProviderNotice)
        .values(
            id=told["id"],
            account=owner[1] if owner else told.get("account"),
            kind=told["type"],
            is_live=bool(told["livemode"]),
            object_ref=str(about.get("id", "")),
            intent_ref=intent if isinstance(intent, str) else None,
            owner=owner[0] if owner else marked,
            made_at=datetime.fromtimestamp(told["created"], UTC),
            received_at=now,
            state="new",
            tries=0,
        )
        .on_conflict_do_nothing()
        .returning(ProviderNotice.id)
    )
    return kept is not None


def begin(session: Session, notice_id: str) -> ProviderNotice | None:
    """Count a try and return the notice; None when it was worked before."""
    found = session.scalar(
        select(ProviderNotice).where(ProviderNotice.id == notice_id).with_for_update()
    )
    if found is None or found.state != "new":
        return None
    if found.tries >= MOST_TRIES:
        found.state, found.error = "failed", "given up"
        return None
    found.tries += 1
    return found


def end(
    session: Session, notice_id: str, state: str, *, error: str | None = None, now: datetime
) -> None:
    """Write down what became of a notice."""
    session.execute(
        update(ProviderNotice)
        .where(ProviderNotice.id == notice_id)
        .values(state=state, error=error, done_at=None if state == "new" else now)
    )


def left(session: Session, *, before: datetime, limit: int = 100) -> list[str]:
    """Return notices that nobody has worked since, the oldest first."""
    return list(
        session.scalars(
            select(ProviderNotice.id)
            .where(ProviderNotice.state == "new", ProviderNotice.received_at <= before)
            .order_by(ProviderNotice.received_at)
            .limit(limit)
        )
    )
