"""The calls of the API that the service makes, and the parameters each of them knows."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.sims.stripe import refunds, sessions
from app.sims.stripe.accounts import PLATFORM, Caller, out_of_reach
from app.sims.stripe.errors import missing
from app.sims.stripe.events import events_of
from app.sims.stripe.listing import PAGE, listed
from app.sims.stripe.params import Reader, text
from app.sims.stripe.world import Body, World

Asked: TypeAlias = dict[str, Any]
Work: TypeAlias = Callable[[World, Caller, str, Asked], Body]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: what it does, and which parameters it knows and needs."""

    method: str
    path: re.Pattern[str]
    work: Work
    knows: dict[str, Reader] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def retrieving(kind: str) -> Work:
    """Return the work of reading one object."""
    return lambda world, caller, ident, asked: world.find(kind, ident, caller.account)


def listing(kind: str, url: str) -> Work:
    """Return the work of reading a list."""
    return lambda world, caller, ident, asked: listed(world.every(kind, caller.account), asked, url)


def expire(world: World, caller: Caller, ident: str, asked: Asked) -> Body:
    """Expire a session."""
    return sessions.expire(world, world.find("checkout.session", ident, caller.account))


def own_account(world: World, caller: Caller, ident: str, asked: Asked) -> Body:
    """Read the caller's account."""
    return world.accounts.shown(caller.account)


def account(world: World, caller: Caller, ident: str, asked: Asked) -> Body:
    """Read an account that the caller may read."""
    platform = caller.account == PLATFORM and world.accounts.is_connected(ident)
    if ident != caller.account and not platform:
        raise out_of_reach("the key", ident)
    return world.accounts.shown(ident)


def events(world: World, caller: Caller, ident: str, asked: Asked) -> Body:
    """List the events of the caller's account."""
    return listed(events_of(world, caller.account), asked, "/v1/events")


def event(world: World, caller: Caller, ident: str, asked: Asked) -> Body:
    """Read an event of the caller's account."""
    for one in events_of(world, caller.account):
        if one["id"] == ident:
            return one
    raise missing("event", ident, "id")


def route(
    method: str, path: str, work: Work, knows: dict[str, Reader] | None = None, *needs: str
) -> Route:
    """Return a route; `*` in the path is an id."""
    pattern = re.compile(re.escape(path).replace(r"\*", "([A-Za-z0-9_]+)"))
    return Route(method, pattern, work, knows or {}, needs)


SESSIONS, REFUNDS = "/v1/checkout/sessions", "/v1/refunds"
ROUTES = (
    route(
        "POST",
        SESSIONS,
        lambda world, caller, ident, asked: sessions.create(world, caller, asked),
        sessions.CREATE,
        *sessions.CREATE_NEEDS,
    ),
    route(
        "GET",
        SESSIONS,
        listing("checkout.session", SESSIONS),
        PAGE | {"payment_intent": text, "status": text},
    ),
    route("GET", f"{SESSIONS}/*", retrieving("checkout.session")),
    route("POST", f"{SESSIONS}/*/expire", expire),
    route("GET", "/v1/payment_intents/*", retrieving("payment_intent")),
    route("GET", "/v1/charges/*", retrieving("charge")),
    route(
        "POST",
        REFUNDS,
        lambda world, caller, ident, asked: refunds.create(world, caller, asked),
        refunds.CREATE,
    ),
    route(
        "GET", REFUNDS, listing("refund", REFUNDS), PAGE | {"payment_intent": text, "charge": text}
    ),
    route("GET", f"{REFUNDS}/*", retrieving("refund")),
    route("GET", "/v1/account", own_account),
    route("GET", "/v1/accounts/*", account),
    route("GET", "/v1/disputes/*", retrieving("dispute")),
    route("GET", "/v1/events", events, PAGE | {"type": text}),
    route("GET", "/v1/events/*", event),
)
