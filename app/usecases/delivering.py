"""A letter that was promised is written from what is true now, and sent once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.terms import terms_agreed
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.models import WaiverRequest, WaiverStep
from app.identity.codes import code_for, key_of_invitation
from app.identity.models import Resident, SignInAttempt
from app.identity.staff.models import Invitation
from app.notify.ports import Letter, NotDelivered, Post
from app.notify.service import begin_try, end_try
from app.payments.online.accounts import ways_by_payee
from app.payments.refunds.service import of_booking
from app.payments.service import owed_yen
from app.usecases import ways_in
from app.usecases.kept_money import kept_of, overpaid_of
from app.usecases.letter_subjects import about

Facts = Callable[[Session, int, Catalogue], dict[str, Any]]  # of the subject of a letter
NO_OTHERS: Mapping[str, Facts] = {}
Writer = Callable[[str, dict[str, Any]], tuple[str, str]]  # template, facts -> subject, body


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
        facts = in_transaction(
            lambda session: _told(session, begun, catalogue, secret, others, now=now)
        )
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
    *,
    now: datetime,
) -> dict[str, Any]:
    if delivery.template in others:
        return others[delivery.template](session, delivery.subject_id, catalogue)
    return _facts(session, delivery, catalogue, secret, now=now)


def _facts(
    session: Session, delivery: _Begun, catalogue: Catalogue, secret: str, *, now: datetime
) -> dict[str, Any]:
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
    booking_id, more = about(session, delivery.template, delivery.subject_id)
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
    money = _kept(session, delivery.template, booking.id, lines, more)
    back_by = {one.method for one in of_booking(session, booking.id)} if owed < 0 else set()
    payees = {one.payee for one in lines_of(session, booking.id)} if booking.due_at else set()
    way = ways_in.planned(session, booking.id, now=now)
    knows_number = ways_in.knows_number(session, booking.id)
    session.flush()  # what was planned
    session.expunge_all()
    return {
        "booking": booking,
        "lines": lines,
        "way": way,
        "knows_number": knows_number,
        "owed_yen": owed,
        "back_by": back_by,
        "pays_online": any(ways_by_payee(session, payees).values()) if payees else False,
        **money,
        **more,
    }


def _kept(
    session: Session,
    template: str,
    booking_id: int,
    lines: list[dict[str, Any]],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what does not come back, for letters that tell of what ended or became cheaper."""
    uses = [(one["line"], one["terms"]) for one in lines]
    if template == "booking_cancelled":
        gone = [use for use in uses if use[0].ended_at == more["ended_at"]]
        return {"kept": kept_of(session, booking_id, gone)}
    if template == "booking_changed":
        return {"overpaid": overpaid_of(session, booking_id, uses)}
    return {}


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
