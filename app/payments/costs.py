"""What lines of a booking cost, until they ended and now, and where staff have yet to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, cast, exists, func, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.payments.models import LedgerEntry
from app.payments.service import DEBTS
from app.payments.tasks import MoneyTask

UNDECIDED: Final = "refund_undecided"  # a task: the published rule does not say what comes back
_LINE: Final = cast(func.split_part(MoneyTask.about, ":", 2), BigInteger)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a line cost until it ended, and what of that is kept now; the same while it stands."""

    before_yen: int
    now_yen: int


def about_line(line_id: int, change_id: int | None = None) -> str:
    """Return what a task is about: the end of a line, or one of its changes."""
    return f"line:{line_id}" + (f":change:{change_id}" if change_id is not None else "")


def costs_of(session: Session, booking_id: int, ended: Mapping[int, datetime]) -> dict[int, Cost]:
    """Return the cost of each line that was charged; `ended` tells when those did that ended."""
    rows = session.execute(
        select(
            LedgerEntry.booking_line_id, LedgerEntry.kind, LedgerEntry.yen, LedgerEntry.entered_at
        )
        .where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == booking_id,
            LedgerEntry.booking_line_id.is_not(None),
            LedgerEntry.kind.in_(DEBTS),
        )
        .order_by(LedgerEntry.id)
    )
    entries: dict[int | None, list[tuple[str, int, datetime]]] = {}
    for line_id, kind, yen, at in rows:
        entries.setdefault(line_id, []).append((kind, int(yen), at))
    return {one: _cost(some, ended.get(one)) for one, some in entries.items() if one is not None}


def _cost(entries: Sequence[tuple[str, int, datetime]], ended_at: datetime | None) -> Cost:
    """Return what entries add up to; a line that ended was released first of all."""
    now = sum(yen for _kind, yen, _at in entries)
    if ended_at is None:
        return Cost(now, now)
    before = 0
    for kind, yen, at in entries:
        if kind == "release" and at >= ended_at:
            break
        before += yen
    return Cost(before, now)


def undecided_lines(session: Session, booking_id: int) -> frozenset[int]:
    """Return the lines of which staff have yet to say what comes back."""
    said = exists().where(
        LedgerEntry.tenant_id == MoneyTask.tenant_id,
        LedgerEntry.booking_id == MoneyTask.booking_id,
        LedgerEntry.booking_line_id == _LINE,
        LedgerEntry.kind == "credit",
        LedgerEntry.entered_at >= MoneyTask.made_at,
    )
    rows = session.scalars(
        select(_LINE).where(
            MoneyTask.tenant_id == current_tenant(),
            MoneyTask.booking_id == booking_id,
            MoneyTask.kind == UNDECIDED,
            MoneyTask.done_at.is_(None),
            ~said,
        )
    )
    return frozenset(rows)
