"""Which waivers a use has: rights that were granted, as often a month as the tariff allows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.db.session import current_tenant
from app.fees.policy import Tariff
from app.identity.entitlements import Entitled

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a fee has to know of waivers: those granted, and those used up this month."""

    waivers: frozenset[str] = frozenset()
    spent: frozenset[str] = frozenset()


NOTHING = Granted()

_USED = text(
    """
    select unnest(l.waivers) as waiver, count(*) as uses
      from booking_line l
      join booking b on b.tenant_id = l.tenant_id and b.id = l.booking_id
     where b.tenant_id = :tenant and b.account_id = :account and b.state <> 'draft'
       and l.state = 'active' and l.waivers is not null
       and l.on_date >= :first and l.on_date < cast(:first as date) + interval '1 month'
       and not (l.id = any(:without))
     group by 1
    """
)


class Monthly:
    """How often somebody used each limited waiver, month by month; read when first asked.

    Whoever books by it has locked the person's row before, so that two requests count one another.
    """

    def __init__(
        self, session: Session, account_id: int | None, *, without: Iterable[int] = ()
    ) -> None:
        self._session = session
        self._account_id = account_id
        self._without = list(without)
        self._used: dict[Month, Counter[str]] = {}

    def spent(self, tariff: Tariff, on: date) -> frozenset[str]:
        """Return the waivers of a tariff that can't be had once more in the month of a day."""
        limits = limited(tariff)
        if not limits or not self._account_id:
            return frozenset()
        used = self._month(on)
        return frozenset(one for one, most in limits.items() if used[one] >= most)

    def count(self, waivers: Iterable[str], on: date) -> None:
        """Count a use that has these waivers, not yet in the database."""
        if self._account_id and (on.year, on.month) in self._used:
            self._used[on.year, on.month].update(list(waivers))  # once each, whatever they took off

    def _month(self, on: date) -> Counter[str]:
        key = (on.year, on.month)
        if key not in self._used:
            told = {
                "tenant": current_tenant(),
                "account": self._account_id,
                "first": on.replace(day=1),
                "without": self._without,
            }
            rows = self._session.execute(_USED, told)
            self._used[key] = Counter({row.waiver: row.uses for row in rows})
        return self._used[key]


def limited(tariff: Tariff) -> dict[str, int]:
    """Return the waivers that may be had only so often a month."""
    return {one.id: one.per_month for one in tariff.waivers if one.per_month}


def entitled(rights: Iterable[Entitled], line: BookingLine) -> frozenset[str]:
    """Return the waivers that somebody's rights give a line."""
    return frozenset(one.waiver for one in rights if one.holds(line.facility_id, line.on_date))
