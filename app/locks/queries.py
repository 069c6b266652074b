"""Reads doors and grants."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.locks.models import (
    AccessGrant,
    AccessGrantDoor,
    AccessGrantLine,
    Door,
    DoorRoom,
    LockAccount,
)
from app.locks.states import SETTLED
from app.locks.visits import DoorPlan


@dataclass(frozen=True, slots=True)
class Held:
    """A grant with the doors that it opens and the uses that it is for."""

    grant: AccessGrant
    doors: frozenset[int]
    lines: frozenset[int]


def doors_of(session: Session, facility_ids: Collection[int]) -> list[DoorPlan]:
    """Return the doors of these halls that are in use, as plans are made of them."""
    doors = session.scalars(
        select(Door)
        .join(
            LockAccount,
            (LockAccount.tenant_id == Door.tenant_id) & (LockAccount.id == Door.account_id),
        )
        .where(
            Door.tenant_id == current_tenant(),
            Door.facility_id.in_(facility_ids),
            Door.ended_at.is_(None),
            LockAccount.ended_at.is_(None),
        )
        .order_by(Door.position, Door.id)
    ).all()
    rooms = rooms_behind(session, [door.id for door in doors])
    return [_plan(door, rooms[door.id]) for door in doors]


def rooms_behind(session: Session, door_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the rooms that doors lead to, by door; none: every room of the hall."""
    found: dict[int, set[int]] = defaultdict(set)
    for door_id, room_id in session.execute(
        select(DoorRoom.door_id, DoorRoom.room_id).where(
            DoorRoom.tenant_id == current_tenant(), DoorRoom.door_id.in_(door_ids)
        )
    ):
        found[door_id].add(room_id)
    return {door_id: frozenset(found[door_id]) for door_id in door_ids}


def live_grants(
    session: Session, booking_ids: Collection[int], *, now: datetime
) -> dict[int, list[Held]]:
    """Return the grants of bookings that are wanted and whose time has not gone, by booking.

    Those that staff took away or replaced by a key are among them: no other is made beside them.
    """
    rows = session.scalars(
        select(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.booking_id.in_(booking_ids),
            AccessGrant.is_wanted,
            AccessGrant.ends_at > now,
            or_(
                AccessGrant.state.not_in(SETTLED),
                AccessGrant.is_blocked,
                AccessGrant.is_by_hand,
            ),
        )
        .order_by(AccessGrant.id)
    ).all()
    found: dict[int, list[Held]] = defaultdict(list)
    for held in with_parts(session, rows):
        found[held.grant.booking_id].append(held)
    return found


def with_parts(session: Session, grants: Sequence[AccessGrant]) -> list[Held]:
    """Return grants with their doors and uses, in the same order."""
    ids = [one.id for one in grants]
    doors = _pairs(session, AccessGrantDoor, ids)
    lines = _pairs(session, AccessGrantLine, ids)
    return [Held(one, frozenset(doors[one.id]), frozenset(lines[one.id])) for one in grants]


def grant_doors(session: Session, grant_ids: Collection[int]) -> dict[int, list[AccessGrantDoor]]:
    """Return the doors of grants with their states, the vendor's primary one first."""
    found: dict[int, list[AccessGrantDoor]] = defaultdict(list)
    for one in session.scalars(
        select(AccessGrantDoor)
        .where(
            AccessGrantDoor.tenant_id == current_tenant(),
            AccessGrantDoor.grant_id.in_(grant_ids),
        )
        .order_by(AccessGrantDoor.position)
    ):
        found[one.grant_id].append(one)
    return found


