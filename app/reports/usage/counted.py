"""Uses and their money, counted by one statement: by room and day, purpose, class, hour."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.payments.service import DEBTS, GIVEN_BACK
from app.reports.usage.asked import Asked
from app.reports.usage.figures import Figures

# A line's share of what was paid is what had been entered for it before the last payment of its
# booking (as in app.reports.money); of all lines at once, so that a year is one pass.
_COUNTED = """
with used as (
  select l.id, l.booking_id, l.room_id, l.on_date, l.state, l.slots,
         b.purpose, b.applicant_class,
         (extract(epoch from l.starts_at - l.on_date::timestamp at time zone :zone) / 60)::int
           as from_minute,
         (extract(epoch from l.ends_at - l.on_date::timestamp at time zone :zone) / 60)::int
           as to_minute,
         coalesce(a.people, b.people, 0) as people, a.no_show_at is not null as is_no_show
    from booking_line l
    join booking b on b.tenant_id = l.tenant_id and b.id = l.booking_id
    left join actual_use a on a.tenant_id = l.tenant_id and a.booking_line_id = l.id
   where l.tenant_id = :tenant and l.on_date between :first and :last and b.state <> 'draft'
     {narrowed}
), paid as (
  select booking_id, max(id) as last_id
    from ledger_entry e
   where tenant_id = :tenant and kind = 'payment'
     and booking_id in (select booking_id from used)
     and not exists (select from ledger_entry r
                      where r.tenant_id = e.tenant_id and r.reverses_id = e.id)
   group by booking_id
), money as (
  select e.booking_line_id as id,
         sum(e.yen) filter (where e.kind = any(:debts)) as assessed,
         sum(e.yen) filter (where e.kind = any(:debts) and e.id < p.last_id)
           as settled,
         sum(e.yen) filter (where e.kind = any(:back)) as back
    from ledger_entry e
    left join paid p on p.booking_id = e.booking_id
   where e.tenant_id = :tenant and e.booking_line_id is not null
     and e.booking_id in (select booking_id from used)
   group by e.booking_line_id
)
select grouping(room_id, purpose, applicant_class, from_minute) as which,
       room_id, on_date, purpose, applicant_class,
       weekday, from_minute, to_minute,
       count(*) filter (where stands) as uses,
       coalesce(sum(people) filter (where stands and not is_no_show), 0) as people,
       coalesce(sum(to_minute - from_minute) filter (where stands), 0) as minutes,
       coalesce(sum(slots) filter (where stands), 0) as slots,
       count(*) filter (where stands and is_no_show) as no_shows,
       count(*) filter (where state = 'cancelled') as cancelled,
       count(*) filter (where state = 'lapsed') as lapsed,
       coalesce(sum(assessed), 0) as assessed_yen,
       coalesce(sum(settled), 0) - coalesce(sum(back), 0) as collected_yen
  from (
    select used.*, state = 'active' as stands, extract(isodow from on_date)::int - 1 as weekday,
           money.assessed, money.settled, money.back
      from used left join money on money.id = used.id
  ) one
 group by grouping sets (
   (room_id, on_date), (purpose), (applicant_class), (weekday, from_minute, to_minute))
"""
_BY_ROOM, _BY_PURPOSE, _BY_CLASS, _BY_HOURS = 0b0111, 0b1011, 0b1101, 0b1110


_HOW_MANY = """
select count(*)
  from booking_line l
  join booking b on b.tenant_id = l.tenant_id and b.id = l.booking_id
 where l.tenant_id = :tenant and l.on_date between :first and :last and b.state <> 'draft'
   {narrowed}
"""


class Hours(NamedTuple):
    """The hours of uses: Monday is 0, minutes of the local day, half-open."""

    weekday: int
    from_minute: int
    to_minute: int


@dataclass(slots=True)
class Counted:
    """What was counted, four times over; opening time is not in it."""

    by_room_and_day: dict[tuple[int, date], Figures] = field(default_factory=dict)
    by_purpose: dict[str, Figures] = field(default_factory=dict)
    by_class: dict[str, Figures] = field(default_factory=dict)
    by_hours: dict[Hours, Figures] = field(default_factory=dict)


def counted(session: Session, asked: Asked, *, zone: str) -> Counted:
    """Return what was counted of the uses that are asked for."""
    narrowed, values = asked.narrowed()
    statement = text(_COUNTED.format(narrowed=narrowed))
    told = {
        "tenant": current_tenant(), "zone": zone, "first": asked.first, "last": asked.last,
        "debts": list(DEBTS), "back": list(GIVEN_BACK),
    }  # fmt: skip
    found = Counted()
    for row in session.execute(statement, {**told, **values}):
        figures = Figures(*(int(one) for one in row[8:]))
        if row.which == _BY_ROOM:
            figures.days = int(figures.uses > 0)
            found.by_room_and_day[row.room_id, row.on_date] = figures
        elif row.which == _BY_PURPOSE:
            found.by_purpose[row.purpose or ""] = figures
        elif row.which == _BY_CLASS:
            found.by_class[row.applicant_class or ""] = figures
        else:
            found.by_hours[Hours(row.weekday, row.from_minute, row.to_minute)] = figures
    return found


def how_many(session: Session, asked: Asked) -> int:
    """Return how many uses there are to count, far sooner than they are counted."""
    narrowed, values = asked.narrowed()
    told = {"tenant": current_tenant(), "first": asked.first, "last": asked.last, **values}
    return int(session.scalar(text(_HOW_MANY.format(narrowed=narrowed)), told) or 0)
