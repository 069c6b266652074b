"""What a worker found is written down, and when the grant is to be looked at again."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.proofs.sealing import seal
from app.locks.leases import URL, Leased, is_active, keep_pin, pin_of
from app.locks.models import AccessGrant, LockAccount
from app.locks.plans import new_key
from app.locks.ports import (
    SKEW,
    IssuedCode,
    LockAuth,
    LockConflict,
    LockError,
    LockInvalid,
    LockNotFound,
    LockRateLimited,
)
from app.locks.queries import grant_doors
from app.locks.states import GrantState, is_over

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=10)
# At a code that a lock has not confirmed yet: soon after it was made, then after twice as long
# each time; at most so long near its use, and else so long. A vendor's notice comes sooner, and
# each look counts against what it lets us ask.
LOOK_SOON, LOOK_AGAIN, LOOK_SELDOM = (
    timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10),
)  # fmt: skip
MEND_AGAIN: Final = timedelta(minutes=5)
LAST_LOOK: Final = timedelta(hours=2)  # before a use, once, whether the vendor still has the code
IN_FLIGHT: Final = timedelta(seconds=60)  # how long a call whose answer was lost may still be done
PIN_TAKEN: Final = "pin_taken"
IRREVOCABLE: Final = "irrevocable"  # taken away, and somebody who knows it gets in yet
MOST_HASTE: Final = 3  # times a conflict is tried again at once


@dataclass(frozen=True, slots=True)
class Gone:
    """The vendor has no such code, or has taken it away; `how`: revoked, missing, over."""

    how: str


@dataclass(frozen=True, slots=True)
class Holding:
    """Taken away at the vendor; a lock may hold it still, `for_good` until its end."""

    for_good: bool = False


Outcome = IssuedCode | Gone | Holding | LockError


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a grant: of what staff or the applicant are to hear."""

    grant: AccessGrant
    is_new_pin: bool = False  # another number than the applicant has seen
    became_ready: bool = False
    trouble: str | None = None  # a task's kind


