"""Where the money of a payee goes: proposed by one of the staff, in force once another agreed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.proofs.sealing import seal, unseal
from app.kernel.refusals import Refusal, Refused
from app.payments.online.models import PayeeAccount
from app.payments.ports import Door

CONNECT, OWN_KEY = "connect", "own_key"
# By which law money of a payee may be taken so: 地方自治法231条の2の3 (指定納付受託者), 243条の2
# (指定公金事務取扱者); a manager's own income (244条の2第8項) needs neither.
BASES: Final = {
    "usage_fee": ("designated_agent", "entrusted_collector"),
    "manager_income": ("manager_income",),
}
_KEY, _SECRETS = "provider key", "provider secrets"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account as staff described it; keys only for an account of the payee's own."""

    payee: str
    mode: str
    account: str
    legal_basis: str
    announced: str
    ways: frozenset[str]
    key: str = ""
    secrets: str = ""


def in_force(session: Session, payee: str) -> PayeeAccount | None:
    """Return the account that a payee is paid through now; None: not over the network."""
    return session.scalar(
        select(PayeeAccount).where(
            PayeeAccount.tenant_id == current_tenant(),
            PayeeAccount.payee == payee,
            PayeeAccount.approved_at.is_not(None),
            PayeeAccount.ended_at.is_(None),
        )
    )


def ways_by_payee(session: Session, payees: Collection[str]) -> dict[str, list[str]]:
    """Return in which ways these payees are paid over the network now."""
    rows = session.execute(
        select(PayeeAccount.payee, PayeeAccount.ways).where(
            PayeeAccount.tenant_id == current_tenant(),
            PayeeAccount.payee.in_(payees),
            PayeeAccount.approved_at.is_not(None),
            PayeeAccount.ended_at.is_(None),
        )
    )
    return {payee: ways for payee, ways in rows}


def known(session: Session, account_row: int) -> PayeeAccount | None:
    """Return an account of the municipality, also one that ended."""
    return session.get(PayeeAccount, (current_tenant(), account_row))


def with_account(session: Session, account: str) -> Sequence[PayeeAccount]:
    """Return every row of an account that was ever in force, also those that ended."""
    return session.scalars(
        select(PayeeAccount).where(
            PayeeAccount.tenant_id == current_tenant(),
            PayeeAccount.account == account,
            PayeeAccount.approved_at.is_not(None),
        )
    ).all()


def with_own_key(session: Session, payee: str) -> Sequence[PayeeAccount]:
    """Return the accounts by own keys that a payee has or had, the newest first."""
    return session.scalars(
        select(PayeeAccount)
        .where(
            PayeeAccount.tenant_id == current_tenant(),
            PayeeAccount.payee == payee,
            PayeeAccount.mode == OWN_KEY,
            PayeeAccount.approved_at.is_not(None),
        )
        .order_by(PayeeAccount.id.desc())
    ).all()


def standing(session: Session) -> Sequence[PayeeAccount]:
    """Return the accounts in force and those proposed, by payee."""
    return session.scalars(
        select(PayeeAccount)
        .where(PayeeAccount.tenant_id == current_tenant(), PayeeAccount.ended_at.is_(None))
        .order_by(PayeeAccount.payee, PayeeAccount.id)
    ).all()


def ended(session: Session) -> Sequence[PayeeAccount]:
    """Return the accounts that ended and the proposals that were withdrawn, the last first."""
    return session.scalars(
        select(PayeeAccount)
        .where(PayeeAccount.tenant_id == current_tenant(), PayeeAccount.ended_at.is_not(None))
        .order_by(PayeeAccount.ended_at.desc(), PayeeAccount.id.desc())
    ).all()


def propose(
    session: Session, wanted: Proposal, *, secret: str, account_id: int, now: datetime
) -> PayeeAccount:
    """Write an account down; nothing is paid through it until somebody else agrees."""
    has_key = wanted.mode == OWN_KEY
    made = PayeeAccount(
        tenant_id=current_tenant(),
        payee=wanted.payee,
        mode=wanted.mode,
        account=wanted.account,
        sealed_key=seal(secret, _KEY, wanted.key) if has_key else None,
        sealed_secrets=seal(secret, _SECRETS, wanted.secrets) if has_key else None,
        legal_basis=wanted.legal_basis,
        announced=wanted.announced,
        ways=sorted(wanted.ways),
        checked_at=now,
        proposed_at=now,
        proposed_by=account_id,
    )
    session.add(made)
    session.flush()
    return made


def locked_beside(session: Session, account_row: int) -> PayeeAccount:
    """Return an account, locked with all others of its payee, so that one comes after the other."""
    one = known(session, account_row)
    if one is not None:
        session.execute(
            select(PayeeAccount.id)
            .where(PayeeAccount.tenant_id == current_tenant(), PayeeAccount.payee == one.payee)
            .order_by(PayeeAccount.id)
            .with_for_update()
        )
    return locked(session, account_row)


def locked(session: Session, account_row: int) -> PayeeAccount:
    """Return an account, locked; raises Refused when there is none."""
    found = session.scalar(
        select(PayeeAccount)
        .where(PayeeAccount.tenant_id == current_tenant(), PayeeAccount.id == account_row)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("account.unknown"))
    return found


def door_of(account: PayeeAccount, *, platform_key: str, secret: str) -> Door:
    """Return how the provider is reached for an account."""
    if account.mode == CONNECT:
        return Door(platform_key, account.account)
    assert account.sealed_key is not None
    return Door(unseal(secret, _KEY, account.sealed_key), None)


def secrets_of(account: PayeeAccount, *, secret: str) -> Sequence[str]:
    """Return what the notices of an account of the payee's own are signed with, newest first."""
    if account.sealed_secrets is None:
        return ()
    return tuple(unseal(secret, _SECRETS, account.sealed_secrets).split())


def is_live(key: str) -> bool:
    """Say whether a key moves real money."""
    return key.startswith(("sk_live_", "rk_live_"))
