"""Staff prove who they are: a password and then six digits, or a passkey; then roles count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.identity.models import Account, SignedIn
from app.identity.proofs import authenticator, passkeys, passwords, recovery, tries
from app.identity.proofs.models import StaffProof
from app.identity.proofs.passkeys import Site
from app.identity.proofs.sealing import unseal
from app.identity.queries import email_of
from app.identity.service import Browser, open_session
from app.kernel.refusals import Refusal, Refused

ABSOLUTE = timedelta(hours=12)  # then even a busy session proves itself anew
SEALED_FOR = "authenticator"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, from where, when, and with which secret the service keeps things."""

    browser: Browser
    secret: str
    request_id: str
    now: datetime


def check_password(email: str, password: str, visit: Visit) -> int:
    """Return the account whose password this is; raises Refused, also after too many tries."""

    def work(session: Session) -> int | None:
        tries.check(session, email, visit.browser, now=visit.now)
        found = session.execute(
            select(Account.id, StaffProof)
            .join(StaffProof, StaffProof.account_id == Account.id)
            .where(Account.email == email)
        ).first()
        if not passwords.is_right(found[1].password_hash if found else None, password):
            tries.note(session, email, visit.browser, now=visit.now)
            return None
        assert found is not None
        if passwords.is_outdated(found[1].password_hash or ""):
            found[1].password_hash = passwords.hashed(password)
        return int(found[0])

    account_id = in_transaction(work)
    if account_id is None:
        raise Refused(Refusal("sign_in.password_wrong"))
    return account_id


def check_second(account_id: int, typed: str, visit: Visit) -> str:
    """Return a session's token for six digits of the app, or for a code on paper.

    Each works once. Raises Refused, also after too many tries.
    """

    def work(session: Session) -> str | None:
        how = _second(session, account_id, typed, visit)
        return _opened(session, account_id, how, visit) if how else None

    token = in_transaction(work)
    if token is None:
        raise Refused(Refusal("sign_in.digits_wrong"))
    return token


def enter_with_passkey(
    site: Site, answer: Mapping[str, Any], challenge: str, visit: Visit
) -> tuple[int, str]:
    """Return the account whose passkey signed the challenge, and a session's token for it."""

    def work(session: Session) -> tuple[int, str]:
        account_id = passkeys.account_of(session, site, answer, challenge, now=visit.now)
        return account_id, _opened(session, account_id, "passkey", visit)

    return in_transaction(work)


def prove_again(account_id: int, token_hash: str, typed: str, visit: Visit) -> None:
    """Let a session count as just proved, for what asks for it; raises Refused."""

    def work(session: Session) -> bool:
        how = _second(session, account_id, typed, visit)
        if how:
            _proved(session, account_id, token_hash, how, visit)
        return how is not None

    if not in_transaction(work):
        raise Refused(Refusal("sign_in.digits_wrong"))


def prove_again_with_passkey(
    account_id: int,
    token_hash: str,
    site: Site,
    answer: Mapping[str, Any],
    challenge: str,
    visit: Visit,
) -> None:
    """Let a session count as just proved by a passkey of the same person; raises Refused."""

    def work(session: Session) -> None:
        whose = passkeys.account_of(session, site, answer, challenge, now=visit.now)
        if whose != account_id:
            raise Refused(Refusal("passkey.not_known"))
        _proved(session, account_id, token_hash, "passkey", visit)

    in_transaction(work)


def note_seen(token_hash: str, *, now: datetime) -> None:
    """Note that a session of staff is in use; to the minute, so that pages seldom write."""
    in_transaction(
        lambda session: session.execute(
            update(SignedIn).where(SignedIn.token_hash == token_hash).values(seen_at=now)
        )
    )


def _second(session: Session, account_id: int, typed: str, visit: Visit) -> str | None:
    """Return which second proof was given and use it up, or None and count a wrong try."""
    email = email_of(session, account_id)
    tries.check(session, email, visit.browser, now=visit.now)
    kept = session.get(StaffProof, account_id)
    digits = typed.replace(" ", "").replace("-", "")
    if kept is not None and kept.sealed_secret and digits.isascii() and digits.isdecimal():
        shared = unseal(visit.secret, SEALED_FOR, kept.sealed_secret)
        step = authenticator.step_of(shared, digits, now=visit.now)
        if step is not None and authenticator.use_up(session, account_id, step):
            return "authenticator"
    elif recovery.use(session, account_id, typed, secret=visit.secret, now=visit.now):
        return "recovery_code"
    tries.note(session, email, visit.browser, now=visit.now)
    return None


def _opened(session: Session, account_id: int, how: str, visit: Visit) -> str:
    token = open_session(
        session, account_id, secret=visit.secret, now=visit.now, stays=ABSOLUTE, is_staff=True
    )
    _note(session, "signed_in", account_id, how, visit)
    return token


def _proved(session: Session, account_id: int, token_hash: str, how: str, visit: Visit) -> None:
    mine = (SignedIn.token_hash == token_hash, SignedIn.account_id == account_id)
    session.execute(update(SignedIn).where(*mine).values(proved_at=visit.now, seen_at=visit.now))
    _note(session, "proved_again", account_id, how, visit)


def _note(session: Session, action: str, account_id: int, how: str, visit: Visit) -> None:
    actor = Actor("staff", account_id=account_id, request_id=visit.request_id)
    audit.note(
        session, actor, action, subject="account", subject_id=account_id, now=visit.now,
        facts={"how": how},
    )  # fmt: skip
