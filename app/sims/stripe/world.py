"""Everything the simulator knows: objects by id, events, deliveries and kept answers."""

import copy
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

from app.sims.stripe.accounts import Accounts
from app.sims.stripe.clock import SimClock
from app.sims.stripe.endpoints import Endpoint
from app.sims.stripe.errors import missing

Body: TypeAlias = dict[str, Any]

# What an error calls the parameter that named the object: Stripe's own words.
PARAMS = {"payment_intent": "intent", "checkout.session": "session"}


class World:
    """The state, behind one lock, in memory and (if asked) in a file."""

    def __init__(self, accounts: Accounts, clock: SimClock, path: Path | None = None) -> None:
        self.accounts, self.clock, self.base_url = accounts, clock, ""
        self.lock = threading.Condition(threading.RLock())
        self.endpoints: list[Endpoint] = []
        self.holding = False  # whether deliveries wait until they are released
        self.asked: Body = {"id": None, "idempotency_key": None}
        self._path = path
        self._kept: Body = {"objects": {}, "events": [], "deliveries": [], "replies": {}}
        if path is not None and path.exists():
            self._kept = json.loads(path.read_text("utf-8"))
            clock.offset = timedelta(seconds=self._kept.pop("offset"))
            self._mend()

    def _mend(self) -> None:
        """Forget what a former run was in the middle of, so that it can be asked again."""
        for name in [name for name, one in self.replies.items() if one["status"] is None]:
            del self.replies[name]
        for one in self.deliveries:
            if one["state"] == "sending":
                one["state"] = "waiting"

    @property
    def events(self) -> list[Body]:
        """Return the events, the oldest first, each with its account."""
        found: list[Body] = self._kept["events"]
        return found

    @property
    def deliveries(self) -> list[Body]:
        """Return what was or will be sent to endpoints, the oldest first."""
        found: list[Body] = self._kept["deliveries"]
        return found

    @property
    def replies(self) -> dict[str, Body]:
        """Return the answers kept by account and idempotency key."""
        found: dict[str, Body] = self._kept["replies"]
        return found

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; what was changed is saved, and whoever waits looks again."""
        with self.lock:
            try:
                yield
            finally:
                self.save()
                self.lock.notify_all()

    def save(self) -> None:
        """Write the file whole or not at all, so that a kill in between loses nothing."""
        if self._path is None:
            return
        text = json.dumps(self._kept | {"offset": self.clock.offset.total_seconds()})
        draft = self._path.with_suffix(".writing")
        draft.write_text(text, "utf-8")
        os.replace(draft, self._path)

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


def shown(body: Body) -> Body:
    """Return a copy that can leave the lock."""
    return copy.deepcopy(body)
