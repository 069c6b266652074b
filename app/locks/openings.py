"""Reads the codes of a booking as its applicant deals with them: with doors, uses and history."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.locks.models import AccessGrant, AccessGrantDoor, AccessGrantLine, Door, LockAccount
from app.locks.ports import BOX
from app.locks.states import GrantState


@dataclass(frozen=True, slots=True)
class Opening:
    """A code that is wanted, the doors in the order one comes to them, and the uses behind."""

    grant: AccessGrant
    provider: str
    doors: tuple[Door, ...]
    lines: frozenset[int]
    is_another: bool  # one that the applicant had seen opens nothing any more


def openings_of(session: Session, booking_id: int) -> list[Opening]:
    """Return the codes that are wanted for a booking, in the order of their times."""
    rows = session.execute(
        select(AccessGrant, LockAccount.provider)
        .join(
            LockAccount,
            (LockAccount.tenant_id == AccessGrant.tenant_id)
            & (LockAccount.id == AccessGrant.account_id),
        )
        .where(AccessGrant.tenant_id == current_tenant(), AccessGrant.booking_id == booking_id)
        .order_by(AccessGrant.starts_at, AccessGrant.id)
    ).all()
    doors = _doors(session, [grant.id for grant, _ in rows if grant.is_wanted])
    lines = _lines(session, [grant.id for grant, _ in rows])
    seen = [grant for grant, _ in rows if not grant.is_wanted and grant.shown_at]
    return [
        Opening(
            grant, provider, tuple(doors[grant.id]), frozenset(lines[grant.id]),
            any(_came_instead(grant, before, lines, provider) for before in seen),
        )
        for grant, provider in rows
        if grant.is_wanted
    ]  # fmt: skip


def _came_instead(
    grant: AccessGrant, before: AccessGrant, lines: Mapping[int, set[int]], provider: str
) -> bool:
    """Say whether a code is what its applicant has instead of one before.

    A key box that is gone leaves the number of the door what it was, and that of another box.
    """
    if grant.replaces_id == before.id:
        return True
    is_same = before.account_id == grant.account_id and bool(lines[before.id] & lines[grant.id])
    return is_same and before.id < grant.id and provider != BOX


def sign_of(grant: AccessGrant) -> str:
    """Return what is another as soon as a code that somebody keeps opens something else.

    It tells nothing of the number.
    """
    said = repr((grant.version, grant.sealed_pin, grant.sealed_url))
    return f"{grant.id}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def signs_of(session: Session, booking_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the signs of the codes of bookings that open, or opened to their end."""
    found: dict[int, list[str]] = defaultdict(list)
    if booking_ids:
        for grant in session.scalars(
            select(AccessGrant)
            .where(
                AccessGrant.tenant_id == current_tenant(),
                AccessGrant.booking_id.in_(booking_ids),
                AccessGrant.is_wanted,
                AccessGrant.is_by_hand.is_(False),
                AccessGrant.is_blocked.is_(False),
                AccessGrant.state.in_((GrantState.PENDING, GrantState.READY, GrantState.ENDED)),
            )
            .execution_options(populate_existing=True)
        ):
            found[grant.booking_id].append(sign_of(grant))
    return found


def first_openings(
    session: Session, booking_ids: Collection[int], *, now: datetime
) -> dict[int, datetime]:
    """Return from when on the next code of each booking opens; those without one are left out."""
    if not booking_ids:
        return {}
    rows = session.execute(
        select(AccessGrant.booking_id, func.min(AccessGrant.starts_at))
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.booking_id.in_(booking_ids),
            AccessGrant.is_wanted,
            AccessGrant.ends_at > now,
        )
        .group_by(AccessGrant.booking_id)
    ).all()
    return {booking_id: starts_at for booking_id, starts_at in rows}


def lines_behind(session: Session, grant_id: int) -> set[int]:
    """Return the lines for which a code is."""
    return _lines(session, [grant_id])[grant_id]


def _doors(session: Session, grant_ids: Sequence[int]) -> dict[int, list[Door]]:
    found: dict[int, list[Door]] = defaultdict(list)
    if grant_ids:
        for grant_id, door in session.execute(
            select(AccessGrantDoor.grant_id, Door)
            .join(
                Door,
                (Door.tenant_id == AccessGrantDoor.tenant_id)
                & (Door.id == AccessGrantDoor.door_id),
            )
            .where(
                AccessGrantDoor.tenant_id == current_tenant(),
                AccessGrantDoor.grant_id.in_(grant_ids),
            )
            .order_by(Door.is_shared.desc(), Door.position, Door.id)
        ):
            found[grant_id].append(door)
    return found


def _lines(session: Session, grant_ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    if grant_ids:
        for grant_id, line_id in session.execute(
            select(AccessGrantLine.grant_id, AccessGrantLine.line_id).where(
                AccessGrantLine.tenant_id == current_tenant(),
                AccessGrantLine.grant_id.in_(grant_ids),
            )
        ):
            found[grant_id].add(line_id)
    return found
