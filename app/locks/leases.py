"""One worker at a time sees to a grant; what it found is written while the lease is its own."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.proofs.sealing import seal, unseal
from app.locks import pins
from app.locks.models import AccessGrant, LockAccount
from app.locks.ports import BOX, SKEW, CodeRequest
from app.locks.queries import grant_doors, is_pin_used
from app.locks.states import Deed, GrantState, is_over, next_deed

LEASE = timedelta(seconds=120)  # longer than the longest deed: a few calls of ten seconds
PIN, URL = "door pin", "door url"

Told = Callable[[Session, int], tuple[str, str]]  # number of a booking, telephone of who applied


@dataclass(frozen=True, slots=True)
class Leased:
    """A grant as a worker took it, with what is to be done about it."""

    id: int
    lease: str
    deed: Deed
    booking_id: int
    account_id: int
    version: int
    refs: dict[str, Any]
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime | None
    key: str
    label: str
    doors: tuple[str, ...]
    pin: str | None = field(repr=False)

    def request(self) -> CodeRequest:
        """Return what the vendor is asked for."""
        return CodeRequest(self.key, self.label, self.doors, self.starts_at, self.ends_at, self.pin)


def is_active(grant: AccessGrant) -> bool:
    """Say whether the vendor is to hold a code for a grant."""
    return grant.is_wanted and not grant.is_blocked and not grant.is_by_hand


def take(session: Session, *, secret: str, told_of: Told, now: datetime) -> Leased | None:
    """Take the grant that is due and used soonest, so that no other worker does; None: none is.

    What only looks whether a lock has taken a code comes last: a vendor lets us ask so many times
    a minute, and its notices tell of that too.
    A number that we choose is written down, sealed, before the vendor hears of it; a key box has
    its own.
    """
    row = session.execute(
        select(AccessGrant, LockAccount.provider)
        .join(
            LockAccount,
            (LockAccount.tenant_id == AccessGrant.tenant_id)
            & (LockAccount.id == AccessGrant.account_id),
        )
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.next_at <= now,
            or_(AccessGrant.lease_until.is_(None), AccessGrant.lease_until <= now),
            or_(LockAccount.rest_until.is_(None), LockAccount.rest_until <= now),
        )
        .order_by(_is_look(now), AccessGrant.starts_at, AccessGrant.id)
        .limit(1)
        .with_for_update(of=AccessGrant, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    grant, provider = row
    deed, asked_at = _deed(grant, now=now), grant.asked_at
    label, phone = told_of(session, grant.booking_id)
    doors = grant_doors(session, [grant.id])[grant.id]
    if deed == "issue" and grant.sealed_pin is None and provider != BOX:
        _choose(session, grant, secret=secret, phone=phone)
    if deed == "issue":
        grant.state, grant.asked_at = GrantState.ISSUING, now
    grant.lease, grant.lease_until = secrets.token_hex(8), now + LEASE
    session.flush()
    return Leased(
        id=grant.id, lease=grant.lease, deed=deed, booking_id=grant.booking_id,
        account_id=grant.account_id, version=grant.version, refs=dict(grant.refs),
        starts_at=grant.starts_at, ends_at=grant.ends_at, asked_at=asked_at, key=grant.key,
        label=label, doors=tuple(one.device_ref for one in doors), pin=pin_of(grant, secret=secret),
    )  # fmt: skip


def _is_look(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a code is as it is wanted, and its time has not gone."""
    return and_(
        AccessGrant.state.in_((GrantState.PENDING, GrantState.READY)),
        AccessGrant.told_version == AccessGrant.version,
        AccessGrant.is_wanted,
        not_(or_(AccessGrant.is_blocked, AccessGrant.is_by_hand)),
        AccessGrant.ends_at > now,
    )


def pin_of(grant: AccessGrant, *, secret: str) -> str | None:
    """Return the number of a grant; every caller shows it to somebody who may see it."""
    return None if grant.sealed_pin is None else unseal(secret, PIN, grant.sealed_pin)


def keep_pin(grant: AccessGrant, pin: str, *, secret: str) -> None:
    """Keep a number, sealed, with what tells whether two of a hall are the same."""
    grant.sealed_pin = seal(secret, PIN, pin)
    grant.pin_mark = pins.mark(secret, grant.tenant_id, grant.facility_id, pin)


def _deed(grant: AccessGrant, *, now: datetime) -> Deed:
    return next_deed(
        state=grant.state,
        is_wanted=is_active(grant),
        is_moved=grant.version != grant.told_version or grant.state == GrantState.FAILED,
        was_asked=grant.asked_at is not None,
        has_refs=bool(grant.refs),
        is_over=is_over(
            grant.ends_at, grant.effective_to, now=now if is_active(grant) else now - SKEW
        ),
    )


def _choose(session: Session, grant: AccessGrant, *, secret: str, phone: str) -> None:
    def is_taken(pin: str) -> bool:
        found = pins.mark(secret, grant.tenant_id, grant.facility_id, pin)
        return is_pin_used(
            session, grant.facility_id, found, starts_at=grant.starts_at, ends_at=grant.ends_at
        )

    keep_pin(grant, pins.choose(phone=phone, is_taken=is_taken), secret=secret)
