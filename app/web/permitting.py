"""Whether a booking's use is permitted now, and what of its fee keeps it from being so."""

from app.booking.states import State
from app.db import db
from app.payments.service import owed_by_payee
from app.web.booked import Booked


def is_permitted(found: Booked) -> bool:
    """Say whether a booking's use is permitted and its permit can be handed out.

    It is certain only once nothing of its fee is due; what is debited later is not due.
    """
    booking = found.booking
    is_certain = booking.state in (State.CONFIRMED, State.USED) and booking.due_at is None
    return is_certain and bool(found.standing) and not unpaid(found)


def unpaid(found: Booked) -> dict[str, int]:
    """Return by payee what is to be paid before anything is permitted.

    A booking may be certain and owe all the same: somebody gave its money back at the provider.
    """
    owed = owed_by_payee(db.session(), found.booking.id)
    return {payee: yen for payee, yen in owed.items() if yen > 0 and not is_debited(found, payee)}


def is_debited(found: Booked, payee: str) -> bool:
    """Say whether the terms let a payee's fees be taken from an account later (口座振替)."""
    terms = [one.terms for one in found.standing if one.line.payee == payee]
    return bool(terms) and all(x is not None and x.payment.debit is not None for x in terms)
