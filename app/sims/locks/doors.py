"""Doors as the page shows them: how the lock is, what the centre wants in it, what is in it."""

from dataclasses import dataclass
from datetime import datetime

from app.sims.kept import Body
from app.sims.locks import heartbeats, persons
from app.sims.locks.accounts import IGLOO, Device
from app.sims.locks.devices import reachable
from app.sims.locks.memory import LINGER, admissions, wanted
from app.sims.locks.switchbot import keys
from app.sims.locks.telling import clock_time, every, happened, moment, window
from app.sims.locks.vendor import Vendor
from app.sims.locks.world import World, epoch_of

MOST_EVENTS = 12
THERE, YET, NOT_THERE, OVER = "あり", "まだ", "なし", "終わり"


@dataclass(frozen=True, slots=True)
class Row:
    """A number: how it stands at the centre, and whether it is in the lock."""

    pin: str
    name: str
    window: str
    centre: str
    lock: str


@dataclass(frozen=True, slots=True)
class Card:
    """A door with its keypad."""

    id: str
    name: str
    line: str  # how it is connected
    power: int | None
    is_open: bool
    reachable: bool
    networked: bool
    rows: list[Row]


def cards(sim: Vendor) -> list[Card]:
    """Return all doors."""
    world = sim.world
    found = [card(world, one) for one in world.directory.devices.values()]
    for bot in world.bots.values():
        found += [bot_card(world, ident, name) for ident, name in bot.devices.items()]
    return found


def card(world: World, device: Device) -> Card:
    """Return a door of the first vendor."""
    state, networked = world.state(device), device.door.kind != IGLOO
    return Card(
        id=device.id,
        name=name_of(world, device),
        line=line(world, device),
        power=state["power"],
        is_open=world.now < state["open_until"],
        reachable=reachable(world, device),
        networked=networked,
        rows=rows(world, device) if networked else igloo_rows(world, device),
    )


def name_of(world: World, device: Device) -> str:
    """Return a door's name, with its account's if there are several."""
    accounts = world.directory.accounts
    several = f"（{accounts[device.account].name}）" if len(accounts) > 1 else ""
    return f"{device.door.name}{several}"


def line(world: World, device: Device) -> str:
    """Return how a lock is connected, and when it comes next."""
    if device.door.kind == IGLOO:
        return "つながない錠です。番号は時間から決まります。"
    if not reachable(world, device):
        return f"つながりません。最後は{moment(world.state(device)['contact'])}です。"
    following = heartbeats.next_beat(world, device)
    if following is None:
        return "いつもつながっています。"
    return f"{every(device.door.heartbeat)}につながります。次は{clock_time(following)}です。"


def rows(world: World, device: Device) -> list[Row]:
    """Return the numbers that are wanted in a lock or are in it, without those long over."""
    wishes, memory = wanted(world, device, world.now), world.state(device)["memory"]
    names = {access["id"]: person["name"] for access, person in admissions(world, device)}
    found = []
    for ident, code in wishes.items():
        centre = OVER if is_over(world, device, code) else THERE
        found.append(row(code, names[ident], centre, THERE if memory.get(ident) == code else YET))
    for ident, code in memory.items():
        if wishes.get(ident) != code:  # the lock has not heard of the change
            found.append(row(code, names.get(ident, "消された番号"), NOT_THERE, THERE))
    return found


def is_over(world: World, device: Device, code: Body) -> bool:
    """Say whether the time of a number has ended."""
    return bool(code["ends_at"]) and epoch_of(code["ends_at"], device.zone) <= world.now


def row(code: Body, name: str, centre: str, lock: str) -> Row:
    """Return a number with its times."""
    return Row(code["pin"], name, window(code["starts_at"], code["ends_at"]), centre, lock)


def igloo_rows(world: World, device: Device) -> list[Row]:
    """Return the numbers that follow from the hours; the lock knows them all."""
    active = {
        person["pin"]
        for access in world["accesses"].values()
        if access["accessible_id"] == device.id
        for person in [world["persons"][access["person"]]]
        if persons.status(world, person) in persons.SHOWN
    }
    return [
        row(one, "時間から決まる番号", THERE if one["pin"] in active else NOT_THERE, THERE)
        for one in world.state(device)["issued"]
        if epoch_of(one["ends_at"], device.zone) + LINGER > world.now
    ]


def bot_card(world: World, ident: str, name: str) -> Card:
    """Return a keypad of the second vendor."""
    found = [
        Row(one["password"], one["name"], bot_window(one), THERE, THERE)
        for one in keys.state(world, ident)["keys"]
    ]
    return Card(
        id=ident,
        name=name,
        line="SwitchBotのキーパッドです。",
        power=None,
        is_open=False,
        reachable=True,
        networked=False,
        rows=found,
    )


def bot_window(key: Body) -> str:
    """Return from when to when a key opens."""
    if key["startTime"] is None:
        return "いつでも"
    return f"{moment(key['startTime'])}から{moment(key['endTime'])}まで"


def recent(sim: Vendor) -> list[tuple[str, str, str]]:
    """Return what happened last, the newest first: when, where, what."""
    found = []
    told_twice = "access_person_used_event"  # the lock tells the same
    events = [one for one in sim.world.events if one["body"]["type"] != told_twice]
    for one in events[: -MOST_EVENTS - 1 : -1]:
        told = one["body"]["attributes"]
        door = name_of(sim.world, sim.world.directory.devices[one["device"]])
        kind = one["body"]["type"].removesuffix("_event")
        found.append((moment_of(told["occurred_at"]), door, happened(kind, told["status"])))
    return found


def moment_of(iso: str) -> str:
    """Return an instant that is written as the vendor does."""
    return moment(datetime.fromisoformat(iso).timestamp())
