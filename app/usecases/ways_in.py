"""How one gets into what a booking has: by a number for its doors, and from when on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.locks.models import AccessGrant
from app.usecases.planning_doors import is_woken, plan_bookings

_WAY_IN: Final = text(
    """
    select (select min(one.starts_at) from access_grant as one
             where one.tenant_id = :tenant and one.booking_id = :booking
               and one.is_wanted and one.ends_at > :now) as opens_at,
           exists (
             select from booking_line as line
               join door on door.tenant_id = line.tenant_id
                and door.facility_id = line.facility_id and door.ended_at is null
               join lock_account as account on account.tenant_id = door.tenant_id
                and account.id = door.account_id and account.ended_at is null
              where line.tenant_id = :tenant and line.booking_id = :booking
                and line.state = 'active' and line.ends_at > :now
                and (not exists (select from door_room as room
                                  where room.tenant_id = door.tenant_id
                                    and room.door_id = door.id)
                  or exists (select from door_room as room
                              where room.tenant_id = door.tenant_id and room.door_id = door.id
                                and room.room_id = line.room_id))) as is_by_number
    """
)


@dataclass(frozen=True, slots=True)
class WayIn:
    """Whether the doors of what is ahead open by a number, and from when on the first does.

    `opens_at` is None where no number is wanted: it is too early, or nothing was paid.
    """

    is_by_number: bool
    opens_at: datetime | None


def way_in(booking_id: int, *, now: datetime) -> WayIn:
    """Return how one gets in; a booking that was changed a moment ago is planned first."""

    def work(session: Session) -> WayIn:
        if is_woken(session, booking_id):
            plan_bookings(session, [booking_id], now=now)
        return read(session, booking_id, now=now)

    return in_transaction(work)


def read(session: Session, booking_id: int, *, now: datetime) -> WayIn:
    """Return how one gets in, as it was planned last."""
    values = {"tenant": current_tenant(), "booking": booking_id, "now": now}
    row = session.execute(_WAY_IN, values).one()
    return WayIn(row.is_by_number, row.opens_at)


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
