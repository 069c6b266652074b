"""The provider as one object: given keys and accounts, asked, read, and handled by tests."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.sims.clock import SimClock
from app.sims.serving import Listening
from app.sims.stripe.accounts import Accounts
from app.sims.stripe.courier import Courier
from app.sims.stripe.customer import Customer
from app.sims.stripe.desk import Desk
from app.sims.stripe.endpoints import Endpoint
from app.sims.stripe.operator import Operator
from app.sims.stripe.sweeping import acting
from app.sims.stripe.world import Body, World, shown


class Stripe(Customer, Operator):
    """A Stripe of one machine: keys and accounts are given, everything else happens."""

    def __init__(
        self,
        *,
        keys: Mapping[str, str | None],
        accounts: Mapping[str, Iterable[str]] | None = None,
        port: int = 0,
        state: Path | None = None,
    ) -> None:
        self.clock = SimClock()
        self.world = World(Accounts(keys, accounts), self.clock, state)
        self.clock.on_move = self._moved
        self.courier, self.desk = Courier(self.world), Desk(self.world)
        self.listening = Listening("stripe-sim", port)

    @property
    def base_url(self) -> str:
        """Return where the API and the pages are."""
        return self.world.base_url

    def endpoint(
        self, url: str, secret: str, account: str | None = None, *, kind: str | None = None
    ) -> None:
        """Register a webhook endpoint: connect (the platform's) or own (an account's).

        Without an account it is the platform's if accounts are connected to it,
        otherwise that of the first key's own account.
        """
        with self.world.changing():
            accounts = self.world.accounts
            if account is not None:
                kind = kind or ("connect" if accounts.is_connected(account) else "own")
            kind = kind or accounts.default_kind
            if kind == "own" and account is None:
                account = next(iter(accounts.keys.values()))
            self.world.endpoints.append(Endpoint(url, secret, kind, account))

    def events(self, kind: str | None = None) -> list[Body]:
        """Return what happened, the oldest first, all of it or one type."""
        with acting(self.world) as world:
            found = [shown(one["body"]) for one in world.events]
        return [one for one in found if kind in (None, one["type"])]

    def sessions(self) -> list[Body]:
        """Return the checkout sessions of all accounts, the oldest first."""
        return self._every("checkout.session")

    def refunds(self) -> list[Body]:
        """Return the refunds of all accounts, the oldest first."""
        return self._every("refund")

    def disputes(self) -> list[Body]:
        """Return the disputes of all accounts, the oldest first."""
        return self._every("dispute")

    def deliveries(self) -> list[Body]:
        """Return each delivery with its state and its attempts, the oldest first."""
        with self.world.lock:
            return [shown(one) for one in self.world.deliveries]

    def requests(self, method: str | None = None) -> list[dict[str, Any]]:
        """Return the calls of the API that came in, the oldest first."""
        with self.world.lock:
            return [dict(one) for one in self.desk.log if method in (None, one["method"])]

    def _every(self, kind: str) -> list[Body]:
        with acting(self.world) as world:
            return [shown(one) for one in world.every(kind)]

    def _moved(self) -> None:
        with acting(self.world):
            pass  # acting begins with whatever fell due on the way
