"""How accounts at vendors of locks are reached: their secrets, and tokens renewed one at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.identity.proofs.sealing import seal, unseal
from app.locks.models import Door, LockAccount
from app.locks.ports import BOX, AccountView, LockProvider, LockTransient, Tokens

SECRET, TOKENS, CODE, HOOK = "lock secret", "lock tokens", "box code", "lock hook"


@dataclass(frozen=True, slots=True)
class Locks:
    """What is needed to reach locks: who speaks with vendors, and what seals their secrets."""

    reach: Callable[[AccountView], LockProvider]
    secret: str

    def provider(self, account_id: int) -> LockProvider:
        """Return who speaks with an account's vendor."""
        return self.reach(in_transaction(lambda session: view(session, account_id, self.secret)))

    @contextmanager
    def reached(self, account_id: int) -> Iterator[LockProvider]:
        """Give who speaks with an account's vendor; what it held open is given back after it.

        Ask it inside, and nothing else: an answer that makes no sense becomes a LockTransient.
        """
        provider = self.provider(account_id)
        try:
            yield provider
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise LockTransient(type(error).__name__) from error  # its words may be the vendor's
        finally:
            provider.forget()


@dataclass(frozen=True, slots=True)
class Stored:
    """Tokens of an account in the database, sealed; implements locks.ports.TokenStore."""

    account_id: int
    secret: str

    def read(self) -> Tokens | None:
        """Return those that were stored last."""
        return in_transaction(lambda session: _opened(_row(session, self.account_id), self.secret))

    def renewed(self, stale: Tokens | None, fetch: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Renew them under the lock of their row, unless somebody did meanwhile."""

        def work(session: Session) -> Tokens:
            row = _row(session, self.account_id, locked=True)
            last = _opened(row, self.secret)
            if last is not None and last != stale:
                return last
            fresh = fetch(last)
            row.sealed_tokens = seal(self.secret, TOKENS, _written(fresh))
            return fresh

        return in_transaction(work)


def view(session: Session, account_id: int, secret: str) -> AccountView:
    """Return how an account is reached; codes of key boxes with it."""
    row = _row(session, account_id)
    return AccountView(
        id=row.id,
        provider=row.provider,
        mode=row.mode,
        site=row.site,
        client_ref=row.client_ref,
        secret="" if row.sealed_secret is None else unseal(secret, SECRET, row.sealed_secret),
        zone=row.zone,
        tokens=Stored(row.id, secret),
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


def _row(session: Session, account_id: int, *, locked: bool = False) -> LockAccount:
    query = select(LockAccount).where(
        LockAccount.tenant_id == current_tenant(), LockAccount.id == account_id
    )
    if locked:
        query = query.with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _opened(row: LockAccount, secret: str) -> Tokens | None:
    if row.sealed_tokens is None:
        return None
    told = json.loads(unseal(secret, TOKENS, row.sealed_tokens))
    return Tokens(told["access"], told["refresh"], datetime.fromisoformat(told["until"]))


def _written(tokens: Tokens) -> str:
    return json.dumps(
        {"access": tokens.access, "refresh": tokens.refresh, "until": tokens.until.isoformat()}
    )
