"""Doors as the API shows them."""

from uuid import uuid5

from app.sims.kept import Body
from app.sims.locks import faults
from app.sims.locks.accounts import IGLOO, SPACE, Device
from app.sims.locks.listing import Query, listed, only_known
from app.sims.locks.world import World, instant

LIVELY = 60  # seconds after a contact in which a lock counts as connected


def every(world: World, account: str, query: Query) -> Body:
    """List the doors of an account."""
    only_known(query)
    return listed([shown(world, one) for one in world.directory.of(account)], query)


def shown(world: World, device: Device) -> Body:
    """Return a door as the API shows it."""
    url = f"{world.base_url}/devices/{device.id}"
    return {
        "type": device.door.kind,
        "attributes": attributes(world, device),
        "id": device.id,
        "links": {"self": url},
    }


def attributes(world: World, device: Device) -> Body:
    """Return what is known of a door; a lock without network tells little."""
    door, state = device.door, world.state(device)
    known: Body = {
        "name": door.name,
        "serial_number": device.serial,
        "power_level": state["power"],
        "default_guest_start_time": None,
        "default_guest_end_time": None,
        "time_zone": door.zone,
        "model_id": str(uuid5(SPACE, door.kind)),
        "location_id": device.location,
        "created_at": "2026-04-01T00:00:00Z",
        "updated_at": instant(state["contact"]),
    }
    if door.kind == IGLOO:
        return known
    return known | {
        "heartbeat_interval": door.heartbeat,
        "connected": connected(world, device),
        "alive": alive(world, device),
        "connected_at": instant(state["contact"]),
        "power_source": "alkaline_battery" if door.heartbeat else "mains",
        "signal_quality": 4 if alive(world, device) else 0,
        "state": "unlocked" if world.now < state["open_until"] else "locked",
        "wake_wifi": "user_action" if door.wakes else "off",
        "local_pins": [],
        "auto_lock": True,
    }


def reachable(world: World, device: Device) -> bool:
    """Say whether a lock could speak with the cloud if it tried."""
    cut = faults.standing(world, "offline", {device.id}) is not None
    return not cut and world.state(device)["power"] > 0 and device.door.kind != IGLOO


def alive(world: World, device: Device) -> bool:
    """Say whether the cloud thinks that a lock is well: it came when it should."""
    return bool(world.state(device)["alive"])


def connected(world: World, device: Device) -> bool:
    """Say whether a lock is on the line at this moment; between heartbeats it is not."""
    if device.door.heartbeat == 0:
        return alive(world, device)
    return 0 <= world.now - float(world.state(device)["contact"]) <= LIVELY
