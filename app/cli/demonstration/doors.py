"""Doors of the demonstration: locks of a vendor's stand-in, which `make run` starts beside it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ruamel.yaml import YAML

from app import packs
from app.db.audit import SERVICE
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.usecases import connecting_locks, doors
from app.usecases.connecting_locks import NewAccount
from app.usecases.doors import DoorForm

SITE = "demo"  # as app/local/place.py names the stand-in
CLIENT, WORD = "kaikan", "kaikan-himitsu"  # open to nobody: the stand-in listens on this machine


SHIPPED = Path(packs.__file__).parent / "shipped"


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """A door as a pack's demonstration.yaml tells it."""

    facility: str
    name: str
    device: str
    shared: bool = False
    heartbeat: int = 0  # seconds between two contacts of its lock; 0 is always
    rooms: tuple[str, ...] = ()
    place: str = ""


def doors_of(pack: Path) -> list[DemoDoor]:
    """Return the doors that a shipped pack brings along for the demonstration."""
    file = pack / "demonstration.yaml"
    told = YAML(typ="safe").load(file).get("doors", []) if file.exists() else []
    return [DemoDoor(**{**one, "rooms": tuple(one.get("rooms", ()))}) for one in told]


def every_door() -> list[DemoDoor]:
    """Return the doors of all shipped packs."""
    return [one for pack in sorted(SHIPPED.iterdir()) for one in doors_of(pack)]


def hang(catalogue: Catalogue, wanted: list[DemoDoor], *, secret: str, now: datetime) -> None:
    """Write the doors down with an account at the stand-in; nobody is called for it."""
    if not wanted:
        return
    account = NewAccount("remotelock", "お試しの鍵の会社", "bookings", SITE, CLIENT, WORD)
    with tenant_scope(catalogue.tenant_id):
        account_id = in_transaction(
            lambda session: connecting_locks.write_account(
                session, account, secret=secret, actor=SERVICE, now=now
            )
        )
        for position, one in enumerate(wanted):
            hall = catalogue.facility_named(one.facility)
            assert hall is not None
            rooms = {room.slug: room.id for room in hall.rooms}
            form = DoorForm(
                hall.id, account_id, one.device, one.name, place=one.place, is_shared=one.shared,
                position=position, rooms=frozenset(rooms[slug] for slug in one.rooms),
            )  # fmt: skip
            doors.add_door(form, actor=SERVICE, now=now)
