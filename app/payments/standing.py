"""How the money of a booking stands, as people ask of it: received, gone back, left either way."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.payments.models import LedgerEntry
from app.payments.service import GIVEN_BACK, MONEY_IN


@dataclass(frozen=True, slots=True)
class Standing:
    """The money of a whole booking; what two payees owe and are owed is not set off."""

    received_yen: int = 0  # less what was taken back as entered wrongly
    returned_yen: int = 0  # less what came back from a bank
    to_pay_yen: int = 0
    to_return_yen: int = 0


def standing_of(session: Session, booking_id: int) -> Standing:
    """Return how the money of a booking stands."""
    total = func.sum(LedgerEntry.yen)
    rows = session.execute(
        select(
            func.coalesce(-total.filter(LedgerEntry.kind.in_(MONEY_IN)), 0),
            func.coalesce(total.filter(LedgerEntry.kind.in_(GIVEN_BACK)), 0),
            total,
        )
        .where(LedgerEntry.tenant_id == current_tenant(), LedgerEntry.booking_id == booking_id)
        .group_by(LedgerEntry.payee)
    ).all()
    return Standing(
        sum(int(row[0]) for row in rows),
        sum(int(row[1]) for row in rows),
        sum(max(0, int(row[2])) for row in rows),
        sum(max(0, -int(row[2])) for row in rows),
    )
