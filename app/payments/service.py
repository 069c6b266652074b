"""Entries into the ledger; each is part of the transaction that causes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from app.db.audit import Actor
from app.db.session import current_tenant
from app.payments.models import CITY, LedgerEntry

DEBTS: Final = (
    "charge",
    "surcharge",
    "waiver",
    "release",
    "cancellation_fee",
    "credit",
)  # what lines cost
GIVEN_BACK: Final = ("refund", "refund_return")  # what went back, less what came again
MONEY_IN: Final = ("payment", "reversal")  # what was received, less what was taken back


@dataclass(frozen=True, slots=True)
class Counter:
    """Where money changed hands: a hall's counter or the town hall's, on whose 日計表."""

    facility_id: int | None  # None: the town hall
    business_on: date


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement: what kind, how many yen (debt up is positive), for which line."""

    kind: str
    yen: int
    line_id: int | None = None
    method: str | None = None
    payee: str = CITY
    reverses_id: int | None = None
    counter: Counter | None = None


class OfALine(Protocol):
    """A line of a booking as far as its money goes."""

    @property
    def id(self) -> int:
        """Return its id."""
        ...

    @property
    def payee(self) -> str:
        """Return who gets its fee."""
        ...


def of_line(kind: str, yen: int, line: OfALine) -> Entry:
    """Return a movement of one line, with whoever gets its fee."""
    return Entry(kind, yen, line.id, payee=line.payee)


_WRITE = insert(LedgerEntry.__table__)  # type: ignore[arg-type]


def enter(
    session: Session, entries: Sequence[Entry], *, booking_id: int, actor: Actor, now: datetime
) -> None:
    """Write entries of one booking; an entry of no yen is written too, so that 0円 is explained."""
    if entries:
        rows = [_row(one, booking_id, actor, now) for one in entries]
        session.execute(_WRITE, rows)


def enter_one(
    session: Session, entry: Entry, *, booking_id: int, actor: Actor, now: datetime
) -> int:
    """Write one entry of a booking and return its id."""
    row = _row(entry, booking_id, actor, now)
    return int(session.execute(_WRITE.returning(LedgerEntry.id), row).scalar_one())


def entry_with(session: Session, entry_id: int) -> LedgerEntry:
    """Return an entry."""
    return session.get_one(LedgerEntry, (current_tenant(), entry_id))


def _row(entry: Entry, booking_id: int, actor: Actor, now: datetime) -> dict[str, object]:
    at = entry.counter
    return {
        "tenant_id": current_tenant(),
        "booking_id": booking_id,
        "booking_line_id": entry.line_id,
        "kind": entry.kind,
        "yen": entry.yen,
        "entered_at": now,
        "account_id": actor.account_id,
        "method": entry.method,
        "payee": entry.payee,
        "reverses_id": entry.reverses_id,
        "counter_id": at.facility_id if at else None,
        "business_on": at.business_on if at else None,
    }


@dataclass(frozen=True, slots=True)
class Balance:
    """How the ledger of a booking stands."""

    owed_yen: int  # still to be paid; negative when money is owed to the applicant
    paid_yen: int  # received


_BALANCE = select(
    func.coalesce(func.sum(LedgerEntry.yen), 0),
    func.coalesce(-func.sum(LedgerEntry.yen).filter(LedgerEntry.kind.in_(MONEY_IN)), 0),
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


def gone_back_yen(session: Session, booking_id: int) -> int:
    """Return what went back of a booking's payments, less what came again."""
    found = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.yen), 0)).where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == booking_id,
            LedgerEntry.kind.in_(GIVEN_BACK),
        )
    )
    return int(found or 0)


def owed_by_payee(session: Session, booking_id: int) -> dict[str, int]:
    """Return what is still to be paid to each payee; negative where they owe money back."""
    rows = session.execute(
        select(LedgerEntry.payee, func.sum(LedgerEntry.yen))
        .where(LedgerEntry.tenant_id == current_tenant(), LedgerEntry.booking_id == booking_id)
        .group_by(LedgerEntry.payee)
        .having(func.sum(LedgerEntry.yen) != 0)
        .order_by(LedgerEntry.payee)
    )
    return {payee: int(yen) for payee, yen in rows}


def owed_by_booking(session: Session, booking_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return, by booking and payee, what is still to be paid; negative where money is owed back."""
    rows = session.execute(
        select(LedgerEntry.booking_id, LedgerEntry.payee, func.sum(LedgerEntry.yen))
        .where(LedgerEntry.tenant_id == current_tenant(), LedgerEntry.booking_id.in_(booking_ids))
        .group_by(LedgerEntry.booking_id, LedgerEntry.payee)
        .having(func.sum(LedgerEntry.yen) != 0)
        .order_by(LedgerEntry.booking_id, LedgerEntry.payee)
    )
    found: dict[int, dict[str, int]] = {}
    for booking_id, payee, yen in rows:
        found.setdefault(booking_id, {})[payee] = int(yen)
    return found


def methods_paid(session: Session, booking_id: int) -> list[str]:
    """Return in which ways a booking was paid, without what was taken back."""
    reversed_ones = select(LedgerEntry.reverses_id).where(
        LedgerEntry.tenant_id == current_tenant(),
        LedgerEntry.booking_id == booking_id,
        LedgerEntry.reverses_id.is_not(None),
    )
    rows = session.scalars(
        select(LedgerEntry.method)
        .where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == booking_id,
            LedgerEntry.kind == "payment",
            LedgerEntry.id.not_in(reversed_ones),
        )
        .order_by(LedgerEntry.id.desc())
    )
    return list(dict.fromkeys(one or "" for one in rows))


def cost_of(session: Session, booking_id: int, line_id: int) -> int:
    """Return what a line still costs: its fee less what was taken off, or what is kept of it."""
    found = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.yen), 0)).where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == booking_id,
            LedgerEntry.booking_line_id == line_id,
            LedgerEntry.kind.in_(DEBTS),
        )
    )
    return int(found or 0)


def debts_left(session: Session, booking_id: int) -> list[Entry]:
    """Return the entries that release what lines of a booking that ended still cost."""
    left = func.sum(LedgerEntry.yen)
    rows = session.execute(
        select(LedgerEntry.booking_line_id, LedgerEntry.payee, left)
        .where(
            LedgerEntry.tenant_id == current_tenant(),
            LedgerEntry.booking_id == booking_id,
            LedgerEntry.kind.in_(DEBTS),
        )
        .group_by(LedgerEntry.booking_line_id, LedgerEntry.payee)
        .having(left > 0)
    )
    return [Entry("release", -int(yen), line, payee=payee) for line, payee, yen in rows]
