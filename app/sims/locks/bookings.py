"""Bookings, the Japanese way in: one call makes a person, a number and the access to a door."""

import secrets
from uuid import uuid4

from app.sims.kept import Body
from app.sims.locks import accesses, faults, igloo, persons, pins
from app.sims.locks.accounts import IGLOO, Device
from app.sims.locks.errors import Wrong, general, invalid
from app.sims.locks.wishes import (
    Reader,
    attributes_of,
    boolean,
    local_time,
    pin,
    read,
    some_text,
    text,
)  # fmt: skip
from app.sims.locks.world import World

KNOWS: dict[str, Reader] = {
    "name": text, "device_id": text, "starts_at": local_time, "ends_at": local_time,
    "validation": boolean, "pin": pin, "email": some_text, "phone": some_text,
}  # fmt: skip


def create(world: World, account: str, body: object) -> Body:
    """Book a door; an id that is known already is refused."""
    raw = attributes_of(body)
    ident = (body.get("id") if isinstance(body, dict) else None) or str(uuid4())
    asked = read(raw, KNOWS, "name", "device_id", "starts_at", "ends_at")
    persons.refuse(raw, persons.wrong_window(asked))
    if f"{account}/{ident}" in world["bookings"]:
        raise general(409, f"Booking {ident} already exists.", "duplicate_resource")
    device = world.device(asked["device_id"], account)
    person = persons.new(world, account, persons.GUEST, asked)
    booking = world.stamped(account=account, person=person["id"]) | {
        "id": str(ident),
        "universal": secrets.token_urlsafe(12),
    }
    place(world, booking, person, device, asked, raw)
    world["bookings"][f"{account}/{ident}"] = booking
    return shown(world, booking)


def update(world: World, account: str, ident: str, body: object) -> Body:
    """Move a booking to another time or another door."""
    booking, raw = find(world, account, ident), attributes_of(body)
    person = person_of(world, booking)
    if persons.status(world, person) not in persons.SHOWN:
        raise invalid(raw, [(None, "This booking can't be updated.")])
    asked = read(raw, KNOWS)
    now = {name: booking[name] for name in ("name", "device_id", "starts_at", "ends_at")}
    wished = now | {"pin": person["pin"]} | asked
    persons.refuse(raw, persons.wrong_window(wished))
    device = world.device(wished["device_id"], account)
    if device.id != booking["device_id"]:
        leave(world, booking)
    place(world, booking, person, device, wished, raw)
    world.touch(booking)
    return shown(world, booking)


def place(
    world: World, booking: Body, person: Body, device: Device, asked: Body, raw: Body
) -> None:
    """Give a booking its times, its number and its door."""
    rounding = asked.get("validation") is False
    times = fitted(device, asked, raw, rounding=rounding)
    wished = person | {"starts_at": times[0], "ends_at": times[1], "name": asked["name"]}
    found, warnings = numbered(world, device, wished, asked, raw, rounding=rounding)
    person.update(wished | {"pin": found, "fixed": device.door.kind == IGLOO})
    world.touch(person)
    world["persons"][person["id"]] = person
    names = ("name", "starts_at", "ends_at")
    booking.update({name: asked[name] for name in names} | {"device_id": device.id})
    booking["warnings"] = warnings
    if not any(one["accessible_id"] == device.id for one in world.accesses_of(person["id"])):
        if device.door.kind == IGLOO:
            accesses.at_once(world, person, device)
        else:
            accesses.give(world, person, device.door.kind, device.id, [device.id])
    accesses.outdate(world, person)


def fitted(device: Device, asked: Body, raw: Body, *, rounding: bool) -> tuple[str, str]:
    """Return times as the door's lock can have them; raises 422 unless it may round."""
    starts, ends = asked["starts_at"], asked["ends_at"]
    if device.door.kind != IGLOO:
        return starts, ends
    if not rounding:
        persons.refuse(raw, igloo.wrong(starts, ends))
    return igloo.hourly(starts, ends)


def numbered(
    world: World, device: Device, person: Body, asked: Body, raw: Body, *, rounding: bool
) -> tuple[str, list[Wrong]]:
    """Return a number for somebody, and what is other than was asked."""
    wish = asked.get("pin")
    if device.door.kind == IGLOO:
        found = igloo.next_pin(world, device, person["starts_at"], person["ends_at"])
        if found is None:
            raise invalid(raw, [(None, "No more algorithm pins are available for this period.")])
        return found, [("pin", "is chosen by the lock")] if raw.get("pin") else []
    if wish is None:
        return pins.made_up(world, person), []
    ordered = faults.take(world, "pin_replaced", {device.id}) is not None
    if not ordered and not pins.is_taken(world, person, wish):
        return wish, []
    if not rounding:
        raise invalid(raw, [("pin", "has already been taken")])
    return pins.made_up(world, person | {"pin": wish}), [("pin", "has already been taken")]


def leave(world: World, booking: Body) -> None:
    """Take a booking's own door away; further doors that were granted stay."""
    for access in world.accesses_of(booking["person"]):
        if access["accessible_id"] == booking["device_id"]:
            world.drop_access(access["id"])


def deactivate(world: World, account: str, ident: str) -> Body:
    """End a booking; a number that follows from the hours opens its lock all the same."""
    booking = find(world, account, ident)
    persons.deactivate(world, account, person_of(world, booking)["id"])
    booking["warnings"] = (
        [("pin", "algorithm pins can't be revoked")]
        if world.device(booking["device_id"], account).door.kind == IGLOO
        else []
    )
    return shown(world, booking)


def find(world: World, account: str, ident: str) -> Body:
    """Return a booking; raises 404, also when its person was deleted."""
    found = world["bookings"].get(f"{account}/{ident}")
    if found is None or found["person"] not in world["persons"]:
        raise general(404, f"Couldn't find Booking with 'id'={ident}", "resource_not_found")
    return found


def person_of(world: World, booking: Body) -> Body:
    """Return whom a booking lets in."""
    return world["persons"][booking["person"]]


def shown(world: World, booking: Body) -> Body:
    """Return a booking as the API shows it, with what is other than was asked."""
    person = person_of(world, booking)
    names = ("name", "device_id", "starts_at", "ends_at", "created_at", "updated_at")
    attributes = {name: booking[name] for name in names} | {
        "available_starts_at": person["starts_at"],
        "available_ends_at": person["ends_at"],
        "start_margin_sec": 0,
        "pin": person["pin"],
        "status": persons.status(world, person),
        "access_person_id": person["id"],
        "universal_access_key_url": f"{world.base_url}/keys?universal_access_key_ui_id="
        f"{booking['universal']}",
    }
    body: Body = {
        "data": {
            "type": "booking",
            "attributes": attributes,
            "id": booking["id"],
            "links": {"self": f"{world.base_url}/bookings/{booking['id']}"},
        }
    }
    if booking["warnings"]:
        body["meta"] = {
            "warnings": [
                {"attribute": name, "messages": [said], "full_messages": [f"{name} {said}"]}
                for name, said in booking["warnings"]
            ]
        }
    return body