def write(
    session: Session, leased: Leased, outcome: Outcome, *, secret: str, now: datetime
) -> Found | None:
    """Write what came of a deed; None when another worker has the grant meanwhile."""
    grant = session.scalar(
        select(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.id == leased.id,
            AccessGrant.lease == leased.lease,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if grant is None:
        return None
    found = _written(session, grant, leased, outcome, secret=secret, now=now)
    grant.lease = grant.lease_until = None
    if grant.version != leased.version and grant.next_at is not None:
        grant.next_at = now  # something else is wanted by now
    session.flush()
    return found


def _written(
    session: Session, grant: AccessGrant, leased: Leased, outcome: Outcome, *, secret: str,
    now: datetime,
) -> Found:  # fmt: skip
    if isinstance(outcome, IssuedCode):
        return _code(session, grant, leased, outcome, secret=secret, now=now)
    if isinstance(outcome, Gone):
        return _gone(grant, leased, outcome, now=now)
    if isinstance(outcome, Holding):
        grant.state, grant.tries, grant.error = GrantState.REVOKING, 0, None
        grant.told_version = leased.version
        grant.next_at = _end(grant) + SKEW if outcome.for_good else now + LOOK_AGAIN
        return Found(grant, trouble=IRREVOCABLE if outcome.for_good and _is_known(grant) else None)
    return _trouble(session, grant, leased, outcome, now=now)


def _code(
    session: Session, grant: AccessGrant, leased: Leased, code: IssuedCode, *, secret: str,
    now: datetime,
) -> Found:  # fmt: skip
    doors, was_ready = grant_doors(session, [grant.id])[grant.id], grant.state == GrantState.READY
    is_new_pin = code.pin is not None and code.pin != pin_of(grant, secret=secret)
    if code.pin is not None and is_new_pin:
        keep_pin(grant, code.pin, secret=secret)
    grant.sealed_url = seal(secret, URL, code.url) if code.url else None
    grant.refs, grant.holder_ref = dict(code.refs), code.holder_ref
    grant.effective_from, grant.effective_to = code.effective_from, code.effective_to
    grant.state, grant.error = GrantState(code.state), code.detail or None
    grant.tries = grant.tries + 1 if code.state == "failed" else 0
    if leased.deed in ("issue", "move"):
        grant.told_version = leased.version
    for one in doors:
        one.state = code.doors.get(one.device_ref, "pending")
    grant.next_at = _after_code(grant, now=now)
    became_ready = code.state == "ready" and not was_ready
    if became_ready:
        grant.ready_at = now
    return Found(
        grant,
        is_new_pin=is_new_pin and grant.shown_at is not None,
        became_ready=became_ready,
        trouble="sync_failed" if code.state == "failed" else None,
    )


def _after_code(grant: AccessGrant, *, now: datetime) -> datetime | None:
    if grant.told_version != grant.version or not is_active(grant):
        return now
    if grant.state == GrantState.FAILED:
        return now + MEND_AGAIN
    if grant.state == GrantState.PENDING:
        return now + _till_next_look(grant, now=now)
    last_look = grant.starts_at - LAST_LOOK
    return last_look if last_look > now else _end(grant)


def _till_next_look(grant: AccessGrant, *, now: datetime) -> timedelta:
    longest = LOOK_AGAIN if grant.starts_at - now < LAST_LOOK else LOOK_SELDOM
    waited = longest if grant.asked_at is None else now - grant.asked_at
    return min(max(waited, LOOK_SOON), longest)


def _end(grant: AccessGrant) -> datetime:
    return max(grant.ends_at, grant.effective_to or grant.ends_at)


def _gone(grant: AccessGrant, leased: Leased, gone: Gone, *, now: datetime) -> Found:
    if gone.how == "over" and is_over(grant.ends_at, grant.effective_to, now=now):
        grant.state, grant.next_at = GrantState.ENDED, None
        return Found(grant)
    if gone.how in ("revoked", "over") and not is_active(grant):
        put_away(grant, now=now)
        return Found(grant)
    if leased.deed == "find" and not is_active(grant):
        _wait_or_put_away(grant, now=now)
        return Found(grant)
    # It is wanted and is not there: never made, or taken away at the vendor by somebody's hand.
    # Under a key that a vendor has used it makes no second code.
    if leased.deed != "find":
        grant.key, grant.tries = new_key(), grant.tries + 1
    grant.refs, grant.holder_ref = {}, None
    grant.asked_at, grant.state = None, GrantState.PLANNED
    grant.next_at = now if grant.tries <= 1 else now + pause(grant.tries)
    return Found(grant)


def put_away(grant: AccessGrant, *, now: datetime) -> None:
    """End a grant whose code opens nothing any more; or begin it anew where it is wanted again."""
    grant.sealed_pin = grant.sealed_url = grant.pin_mark = None
    grant.state, grant.revoked_at, grant.next_at = GrantState.REVOKED, now, None


def _wait_or_put_away(grant: AccessGrant, *, now: datetime) -> None:
    """Give up looking for what a lost call may have made, once it can't be made any more."""
    in_flight_until = (grant.asked_at or now) + IN_FLIGHT
    if in_flight_until <= now:
        put_away(grant, now=now)
    else:
        grant.next_at = in_flight_until


def _trouble(
    session: Session, grant: AccessGrant, leased: Leased, error: LockError, *, now: datetime
) -> Found:
    grant.error = error.code
    if isinstance(error, LockRateLimited | LockAuth):
        return Found(grant, trouble=_rest(session, grant, error, now=now))
    if isinstance(error, LockNotFound):
        how = "missing" if is_active(grant) else "revoked"
        return _gone(grant, leased, Gone(how), now=now)
    grant.tries += 1
    grant.next_at = now + pause(grant.tries)
    if isinstance(error, LockConflict) and leased.deed in ("issue", "move"):
        _make_other(grant, error, leased)
        grant.next_at = now if grant.tries <= MOST_HASTE else grant.next_at
    elif isinstance(error, LockInvalid):
        grant.next_at = now + LONGEST_PAUSE
        if not is_active(grant):
            return Found(grant, trouble=IRREVOCABLE if _is_known(grant) else None)
        grant.state = GrantState.FAILED
        return Found(grant, trouble="refused")
    return Found(grant)


def _make_other(grant: AccessGrant, error: LockConflict, leased: Leased) -> None:
    """Choose another number, or another key where the vendor has ended what is under this one."""
    if error.code == PIN_TAKEN:
        grant.sealed_pin = grant.pin_mark = None
    elif leased.deed == "issue":
        grant.key = new_key()
    if leased.deed == "issue":
        grant.asked_at, grant.state = None, GrantState.PLANNED


def _rest(
    session: Session, grant: AccessGrant, error: LockRateLimited | LockAuth, *, now: datetime
) -> str | None:
    """Ask nothing of an account for a while; what could not be done is due when it has rested."""
    account = session.get(LockAccount, (current_tenant(), grant.account_id))
    assert account is not None
    is_auth = isinstance(error, LockAuth)
    rest = MEND_AGAIN if isinstance(error, LockAuth) else error.retry_after
    account.rest_until = grant.next_at = now + rest
    if is_auth:
        account.failing_since = account.failing_since or now
        account.error = error.code
    return "account" if is_auth else None


def _is_known(grant: AccessGrant) -> bool:
    """Say whether anybody was told the number: one that nobody knows opens nothing."""
    return grant.shown_at is not None


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries: doubled each time, and never in step."""
    doubled = min(FIRST_PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries
    return timedelta(seconds=doubled.total_seconds() * spread)
