"""Whose doors there are: accounts of the vendor, applications that may use them, their doors."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from app.kernel.clock import TOKYO
from app.sims.locks.errors import NotPossible

SPACE = UUID("5f0f4f0e-6b1c-4a53-9a53-0b4a5c3f9d11")  # ids of the same names are the same for ever
LOCK, IGLOO = "lock", "igloo_lock"


@dataclass(frozen=True, slots=True)
class Door:
    """A door as it is set up; heartbeat in seconds, 0 for always connected."""

    name: str
    heartbeat: int = 0
    kind: str = LOCK
    id: str = ""
    place: str = "会館"
    zone: str = "Asia/Tokyo"
    wakes: bool = True  # a touch of the keypad wakes it


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the vendor; `clients` are ids and secrets of the applications it made."""

    name: str
    clients: Mapping[str, str] = field(default_factory=dict)
    doors: Sequence[Door] = ()
    pin_digits: int = 6  # of the numbers that the vendor makes up

    @property
    def id(self) -> str:
        """Return the id of the account, the same for the same name."""
        return str(uuid5(SPACE, self.name))

    @property
    def paths(self) -> list[str]:
        """Return what each door can be called where other accounts have doors of that name."""
        return [f"{self.name}/{door.name}" for door in self.doors]


@dataclass(frozen=True, slots=True)
class Device:
    """A door in its account."""

    id: str
    account: str
    door: Door

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone that its times without zone are read in."""
        return ZoneInfo(self.door.zone)

    @property
    def location(self) -> str:
        """Return the id of the place it is at."""
        return str(uuid5(SPACE, f"{self.account}/{self.door.place}"))

    @property
    def serial(self) -> str:
        """Return its serial number."""
        return f"AC000W{UUID(self.id).int % 10**9:09d}"


class Directory:
    """All accounts, looked up by what callers know of them."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.accounts = {one.id: one for one in accounts}
        self.devices = {one.id: one for one in self._placed()}

    def _placed(self) -> Iterator[Device]:
        for account in self.accounts.values():
            for door in account.doors:
                ident = door.id or str(uuid5(SPACE, f"{account.id}/{door.name}"))
                yield Device(ident, account.id, door)

    def account(self, named: str) -> Account:
        """Return an account by its id or its name."""
        for ident, account in self.accounts.items():
            if named in (ident, account.name):
                return account
        raise NotPossible(f"アカウントがありません：{named}")

    def device(self, named: str) -> Device:
        """Return a door by its id, its name, or `account/name` where the name is not enough."""
        found = [one for one in self.devices.values() if named in self._names(one)]
        if len(found) != 1:
            raise NotPossible(f"錠が{'いくつもあります' if found else 'ありません'}：{named}")
        return found[0]

    def _names(self, device: Device) -> tuple[str, str, str]:
        account = self.accounts[device.account].name
        return device.id, device.door.name, f"{account}/{device.door.name}"

    def of(self, account: str) -> list[Device]:
        """Return the doors of an account."""
        return [one for one in self.devices.values() if one.account == account]

    def zone(self, account: str) -> ZoneInfo:
        """Return the zone of an account: that of its first door."""
        known = self.accounts.get(account)  # a run before may have had others
        doors = known.doors if known else ()
        return ZoneInfo(doors[0].zone) if doors else TOKYO

    def owner(self, client: str, said: str) -> Account | None:
        """Return the account that made an application, if the secret is right."""
        for account in self.accounts.values():
            kept = account.clients.get(client)
            if kept is not None and hmac.compare_digest(kept.encode(), said.encode()):
                return account
        return None

    def knows_client(self, client: str) -> bool:
        """Say whether somebody made an application of this id."""
        return any(client in account.clients for account in self.accounts.values())
