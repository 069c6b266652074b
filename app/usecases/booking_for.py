"""Staff book for somebody on the telephone or at the counter, who may have no account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.queries import draft_with, lines_of
from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish
from app.booking.service.baskets import Chooser
from app.booking.service.submitting import Submitted
from app.booking.states import State
from app.db.audit import Actor
from app.db.session import in_transaction, tried
from app.facilities.catalogue import Catalogue
from app.usecases.applying import apply_at_once


@dataclass(frozen=True, slots=True)
class Noted:
    """What was noted of a call: for whom, which uses, what for. `key` makes it one booking."""

    key: str
    applicant: Applicant
    wishes: Sequence[Wish]
    answers: Answers


@dataclass(frozen=True, slots=True)
class Priced:
    """What a booking would cost, use by use in the order of their times; None: left open."""

    yen: Sequence[int | None]
    total_yen: int


def book_for(
    catalogue: Catalogue,
    noted: Noted,
    *,
    actor: Actor,
    now: datetime,
    agreed_yen: int | None = None,
) -> Submitted:
    """Book all that was noted or none; asked again with the same key it is the same booking.

    Staff may look past periods of reception and lengths, not past floor, capacity, quotas of
    somebody who is registered, or equipment. Raises NotAllWishes or Refused.
    """

    def work(session: Session) -> Submitted:
        before = draft_with(session, noted.key)
        if before is not None and before.state != State.DRAFT:
            return Submitted(before, lines_of(session, before.id), is_new=False)
        return _booked(session, catalogue, noted, actor, now, agreed_yen)

    return in_transaction(work)


def look_at(catalogue: Catalogue, noted: Noted, *, actor: Actor, now: datetime) -> Priced:
    """Return what it would cost; it is tried and undone. Raises NotAllWishes or Refused."""

    def work(session: Session) -> Priced:
        made = _booked(session, catalogue, noted, actor, now)
        return Priced([x.fee_yen for x in made.lines], made.booking.fee_yen)

    return tried(work)


def _booked(
    session: Session,
    catalogue: Catalogue,
    noted: Noted,
    actor: Actor,
    now: datetime,
    agreed_yen: int | None = None,
) -> Submitted:
    return apply_at_once(
        session,
        catalogue,
        Chooser(noted.key, noted.applicant.applicant_class, by_staff=True),
        noted.wishes,
        noted.applicant,
        noted.answers,
        actor=actor,
        now=now,
        may_stay_open=True,
        agreed_yen=agreed_yen,
    )
