"""A resident or a group asks for a waiver, sends papers, answers back, or takes it back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.service.ending import locked
from app.booking.states import OPEN
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.fees import waivers
from app.fees.models import ASKED, OPEN_STATES, RETURNED, WITHDRAWN
from app.fees.models import WaiverRequest as Request
from app.kernel.refusals import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it was sent."""

    name: str
    content: bytes


def ask_waiver(
    *,
    account_id: int,
    waiver: str,
    name: str,
    reason: str,
    paper: Paper | None,
    booking_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> int:
    """Ask for a waiver and return the request's id; asked twice it is one request.

    Raises Refused when the booking is not theirs or over, or when the document can't be kept.
    """

    def work(session: Session) -> int:
        if booking_id is not None:
            booking = locked(session, booking_id)
            if booking.account_id != account_id:
                raise Refused(Refusal("booking.unknown"))
            if booking.state not in OPEN:
                raise Refused(Refusal("waiver.booking_ended"))
        return note_request(
            session, account_id=account_id, waiver=waiver, name=name, reason=reason, paper=paper,
            booking_id=booking_id, actor=actor, now=now,
        )  # fmt: skip

    return in_transaction(work)


def note_request(
    session: Session,
    *,
    account_id: int,
    waiver: str,
    name: str,
    reason: str,
    paper: Paper | None = None,
    booking_id: int | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Write a request down as part of a transaction; see ask_waiver."""
    request = waivers.ask(
        session, account_id=account_id, booking_id=booking_id, waiver=waiver, name=name,
        reason=reason, now=now,
    )  # fmt: skip
    if paper is not None:
        waivers.add_paper(session, request, name=paper.name, content=paper.content, now=now)
    note(session, request, "waiver.asked", actor, now=now)
    return request.id


def send_paper(
    request_id: int, paper: Paper, *, account_id: int, actor: Actor, now: datetime
) -> None:
    """Add a document to one's own request; raises Refused."""

    def work(session: Session) -> None:
        request = _own(session, request_id, account_id)
        waivers.add_paper(session, request, name=paper.name, content=paper.content, now=now)
        note(session, request, "waiver.paper", actor, now=now)

    in_transaction(work)


def reply(request_id: int, words: str, *, account_id: int, actor: Actor, now: datetime) -> None:
    """Answer what staff asked back; the request is with them again. Raises Refused."""

    def work(session: Session) -> None:
        request = _own(session, request_id, account_id)
        if request.state != RETURNED:
            raise Refused(Refusal("waiver.decided"))
        waivers.step(session, request, ASKED, words, account_id=account_id, now=now)
        note(session, request, "waiver.asked", actor, now=now)

    in_transaction(work)


def withdraw(request_id: int, *, account_id: int, actor: Actor, now: datetime) -> None:
    """Take back one's own open request; asked twice it is done once. Raises Refused."""

    def work(session: Session) -> None:
        request = _own(session, request_id, account_id)
        if request.state == WITHDRAWN:
            return
        if request.state not in OPEN_STATES:
            raise Refused(Refusal("waiver.decided"))
        waivers.step(session, request, WITHDRAWN, "", account_id=account_id, now=now)
        note(session, request, "waiver.withdrawn", actor, now=now)

    in_transaction(work)


def withdraw_with_booking(session: Session, booking_id: int, *, now: datetime) -> None:
    """Close what was asked for a booking that has ended, as part of a transaction."""
    for request in waivers.requests_for(session, booking_id):
        if request.state in OPEN_STATES:
            waivers.step(session, request, WITHDRAWN, "", account_id=None, now=now)


def _own(session: Session, request_id: int, account_id: int) -> Request:
    request = waivers.locked_request(session, request_id)
    if request.account_id != account_id:
        raise Refused(Refusal("waiver.unknown"))
    return request


def note(
    session: Session,
    request: Request,
    action: str,
    actor: Actor,
    *,
    now: datetime,
    facts: dict[str, object] | None = None,
) -> None:
    """Write the audit: with the booking where there is one, so that its history tells it."""
    subject, subject_id = "waiver", request.id
    if request.booking_id is not None:
        subject, subject_id = "booking", request.booking_id
    told = {"waiver": request.waiver, "request": request.id, **(facts or {})}
    audit.note(session, actor, action, subject=subject, subject_id=subject_id, now=now, facts=told)
