"""What a grant can be, and the one function that says what is to be done about it."""

from datetime import datetime
from enum import StrEnum
from typing import Literal


class GrantState(StrEnum):
    """Where a code stands at the vendor, as far as we know."""

    PLANNED = "planned"  # nothing was asked of the vendor yet
    ISSUING = "issuing"  # asked; whether it was done is not known
    PENDING = "pending"  # the vendor has it, not every lock does
    READY = "ready"  # every lock has it
    FAILED = "failed"  # refused, or a lock could not take it
    REVOKING = "revoking"  # taken away at the vendor, a lock may still hold it
    REVOKED = "revoked"
    ENDED = "ended"  # its time has gone


SETTLED = frozenset({GrantState.REVOKED, GrantState.ENDED})

Deed = Literal["issue", "find", "move", "look", "revoke", "close", "nothing"]


def next_deed(
    *, state: str, is_wanted: bool, is_moved: bool, was_asked: bool, has_refs: bool,
    is_over: bool,
) -> Deed:  # fmt: skip
    """Return what brings a grant nearer to what is wanted.

    `is_moved`: another window is wanted than the vendor was told. `was_asked`: a call to make it
    went out at least once, so that the vendor may have it although no answer came.
    """
    if state in SETTLED:
        return "nothing"
    if is_over:
        return "close"
    if not is_wanted:
        return _away(has_refs=has_refs, was_asked=was_asked)
    if not has_refs:
        return "find" if was_asked else "issue"
    return "move" if is_moved else "look"


def _away(*, has_refs: bool, was_asked: bool) -> Deed:
    if has_refs:
        return "revoke"
    return "find" if was_asked else "close"


def is_over(ends_at: datetime, effective_to: datetime | None, *, now: datetime) -> bool:
    """Say whether a code's time has gone, the one wanted and the one the vendor made of it."""
    return max(ends_at, effective_to or ends_at) <= now
