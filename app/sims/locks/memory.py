"""What a lock holds: codes that reached it, until it is told otherwise when it next comes."""

import math
from collections.abc import Iterable

from app.sims.kept import Body
from app.sims.locks import faults, persons
from app.sims.locks.accesses import FAILED, PENDING
from app.sims.locks.accounts import Device
from app.sims.locks.events import emit
from app.sims.locks.finding import SYNCED
from app.sims.locks.world import World

GRACE = 60  # seconds after a guest's time began until he is told to be late
LINGER = 24 * 3600  # seconds that a code stays in a lock after its end; it opens nothing then


def wanted(world: World, device: Device, at: float) -> dict[str, Body]:
    """Return the codes that the cloud wants in a lock, by access."""
    return wishes(world, device, admissions(world, device), at)


def wishes(
    world: World, device: Device, admitted: list[tuple[Body, Body]], at: float
) -> dict[str, Body]:
    """Return the codes that are wanted among some, by access."""
    found = {}
    for access, person in admitted:
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
    return with_persons(world, world.accesses_by(device))


def with_persons(world: World, accesses: Iterable[Body]) -> list[tuple[Body, Body]]:
    """Return accesses, each with its person."""
    people = world["persons"]
    return [(access, people[access["person"]]) for access in accesses]


def untold(world: World, device: Device) -> list[tuple[Body, Body]]:
    """Return the accesses that a lock was not told as they are now, each with its person."""
    return with_persons(world, world.finding.untold[device.id].values())


def news(world: World, device: Device, at: float) -> list[tuple[Body, Body]]:
    """Return the accesses that a lock has yet to be told of; nobody tells of one who never came."""
    new = untold(world, device)
    wished = wishes(world, device, new, at)
    return [one for one in new if one[0]["id"] in wished or one[1]["deactivated"]]


def is_behind(world: World, device: Device, *, again: bool) -> bool:
    """Say whether a lock would learn something if it came; `again` counts what failed before."""
    states = {access["devices"][device.id] for access, _ in news(world, device, world.now)}
    if PENDING in states or (again and FAILED in states):
        return True
    return holds_too_much(world, device)


def holds_too_much(world: World, device: Device) -> bool:
    """Say whether there is a code in a lock that is not wanted there."""
    now, memory = world.now, world.state(device)["memory"]
    if world.finding.right_until(device.id, now) is not None:
        return any(
            access["id"] in memory and not wishes(world, device, [(access, person)], now)
            for access, person in untold(world, device)
        )
    too_much = bool(memory.keys() - wanted(world, device, now).keys())
    if not too_much:
        set_right(world, device, now, memory)
    return too_much


def set_right(world: World, device: Device, at: float, codes: Iterable[str]) -> None:
    """Note until when none of the codes in a lock has to leave it."""
    accesses = [world["accesses"][name] for name in codes]
    ends = [until(world, device, *one) for one in with_persons(world, accesses)]
    known = world.finding.right_until(device.id, at)
    world.finding.set_right(
        device.id, at, min(ends, default=math.inf) if known is None else min([known, *ends])
    )


def sync(world: World, device: Device, at: float) -> int:
    """Let a lock take over what the cloud wants; return how many codes changed in it."""
    behind = news(world, device, at)
    if behind and faults.take(world, "sync_fail", {device.id}):
        return failed(world, device, at, behind)
    changed = rewritten(world, device, at)
    for access, person in behind:
        world.tell_of(access, [device.id], SYNCED)
        emit(world, "access_person_synced", device, at, person=person["id"])
    return changed


def rewritten(world: World, device: Device, at: float) -> int:
    """Write into a lock what is wanted there; return how many codes changed in it."""
    memory, is_right = world.state(device)["memory"], world.finding.right_until(device.id, at)
    looked_at = admissions(world, device) if is_right is None else untold(world, device)
    wished = wishes(world, device, looked_at, at)
    names = {access["id"] for access, _ in looked_at} | (set() if is_right else set(memory))
    changed = [name for name in names if memory.get(name) != wished.get(name)]
    for name in changed:
        memory.pop(name, None)
    memory.update({name: wished[name] for name in wished if name in changed})
    set_right(world, device, at, [name for name in names if name in memory])
    return len(changed)


def failed(world: World, device: Device, at: float, behind: list[tuple[Body, Body]]) -> int:
    """Note that a lock did not take codes; it is tried again when it next comes."""
    for access, person in behind:
        world.tell_of(access, [device.id], FAILED)
        told = {"status": "failed", "status_info": "timeout", "person": person["id"]}
        emit(world, "access_person_sync_failed", device, at, **told)
    return 0


def tell_late(world: World, device: Device, at: float) -> bool:
    """Tell of guests whose time has begun and whose code is still not in the lock."""
    if world.finding.is_punctual(device.id, at):
        return False
    told, next_one = False, math.inf
    for access, person in untold(world, device):
        if access["devices"][device.id] != PENDING or person["deactivated"]:
            continue
        starts, ends = persons.window(world, person)
        when = max(starts, access["born"]) + GRACE
        if not starts or device.id in access["late"]:
            continue
        if when <= at < ends:
            access["late"].append(device.id)
            emit(world, "access_guest_late_sync", device, when, person=person["id"])
            told = True
        elif at < when:
            next_one = min(next_one, when)
    world.finding.set_punctual(device.id, at, next_one)
    return told
