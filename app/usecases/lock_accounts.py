"""How accounts at vendors of locks are reached, and what a vendor's no means to staff."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.identity.proofs.sealing import unseal
from app.kernel.refusals import Refusal, Refused
from app.locks.models import AccessGrant, Door, LockAccount
from app.locks.ports import (
    BOX,
    AccountView,
    LockAuth,
    LockError,
    LockProvider,
    LockRateLimited,
    LockTransient,
)
from app.locks.states import SETTLED
from app.usecases.lock_tokens import Stored, row_of

CONSENT_OVER = ("no_consent", "invalid_grant")  # a person has to let us in again
SECRET, CODE, HOOK = "lock secret", "box code", "lock hook"


@dataclass(frozen=True, slots=True)
class Locks:
    """What is needed to reach locks: who speaks with vendors, and what seals their secrets."""

    reach: Callable[[AccountView], LockProvider]
    secret: str = field(repr=False)

    def provider(self, account_id: int, **instead: Any) -> LockProvider:
        """Return who speaks with an account's vendor; `instead`: what is only tried of it."""
        seen = in_transaction(lambda session: view(session, account_id, self.secret))
        return self.reach(replace(seen, **instead))

    @contextmanager
    def reached(self, account_id: int, **instead: Any) -> Iterator[LockProvider]:
        """Give who speaks with an account's vendor; what it held open is given back after it.

        Ask it inside, and nothing else: an answer that makes no sense becomes a LockTransient.
        """
        provider = self.provider(account_id, **instead)
        try:
            yield provider
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise LockTransient(type(error).__name__) from error  # its words may be the vendor's
        finally:
            provider.forget()


def refusal_of(error: LockError) -> Refusal:
    """Return why a vendor did not do what staff asked for."""
    if error.code in CONSENT_OVER:
        return Refusal("lock.no_consent")
    if isinstance(error, LockRateLimited):
        return Refusal("lock.busy")
    return Refusal("lock.not_let_in" if isinstance(error, LockAuth) else "lock.unreachable")


def is_quiet(account: LockAccount, *, now: datetime) -> bool:
    """Say whether the clock asks nothing of an account: a key box, one that rests or waits."""
    is_resting = account.rest_until is not None and account.rest_until > now
    return account.provider == BOX or is_resting or account.is_waiting


def live_account(session: Session, account_id: int) -> LockAccount:
    """Return an account that is in use, locked. Raises Refused."""
    found = session.scalar(
        select(LockAccount)
        .where(
            LockAccount.tenant_id == current_tenant(),
            LockAccount.id == account_id,
            LockAccount.ended_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("lock.unknown"))
    return found


def begin_again(session: Session, account: LockAccount, *, now: datetime) -> None:
    """Let an account be asked again at once, and what waited for it be due."""
    account.rest_until = account.error = account.failing_since = None
    session.execute(
        update(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.account_id == account.id,
            AccessGrant.state.not_in(SETTLED),
            AccessGrant.next_at.is_not(None),
        )
        .values(next_at=now, tries=0)
    )


def view(session: Session, account_id: int, secret: str) -> AccountView:
    """Return how an account is reached; codes of key boxes with it."""
    row = row_of(session, account_id)
    return AccountView(
        id=row.id,
        provider=row.provider,
        mode=row.mode,
        site=row.site,
        client_ref=row.client_ref,
        secret="" if row.sealed_secret is None else unseal(secret, SECRET, row.sealed_secret),
        zone=row.zone,
        tokens=Stored(row.id, secret),
        is_by_consent=row.is_by_consent,
        codes=_codes(session, row, secret) if row.provider == BOX else {},
    )


def _codes(session: Session, account: LockAccount, secret: str) -> dict[str, str]:
    rows = session.execute(
        select(Door.device_ref, Door.sealed_code).where(
            Door.tenant_id == current_tenant(),
            Door.account_id == account.id,
            Door.sealed_code.is_not(None),
        )
    )
    return {ref: unseal(secret, CODE, sealed) for ref, sealed in rows if sealed}
