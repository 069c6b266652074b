"""Another secret of an account at a vendor: tried first, kept once the vendor takes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.identity.proofs.sealing import seal
from app.kernel.refusals import Refusal, Refused
from app.locks.ports import LockError, Tokens
from app.usecases.lock_accounts import SECRET, Locks, begin_again, live_account, refusal_of
from app.usecases.lock_tokens import keep, kept


def renew_account(
    locks: Locks, account_id: int, secret: str, *, actor: Actor, now: datetime
) -> None:
    """Write another secret for an account once the vendor takes it; what waited is due at once.

    Raises Refused when it does not: the secret stays as it was. Only where there is nothing to
    try it with, for an owner of locks has to let us in (again), is it kept untried or with a
    Refused that says so.
    """
    new = _New(account_id, secret, locks.secret, actor, now)
    is_waiting, is_by_consent = in_transaction(lambda session: _how(session, account_id))
    if is_waiting:
        in_transaction(new.write)
        return
    try:
        with locks.reached(account_id, secret=secret, tokens=new) as provider:
            provider.list_devices()
    except LockError as error:
        if is_by_consent and error.code == "invalid_grant":
            in_transaction(new.write)  # who we are was believed; who let us in was not
            raise Refused(Refusal("lock.only_secret")) from error
        if not new.is_kept:  # else it was taken; what else ails is said with the account
            raise Refused(refusal_of(error)) from error


def _how(session: Session, account_id: int) -> tuple[bool, bool]:
    account = live_account(session, account_id)
    return account.is_waiting, account.is_by_consent


@dataclass
class _New:
    """A secret that is tried: it is written with the tokens that it brought, in one go.

    Implements locks.ports.TokenStore. It asks for tokens whatever there are: they prove it.
    """

    account_id: int
    secret: str = field(repr=False)
    own_secret: str = field(repr=False)
    actor: Actor
    now: datetime
    is_kept: bool = False

    def read(self) -> Tokens | None:
        """Return none, so that some are asked for."""
        return None

    def renewed(self, stale: Tokens | None, fetch: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Ask for tokens and keep the secret with them; a refresh token is used up by it."""

        def work(session: Session) -> Tokens:
            account = live_account(session, self.account_id)
            fresh = fetch(kept(account, self.own_secret))
            keep(account, fresh, self.own_secret)
            if not self.is_kept:
                self.write(session)
            return fresh

        found = in_transaction(work)
        self.is_kept = True
        return found

    def write(self, session: Session) -> None:
        """Write the secret; tokens stay, they are of whoever let us in."""
        account = live_account(session, self.account_id)
        account.sealed_secret = seal(self.own_secret, SECRET, self.secret)
        begin_again(session, account, now=self.now)
        audit.note(
            session, self.actor, "lock_account.renewed", subject="lock_account",
            subject_id=self.account_id, now=self.now,
        )  # fmt: skip
