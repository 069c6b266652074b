"""When a lock comes: at its heartbeats, when it is touched, when somebody forces it."""

import math

from app.sims.kept import Body
from app.sims.locks import faults
from app.sims.locks.accounts import IGLOO, Device
from app.sims.locks.devices import reachable
from app.sims.locks.events import emit
from app.sims.locks.memory import is_behind, sync, tell_late
from app.sims.locks.world import World

LOW = 20  # per cent of the battery at which it is told
RETRY = 900  # seconds until a lock on mains is told again what it did not take
MANY = 100  # heartbeats in a row without news that are not gone through one by one


def contact(world: World, device: Device, at: float) -> int | None:
    """Let a lock speak with the cloud; return how many codes changed, None if it could not."""
    tell_late(world, device, at)
    if not reachable(world, device):
        missed(world, device, at)
        return None
    state = world.state(device)
    state["contact"] = at
    if not state["alive"]:
        state["alive"] = True
        emit(world, "connectivity", device, at)
    for entry in state["journal"]:
        emit(world, entry["kind"], device, entry["at"], **entry["told"])
    state["journal"].clear()
    if state["power"] <= LOW and not state["low_told"]:
        state["low_told"] = True
        emit(world, "power_level_low", device, at, power_level=state["power"])
    return sync(world, device, at)


def forced(world: World, device: Device) -> int | None:
    """Let a lock come now, and count its heartbeats from here."""
    if device.door.kind == IGLOO:
        return None
    world.state(device)["beat"] = world.now
    return contact(world, device, world.now)


def missed(world: World, device: Device, at: float) -> None:
    """Note that a lock did not come when it should."""
    faults.take(world, "offline", {device.id})
    state = world.state(device)
    if state["alive"] and device.door.kind != IGLOO:
        state["alive"] = False
        emit(world, "connectivity", device, at, status="failed", status_info="timeout")


def note(world: World, device: Device, kind: str, at: float, told: Body) -> None:
    """Keep something in a lock until it can be told."""
    world.state(device)["journal"].append({"kind": kind, "at": at, "told": told})


def sweep(world: World) -> bool:
    """Let every lock come that should have come by now; say whether there was something."""
    devices = [one for one in world.directory.devices.values() if one.door.kind != IGLOO]
    return any([swept(world, one) for one in devices])


def swept(world: World, device: Device) -> bool:
    """Let a lock come as often as it should have."""
    now, state, every = world.now, world.state(device), device.door.heartbeat
    if every == 0:
        return always(world, device, now)
    if state["beat"] > now:
        state["beat"] = now  # the clock was turned back
    before = state["beat"]
    while state["beat"] + every <= now:
        due = math.floor((now - state["beat"]) / every)
        if due > MANY and not is_behind(world, device, again=True):
            state["beat"] += (due - 1) * every
        state["beat"] += every
        contact(world, device, state["beat"])
    return tell_late(world, device, now) or before != state["beat"]


def always(world: World, device: Device, now: float) -> bool:
    """Let a lock on mains come, if it has a reason."""
    state = world.state(device)
    if not reachable(world, device) and not state["alive"]:
        return tell_late(world, device, now)
    if not has_reason(world, device, now):
        state["contact"] = now
        return False
    state["beat"] = now
    contact(world, device, now)
    return True


def has_reason(world: World, device: Device, now: float) -> bool:
    """Say whether a lock that is always there has something to say or to hear."""
    state = world.state(device)
    low = state["power"] <= LOW and not state["low_told"]
    changed = reachable(world, device) != state["alive"]
    again = not state["beat"] <= now < state["beat"] + RETRY
    return bool(low or changed or state["journal"] or is_behind(world, device, again=again))


def next_beat(world: World, device: Device) -> float | None:
    """Return when a lock comes next, None if it is always there or never."""
    if device.door.heartbeat == 0 or device.door.kind == IGLOO:
        return None
    return float(world.state(device)["beat"]) + device.door.heartbeat
