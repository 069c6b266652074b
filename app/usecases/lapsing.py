"""Bookings that were not paid by their deadline lapse, each exactly once (自動取消)."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.service.ending import lapse, locked, overdue
from app.db import audit
from app.db.audit import SERVICE
from app.db.session import in_transaction
from app.identity.queries import email_of
from app.notify.service import promise
from app.payments.service import Entry, enter


def lapse_overdue(*, now: datetime) -> int:
    """Let every overdue booking of the current municipality lapse; return how many did.

    One that can't stops no other: what went wrong is raised, as a group, when all had their turn.
    """
    lapsed, wrong = 0, []
    for booking_id in in_transaction(lambda session: overdue(session, now=now)):
        try:
            lapsed += _lapse_one(booking_id, now=now)
        except Exception as error:
            error.add_note(f"booking {booking_id}")
            wrong.append(error)
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} bookings could not lapse, {lapsed} did", wrong)
    return lapsed


def _lapse_one(booking_id: int, *, now: datetime) -> bool:
    """Let one booking lapse, unless it was paid or cancelled meanwhile."""

    def work(session: Session) -> bool:
        booking = locked(session, booking_id)
        lines = lapse(session, booking, now=now)
        if not lines:
            return False
        released = [Entry("release", -(line.fee_yen or 0), line.id) for line in lines]
        enter(session, released, booking_id=booking.id, actor=SERVICE, now=now)
        audit.note(
            session,
            SERVICE,
            "booking.lapsed",
            subject="booking",
            subject_id=booking.id,
            now=now,
            facts={"lines": [line.id for line in lines], "state": booking.state},
        )
        if booking.account_id is not None:
            email = email_of(session, booking.account_id)
            promise(session, "booking_lapsed", subject_id=booking.id, email=email, now=now)
        return True

    return in_transaction(work)
