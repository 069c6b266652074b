"""A worker moves locks towards what is wanted: takes a grant, asks the vendor, writes what came."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.db.session import current_tenant, in_transaction
from app.locks.leases import Leased, take
from app.locks.models import LockAccount
from app.locks.outcomes import Found, Gone, Holding, Outcome, write
from app.locks.ports import LockError, LockProvider, LockTransient
from app.usecases.door_news import hear_from, tell
from app.usecases.lock_accounts import Locks

log = logging.getLogger("kaikan.doors")

MOST_AT_ONCE: Final = 500  # of one municipality, before the next has its turn
HEARD: Final = timedelta(minutes=1)  # how finely it is written when an account last answered


class Worker:
    """Sees to grants of one municipality until nothing is due, one after another.

    The time is asked for anew at each: a run lasts for minutes where a vendor is slow, and a lease
    that is counted from the run's beginning would have ended when it is taken.
    """

    def __init__(self, locks: Locks, now: Callable[[], datetime]) -> None:
        self._locks, self._now = locks, now
        self._kept: dict[int, LockProvider] = {}

    def work(self) -> int:
        """See to what is due; return how many were seen to. Trouble of one stops no other."""
        try:
            return self._worked()
        finally:
            for provider in self._kept.values():
                provider.forget()
            self._kept.clear()

    def _worked(self) -> int:
        done, leased = 0, in_transaction(self._take)
        while leased is not None:
            done += 1
            written = partial(
                self._write, leased, self._asked(leased), is_last=done == MOST_AT_ONCE
            )
            leased = in_transaction(written)
        return done

    def _take(self, session: Session) -> Leased | None:
        return take(session, secret=self._locks.secret, told_of=_told_of, now=self._now())

    def _asked(self, leased: Leased) -> Outcome:
        """Ask the vendor; what is no answer at all is as if none had come.

        Otherwise a vendor that speaks nonsense of one code would keep the worker from all others.
        """
        try:
            return do(self._provider(leased.account_id), leased)
        except LockError as error:
            return error
        except Exception as error:
            name = type(error).__name__  # not its words: they may be the vendor's, with a number
            log.error("door_deed_failed", extra={"grant": leased.id, "error": name})
            return LockTransient(name)

    def _write(
        self, leased: Leased, outcome: Outcome, session: Session, *, is_last: bool
    ) -> Leased | None:
        """Write what came of a deed, and take the next in the same breath unless it is the last."""
        now = self._now()
        found = write(session, leased, outcome, secret=self._locks.secret, now=now)
        if found is not None:
            _account_answered(session, found, outcome, now=now)
            tell(session, found, now=now)
        return None if is_last else self._take(session)

    def _provider(self, account_id: int) -> LockProvider:
        if account_id not in self._kept:
            self._kept[account_id] = self._locks.provider(account_id)
        return self._kept[account_id]


def do(provider: LockProvider, leased: Leased) -> Outcome:
    """Ask the vendor for the one deed that a grant needs. Raises LockError."""
    if leased.deed == "close":
        return _closed(provider, leased)
    if leased.deed == "nothing":
        return Gone("over")
    if leased.deed == "revoke":
        left = provider.revoke(leased.refs)
        return Gone("revoked") if left == "done" else Holding(for_good=left == "impossible")
    wanted = leased.request()
    if leased.deed == "issue":
        return provider.issue(wanted)
    if leased.deed == "move":
        return provider.reschedule(leased.refs, wanted)
    found = provider.find(wanted) if leased.deed == "find" else provider.fetch(leased.refs)
    return Gone("missing") if found is None else found


def _closed(provider: LockProvider, leased: Leased) -> Gone:
    """Take a code away at its end, where the lock would not forget it by itself."""
    if leased.refs:
        able = provider.capabilities(leased.doors[0])
        if not able.window_enforced_by_lock and able.revocable:
            provider.revoke(leased.refs)
    return Gone("over")


def _account_answered(session: Session, found: Found, outcome: Outcome, *, now: datetime) -> None:
    if isinstance(outcome, LockError):
        return
    account = session.get(LockAccount, (current_tenant(), found.grant.account_id))
    assert account is not None
    if account.heard_at is None or account.error or now - account.heard_at > HEARD:
        hear_from(session, account, now=now)


def _told_of(session: Session, booking_id: int) -> tuple[str, str]:
    """Return number and telephone of a booking."""
    number, phone = session.execute(
        select(Booking.number, Booking.applicant_phone).where(
            Booking.tenant_id == current_tenant(), Booking.id == booking_id
        )
    ).one()
    return number or "", phone or ""
