"""How one gets into what a booking has: by a number for its doors, and from when on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.locks.models import AccessGrant
from app.usecases.door_watch import SHOWN_BEFORE
from app.usecases.planning_doors import is_woken, plan_bookings

# A door that is in use, and whether it leads to a room; the rule of locks.visits.DoorPlan.opens.
_IN_USE: Final = """door
        join lock_account as account on account.tenant_id = door.tenant_id
         and account.id = door.account_id and account.ended_at is null"""
_LEADS_TO: Final = """(not exists (select from door_room as room
                 where room.tenant_id = door.tenant_id and room.door_id = door.id)
       or exists (select from door_room as room
                   where room.tenant_id = door.tenant_id and room.door_id = door.id
                     and room.room_id = {room}))"""
_WAY_IN: Final = text(
    f"""
    select (select min(one.starts_at) from access_grant as one
             where one.tenant_id = :tenant and one.booking_id = :booking
               and one.is_wanted and one.ends_at > :now) as opens_at,
           exists (select from access_grant as one
                    where one.tenant_id = :tenant and one.booking_id = :booking
                      and one.is_wanted and one.ends_at > :now
                      and one.shown_at is not null) as is_known,
           exists (select from access_grant as one
                     join access_grant as before on before.tenant_id = one.tenant_id
                      and before.id = one.replaces_id
                    where one.tenant_id = :tenant and one.booking_id = :booking
                      and one.is_wanted and one.ends_at > :now
                      and one.shown_at is null and before.shown_at is not null) as is_another,
           exists (
             select from {_IN_USE}
               join booking_line as line on line.tenant_id = door.tenant_id
                and line.facility_id = door.facility_id
              where line.tenant_id = :tenant and line.booking_id = :booking
                and line.state = 'active' and line.ends_at > :now and door.ended_at is null
                and {_LEADS_TO.format(room="line.room_id")}) as is_by_number
    """  # noqa: S608 - nothing from outside
)


_BY_NUMBER: Final = text(
    f"""
    select exists (
      select from {_IN_USE}
       where door.tenant_id = :tenant and door.facility_id = any(:halls)
         and door.ended_at is null and {_LEADS_TO.format(room="any(:rooms)")})
    """  # noqa: S608 - nothing from outside
)

Fate = Literal["same", "another", "unknown"]


@dataclass(frozen=True, slots=True)
class WayIn:
    """Whether the doors of what is ahead open by a number, and from when on the first does.

    `opens_at` is None where no number is wanted: it is too early, or nothing was paid.
    `is_seen`: it can be seen by now. `fate`: whether what was seen still opens what is ahead.
    """

    is_by_number: bool
    opens_at: datetime | None
    is_seen: bool = False
    fate: Fate = "unknown"

    @property
    def seen_from(self) -> datetime | None:
        """Return from when on the first number can be seen."""
        return None if self.opens_at is None else self.opens_at - SHOWN_BEFORE


def way_in(booking_id: int, *, now: datetime) -> WayIn:
    """Return how one gets in; a booking that was changed a moment ago is planned first."""
    return in_transaction(lambda session: planned(session, booking_id, now=now))


def planned(session: Session, booking_id: int, *, now: datetime) -> WayIn:
    """Return how one gets in; what was changed a moment ago is planned first."""
    if is_woken(session, booking_id):
        plan_bookings(session, [booking_id], now=now)
    values = {"tenant": current_tenant(), "booking": booking_id, "now": now}
    row = session.execute(_WAY_IN, values).one()
    is_seen = row.opens_at is not None and row.opens_at - SHOWN_BEFORE <= now
    kept: Fate = "same" if row.is_known else "unknown"
    return WayIn(row.is_by_number, row.opens_at, is_seen, "another" if row.is_another else kept)


def opens_by_number(
    session: Session, facility_ids: Collection[int], room_ids: Collection[int]
) -> bool:
    """Say whether a door of these halls, to one of these rooms, opens by a number."""
    values = {
        "tenant": current_tenant(), "halls": list(facility_ids), "rooms": list(room_ids),
    }  # fmt: skip
    return bool(session.scalar(_BY_NUMBER, values))


def knows_number(session: Session, booking_id: int) -> bool:
    """Say whether a number for this booking was ever shown: its owner may have it on paper."""
    return bool(
        session.scalar(
            select(AccessGrant.id)
            .where(
                AccessGrant.tenant_id == current_tenant(),
                AccessGrant.booking_id == booking_id,
                AccessGrant.shown_at.is_not(None),
            )
            .limit(1)
        )
    )
