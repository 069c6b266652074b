"""What the service asks of a payment provider, and what it hears of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Unreachable(Exception):  # noqa: N818 - tells that it is to be asked again
    """The provider did not answer, or answered that it can't just now."""


class Declined(Exception):  # noqa: N818 - tells that asking again changes nothing
    """The provider understood and refused; `code` is its word for why."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


class Forged(Exception):  # noqa: N818 - tells what was told, not what went wrong here
    """A notice whose signature is not the provider's, or is too old; nothing of it is believed."""


@dataclass(frozen=True, slots=True)
class Door:
    """Whose account is used: by a key of its own, or connected to ours. Never printed."""

    key: str
    account: str | None  # None: the account that the key belongs to

    def __repr__(self) -> str:
        return f"Door({self.account or 'own'})"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid; told again with the same `key` it is the same order."""

    key: str
    way: str  # card, konbini, paypay
    lines: Sequence[tuple[str, int]]  # what for, and how many yen
    email: str | None
    until: datetime  # how long the page to pay on stands open
    konbini_days: int | None
    return_url: str
    back_url: str
    marks: Mapping[str, str]  # ids of ours, never personal data


@dataclass(frozen=True, slots=True)
class Seen:
    """How an order stands at the provider."""

    session_ref: str
    state: str  # open, waiting (a number to pay at a shop is out), paid, expired, failed
    url: str | None = None
    intent_ref: str | None = None
    charge_ref: str | None = None
    method: str | None = None
    yen: int = 0  # received
    voucher_url: str | None = None
    voucher_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Money to be sent back out of one payment."""

    key: str
    intent_ref: str
    yen: int
    email: str | None
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Returned:
    """How a refund stands at the provider."""

    provider_ref: str
    state: str  # sent, details (they ask for a bank account), done, failed
    yen: int
    intent_ref: str | None = None
    failure: str | None = None
    mark: str | None = None  # which of ours it is; None: begun by hand at the provider


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payment that somebody disputes at their card company."""

    intent_ref: str
    yen: int
    due_by: datetime | None  # until when it may be answered; None: it can't be, or is over


class Gateway(Protocol):
    """A provider of payments. Everything raises Unreachable or Declined."""

    @property
    def key(self) -> str:
        """Return the key that connected accounts are used with; empty: there is none."""

    def open(self, door: Door, order: Order) -> Seen:
        """Make a page to pay an order on, once."""

    def look(self, door: Door, session_ref: str) -> Seen:
        """Return how an order stands."""

    def withdraw(self, door: Door, session_ref: str) -> None:
        """Close a page to pay on; Declined when somebody used it already."""

    def give_back(self, door: Door, wanted: Return) -> Returned:
        """Send money back, once for a key."""

    def returned(self, door: Door, provider_ref: str) -> Returned:
        """Return how a refund stands."""

    def all_returned(self, door: Door, intent_ref: str) -> Sequence[Returned]:
        """Return every refund of one payment, also those begun at the provider."""

    def marks_of(self, door: Door, intent_ref: str) -> Mapping[str, str]:
        """Return the ids of ours that a payment carries."""

    def dispute(self, door: Door, dispute_ref: str) -> Dispute:
        """Return what somebody disputes at their card company."""

    def ways(self, door: Door) -> tuple[str, frozenset[str]]:
        """Return the account's id and the ways to pay that are switched on in it."""

    def notice(self, raw: bytes, signature: str, secrets: Sequence[str]) -> Mapping[str, Any]:
        """Return what a notice says, once its signature over these very bytes was checked.

        One of the secrets must have made it; there are two while one replaces the other. Raises
        Forged.
        """
