"""What a line was assessed and what of it was collected (調定・収納), read from the ledger."""

from sqlalchemy import FromClause, exists, func, select
from sqlalchemy.orm import aliased

from app.booking.models import BookingLine
from app.db.session import current_tenant
from app.payments.models import LedgerEntry
from app.payments.service import DEBTS, GIVEN_BACK


def money_of_line() -> FromClause:
    """Return assessed, collected (of the joined booking line) and owed (of its whole booking).

    A payment is entered for the whole booking and is what all lines owed at that moment, so a
    line's share is what had been entered for it before. Cancelled later, it stays collected
    until it is paid back.
    """
    entry, payment, reversal = (aliased(LedgerEntry) for _ in range(3))
    last_payment = (
        select(func.max(payment.id))
        .where(
            payment.tenant_id == current_tenant(),
            payment.booking_id == BookingLine.booking_id,
            payment.kind == "payment",
            ~exists().where(
                reversal.tenant_id == payment.tenant_id, reversal.reverses_id == payment.id
            ),
        )
        .correlate(BookingLine)
        .scalar_subquery()
    )
    of_line = entry.booking_line_id == BookingLine.id
    debt = entry.kind.in_(DEBTS)
    before = func.sum(entry.yen).filter(of_line, debt, entry.id < last_payment)
    paid_back = func.sum(entry.yen).filter(of_line, entry.kind.in_(GIVEN_BACK))
    return (
        select(
            func.coalesce(func.sum(entry.yen).filter(of_line, debt), 0).label("assessed_yen"),
            (func.coalesce(before, 0) - func.coalesce(paid_back, 0)).label("collected_yen"),
            func.coalesce(func.sum(entry.yen), 0).label("owed_yen"),
        )
        .where(entry.tenant_id == current_tenant(), entry.booking_id == BookingLine.booking_id)
        .correlate(BookingLine)
        .lateral("money")
    )
