"""Letters that did not arrive, with whom to call instead; and jobs that were given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingChange, BookingLine
from app.db.session import current_tenant
from app.fees.models import WaiverRequest, WaiverStep
from app.notify.models import Delivery
from app.notify.service import not_delivered

# Their subject is a line: a booking is cancelled in steps.
ABOUT_A_LINE = ("booking_cancelled", "booking_displaced")
ABOUT_AN_ANSWER = "waiver_answered"  # its subject is a step of a request for a waiver
ABOUT_A_CHANGE = "booking_changed"  # its subject is a change of a booking
ABOUT_NO_BOOKING = ("sign_in_code", "staff_invitation")


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
    lines = _bookings_of_lines(
        session, [one.subject_id for one in letters if one.template in ABOUT_A_LINE]
    )
    answers = _bookings_of_answers(
        session, [one.subject_id for one in letters if one.template == ABOUT_AN_ANSWER]
    )
    changes = _bookings_of_changes(
        session, [one.subject_id for one in letters if one.template == ABOUT_A_CHANGE]
    )
    about = {one.id: _booking_id(one, lines, answers, changes) for one in letters}
    bookings = _bookings(session, [found for found in about.values() if found is not None])
    return [_undelivered(one, bookings.get(about[one.id] or 0)) for one in letters]


def failed_jobs(session: Session) -> int:
    """Return how many jobs of this municipality were given up after every try."""
    return int(session.scalar(_FAILED, {"tenant": str(current_tenant())}) or 0)


_FAILED = text(
    "select count(*) from procrastinate_jobs"
    " where status = 'failed' and args ->> 'tenant_id' = :tenant"
)


def _booking_id(
    letter: Delivery,
    lines: dict[int, int],
    answers: dict[int, int | None],
    changes: dict[int, int],
) -> int | None:
    if letter.template in ABOUT_NO_BOOKING:
        return None
    if letter.template == ABOUT_A_CHANGE:
        return changes.get(letter.subject_id)
    if letter.template == ABOUT_AN_ANSWER:
        return answers.get(letter.subject_id)
    if letter.template in ABOUT_A_LINE:
        return lines.get(letter.subject_id)
    return letter.subject_id


def _bookings_of_lines(session: Session, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    rows = session.execute(
        select(BookingLine.id, BookingLine.booking_id).where(
            BookingLine.tenant_id == current_tenant(), BookingLine.id.in_(ids)
        )
    )
    return {line_id: booking_id for line_id, booking_id in rows}


def _bookings_of_changes(session: Session, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    rows = session.execute(
        select(BookingChange.id, BookingChange.booking_id).where(
            BookingChange.tenant_id == current_tenant(), BookingChange.id.in_(ids)
        )
    )
    return {change_id: booking_id for change_id, booking_id in rows}


def _bookings_of_answers(session: Session, ids: Sequence[int]) -> dict[int, int | None]:
    if not ids:
        return {}
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
