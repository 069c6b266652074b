"""Who wants to be told of what."""

from app.sims.kept import Body
from app.sims.locks.errors import general, invalid
from app.sims.locks.events import TYPES
from app.sims.locks.listing import Query, listed, only_known
from app.sims.locks.wishes import Reader, address, attributes_of, boolean, choice, read, text
from app.sims.locks.world import World

WEBHOOK = "webhook_notification_subscriber"
QUIET = ("locked", "battery_replaced", "jammed")  # the vendor's, that never happen here
SUBSCRIBER: dict[str, Reader] = {
    "active": boolean, "name": text, "url": address, "content_type": choice("json"),
    "secret": text,
}  # fmt: skip


def event_types(raw: object) -> list[str]:
    """Read the kinds of events that somebody wants."""
    named = [one.get("event_type") for one in raw or [] if isinstance(one, dict)] \
        if isinstance(raw, list) else []  # fmt: skip
    if not named or any(one not in (*TYPES, *QUIET) for one in named):
        raise ValueError("has an event type that does not exist")
    return [str(one) for one in named]


SUBSCRIPTION: dict[str, Reader] = {
    "events": event_types, "publisher_type": choice("lock", "location", "account"),
    "publisher_id": text, "subscriber_type": choice(WEBHOOK), "subscriber_id": text,
}  # fmt: skip


def subscriber(world: World, account: str, body: object) -> Body:
    """Keep an address."""
    raw = attributes_of(body)
    if not isinstance(body, dict) or body.get("type") != WEBHOOK:
        raise invalid(raw, [("type", f"must be {WEBHOOK}")])
    asked = read(raw, SUBSCRIBER, "name", "url", "content_type")
    kept = world.stamped(account=account, active=True, secret=None) | asked
    world["subscribers"][kept["id"]] = kept
    return shown_subscriber(world, kept)


def change(world: World, account: str, ident: str, body: object) -> Body:
    """Change an address, or silence it."""
    kept = world.find("subscribers", ident, account, "NotificationSubscriber")
    kept.update(read(attributes_of(body), SUBSCRIBER))
    world.touch(kept)
    return shown_subscriber(world, kept)


def subscribers(world: World, account: str, query: Query) -> Body:
    """List the addresses of an account."""
    only_known(query)
    return listed([shown_subscriber(world, one) for one in own(world, "subscribers", account)],
                  query)  # fmt: skip


def subscription(world: World, account: str, body: object) -> Body:
    """Promise kinds of events of a door, a place or the account to an address."""
    raw = attributes_of(body)
    asked = read(raw, SUBSCRIPTION, *SUBSCRIPTION)
    world.find("subscribers", asked["subscriber_id"], account, "NotificationSubscriber")
    if asked["publisher_id"] not in publishers(world, account, asked["publisher_type"]):
        raise general(404, f"Couldn't find {asked['publisher_type']} with"
                      f" 'id'={asked['publisher_id']}", "resource_not_found")  # fmt: skip
    kept = world.stamped(account=account) | asked
    world["subscriptions"][kept["id"]] = kept
    return shown_subscription(world, kept)


def publishers(world: World, account: str, kind: str) -> set[str]:
    """Return the ids of an account's publishers of a kind."""
    if kind == "account":
        return {account}
    devices = world.directory.of(account)
    return {one.id if kind == "lock" else one.location for one in devices}


def subscriptions(world: World, account: str, query: Query) -> Body:
    """List the promises of an account."""
    only_known(query)
    found = own(world, "subscriptions", account)
    return listed([shown_subscription(world, one) for one in found], query)


def forget(world: World, account: str, table: str, ident: str) -> None:
    """Delete an address or a promise, an address with all that was promised to it."""
    del world[table][world.find(table, ident, account, table)["id"]]
    orphans = [
        one["id"] for one in world["subscriptions"].values() if one["subscriber_id"] == ident
    ]
    for orphan in orphans:
        del world["subscriptions"][orphan]


def own(world: World, table: str, account: str) -> list[Body]:
    """Return the records of an account."""
    return [one for one in world[table].values() if one["account"] == account]


def shown_subscriber(world: World, kept: Body) -> Body:
    """Return an address as the API shows it."""
    names = [*SUBSCRIBER, "created_at", "updated_at"]
    return {
        "type": WEBHOOK,
        "attributes": {name: kept[name] for name in names},
        "id": kept["id"],
        "links": {"self": f"{world.base_url}/notification_subscribers/{kept['id']}"},
    }


def shown_subscription(world: World, kept: Body) -> Body:
    """Return a promise as the API shows it."""
    names = [*SUBSCRIPTION, "created_at", "updated_at"]
    events = [{"event_type": one} for one in kept["events"]]
    return {
        "type": "notification_subscription",
        "attributes": {name: kept[name] for name in names} | {"events": events},
        "id": kept["id"],
        "links": {"self": f"{world.base_url}/notification_subscriptions/{kept['id']}"},
    }
