"""Staff add an account at a vendor of locks, or end one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.identity.proofs.sealing import seal
from app.kernel.refusals import Refusal, Refused
from app.locks.models import BY_CONSENT, AccessGrant, Door, LockAccount
from app.locks.ports import DeviceInfo, LockError
from app.locks.states import SETTLED
from app.usecases.door_notices import hook_mark, new_hook
from app.usecases.lock_accounts import HOOK, SECRET, Locks, live_account, refusal_of

KEPT: Final = timedelta(days=7)  # of an account that ended: its last codes are taken away


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account at a vendor as staff describe it."""

    provider: str
    name: str
    mode: str = ""
    site: str = ""
    client_ref: str = ""
    secret: str = field(default="", repr=False)
    is_by_consent: bool = False  # an owner of locks lets us in later, at the vendor's page
    zone: str = "Asia/Tokyo"


def add_account(locks: Locks, wanted: NewAccount, *, actor: Actor, now: datetime) -> int:
    """Write an account down, its secret sealed, and ask the vendor whether it lets us in.

    Raises Refused when it does not; then nothing is written. Where an owner of locks has to let
    us in first, nobody is asked yet.
    """
    account_id = in_transaction(
        lambda session: write_account(session, wanted, secret=locks.secret, actor=actor, now=now)
    )
    if wanted.is_by_consent:
        return account_id
    try:
        devices(locks, account_id)
    except Refused:
        in_transaction(lambda session: _withdraw(session, account_id, now=now))
        raise
    return account_id


def write_account(
    session: Session, wanted: NewAccount, *, secret: str, actor: Actor, now: datetime
) -> int:
    """Write an account down without asking anybody; its secret is sealed with ours."""
    hook = new_hook()
    made = LockAccount(
        tenant_id=current_tenant(), provider=wanted.provider, name=wanted.name,
        mode=wanted.mode, site=wanted.site, client_ref=wanted.client_ref,
        sealed_secret=seal(secret, SECRET, wanted.secret) if wanted.secret else None,
        zone=wanted.zone, hook_mark=hook_mark(hook), made_at=now, made_by=actor.account_id,
        sealed_hook=seal(secret, HOOK, hook), entry=BY_CONSENT if wanted.is_by_consent else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    facts = {
        "provider": wanted.provider, "account": wanted.name, "site": wanted.site,
        "client": wanted.client_ref, "entry": made.entry,
    }  # fmt: skip
    audit.note(
        session, actor, "lock_account.added", subject="lock_account", subject_id=made.id, now=now,
        facts=facts,
    )  # fmt: skip
    return made.id


def end_account(account_id: int, *, actor: Actor, now: datetime) -> None:
    """End an account: no code is made through it any more. Raises Refused while doors need it."""

    def work(session: Session) -> None:
        account = live_account(session, account_id)
        needed = select(Door.id).where(
            Door.tenant_id == current_tenant(), Door.account_id == account_id,
            Door.ended_at.is_(None),
        )  # fmt: skip
        if session.scalar(needed.limit(1)) is not None:
            raise Refused(Refusal("lock.has_doors"))
        account.ended_at, account.ended_by = now, actor.account_id
        audit.note(
            session, actor, "lock_account.ended", subject="lock_account", subject_id=account_id,
            now=now, facts={"account": account.name},
        )  # fmt: skip

    in_transaction(work)


def devices(locks: Locks, account_id: int) -> Sequence[DeviceInfo]:
    """Return the locks of an account as the vendor lists them. Raises Refused."""
    try:
        with locks.reached(account_id) as provider:
            return provider.list_devices()
    except LockError as error:
        raise Refused(refusal_of(error)) from error


def _withdraw(session: Session, account_id: int, *, now: datetime) -> None:
    """End an account that never let us in; what somebody tried stays in the audit."""
    account = live_account(session, account_id)
    account.ended_at, account.sealed_secret, account.sealed_tokens = now, None, None


def forget_secrets(*, now: datetime) -> int:
    """Forget what opened accounts that ended a week ago; return how many.

    Not while a code of theirs is still to be taken away: for that the vendor has to let us in.
    """

    def work(session: Session) -> int:
        open_codes = exists().where(
            AccessGrant.tenant_id == LockAccount.tenant_id,
            AccessGrant.account_id == LockAccount.id,
            AccessGrant.state.not_in(SETTLED),
        )
        gone = session.execute(
            update(LockAccount)
            .where(
                LockAccount.tenant_id == current_tenant(),
                LockAccount.ended_at < now - KEPT,
                or_(
                    LockAccount.sealed_secret.is_not(None),
                    LockAccount.sealed_tokens.is_not(None),
                    LockAccount.sealed_hook.is_not(None),
                ),
                ~open_codes,
            )
            .values(sealed_secret=None, sealed_tokens=None, sealed_hook=None, hook_mark=None)
            .returning(LockAccount.id)
        ).all()
        return len(gone)

    return in_transaction(work)
