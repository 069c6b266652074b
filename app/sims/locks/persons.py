"""Access persons: somebody with a number, for a time or for ever."""

from app.sims.kept import Body
from app.sims.locks import accesses, pins
from app.sims.locks.errors import Wrong, invalid
from app.sims.locks.listing import Query, in_order, listed, only_known
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
from app.sims.locks.world import World, epoch_of

GUEST, USER = "access_guest", "access_user"
SHOWN = ("upcoming", "current")
ALL = (*SHOWN, "expired", "deactivated")
KNOWS: dict[str, Reader] = {
    "name": text, "email": some_text, "phone": some_text, "department": some_text,
    "pin": pin, "generate_pin": boolean, "card_number": some_text,
}  # fmt: skip
WINDOW: dict[str, Reader] = {"starts_at": local_time, "ends_at": local_time}


def create(world: World, account: str, body: object) -> Body:
    """Create somebody who may be let in; where is said by accesses."""
    raw = attributes_of(body)
    kind = body.get("type") if isinstance(body, dict) else None
    if kind not in (GUEST, USER):
        raise invalid(raw, [("type", f"must be {GUEST} or {USER}")])
    knows = KNOWS | (WINDOW if kind == GUEST else {})
    asked = read(raw, knows, "name", *(WINDOW if kind == GUEST else ()))
    if not (asked.get("pin") or asked.get("generate_pin") or asked.get("card_number")):
        raise invalid(raw, [(None, "pin, generate_pin or card_number is required")])
    refuse(raw, wrong_window(asked))
    person = new(world, account, kind, asked)
    number(world, person, asked, raw)
    world["persons"][person["id"]] = person
    return person


def new(world: World, account: str, kind: str, asked: Body) -> Body:
    """Return a record of somebody that nobody knows of yet."""
    names = [*KNOWS, *WINDOW]
    fields = {name: asked.get(name) for name in names if name != "generate_pin"}
    return world.stamped(account=account, type=kind, deactivated=False, fixed=False) | fields


def number(world: World, person: Body, asked: Body, raw: Body) -> None:
    """Give somebody the number that was asked for, or a new one."""
    if asked.get("generate_pin"):
        person["pin"] = pins.made_up(world, person)
    elif asked.get("pin") and pins.is_taken(world, person, asked["pin"]):
        raise invalid(raw, [("pin", "has already been taken")])


def update(world: World, account: str, ident: str, body: object) -> Body:
    """Change somebody; the locks hear of it when they next come."""
    person, raw = find(world, account, ident), attributes_of(body)
    if status(world, person) not in SHOWN or person["fixed"]:
        raise invalid(raw, [(None, "This access person can't be updated.")])
    asked = read(raw, KNOWS | (WINDOW if person["type"] == GUEST else {}))
    changed = person | {name: value for name, value in asked.items() if name != "generate_pin"}
    refuse(raw, wrong_window(changed))
    number(world, changed, asked, raw)
    person.update(changed)
    world.touch(person)
    accesses.outdate(world, person)
    return person


def deactivate(world: World, account: str, ident: str) -> Body:
    """End somebody's admission in the cloud; locks hear of it when they next come."""
    person = find(world, account, ident)
    person["deactivated"] = True
    world.touch(person)
    accesses.outdate(world, person)
    return person


def delete(world: World, account: str, ident: str) -> None:
    """Forget somebody; locks do when they next come."""
    del world["persons"][find(world, account, ident)["id"]]
    for access in world.accesses_of(ident):
        world.drop_access(access["id"])


def every(world: World, account: str, query: Query) -> Body:
    """List people; those whose time is over only if it is asked."""
    only_known(query, "type", "type[]", "attributes[status]", "attributes[status][]")
    wanted = query.get("attributes[status][]") or query.get("attributes[status]") or list(SHOWN)
    kinds = query.get("type[]") or query.get("type") or [GUEST, USER]
    found = [
        one
        for one in world["persons"].values()
        if one["account"] == account and one["type"] in kinds and status(world, one) in wanted
    ]
    names = ("created_at", "updated_at", "name", "department", "starts_at", "ends_at")
    ordered = in_order(found, query, "created_at", names)
    return listed([shown(world, one) for one in ordered], query)


def find(world: World, account: str, ident: str) -> Body:
    """Return somebody; raises 404."""
    return world.find("persons", ident, account, "AccessPerson")


def status(world: World, person: Body) -> str:
    """Return how things stand with somebody."""
    if person["deactivated"]:
        return "deactivated"
    if person["type"] == USER:
        return "current"
    starts, ends = window(world, person)
    if world.now >= ends:
        return "expired"
    return "current" if world.now >= starts else "upcoming"


def window(world: World, person: Body) -> tuple[float, float]:
    """Return from when to when somebody is let in, by the zone of the account's first door."""
    if person["type"] == USER:
        return 0.0, float("inf")
    zone = world.directory.zone(person["account"])
    return epoch_of(person["starts_at"], zone), epoch_of(person["ends_at"], zone)


def wrong_window(asked: Body) -> list[Wrong]:
    """Return what is wrong with a time."""
    starts, ends = asked.get("starts_at"), asked.get("ends_at")
    return [("ends_at", "must be after starts_at")] if starts and ends and ends <= starts else []


def refuse(raw: Body, wrong: list[Wrong]) -> None:
    """Refuse if something is wrong."""
    if wrong:
        raise invalid(raw, wrong)


def shown(world: World, person: Body) -> Body:
    """Return somebody as the API shows him."""
    said = status(world, person)
    names = ["name", "email", "phone", "pin", "card_number", "department"]
    attributes = {name: person[name] for name in names} | {"status": said, "guest_source": None}
    attributes |= {name: person[name] for name in ("created_at", "updated_at")}
    if person["type"] == GUEST:
        attributes |= {name: person[name] for name in WINDOW}
    body: Body = {
        "type": person["type"],
        "attributes": attributes,
        "id": person["id"],
        "links": {"self": f"{world.base_url}/access_persons/{person['id']}"},
    }
    if said not in SHOWN or person["fixed"]:
        body["meta"] = {"restricted_actions": ["update"]}
    return body
