"""Staff decide where the money of a payee goes: one proposes, another agrees, either may end it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import SERVICE, Actor
from app.db.session import in_transaction, tenant_scope
from app.kernel.refusals import Refusal, Refused
from app.payments.online import accounts
from app.payments.online.accounts import BASES, OWN_KEY, Proposal
from app.payments.online.models import PayeeAccount
from app.payments.ports import Declined, Door, Unreachable
from app.tenants.policy import Payee
from app.usecases.at_provider import Provider


def propose(
    provider: Provider,
    payee: Payee,
    wanted: Proposal,
    *,
    others: Iterable[int] = (),
    actor: Actor,
    now: datetime,
) -> int:
    """Write down an account for a payee, as the provider knows it; another has to agree.

    `others` are the other municipalities: none of theirs may be named by mistake. Raises Refused
    when it is one of theirs, when the payee's legal basis is not recorded or the way of paying does
    not fit it, when keys are missing, or when the provider does not know the account.
    """
    assert actor.account_id is not None
    account_id = actor.account_id
    _check(payee, wanted)
    key = wanted.key if wanted.mode == OWN_KEY else provider.gateway.key
    door = Door(key, None if wanted.mode == OWN_KEY else wanted.account)
    try:
        found, ways = provider.gateway.ways(door)
    except Unreachable as error:
        raise Refused(Refusal("pay.unreachable")) from error
    except Declined as error:
        raise Refused(Refusal("account.not_known")) from error
    if wanted.mode != OWN_KEY and any(_is_used_in(tenant_id, found) for tenant_id in others):
        raise Refused(Refusal("account.elsewhere"))
    known = replace(wanted, account=found, ways=ways)

    def work(session: Session) -> int:
        made = accounts.propose(
            session, known, secret=provider.secret, account_id=account_id, now=now
        )
        _note(session, made, "account.proposed", actor, now=now)
        return made.id

    return in_transaction(work)


def approve(account_row: int, *, actor: Actor, now: datetime) -> None:
    """Agree to an account that somebody else proposed; the one before it ends with that.

    Pressed twice it is agreed once. Raises Refused for one's own proposal.
    """

    def work(session: Session) -> None:
        one = accounts.locked_beside(session, account_row)
        if one.approved_at is not None:
            return
        if one.ended_at is not None:
            raise Refused(Refusal("account.unknown"))
        if one.proposed_by == actor.account_id:
            raise Refused(Refusal("account.own"))
        before = accounts.in_force(session, one.payee)
        if before is not None:
            before.ended_at, before.ended_by = now, actor.account_id
            session.flush()
        one.approved_at, one.approved_by = now, actor.account_id
        replaced = {"before": before.account} if before is not None else {}
        _note(session, one, "account.approved", actor, now=now, **replaced)

    in_transaction(work)


def end(account_row: int, *, actor: Actor, now: datetime) -> None:
    """End an account or withdraw a proposal: nothing more is paid through it.

    What is under way is still entered, and refunds still go back through it.
    """

    def work(session: Session) -> None:
        one = accounts.locked(session, account_row)
        if one.ended_at is None:
            one.ended_at, one.ended_by = now, actor.account_id
            _note(session, one, "account.ended", actor, now=now)

    in_transaction(work)


def recheck(provider: Provider, account: str, *, now: datetime) -> None:
    """Ask the provider what an account may take now. Raises Unreachable."""
    rows = in_transaction(lambda session: list(accounts.with_account(session, account)))
    for row in rows:
        if row.ended_at is not None:
            continue
        door = accounts.door_of(row, platform_key=provider.gateway.key, secret=provider.secret)
        try:
            _found, ways = provider.gateway.ways(door)
        except Declined:
            ways = frozenset()  # it was taken from us
        in_transaction(lambda session, id=row.id, ways=ways: _write(session, id, ways, now=now))  # type: ignore[misc]


def _is_used_in(tenant_id: int, account: str) -> bool:
    """Say whether another municipality is paid through an account."""
    with tenant_scope(tenant_id):
        rows = in_transaction(lambda session: accounts.with_account(session, account))
        return any(row.ended_at is None for row in rows)


def _write(session: Session, account_row: int, ways: frozenset[str], *, now: datetime) -> None:
    one = accounts.locked(session, account_row)
    one.checked_at = now
    if set(one.ways) != ways:
        one.ways = sorted(ways)
        _note(session, one, "account.ways", SERVICE, now=now)


def _check(payee: Payee, wanted: Proposal) -> None:
    if payee.legal_basis is None:
        raise Refused(Refusal("account.no_basis"))
    if wanted.legal_basis not in BASES[payee.legal_basis]:
        raise Refused(Refusal("account.other_basis"))
    if payee.legal_basis == "usage_fee" and not wanted.announced:
        raise Refused(Refusal("account.not_announced"))
    if wanted.mode == OWN_KEY and not (wanted.key and wanted.secrets):
        raise Refused(Refusal("account.no_key"))


def _note(
    session: Session, one: PayeeAccount, action: str, actor: Actor, *, now: datetime, **more: object
) -> None:
    facts = {
        "payee": one.payee, "account": one.account, "mode": one.mode, "basis": one.legal_basis,
        "ways": list(one.ways), "announced": one.announced, **more,
    }  # fmt: skip
    audit.note(
        session, actor, action, subject="payee_account", subject_id=one.id, now=now, facts=facts
    )
