"""Bookings lapse, each exactly once: not paid by their deadline, or never permitted (自動取消)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.service.ending import lapse, lapse_unanswered, locked, overdue, unanswered
from app.booking.states import WAITING, State
from app.db import audit
from app.db.audit import SERVICE
from app.db.session import in_transaction
from app.identity.queries import email_of
from app.notify.service import promise
from app.payments.online.attempts import is_under_way, under_way
from app.payments.refunds.planning import Cause, plan
from app.payments.service import enter, of_line
from app.usecases.in_turn import each
from app.usecases.waiving import withdraw_with_booking

Lapse = Callable[..., list[BookingLine]]


def lapse_overdue(*, now: datetime) -> int:
    """Let what is overdue in the current municipality lapse; return how many bookings did.

    That is what was not paid in time, and what waited for a permit until its time had gone;
    never while somebody may still be paying.
    One that can't stops no other: what went wrong is raised, as a group, when all had their turn.
    """
    unpaid: list[int] = in_transaction(
        lambda session: overdue(session, now=now, unless=is_under_way(Booking.id))
    )
    silent: list[int] = in_transaction(lambda session: unanswered(session, now=now))
    due: list[tuple[int, Lapse]] = [(one, lapse) for one in unpaid]
    due += [(one, lapse_unanswered) for one in silent]
    return each(due, lambda one: _lapse_one(*one, now=now))


def _lapse_one(booking_id: int, way: Lapse, *, now: datetime) -> bool:
    """Let one booking lapse, unless it was paid, answered or cancelled meanwhile."""

    def work(session: Session) -> bool:
        booking = locked(session, booking_id)
        if under_way(session, [booking.id]):
            return False
        was_charged = booking.state == State.PROVISIONAL
        lines = way(session, booking, now=now)
        if not lines:
            return False
        if was_charged:
            released = [of_line("release", -(line.fee_yen or 0), line) for line in lines]
            enter(session, released, booking_id=booking.id, actor=SERVICE, now=now)
            plan(session, booking.id, Cause("lapsed"), now=now)  # what one of two payees had
        else:
            withdraw_with_booking(session, booking.id, now=now)
        audit.note(
            session,
            SERVICE,
            "booking.lapsed",
            subject="booking",
            subject_id=booking.id,
            now=now,
            facts=_facts(booking, lines),
        )
        if booking.account_id is not None:
            email = email_of(session, booking.account_id)
            promise(session, "booking_lapsed", subject_id=booking.id, email=email, now=now)
        return True

    return in_transaction(work)


def _facts(booking: Booking, lines: list[BookingLine]) -> dict[str, object]:
    told: dict[str, object] = {"lines": [line.id for line in lines], "state": booking.state}
    return {**told, "review": booking.review} if booking.review in WAITING else told
