"""Whoever has not paid is reminded once, some days before the deadline (支払いの催促)."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.service.ending import locked
from app.booking.states import LineState, State
from app.booking.terms import terms_agreed
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.waivers import is_waited_for
from app.identity.queries import email_of
from app.notify.models import Delivery
from app.notify.service import promise

LOOKED_AHEAD = timedelta(days=60)  # longer before its end no deadline is reminded of
JUST_ASKED = timedelta(days=1)  # the letter about the booking itself named the deadline


def remind_unpaid(catalogue: Catalogue, *, now: datetime) -> int:
    """Promise a letter to each applicant whose deadline is near; return how many.

    How near, the terms of the halls say (`payment.remind_days`). One letter for each booking,
    however often this runs; none to whom an answer about a waiver is due.
    """
    near: list[int] = in_transaction(lambda session: _unpaid(session, now=now))
    return sum(_remind(catalogue, one, now=now) for one in near)


def _unpaid(session: Session, *, now: datetime) -> list[int]:
    told = exists().where(
        Delivery.tenant_id == Booking.tenant_id,
        Delivery.template == "payment_due",
        Delivery.subject_id == Booking.id,
    )
    return list(
        session.scalars(
            select(Booking.id)
            .where(
                Booking.tenant_id == current_tenant(),
                Booking.state == State.PROVISIONAL,
                Booking.account_id.is_not(None),
                Booking.due_at > now,
                Booking.due_at <= now + LOOKED_AHEAD,
                ~told,
            )
            .order_by(Booking.due_at)
        )
    )


def _remind(catalogue: Catalogue, booking_id: int, *, now: datetime) -> bool:
    def work(session: Session) -> bool:
        booking = locked(session, booking_id)
        if not _is_due_soon(session, catalogue, booking, now=now):
            return False
        assert booking.account_id is not None
        email = email_of(session, booking.account_id)
        promise(session, "payment_due", subject_id=booking.id, email=email, now=now)
        return True

    return in_transaction(work)


def _is_due_soon(
    session: Session, catalogue: Catalogue, booking: Booking, *, now: datetime
) -> bool:
    """Say whether a locked booking is still unpaid and its deadline as near as its terms say."""
    due, asked = booking.due_at, booking.submitted_at
    if booking.state != State.PROVISIONAL or due is None or asked is None or due <= now:
        return False
    if is_waited_for(session, booking.id):
        return False
    days = [
        terms_agreed(facility, line.terms_version_id, line.on_date).payment.remind_days
        for line in lines_of(session, booking.id)
        if line.state == LineState.ACTIVE
        for facility, _room in [catalogue.known_room(line.room_id)]
    ]
    ahead = timedelta(days=max(days, default=0))
    return due - ahead <= now and now - asked >= JUST_ASKED
