"""Which part of the ledger a statement is about, as a common beginning of its queries."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.db.session import current_tenant
from app.identity.permissions import EVERYWHERE, Scope
from app.reports.months.figures import NOTICES

SEVERAL = 0  # the hall of bookings whose rooms lie in several halls

# A payment is of a booking, not of a room. So every entry stands with the hall in which all rooms
# of the booking lie that the same payee is paid for; where these are several, in a row of its own.
# On whose 日計表 an entry stands, that is its day: both must agree. Others have their local day.
_ENTRIES = """
with place as (
  select booking_id, payee,
         case when min(facility_id) = max(facility_id) then min(facility_id) else 0 end as hall_id,
         bool_and({within}) as is_mine
    from booking_line
   where tenant_id = :tenant and state <> 'held'
   group by booking_id, payee
), entry as (
  select e.id, e.booking_id, e.payee, e.kind, coalesce(e.method, '') as method, e.yen,
         e.account_id, e.entered_at, e.counter_id, e.business_on,
         coalesce(e.business_on, (e.entered_at at time zone :zone)::date) as on_date,
         coalesce(p.hall_id, 0) as hall_id
    from ledger_entry e
    left join place p on p.booking_id = e.booking_id and p.payee = e.payee
   where e.tenant_id = :tenant {narrowed}
), noticed as (
  select booking_id, payee, min(fiscal) as first_year, max(fiscal) as last_year
    from (select booking_id, payee, extract(year from on_date - interval '3 months') as fiscal
            from entry where kind = any(:notices) and on_date <= :last) n
   group by booking_id, payee
)
"""
# The fiscal year of what is to be paid is that of the day on which the applicant was told to pay
# (地方自治法施行令142条1項2号); of a booking that was assessed in several years it is 0.
YEAR = """
case when n.first_year = n.last_year then n.first_year::int else 0 end"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Entries from `first` to `last`, both counted, by the municipality's clock."""

    first: date
    last: date
    zone: str
    scope: Scope = EVERYWHERE
    payee: str | None = None
    facility_id: int | None = None  # SEVERAL: bookings over several halls

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is left out: then it must agree with the sheets of all counters."""
        return self.scope.is_everywhere and self.payee is None and self.facility_id is None

    def common(self) -> tuple[str, dict[str, Any]]:
        """Return the common table expressions of every query, and their values."""
        within, narrowed = "true", ""
        values: dict[str, Any] = {
            "tenant": current_tenant(), "zone": self.zone, "first": self.first, "last": self.last,
            "notices": list(NOTICES),
        }  # fmt: skip
        if not self.scope.is_everywhere:
            within = "facility_id = any(:halls) or room_id = any(:rooms)"
            narrowed += " and p.is_mine"
            values["halls"] = sorted(self.scope.facility_ids)
            values["rooms"] = sorted(self.scope.room_ids)
        if self.payee is not None:
            narrowed += " and e.payee = :payee"
            values["payee"] = self.payee
        if self.facility_id is not None:
            narrowed += " and coalesce(p.hall_id, 0) = :hall"
            values["hall"] = self.facility_id
        return _ENTRIES.format(within=within, narrowed=narrowed), values
