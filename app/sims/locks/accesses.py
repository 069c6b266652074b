"""Accesses: which doors somebody is let in by, and whether their locks know it yet."""

from app.sims.kept import Body
from app.sims.locks.accounts import LOCK, Device
from app.sims.locks.errors import general, invalid
from app.sims.locks.finding import SYNCED
from app.sims.locks.listing import Query, listed, only_known
from app.sims.locks.wishes import Reader, attributes_of, read, some_text, text
from app.sims.locks.world import World

PENDING, FAILED = "pending", "failed"
KNOWS: dict[str, Reader] = {
    "accessible_type": text, "accessible_id": text, "access_schedule_id": some_text,
    "guest_start_time": some_text, "guest_end_time": some_text,
}  # fmt: skip


def grant(world: World, account: str, person: Body, body: object) -> Body:
    """Let somebody in by a door, or by all doors of a place."""
    raw = attributes_of(body)
    asked = read(raw, KNOWS, "accessible_type", "accessible_id")
    unknown = [name for name in ("access_schedule_id", "guest_start_time", "guest_end_time")
               if asked.get(name) is not None]  # fmt: skip
    if unknown:
        raise invalid(raw, [(name, "is not imitated by the simulator") for name in unknown])
    kind, ident = asked["accessible_type"], asked["accessible_id"]
    doors = doors_of(world, account, kind, ident)
    if any(set(one["devices"]) == set(doors) for one in world.accesses_of(person["id"])):
        raise general(409, "The access person has this access already.", "duplicate_resource")
    return give(world, person, kind, ident, doors)


def doors_of(world: World, account: str, kind: str, ident: str) -> list[str]:
    """Return the locks that are meant; raises 404 if there is no such thing."""
    locks = [one for one in world.directory.of(account) if one.door.kind == LOCK]
    if kind == "location":
        found = [one.id for one in locks if one.location == ident]
    else:
        found = [one.id for one in locks if one.id == ident and kind == LOCK]
    if not found:
        raise general(404, f"Couldn't find {kind} with 'id'={ident}", "resource_not_found")
    return found


def give(world: World, person: Body, kind: str, ident: str, doors: list[str]) -> Body:
    """Keep an access; no lock knows it yet."""
    access = world.stamped(
        account=person["account"],
        person=person["id"],
        accessible_type=kind,
        accessible_id=ident,
        devices=dict.fromkeys(doors, PENDING),
        late=[],
        born=world.now,
        at_once=False,
    )
    world.keep_access(access)
    return access


def at_once(world: World, person: Body, device: Device) -> Body:
    """Keep the access of an algorithmic number: the lock knows it without being told."""
    access = give(world, person, device.door.kind, device.id, [])
    access["at_once"] = True
    return access


def outdate(world: World, person: Body) -> None:
    """Note that the locks do not know yet what somebody is now."""
    for access in world.accesses_of(person["id"]):
        access["late"] = []
        world.tell_of(access, access["devices"], PENDING)


def find(world: World, account: str, person: Body, ident: str) -> Body:
    """Return an access of somebody; raises 404."""
    found = world.find("accesses", ident, account, "AccessPersonAccess")
    if found["person"] != person["id"]:
        raise general(404, f"Couldn't find access {ident}", "resource_not_found")
    return found


def of_person(world: World, person: Body, query: Query) -> Body:
    """List the accesses of somebody."""
    only_known(query)
    return listed([shown(world, one) for one in world.accesses_of(person["id"])], query)


def of_device(world: World, device: Device, query: Query) -> Body:
    """List who is let in by a door."""
    only_known(query)
    found = [
        one
        for one in world["accesses"].values()
        if device.id in one["devices"] or one["accessible_id"] == device.id
    ]
    return listed([shown(world, one) for one in found], query)


def counts(world: World, access: Body) -> Body:
    """Return how many locks know; the cloud begins to count only after its answer."""
    states = list(access["devices"].values()) + ([SYNCED] if access["at_once"] else [])
    if access.get("fresh") or world.now < access["born"] + world.settle:
        states = []
    return {
        "devices_count": len(states),
        "devices_synced_count": states.count(SYNCED),
        "devices_pending_sync_count": states.count(PENDING),
        "devices_failed_sync_count": states.count(FAILED),
    }


def shown(world: World, access: Body) -> Body:
    """Return an access as the API shows it."""
    person, base = access["person"], world.base_url
    attributes = {"guest_start_time": None, "guest_end_time": None} | counts(world, access)
    attributes |= {
        "accessible_type": access["accessible_type"],
        "created_at": access["created_at"],
        "updated_at": access["updated_at"],
        "access_person_id": person,
        "access_person_type": world["persons"][person]["type"],
        "accessible_id": access["accessible_id"],
    }
    return {
        "type": "access_person_access",
        "attributes": attributes,
        "id": access["id"],
        "links": {
            "self": f"{base}/access_persons/{person}/accesses/{access['id']}",
            "access_person": f"{base}/access_persons/{person}",
            "accessible": f"{base}/devices/{access['accessible_id']}",
        },
    }
