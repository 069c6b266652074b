"""How locks are, asked every few minutes: silent, gone, a battery that ends, and whom it hits.

Where a use is near or goes on they are asked every minute: one call an account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.locks import tasks
from app.locks.models import AccessGrant, Door, LockAccount
from app.locks.outcomes import MEND_AGAIN
from app.locks.ports import SKEW, DeviceInfo, LockAuth, LockError, LockRateLimited
from app.locks.queries import accounts, accounts_near, grants_through
from app.usecases.door_news import ask_about_account, hear_from
from app.usecases.door_watch import URGENT
from app.usecases.lock_accounts import Locks, is_quiet

WEAK_BATTERY: Final = 20  # percent
SILENT: Final = timedelta(hours=2)  # beyond what a lock is silent by itself
AHEAD: Final = timedelta(days=7)  # in which a use makes a lock that ails somebody's task
NEAR: Final = timedelta(hours=2)  # before a use, locks are asked every minute
PATIENCE: Final = timedelta(minutes=15)  # until what was seen to and still ails waits again
AILMENTS: Final = ("gone", "offline", "battery")


def check_locks(locks: Locks, *, now: datetime, only_near: bool = False) -> None:
    """Ask every account how its locks are, and warn before the first use that one would break.

    `only_near`: those through whose doors somebody comes within two hours, or is in a room.
    """
    near = in_transaction(partial(accounts_near, now=now, until=now + NEAR)) if only_near else None
    for account in in_transaction(accounts):
        if is_quiet(account, now=now) or (near is not None and account.id not in near):
            continue
        try:
            with locks.reached(account.id) as provider:
                devices = provider.list_devices()
        except LockError as error:
            in_transaction(partial(_silent, account_id=account.id, error=error, now=now))
            continue
        in_transaction(partial(hear, account_id=account.id, devices=devices, now=now))


def _silent(session: Session, account_id: int, error: LockError, *, now: datetime) -> None:
    account = session.get_one(LockAccount, (current_tenant(), account_id))
    account.error = error.code
    if isinstance(error, LockRateLimited):
        account.rest_until = now + error.retry_after
        return
    account.failing_since = account.failing_since or now
    if isinstance(error, LockAuth):
        account.rest_until = now + MEND_AGAIN
    ask_about_account(session, account, now=now)


def hear(
    session: Session, account_id: int, devices: Sequence[DeviceInfo], *, now: datetime
) -> None:
    """Write how the locks of an account are; make and end the tasks about them."""
    account = session.get_one(LockAccount, (current_tenant(), account_id))
    hear_from(session, account, now=now)
    by_ref = {one.ref: one for one in devices}
    for door in session.scalars(
        select(Door).where(
            Door.tenant_id == current_tenant(),
            Door.account_id == account_id,
            Door.ended_at.is_(None),
        )
    ):
        _note_health(session, door, by_ref.get(door.device_ref), now=now)


def _note_health(session: Session, door: Door, device: DeviceInfo | None, *, now: datetime) -> None:
    door.checked_at = now
    if device is None:
        door.is_online = False
    else:
        door.is_online, door.seen_at, door.battery = (
            device.is_online,
            device.seen_at,
            device.battery,
        )
        door.lead_seconds = int(device.lead_time.total_seconds())
    session.flush()
    wrong = _ails(door, device, now=now)
    coming = grants_through(session, door.id, now=now, until=now + AHEAD)
    kept = _ask(session, door, wrong, coming[0], now=now) if wrong and coming else ""
    if kept:
        tasks.ask_again(session, kept, seen_before=now - PATIENCE, now=now)
    every = [f"{kind}:{door.id}" for kind in AILMENTS]
    tasks.settle_beginning(session, every, but=kept, now=now)


def _ask(session: Session, door: Door, wrong: str, first: AccessGrant, *, now: datetime) -> str:
    """Make the task about a lock that ails, anew for each use that can't wait; return its name.

    It stands in the place of what was said of an earlier use.
    """
    about = f"{wrong}:{door.id}:{first.starts_at.date()}"
    facts: dict[str, Any] = {"first": first.starts_at.isoformat(), "battery": door.battery}
    if _is_urgent(door, wrong, first, now=now):
        about, facts["urgent"] = f"{about}:{first.id}", True
    tasks.ask_staff(
        session, wrong, about, facility_id=door.facility_id, door_id=door.id, facts=facts, now=now
    )
    return about


def _is_urgent(door: Door, wrong: str, first: AccessGrant, *, now: datetime) -> bool:
    """Say whether somebody stands before the door by the time that it could be mended."""
    if wrong != "gone" and door.battery == 0:
        return True
    lead = max(timedelta(seconds=door.lead_seconds or 0), URGENT)
    return wrong != "battery" and first.starts_at - lead <= now


def _ails(door: Door, device: DeviceInfo | None, *, now: datetime) -> str | None:
    """Return what a lock suffers from: gone from the account, offline, a weak battery."""
    return "gone" if device is None else ailment(door, now=now)


def is_told_by_a_wrong_clock(door: Door, *, now: datetime) -> bool:
    """Say whether a lock's last contact is yet to come: then nobody knows how it is."""
    return door.seen_at is not None and door.seen_at > now + SKEW


def ailment(door: Door, *, now: datetime) -> str | None:
    """Return what a lock suffered from when it was last looked at: offline, a weak battery."""
    lead = timedelta(seconds=door.lead_seconds or 0)
    is_silent = door.seen_at is not None and now - door.seen_at > lead + SILENT
    if door.is_online is False or is_silent:
        return "offline"
    if door.battery is not None and door.battery <= WEAK_BATTERY:
        return "battery"
    return None
