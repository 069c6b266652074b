"""A resident or a program applies for what was chosen: booking, ledger, audit and one letter."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.service import baskets
from app.booking.service.baskets import Chooser, Wish
from app.booking.service.submitting import Answers, Applicant, Submitted, submit
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.notify.service import promise
from app.payments.service import Entry, enter


def apply(
    catalogue: Catalogue,
    basket_key: str,
    applicant: Applicant,
    answers: Answers,
    *,
    actor: Actor,
    now: datetime,
    best_effort: bool = False,
    agreed_yen: int | None = None,
) -> Submitted:
    """Make a booking of a basket, once; asked again it returns the booking that was made.

    Raises NotAllLines or Refused, and then nothing has changed.
    """

    def work(session: Session) -> Submitted:
        occupancy.wait_at_most(session)
        made = submit(
            session,
            catalogue,
            basket_key,
            applicant,
            answers,
            now=now,
            best_effort=best_effort,
            agreed_yen=agreed_yen,
        )
        if made.is_new:
            follow_up(session, made, actor=actor, now=now)
        return made

    return in_transaction(work)


def apply_at_once(
    session: Session,
    catalogue: Catalogue,
    chooser: Chooser,
    wishes: Sequence[Wish],
    applicant: Applicant,
    answers: Answers,
    *,
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Choose and apply in one transaction, all or nothing; for programs. Raises Refused."""
    occupancy.wait_at_most(session)
    baskets.hold(session, catalogue, chooser, wishes, now=now, all_or_nothing=True)
    made = submit(session, catalogue, chooser.basket_key, applicant, answers, now=now)
    if made.is_new:
        follow_up(session, made, actor=actor, now=now)
    return made


def follow_up(session: Session, made: Submitted, *, actor: Actor, now: datetime) -> None:
    """Write the ledger and the audit of a new booking and promise its one letter."""
    booking = made.booking
    entries = [Entry("charge", line.fee_yen or 0, line.id) for line in made.lines]
    enter(session, entries, booking_id=booking.id, actor=actor, now=now)
    facts: dict[str, Any] = {
        "state": booking.state,
        "fee_yen": booking.fee_yen,
        "lines": [line.id for line in made.lines],
    }
    audit.note(
        session,
        actor,
        "booking.made",
        subject="booking",
        subject_id=booking.id,
        now=now,
        facts=facts,
    )
    if booking.account_id is not None:
        email = email_of(session, booking.account_id)
        promise(session, "booking_made", subject_id=booking.id, email=email, now=now)
