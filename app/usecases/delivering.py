"""A letter that was promised is written from what is true now, and sent once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.floor import Closure, Displacement
from app.booking.models import Booking, BookingChange, BookingLine, ReviewStep
from app.booking.queries import lines_of
from app.booking.terms import terms_agreed
from app.db.audit import AuditEntry
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.models import WaiverRequest, WaiverStep
from app.identity.codes import code_for, key_of_invitation
from app.identity.models import Resident, SignInAttempt
from app.identity.staff.models import Invitation
from app.notify.ports import Letter, NotDelivered, Post
from app.notify.service import begin_try, end_try
from app.payments.online import attempts
from app.payments.refunds.models import Refund
from app.payments.service import entry_with, owed_yen

Facts = Callable[[Session, int, Catalogue], dict[str, Any]]  # of the subject of a letter
NO_OTHERS: Mapping[str, Facts] = {}
Writer = Callable[[str, dict[str, Any]], tuple[str, str]]  # template, facts -> subject, body


OF_AN_ENTRY = ("payment_received", "payment_taken_back", "payment_revived", "payment_returned")
OF_A_REFUND = ("refund_done", "refund_details")


class TryAgainLater(Exception):  # noqa: N818 - tells the job queue what to do
    """The letter did not go this time; the job is to be tried again."""


@dataclass(frozen=True, slots=True)
class _Begun:
    template: str
    subject_id: int
    email: str
    tries: int


def deliver(
    delivery_id: int,
    *,
    catalogue: Catalogue,
    secret: str,
    write: Writer,
    post: Post,
    now: datetime,
    others: Mapping[str, Facts] = NO_OTHERS,
) -> None:
    """Send a promised letter, unless it went before; nothing outside is called in a transaction.

    `others` tells by template what letters say that are about no booking.

    Raises TryAgainLater when it did not go this time. Every try is counted, also one that ends
    by our own mistake: after the last one staff see the letter among those not delivered.
    """
    begun = in_transaction(lambda session: _begin(session, delivery_id))
    if begun is None:
        return
    reference = f"{catalogue.tenant_id}.{delivery_id}"
    error: Exception | None = None
    try:
        facts = in_transaction(lambda session: _told(session, begun, catalogue, secret, others))
        subject, body = write(begun.template, facts)
        post.send(Letter(to=begun.email, subject=subject, body=body, reference=reference))
    except Exception as any_error:
        error = any_error
    told = str(error) if isinstance(error, NotDelivered) else type(error).__name__
    in_transaction(
        lambda session: end_try(
            session, delivery_id, error=told if error else None, tries=begun.tries, now=now
        )
    )
    if error is not None:
        raise TryAgainLater(told) from error


def _begin(session: Session, delivery_id: int) -> _Begun | None:
    found = begin_try(session, delivery_id)
    if found is None:
        return None
    return _Begun(found.template, found.subject_id, found.email, found.tries)


def _told(
    session: Session,
    delivery: _Begun,
    catalogue: Catalogue,
    secret: str,
    others: Mapping[str, Facts],
) -> dict[str, Any]:
    if delivery.template in others:
        return others[delivery.template](session, delivery.subject_id, catalogue)
    return _facts(session, delivery, catalogue, secret)


def _facts(session: Session, delivery: _Begun, catalogue: Catalogue, secret: str) -> dict[str, Any]:
    if delivery.template == "sign_in_code":
        attempt = session.get_one(SignInAttempt, delivery.subject_id)
        code = code_for(secret, attempt.id, attempt.salt)
        return {"code": code, "expires_at": attempt.expires_at}
    if delivery.template == "staff_invitation":
        invitation = session.get_one(Invitation, (current_tenant(), delivery.subject_id))
        key = key_of_invitation(secret, invitation.id, invitation.salt)
        session.expunge_all()
        return {"invitation": invitation, "key": key}
    if delivery.template == "waiver_answered":
        return _answered(session, delivery.subject_id, catalogue)
    booking_id, more = _about(session, delivery)
    booking = session.scalars(
        select(Booking).where(Booking.tenant_id == current_tenant(), Booking.id == booking_id)
    ).one()
    lines = [
        {
            "line": line,
            "facility": facility,
            "room": room,
            "terms": terms_agreed(facility, line.terms_version_id, line.on_date),
        }
        for line in lines_of(session, booking.id)
        for facility, room in [catalogue.known_room(line.room_id)]
    ]
    owed = owed_yen(session, booking.id)
    session.expunge_all()
    return {"booking": booking, "lines": lines, "owed_yen": owed, **more}


def _about(session: Session, delivery: _Begun) -> tuple[int, dict[str, Any]]:
    """Return of which booking a letter tells, and what else it says."""
    subject_id = delivery.subject_id
    more: dict[str, Any] = {"changed": [], "closure": None, "review": None, "ended_at": None}
    if delivery.template in ("booking_cancelled", "booking_displaced"):
        line = session.get_one(BookingLine, (current_tenant(), subject_id))
        is_displaced = delivery.template == "booking_displaced"
        closure = _closure_of(session, subject_id) if is_displaced else None
        return line.booking_id, {**more, "ended_at": line.ended_at, "closure": closure}
    if delivery.template == "booking_changed":
        change = session.get_one(BookingChange, (current_tenant(), subject_id))
        return change.booking_id, {**more, "changed": change.lines}
    if delivery.template == "review_answered":
        review = session.get_one(ReviewStep, (current_tenant(), subject_id))
        return review.booking_id, {**more, "review": review}
    if delivery.template in OF_AN_ENTRY:
        entry = entry_with(session, subject_id)
        return entry.booking_id, {**more, "paid_yen": abs(entry.yen)}
    if delivery.template in OF_A_REFUND:
        refund = session.get_one(Refund, (current_tenant(), subject_id))
        return refund.booking_id, {**more, "refund": refund}
    if delivery.template == "payment_waiting":
        attempt = attempts.known(session, subject_id)
        first = attempts.parts_of(session, attempt.id)[0]
        return first.booking_id, {**more, "attempt": attempt}
    if delivery.template == "payment_overdue":  # about staff's own deed: once for each day
        deed = session.get_one(AuditEntry, (current_tenant(), subject_id))
        return deed.subject_id, {**more, "late_days": deed.facts["late_days"]}
    return subject_id, more


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


def _answered(session: Session, step_id: int, catalogue: Catalogue) -> dict[str, Any]:
    """Return what an answer to a request for a waiver says, and of which booking."""
    step = session.get_one(WaiverStep, (current_tenant(), step_id))
    request = session.get_one(WaiverRequest, (current_tenant(), step.request_id))
    person = session.scalar(
        select(Resident.name).where(
            Resident.tenant_id == current_tenant(), Resident.account_id == request.account_id
        )
    )
    booking = None
    if request.booking_id is not None:
        booking = session.get_one(Booking, (current_tenant(), request.booking_id))
    owed = owed_yen(session, booking.id) if booking else 0
    policy = catalogue.policy_on(step.at.astimezone(catalogue.zone).date())
    session.expunge_all()
    return {
        "step": step,
        "request": request,
        "person": person or "",
        "booking": booking,
        "owed_yen": owed,
        "help": policy.help,
    }
