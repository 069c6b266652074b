"""Wrong tries are counted: guessing becomes slow, and a rival still locks nobody out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.identity.proofs.models import WrongTry
from app.identity.service import Browser
from app.kernel.refusals import Refusal, Refused

COUNTED = timedelta(minutes=15)
MOST_HERE = 8  # for one person from one network
MOST_PER_NETWORK = 40  # a city's offices are one network
MOST_FROM_STRANGERS = 40  # for one person, from devices they never used


def check(session: Session, email: str, browser: Browser, *, now: datetime) -> None:
    """Raise Refused when there were too many wrong tries for now.

    A device on which the person signed in before is not counted among strangers, so that
    somebody who guesses on purpose keeps nobody out.
    """
    here = WrongTry.network == browser.network
    theirs = WrongTry.email == email
    counted = session.execute(
        select(
            func.count().filter(theirs & here),
            func.count().filter(here),
            func.count().filter(theirs & ~WrongTry.is_known_device),
        ).where(WrongTry.at > now - COUNTED, or_(theirs, here))
    ).one()
    limits = [MOST_HERE, MOST_PER_NETWORK, MOST_FROM_STRANGERS]
    if browser.is_known_device:
        limits = [MOST_HERE, 10**9, 10**9]
    if any(count >= most for count, most in zip(counted, limits, strict=True)):
        raise Refused(Refusal("sign_in.too_many_tries"))


def note(session: Session, email: str, browser: Browser, *, now: datetime) -> None:
    """Count a wrong try."""
    session.add(
        WrongTry(
            email=email, network=browser.network, is_known_device=browser.is_known_device, at=now
        )
    )
    session.flush()


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete tries that no longer count."""
    session.execute(delete(WrongTry).where(WrongTry.at < now - timedelta(days=1)))
