"""The sheets of the counters (日計表) beside a statement, and whatever does not agree."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.payments.till import CASH
from app.reports.months.asked import MOVING, Asked
from app.reports.months.figures import MONEY_KINDS

NOWHERE = -1  # money that came over no counter: online
TOWN_HALL = 0
MOST = 60  # entries and days that are listed one by one


@dataclass(frozen=True, slots=True)
class Counter:
    """What a counter's sheets add up to, and how much of it the statement has."""

    counter_id: int  # the hall; TOWN_HALL, or NOWHERE
    sheet_yen: int  # all that stands on its sheets
    yen: int  # what of it the statement counts


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed day that does not agree with what stands on it, or with what was counted."""

    counter_id: int
    on_date: date
    expected_yen: int  # as it was when it was closed
    entered_yen: int  # as the ledger says now
    counted_yen: int
    remark: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry whose sheet lies in another month than the moment at which it was entered."""

    number: str
    counter_id: int
    entered_at: datetime
    business_on: date
    yen: int


@dataclass(frozen=True, slots=True)
class Sheets:
    """The counters that may be seen, and the statement's money at others."""

    counters: Sequence[Counter]
    elsewhere_yen: int  # of the statement, taken at counters that are not the viewer's
    closed: Sequence[Closed]
    left_open: Sequence[tuple[int, date]]
    moved: Sequence[Moved]

    @property
    def yen(self) -> int:
        """Return what of the statement came over all counters, and over none."""
        return sum(one.yen for one in self.counters) + self.elsewhere_yen


_SUMS = """
select s.counter_id, s.yen as sheet_yen, coalesce(t.yen, 0) as yen
  from (
    select case when business_on is null then -1 else coalesce(counter_id, 0) end as counter_id,
           -sum(yen) as yen
      from ledger_entry e
     where tenant_id = :tenant and kind = any(:money)
       and {moving}
     group by 1
  ) s
  left join (
    select case when business_on is null then -1 else coalesce(counter_id, 0) end as counter_id,
           -sum(yen) as yen
      from entry
     where kind = any(:money)
     group by 1
  ) t on t.counter_id = s.counter_id
 order by s.counter_id
"""
_CLOSED = """
select coalesce(c.counter_id, 0) as counter_id, c.on_date, c.expected_yen,
       coalesce(-sum(e.yen), 0) as entered_yen, c.counted_yen, c.remark
  from cash_day c
  left join ledger_entry e on e.tenant_id = c.tenant_id and e.business_on = c.on_date
       and e.counter_id is not distinct from c.counter_id
       and e.kind = any(:money) and e.method = :cash
 where c.tenant_id = :tenant and c.on_date between :first and :last
   and coalesce(c.counter_id, 0) = any(:counters)
 group by c.id, c.counter_id, c.on_date, c.expected_yen, c.counted_yen, c.remark
having c.expected_yen <> coalesce(-sum(e.yen), 0) or c.expected_yen <> c.counted_yen
 order by c.on_date, 1
 limit :most
"""
_OPEN = """
select distinct coalesce(e.counter_id, 0) as counter_id, e.business_on
  from ledger_entry e
 where e.tenant_id = :tenant and e.business_on between :first and :last
   and coalesce(e.counter_id, 0) = any(:counters)
   and not exists (select from cash_day c
                    where c.tenant_id = e.tenant_id and c.on_date = e.business_on
                      and c.counter_id is not distinct from e.counter_id)
 order by e.business_on, 1
 limit :most
"""
_MOVED = """
select b.number, coalesce(e.counter_id, 0) as counter_id, e.entered_at, e.business_on,
       -e.yen as yen
  from entry e
  join booking b on b.tenant_id = :tenant and b.id = e.booking_id
 order by e.business_on, e.id
 limit :most
"""
_ACROSS = """
e.business_on is not null and e.kind = any(:money)
and (e.business_on between :first and :last)
    <> ((e.entered_at at time zone :zone)::date between :first and :last)"""


def sheets(session: Session, asked: Asked, *, counters: Collection[int]) -> Sheets:
    """Return the sheets of these counters (0: the town hall's) beside a statement."""
    beginning, values = asked.entries()
    across, _values = asked.entries(_ACROSS)
    told: dict[str, Any] = {
        **values, "money": MONEY_KINDS, "cash": CASH, "counters": sorted(counters), "most": MOST,
    }  # fmt: skip
    sums = [
        Counter(*map(int, row))
        for row in session.execute(text(beginning + _SUMS.format(moving=MOVING)), told)
    ]
    seen = {*counters, NOWHERE}
    shown = [
        Counter(NOWHERE, one.yen, one.yen) if one.counter_id == NOWHERE else one
        for one in sums
        if one.counter_id in seen
    ]
    return Sheets(
        shown,
        sum(one.yen for one in sums if one.counter_id not in seen),
        [Closed(*row) for row in session.execute(text(_CLOSED), told)],
        [(int(row[0]), row[1]) for row in session.execute(text(_OPEN), told)],
        [Moved(*row) for row in session.execute(text(across + _MOVED), told)],
    )
