"""Who may call: keys, the account of each, and the accounts connected to the platform."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.sims.stripe.errors import refused

PLATFORM = "acct_platform"
METHODS = ("card", "konbini", "paypay")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose objects a request sees."""

    account: str
    connected: bool  # the platform is acting for an account that is connected to it


class Accounts:
    """The keys that are known, and what each account can be paid by."""

    def __init__(
        self, keys: Mapping[str, str | None], accounts: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.keys = {key: account or PLATFORM for key, account in keys.items()}
        self.active = {name: set(methods) for name, methods in (accounts or {}).items()}
        for own in self.keys.values():
            self.active.setdefault(own, set(METHODS))

    def is_connected(self, account: str) -> bool:
        """Say whether it is the platform that acts for an account."""
        return account in self.active and account not in self.keys.values()

    @property
    def default_kind(self) -> str:
        """Return whose events an endpoint gets that names no account."""
        return "connect" if any(map(self.is_connected, self.active)) else "own"

    def caller(self, authorization: str, on_behalf: str | None) -> Caller:
        """Return who is calling; raises 401 for the key and 403 for the account."""
        key = key_in(authorization)
        if not key:
            raise refused(
                401, "You did not provide an API key. You need to provide your API key in the"
                " Authorization header, using Bearer auth."
            )  # fmt: skip
        if key not in self.keys:
            raise refused(401, f"Invalid API Key provided: {hidden(key)}")
        own = self.keys[key]
        if on_behalf is None or on_behalf == own:
            return Caller(own, connected=False)
        self.reach(key, on_behalf)
        return Caller(on_behalf, connected=True)

    def reach(self, key: str, account: str) -> None:
        """Let a key through to an account; raises 403 unless it is connected to the key's."""
        if self.keys[key] != PLATFORM or not self.is_connected(account):
            raise out_of_reach(hidden(key), account)

    def shown(self, account: str) -> dict[str, Any]:
        """Return an account as the API shows it."""
        active = self.active[account]
        return {
            "id": account,
            "object": "account",
            "business_profile": {"name": account},
            "capabilities": {
                f"{method}_payments": "active" if method in active else "inactive"
                for method in METHODS
            },
            "charges_enabled": bool(active),
            "country": "JP",
            "default_currency": "jpy",
            "details_submitted": True,
            "payouts_enabled": True,
            "type": "standard",
        }


def key_in(authorization: str) -> str:
    """Return the key of a header, whether Bearer or Basic."""
    scheme, _, said = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(said, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def hidden(key: str) -> str:
    """Return a key as it may stand in a message."""
    return f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[8:][-4:]}"


def out_of_reach(key: str, account: str) -> Exception:
    """Return the error of an account that is not connected, or not there at all."""
    return refused(
        403,
        f"The provided key '{key}' does not have access to account '{account}' (or that account"
        " does not exist). Application access may have been revoked.",
        code="account_invalid",
    )
