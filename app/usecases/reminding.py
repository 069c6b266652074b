"""Whoever has not paid is reminded once, some days before the deadline (支払いの催促)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.service.ending import locked
from app.booking.states import LineState, State
from app.booking.terms import terms_agreed
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.waivers import is_waited_for
from app.identity.queries import email_of
from app.notify.models import Delivery
from app.notify.service import promise
from app.payments.online.attempts import under_way
from app.usecases.in_turn import each

LOOKED_AHEAD = timedelta(days=60)  # longer before its end no deadline is reminded of
JUST_ASKED = timedelta(days=1)  # the letter about the booking itself named the deadline


def remind_unpaid(catalogue: Catalogue, *, now: datetime) -> int:
    """Promise a letter to each applicant whose deadline is near; return how many.

    How near, the terms of the halls say (`payment.remind_days`). One letter for each booking,
    however often this runs; none to whom an answer about a waiver is due. One that can't be
    reminded stops no other, as when bookings lapse.
    """
    near: list[int] = in_transaction(lambda session: _near(session, catalogue, now=now))
    return each(near, lambda one: _remind(one, now=now))


def _near(session: Session, catalogue: Catalogue, *, now: datetime) -> list[int]:
    """Return the unpaid bookings whose deadline is as near as the terms of a use of them say."""
    told = exists().where(
        Delivery.tenant_id == Booking.tenant_id,
        Delivery.template == "payment_due",
        Delivery.subject_id == Booking.id,
    )
    rows = session.execute(
        select(Booking.id, Booking.due_at, BookingLine)
        .join(
            BookingLine,
            and_(BookingLine.tenant_id == Booking.tenant_id, BookingLine.booking_id == Booking.id),
        )
        .where(
            Booking.tenant_id == current_tenant(),
            Booking.state == State.PROVISIONAL,
            Booking.account_id.is_not(None),
            Booking.due_at > now,
            Booking.due_at <= now + LOOKED_AHEAD,
            Booking.submitted_at <= now - JUST_ASKED,
            BookingLine.state == LineState.ACTIVE,
            ~told,
        )
        .order_by(Booking.due_at, Booking.id)
    )
    near = [x for x, due, line in rows if due and due - _ahead(catalogue, line) <= now]
    return list(dict.fromkeys(near))


def _ahead(catalogue: Catalogue, line: BookingLine) -> timedelta:
    """Return how long before the deadline the hall of a use reminds of it."""
    hall, _room = catalogue.known_room(line.room_id)
    terms = terms_agreed(hall, line.terms_version_id, line.on_date)
    return timedelta(days=terms.payment.remind_days)


def _remind(booking_id: int, *, now: datetime) -> bool:
    """Remind of one booking, unless it was paid, cancelled or is waited for meanwhile."""

    def work(session: Session) -> bool:
        booking = locked(session, booking_id)
        if booking.state != State.PROVISIONAL or booking.account_id is None:
            return False
        if booking.due_at is None or booking.due_at <= now or is_waited_for(session, booking.id):
            return False
        if under_way(session, [booking.id]):  # a number to pay at a shop is out
            return False
        email = email_of(session, booking.account_id)
        promise(session, "payment_due", subject_id=booking.id, email=email, now=now)
        return True

    return in_transaction(work)
