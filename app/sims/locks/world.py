"""Everything the simulator knows: what the cloud holds, and what each lock holds."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.sims.clock import SimClock
from app.sims.kept import Body, Kept
from app.sims.locks.accounts import Account, Device, Directory
from app.sims.locks.errors import missing
from app.sims.locks.finding import Finding
from app.sims.locks.switchbot.accounts import SwitchBot

TABLES = (
    "persons", "accesses", "bookings", "subscribers", "subscriptions",
    "tokens", "refreshes", "codes", "devices", "keypads", "hooks",
)  # fmt: skip
LISTS = ("events", "faults")


class World(Kept):
    """The state, as tables of records by id."""

    def __init__(
        self,
        accounts: Iterable[Account],
        clock: SimClock,
        path: Path | None = None,
        bots: Iterable[SwitchBot] = (),
    ) -> None:
        self.bots = {one.token: one for one in bots}
        self.directory, self.base_url = Directory(accounts), ""
        self.settle = 0.0  # seconds until the cloud begins to count the doors of an access
        fresh: Body = {name: {} for name in TABLES} | {name: [] for name in LISTS}
        super().__init__(clock, path, fresh)
        self.finding = Finding()
        for access in self["accesses"].values():
            self.finding.add(access)
        for ident in self.directory.devices:
            self["devices"].setdefault(ident, out_of_the_box(self.now))

    def __getitem__(self, table: str) -> dict[str, Body]:
        found: dict[str, Body] = self._kept[table]
        return found

    @property
    def events(self) -> list[Body]:
        """Return what happened, the oldest first, each with its account and its door."""
        found: list[Body] = self._kept["events"]
        return found

    @property
    def faults(self) -> list[Body]:
        """Return the faults that were ordered and have not happened yet."""
        found: list[Body] = self._kept["faults"]
        return found

    @property
    def now(self) -> float:
        """Return the present in seconds since 1970."""
        return self.clock.now().timestamp()

    def state(self, device: Device | str) -> Body:
        """Return what a lock itself knows, and when it was last heard of."""
        return self["devices"][device if isinstance(device, str) else device.id]

    def find(self, table: str, ident: str, account: str, kind: str) -> Body:
        """Return a record; raises 404 also if it is another account's."""
        found = self[table].get(ident)
        if found is None or found["account"] != account:
            raise missing(kind, ident)
        return found

    def device(self, ident: object, account: str) -> Device:
        """Return a door of an account; raises 404 also if it is another's."""
        found = self.directory.devices.get(str(ident))
        if found is None or found.account != account:
            raise missing("Device", str(ident))
        return found

    def accesses_of(self, person: str) -> list[Body]:
        """Return the accesses of somebody, the oldest first."""
        return list(self.finding.by_person[person].values())

    def accesses_by(self, device: Device) -> list[Body]:
        """Return the accesses by a door, the oldest first."""
        return list(self.finding.by_door[device.id].values())

    def keep_access(self, access: Body) -> None:
        """Keep an access."""
        self["accesses"][access["id"]] = access
        self.finding.add(access)

    def drop_access(self, ident: str) -> None:
        """Forget an access."""
        self.finding.drop(self["accesses"].pop(ident))

    def tell_of(self, access: Body, doors: Iterable[str], state: str) -> None:
        """Note how far locks know of an access."""
        for door in doors:
            access["devices"][door] = state
            self.finding.look_at(access, door)
        self.touch(access)

    def stamped(self, **fields: Any) -> Body:
        """Return a new record with an id and its times."""
        now = instant(self.now)
        return {"id": str(uuid4()), "created_at": now, "updated_at": now} | fields

    def touch(self, record: Body) -> None:
        """Note that a record was changed."""
        record["updated_at"] = instant(self.now)


def out_of_the_box(now: float) -> Body:
    """Return what a lock knows when it is new."""
    return {
        "memory": {},  # codes by access
        "journal": [],  # what it has not told yet
        "issued": [],  # algorithmic codes that open it
        "beat": now,
        "contact": now,
        "alive": True,
        "power": 90,
        "low_told": False,
        "skew": 0.0,
        "wrong": 0,
        "locked_until": 0.0,
        "open_until": 0.0,
    }


def instant(epoch: float) -> str:
    """Return an instant as the vendor writes it."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=20_000)
def epoch_of(local: str, zone: ZoneInfo) -> float:
    """Return when a time without zone is, at a place."""
    return datetime.fromisoformat(local).replace(tzinfo=zone).timestamp()
