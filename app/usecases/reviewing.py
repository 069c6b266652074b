"""Staff answer an application that needs a permit: state, ledger, floor, audit and one letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.policy import Ground
from app.booking.queries import changes_of, lines_of
from app.booking.service.ending import is_own, locked, looks_other
from app.booking.service.permits import steps_of, write_step
from app.booking.states import WAITING, LineState, Review, State
from app.booking.terms import terms_agreed
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.usecases.cancelling import cancel_at_once
from app.usecases.settling import close_when_decided


@dataclass(frozen=True, slots=True)
class Answer:
    """What staff answer, in which words; `grounds` are ids of the terms (使用の制限)."""

    state: Review  # granted, returned or refused
    words: str = ""
    grounds: Sequence[str] = ()


def decide(
    catalogue: Catalogue,
    booking_id: int,
    answer: Answer,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Permit, return or refuse an application; the same answer again changes nothing.

    `seen`: how often the booking had been changed when it was read; nobody permits what they
    did not see. Raises Refused, and then nothing has changed.
    """
    if answer.state == Review.ASKED:
        raise ValueError("asking is no answer")

    def work(session: Session) -> None:
        booking = locked(session, booking_id)
        if _answered_so_before(session, booking, answer, actor):
            return
        if seen is not None and changes_of(session, booking.id) != seen:
            raise Refused(Refusal("review.changed"))
        _answer(session, catalogue, booking, answer, actor=actor, now=now)

    in_transaction(work)


def reply(booking_id: int, words: str, *, actor: Actor, now: datetime) -> None:
    """Send the applicant's reply to what staff asked; it waits for them again. Raises Refused."""

    def work(session: Session) -> None:
        booking = locked(session, booking_id)
        if booking.account_id is None or booking.account_id != actor.account_id:
            raise Refused(Refusal("booking.unknown"))
        if booking.state != State.REQUESTED or booking.review != Review.RETURNED:
            raise Refused(Refusal("review.not_asked"))
        write_step(session, booking, Review.ASKED, words, account_id=actor.account_id, now=now)
        _note(session, booking, "review.replied", actor, now=now)

    in_transaction(work)


def grounds_of(catalogue: Catalogue, lines: Sequence[BookingLine]) -> dict[str, Ground]:
    """Return the grounds of refusal that the terms of these uses name, by id."""
    found: dict[str, Ground] = {}
    for line in lines:
        facility, _room = catalogue.known_room(line.room_id)
        terms = terms_agreed(facility, line.terms_version_id, line.on_date)
        found |= {one.id: one for one in terms.grounds}
    return found


def _answered_so_before(session: Session, booking: Booking, answer: Answer, actor: Actor) -> bool:
    """Say whether just this was answered before; raises Refused when it may not be answered."""
    if is_own(booking, actor):
        raise Refused(Refusal("review.own"))
    if booking.review == answer.state and answer.state != Review.RETURNED:
        return True
    if booking.state in (State.CANCELLED, State.LAPSED) and booking.review in WAITING:
        raise Refused(Refusal("review.ended"))
    if booking.state != State.REQUESTED or booking.review not in WAITING:
        raise Refused(Refusal("review.decided"))
    if booking.review != answer.state:
        return False
    return steps_of(session, booking.id)[-1].words == answer.words  # else it asks more


def _answer(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    answer: Answer,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    lines = lines_of(session, booking.id)
    standing = [line for line in lines if line.state == LineState.ACTIVE]
    if answer.state == Review.GRANTED and all(line.ends_at <= now for line in standing):
        raise Refused(Refusal("review.over"))
    known = grounds_of(catalogue, standing)
    if not set(answer.grounds) <= set(known):
        raise Refused(Refusal("review.no_such_ground"))
    said = [{"name": known[x].name, "citation": known[x].citation} for x in answer.grounds]
    step = write_step(
        session, booking, answer.state, answer.words, grounds=said,
        account_id=actor.account_id, now=now,
    )  # fmt: skip
    if answer.state == Review.GRANTED:
        close_when_decided(session, catalogue, booking, lines, actor=actor, now=now, is_told=False)
    elif answer.state == Review.REFUSED:
        cancel_at_once(
            session, catalogue, booking.id, [line.id for line in standing], actor=actor, now=now,
            by_facility=True, is_told=False,
        )  # fmt: skip
    looks_other(session, booking, now=now)
    _note(
        session, booking, f"review.{answer.state}", actor, now=now,
        grounds=list(answer.grounds), reason=answer.words,
    )  # fmt: skip
    if booking.account_id is not None:
        email = email_of(session, booking.account_id)
        promise(session, "review_answered", subject_id=step.id, email=email, now=now)


def _note(
    session: Session, booking: Booking, action: str, actor: Actor, *, now: datetime, **facts: object
) -> None:
    audit.note(
        session, actor, action, subject="booking", subject_id=booking.id, now=now,
        facts={"state": booking.state, **facts},
    )  # fmt: skip
