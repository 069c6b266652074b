"""Who owes money (未納一覧): past its day, soon due, or all; and how each was reminded so far."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.permissions import EVERYWHERE, Scope

LATE, SOON, ALL = "late", "soon", "all"
ORDERS = {
    "days": "late_days desc, yen desc, number",
    "yen": "yen desc, late_days desc, number",
    "name": "kana, name, number",
    "hall": "hall_id, late_days desc, number",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which debts: those past their day, those due within some days, or all."""

    now: datetime
    zone: str
    scope: Scope = EVERYWHERE  # whose debts are seen
    contacts: Scope = EVERYWHERE  # of whom name and telephone are seen
    takes: Scope = EVERYWHERE  # where the viewer takes money, and so may ask for it
    which: str = LATE
    within_days: int = 7
    payee: str | None = None
    facility_id: int | None = None  # 0: bookings over several halls
    numbers: Collection[str] | None = None
    order: str = "days"


@dataclass(frozen=True, slots=True)
class Debt:
    """What a booking owes one payee."""

    booking_id: int
    number: str
    state: str
    hall_id: int
    payee: str
    yen: int
    due_at: datetime
    late_days: int  # negative: it is not due yet
    first_use: date
    shown_name: str
    name: str
    kana: str
    phone: str
    is_hidden: bool  # its names and telephone are not the viewer's business
    has_account: bool  # so it has an address for letters
    is_waited_for: bool  # staff have its request for a waiver
    may_ask: bool  # the viewer takes money for all of it

    @property
    def is_over(self) -> bool:
        """Say whether the booking ended: it is owed, and nobody is reminded."""
        return self.state in ("cancelled", "lapsed")

    @property
    def may_be_reminded(self) -> bool:
        """Say whether somebody may be reminded of it, by whoever looks."""
        return self.may_ask and not self.is_over and not self.is_waited_for


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody was reminded: by the service itself, or by staff."""

    at: datetime
    way: str  # due: by itself before the day; mail, paper: by staff
    has_failed: bool = False  # the letter did not arrive


@dataclass(slots=True)
class Totals:
    """What the rows of a list come to."""

    bookings: int = 0
    yen: int = 0
    by_payee: dict[str, int] = field(default_factory=dict)


_DEBTS = """
with owing as (
  select booking_id, payee, sum(yen) as yen
    from ledger_entry
   where tenant_id = :tenant
   group by booking_id, payee
  having sum(yen) > 0
), found as (
  select b.id as booking_id, b.number, b.state, p.hall_id, o.payee, o.yen,
         coalesce(b.due_at, p.starts_at) as due_at,
         (cast(:now as timestamptz) at time zone :zone)::date
           - ((coalesce(b.due_at, p.starts_at) - interval '1 second') at time zone :zone)::date
           as late_days,
         p.first_use, coalesce(b.shown_name, '') as shown_name,
         coalesce(b.applicant_name, '') as name, coalesce(b.applicant_kana, '') as kana,
         coalesce(b.applicant_phone, '') as phone, not p.is_known as is_hidden,
         b.account_id is not null as has_account,
         exists (select from waiver_request w
                  where w.tenant_id = b.tenant_id and w.booking_id = b.id and w.state = 'asked')
           as is_waited_for,
         a.takes as may_ask, p.is_mine
    from owing o
    join booking b on b.tenant_id = :tenant and b.id = o.booking_id
    join lateral (
      select case when min(facility_id) = max(facility_id) then min(facility_id) else 0 end
               as hall_id,
             min(starts_at) as starts_at, min(on_date) as first_use,
             bool_and({seen}) as is_mine, bool_and({known}) as is_known
        from booking_line l
       where l.tenant_id = :tenant and l.booking_id = o.booking_id and l.payee = o.payee
         and l.state <> 'held'
    ) p on p.hall_id is not null
    join lateral (
      select bool_and({takes}) as takes
        from booking_line l
       where l.tenant_id = :tenant and l.booking_id = o.booking_id and l.state <> 'held'
    ) a on true
   where b.state <> 'requested'
)
"""
_ROWS = """
select booking_id, number, state, hall_id, payee, yen, due_at, late_days, first_use,
       shown_name, name, kana, phone, is_hidden, has_account, is_waited_for, may_ask
  from found
 where is_mine {narrowed}
 order by {order}
 limit :limit offset :offset
