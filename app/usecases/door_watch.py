"""What is watched by the clock: codes not ready in time, locks that fall silent, letters."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.db.session import current_tenant, in_transaction
from app.locks import tasks
from app.locks.models import AccessGrant, AccessGrantDoor, Door, LockAccount, LockNotice
from app.locks.outcomes import LAST_LOOK, MEND_AGAIN
from app.locks.ports import DeviceInfo, LockAuth, LockError, LockRateLimited
from app.locks.queries import accounts
from app.locks.states import SETTLED, GrantState
from app.usecases.door_news import (
    ABOUT_READY,
    ask_about,
    ask_about_account,
    hear_from,
    tell_of_code,
)
from app.usecases.lock_accounts import Locks, is_quiet

URGENT: Final = timedelta(minutes=30)
GRACE: Final = timedelta(minutes=2)  # in which a new code usually gets ready
SHOWN_BEFORE: Final = timedelta(hours=24)  # a use, its code is shown
KEPT: Final = timedelta(days=7)  # after its end, a number is kept
WEAK_BATTERY: Final = 20  # percent
SILENT: Final = timedelta(hours=2)  # beyond what a lock is silent by itself
WRONG_TRIES, WRONG_WITHIN, MANY_WRONG = 5, timedelta(minutes=10), 20


def warn(*, now: datetime) -> int:
    """Make tasks of codes that are not ready although their use is near; return how many.

    Tasks about codes that came right, or that nobody needs any more, are ended.
    """

    def work(session: Session) -> int:
        tasks.settle_grants(session, _needing_nobody(now=now), ABOUT_READY, now=now)
        return _warn(session, now=now)

    return in_transaction(work)


def open_letters(*, now: datetime) -> int:
    """Promise the letters that say that a code can be seen now; return how many."""

    def work(session: Session) -> int:
        rows = session.scalars(
            select(AccessGrant).where(
                AccessGrant.tenant_id == current_tenant(),
                AccessGrant.is_wanted,
                ~AccessGrant.is_blocked,
                ~AccessGrant.is_by_hand,
                AccessGrant.state == GrantState.READY,
                AccessGrant.starts_at <= now + SHOWN_BEFORE,
                AccessGrant.ends_at > now,
                ~_tells_of_change(),
            )
        ).all()
        for grant in rows:
            tell_of_code(session, grant, now=now)
        return len(rows)

    return in_transaction(work)


def forget(*, now: datetime) -> int:
    """Forget the numbers and addresses of codes that ended a week ago; return how many."""

    def work(session: Session) -> int:
        gone = session.execute(
            update(AccessGrant)
            .where(
                AccessGrant.tenant_id == current_tenant(),
                or_(AccessGrant.sealed_pin.is_not(None), AccessGrant.sealed_url.is_not(None)),
                AccessGrant.ends_at < now - KEPT,
            )
            .values(sealed_pin=None, sealed_url=None, pin_mark=None)
            .returning(AccessGrant.id)
        ).all()
        return len(gone)

    return in_transaction(work)


def check_locks(locks: Locks, *, now: datetime) -> None:
    """Ask every account how its locks are, and warn before the first use that one would break."""
    for account in in_transaction(accounts):
        if is_quiet(account, now=now):
            continue
        try:
            with locks.reached(account.id) as provider:
                devices = provider.list_devices()
        except LockError as error:
            in_transaction(partial(_silent, account_id=account.id, error=error, now=now))
            continue
        in_transaction(partial(_heard, account_id=account.id, devices=devices, now=now))


def count_wrong(session: Session, door: Door, *, at: datetime, now: datetime) -> None:
    """Make a task when many wrong numbers were tried at a door within the minutes up to `at`.

    A lock that was offline tells late: what counts is when they were tried.
    """
    wrong = session.scalar(
        select(func.count())
        .select_from(LockNotice)
        .where(
            LockNotice.tenant_id == current_tenant(),
            LockNotice.door_id == door.id,
            LockNotice.kind == "denied",
            LockNotice.at > at - WRONG_WITHIN,
            LockNotice.at <= at,
        )
    )
    if (wrong or 0) >= WRONG_TRIES:
        kind = "very_wrong" if (wrong or 0) >= MANY_WRONG else "wrong_tries"
        hour = at.strftime("%Y%m%d%H")
        tasks.ask_staff(
            session, kind, f"{kind}:{door.id}:{hour}", facility_id=door.facility_id,
            door_id=door.id, facts={"tries": wrong}, now=now,
        )  # fmt: skip


def _needing_nobody(*, now: datetime) -> Select[int]:
    """Return the codes that are ready, are not wanted, or whose time has gone."""
    return select(AccessGrant.id).where(
        AccessGrant.tenant_id == current_tenant(),
        or_(
            ~AccessGrant.is_wanted,
            AccessGrant.is_blocked,
            AccessGrant.is_by_hand,
            AccessGrant.state.in_((*SETTLED, GrantState.READY)),
            AccessGrant.ends_at <= now,
        ),
    )


def _tells_of_change() -> ColumnElement[bool]:
    """Return the condition that a code came instead of one that was seen: it has a letter of it."""
    before = aliased(AccessGrant)
    return (
        select(before.id)
        .where(
            before.tenant_id == AccessGrant.tenant_id,
            before.id == AccessGrant.replaces_id,
            before.shown_at.is_not(None),
        )
        .exists()
    )


def _warn(session: Session, *, now: datetime) -> int:
    lead = func.make_interval(
        0, 0, 0, 0, 0, 0,
        select(func.coalesce(func.max(Door.lead_seconds), 0))
        .join(
            AccessGrantDoor,
            (AccessGrantDoor.tenant_id == Door.tenant_id) & (AccessGrantDoor.door_id == Door.id),
        )
        .where(
            AccessGrantDoor.tenant_id == AccessGrant.tenant_id,
            AccessGrantDoor.grant_id == AccessGrant.id,
        )
        .scalar_subquery(),
    )  # fmt: skip
    rows = session.scalars(
        select(AccessGrant).where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.is_wanted,
            ~AccessGrant.is_blocked,
            ~AccessGrant.is_by_hand,
            AccessGrant.state.not_in((*SETTLED, GrantState.READY)),
            AccessGrant.ends_at > now,
            AccessGrant.made_at < now - GRACE,
            AccessGrant.starts_at - func.greatest(lead, LAST_LOOK) <= now,
        )
    ).all()
    told = 0
    for grant in rows:
        kind = "urgent" if grant.starts_at - URGENT <= now else "late"
        told += ask_about(session, grant, kind, now=now)
    return told


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


def _heard(
    session: Session, account_id: int, devices: Sequence[DeviceInfo], *, now: datetime
) -> None:
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
    every = [f"{kind}:{door.id}" for kind in ("gone", "offline", "battery")]
    first = _next_use(session, door, now=now)
    if wrong is not None and first is not None:
        about = f"{wrong}:{door.id}:{first.date()}"
        is_new = tasks.ask_staff(
            session, wrong, about, facility_id=door.facility_id, door_id=door.id,
            facts={"first": first.isoformat(), "battery": door.battery}, now=now,
        )  # fmt: skip
        if is_new:  # what was said of an earlier use stands in it
            tasks.settle_beginning(session, [f"{wrong}:{door.id}"], but=about, now=now)
    healed = [one for one in every if wrong is None or not one.startswith(wrong)]
    tasks.settle_beginning(session, healed, now=now)


def _ails(door: Door, device: DeviceInfo | None, *, now: datetime) -> str | None:
    """Return what a lock suffers from: gone from the account, offline, a weak battery."""
    if device is None:
        return "gone"
    lead = timedelta(seconds=door.lead_seconds or 0)
    is_silent = door.seen_at is not None and now - door.seen_at > lead + SILENT
    if door.is_online is False or is_silent:
        return "offline"
    if door.battery is not None and door.battery <= WEAK_BATTERY:
        return "battery"
    return None


def _next_use(session: Session, door: Door, *, now: datetime) -> datetime | None:
    """Return when the first use within a week needs a door."""
    return session.scalar(
        select(func.min(AccessGrant.starts_at))
        .join(
            AccessGrantDoor,
            (AccessGrantDoor.tenant_id == AccessGrant.tenant_id)
            & (AccessGrantDoor.grant_id == AccessGrant.id),
        )
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrantDoor.door_id == door.id,
            AccessGrant.is_wanted,
            AccessGrant.ends_at > now,
            AccessGrant.starts_at < now + timedelta(days=7),
            AccessGrant.state.not_in(SETTLED),
        )
    )
