"""What every step of a refund shares: its lock, its audit, its letter."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.service.ending import locked
from app.db import audit
from app.db.audit import Actor
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund


def locked_refund(session: Session, refund_id: int) -> Refund:
    """Return a refund, locked after its booking as everywhere."""
    found = refunds.known(session, refund_id)
    if found is None:
        raise Refused(Refusal("refund.unknown"))
    locked(session, found.booking_id)
    return refunds.locked(session, refund_id)


def deed(
    session: Session, refund: Refund, action: str, actor: Actor, *, now: datetime, **facts: object
) -> None:
    """Write down what was done with a refund, with its booking."""
    audit.note(
        session, actor, action, subject="booking", subject_id=refund.booking_id, now=now,
        facts={"refund": refund.id, "yen": refund.yen, **facts},
    )  # fmt: skip


def tell(session: Session, refund: Refund, *, now: datetime) -> None:
    """Promise a letter: it went, or the provider asks where to."""
    booking = locked(session, refund.booking_id)
    if booking.account_id is None:
        return
    email = email_of(session, booking.account_id)
    if refund.state == "done":
        promise(session, "refund_done", subject_id=refund.id, email=email, now=now)
    else:
        promise(session, "refund_details", subject_id=refund.id, email=email, now=now)
