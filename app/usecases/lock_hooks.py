"""Where vendors of locks tell us things: shown, made anew, and told to the vendor by ourselves."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.identity.proofs.sealing import seal, unseal
from app.kernel.refusals import Refusal, Refused
from app.locks.models import LockAccount
from app.locks.ports import BOX, LockError, LockInvalid, LockNotFound
from app.usecases.door_notices import hook_mark, new_hook
from app.usecases.lock_accounts import HOOK, Locks, live_account, refusal_of
from app.usecases.lock_tokens import row_of

AddressOf = Callable[[str], str]  # of the last part of an address, the whole
MOST_TRIES: Final = 3  # to tell an address that is made anew meanwhile
NOT_ALLOWED: Final = "http_403"  # of a contract that has no notices


def hook_of(locks: Locks, account_id: int, *, actor: Actor, now: datetime) -> str | None:
    """Return the last part of the address that a vendor tells us things under; a look is noted."""

    def work(session: Session) -> str | None:
        account = live_account(session, account_id)
        key = _key(account, locks.secret)
        if key is not None:
            _note(session, account_id, "lock_account.hook_seen", actor, now=now)
        return key

    return in_transaction(work)


def register(
    locks: Locks, account_id: int, address_of: AddressOf, *, actor: Actor, now: datetime,
    instead_of: str = "",
) -> None:  # fmt: skip
    """Tell the vendor where its notices go; told twice it is one address there.

    Raises Refused when it does not take it: then people put the address in by hand.
    """
    for _ in range(MOST_TRIES):
        key = in_transaction(lambda session: _key(live_account(session, account_id), locks.secret))
        if key is None:
            raise Refused(Refusal("lock.tells_nobody"))
        _tell(locks, account_id, address_of(key), address_of(instead_of) if instead_of else "")
        if in_transaction(lambda s, key=key: _told(s, account_id, key, actor, now=now)):  # type: ignore[misc]
            return
    raise Refused(Refusal("busy"))


def replace(locks: Locks, account_id: int, *, actor: Actor, now: datetime) -> str:
    """Make another secret address, and return the last part of the one before.

    The one before is refused from now on: whoever knew it shall not be heard until a vendor has
    answered. What the vendor sends there meanwhile is found by asking it for all of it.
    """

    def work(session: Session) -> str:
        account, key = live_account(session, account_id), new_hook()
        before = _key(account, locks.secret)
        if before is None:
            raise Refused(Refusal("lock.tells_nobody"))
        account.hook_mark, account.sealed_hook = hook_mark(key), seal(locks.secret, HOOK, key)
        account.hook_told_at = None
        _note(session, account_id, "lock_account.hook_replaced", actor, now=now)
        return before

    return in_transaction(work)


def silence(locks: Locks, account_id: int, address_of: AddressOf) -> bool:
    """Let a vendor tell us nothing more of an account that was ended; False if it did not hear us.

    What it tells all the same is refused.
    """
    key = in_transaction(lambda session: _key(row_of(session, account_id), locks.secret))
    if key is None:
        return True
    address = address_of(key)
    try:
        with locks.reached(account_id) as provider:
            if (telling := provider.telling) is not None:
                telling.silence(_name(account_id, address), address)
    except LockError:
        return False
    return True


def _tell(locks: Locks, account_id: int, address: str, instead_of: str) -> None:
    name = _name(account_id, address)
    try:
        with locks.reached(account_id) as provider:
            telling = provider.telling
            if telling is not None:
                telling.tell(name, address, instead_of=instead_of)
    except LockError as error:
        is_no = isinstance(error, LockInvalid | LockNotFound) or error.code == NOT_ALLOWED
        raise Refused(Refusal("lock.untold") if is_no else refusal_of(error)) from error
    if telling is None:
        raise Refused(Refusal("lock.tells_nobody"))


def _name(account_id: int, address: str) -> str:
    """Return what our address goes by: others may use the same account at the vendor."""
    return f"Kaikan {current_tenant()}-{account_id} {urlsplit(address).netloc}"


def _told(session: Session, account_id: int, key: str, actor: Actor, *, now: datetime) -> bool:
    """Write that the vendor was told an address; False when there is another one meanwhile."""
    account = live_account(session, account_id)
    if account.hook_mark != hook_mark(key):
        return False
    account.hook_told_at = now
    _note(session, account_id, "lock_account.hook_told", actor, now=now)
    return True


def _key(account: LockAccount, secret: str) -> str | None:
    if account.sealed_hook is None or account.provider == BOX:
        return None
    return unseal(secret, HOOK, account.sealed_hook)


def _note(session: Session, account_id: int, action: str, actor: Actor, *, now: datetime) -> None:
    audit.note(
        session, actor, action, subject="lock_account", subject_id=account_id, now=now
    )  # fmt: skip
