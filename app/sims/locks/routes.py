"""The calls of the API that are imitated."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.sims.kept import Body
from app.sims.locks import accesses, bookings, devices, persons, subscriptions
from app.sims.locks.errors import missing
from app.sims.locks.events import event
from app.sims.locks.listing import Query, in_order, listed, only_known
from app.sims.locks.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call is about."""

    account: str
    ids: tuple[str, ...]
    body: object
    query: Query


Work: TypeAlias = Callable[[World, Asked], Body | None]


@dataclass(frozen=True, slots=True)
class Route:
    """One call, and the status of a good answer."""

    method: str
    path: re.Pattern[str]
    status: int
    work: Work


def route(method: str, path: str, work: Work, status: int = 200) -> Route:
    """Return a route; `*` in the path is an id."""
    pattern = re.escape(path).replace(r"\*", "([^/]+)") + "/?"
    return Route(method, re.compile(pattern), status, work)


def data(body: Body) -> Body:
    """Return a resource in its envelope."""
    return {"data": body}


def device(w: World, a: Asked) -> Body:
    """Read a door."""
    return data(devices.shown(w, w.device(a.ids[0], a.account)))


def persons_of_device(w: World, a: Asked) -> Body:
    """Read who is let in by a door."""
    return accesses.of_device(w, w.device(a.ids[0], a.account), a.query)


def person(w: World, a: Asked) -> Body:
    """Read somebody."""
    return data(persons.shown(w, persons.find(w, a.account, a.ids[0])))


def grant(w: World, a: Asked) -> Body:
    """Let somebody in by a door; the cloud has counted nothing yet."""
    someone = persons.find(w, a.account, a.ids[0])
    access = accesses.grant(w, a.account, someone, a.body)
    return data(accesses.shown(w, access | {"fresh": True}))


def access(w: World, a: Asked) -> Body:
    """Read an access."""
    someone = persons.find(w, a.account, a.ids[0])
    return data(accesses.shown(w, accesses.find(w, a.account, someone, a.ids[1])))


def revoke(w: World, a: Asked) -> None:
    """Take an access away."""
    someone = persons.find(w, a.account, a.ids[0])
    w.drop_access(accesses.find(w, a.account, someone, a.ids[1])["id"])


def every_event(w: World, a: Asked) -> Body:
    """List what happened, the newest first."""
    only_known(a.query)
    found = [one["body"] | one["body"]["attributes"] for one in w.events
             if one["account"] == a.account]  # fmt: skip
    ordered = in_order(found[::-1], a.query, "-occurred_at", ("created_at", "occurred_at"))
    names = ("type", "attributes", "id", "links")
    return listed([{name: one[name] for name in names} for one in ordered], a.query)


def one_event(w: World, a: Asked) -> Body:
    """Read an event."""
    if found := event(w, a.ids[0], a.account):
        return data(found)
    raise missing("Event", a.ids[0])


SUBSCRIBERS, SUBSCRIPTIONS = "/notification_subscribers", "/notification_subscriptions"
ROUTES = (
    route("GET", "/devices", lambda w, a: devices.every(w, a.account, a.query)),
    route("GET", "/devices/*", device),
    route("GET", "/devices/*/access_person_accesses", persons_of_device),
    route("GET", "/access_persons", lambda w, a: persons.every(w, a.account, a.query)),
    route("POST", "/access_persons",
          lambda w, a: data(persons.shown(w, persons.create(w, a.account, a.body))), 201),
    route("GET", "/access_persons/*", person),
    route("PUT", "/access_persons/*",
          lambda w, a: data(persons.shown(w, persons.update(w, a.account, a.ids[0], a.body)))),
    route("DELETE", "/access_persons/*", lambda w, a: persons.delete(w, a.account, a.ids[0]), 204),
    route("PUT", "/access_persons/*/deactivate",
          lambda w, a: data(persons.shown(w, persons.deactivate(w, a.account, a.ids[0])))),
    route("GET", "/access_persons/*/accesses",
          lambda w, a: accesses.of_person(w, persons.find(w, a.account, a.ids[0]), a.query)),
    route("POST", "/access_persons/*/accesses", grant, 201),
    route("GET", "/access_persons/*/accesses/*", access),
    route("DELETE", "/access_persons/*/accesses/*", revoke, 204),
    route("POST", "/bookings", lambda w, a: bookings.create(w, a.account, a.body), 201),
    route("GET", "/bookings/*",
          lambda w, a: bookings.shown(w, bookings.find(w, a.account, a.ids[0]))),
    route("PUT", "/bookings/*", lambda w, a: bookings.update(w, a.account, a.ids[0], a.body)),
    route("PUT", "/bookings/*/deactivate",
          lambda w, a: bookings.deactivate(w, a.account, a.ids[0])),
    route("GET", "/events", every_event),
    route("GET", "/events/*", one_event),
    route("GET", SUBSCRIBERS, lambda w, a: subscriptions.subscribers(w, a.account, a.query)),
    route("POST", SUBSCRIBERS,
          lambda w, a: data(subscriptions.subscriber(w, a.account, a.body)), 201),
    route("PUT", f"{SUBSCRIBERS}/*",
          lambda w, a: data(subscriptions.change(w, a.account, a.ids[0], a.body))),
    route("DELETE", f"{SUBSCRIBERS}/*",
          lambda w, a: subscriptions.forget(w, a.account, "subscribers", a.ids[0]), 204),
    route("GET", SUBSCRIPTIONS, lambda w, a: subscriptions.subscriptions(w, a.account, a.query)),
    route("POST", SUBSCRIPTIONS,
          lambda w, a: data(subscriptions.subscription(w, a.account, a.body)), 201),
    route("DELETE", f"{SUBSCRIPTIONS}/*",
          lambda w, a: subscriptions.forget(w, a.account, "subscriptions", a.ids[0]), 204),
)  # fmt: skip
