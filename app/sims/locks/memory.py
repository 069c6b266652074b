"""What a lock holds: codes that reached it, until it is told otherwise when it next comes."""

from app.sims.kept import Body
from app.sims.locks import faults, persons
from app.sims.locks.accesses import FAILED, PENDING, SYNCED
from app.sims.locks.accounts import Device
from app.sims.locks.events import emit
from app.sims.locks.world import World

GRACE = 60  # seconds after a guest's time began until he is told to be late
LINGER = 24 * 3600  # seconds that a code stays in a lock after its end; it opens nothing then


def wanted(world: World, device: Device, at: float) -> dict[str, Body]:
    """Return the codes that the cloud wants in a lock, by access."""
    found = {}
    for access, person in admissions(world, device):
        if person["pin"] and at < until(world, device, access, person):
            names = ("pin", "starts_at", "ends_at")
            code = {name: person[name] for name in names} | {"person": person["id"]}
            found[access["id"]] = code
    return found


def until(world: World, device: Device, access: Body, person: Body) -> float:
    """Return until when a code is wanted; one that is in the lock may stay after its end."""
    if person["deactivated"]:
        return 0.0
    ends = persons.window(world, person)[1]
    return ends + LINGER if access["id"] in world.state(device)["memory"] else ends


def admissions(world: World, device: Device) -> list[tuple[Body, Body]]:
    """Return the accesses by a door, each with its person."""
    return [(access, world["persons"][access["person"]]) for access in world.accesses_by(device)]


def news(world: World, device: Device, at: float) -> list[tuple[Body, Body]]:
    """Return the accesses that a lock has yet to be told of; nobody tells of one who never came."""
    wishes = wanted(world, device, at)
    return [
        (access, person)
        for access, person in admissions(world, device)
        if access["devices"][device.id] != SYNCED
        and (access["id"] in wishes or person["deactivated"])
    ]


def is_behind(world: World, device: Device, *, again: bool) -> bool:
    """Say whether a lock would learn something if it came; `again` counts what failed before."""
    states = {access["devices"][device.id] for access, _ in news(world, device, world.now)}
    forgotten = set(world.state(device)["memory"]) - set(wanted(world, device, world.now))
    return bool(forgotten) or PENDING in states or (again and FAILED in states)


def sync(world: World, device: Device, at: float) -> int:
    """Let a lock take over what the cloud wants; return how many codes changed in it."""
    memory, behind = world.state(device)["memory"], news(world, device, at)
    if behind and faults.take(world, "sync_fail", {device.id}):
        return failed(world, device, at, behind)
    before, wishes = dict(memory), wanted(world, device, at)
    memory.clear()
    memory.update(wishes)
    for access, person in behind:
        access["devices"][device.id] = SYNCED
        world.touch(access)
        emit(world, "access_person_synced", device, at, person=person["id"])
    return sum(before.get(name) != memory.get(name) for name in {*before, *memory})


def failed(world: World, device: Device, at: float, behind: list[tuple[Body, Body]]) -> int:
    """Note that a lock did not take codes; it is tried again when it next comes."""
    for access, person in behind:
        access["devices"][device.id] = FAILED
        world.touch(access)
        told = {"status": "failed", "status_info": "timeout", "person": person["id"]}
        emit(world, "access_person_sync_failed", device, at, **told)
    return 0


def tell_late(world: World, device: Device, at: float) -> bool:
    """Tell of guests whose time has begun and whose code is still not in the lock."""
    told = False
    for access, person in admissions(world, device):
        if access["devices"][device.id] != PENDING or person["deactivated"]:
            continue
        starts, ends = persons.window(world, person)
        when = max(starts, access["born"]) + GRACE
        if starts and when <= at < ends and device.id not in access["late"]:
            access["late"].append(device.id)
            emit(world, "access_guest_late_sync", device, when, person=person["id"])
            told = True
    return told
