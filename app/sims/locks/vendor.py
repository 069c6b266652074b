"""The vendor as one object: given accounts and doors, asked, read, and handled by tests."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.sims.clock import SimClock
from app.sims.kept import Body, shown
from app.sims.locks import persons, tokens
from app.sims.locks.accounts import Account
from app.sims.locks.courier import Courier
from app.sims.locks.desk import Desk
from app.sims.locks.events import TYPES
from app.sims.locks.limits import USUAL, Limits
from app.sims.locks.operator import Operator
from app.sims.locks.sweeping import acting
from app.sims.locks.switchbot.accounts import SwitchBot
from app.sims.locks.world import World
from app.sims.serving import Listening


class Vendor(Operator):
    """A vendor of locks on one machine: accounts and doors are given, the rest happens."""

    def __init__(
        self,
        *accounts: Account,
        port: int = 0,
        state: Path | None = None,
        rate_limit: int = USUAL,
        expired_status: int = tokens.EXPIRED,
        switchbots: Iterable[SwitchBot] = (),
    ) -> None:
        self.clock = SimClock()
        self.world = World(accounts, self.clock, state, switchbots)
        self.clock.on_move = self._moved
        self.limits = Limits(rate_limit)
        self.desk = Desk(self.world, self.limits, expired_status)
        self.courier = Courier(self.world)
        self.listening = Listening("locks-sim", port)

    @property
    def base_url(self) -> str:
        """Return where the API, the token desk and the page are."""
        return self.world.base_url

    def account(self, named: str) -> Account:
        """Return an account by its name or its id."""
        return self.world.directory.account(named)

    def device_id(self, name: str) -> str:
        """Return the id of a door."""
        return self.world.directory.device(name).id

    def webhook(self, url: str, account: str | None = None, kinds: Iterable[str] = TYPES) -> None:
        """Subscribe an address to events of an account (or the first), once."""
        with self.world.changing():
            directory = self.world.directory
            owner = directory.account(account) if account else next(iter(self._accounts()))
            subscribe(self.world, owner.id, url, list(kinds))

    def cloud(self, account: str | None = None) -> list[Body]:
        """Return whom the cloud lets in, of one account or of all, as the API shows them."""
        with acting(self.world) as world:
            wanted = self.account(account).id if account else None
            people = [p for p in world["persons"].values() if wanted in (None, p["account"])]
            return [persons.shown(world, one) for one in people]

    def events(self, kind: str | None = None) -> list[Body]:
        """Return what happened, the oldest first, all of it or one kind (`unlocked`)."""
        with acting(self.world) as world:
            found = [shown(one["body"]) for one in world.events]
        return [one for one in found if kind is None or one["type"] == f"{kind}_event"]

    def faults(self) -> list[Body]:
        """Return the faults that were ordered and have not happened yet."""
        with self.world.lock:
            return [dict(one) for one in self.world.faults]

    def deliveries(self) -> list[Body]:
        """Return each delivery with its state and its attempts, the oldest first."""
        with self.world.lock:
            return [shown(one) for one in self.world.deliveries]

    def requests(self, method: str | None = None, path: str | None = None) -> list[dict[str, Any]]:
        """Return the calls that came in, the oldest first, of a method or to a path."""
        with self.world.lock:
            return [
                dict(one)
                for one in self.desk.log
                if method in (None, one["method"]) and path in (None, one["path"])
            ]

    def settings(self, **changed: Any) -> None:
        """Change `rate_limit`, `expired_status` (401 or 403) or `settle` (seconds)."""
        with self.world.lock:
            self.limits.most = int(changed.pop("rate_limit", self.limits.most))
            self.desk.expired_status = int(changed.pop("expired_status", self.desk.expired_status))
            self.world.settle = float(changed.pop("settle", self.world.settle))
        if changed:
            raise ValueError(f"no such setting: {', '.join(changed)}")

    def _accounts(self) -> Iterable[Account]:
        return self.world.directory.accounts.values()

    def _moved(self) -> None:
        with acting(self.world):
            pass  # acting begins with whatever fell due on the way


def subscribe(world: World, account: str, url: str, kinds: list[str]) -> None:
    """Keep an address and its subscription, unless a former run did."""
    own = [one for one in world["subscribers"].values() if one["account"] == account]
    if any(one["url"] == url for one in own):
        return
    fields = {"account": account, "active": True, "secret": None, "content_type": "json"}
    kept = world.stamped(**fields, name="webhook", url=url)
    world["subscribers"][kept["id"]] = kept
    promise = world.stamped(
        account=account,
        events=kinds,
        publisher_type="account",
        publisher_id=account,
        subscriber_type="webhook_notification_subscriber",
        subscriber_id=kept["id"],
    )
    world["subscriptions"][promise["id"]] = promise
