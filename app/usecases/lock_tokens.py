"""Tokens of accounts at vendors of locks: sealed, renewed one at a time, or only tried."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.identity.proofs.sealing import seal, unseal
from app.locks.models import LockAccount
from app.locks.ports import Tokens

TOKENS = "lock tokens"


@dataclass(frozen=True, slots=True)
class Stored:
    """Tokens of an account in the database, sealed; implements locks.ports.TokenStore."""

    account_id: int
    secret: str = field(repr=False)

    def read(self) -> Tokens | None:
        """Return those that were stored last."""
        return in_transaction(lambda session: kept(row_of(session, self.account_id), self.secret))

    def renewed(self, stale: Tokens | None, fetch: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Renew them under the lock of their row, unless somebody did meanwhile."""

        def work(session: Session) -> Tokens:
            row = row_of(session, self.account_id, locked=True)
            last = kept(row, self.secret)
            if last is not None and last != stale:
                return last
            fresh = fetch(last)
            keep(row, fresh, self.secret)
            return fresh

        return in_transaction(work)


@dataclass
class Tried:
    """Tokens that nobody else knows yet; implements locks.ports.TokenStore."""

    tokens: Tokens

    def read(self) -> Tokens | None:
        """Return them."""
        return self.tokens

    def renewed(self, stale: Tokens | None, fetch: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Renew them."""
        self.tokens = fetch(self.tokens)
        return self.tokens


def keep(row: LockAccount, tokens: Tokens, secret: str) -> None:
    """Keep tokens of an account, sealed."""
    row.sealed_tokens = seal(secret, TOKENS, _written(tokens))


def kept(row: LockAccount, secret: str) -> Tokens | None:
    """Return the tokens of an account."""
    if row.sealed_tokens is None:
        return None
    told = json.loads(unseal(secret, TOKENS, row.sealed_tokens))
    return Tokens(told["access"], told["refresh"], datetime.fromisoformat(told["until"]))


def row_of(session: Session, account_id: int, *, locked: bool = False) -> LockAccount:
    """Return an account, as it is now; `locked`: one at a time uses its refresh token."""
    query = select(LockAccount).where(
        LockAccount.tenant_id == current_tenant(), LockAccount.id == account_id
    )
    if locked:
        query = query.with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _written(tokens: Tokens) -> str:
    return json.dumps(
        {"access": tokens.access, "refresh": tokens.refresh, "until": tokens.until.isoformat()}
    )
