"""Which codes bookings are to have: read from them, written as wishes. No lock is called."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.db.session import current_tenant, in_transaction, tenant_scope
from app.locks import plans
from app.locks.models import AccessGrant, Door
from app.locks.queries import doors_of, live_grants, rooms_behind
from app.locks.states import SETTLED
from app.locks.visits import Taken, Use, visits
from app.usecases.door_uses import (
    NEARBY,
    OPENS,
    around,
    kept_by_hall,
    to_be_paid_first,
    uses_of,
)

HORIZON: Final = timedelta(days=30)  # how long before its use a code is made

_WOKEN = text(
    """
    select distinct owner, facility_id, on_date
      from (select owner, facility_id, on_date from door_wake order by id limit 500) as oldest
    """
)
_DONE = text(
    "delete from door_wake where owner = :tenant and facility_id = :facility and on_date = :day"
)
_IS_WOKEN = text(
    """
    select exists (
      select from door_wake as one
        join booking_line as line on line.tenant_id = one.owner
         and line.facility_id = one.facility_id and line.on_date = one.on_date
       where one.owner = :tenant and line.booking_id = :booking)
    """
)
# What no change woke: uses that come into the horizon, codes that a booking has lost its right to.
_MISSED = text(
    """
    select distinct line.facility_id, line.on_date
      from booking_line as line
      join booking on booking.tenant_id = line.tenant_id and booking.id = line.booking_id
     where line.tenant_id = :tenant and line.state = 'active'
       and booking.state in ('confirmed', 'used')
       and (booking.due_at is null or booking.due_at > :now)
       and line.on_date between :first and :last and line.ends_at > :now
       and line.starts_at < :horizon
       and exists (select from door where door.tenant_id = line.tenant_id
                      and door.facility_id = line.facility_id and door.ended_at is null)
       and not exists (
         select from access_grant_line as held
           join access_grant as one on one.tenant_id = held.tenant_id and one.id = held.grant_id
          where held.tenant_id = line.tenant_id and held.line_id = line.id and one.is_wanted)
    union
    select one.facility_id, one.on_date
      from access_grant as one
      join booking on booking.tenant_id = one.tenant_id and booking.id = one.booking_id
     where one.tenant_id = :tenant and one.is_wanted and one.ends_at > :now
       and one.state not in ('revoked', 'ended')
       and (booking.state not in ('confirmed', 'used') or booking.due_at <= :now)
    """
)


def woken() -> dict[int, list[tuple[int, date]]]:
    """Return the days of halls whose bookings changed, by municipality.

    A day is woken until it was planned, so that a worker that dies with it loses nothing.
    """
    with tenant_scope(None):
        rows = in_transaction(lambda session: session.execute(_WOKEN).all())
    found: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for tenant_id, facility_id, on_date in rows:
        found[tenant_id].append((facility_id, on_date))
    return {tenant_id: sorted(set(days)) for tenant_id, days in found.items()}


def missed(*, now: datetime) -> list[tuple[int, date]]:
    """Return the days of halls of this municipality where codes are not what bookings want."""
    values = {
        "tenant": current_tenant(), "now": now, "horizon": now + HORIZON,
        "first": now.date() - timedelta(days=1), "last": now.date() + HORIZON,
    }  # fmt: skip
    rows = in_transaction(lambda session: session.execute(_MISSED, values).all())
    return [(facility_id, on_date) for facility_id, on_date in rows]


def plan_days(days: Collection[tuple[int, date]], *, now: datetime) -> int:
    """Plan the codes of all bookings of these days; return how many changed."""
    return sum(
        in_transaction(lambda session, day=day: _plan_day(session, *day, now=now))  # type: ignore[misc]
        for day in days
    )


def catch_up(booking_id: int, *, now: datetime) -> None:
    """Plan the codes of a booking if it was changed a moment ago: who looks now sees what holds."""

    def work(session: Session) -> None:
        if is_woken(session, booking_id):
            plan_bookings(session, [booking_id], now=now)

    in_transaction(work)


def is_woken(session: Session, booking_id: int) -> bool:
    """Say whether something about this booking or near it changed since its codes were planned."""
    values = {"tenant": current_tenant(), "booking": booking_id}
    return bool(session.scalar(_IS_WOKEN, values))


def opens(state: str, due_at: datetime | None, *, now: datetime) -> bool:
    """Say whether a booking is to have codes: it stands, and nothing of it is overdue.

    One of which something is due has until `due_at`, except for what is to be paid first.
    """
    return state in OPENS and (due_at is None or due_at > now)


def plan_bookings(session: Session, booking_ids: Collection[int], *, now: datetime) -> int:
    """Write which codes these bookings are to have from now on; return how many changed."""
    plans.in_turn(session, booking_ids)
    rows = session.execute(
        select(Booking.id, Booking.state, Booking.due_at).where(
            Booking.tenant_id == current_tenant(), Booking.id.in_(booking_ids)
        )
    ).all()
    standing = {row.id: row.due_at for row in rows if opens(row.state, row.due_at, now=now)}
    known = {row.id for row in rows}
    uses = uses_of(
        session,
        BookingLine.booking_id.in_(booking_ids),
        BookingLine.ends_at > now - NEARBY,  # a code opens some minutes after its use, too
        BookingLine.starts_at < now + HORIZON,
    )
    mine: dict[int, list[Use]] = defaultdict(list)
    for use in uses:
        if use.booking_id in standing:
            mine[use.booking_id].append(use)
    for booking_id, due_at in standing.items():
        if due_at is not None:
            mine[booking_id] = _paid(session, booking_id, mine[booking_id], due_at)
    doors = doors_of(session, {use.facility_id for use in uses})
    near, kept = around(session, uses), kept_by_hall(session, uses)
    live = live_grants(session, booking_ids, now=now)
    changed = 0
    for booking_id in sorted(known):
        others = [
            Taken(one.spaces, one.starts_at, one.ends_at)
            for one in near
            if one.booking_id != booking_id
        ]
        found = visits(mine[booking_id], doors, [*others, *kept])
        wanted = [visit for visit in found if visit.ends_at > now]
        changed += plans.plan(session, booking_id, wanted, live[booking_id], now=now)
    return changed


def _paid(session: Session, booking_id: int, uses: list[Use], due_at: datetime) -> list[Use]:
    """Return the uses for which nothing is to be paid before their doors open.

    One that became dearer waits for the money; so does one that begins before the money is due.
    """
    dearer = to_be_paid_first(session, booking_id)
    return [x for x in uses if x.line_id not in dearer and due_at <= x.starts_at - NEARBY]


def _plan_day(session: Session, facility_id: int, on_date: date, *, now: datetime) -> int:
    day = {"tenant": current_tenant(), "facility": facility_id, "day": on_date}
    session.execute(_DONE, day)  # what changes from here on wakes it anew
    ids = set(
        session.scalars(
            select(BookingLine.booking_id).where(
                BookingLine.tenant_id == current_tenant(),
                BookingLine.facility_id == facility_id,
                BookingLine.on_date == on_date,
                BookingLine.state != LineState.HELD,
            )
        )
    )
    ids |= set(
        session.scalars(
            select(AccessGrant.booking_id).where(
                AccessGrant.tenant_id == current_tenant(),
                AccessGrant.facility_id == facility_id,
                AccessGrant.on_date == on_date,
                AccessGrant.state.not_in(SETTLED),
            )
        )
    )
    return plan_bookings(session, ids, now=now) if ids else 0


def wake_all(session: Session, facility_id: int, *, now: datetime) -> None:
    """Let every day of a hall that has uses ahead be planned anew: its doors are others now."""
    days = session.scalars(
        select(BookingLine.on_date)
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id == facility_id,
            BookingLine.state == LineState.ACTIVE,
            BookingLine.ends_at > now,
            BookingLine.starts_at < now + HORIZON,
        )
        .distinct()
    )
    plans.wake(session, [(facility_id, day) for day in days])


def bookings_behind(session: Session, door_id: int, *, now: datetime) -> int:
    """Return how many bookings that stand have a use behind a door for which codes are made now."""
    door = session.get_one(Door, (current_tenant(), door_id))
    return bookings_at(
        session, door.facility_id, rooms_behind(session, [door_id])[door_id], now=now
    )


def bookings_at(
    session: Session, facility_id: int, rooms: Collection[int] = (), *, now: datetime
) -> int:
    """Return how many bookings of rooms would get codes now; none: of all rooms of the hall."""
    through = [BookingLine.room_id.in_(rooms)] if rooms else []
    found = session.scalar(
        select(func.count(BookingLine.booking_id.distinct()))
        .join(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.facility_id == facility_id,
            BookingLine.state == LineState.ACTIVE,
            BookingLine.ends_at > now,
            BookingLine.starts_at < now + HORIZON,
            Booking.state.in_(OPENS),
            *through,
        )
    )
    return int(found or 0)
