"""What the service asks of a vendor of locks, and what it hears of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol

BOX: Final = "manual"  # a key box: its number is the box's own, and nobody can be asked about it

SKEW: Final = timedelta(minutes=5)  # by which clocks of vendors and locks are trusted to differ

DoorState = Literal["pending", "ready", "failed"]


class LockError(Exception):
    """Something went wrong at the vendor; `code` is a word for it, never a PIN."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code or type(self).__name__


class LockAuth(LockError):  # noqa: N818 - says what is the case
    """The account is not let in any more; nothing of it works until a person mends it."""


class LockInvalid(LockError):  # noqa: N818 - says what is the case
    """Understood and refused; asking again changes nothing."""


class LockConflict(LockError):  # noqa: N818 - says what is the case
    """The vendor holds something else under this key, or the number is taken there."""


class LockNotFound(LockError):  # noqa: N818 - says what is the case
    """The vendor does not know it."""


class LockRateLimited(LockError):  # noqa: N818 - says what is the case
    """Asked too often; nothing is asked of this account before `retry_after` has passed."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("rate_limited")
        self.retry_after = retry_after


class LockOffline(LockError):  # noqa: N818 - says what is the case
    """The vendor can't reach the lock just now."""


class LockTransient(LockError):  # noqa: N818 - says what is the case
    """No answer, or none that means anything: whether it was done is unknown."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What codes of a door can be."""

    choose_pin: bool
    pin_min: int
    pin_max: int
    async_confirm: bool  # whether the lock has it is told later
    window_enforced_by_lock: bool  # False: the code has to be taken away at its end
    revocable: bool
    grain: timedelta
    max_window: timedelta
    max_codes_same_window: int | None
    multi_door_single_pin: bool  # several doors under one credential
    lead_time: timedelta  # worst case until a new code is in the lock


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A code that is wanted; asked again with the same `key` it is the same code."""

    key: str
    label: str  # the booking's number, never a person's name
    doors: tuple[str, ...]  # the vendor's ids, the first is the primary one
    starts_at: datetime
    ends_at: datetime
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as the vendor holds it; its `pin` is the truth, whatever was asked for."""

    refs: Mapping[str, Any]
    state: DoorState
    effective_from: datetime
    effective_to: datetime
    doors: Mapping[str, DoorState]
    pin: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    holder_ref: str | None = None  # as events name whose code it was
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A lock as the vendor last heard of it."""

    ref: str
    name: str
    kind: str
    is_online: bool | None
    seen_at: datetime | None
    battery: int | None  # percent
    lead_time: timedelta
    is_alone: bool = False  # its code opens no other door


@dataclass(frozen=True, slots=True)
class LockEvent:
    """Something that happened at a lock; `kind` is one of ours."""

    ref: str
    kind: str  # synced, sync_failed, used, denied, offline, online, battery_low, other
    at: datetime
    device_ref: str | None = None
    holder_ref: str | None = None  # whose code it was, as the vendor names it


@dataclass(frozen=True, slots=True)
class Tokens:
    """What lets a program into an account for a while; never printed."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    until: datetime


class TokenStore(Protocol):
    """Where the tokens of an account rest; one at a time renews them."""

    def read(self) -> Tokens | None:
        """Return those that were stored last."""

    def renewed(self, stale: Tokens | None, fetch: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Return newer tokens than `stale`: somebody else's, or what `fetch` brings of the last.

        Others wait meanwhile: a refresh token that was used is void (RFC 6749 §6).
        """


@dataclass(frozen=True, slots=True)
class AccountView:
    """How one account at a vendor is reached; never printed."""

    id: int
    provider: str
    mode: str
    site: str
    client_ref: str
    secret: str = field(repr=False)
    zone: str
    tokens: TokenStore = field(repr=False)
    is_by_consent: bool = False  # an owner of locks lets us in, at a page of the vendor's
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)  # of key boxes, by device


class Consent(Protocol):
    """How an owner of locks lets us in by hand, at a page of the vendor's (OAuth codes)."""

    def page(self, back: str, state: str) -> str:
        """Return the page that asks; it leads `back` with a code and the same `state`."""

    def tokens(self, code: str, back: str) -> Tokens:
        """Return what a code is good for, once; they can be renewed. Raises LockAuth: it isn't."""


class Telling(Protocol):
    """Where a vendor sends its notices, as far as a program may say so."""

    def tell(self, name: str, address: str, *, instead_of: str = "") -> None:
        """Let notices of all locks come to `address`, and to no other that goes by `name`.

        Asked again nothing changes, also after an answer that was lost. `instead_of` is an
        address that people may have put in by hand.
        """

    def silence(self, name: str, address: str) -> None:
        """Let no more notices come to what goes by `name`, nor to `address`."""


class LockProvider(Protocol):
    """One account at a vendor. Everything that goes out raises LockError."""

    name: str

    @property
    def consent(self) -> Consent | None:
        """How an owner lets us in; None: the vendor has no such page, a secret is all."""

    @property
    def telling(self) -> Telling | None:
        """Where notices go; None: the vendor tells nothing, or people put the address in."""

    def capabilities(self, device_ref: str) -> Capabilities:
        """Return what codes of a door can be."""

    def list_devices(self) -> Sequence[DeviceInfo]:
        """Return every lock of the account."""

    def issue(self, wanted: CodeRequest) -> IssuedCode:
        """Make a code for all of its doors, once for a key."""

    def reschedule(self, refs: Mapping[str, Any], wanted: CodeRequest) -> IssuedCode:
        """Move a code to another window; it may come back with another number."""

    def revoke(self, refs: Mapping[str, Any]) -> Literal["done", "pending", "impossible"]:
        """Take a code away; pending: the lock holds it until it wakes."""

    def fetch(self, refs: Mapping[str, Any]) -> IssuedCode | None:
        """Return a code as it stands; None: the vendor does not know it, or it was taken away."""

    def find(self, wanted: CodeRequest) -> IssuedCode | None:
        """Return what was made under a key whose answer was lost; None: nothing was."""

    def hints(self, headers: Mapping[str, str], raw: bytes) -> Sequence[str]:
        """Return the ids of events that a notice names; raises LockInvalid when it is none."""

    def event(self, ref: str) -> LockEvent | None:
        """Return an event as the vendor keeps it; None: the vendor never had it."""

    def events(self, since: str | None) -> Sequence[LockEvent]:
        """Return the events after one, the oldest first."""

    def forget(self) -> None:
        """Give connections back."""
