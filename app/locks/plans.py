"""Writes what is wanted of codes. It calls nobody: a worker moves the locks there."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import delete, insert, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.locks.models import AccessGrant, AccessGrantDoor, AccessGrantLine, DoorWake
from app.locks.queries import Held
from app.locks.states import GrantState
from app.locks.visits import Visit

_IN_TURN = text(
    "select pg_advisory_xact_lock(hashtext('doors'), cast(id % 2147483647 as int))"
    " from unnest(cast(:ids as bigint[])) as id"
)


def in_turn(session: Session, booking_ids: Collection[int]) -> None:
    """Plan for these bookings one after the other, whoever does."""
    session.execute(_IN_TURN, {"ids": sorted(set(booking_ids))})


def plan(
    session: Session, booking_id: int, wanted: Sequence[Visit], live: Sequence[Held], *,
    now: datetime,
) -> int:  # fmt: skip
    """Let the grants of a booking be those of `wanted`; return how many changed.

    A visit through the same doors keeps its code and moves in time; through other doors it gets
    another code, and the one before is taken away.
    """
    left, changed = list(live), 0
    fresh: list[Visit] = []
    for visit in wanted:
        held = next((one for one in left if _is_same(one, visit)), None)
        if held is None:
            fresh.append(visit)
            continue
        left.remove(held)
        changed += _move(session, held, visit, now=now)
    for visit in fresh:
        _make(session, booking_id, visit, _before(left, visit), now=now)
    for held in left:
        unwant(held.grant, now=now)
    session.flush()
    return changed + len(fresh) + len(left)


def unwant(grant: AccessGrant, *, now: datetime) -> None:
    """Let a grant be taken away; what no vendor ever heard of is gone at once."""
    grant.is_wanted = False
    touch(grant, now=now)
    if grant.state == GrantState.PLANNED and grant.asked_at is None:
        grant.state, grant.revoked_at, grant.next_at = GrantState.REVOKED, now, None


def touch(grant: AccessGrant, *, now: datetime) -> None:
    """Write that something else is wanted of a grant, and that a worker is to see to it now."""
    grant.version += 1
    grant.next_at, grant.tries, grant.error = now, 0, None


def wake(session: Session, days: Collection[tuple[int, date]]) -> None:
    """Let these days of halls be planned anew."""
    if days:
        session.execute(
            insert(DoorWake),
            [
                {"owner": current_tenant(), "facility_id": hall, "on_date": day}
                for hall, day in sorted(set(days))
            ],
        )


def _is_same(held: Held, visit: Visit) -> bool:
    return (
        held.grant.account_id == visit.account_id
        and held.doors == {door.id for door in visit.doors}
        and bool(held.lines & set(visit.lines))
    )


def _before(left: Sequence[Held], visit: Visit) -> Held | None:
    """Return the code instead of which one for `visit` comes: through the same doors, if any."""
    doors = {door.id for door in visit.doors}
    found = [one for one in left if one.lines & set(visit.lines)]
    return max(found, key=lambda one: len(one.doors & doors), default=None)


def _move(session: Session, held: Held, visit: Visit, *, now: datetime) -> bool:
    grant = held.grant
    if held.lines != set(visit.lines):
        session.execute(
            delete(AccessGrantLine).where(
                AccessGrantLine.tenant_id == current_tenant(), AccessGrantLine.grant_id == grant.id
            )
        )
        _add_lines(session, grant.id, visit)
    if (grant.starts_at, grant.ends_at) == (visit.starts_at, visit.ends_at):
        return False
    grant.starts_at, grant.ends_at, grant.on_date = visit.starts_at, visit.ends_at, visit.on_date
    touch(grant, now=now)
    return True


def _make(
    session: Session, booking_id: int, visit: Visit, before: Held | None, *, now: datetime
) -> None:
    grant = AccessGrant(
        tenant_id=current_tenant(), key=new_key(), booking_id=booking_id,
        facility_id=visit.facility_id, account_id=visit.account_id, on_date=visit.on_date,
        is_wanted=True, starts_at=visit.starts_at, ends_at=visit.ends_at, version=1,
        told_version=0, state=GrantState.PLANNED, refs={}, is_by_hand=False, is_blocked=False,
        next_at=now, tries=0, made_at=now, replaces_id=before.grant.id if before else None,
    )  # fmt: skip
    session.add(grant)
    session.flush()
    for position, door in enumerate(visit.doors):
        opened = AccessGrantDoor(
            tenant_id=current_tenant(), grant_id=grant.id, door_id=door.id,
            device_ref=door.device_ref, position=position, state="pending",
        )  # fmt: skip
        session.add(opened)
    _add_lines(session, grant.id, visit)


def _add_lines(session: Session, grant_id: int, visit: Visit) -> None:
    session.execute(
        insert(AccessGrantLine),
        [
            {"tenant_id": current_tenant(), "grant_id": grant_id, "line_id": line_id}
            for line_id in visit.lines
        ],
    )


def new_key() -> str:
    """Return what a vendor is to know a code by; it tells nothing."""
    return uuid.uuid4().hex
