"""A person asks for a code by mail and signs in with it; a session can be ended anywhere."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.identity import service
from app.identity.queries import account_of
from app.identity.service import Browser
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise


def ask_for_code(*, email: str, browser: Browser, now: datetime) -> int:
    """Send a code to an address and return the attempt it belongs to.

    The answer is the same whether or not the address has an account. Raises Refused when
    too many codes were asked for.
    """

    def work(session: Session) -> int:
        attempt = service.begin(session, email=email, browser=browser, now=now)
        promise(session, "sign_in_code", subject_id=attempt.id, email=email, now=now)
        return attempt.id

    return in_transaction(work)


def sign_in(
    *,
    attempt_id: int,
    code: str,
    secret: str,
    request_id: str,
    now: datetime,
    stays: timedelta = service.STAYS_SIGNED_IN,
) -> str:
    """Sign in with a code and return the session's token; raises Refused."""

    def work(session: Session) -> str | None:
        done = service.finish(
            session, attempt_id=attempt_id, code=code, secret=secret, now=now, stays=stays
        )
        if done is None:
            return None
        account_id, token = done
        actor = Actor("resident", account_id=account_id, request_id=request_id)
        audit.note(session, actor, "signed_in", subject="account", subject_id=account_id, now=now)
        return token

    token = in_transaction(work)
    if token is None:
        raise Refused(Refusal("sign_in.code_wrong"))
    return token


def prove_again(
    *,
    account_id: int,
    token_hash: str,
    attempt_id: int,
    code: str,
    secret: str,
    request_id: str,
    now: datetime,
) -> None:
    """Let a session count as just proved, with a code sent to its own address; raises Refused."""

    def work(session: Session) -> bool:
        email = service.use_code(session, attempt_id=attempt_id, code=code, secret=secret, now=now)
        if email is None:
            return False
        if account_of(session, email) != account_id:
            raise Refused(Refusal("sign_in.code_expired"))
        service.note_proved(session, token_hash, account_id, now=now)
        actor = Actor("resident", account_id=account_id, request_id=request_id)
        audit.note(
            session, actor, "proved_again", subject="account", subject_id=account_id, now=now,
            facts={"how": "mail"},
        )  # fmt: skip
        return True

    if not in_transaction(work):
        raise Refused(Refusal("sign_in.code_wrong"))


def sign_out(token_hash: str) -> None:
    """End a session."""
    in_transaction(lambda session: service.close_session(session, token_hash))


def say_who(
    account_id: int, *, name: str, kana: str, phone: str, applicant_class: str, now: datetime
) -> None:
    """Keep what a person says of themselves to the current municipality."""
    in_transaction(
        lambda session: service.say_who(
            session,
            account_id,
            name=name,
            kana=kana,
            phone=phone,
            applicant_class=applicant_class,
            now=now,
        )
    )
