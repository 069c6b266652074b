"""Where events are sent, and who gets whose."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address for events: those of connected accounts, or those of an account itself."""

    url: str
    secret: str
    kind: str  # connect | own
    account: str | None  # only this account's; None with connect: every connected account's

    def takes(self, account: str, *, connected: bool) -> bool:
        """Say whether events of an account come here."""
        if self.account not in (None, account):
            return False
        return self.kind == "own" or connected

    def shape(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as it looks here: an account's own endpoint is not told its name."""
        if self.kind == "connect":
            return event
        return {name: value for name, value in event.items() if name != "account"}
