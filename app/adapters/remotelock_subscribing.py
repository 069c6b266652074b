"""RemoteLOCK's JSON about who is told of what: subscribers (addresses), subscriptions (of what)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from app.adapters.remotelock_words import EVENTS

Json = Mapping[str, Any]
Publisher: TypeAlias = tuple[str, str]  # what tells, and its id
SUBSCRIBER: Final = "webhook_notification_subscriber"


def subscriber(name: str, address: str) -> dict[str, Any]:
    """Return the body that makes an address, or lets one be as it is wanted."""
    told = {"active": True, "name": name, "url": address, "content_type": "json"}
    return {"type": SUBSCRIBER, "attributes": told}


def is_ours(one: Json, name: str, addresses: set[str]) -> bool:
    """Say whether a subscriber is ours: by its name, or put in by hand with our address."""
    told = one["attributes"]
    return told.get("name") == name or told.get("url") in addresses


def is_told(one: Json, name: str, address: str) -> bool:
    """Say whether a subscriber is as it is wanted."""
    told = one["attributes"]
    return (told.get("name"), told.get("url"), told.get("active")) == (name, address, True)


def age(one: Json) -> tuple[str, str]:
    """Return what subscribers are sorted by, the oldest first, for everybody the same."""
    return str(one["attributes"].get("created_at", "")), str(one["id"])


def publishers(devices: Iterable[Json]) -> Iterator[Publisher]:
    """Yield what tells of these locks: their places, so that one put up later is among them."""
    for one in devices:
        place = one["attributes"].get("location_id")
        yield ("location", str(place)) if place else ("lock", str(one["id"]))


def subscription(subscriber_id: str, publisher: Publisher) -> dict[str, Any]:
    """Return the body that promises all that we hear of to an address."""
    told = {
        "events": [{"event_type": one} for one in EVENTS],
        "publisher_type": publisher[0], "publisher_id": publisher[1],
        "subscriber_type": SUBSCRIBER, "subscriber_id": subscriber_id,
    }  # fmt: skip
    return {"type": "notification_subscription", "attributes": told}


def publisher(one: Json, subscriber_id: str) -> Publisher | None:
    """Return what a subscription is of; None: it is for another subscriber."""
    told = one["attributes"]
    if told.get("subscriber_id") != subscriber_id:
        return None
    return str(told.get("publisher_type")), str(told.get("publisher_id"))


def has_all_events(one: Json) -> bool:
    """Say whether a subscription promises all that we hear of."""
    promised = {each.get("event_type") for each in one["attributes"].get("events") or []}
    return set(EVENTS) <= promised
