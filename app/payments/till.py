"""A counter's day: on which one an entry stands, what of cash it took, and its closing (日計表)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.kernel.refusals import Refusal, Refused
from app.payments.models import CashDay, LedgerEntry

CASH = "cash"  # the method whose money lies in the drawer
MONEY = ("payment", "reversal", "refund")
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody counted in the drawer, and why it differs when it does."""

    yen: int
    remark: str = ""


def lock(session: Session, counter_id: int | None) -> None:
    """Let entries and the closing of a counter come one by one."""
    session.execute(_LOCK, {"name": f"till {current_tenant()} {counter_id or 0}"})


def business_day(session: Session, counter_id: int | None, today: date) -> date:
    """Return the day on whose 日計表 an entry of today stands: the next that is not closed.

    The caller holds the lock of the counter.
    """
    closed = set(
        session.scalars(
            select(CashDay.on_date).where(_at(CashDay, counter_id), CashDay.on_date >= today)
        )
    )
    day = today
    while day in closed:
        day += timedelta(days=1)
    return day


def closed_day(session: Session, counter_id: int | None, on: date) -> CashDay | None:
    """Return the closing of a counter's day, or None while it is open."""
    return session.scalar(select(CashDay).where(_at(CashDay, counter_id), CashDay.on_date == on))


def cash_of(session: Session, counter_id: int | None, on: date) -> int:
    """Return the cash that a counter's day brought: taken less given back, in yen."""
    total = session.scalar(
        select(func.coalesce(-func.sum(LedgerEntry.yen), 0)).where(
            _at(LedgerEntry, counter_id),
            LedgerEntry.business_on == on,
            LedgerEntry.kind.in_(MONEY),
            LedgerEntry.method == CASH,
        )
    )
    return int(total or 0)


def close(
    session: Session,
    counter_id: int | None,
    on: date,
    count: Count,
    *,
    account_id: int,
    today: date,
    now: datetime,
) -> CashDay | None:
    """Close a counter's day; return None when it was closed before, and it stays so.

    Raises Refused for a day that is still to come, and when the count differs unexplained.
    """
    lock(session, counter_id)
    if closed_day(session, counter_id, on) is not None:
        return None
    if on > today:
        raise Refused(Refusal("till.not_yet"))
    expected = cash_of(session, counter_id, on)
    if count.yen != expected and not count.remark:
        raise Refused(Refusal("till.differs", {"owed": expected, "given": count.yen}))
    day = CashDay(
        tenant_id=current_tenant(), counter_id=counter_id, on_date=on, expected_yen=expected,
        counted_yen=count.yen, remark=count.remark, closed_at=now, closed_by=account_id,
    )  # fmt: skip
    session.add(day)
    session.flush()
    return day


def open_days(session: Session, counter_id: int | None, *, before: date) -> Sequence[date]:
    """Return earlier days with entries that nobody closed, the first first."""
    closed = select(CashDay.on_date).where(_at(CashDay, counter_id))
    found = session.scalars(
        select(LedgerEntry.business_on)
        .where(
            _at(LedgerEntry, counter_id),
            LedgerEntry.business_on < before,
            LedgerEntry.business_on.not_in(closed),
        )
        .distinct()
        .order_by(LedgerEntry.business_on)
    )
    return [one for one in found if one is not None]


def _at(table: type[CashDay] | type[LedgerEntry], counter_id: int | None) -> ColumnElement[bool]:
    here = table.counter_id.is_(None) if counter_id is None else table.counter_id == counter_id
    return (table.tenant_id == current_tenant()) & here
