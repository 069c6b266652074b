"""Staff enter money received at a counter, take an entry back, and issue receipts anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.service.ending import certain, is_own, locked, looks_other
from app.booking.service.pricing import due
from app.booking.service.told import uses_told
from app.booking.states import OPEN, LineState
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments import receipts, till
from app.payments.models import LedgerEntry, Receipt
from app.payments.online.attempts import under_way
from app.payments.online.ways import WAYS
from app.payments.receipts import Issuer
from app.payments.refunds.planning import Cause, plan
from app.payments.refunds.service import has_begun
from app.payments.service import (
    Counter,
    Entry,
    debts_left,
    enter,
    enter_one,
    entry_with,
    owed_by_payee,
    owed_yen,
)
from app.usecases.settling import day_of

USUAL_TAX = 10  # percent (消費税法29条 and 地方税法72条の83)
METHODS = ("cash", "card_terminal")


@dataclass(frozen=True, slots=True)
class Taken:
    """How money was taken: over which counter, in which way, and for whom the receipt is."""

    counter_id: int | None  # the hall; None: the town hall
    city: str  # the municipality's name: it issues where no payee is named
    method: str = "cash"
    addressee: str = ""  # 宛名; empty: the applicant
    despite: bool = False  # although somebody may still be paying over the network


def receive_payment(
    catalogue: Catalogue,
    booking_id: int,
    taken: Taken,
    *,
    yen: int,
    actor: Actor,
    now: datetime,
) -> list[int]:
    """Enter what was paid; it must be what is owed. Return the receipts, one for each payee.

    Raises Refused when nothing is due, when the sum differs, when the booking ended, when somebody
    may still be paying over the network, or when one payee owes money back while another is owed.
    """

    def work(session: Session) -> list[int]:
        booking = locked(session, booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("payment.own"))
        if not taken.despite and under_way(session, [booking.id]):
            raise Refused(Refusal("payment.under_way"))
        certain(session, booking, now=now)
        owed = owed_yen(session, booking.id)
        if yen != owed:
            raise Refused(Refusal("payment.other_sum", {"owed": owed, "given": yen}))
        made = _take(session, catalogue, booking, taken, actor=actor, now=now)
        told = {"yen": yen, "method": taken.method}
        _note(session, booking, "payment.received", actor, now=now, **told)
        if booking.account_id is not None and made:
            email, entry_id = email_of(session, booking.account_id), made[0].entry_id
            promise(session, "payment_received", subject_id=entry_id, email=email, now=now)
        return [one.id for one in made]

    return in_transaction(work)


def take_back(
    catalogue: Catalogue, receipt_id: int, *, reason: str, actor: Actor, now: datetime
) -> int:
    """Take a payment back that was entered wrongly and void its receipt; return its booking.

    The money is owed again, by a day as if it were asked for now, and the booking stands; of one
    that ended nothing is owed, for nothing was ever paid. The entry itself stays, with another
    against it on the counter's present day. Taken back again nothing differs. Raises Refused when
    there is no such receipt or no reason, for money that came over the network (that goes back by
    a refund), and for a payment of which some went back already.
    """

    def work(session: Session) -> int:
        found = receipts.locked(session, receipt_id)
        booking = locked(session, found.booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("payment.own"))
        if found.voided_at is not None:
            return booking.id
        if not reason:
            raise Refused(Refusal("receipt.no_reason"))
        payment = entry_with(session, found.entry_id)
        if payment.method in WAYS:
            raise Refused(Refusal("receipt.paid_online"))
        if has_begun(session, payment.id):
            raise Refused(Refusal("receipt.refunded"))
        entry_id = _reverse(session, catalogue, payment, actor=actor, now=now)
        receipts.void(found, reason=reason, actor=actor, now=now)
        _owed_again(session, catalogue, booking, actor=actor, now=now)
        plan(session, booking.id, Cause("changed"), now=now)  # less is owed back, if any was
        told = {"yen": found.yen, "receipt": found.number, "reason": reason}
        _note(session, booking, "payment.taken_back", actor, now=now, **told)
        if booking.account_id is not None:
            email = email_of(session, booking.account_id)
            promise(session, "payment_taken_back", subject_id=entry_id, email=email, now=now)
        return booking.id

    return in_transaction(work)


def issue_anew(receipt_id: int, *, actor: Actor, now: datetime) -> None:
    """Issue a receipt again (再発行): the same number, marked, and counted.

    Raises Refused when there is no such receipt or it was voided.
    """

    def work(session: Session) -> None:
        found = receipts.locked(session, receipt_id)
        if found.voided_at is not None:
            raise Refused(Refusal("receipt.void"))
        found.copies += 1
        booking = locked(session, found.booking_id)
        told = {"receipt": found.number, "copies": found.copies}
        _note(session, booking, "receipt.anew", actor, now=now, **told)

    in_transaction(work)


def _take(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    taken: Taken,
    *,
    actor: Actor,
    now: datetime,
) -> list[Receipt]:
    """Enter what each payee gets, on the counter's open day, with a receipt each."""
    if taken.method not in METHODS:
        raise ValueError(f"no method {taken.method}")
    today = now.astimezone(catalogue.zone).date()
    till.lock(session, taken.counter_id)
    at = Counter(taken.counter_id, till.business_day(session, taken.counter_id, today))
    owed = owed_by_payee(session, booking.id)
    if any(yen < 0 for yen in owed.values()):
        raise Refused(Refusal("payment.owed_both_ways"))
    made = []
    for payee, yen in owed.items():
        entry = Entry("payment", -yen, method=taken.method, payee=payee, counter=at)
        entry_id = enter_one(session, entry, booking_id=booking.id, actor=actor, now=now)
        made.append(
            receipts.issue(
                session, issuer_of(catalogue, payee, taken.city, now=now), booking_id=booking.id,
                entry_id=entry_id, yen=yen, today=today, actor=actor, now=now,
                uses=uses_told(session, booking.id, payee),
                addressee=taken.addressee or booking.applicant_name or "",
            )
        )  # fmt: skip
    return made


