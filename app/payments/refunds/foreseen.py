"""What would go back, and in which ways, if some of a booking's fees were not owed any more."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.payments.refunds import service
from app.payments.refunds.planning import NOT_GONE, portions
from app.payments.service import balance_of, owed_by_payee


def would_go_back(session: Session, booking_id: int, released: Mapping[str, int]) -> Counter[str]:
    """Return yen by the way in which they would go back, as plan() would have it.

    `released` is what each payee would not be owed any more. Of what was never paid nothing comes
    back.
    """
    found: Counter[str] = Counter()
    if balance_of(session, booking_id).paid_yen <= 0:
        return found
    owed = owed_by_payee(session, booking_id)
    planned: Counter[str] = Counter()
    for one in service.of_booking(session, booking_id):
        if one.state in NOT_GONE:
            planned[one.payee] += one.yen
    for payee, yen in released.items():
        left = max(0, yen - owed.get(payee, 0)) - planned[payee]
        for part in portions(session, booking_id, payee, left):
            found[part.method] += part.yen
    return found
