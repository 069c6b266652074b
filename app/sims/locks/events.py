"""Events: what happened, kept for whoever asks and promised to whoever subscribed."""

from typing import Any
from uuid import uuid4

from app.sims.kept import Body
from app.sims.locks import faults
from app.sims.locks.accounts import Device
from app.sims.locks.world import World, instant

TYPES = (
    "access_person_synced", "access_person_sync_failed", "access_guest_late_sync",
    "access_person_used", "access_denied", "unlocked", "connectivity", "power_level_low",
)  # fmt: skip
MOST_KEPT = 2000
AT_THE_DOOR = {"card": None, "smart_card_serial_number": None, "method": "pin"}


def emit(world: World, kind: str, device: Device, at: float, **told: Any) -> Body:
    """Note that something happened at a door, and promise it to the subscribers."""
    event = body_of(world, kind, device, at, **told)
    world.events.append({"account": device.account, "device": device.id, "body": event})
    forget_the_oldest(world)
    subscribed = takers(world, kind, device)
    if subscribed and not faults.take(world, "never_webhook", {device.id}):
        for subscriber in subscribed:
            promise(world, event, subscriber)
    return event


def forget_the_oldest(world: World) -> None:
    """Keep what happened and what was delivered for a while only, so that the file stays small."""
    del world.events[:-MOST_KEPT]
    if len(world.deliveries) <= MOST_KEPT:
        return
    done = [one for one in world.deliveries if one["state"] not in ("waiting", "sending", "held")]
    for old in done[:-MOST_KEPT]:
        world.deliveries.remove(old)


def body_of(world: World, kind: str, device: Device, at: float, **told: Any) -> Body:
    """Return an event as the API shows it; whoever used a door is its publisher, else the lock."""
    person, now = told.pop("person", None), instant(world.now)
    lock, someone = ("lock", device.id), (kind_of(world, person), person)
    publisher, resource = (someone, lock) if kind == "access_person_used" else (lock, someone)
    attributes: Body = {
        "source": "device",
        "status": "succeeded",
        "time_zone": device.door.zone,
        "occurred_at": instant(at),
        "created_at": now,
        "updated_at": now,
    }
    attributes |= told | {"publisher_id": publisher[1], "publisher_type": publisher[0]}
    ident = str(uuid4())
    links = {"self": f"{world.base_url}/events/{ident}", "publisher": url(world, *publisher)}
    if person is not None:
        attributes |= {
            "associated_resource_name": None,
            "associated_resource_id": resource[1],
            "associated_resource_type": resource[0],
        }
        links["associated_resource"] = url(world, *resource)
    return {"type": f"{kind}_event", "attributes": attributes, "id": ident, "links": links}


def kind_of(world: World, person: str | None) -> str:
    """Return what kind of person somebody is, also when he was deleted."""
    found = world["persons"].get(person or "")
    return str(found["type"]) if found else "access_guest"


def url(world: World, kind: str, ident: str | None) -> str:
    """Return where something can be read."""
    return f"{world.base_url}/{'devices' if kind == 'lock' else 'access_persons'}/{ident}"


def takers(world: World, kind: str, device: Device) -> list[Body]:
    """Return the subscribers that want a kind of event of a door."""
    publishers = {device.id, device.location, device.account}
    wanting = {
        one["subscriber_id"]
        for one in world["subscriptions"].values()
        if one["account"] == device.account
        and one["publisher_id"] in publishers
        and kind in one["events"]
    }
    return [one for one in world["subscribers"].values() if one["id"] in wanting and one["active"]]


def promise(world: World, event: Body, subscriber: Body) -> None:
    """Promise an event to a subscriber."""
    world.deliveries.append(
        {
            "id": str(uuid4()),
            "event": event["id"],
            "type": event["type"],
            "url": subscriber["url"],
            "state": "held" if world.holding else "waiting",
            "attempts": [],
        }
    )


def event(world: World, ident: str, account: str | None = None) -> Body | None:
    """Return an event by its id, of one account or of any."""
    for one in world.events:
        if one["body"]["id"] == ident and account in (None, one["account"]):
            found: Body = one["body"]
            return found
    return None
