"""Which part of the ledger a statement is about, as a common beginning of its queries."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.db.session import current_tenant
from app.identity.permissions import EVERYWHERE, Scope
from app.kernel.spans import instant
from app.reports.months.figures import NOTICES

SEVERAL = 0  # the hall of bookings whose rooms lie in several halls

# On whose 日計表 an entry stands, that is its day: both must agree. Others have their local day.
_DAY = "coalesce(e.business_on, (e.entered_at at time zone :zone)::date)"
# The same said of the columns themselves: PostgreSQL knows how many rows that leaves.
_BEFORE = "(e.business_on < :first or (e.business_on is null and e.entered_at < :begins))"
_UNTIL = "(e.business_on <= :last or (e.business_on is null and e.entered_at < :ends))"
MOVING = """(e.business_on between :first and :last or
            (e.business_on is null and e.entered_at >= :begins and e.entered_at < :ends))"""

_ENTRIES = """
with part as (
  select e.id, e.booking_id, e.payee, e.kind, coalesce(e.method, '') as method, e.yen,
         e.account_id, e.entered_at, e.counter_id, e.business_on, {day} as on_date
    from ledger_entry e
   where e.tenant_id = :tenant and {which} {of_payee}
)
"""
# Of most bookings nothing was owed at either end: only the others are looked at further.
_BALANCES = """
with part as (
  select e.booking_id, e.payee, coalesce(sum(e.yen) filter (where {before}), 0) as before,
         sum(e.yen) as after, max({day}) filter (where {before}) as before_on,
         max({day}) as after_on
    from ledger_entry e
   where e.tenant_id = :tenant and {until} {of_payee}
   group by e.booking_id, e.payee
  having coalesce(sum(e.yen) filter (where {before}), 0) <> 0 or sum(e.yen) <> 0
)
"""
# A payment is of a booking, not of a room. So every entry stands with the hall in which all rooms
# of the booking lie that the same payee is paid for; where these are several, in a row of its own.
# The fiscal year of what is to be paid is that of the day on which the applicant was told to pay
# (地方自治法施行令142条1項2号); of a booking that was assessed in several years it is 0.
_AROUND = """
, place as (
  select booking_id, payee,
         case when min(facility_id) = max(facility_id) then min(facility_id) else 0 end as hall_id,
         bool_and({within}) as is_mine
    from booking_line
   where tenant_id = :tenant and state <> 'held' and booking_id in (select booking_id from part)
   group by booking_id, payee
), noticed as (
  select booking_id, payee, min(fiscal) as first_year, max(fiscal) as last_year
    from (select e.booking_id, e.payee, extract(year from {day} - interval '3 months') as fiscal
            from ledger_entry e
           where e.tenant_id = :tenant and e.kind = any(:notices) and {until}
             and e.booking_id in (select booking_id from part)) n
   group by booking_id, payee
), entry as (
  select part.*, coalesce(p.hall_id, 0) as hall_id,
         case when n.first_year = n.last_year then n.first_year::int else 0 end as year
    from part
    left join place p on p.booking_id = part.booking_id and p.payee = part.payee
    left join noticed n on n.booking_id = part.booking_id and n.payee = part.payee
   where true {narrowed}
)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Entries from `first` to `last`, both counted, by the municipality's clock."""

    first: date
    last: date
    zone: str
    scope: Scope = EVERYWHERE
    payee: str | None = None
    facility_id: int | None = None  # SEVERAL: bookings over several halls

    def entries(self, which: str = MOVING) -> tuple[str, dict[str, Any]]:
        """Return the beginning of a query that reads entries from `entry`, and its values."""
        return self._beginning(_ENTRIES, which)

    def balances(self) -> tuple[str, dict[str, Any]]:
        """Return the beginning of a query that reads bookings with what they owe from `entry`."""
        return self._beginning(_BALANCES)

    def _beginning(self, part: str, which: str = "") -> tuple[str, dict[str, Any]]:
        within, narrowed, of_payee = "true", "", ""
        zone = ZoneInfo(self.zone)
        values: dict[str, Any] = {
            "tenant": current_tenant(), "zone": self.zone, "first": self.first, "last": self.last,
            "notices": list(NOTICES), "begins": instant(self.first, 0, zone),
            "ends": instant(self.last + timedelta(days=1), 0, zone),
        }  # fmt: skip
        if not self.scope.is_everywhere:
            within = "facility_id = any(:halls) or room_id = any(:rooms)"
            narrowed += " and p.is_mine"
            values["halls"] = sorted(self.scope.facility_ids)
            values["rooms"] = sorted(self.scope.room_ids)
        if self.payee is not None:
            of_payee = "and e.payee = :payee"
            values["payee"] = self.payee
        if self.facility_id is not None:
            narrowed += " and coalesce(p.hall_id, 0) = :hall"
            values["hall"] = self.facility_id
        told = {
            "day": _DAY,
            "before": _BEFORE,
            "until": _UNTIL,
            "within": within,
            "narrowed": narrowed,
            "of_payee": of_payee,
        }
        return (part + _AROUND).format(which=which, **told), values
