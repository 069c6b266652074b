"""A program applies for somebody: known by their e-mail address, under the rules they are under."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish
from app.booking.service.baskets import Chooser
from app.booking.service.equipment import Used
from app.booking.service.submitting import Submitted
from app.db.audit import Actor
from app.facilities.catalogue import Catalogue
from app.identity import service as identity
from app.identity.queries import entitlements_of
from app.kernel.refusals import Refusal, Refused
from app.usecases.applying import apply_at_once


@dataclass(frozen=True, slots=True)
class Person:
    """For whom a program applies, as the program tells it."""

    email: str
    name: str
    kana: str
    phone: str
    applicant_class: str


def apply_for(
    session: Session,
    catalogue: Catalogue,
    basket_key: str,
    person: Person,
    wishes: Sequence[Wish],
    answers: Answers,
    *,
    used: Sequence[Used] = (),
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Apply for somebody, all or nothing, as they could themselves; part of a transaction.

    `used` is what is used beside each wish. They become known to the municipality unless they
    are; what they said of themselves stays. Raises NotAllWishes, or Refused for what concerns
    the whole request.
    """
    account_id = identity.account_with(session, person.email, now=now)
    _be_known(session, catalogue, account_id, person, now=now)
    return apply_at_once(
        session,
        catalogue,
        Chooser(basket_key, person.applicant_class),
        wishes,
        Applicant(
            account_id,
            person.applicant_class,
            person.name,
            person.kana,
            person.phone,
            entitlements_of(session, account_id),
        ),
        answers,
        used=used,
        actor=actor,
        now=now,
    )


def _be_known(
    session: Session, catalogue: Catalogue, account_id: int, person: Person, *, now: datetime
) -> None:
    """Make the person known; raises Refused when staff did not put them into their class.

    Their row is also what quotas lock before they count.
    """
    policy = catalogue.policy_on(now.astimezone(catalogue.zone).date())
    asked = policy.class_named(person.applicant_class)
    may_say_so = asked is not None and asked.self_declared
    known_as = identity.meet(
        session,
        account_id,
        name=person.name,
        kana=person.kana,
        phone=person.phone,
        applicant_class=person.applicant_class if may_say_so else policy.default_class().id,
        now=now,
    )
    if not may_say_so and known_as != person.applicant_class:
        raise Refused(Refusal("applicant.not_of_class"))