def grants_through(
    session: Session, door_id: int, *, now: datetime, until: datetime | None = None
) -> Sequence[AccessGrant]:
    """Return the codes that are to open a door yet, the soonest first; `until`: that begin before.

    Where staff hand over a key, or took the code away, nobody waits for the door.
    """
    soon = [] if until is None else [AccessGrant.starts_at < until]
    return session.scalars(
        select(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.id.in_(_opening(door_id)),
            AccessGrant.is_wanted,
            ~AccessGrant.is_blocked,
            ~AccessGrant.is_by_hand,
            AccessGrant.ends_at > now,
            AccessGrant.state.not_in(SETTLED),
            *soon,
        )
        .order_by(AccessGrant.starts_at, AccessGrant.id)
    ).all()


def grants_left(session: Session, door_id: int, *, now: datetime) -> Sequence[AccessGrant]:
    """Return the codes for a door that are not over, locked; also those that nobody wants."""
    return session.scalars(
        select(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.id.in_(_opening(door_id)),
            AccessGrant.ends_at > now,
            AccessGrant.state.not_in(SETTLED),
        )
        .order_by(AccessGrant.id)
        .with_for_update()
    ).all()


def doors_behind(session: Session, grant_id: int) -> Sequence[Door]:
    """Return the doors that a code opens, also those used no more, the primary one first."""
    return session.scalars(
        select(Door)
        .join(
            AccessGrantDoor,
            (AccessGrantDoor.tenant_id == Door.tenant_id) & (AccessGrantDoor.door_id == Door.id),
        )
        .where(Door.tenant_id == current_tenant(), AccessGrantDoor.grant_id == grant_id)
        .order_by(AccessGrantDoor.position)
    ).all()


def is_pin_used(
    session: Session, facility_id: int, pin_mark: str, *, starts_at: datetime, ends_at: datetime
) -> bool:
    """Say whether a hall has a code with this number within a day of a window."""
    day = timedelta(days=1)
    is_used = select(
        exists().where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.facility_id == facility_id,
            AccessGrant.pin_mark == pin_mark,
            AccessGrant.state.not_in(SETTLED),
            AccessGrant.starts_at < ends_at + day,
            AccessGrant.ends_at > starts_at - day,
        )
    )
    return bool(session.scalar(is_used))


def accounts(session: Session) -> Sequence[LockAccount]:
    """Return the accounts at vendors that are in use."""
    return session.scalars(
        select(LockAccount)
        .where(LockAccount.tenant_id == current_tenant(), LockAccount.ended_at.is_(None))
        .order_by(LockAccount.id)
    ).all()


def accounts_near(session: Session, *, now: datetime, until: datetime) -> set[int]:
    """Return the accounts whose codes are to open a door before `until`, or open one now."""
    found = session.scalars(
        select(AccessGrant.account_id)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.is_wanted,
            AccessGrant.starts_at <= until,
            AccessGrant.ends_at > now,
            AccessGrant.state.not_in(SETTLED),
        )
        .distinct()
    )
    return set(found)


def _opening(door_id: int) -> Select[int]:
    return select(AccessGrantDoor.grant_id).where(
        AccessGrantDoor.tenant_id == current_tenant(), AccessGrantDoor.door_id == door_id
    )


def _pairs(
    session: Session, table: type[AccessGrantDoor] | type[AccessGrantLine], ids: Sequence[int]
) -> dict[int, set[int]]:
    other = AccessGrantDoor.door_id if table is AccessGrantDoor else AccessGrantLine.line_id
    found: dict[int, set[int]] = defaultdict(set)
    if ids:
        for grant_id, theirs in session.execute(
            select(table.grant_id, other).where(
                table.tenant_id == current_tenant(), table.grant_id.in_(ids)
            )
        ):
            found[grant_id].add(theirs)
    return found


def _plan(door: Door, rooms: frozenset[int]) -> DoorPlan:
    return DoorPlan(
        id=door.id,
        facility_id=door.facility_id,
        account_id=door.account_id,
        device_ref=door.device_ref,
        is_shared=door.is_shared,
        rooms=rooms,
        before=timedelta(minutes=door.before_minutes),
        after=timedelta(minutes=door.after_minutes),
        is_alone=door.is_alone,
    )
