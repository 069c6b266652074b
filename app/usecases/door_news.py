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
from app.locks.outcomes import Found
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
        about = f"account:{account.id}:{account.failing_since}"
        tasks.ask_staff(session, "account", about, facts={"account": account.id}, now=now)
    elif found.trouble is not None:
        ask_about(session, grant, found.trouble, now=now)
        deed(session, grant, "key.failed", now=now)
    if found.is_new_pin:
        write_to_applicant(session, grant, "key_changed", now=now)
        deed(session, grant, "key.changed", now=now)


def ask_about(session: Session, grant: AccessGrant, kind: str, *, now: datetime) -> bool:
    """Make a task about a grant, once for what is wanted of it; True when it is new."""
    return tasks.ask_staff(
        session, kind, about(kind, grant), booking_id=grant.booking_id,
        facility_id=grant.facility_id, grant_id=grant.id, facts={"why": grant.error}, now=now,
    )  # fmt: skip


def settle(session: Session, grant: AccessGrant, *, now: datetime) -> None:
    """End the tasks about a grant that came right."""
    tasks.settle(session, [about(kind, grant) for kind in ABOUT_READY], now=now)


def about(kind: str, grant: AccessGrant) -> str:
    """Return what a task about a grant is made once for."""
    return f"{kind}:{grant.id}:{grant.version}"


def deed(session: Session, grant: AccessGrant, action: str, *, now: datetime) -> None:
    """Write down what became of a code, with its booking."""
    audit.note(
        session, SERVICE, action, subject="booking", subject_id=grant.booking_id, now=now,
        facts={"grant": grant.id, "why": grant.error},
    )  # fmt: skip


def write_to_applicant(session: Session, grant: AccessGrant, letter: str, *, now: datetime) -> None:
    """Promise a letter that leads to the page with the code; whoever has no address gets none."""
    account_id = session.scalar(
        select(Booking.account_id).where(
            Booking.tenant_id == current_tenant(), Booking.id == grant.booking_id
        )
    )
    if account_id is None:
        return
    email = email_of(session, account_id)
    if letter == "key_changed":
        promise(session, "key_changed", subject_id=grant.id, email=email, now=now)
    else:
        promise(session, "key_open", subject_id=grant.id, email=email, now=now)
