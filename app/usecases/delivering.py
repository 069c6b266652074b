"""A letter that was promised is written from what is true now, and sent once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import lines_of
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.codes import code_for
from app.identity.models import SignInAttempt
from app.notify.models import Delivery
from app.notify.ports import Letter, NotDelivered, Post
from app.notify.service import begin_try, end_try

Writer = Callable[[str, dict[str, Any]], tuple[str, str]]  # template, facts -> subject, body


class TryAgainLater(Exception):  # noqa: N818 - tells the job queue what to do
    """The letter did not go this time; the job is to be tried again."""


@dataclass(frozen=True, slots=True)
class _Draft:
    template: str
    email: str
    tries: int
    facts: dict[str, Any]


def deliver(
    delivery_id: int, *, catalogue: Catalogue, secret: str, write: Writer, post: Post, now: datetime
) -> None:
    """Send a promised letter, unless it went before; nothing outside is called in a transaction.

    Raises TryAgainLater when the carrier did not take it and tries are left.
    """

    def read(session: Session) -> _Draft | None:
        delivery = begin_try(session, delivery_id)
        if delivery is None:
            return None
        facts = _facts(session, delivery, catalogue, secret)
        return _Draft(delivery.template, delivery.email, delivery.tries, facts)

    draft = in_transaction(read)
    if draft is None:
        return
    subject, body = write(draft.template, draft.facts)
    reference = f"{catalogue.tenant_id}.{delivery_id}"
    error = None
    try:
        post.send(Letter(to=draft.email, subject=subject, body=body, reference=reference))
    except NotDelivered as not_delivered:
        error = str(not_delivered)
    in_transaction(
        lambda session: end_try(session, delivery_id, error=error, tries=draft.tries, now=now)
    )
    if error is not None:
        raise TryAgainLater(error)


def _facts(
    session: Session, delivery: Delivery, catalogue: Catalogue, secret: str
) -> dict[str, Any]:
    if delivery.template == "sign_in_code":
        attempt = session.get_one(SignInAttempt, delivery.subject_id)
        code = code_for(secret, attempt.id, attempt.salt)
        return {"code": code, "expires_at": attempt.expires_at}
    booking_id = delivery.subject_id
    if delivery.template == "booking_cancelled":
        booking_id = session.scalars(
            select(BookingLine.booking_id).where(
                BookingLine.tenant_id == current_tenant(), BookingLine.id == delivery.subject_id
            )
        ).one()
    booking = session.scalars(
        select(Booking).where(Booking.tenant_id == current_tenant(), Booking.id == booking_id)
    ).one()
    lines = [
        {"line": line, "facility": facility, "room": room}
        for line in lines_of(session, booking.id)
        for facility, room in [catalogue.room(line.room_id)]
    ]
    session.expunge_all()
    return {"booking": booking, "lines": lines}