def issuer_of(catalogue: Catalogue, payee: str, city: str, *, now: datetime) -> Issuer:
    """Return who issues the receipts of a payee on a day; the municipality where none is named."""
    policy = catalogue.policy_on(now.astimezone(catalogue.zone).date())
    found = policy.payee_named(payee)
    if found is None:
        return Issuer(payee, city, None, USUAL_TAX)
    return Issuer(found.id, found.issuer, found.invoice_number, found.tax_percent)


def _reverse(
    session: Session, catalogue: Catalogue, payment: LedgerEntry, *, actor: Actor, now: datetime
) -> int:
    at = None
    if payment.business_on is not None:
        till.lock(session, payment.counter_id)
        today = now.astimezone(catalogue.zone).date()
        at = Counter(payment.counter_id, till.business_day(session, payment.counter_id, today))
    entry = Entry(
        "reversal", -payment.yen, method=payment.method, payee=payment.payee,
        reverses_id=payment.id, counter=at,
    )  # fmt: skip
    return enter_one(session, entry, booking_id=payment.booking_id, actor=actor, now=now)


def _owed_again(
    session: Session, catalogue: Catalogue, booking: Booking, *, actor: Actor, now: datetime
) -> None:
    """Let a booking that stands wait for its money again; it does not lapse for our mistake."""
    if booking.state in OPEN and owed_yen(session, booking.id) > 0:
        lines = [x for x in lines_of(session, booking.id) if x.state == LineState.ACTIVE]
        booking.due_at = due([(day_of(catalogue, x), x) for x in lines], catalogue, now=now)
    elif booking.state not in OPEN:
        kept = debts_left(session, booking.id)
        enter(session, kept, booking_id=booking.id, actor=actor, now=now)
    looks_other(session, booking, now=now)


def _note(
    session: Session, booking: Booking, action: str, actor: Actor, *, now: datetime, **facts: object
) -> None:
    audit.note(
        session, actor, action, subject="booking", subject_id=booking.id, now=now,
        facts={**facts, "state": booking.state},
    )  # fmt: skip
