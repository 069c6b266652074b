"""Letters that did not arrive, with whom to call instead; and jobs that were given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingChange, BookingLine, ReviewStep
from app.db.audit import AuditEntry
from app.db.session import current_tenant
from app.fees.models import WaiverRequest, WaiverStep
from app.notify.models import Delivery
from app.notify.service import not_delivered
from app.payments.models import LedgerEntry
from app.payments.online.models import PaymentPart
from app.payments.refunds.models import Refund

# What the subject of a letter is, where it is not the booking itself.
Subject = (
    type[BookingLine] | type[BookingChange] | type[ReviewStep] | type[LedgerEntry] | type[Refund]
)
ABOUT_A_DEED = ("payment_overdue", "fee_credited")  # their subject is an entry of the audit
ABOUT_AN_ATTEMPT = ("payment_waiting", "payment_number_ended")
SUBJECTS: dict[str, Subject] = {
    "booking_cancelled": BookingLine,  # a booking is cancelled in steps
    "booking_displaced": BookingLine,
    "booking_changed": BookingChange,
    "review_answered": ReviewStep,
    "payment_received": LedgerEntry,
    "payment_revived": LedgerEntry,
    "payment_returned": LedgerEntry,
    "payment_taken_back": LedgerEntry,
    "refund_done": Refund,
    "refund_details": Refund,
}
ABOUT_AN_ANSWER = "waiver_answered"  # its subject is a step of a request for a waiver
ABOUT_NO_BOOKING = ("sign_in_code", "staff_invitation", "monthly_report")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One letter that did not arrive."""

    template: str
    email: str
    error: str
    promised_at: datetime
    number: str | None
    name: str | None
    phone: str | None


def undelivered(session: Session) -> list[Undelivered]:
    """Return the letters that could not be delivered, each with its booking, the newest first."""
    letters = not_delivered(session)
    about = _about(session, letters)
    bookings = _bookings(session, [found for found in about.values() if found is not None])
    return [_undelivered(one, bookings.get(about.get(one.id) or 0)) for one in letters]


def failed_jobs(session: Session) -> int:
    """Return how many jobs of this municipality were given up after every try."""
    return int(session.scalar(_FAILED, {"tenant": str(current_tenant())}) or 0)


_FAILED = text(
    "select count(*) from procrastinate_jobs"
    " where status = 'failed' and args ->> 'tenant_id' = :tenant"
)


def _about(session: Session, letters: Sequence[Delivery]) -> dict[int, int | None]:
    """Return by letter the booking that it is about."""
    found: dict[int, int | None] = {}
    for name in {one.template for one in letters} - set(ABOUT_NO_BOOKING):
        some = {one.id: one.subject_id for one in letters if one.template == name}
        if name == ABOUT_AN_ANSWER:
            bookings: dict[int, int | None] = _bookings_of_answers(session, list(some.values()))
        elif name in ABOUT_AN_ATTEMPT:
            bookings = _bookings_of_attempts(session, list(some.values()))
        elif name in ABOUT_A_DEED:
            bookings = _bookings_of_deeds(session, list(some.values()))
        elif name in SUBJECTS:
            bookings = _bookings_of(session, SUBJECTS[name], list(some.values()))
        else:
            bookings = {subject: subject for subject in some.values()}
        found |= {letter: bookings.get(subject) for letter, subject in some.items()}
    return found


def _bookings_of(session: Session, of: Subject, ids: Sequence[int]) -> dict[int, int | None]:
    rows = session.execute(
        select(of.id, of.booking_id).where(of.tenant_id == current_tenant(), of.id.in_(ids))
    )
    return {subject_id: booking_id for subject_id, booking_id in rows}


def _bookings_of_attempts(session: Session, ids: Sequence[int]) -> dict[int, int | None]:
    """Return the first booking that each attempt to pay is for, as its letter is about it."""
    rows = session.execute(
        select(PaymentPart.attempt_id, func.min(PaymentPart.booking_id))
        .where(PaymentPart.tenant_id == current_tenant(), PaymentPart.attempt_id.in_(ids))
        .group_by(PaymentPart.attempt_id)
    )
    return {attempt_id: booking_id for attempt_id, booking_id in rows}


def _bookings_of_answers(session: Session, ids: Sequence[int]) -> dict[int, int | None]:
    rows = session.execute(
        select(WaiverStep.id, WaiverRequest.booking_id)
        .join(
            WaiverRequest,
            (WaiverRequest.tenant_id == WaiverStep.tenant_id)
            & (WaiverRequest.id == WaiverStep.request_id),
        )
        .where(WaiverStep.tenant_id == current_tenant(), WaiverStep.id.in_(ids))
    )
    return {step_id: booking_id for step_id, booking_id in rows}


def _bookings_of_deeds(session: Session, ids: Sequence[int]) -> dict[int, int | None]:
    rows = session.execute(
        select(AuditEntry.id, AuditEntry.subject_id).where(
            AuditEntry.tenant_id == current_tenant(), AuditEntry.id.in_(ids)
        )
    )
    return {entry_id: booking_id for entry_id, booking_id in rows}


def _bookings(session: Session, ids: Sequence[int]) -> dict[int, Booking]:
    if not ids:
        return {}
    rows = session.scalars(
        select(Booking).where(Booking.tenant_id == current_tenant(), Booking.id.in_(ids))
    )
    return {row.id: row for row in rows}


def _undelivered(letter: Delivery, booking: Booking | None) -> Undelivered:
    return Undelivered(
        template=letter.template,
        email=letter.email,
        error=letter.error or "",
        promised_at=letter.promised_at,
        number=booking.number if booking else None,
        name=booking.applicant_name if booking else None,
        phone=booking.applicant_phone if booking else None,
    )
