"""The permit of a booking: whether it needs one, what was said about it, and by whom (使用許可)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine, ReviewStep
from app.booking.plan import RoomDay
from app.booking.policy import Review as Rule
from app.booking.rules.reviewing import answer_by, review_of
from app.booking.service.application import Answers, Applicant
from app.booking.service.judging import Ready
from app.booking.states import WAITING, Review
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue


def ask_for_permit(
    booking: Booking,
    ready: Sequence[Ready],
    applicant: Applicant,
    answers: Answers,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> None:
    """Write on a new booking that it waits for a permit, where one of its uses needs one."""
    requested_on = now.astimezone(catalogue.zone).date()
    days = [
        answer_by(found, requested_on=requested_on, use_day=one.line.on_date)
        for one in ready
        if (found := permit_rule(one.day, applicant.applicant_class, answers.purpose))
    ]
    if days:
        booking.review, booking.answer_by = Review.ASKED, min(days)


def ask_again(
    booking: Booking, uses: Sequence[tuple[RoomDay, BookingLine]], *, requested_at: datetime
) -> bool:
    """Bring the permit of a booking that still waits to what its uses need after a change.

    Returns whether a permit is asked for now that was not asked for before.
    """
    zone = uses[0][0].place.zone
    requested_on = requested_at.astimezone(zone).date()
    days = [
        answer_by(found, requested_on=requested_on, use_day=line.on_date)
        for day, line in uses
        if (found := permit_rule(day, booking.applicant_class, booking.purpose))
    ]
    before = booking.review
    if days and before != Review.GRANTED:
        booking.review, booking.answer_by = Review.ASKED, min(days)
    elif before in WAITING:
        booking.review = booking.answer_by = None
    return booking.review == Review.ASKED and before != Review.ASKED


def permit_rule(day: RoomDay, applicant_class: str | None, purpose: str | None) -> Rule | None:
    """Return the rule by which a use of a room on a day needs a permit, or None."""
    return review_of(
        day.terms.document,
        room=day.room.slug,
        applicant_class=applicant_class,
        purpose=purpose,
    )


def write_step(
    session: Session,
    booking: Booking,
    state: Review,
    words: str,
    *,
    grounds: Sequence[Mapping[str, str]] = (),
    account_id: int | None,
    now: datetime,
) -> ReviewStep:
    """Move the permit of a locked booking on, and keep what was said."""
    booking.review = state
    step = ReviewStep(
        tenant_id=current_tenant(),
        booking_id=booking.id,
        at=now,
        state=state,
        words=words,
        grounds=[dict(one) for one in grounds],
        account_id=account_id,
    )
    session.add(step)
    session.flush()
    return step


def steps_of(session: Session, booking_id: int) -> Sequence[ReviewStep]:
    """Return what happened to the permit of a booking, the first first."""
    return session.scalars(
        select(ReviewStep)
        .where(ReviewStep.tenant_id == current_tenant(), ReviewStep.booking_id == booking_id)
        .order_by(ReviewStep.id)
    ).all()
