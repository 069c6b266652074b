"""Of which booking a letter tells, and what else it says, by its template."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.booking.floor import Closure, Displacement
from app.booking.models import BookingChange, BookingLine, ReviewStep
from app.db.audit import AuditEntry
from app.db.session import current_tenant
from app.locks.contacts import contacts_of
from app.locks.models import AccessGrant, AccessGrantLine, LockAccount
from app.locks.openings import lines_behind
from app.locks.ports import BOX
from app.payments.online import attempts
from app.payments.refunds.models import Refund
from app.payments.service import entry_with
from app.usecases.letter_payments import had_number, parts_told, received

About = tuple[int, dict[str, Any]]  # the booking's id, and what else is said
# What templates of bookings may ask for, whatever the letter is about.
NOTHING: Final[Mapping[str, Any]] = {
    "changed": [], "closure": None, "review": None, "ended_at": None, "moved": True,
}  # fmt: skip


def about(session: Session, template: str, subject_id: int) -> About:
    """Return of which booking a letter tells, and what else it says."""
    if template not in _ABOUT:
        return subject_id, dict(NOTHING)  # its subject is the booking
    booking_id, more = _ABOUT[template](session, subject_id)
    return booking_id, {**NOTHING, **more}


def _cancelled(session: Session, line_id: int) -> About:
    line = session.get_one(BookingLine, (current_tenant(), line_id))
    return line.booking_id, {"ended_at": line.ended_at}


def _displaced(session: Session, line_id: int) -> About:
    booking_id, more = _cancelled(session, line_id)
    return booking_id, {**more, "closure": _closure_of(session, line_id)}


def _changed(session: Session, change_id: int) -> About:
    change = session.get_one(BookingChange, (current_tenant(), change_id))
    return change.booking_id, {"changed": change.lines, "moved": any(map(_is_moved, change.lines))}


def _is_moved(line: Mapping[str, Any]) -> bool:
    """Say whether a line has another room, day or time than before."""
    where = ("room_id", "on", "starts_at", "ends_at")
    return any(line["before"][name] != line["after"][name] for name in where)


def _reviewed(session: Session, step_id: int) -> About:
    review = session.get_one(ReviewStep, (current_tenant(), step_id))
    return review.booking_id, {"review": review}


def _paid(session: Session, entry_id: int) -> About:
    entry = entry_with(session, entry_id)
    return entry.booking_id, {"paid_yen": abs(entry.yen), "paid_by": entry.method}


def _received(session: Session, entry_id: int) -> About:
    booking_id, more = _paid(session, entry_id)
    return booking_id, {**more, **received(session, entry_with(session, entry_id))}


def _refunded(session: Session, refund_id: int) -> About:
    refund = session.get_one(Refund, (current_tenant(), refund_id))
    return refund.booking_id, {"refund": refund}


def _at_a_shop(session: Session, attempt_id: int) -> About:
    attempt = attempts.known(session, attempt_id)
    parts = parts_told(session, attempt.id)
    return parts[0].booking.id, {"attempt": attempt, "parts": parts}


def _lapsed(session: Session, booking_id: int) -> About:
    return booking_id, {"had_number": had_number(session, booking_id)}


def _key(session: Session, grant_id: int) -> About:
    grant = session.get_one(AccessGrant, (current_tenant(), grant_id))
    contact = contacts_of(session, [grant.facility_id]).get(grant.facility_id)
    account = session.get_one(LockAccount, (current_tenant(), grant.account_id))
    told = {"grant": grant, "contact": contact, "is_box": account.provider == BOX}
    lines = lines_behind(session, grant.id)
    return grant.booking_id, {**told, "used": _used(session, grant), "grant_lines": lines}


def _used(session: Session, grant: AccessGrant) -> tuple[datetime, datetime]:
    """Return from when to when the rooms are used that a code is for."""
    lines = select(AccessGrantLine.line_id).where(
        AccessGrantLine.tenant_id == current_tenant(), AccessGrantLine.grant_id == grant.id
    )
    first, last = session.execute(
        select(func.min(BookingLine.starts_at), func.max(BookingLine.ends_at)).where(
            BookingLine.tenant_id == current_tenant(), BookingLine.id.in_(lines)
        )
    ).one()
    return first or grant.starts_at, last or grant.ends_at


def _deed(session: Session, entry_id: int) -> About:
    """A letter about a deed of staff: there may be several of one booking."""
    deed = session.get_one(AuditEntry, (current_tenant(), entry_id))
    return deed.subject_id, {"deed": deed.facts}


_ABOUT: Final[Mapping[str, Callable[[Session, int], About]]] = {
    "booking_cancelled": _cancelled,
    "booking_displaced": _displaced,
    "booking_lapsed": _lapsed,
    "booking_changed": _changed,
    "review_answered": _reviewed,
    "payment_received": _received,
    "payment_taken_back": _paid,
    "payment_revived": _paid,
    "payment_returned": _paid,
    "refund_done": _refunded,
    "refund_details": _refunded,
    "payment_waiting": _at_a_shop,
    "payment_number_ended": _at_a_shop,
    "payment_overdue": _deed,
    "fee_credited": _deed,
    "key_open": _key,
    "key_changed": _deed,
}


def _closure_of(session: Session, line_id: int) -> Closure:
    """Return the closure for which a line had to give way."""
    return session.scalars(
        select(Closure)
        .join(
            Displacement,
            (Displacement.tenant_id == Closure.tenant_id) & (Displacement.closure_id == Closure.id),
        )
        .where(Closure.tenant_id == current_tenant(), Displacement.booking_line_id == line_id)
    ).one()
