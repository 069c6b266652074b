"""Receipts (領収書): numbered without a gap by payee and fiscal year, issued once for a payment."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.audit import Actor
from app.db.session import current_tenant
from app.kernel.calendar_jp import fiscal_year
from app.kernel.refusals import Refusal, Refused
from app.payments.models import Receipt

# The row is locked until the transaction ends: whoever comes next waits, so that a number that
# is given back is given out again.
_NEXT = text(
    "insert into receipt_count (tenant_id, payee, fiscal_year, last)"
    " values (:tenant, :payee, :year, 1)"
    " on conflict (tenant_id, payee, fiscal_year) do update set last = receipt_count.last + 1"
    " returning last"
)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues a receipt, as it stands on it."""

    payee: str
    name: str
    invoice_number: str | None  # 登録番号 (消費税法57条の4)
    tax_percent: int


def issue(
    session: Session,
    issuer: Issuer,
    *,
    booking_id: int,
    entry_id: int,
    yen: int,
    addressee: str,
    uses: list[dict[str, Any]],
    today: date,
    actor: Actor,
    now: datetime,
) -> Receipt:
    """Write the receipt for a payment that was just entered; `today` is the local day.

    `uses` is what it is for, as it stands now: a change or cancellation later changes no receipt.
    """
    year = fiscal_year(today)
    told = {"tenant": current_tenant(), "payee": issuer.payee, "year": year}
    receipt = Receipt(
        tenant_id=current_tenant(),
        payee=issuer.payee,
        fiscal_year=year,
        number=session.scalar(_NEXT, told),
        booking_id=booking_id,
        entry_id=entry_id,
        yen=yen,
        tax_percent=issuer.tax_percent,
        addressee=addressee,
        uses=uses,
        issuer=issuer.name,
        invoice_number=issuer.invoice_number,
        issued_at=now,
        issued_by=actor.account_id,
        copies=0,
    )
    session.add(receipt)
    session.flush()
    return receipt


def locked(session: Session, receipt_id: int) -> Receipt:
    """Return a receipt, locked against everybody else who would change it.

    Raises Refused when the municipality has no such receipt.
    """
    found = session.scalar(
        select(Receipt)
        .where(Receipt.tenant_id == current_tenant(), Receipt.id == receipt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("receipt.unknown"))
    return found


def void(receipt: Receipt, *, reason: str, actor: Actor, now: datetime) -> None:
    """Make a locked receipt worthless; its number stays taken."""
    receipt.voided_at, receipt.voided_by, receipt.void_reason = now, actor.account_id, reason


def tax_of(yen: int, percent: int) -> int:
    """Return the tax that a sum contains, rounded down once for the document (国税通則法119条).

    >>> tax_of(1100, 10), tax_of(800, 10), tax_of(800, 0)
    (100, 72, 0)
    """
    return yen * percent // (100 + percent)
