"""What a figure of a statement is made of: entries of the ledger, or bookings with a balance."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.reports.months.asked import Asked
from app.reports.months.figures import MONEY_KINDS, SIDES, Line, Side

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Picked:
    """A figure, and which of the rows of a statement it stands in; None: the sum of all."""

    line: Line
    on: date | None = None
    year: int | None = None
    collector: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, or what a booking owes a payee (then nobody entered it and it has no kind)."""

    number: str
    hall_id: int
    payee: str
    yen: int  # as it is read in the statement
    on_date: date | None
    kind: str = ""
    method: str = ""
    entered_at: datetime | None = None
    account_id: int | None = None
    who: str | None = None  # who entered it, where that is somebody of the staff


@dataclass(frozen=True, slots=True)
class Whole:
    """How many rows there are, and what they come to: the figure itself."""

    rows: int
    yen: int


_ENTRIES = """
select b.number, e.hall_id, e.payee, :sign * e.yen as yen, e.on_date, e.kind, e.method,
       e.entered_at, e.account_id,
       (select min(s.name) from staff s
         where s.tenant_id = :tenant and s.account_id = e.account_id) as who
  from entry e
  join booking b on b.tenant_id = :tenant and b.id = e.booking_id
 where e.yen <> 0 {picked}
 order by e.on_date, e.id
"""
_BALANCES = """
select b.number, e.hall_id, e.payee, :sign * e.{when} as yen, e.{when}_on as on_date
  from entry e
  join booking b on b.tenant_id = :tenant and b.id = e.booking_id
 where :sign * e.{when} > 0 {picked}
 order by e.{when}_on, b.number, e.payee
"""
_COUNTING = "{common} select count(*), coalesce(sum(yen), 0) from ({statement}) found"


def whole(session: Session, asked: Asked, picked: Picked) -> Whole:
    """Return how many rows make a figure up, and what they add up to."""
    common, statement, values = _query(asked, picked)
    counting = text(_COUNTING.format(common=common, statement=statement))
    rows, yen = session.execute(counting, values).one()
    return Whole(int(rows), int(yen))


def found(
    session: Session, asked: Asked, picked: Picked, *, limit: int | None = None, offset: int = 0
) -> Iterator[Found]:
    """Yield the rows in the order of their days."""
    common, statement, values = _query(asked, picked)
    told = {**values, "limit": limit, "offset": offset}
    paged = text(f"{common} {statement} limit :limit offset :offset")
    for row in session.execute(paged, told, execution_options={"yield_per": CHUNK}):
        yield Found(**row._mapping)


def has_payee(session: Session, payee: str) -> bool:
    """Say whether anything was ever entered for a payee."""
    told = {"tenant": current_tenant(), "payee": payee}
    query = "select 1 from ledger_entry where tenant_id = :tenant and payee = :payee limit 1"
    return session.scalar(text(query), told) is not None


def _query(asked: Asked, picked: Picked) -> tuple[str, str, dict[str, Any]]:
    line = picked.line
    beginning, values = asked.balances() if line.is_balance else asked.entries()
    values["sign"] = line.sign
    said = _said(picked, values)
    if line.is_balance:
        when = "before" if line.id.endswith("_before") else "after"
        return beginning, _BALANCES.format(when=when, picked=said), values
    return beginning, _ENTRIES.format(picked=said), values


def _said(picked: Picked, values: dict[str, Any]) -> str:
    """Return the conditions of what was picked; their values are added."""
    said, line = "", picked.line
    if line.is_sum:
        said += " and e.kind = any(:kinds)"
        values["kinds"] = [kind for kind, side in SIDES.items() if side == Side(line.id)]
    elif not line.is_balance:
        said += " and e.kind = :kind"
        values["kind"] = line.kind
    for condition, name, value in (
        ("e.method = :method", "method", line.method),
        ("e.on_date = :on", "on", picked.on),
        ("e.year = :year", "year", picked.year),
        (
            "coalesce(e.account_id, 0) = :collector and e.kind = any(:money)",
            "collector",
            picked.collector,
        ),
    ):
        if value is not None:
            said += f" and {condition}"
            values[name] = value
    if picked.collector is not None:
        values["money"] = MONEY_KINDS
    return said
