"""Entries into the ledger; each is part of the transaction that causes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from app.db.audit import Actor
from app.db.session import current_tenant
from app.payments.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement: what kind, how many yen (debt up is positive), for which line."""

    kind: str
    yen: int
    line_id: int | None = None
    method: str | None = None


_WRITE = insert(LedgerEntry.__table__)  # type: ignore[arg-type]


def enter(
    session: Session, entries: Sequence[Entry], *, booking_id: int, actor: Actor, now: datetime
) -> None:
    """Write entries of one booking; an entry of no yen is written too, so that 0円 is explained."""
    if entries:
        session.execute(
            _WRITE,
            [
                {
                    "tenant_id": current_tenant(),
                    "booking_id": booking_id,
                    "booking_line_id": entry.line_id,
                    "kind": entry.kind,
                    "yen": entry.yen,
                    "entered_at": now,
                    "account_id": actor.account_id,
                    "method": entry.method,
                }
                for entry in entries
            ],
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """How the ledger of a booking stands."""

    owed_yen: int  # still to be paid; negative when money is owed to the applicant
    paid_yen: int  # received


_BALANCE = select(
    func.coalesce(func.sum(LedgerEntry.yen), 0),
    func.coalesce(-func.sum(LedgerEntry.yen).filter(LedgerEntry.kind == "payment"), 0),
).where(
    LedgerEntry.tenant_id == bindparam("tenant"), LedgerEntry.booking_id == bindparam("booking")
)


def balance_of(session: Session, booking_id: int) -> Balance:
    """Return what is still to be paid for a booking and what has been received."""
    told = {"tenant": current_tenant(), "booking": booking_id}
    owed, paid = session.execute(_BALANCE, told).one()
    return Balance(int(owed), int(paid))


def owed_yen(session: Session, booking_id: int) -> int:
    """Return what is still to be paid; negative when money is owed to the applicant."""
    return balance_of(session, booking_id).owed_yen


def paid_yen(session: Session, booking_id: int) -> int:
    """Return what has been received for a booking."""
    return balance_of(session, booking_id).paid_yen
