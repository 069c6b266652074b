"""What papers say of a booking's money, line by line and payee by payee, from the ledger."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.booking.floor import Displacement
from app.booking.models import BookingChange, BookingLine
from app.db.session import current_tenant
from app.payments.models import LedgerEntry
from app.payments.service import DEBTS, GIVEN_BACK, MONEY_IN


@dataclass(slots=True)
class PayeeMoney:
    """Where the money of one payee in a booking stands."""

    owed_yen: int = 0  # negative: owed to the applicant
    received_yen: int = 0  # payments less those taken back
    paid_back_yen: int = 0  # less what came back from a bank
    by_line: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # what lines cost

    def cost_of(self, line_id: int) -> int:
        """Return what a line costs now; of one that was cancelled, what is kept of it."""
        return self.by_line.get(line_id, 0)


def money_by_payee(session: Session, booking_id: int) -> Mapping[str, PayeeMoney]:
    """Return the money of a booking by who gets it."""
    rows = session.execute(
        select(
            LedgerEntry.payee,
            LedgerEntry.booking_line_id,
            LedgerEntry.kind,
            func.sum(LedgerEntry.yen),
        )
        .where(LedgerEntry.tenant_id == current_tenant(), LedgerEntry.booking_id == booking_id)
        .group_by(LedgerEntry.payee, LedgerEntry.booking_line_id, LedgerEntry.kind)
        .order_by(LedgerEntry.payee, LedgerEntry.booking_line_id, LedgerEntry.kind)
    )
    found: dict[str, PayeeMoney] = defaultdict(PayeeMoney)
    for payee, line_id, kind, total in rows:
        money, yen = found[payee], int(total)
        money.owed_yen += yen
        if kind in DEBTS and line_id is not None:
            money.by_line[line_id] += yen
        elif kind in MONEY_IN:
            money.received_yen -= yen
        elif kind in GIVEN_BACK:
            money.paid_back_yen += yen
    return found


def changes_kept(session: Session, booking_id: int) -> Sequence[BookingChange]:
    """Return how a booking was changed, the first first."""
    return session.scalars(
        select(BookingChange)
        .where(BookingChange.tenant_id == current_tenant(), BookingChange.booking_id == booking_id)
        .order_by(BookingChange.id)
    ).all()


def displaced_of(session: Session, booking_id: int) -> frozenset[int]:
    """Return the lines of a booking that the hall itself had to cancel."""
    return frozenset(
        session.scalars(
            select(Displacement.booking_line_id)
            .join(
                BookingLine,
                (BookingLine.tenant_id == Displacement.tenant_id)
                & (BookingLine.id == Displacement.booking_line_id),
            )
            .where(Displacement.tenant_id == current_tenant(), BookingLine.booking_id == booking_id)
        )
    )
