"""Everything the simulator knows: objects by id, events, deliveries and kept answers."""

import secrets
from pathlib import Path
from typing import Any

from app.sims.clock import SimClock
from app.sims.kept import Body, Kept, shown
from app.sims.stripe.accounts import Accounts
from app.sims.stripe.endpoints import Endpoint
from app.sims.stripe.errors import missing

__all__ = ["Body", "World", "new_id", "shown"]

# What an error calls the parameter that named the object: Stripe's own words.
PARAMS = {"payment_intent": "intent", "checkout.session": "session"}


class World(Kept):
    """The state of a Stripe."""

    def __init__(self, accounts: Accounts, clock: SimClock, path: Path | None = None) -> None:
        self.accounts, self.base_url = accounts, ""
        self.endpoints: list[Endpoint] = []
        self.asked: Body = {"id": None, "idempotency_key": None}
        super().__init__(clock, path, {"objects": {}, "events": [], "replies": {}})

    def _resume(self) -> None:
        super()._resume()
        for name in [name for name, one in self.replies.items() if one["status"] is None]:
            del self.replies[name]  # so that it can be asked again

    @property
    def events(self) -> list[Body]:
        """Return the events, the oldest first, each with its account."""
        found: list[Body] = self._kept["events"]
        return found

    @property
    def replies(self) -> dict[str, Body]:
        """Return the answers kept by account and idempotency key."""
        found: dict[str, Body] = self._kept["replies"]
        return found

    def takers(self, account: str) -> list[Endpoint]:
        """Return the endpoints that events of an account go to."""
        connected = self.accounts.is_connected(account)
        return [one for one in self.endpoints if one.takes(account, connected=connected)]

    def keep(self, account: str, body: Body, **aside: Any) -> Body:
        """Keep a new object; `aside` is what the API does not show."""
        self._kept["objects"][body["id"]] = {"account": account, "body": body, "aside": aside}
        return body

    def find(self, kind: str, ident: str, account: str | None = None) -> Body:
        """Return an object of a kind; raises 404 also if it is another account's."""
        kept = self._kept["objects"].get(ident)
        strange = kept is not None and account not in (None, kept["account"])
        if kept is None or strange or kept["body"]["object"] != kind:
            raise missing(kind, ident, PARAMS.get(kind, kind))
        found: Body = kept["body"]
        return found

    def account_of(self, body: Body) -> str:
        """Return on whose account an object lives."""
        return str(self._kept["objects"][body["id"]]["account"])

    def aside(self, body: Body) -> Body:
        """Return what is known of an object beside what the API shows."""
        found: Body = self._kept["objects"][body["id"]]["aside"]
        return found

    def every(self, kind: str, account: str | None = None) -> list[Body]:
        """Return the objects of a kind, the oldest first, of one account or of all."""
        return [
            kept["body"]
            for kept in self._kept["objects"].values()
            if kept["body"]["object"] == kind and account in (None, kept["account"])
        ]


def new_id(prefix: str) -> str:
    """Return an id that nobody can guess, of the shape Stripe's have."""
    return f"{prefix}_{secrets.token_hex(12)}"
