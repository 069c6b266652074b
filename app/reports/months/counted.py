"""The figures of a statement: movements by one query with grouping sets, balances by another."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.reports.months.asked import Asked
from app.reports.months.figures import MONEY_KINDS, Key, Line, Row, lines_of, sum_of

# Only who received money is asked for: else every applicant would be a group.
_MOVED = """
select grouping(hall_id, on_date, year, payee, collector) as which,
       hall_id, on_date, year, payee, collector, kind, method,
       count(*) filter (where yen <> 0) as entries, sum(yen) as yen
  from (
    select hall_id, on_date, payee, kind, method, yen, year,
           case when kind = any(:money) then coalesce(account_id, 0) end as collector
      from entry
  ) one
 group by grouping sets ((hall_id, kind, method), (on_date, kind, method), (year, kind, method),
                         (payee, kind, method), (collector, kind, method))
"""
_STOOD = """
select grouping(hall_id, year, payee) as which, hall_id, year, payee,
       sum(greatest(before, 0)) as unpaid_before, sum(greatest(-before, 0)) as over_before,
       sum(greatest(after, 0)) as unpaid, sum(greatest(-after, 0)) as over
  from entry
 group by grouping sets ((hall_id), (year), (payee))
"""
# grouping() has a bit for each column that a row is not grouped by.
_MOVED_BY = {
    0b01111: "hall", 0b10111: "day", 0b11011: "year", 0b11101: "payee", 0b11110: "collector",
}  # fmt: skip
_STOOD_BY = {0b011: "hall", 0b101: "year", 0b110: "payee"}
_COLUMN = {
    "hall": "hall_id",
    "day": "on_date",
    "year": "year",
    "payee": "payee",
    "collector": "collector",
}
GROUPS = tuple(_COLUMN)
WITH_BALANCES = frozenset(_STOOD_BY.values())
Rows = dict[Hashable, Row]


@dataclass(frozen=True, slots=True)
class Statement:
    """The figures. Keys: hall by id (0: bookings over several), day, year (0: several), payee,
    collector by account (0: nobody, by itself)."""

    asked: Asked
    groups: Mapping[str, Rows]
    total: Row

    @property
    def lines(self) -> list[Line]:
        """Return the figures that it has."""
        return lines_of(self.total.moved.keys())

    def lines_by(self, by: str) -> list[Line]:
        """Return the figures of a grouping; who received has no share in what is unpaid."""
        if by == "collector":
            moved = [key for key in self.total.moved if key.kind in MONEY_KINDS]
            some = lines_of(moved, balances=False)
            return [one for one in some if one.side == "collected"]
        return lines_of(self.total.moved.keys(), balances=by in WITH_BALANCES)


def statement(session: Session, asked: Asked) -> Statement:
    """Return the figures of what is asked for."""
    groups: dict[str, Rows] = {by: {} for by in GROUPS}
    beginning, values = asked.entries()
    for row in session.execute(text(beginning + _MOVED), {**values, "money": MONEY_KINDS}):
        by = _MOVED_BY[row.which]
        key = getattr(row, _COLUMN[by])
        if key is not None:
            _row(groups[by], key).add(Key(row.kind, row.method), int(row.entries), int(row.yen))
    beginning, values = asked.balances()
    for row in session.execute(text(beginning + _STOOD), values):
        by = _STOOD_BY[row.which]
        one = _row(groups[by], getattr(row, _COLUMN[by]))
        one.unpaid_before, one.over_before = int(row.unpaid_before), int(row.over_before)
        one.unpaid, one.over = int(row.unpaid), int(row.over)
    return Statement(asked, groups, sum_of(groups["hall"].values()))


def _row(rows: Rows, key: Hashable) -> Row:
    return rows.setdefault(key, Row())
