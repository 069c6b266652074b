"""What staff and applicants hear of codes; never the number itself."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.db import audit
from app.db.audit import SERVICE
from app.db.session import current_tenant
from app.identity.queries import email_of
from app.locks import tasks
from app.locks.models import AccessGrant, LockAccount
from app.locks.outcomes import IRREVOCABLE, Found
from app.locks.ports import BOX
from app.locks.queries import doors_behind
from app.notify.service import promise

# What about a grant is settled when its code is in every lock.
ABOUT_READY = ("late", "urgent", "sync_failed", "refused")


def tell(session: Session, found: Found, *, now: datetime) -> None:
    """Make the tasks that came of a deed, end those that came right, write to the applicant."""
    grant = found.grant
    if found.became_ready:
        settle(session, grant, now=now)
        deed(session, grant, "key.ready", now=now)
    if found.trouble == "account":
        account = session.get_one(LockAccount, (current_tenant(), grant.account_id))
        ask_about_account(session, account, now=now)
    elif found.trouble is not None:
        _ask_about_trouble(session, grant, found.trouble, now=now)
    if found.is_new_pin or (found.became_ready and _is_instead_of_a_seen_one(session, grant)):
        tell_of_change(session, grant, now=now)


def _ask_about_trouble(
    session: Session, grant: AccessGrant, trouble: str, *, now: datetime
) -> None:
    """Make the task about a code; of doors that are used no more there is nothing to see to."""
    doors = [one for one in doors_behind(session, grant.id) if one.ended_at is None]
    if not doors:
        return
    account = session.get_one(LockAccount, (current_tenant(), grant.account_id))
    if trouble == IRREVOCABLE and account.provider == BOX:
        for box in doors:
            tasks.ask_to_turn(session, box, now=now)
        deed(session, grant, "key.left", now=now)
    elif ask_about(session, grant, trouble, now=now):
        deed(session, grant, "key.left" if trouble == IRREVOCABLE else "key.failed", now=now)


def ask_about(session: Session, grant: AccessGrant, kind: str, *, now: datetime) -> bool:
    """Make a task about a grant, once for what is wanted of it; True when it is new."""
    return tasks.ask_staff(
        session, kind, f"{kind}:{grant.id}:{grant.version}", booking_id=grant.booking_id,
        facility_id=grant.facility_id, grant_id=grant.id, facts={"why": grant.error}, now=now,
    )  # fmt: skip


def settle(session: Session, grant: AccessGrant, *, now: datetime) -> None:
    """End the tasks about a grant that came right, or that is not to be made any more."""
    tasks.settle_grants(session, [grant.id], ABOUT_READY, now=now)


def ask_about_account(session: Session, account: LockAccount, *, now: datetime) -> None:
    """Make a task about an account that does not let us in, once for as long as it fails."""
    about = f"account:{account.id}:{account.failing_since}"
    tasks.ask_staff(session, "account", about, facts={"account": account.id}, now=now)


def hear_from(session: Session, account: LockAccount, *, now: datetime) -> None:
    """Write that an account answers, and end the task about it."""
    tasks.settle_beginning(session, [f"account:{account.id}"], now=now)
    account.heard_at = now
    account.failing_since = account.error = account.rest_until = None


def deed(session: Session, grant: AccessGrant, action: str, *, now: datetime) -> None:
    """Write down what became of a code, with its booking."""
    audit.note(
        session, SERVICE, action, subject="booking", subject_id=grant.booking_id, now=now,
        facts={"grant": grant.id, "why": grant.error},
    )  # fmt: skip


def tell_of_change(session: Session, grant: AccessGrant, *, now: datetime) -> None:
    """Write down that somebody knows another number than the one that opens, and tell them so.

    Whom no letter reaches, staff are to call.
    """
    entry_id = audit.note_one(
        session, SERVICE, "key.changed", subject="booking", subject_id=grant.booking_id, now=now,
        facts={"grant": grant.id},
    )  # fmt: skip
    if (email := _email_of(session, grant)) is not None:
        promise(session, "key_changed", subject_id=entry_id, email=email, now=now)
        return
    tasks.settle_grants(session, [grant.id], (tasks.CHANGED,), now=now)
    tasks.ask_staff(
        session, tasks.CHANGED, f"{tasks.CHANGED}:{grant.id}:{entry_id}",
        booking_id=grant.booking_id, facility_id=grant.facility_id, grant_id=grant.id, now=now,
    )  # fmt: skip


def tell_of_code(session: Session, grant: AccessGrant, *, now: datetime) -> None:
    """Promise the one letter that leads to the page with a code."""
    if (email := _email_of(session, grant)) is not None:
        promise(session, "key_open", subject_id=grant.id, email=email, now=now)


def _email_of(session: Session, grant: AccessGrant) -> str | None:
    """Return where the applicant reads mail; whoever booked by telephone has no address here."""
    account_id = session.scalar(
        select(Booking.account_id).where(
            Booking.tenant_id == current_tenant(), Booking.id == grant.booking_id
        )
    )
    return None if account_id is None else email_of(session, account_id)


def _is_instead_of_a_seen_one(session: Session, grant: AccessGrant) -> bool:
    """Say whether the applicant knows the number of the code that this one came instead of."""
    if grant.replaces_id is None or grant.shown_at is not None:
        return False
    before = session.get(AccessGrant, (current_tenant(), grant.replaces_id))
    return before is not None and before.shown_at is not None
