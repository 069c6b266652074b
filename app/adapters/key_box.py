"""A key box with a number that staff set by hand (manual): nobody is called over the network."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from app.locks.ports import (
    BOX,
    AccountView,
    Capabilities,
    CodeRequest,
    DeviceInfo,
    IssuedCode,
    LockEvent,
    LockInvalid,
)


class KeyBox:
    """Implements locks.ports.LockProvider; the number is the box's own, for everybody the same."""

    name = BOX
    consent = telling = None  # nobody is asked, nobody tells

    def __init__(self, account: AccountView) -> None:
        self._codes = account.codes

    def forget(self) -> None:
        """Nothing is held open."""

    def capabilities(self, device_ref: str) -> Capabilities:
        """Return what a box can: one number, until staff turn it."""
        return Capabilities(
            choose_pin=False, pin_min=3, pin_max=10, async_confirm=False,
            window_enforced_by_lock=False, revocable=False, grain=timedelta(minutes=1),
            max_window=timedelta(days=366), max_codes_same_window=None,
            multi_door_single_pin=False, lead_time=timedelta(0),
        )  # fmt: skip

    def list_devices(self) -> Sequence[DeviceInfo]:
        """Return nothing: boxes are written down by staff."""
        return []

    def issue(self, wanted: CodeRequest) -> IssuedCode:
        """Return the box's number; raises LockInvalid when staff have not set one."""
        code = self._codes.get(wanted.doors[0])
        if not code:
            raise LockInvalid("no_box_code")
        refs = {
            "box": wanted.doors[0],
            "from": wanted.starts_at.isoformat(),
            "to": wanted.ends_at.isoformat(),
        }
        return self._told(refs, code)

    def reschedule(self, refs: Mapping[str, Any], wanted: CodeRequest) -> IssuedCode:
        """Return the same number for another window."""
        return self.issue(wanted)

    def revoke(self, refs: Mapping[str, Any]) -> Literal["done", "pending", "impossible"]:
        """Say that only turning the box does that."""
        return "impossible"

    def fetch(self, refs: Mapping[str, Any]) -> IssuedCode | None:
        """Return the number that the box has now."""
        code = self._codes.get(str(refs["box"]))
        return self._told(refs, code) if code else None

    def find(self, wanted: CodeRequest) -> IssuedCode | None:
        """Return the number; nothing can have been lost on the way."""
        return self.issue(wanted)

    def hints(self, headers: Mapping[str, str], raw: bytes) -> Sequence[str]:
        """Refuse: a box tells nothing."""
        raise LockInvalid("no_notice")

    def event(self, ref: str) -> LockEvent | None:
        """Return nothing."""
        return None

    def events(self, since: str | None) -> Sequence[LockEvent]:
        """Return nothing."""
        return []

    def _told(self, refs: Mapping[str, Any], code: str) -> IssuedCode:
        return IssuedCode(
            refs=refs, state="ready", effective_from=datetime.fromisoformat(refs["from"]),
            effective_to=datetime.fromisoformat(refs["to"]), doors={str(refs["box"]): "ready"},
            pin=code,
        )  # fmt: skip