"""
_TOTALS = """
select payee, count(*) as bookings, sum(yen) as yen
  from found
 where is_mine {narrowed}
 group by payee order by payee
"""
_TOLD = """
select subject_id as booking_id, promised_at as at, 'due' as way, state = 'failed' as has_failed
  from delivery
 where tenant_id = :tenant and template = 'payment_due' and subject_id = any(:bookings)
 union all
select a.subject_id, a.at, a.facts ->> 'way', coalesce(d.state = 'failed', false)
  from audit_entry a
  left join delivery d
    on d.tenant_id = a.tenant_id and d.template = 'payment_overdue' and d.subject_id = a.id
 where a.tenant_id = :tenant and a.subject = 'booking' and a.action = :action
   and a.subject_id = any(:bookings)
 order by at
"""
REMINDED = "payment.reminded"  # the deed in the audit


def debts(
    session: Session, asked: Asked, *, limit: int | None = None, offset: int = 0
) -> list[Debt]:
    """Return the debts that are asked for, in their order."""
    common, narrowed, values = _query(asked)
    rows = common + _ROWS.format(narrowed=narrowed, order=ORDERS[asked.order])
    told = {**values, "limit": limit, "offset": offset}
    return [_debt(row) for row in session.execute(text(rows), told)]


def totals(session: Session, asked: Asked) -> Totals:
    """Return how many debts there are, and what they come to."""
    common, narrowed, values = _query(asked)
    found = Totals()
    for row in session.execute(text(common + _TOTALS.format(narrowed=narrowed)), values):
        found.bookings += int(row.bookings)
        found.yen += int(row.yen)
        found.by_payee[row.payee] = int(row.yen)
    return found


def told_so_far(session: Session, booking_ids: Collection[int]) -> Mapping[int, Sequence[Told]]:
    """Return by booking how it was reminded of so far, the first first."""
    if not booking_ids:
        return {}
    told = {"tenant": current_tenant(), "bookings": sorted(booking_ids), "action": REMINDED}
    found: dict[int, list[Told]] = {}
    for booking_id, at, way, has_failed in session.execute(text(_TOLD), told):
        found.setdefault(booking_id, []).append(Told(at, way, has_failed))
    return found


def _debt(row: Any) -> Debt:
    told = dict(row._mapping)
    told["yen"] = int(told["yen"])
    if told["is_hidden"]:
        told.update(name="", kana="", phone="")
    return Debt(**told)


def _query(asked: Asked) -> tuple[str, str, dict[str, Any]]:
    values: dict[str, Any] = {"tenant": current_tenant(), "now": asked.now, "zone": asked.zone}
    common = _DEBTS.format(
        seen=_within("seen", asked.scope, values),
        known=_within("known", asked.contacts, values),
        takes=_within("takes", asked.takes, values),
    )
    narrowed = ""
    if asked.which == LATE:
        narrowed += " and due_at <= :now"
    elif asked.which == SOON:
        narrowed += " and due_at > :now and due_at <= :until"
        values["until"] = asked.now + timedelta(days=asked.within_days)
    numbers = None if asked.numbers is None else sorted(asked.numbers)
    for condition, name, value in (
        ("payee = :payee", "payee", asked.payee),
        ("hall_id = :hall", "hall", asked.facility_id),
        ("number = any(:numbers)", "numbers", numbers),
    ):
        if value is not None:
            narrowed += f" and {condition}"
            values[name] = value
    return common, narrowed, values


def _within(name: str, scope: Scope, values: dict[str, Any]) -> str:
    """Return the condition that a line lies within a scope; its values are added."""
    if scope.is_everywhere:
        return "true"
    values[f"{name}_halls"] = sorted(scope.facility_ids)
    values[f"{name}_rooms"] = sorted(scope.room_ids)
    return f"l.facility_id = any(:{name}_halls) or l.room_id = any(:{name}_rooms)"
