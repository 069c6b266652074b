"""Staff enter a payment received at the counter; the booking becomes certain."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.service.ending import certain, is_own, locked
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.service import Entry, enter, owed_yen


def receive_payment(booking_id: int, *, yen: int, actor: Actor, now: datetime) -> None:
    """Enter what was paid at the counter; it must be what is owed (parts come in a later form).

    Raises Refused when nothing is due, when the sum differs, or when the booking ended.
    """

    def work(session: Session) -> None:
        booking = locked(session, booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("payment.own"))
        certain(session, booking, now=now)
        owed = owed_yen(session, booking.id)
        if yen != owed:
            raise Refused(Refusal("payment.other_sum", {"owed": owed, "given": yen}))
        entry = Entry("payment", -yen, method="counter")
        enter(session, [entry], booking_id=booking.id, actor=actor, now=now)
        audit.note(
            session,
            actor,
            "payment.received",
            subject="booking",
            subject_id=booking.id,
            now=now,
            facts={"yen": yen, "state": booking.state},
        )
        if booking.account_id is not None:
            email = email_of(session, booking.account_id)
            promise(session, "payment_received", subject_id=booking.id, email=email, now=now)

    in_transaction(work)
