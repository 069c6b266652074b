"""Which figure of a statement an entry of the ledger belongs to; a new kind is one line here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """Whether an entry says what is to be paid, or that money moved."""

    ASSESSED = "assessed"  # 調定
    MONEY = "collected"  # 収納
    OTHER = "other"  # of a kind that is not in the table: shown by its name, never left out


SIDES: Mapping[str, Side] = {
    "charge": Side.ASSESSED,
    "surcharge": Side.ASSESSED,
    "cancellation_fee": Side.ASSESSED,
    "waiver": Side.ASSESSED,
    "release": Side.ASSESSED,
    "payment": Side.MONEY,
    "reversal": Side.MONEY,
    "refund": Side.MONEY,
    "refund_return": Side.MONEY,
    "credit": Side.MONEY,
}
ALWAYS = ("charge", "waiver", "release", "payment", "reversal", "refund")  # also when there is none
NOTICES = ("charge", "surcharge", "cancellation_fee")  # what an applicant is told to pay
BY_METHOD = "payment"  # the kind of which each method has a figure of its own
MONEY_KINDS = [kind for kind, side in SIDES.items() if side is Side.MONEY]
BALANCES = ("unpaid_before", "over_before", "unpaid", "over")
SUMS = (Side.ASSESSED, Side.MONEY)


class Key(NamedTuple):
    """A kind of entry with how the money came."""

    kind: str
    method: str


@dataclass(slots=True)
class Sum:
    """How many entries, and what they come to in the ledger (a debt is positive)."""

    entries: int = 0
    yen: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a statement. Its id stands in addresses: charge, payment.cash, collected."""

    id: str
    kind: str = ""
    method: str | None = None
    side: Side = Side.OTHER

    @property
    def is_sum(self) -> bool:
        """Say whether it adds others up."""
        return self.id in SUMS

    @property
    def is_balance(self) -> bool:
        """Say whether it is a state, and no movement."""
        return self.id in BALANCES

    @property
    def sign(self) -> int:
        """Return by what a sum of the ledger is multiplied: money received reads positive."""
        return -1 if self.side is Side.MONEY or self.id.startswith("over") else 1

    def takes(self, key: Key) -> bool:
        """Say whether entries of a kind are part of it."""
        if self.is_sum:
            return side_of(key.kind) == self.id
        return key.kind == self.kind and self.method in (None, key.method)


@dataclass(slots=True)
class Row:
    """What moved in a part of the ledger, and what was unpaid (or owed back) before and after."""

    moved: dict[Key, Sum] = field(default_factory=dict)
    unpaid_before: int = 0
    over_before: int = 0
    unpaid: int = 0
    over: int = 0

    def add(self, key: Key, entries: int, yen: int) -> None:
        """Count entries of a kind."""
        one = self.moved.setdefault(key, Sum())
        one.entries += entries
        one.yen += yen

    def yen(self, line: Line) -> int:
        """Return a figure as it is read."""
        if line.is_balance:
            return int(getattr(self, line.id))
        return line.sign * sum(one.yen for key, one in self.moved.items() if line.takes(key))

    def entries(self, line: Line) -> int:
        """Return how many entries make a figure up; those of no yen are not counted."""
        return sum(one.entries for key, one in self.moved.items() if line.takes(key))

    @property
    def difference(self) -> int:
        """Return what beginning and movements lack of the end; 0 where all is right."""
        moved = sum(one.yen for one in self.moved.values())
        begin, end = self.unpaid_before - self.over_before, self.unpaid - self.over
        return begin + moved - end


def side_of(kind: str) -> Side:
    """Return the side of a kind."""
    return SIDES.get(kind, Side.OTHER)


def sum_of(rows: Iterable[Row]) -> Row:
    """Return what rows add up to."""
    total = Row()
    for one in rows:
        for key, some in one.moved.items():
            total.add(key, some.entries, some.yen)
        for name in BALANCES:
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return total


def line_with(line_id: str) -> Line:
    """Return the figure of an id; one of an unknown kind is a figure too."""
    if line_id in BALANCES:
        return Line(line_id)
    if line_id in SUMS:
        return Line(line_id, side=Side(line_id))
    kind, dot, method = line_id.partition(".")
    return Line(line_id, kind, method if dot else None, side_of(kind))


def lines_of(keys: Collection[Key], *, balances: bool = True) -> list[Line]:
    """Return the figures of a statement in their order: beginning, 調定, 収納, end."""
    kinds = {key.kind for key in keys} | set(ALWAYS)
    found = ["unpaid_before", "over_before"] if balances else []
    for side in SUMS:
        for kind in (one for one in SIDES if one in kinds and SIDES[one] is side):
            found += _ids(kind, keys)
        found.append(str(side))
    found += sorted(one for one in kinds if side_of(one) is Side.OTHER)
    found += ["unpaid", "over"] if balances else []
    return [line_with(one) for one in found]


def _ids(kind: str, keys: Collection[Key]) -> list[str]:
    if kind != BY_METHOD:
        return [kind]
    methods = sorted({key.method for key in keys if key.kind == kind})
    return [f"{kind}.{method}" for method in methods] or [kind]
