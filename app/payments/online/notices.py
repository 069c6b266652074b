"""What the provider told: kept once under its id, answered at once, worked by a job."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.payments.online.models import ProviderNotice

MOST_TRIES = 12
KEPT: Final = timedelta(days=400)  # longer than a year's accounts are open
CONNECTED: Final = "connected"  # to our own address, about accounts connected to ours


class Key(NamedTuple):
    """Which notice: its id, and where it came from."""

    id: str
    source: str = CONNECTED


def source_of(owner: tuple[int, str] | None) -> str:
    """Return the name of where a notice came from: our address, or one of an account's own."""
    return CONNECTED if owner is None else f"{owner[0]}/{owner[1]}"


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
            source=source_of(owner),
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


def begin(session: Session, key: Key) -> ProviderNotice | None:
    """Count a try and return the notice; None when it was worked before."""
    found = session.scalar(select(ProviderNotice).where(*_is(key)).with_for_update())
    if found is None or found.state != "new":
        return None
    if found.tries >= MOST_TRIES:
        found.state, found.error = "failed", "given up"
        return None
    found.tries += 1
    return found


def end(session: Session, key: Key, state: str, *, error: str | None = None, now: datetime) -> None:
    """Write down what became of a notice."""
    session.execute(
        update(ProviderNotice)
        .where(*_is(key))
        .values(state=state, error=error, done_at=None if state == "new" else now)
    )


def left(session: Session, *, before: datetime, limit: int = 100) -> list[Key]:
    """Return notices that nobody has worked since, the oldest first."""
    rows = session.execute(
        select(ProviderNotice.id, ProviderNotice.source)
        .where(ProviderNotice.state == "new", ProviderNotice.received_at <= before)
        .order_by(ProviderNotice.received_at)
        .limit(limit)
    )
    return [Key(*row) for row in rows]


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete notices that were worked long ago; return how many. One that waits is kept."""
    ended = func.coalesce(ProviderNotice.done_at, ProviderNotice.received_at)
    gone = session.scalars(
        delete(ProviderNotice)
        .where(ProviderNotice.state != "new", ended < now - KEPT)
        .returning(ProviderNotice.id)
    )
    return len(gone.all())


def _is(key: Key) -> tuple[ColumnElement[bool], ...]:
    return ProviderNotice.id == key.id, ProviderNotice.source == key.source
