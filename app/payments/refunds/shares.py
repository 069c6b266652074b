"""Which lines of a booking a refund is of: those that were paid more than they still cost.

Payments are of whole bookings; reports tell by line what was collected. What was paid twice, or for
a booking that had ended, is of no line.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.payments.service import DEBTS, GIVEN_BACK

Share = tuple[int | None, int]  # a line (None: of no line) and how many yen

_BY_LINE = text(
    """
    select e.booking_line_id as line,
           coalesce(sum(e.yen) filter (where e.kind = any(:debts) and e.id < p.last_id), 0)
             as settled,
           coalesce(sum(e.yen) filter (where e.kind = any(:debts)), 0) as assessed,
           coalesce(sum(e.yen) filter (where e.kind = any(:back)), 0) as back
      from ledger_entry e
      left join (select max(id) as last_id from ledger_entry o
                  where o.tenant_id = :tenant and o.booking_id = :booking and o.kind = 'payment'
                    and not exists (select from ledger_entry r
                                     where r.tenant_id = o.tenant_id and r.reverses_id = o.id)
                ) p on true
     where e.tenant_id = :tenant and e.booking_id = :booking and e.payee = :payee
       and e.booking_line_id is not null
     group by e.booking_line_id
     order by e.booking_line_id
    """
)


def shares_of(session: Session, booking_id: int, payee: str, yen: int) -> list[Share]:
    """Return of which lines so many yen go back."""
    rows = _rows(session, booking_id, payee)
    return _shared([(row.line, row.settled - row.assessed - row.back) for row in rows], yen)


def shares_returned(session: Session, booking_id: int, payee: str, yen: int) -> list[Share]:
    """Return of which lines so many yen that had gone back have come again."""
    rows = _rows(session, booking_id, payee)
    return _shared([(row.line, row.back) for row in rows], yen)


def _rows(session: Session, booking_id: int, payee: str) -> Sequence[Any]:
    told = {
        "tenant": current_tenant(), "booking": booking_id, "payee": payee,
        "debts": list(DEBTS), "back": list(GIVEN_BACK),
    }  # fmt: skip
    return session.execute(_BY_LINE, told).all()


def _shared(most: Sequence[tuple[int, int]], yen: int) -> list[Share]:
    found: list[Share] = []
    for line, at_most in most:
        taken = min(max(int(at_most), 0), yen)
        if taken:
            found.append((line, taken))
            yen -= taken
    return [*found, (None, yen)] if yen else found
