"""Staff remind somebody of what is owed (督促・催告): by mail, or on paper and by telephone."""

from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.service.ending import is_own, locked
from app.booking.states import State
from app.db import audit
from app.db.audit import Actor, AuditEntry
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.waivers import is_waited_for
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.online.attempts import under_way
from app.payments.service import owed_yen

DEED = "payment.reminded"
MAIL, PAPER = "mail", "paper"
OWING = frozenset({State.PROVISIONAL, State.CONFIRMED, State.USED})


def demand(catalogue: Catalogue, booking_id: int, *, actor: Actor, now: datetime) -> str | None:
    """Remind of what a booking owes; return the way (MAIL, PAPER), None when it was done today.

    By mail where there is an address; otherwise it is noted that somebody calls or writes.
    The letter's subject is the deed in the audit, so that each day has one and no more.
    Raises Refused for one's own booking, and for what ended, is paid or just being paid, waits for
    its fee, or whose waiver is with the staff.
    """
    today = now.astimezone(catalogue.zone).date()

    def work(session: Session) -> str | None:
        booking = locked(session, booking_id)  # two who press at once come one by one
        if is_own(booking, actor):
            raise Refused(Refusal("payment.own"))
        owed = owed_yen(session, booking.id)
        is_answered_for = is_waited_for(session, booking.id) or under_way(session, [booking.id])
        if booking.state not in OWING or owed <= 0 or is_answered_for:
            raise Refused(Refusal("payment.no_reminder"))
        if _was_told(session, booking.id, today):
            return None
        way = MAIL if booking.account_id is not None else PAPER
        deed = audit.note_one(
            session, actor, DEED, subject="booking", subject_id=booking.id, now=now,
            facts={
                "on": today.isoformat(), "way": way, "owed_yen": owed,
                "late_days": _late_days(session, catalogue, booking, today),
            },
        )  # fmt: skip
        if booking.account_id is not None:
            email = email_of(session, booking.account_id)
            promise(session, "payment_overdue", subject_id=deed, email=email, now=now)
        return way

    return in_transaction(work)


def _was_told(session: Session, booking_id: int, today: date) -> bool:
    found = exists().where(
        AuditEntry.tenant_id == current_tenant(),
        AuditEntry.subject == "booking",
        AuditEntry.subject_id == booking_id,
        AuditEntry.action == DEED,
        AuditEntry.facts["on"].astext == today.isoformat(),
    )
    return bool(session.scalar(select(found)))


def _late_days(session: Session, catalogue: Catalogue, booking: Booking, today: date) -> int:
    """Return how many days ago the last day to pay was; of one that has none, that of its use."""
    due = booking.due_at or min(line.starts_at for line in lines_of(session, booking.id))
    return (today - (due - timedelta(seconds=1)).astimezone(catalogue.zone).date()).days
