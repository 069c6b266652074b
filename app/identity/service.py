"""Signing in by a code sent by mail, and saying who one is to a municipality."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity import codes
from app.identity.models import Account, ApiToken, Resident, SignedIn, SignInAttempt
from app.kernel.refusals import Refusal, Refused

STAYS_SIGNED_IN = timedelta(days=90)
STAYS_ON_SHARED_DEVICE = timedelta(hours=12)  # whoever else uses it finds nobody signed in
HOUR = timedelta(hours=1)
MOST_PER_ADDRESS = 5  # codes an hour for one address and network
MOST_PER_NETWORK = 100  # codes an hour; a library or a carrier is one network
MOST_FOR_STRANGERS = 20  # codes an hour for one address from unknown devices, wherever they are


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from: a keyed hash of its network, and whether it signed in before."""

    network: str
    is_known_device: bool = False


def begin(session: Session, *, email: str, browser: Browser, now: datetime) -> SignInAttempt:
    """Note that a browser asks for a code for an address; the code goes by mail.

    Raises Refused when too many were asked for. A device on which this person signed in before
    is counted by itself, so that a rival who asks again and again locks nobody out.
    """
    recent = SignInAttempt.created_at > now - HOUR
    same_address = SignInAttempt.email == email
    here = SignInAttempt.network == browser.network
    counted = session.execute(
        select(
            func.count().filter(same_address & here),
            func.count().filter(here),
            func.count().filter(same_address & ~SignInAttempt.is_known_device),
        ).where(recent, same_address | here)
    ).one()
    limits = (MOST_PER_ADDRESS, MOST_PER_NETWORK, MOST_FOR_STRANGERS)
    if browser.is_known_device:
        limits = (MOST_PER_ADDRESS * 2, MOST_PER_NETWORK * 2, 10**9)
    if any(count >= most for count, most in zip(counted, limits, strict=True)):
        raise Refused(Refusal("sign_in.too_many_codes"))
    attempt = SignInAttempt(
        email=email,
        salt=codes.new_salt(),
        network=browser.network,
        is_known_device=browser.is_known_device,
        created_at=now,
        expires_at=now + codes.VALID,
        wrong_tries=0,
    )
    session.add(attempt)
    session.flush()
    return attempt


def finish(
    session: Session,
    *,
    attempt_id: int,
    code: str,
    secret: str,
    now: datetime,
    stays: timedelta = STAYS_SIGNED_IN,
) -> tuple[int, str] | None:
    """Sign in with a code; return the account and a new session token, None when it is wrong.

    Raises Refused as use_code does, and like there the caller commits either way.
    """
    email = use_code(session, attempt_id=attempt_id, code=code, secret=secret, now=now)
    if email is None:
        return None
    account_id = account_with(session, email, now=now)
    return account_id, open_session(session, account_id, secret=secret, now=now, stays=stays)


def use_code(
    session: Session, *, attempt_id: int, code: str, secret: str, now: datetime
) -> str | None:
    """Use a code up; return the address that it was sent to, None when it is wrong.

    Raises Refused when the code is too old, was used, or was guessed at too often. A wrong
    guess is counted, so the caller commits either way.
    """
    attempt = session.scalar(
        select(SignInAttempt).where(SignInAttempt.id == attempt_id).with_for_update()
    )
    if attempt is None or attempt.used_at is not None or attempt.expires_at <= now:
        raise Refused(Refusal("sign_in.code_expired"))
    if attempt.wrong_tries >= codes.MOST_WRONG_TRIES:
        raise Refused(Refusal("sign_in.code_dead"))
    if not codes.is_right(code, secret, attempt.id, attempt.salt):
        attempt.wrong_tries += 1
        return None
    attempt.used_at = now
    return attempt.email


_ACCOUNT = select(Account.id).where(Account.email == bindparam("email"))


def account_with(session: Session, email: str, *, now: datetime) -> int:
    """Return the account of an address, made now if there is none."""
    found = session.scalar(_ACCOUNT, {"email": email})
    if found is not None:
        return found
    session.execute(insert(Account).values(email=email, created_at=now).on_conflict_do_nothing())
    return session.scalars(_ACCOUNT, {"email": email}).one()


def open_session(
    session: Session,
    account_id: int,
    *,
    secret: str,
    now: datetime,
    stays: timedelta = STAYS_SIGNED_IN,
    is_staff: bool = False,
) -> str:
    """Open a session and return its token; only a keyed hash of it is stored.

    `is_staff`: it was proved as staff do, so that roles count in it.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        SignedIn(
            account_id=account_id,
            token_hash=codes.keyed_hash(secret, "session", token),
            created_at=now,
            expires_at=now + stays,
            is_staff=is_staff,
            seen_at=now,
            proved_at=now,
        )
    )
    session.flush()
    return token


def note_proved(session: Session, token_hash: str, account_id: int, *, now: datetime) -> None:
    """Note that the person of a session has just proved again who they are."""
    session.execute(
        update(SignedIn)
        .where(SignedIn.token_hash == token_hash, SignedIn.account_id == account_id)
        .values(proved_at=now)
    )


def close_session(session: Session, token_hash: str) -> None:
    """Sign one browser out."""
    session.execute(delete(SignedIn).where(SignedIn.token_hash == token_hash))


def say_who(
    session: Session,
    account_id: int,
    *,
    name: str,
    kana: str,
    phone: str,
    applicant_class: str,
    now: datetime,
) -> None:
    """Keep what a person says of themselves to the current municipality."""
    said = {"name": name, "kana": kana, "phone": phone, "changed_at": now}
    session.execute(
        insert(Resident)
        .values(
            tenant_id=current_tenant(),
            account_id=account_id,
            applicant_class=applicant_class,
            created_at=now,
            **said,
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "account_id"],
            set_={**said, "applicant_class": applicant_class},
        )
    )


def meet(
    session: Session,
    account_id: int,
    *,
    name: str,
    kana: str,
    phone: str,
    applicant_class: str,
    now: datetime,
) -> str:
    """Make a person known to the current municipality unless they are; return their class there.

    For those who did not sign in: somebody else can't change what a person said of themselves.
    Whether the class may be taken from what was said is for the caller to know.
    """
    mine = (Resident.tenant_id == current_tenant(), Resident.account_id == account_id)
    known_as = session.scalar(select(Resident.applicant_class).where(*mine))
    if known_as is not None:
        return known_as
    session.execute(
        insert(Resident)
        .values(
            tenant_id=current_tenant(),
            account_id=account_id,
            name=name,
            kana=kana,
            phone=phone,
            applicant_class=applicant_class,
            created_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "account_id"])
    )
    return session.scalars(select(Resident.applicant_class).where(*mine)).one()


def make_token(
    session: Session, *, name: str, rights: str, secret: str, now: datetime
) -> tuple[int, str]:
    """Make a program's token for the current municipality; it is shown once."""
    token = f"kaikan_{secrets.token_urlsafe(32)}"
    row = ApiToken(
        tenant_id=current_tenant(),
        name=name,
        token_hash=codes.keyed_hash(secret, "api", token),
        rights=rights,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id, token


def revoke_token(session: Session, token_id: int, *, now: datetime) -> None:
    """End a program's token."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.tenant_id == current_tenant(), ApiToken.id == token_id)
        .values(revoked_at=now)
    )


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete attempts of yesterday and sessions that ended."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < now - HOUR * 24))
    session.execute(delete(SignedIn).where(SignedIn.expires_at <= now))
