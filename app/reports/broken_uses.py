"""Whom a lock that ails keeps out: the uses that come through it, as far as one works there."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.db.session import current_tenant
from app.identity.permissions import Scope
from app.locks.models import AccessGrant, AccessGrantDoor, AccessGrantLine
from app.locks.states import SETTLED, GrantState
from app.reports.selection import same_booking, within


@dataclass(frozen=True, slots=True)
class BrokenUse:
    """A use behind a door: when, whose, whom to call, and whether the door has its number."""

    starts_at: datetime
    ends_at: datetime
    number: str
    name: str
    shown_name: str
    phone: str
    is_in_lock: bool | None = None  # None: no lock is to have it


def broken_uses(
    session: Session, door_ids: Collection[int], scope: Scope, *, now: datetime, until: datetime
) -> dict[int, list[BrokenUse]]:
    """Return who is to come through each of these doors until then, the soonest first."""
    found: dict[int, list[BrokenUse]] = defaultdict(list)
    if door_ids:
        rows = session.execute(_through(door_ids, scope, now, until)).all()
        once = {(door_id, grant_id): row for door_id, grant_id, *row in rows}
        for (door_id, _grant_id), row in once.items():
            found[door_id].append(BrokenUse(*row))
    return {key: sorted(uses, key=lambda one: one.starts_at) for key, uses in found.items()}


def uses_named(
    session: Session, line_ids: Collection[int], scope: Scope, *, now: datetime
) -> list[BrokenUse]:
    """Return those of these uses that stand and are not over, the soonest first."""
    rows = session.execute(
        select(
            BookingLine.starts_at,
            BookingLine.ends_at,
            func.coalesce(Booking.number, ""),
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
        )
        .join(Booking, same_booking())
        .where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.id.in_(line_ids),
            BookingLine.state == LineState.ACTIVE,
            BookingLine.ends_at > now,
            within(scope),
        )
        .order_by(BookingLine.starts_at, BookingLine.id)
    )
    return [BrokenUse(*row) for row in rows]


def _through(
    door_ids: Collection[int], scope: Scope, now: datetime, until: datetime
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            AccessGrantDoor.door_id,
            AccessGrant.id,
            BookingLine.starts_at,  # of all uses of a code the same
            BookingLine.ends_at,
            Booking.number,
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
            (AccessGrantDoor.state == GrantState.READY)
            & (AccessGrant.told_version == AccessGrant.version),
        )
        .join(
            AccessGrant,
            (AccessGrant.tenant_id == AccessGrantDoor.tenant_id)
            & (AccessGrant.id == AccessGrantDoor.grant_id),
        )
        .join(
            AccessGrantLine,
            (AccessGrantLine.tenant_id == AccessGrant.tenant_id)
            & (AccessGrantLine.grant_id == AccessGrant.id),
        )
        .join(
            BookingLine,
            (BookingLine.tenant_id == AccessGrantLine.tenant_id)
            & (BookingLine.id == AccessGrantLine.line_id),
        )
        .join(Booking, same_booking())
        .where(
            AccessGrantDoor.tenant_id == current_tenant(),
            AccessGrantDoor.door_id.in_(door_ids),
            AccessGrant.is_wanted,
            ~AccessGrant.is_blocked,
            ~AccessGrant.is_by_hand,
            AccessGrant.ends_at > now,
            AccessGrant.starts_at < until,
            AccessGrant.state.not_in(SETTLED),
            within(scope),
        )
        .order_by(AccessGrantDoor.door_id, AccessGrant.id, BookingLine.id)
    )
