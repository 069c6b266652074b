"""Who did what to which booking and when, from the audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.db.audit import AuditEntry
from app.db.session import current_tenant
from app.identity.models import Account
from app.identity.staff.models import Staff
from app.kernel.spans import instant

SUBJECTS = (
    "booking",
    "export",
    "waiver",
    "rules",
    "staff",
    "account",
    "facility",
    "display",
    "till",
    "payee_account",
    "task",
    "door",
    "lock_account",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that somebody did; the name is known of staff only."""

    entry_id: int
    at: datetime
    actor_kind: str
    actor_name: str | None
    actor_email: str | None
    is_applicant: bool
    action: str
    number: str | None
    facts: dict[str, Any]

    @property
    def line_ids(self) -> Sequence[int]:
        """Return the lines that it concerns; none: the whole booking."""
        return list(self.facts.get("lines") or ())


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the audit somebody asks for."""

    zone: ZoneInfo
    from_day: date | None = None
    to_day: date | None = None
    number: str = ""
    before: int | None = None  # entries older than this one: pages never shift
    who: str = ""  # part of a member of staff's name, or of anybody's address
    action: str = ""


def history_of(session: Session, booking_id: int) -> list[Event]:
    """Return everything that was done to a booking, the first first."""
    of_booking = and_(AuditEntry.subject == "booking", AuditEntry.subject_id == booking_id)
    rows = session.execute(_events().where(of_booking).order_by(AuditEntry.at, AuditEntry.id))
    return [Event(*row) for row in rows]


def audit_page(session: Session, asked: Asked, *, limit: int) -> list[Event]:
    """Return entries of the audit, the newest first."""
    rows = session.execute(
        _events().where(*_conditions(asked)).order_by(AuditEntry.id.desc()).limit(limit)
    )
    return [Event(*row) for row in rows]


def _events() -> Select[*tuple[Any, ...]]:
    # Somebody who manages two halls has two rows of staff, with one name.
    name = (
        select(func.min(Staff.name))
        .where(Staff.tenant_id == AuditEntry.tenant_id, Staff.account_id == AuditEntry.account_id)
        .correlate(AuditEntry)
        .scalar_subquery()
    )
    return (
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.actor_kind,
            name,
            Account.email,
            func.coalesce(AuditEntry.account_id == Booking.account_id, False),
            AuditEntry.action,
            Booking.number,
            AuditEntry.facts,
        )
        .outerjoin(
            Booking,
            and_(
                AuditEntry.subject == "booking",
                Booking.tenant_id == AuditEntry.tenant_id,
                Booking.id == AuditEntry.subject_id,
            ),
        )
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(AuditEntry.tenant_id == current_tenant())
    )


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [AuditEntry.subject.in_(SUBJECTS)]
    if asked.from_day is not None:
        found.append(AuditEntry.at >= instant(asked.from_day, 0, asked.zone))
    if asked.to_day is not None:
        found.append(AuditEntry.at < instant(asked.to_day + timedelta(days=1), 0, asked.zone))
    if asked.number:
        found.append(Booking.number == asked.number)
    if asked.action:
        found.append(AuditEntry.action == asked.action)
    if asked.who:
        found.append(_did(asked.who))
    if asked.before is not None:
        found.append(AuditEntry.id < asked.before)
    return found


def _did(who: str) -> ColumnElement[bool]:
    """Return the condition that somebody with this in their name or address did it."""
    named = select(Staff.account_id).where(
        Staff.tenant_id == current_tenant(), _without_spaces(who)
    )
    return or_(
        AuditEntry.account_id.in_(named),
        Account.email.icontains(who, autoescape=True),
    )


def _without_spaces(who: str) -> ColumnElement[bool]:
    """Return the condition that a name contains it, with or without a space between its parts."""
    plain = func.replace(func.replace(Staff.name, " ", ""), "\u3000", "")
    return plain.icontains("".join(who.split()), autoescape=True)
