"""What people do with the service, a line each; nothing is wrong unless the test says so."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.booking.service.basket_plan import Chosen, Wish
from app.booking.service.baskets import Chooser
from app.booking.service.ending import LineEnd
from app.booking.service.submitting import Submitted
from app.db.audit import Actor
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refused
from app.usecases import applying, cancelling, choosing, receiving
from tests import builders
from tests.builders import MONDAY_9AM

CLERK = Actor("staff", account_id=900_001, request_id="at-the-counter")  # nobody who books
_keys = count(1)


def new_key() -> str:
    """Return the key of a browser that was never here."""
    return f"browser-{next(_keys)}"


def choose(
    found: Catalogue,
    key: str,
    *wishes: Wish,
    now: datetime = MONDAY_9AM,
    applicant_class: str = "resident",
    **options: Any,
) -> Chosen:
    """Hold rooms and times in a browser of somebody who is signed in."""
    return choosing.choose(found, Chooser(key, applicant_class), wishes, now=now, **options)


def codes(chosen: Chosen) -> list[str]:
    """Return the reasons why wishes could not be had, in one list."""
    return sorted(no.code for refusals in chosen.refused.values() for no in refusals)


def apply(
    found: Catalogue,
    key: str,
    person: Applicant,
    *,
    now: datetime = MONDAY_9AM,
    best_effort: bool = False,
    agreed_yen: int | None = None,
    **answers: Any,
) -> Submitted:
    """Apply for what a browser holds."""
    return applying.apply(
        found,
        key,
        person,
        builders.some_answers(**answers),
        actor=Actor("resident", person.account_id, request_id="r"),
        now=now,
        best_effort=best_effort,
        agreed_yen=agreed_yen,
    )


def book(
    found: Catalogue, person: Applicant, *wishes: Wish, now: datetime = MONDAY_9AM, **answers: Any
) -> Submitted:
    """Choose and apply; everything is had."""
    key = new_key()
    chosen = choose(found, key, *wishes, now=now, applicant_class=person.applicant_class)
    assert not chosen.refused
    return apply(found, key, person, now=now, **answers)


def pay(booking: Booking, *, yen: int | None = None, now: datetime = MONDAY_9AM) -> None:
    """Pay at the counter, by default what the booking costs."""
    given = booking.fee_yen if yen is None else yen
    receives(booking.tenant_id, booking.id, yen=given, now=now)


def receives(
    tenant_id: int,
    booking_id: int,
    *,
    yen: int,
    actor: Actor = CLERK,
    now: datetime = MONDAY_9AM,
    despite: bool = False,
) -> None:
    """Take money at the town hall's counter; call in the scope of the municipality."""
    found = builders.catalogue_with(tenant_id)
    taken = receiving.Taken(None, "みどり市", despite=despite)
    receiving.receive_payment(found, booking_id, taken, yen=yen, actor=actor, now=now)


def cancel(
    found: Catalogue,
    made: Submitted,
    *line_ids: int,
    actor: Actor | None = None,
    now: datetime = MONDAY_9AM,
) -> Sequence[LineEnd]:
    """Cancel lines of a booking, by default all, by default as the person who made it."""
    return cancelling.cancel_lines(
        found,
        made.booking.id,
        line_ids or [line.id for line in made.lines],
        actor=actor or Actor("resident", made.booking.account_id),
        now=now,
    )


def told(work: Any, *arguments: Any, **options: Any) -> list[str]:
    """Return the codes with which something is refused; none when it is not."""
    try:
        work(*arguments, **options)
    except Refused as no:
        return list(no.codes)
    return []
