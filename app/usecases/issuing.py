"""Papers of a booking are issued, once for the same facts, and issued again with a mark."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.service.ending import locked
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.issued import service
from app.issued.models import Paper
from app.issued.service import Draft

Drafting = Callable[[Booking], Sequence[Draft]]


def issue_papers(
    booking_id: int, draft: Drafting, *, actor: Actor, today: date, now: datetime
) -> list[Paper]:
    """Issue what `draft` makes of a booking, and return the papers; asked twice it is done once.

    It is drafted while the booking is locked, so that no paper says what has just changed.
    Raises Refused when there is no such booking.
    """

    def work(session: Session) -> list[Paper]:
        booking = locked(session, booking_id)
        session.expire_all()  # what was read before the lock may have changed since
        return [
            _issue(session, one, booking_id, actor=actor, today=today, now=now)
            for one in sorted(draft(booking), key=lambda one: (one.kind, one.payee))
        ]

    return in_transaction(work)


def issue_paper_again(paper_id: int, *, actor: Actor, now: datetime) -> None:
    """Issue a paper again (再発行): the same number, marked, and counted.

    Raises Refused when there is no such paper or another stands in its place.
    """

    def work(session: Session) -> None:
        paper = service.issue_again(session, paper_id)
        _note(session, paper, "paper.anew", actor, now=now, copies=paper.copies)

    in_transaction(work)


def _issue(
    session: Session, draft: Draft, booking_id: int, *, actor: Actor, today: date, now: datetime
) -> Paper:
    paper, is_new = service.issue(
        session, draft, booking_id=booking_id, today=today, actor=actor, now=now
    )
    if is_new:
        _note(session, paper, "paper.issued", actor, now=now)
    return paper


def _note(
    session: Session, paper: Paper, action: str, actor: Actor, *, now: datetime, **facts: object
) -> None:
    told = {"paper": paper.kind, "number": paper.number, "year": paper.fiscal_year, **facts}
    audit.note(
        session, actor, action, subject="booking", subject_id=paper.booking_id, now=now, facts=told
    )
