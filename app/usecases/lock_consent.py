"""An owner of locks lets us in at a page of the vendor's: asked, answered once, kept."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.identity.codes import keyed_hash
from app.kernel.refusals import Refusal, Refused
from app.locks.models import BY_CONSENT, Door, LockAccount
from app.locks.ports import Consent, LockError, LockProvider, Tokens
from app.usecases.door_news import hear_from
from app.usecases.lock_accounts import Locks, begin_again, live_account, refusal_of
from app.usecases.lock_tokens import Tried, keep

VALID: Final = timedelta(minutes=10)  # in which the vendor's page is to be answered
NO: Final = "access_denied"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks: a browser's session, and where the vendor's page leads back."""

    session: str = field(repr=False)
    back: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back from the vendor's page."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str


def ask(locks: Locks, account_id: int, asked: Asked, *, actor: Actor, now: datetime) -> str:
    """Return the vendor's page; what is asked there is good once, for this browser, and not long.

    Asked again, only the last one counts. Raises Refused when the vendor has no such page.
    """
    state = f"{account_id}-{secrets.token_urlsafe(32)}"

    def work(session: Session) -> None:
        account = live_account(session, account_id)
        account.consent_mark = _mark(locks.secret, asked.session, state)
        account.consent_until = now + VALID
        _note(session, account_id, "lock_account.consent_asked", actor, now=now)

    try:
        with locks.reached(account_id) as provider:
            page = _consent(provider).page(asked.back, state)
    except LockError as error:
        raise Refused(refusal_of(error)) from error
    in_transaction(work)
    return page


def answered(locks: Locks, answer: Answer, asked: Asked, *, actor: Actor, now: datetime) -> int:
    """Let us in with what an owner answered, and return the account.

    Raises Refused and changes nothing when the answer is none to what this browser asked, when
    it is no, or when the vendor does not stand by it.
    """
    account_id = in_transaction(
        lambda session: _used_up(session, answer.state, asked, locks.secret, now=now)
    )
    if account_id is None:
        raise Refused(Refusal("consent.unknown"))
    try:
        tokens = _let_in(locks, account_id, answer, asked)
    except Refused as no:
        why = {"why": no.codes[0]}
        in_transaction(
            lambda session: _note(
                session, account_id, "lock_account.consent_failed", actor, now=now, facts=why
            )
        )
        raise

    def work(session: Session) -> None:
        account = live_account(session, account_id)
        account.entry = BY_CONSENT
        keep(account, tokens, locks.secret)
        begin_again(session, account, now=now)
        hear_from(session, account, now=now)
        _note(session, account_id, "lock_account.consented", actor, now=now)

    in_transaction(work)
    return account_id


def _used_up(
    session: Session, state: str, asked: Asked, secret: str, *, now: datetime
) -> int | None:
    """Return the account whose question this answers, which is then open no more; None: none."""
    ident, _, _rest = state.partition("-")
    if not (ident.isascii() and ident.isdecimal() and len(ident) < 16):
        return None
    account = session.scalar(
        select(LockAccount)
        .where(
            LockAccount.tenant_id == current_tenant(),
            LockAccount.id == int(ident),
            LockAccount.ended_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if account is None or account.consent_mark is None or account.consent_until is None:
        return None
    if not hmac.compare_digest(account.consent_mark, _mark(secret, asked.session, state)):
        return None
    is_late = account.consent_until <= now
    account.consent_mark = account.consent_until = None
    return None if is_late else account.id


def _let_in(locks: Locks, account_id: int, answer: Answer, asked: Asked) -> Tokens:
    """Return what an answer is good for, once the locks that we know were seen with it."""
    if answer.error or not answer.code:
        raise Refused(Refusal("consent.denied" if answer.error == NO else "consent.failed"))
    known = in_transaction(lambda session: _locks_of(session, account_id))
    try:
        with locks.reached(account_id) as provider:
            tried = Tried(_consent(provider).tokens(answer.code, asked.back))
        with locks.reached(account_id, tokens=tried, is_by_consent=True) as provider:
            seen = {one.ref for one in provider.list_devices()}
    except LockError as error:
        is_code = error.code == "invalid_grant"
        raise Refused(Refusal("consent.code") if is_code else refusal_of(error)) from error
    if known and not known & seen:
        raise Refused(Refusal("consent.other"))
    return tried.tokens


def _locks_of(session: Session, account_id: int) -> set[str]:
    found = session.scalars(
        select(Door.device_ref).where(
            Door.tenant_id == current_tenant(), Door.account_id == account_id,
            Door.ended_at.is_(None),
        )
    )  # fmt: skip
    return set(found)


def _consent(provider: LockProvider) -> Consent:
    if provider.consent is None:
        raise Refused(Refusal("lock.no_page"))
    return provider.consent


def _mark(secret: str, session: str, state: str) -> str:
    return keyed_hash(secret, "lock consent", f"{session}:{state}")


def _note(
    session: Session, account_id: int, action: str, actor: Actor, *, now: datetime,
    facts: dict[str, str] | None = None,
) -> None:  # fmt: skip
    audit.note(
        session, actor, action, subject="lock_account", subject_id=account_id, now=now, facts=facts
    )
