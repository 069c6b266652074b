"""What vendors of locks tell: kept once under its id, believed once it was read back from them."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.outbox import enqueue
from app.db.session import current_tenant, in_transaction, tenant_scope
from app.locks.models import AccessGrant, Door, LockAccount, LockNotice
from app.locks.ports import LockError, LockEvent, LockRateLimited
from app.locks.queries import accounts
from app.locks.states import SETTLED
from app.usecases.door_watch import count_wrong
from app.usecases.lock_accounts import Locks, is_quiet

READ_NOTICE = "read_lock_notice"
MOST_IDS: Final = 100  # in one call of a vendor
MOST_A_MINUTE: Final = 60  # that are read back; a vendor lets us ask twice as often
KEPT: Final = timedelta(days=90)


def new_hook() -> str:
    """Return the last part of an address that only one vendor is told (it signs nothing)."""
    return f"{current_tenant()}-{secrets.token_urlsafe(32)}"


def hook_mark(key: str) -> str:
    """Return what such an address is known by here."""
    return sha256(f"lock hook {key}".encode()).hexdigest()


def account_with(key: str) -> tuple[int, int] | None:
    """Return municipality and account of an address; None: nobody was told it."""
    tenant, _, _rest = key.partition("-")
    if not (tenant.isascii() and tenant.isdecimal() and len(tenant) < 10):
        return None
    with tenant_scope(int(tenant)):
        found = in_transaction(
            lambda session: session.scalar(
                select(LockAccount.id).where(
                    LockAccount.tenant_id == current_tenant(),
                    LockAccount.hook_mark == hook_mark(key),
                    LockAccount.ended_at.is_(None),
                )
            )
        )
    return None if found is None else (int(tenant), found)


def note_ids(account_id: int, refs: Sequence[str], *, now: datetime) -> int:
    """Write down ids that were named to us, each once, to be read back; return how many are new.

    Beyond so many a minute none is: each would cost a call, of which the vendor allows so many,
    and what really happened is found by asking for all of it.
    """

    def work(session: Session) -> int:
        if _heard_lately(session, account_id, now=now) >= MOST_A_MINUTE:
            return 0
        new = [
            made
            for ref in dict.fromkeys(refs[:MOST_IDS])
            if (made := _new(session, account_id, ref, now=now)) is not None
        ]
        for notice_id in new:
            enqueue(session, READ_NOTICE, notice_id=notice_id)
        return len(new)

    return in_transaction(work)


def read_notice(locks: Locks, notice_id: int, *, now: datetime) -> str:
    """Ask the vendor for an event that was named to us; return what became of the notice.

    While the vendor lets us ask nothing it is left to `poll`, which reads many by one call.
    Raises LockError when the vendor does not answer: it is to be tried again.
    """
    found = in_transaction(lambda session: _waiting(session, notice_id))
    if found is None:
        return "settled"
    one, account = found
    if account.rest_until and account.rest_until > now:
        return "resting"
    try:
        with locks.reached(one.account_id) as provider:
            event = provider.event(one.event_ref)
    except LockRateLimited as error:
        until = now + error.retry_after
        in_transaction(partial(_rest, account_id=account.id, until=until))
        return "resting"
    return in_transaction(lambda session: _read(session, notice_id, event, now=now))


def _waiting(session: Session, notice_id: int) -> tuple[LockNotice, LockAccount] | None:
    one = session.get(LockNotice, (current_tenant(), notice_id))
    if one is None or one.state != "new":
        return None
    return one, session.get_one(LockAccount, (current_tenant(), one.account_id))


def _rest(session: Session, account_id: int, until: datetime) -> None:
    """Let nothing be asked of an account before `until`."""
    account = session.get_one(LockAccount, (current_tenant(), account_id))
    account.rest_until = max(account.rest_until or until, until)


def poll(locks: Locks, *, now: datetime) -> int:
    """Ask every account what happened since it was last asked; return how much was new."""
    new = 0
    for account in in_transaction(accounts):
        if is_quiet(account, now=now):
            continue
        try:
            with locks.reached(account.id) as provider:
                events = provider.events(account.last_event)
        except LockError:
            continue  # the check of the locks tells staff of it
        new += in_transaction(
            lambda session, id=account.id, events=events: _polled(session, id, events, now=now)  # type: ignore[misc]
        )
    return new


def forget(*, now: datetime) -> None:
    """Delete notices that are old."""
    in_transaction(
        lambda session: session.execute(
            delete(LockNotice).where(
                LockNotice.tenant_id == current_tenant(), LockNotice.received_at < now - KEPT
            )
        )
    )


def _new(session: Session, account_id: int, ref: str, *, now: datetime) -> int | None:
    row = {
        "tenant_id": current_tenant(), "account_id": account_id, "event_ref": ref,
        "state": "new", "received_at": now,
    }  # fmt: skip
    return session.scalar(
        insert(LockNotice).values(row).on_conflict_do_nothing().returning(LockNotice.id)
    )


def _heard_lately(session: Session, account_id: int, *, now: datetime) -> int:
    found = session.scalar(
        select(func.count())
        .select_from(LockNotice)
        .where(
            LockNotice.tenant_id == current_tenant(),
            LockNotice.account_id == account_id,
            LockNotice.received_at > now - timedelta(minutes=1),
        )
    )
    return int(found or 0)


def _read_before(session: Session, account_id: int, events: Sequence[LockEvent]) -> set[str]:
    found = session.scalars(
        select(LockNotice.event_ref).where(
            LockNotice.tenant_id == current_tenant(),
            LockNotice.account_id == account_id,
            LockNotice.event_ref.in_([event.ref for event in events]),
            LockNotice.state == "done",
        )
    )
    return set(found)


def _unread(session: Session, account_id: int, ref: str) -> int | None:
    return session.scalar(
        select(LockNotice.id).where(
            LockNotice.tenant_id == current_tenant(),
            LockNotice.account_id == account_id,
            LockNotice.event_ref == ref,
            LockNotice.state != "done",
        )
    )


def _polled(
    session: Session, account_id: int, events: Sequence[LockEvent], *, now: datetime
) -> int:
    new, known = 0, _read_before(session, account_id, events)
    for event in events:
        if event.ref in known or event.at < now - KEPT:
            continue
        made = _new(session, account_id, event.ref, now=now)
        # One that was named to us and could not be read back then is read now.
        notice_id = _unread(session, account_id, event.ref) if made is None else made
        if notice_id is not None:
            new += 1
            _read(session, notice_id, event, now=now)
    if events:
        account = session.get_one(LockAccount, (current_tenant(), account_id))
        account.last_event = events[-1].ref
    return new


def _read(session: Session, notice_id: int, event: LockEvent | None, *, now: datetime) -> str:
    notice = session.scalars(
        select(LockNotice)
        .where(LockNotice.tenant_id == current_tenant(), LockNotice.id == notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if notice.state == "done":
        return "settled"
    if event is None:
        notice.state = "unknown"
        return "unknown"
    notice.state, notice.kind, notice.at = "done", event.kind, event.at
    door = _door(session, notice.account_id, event.device_ref)
    grant = _grant(session, notice.account_id, event.holder_ref)
    notice.door_id = door.id if door else None
    notice.grant_id = grant.id if grant else None
    session.flush()
    if grant is not None and event.kind in ("synced", "sync_failed"):
        grant.next_at = now  # to be looked at: the vendor's answer says how it stands
    if door is not None and event.kind == "denied":
        count_wrong(session, door, at=event.at, now=now)
    return "done"


def _door(session: Session, account_id: int, ref: str | None) -> Door | None:
    return session.scalar(
        select(Door).where(
            Door.tenant_id == current_tenant(),
            Door.account_id == account_id,
            Door.device_ref == (ref or ""),
            Door.ended_at.is_(None),
        )
    )


def _grant(session: Session, account_id: int, ref: str | None) -> AccessGrant | None:
    """Return the grant whose code an event is about, locked, unless it is settled."""
    return session.scalar(
        select(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.account_id == account_id,
            AccessGrant.holder_ref == (ref or ""),
            AccessGrant.state.not_in(SETTLED),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
