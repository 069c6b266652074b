"""The desk of the API: who asks, how often, what goes wrong on order, what is the answer."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from app.sims.kept import Body
from app.sims.locks import faults, tokens
from app.sims.locks.errors import VendorError, general
from app.sims.locks.limits import Limits, too_many
from app.sims.locks.listing import Query
from app.sims.locks.routes import ROUTES, Asked, Route
from app.sims.locks.sweeping import acting
from app.sims.locks.world import World
from app.sims.serving import Dropped

MOST_LOGGED = 5000
ACCEPTED = ("application/vnd.lockstate+json;version=1", "application/vnd.lockstate.v1+json")
CHANGING = ("POST", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    body: object
    query: Query
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out."""

    status: int
    body: Body | None
    headers: Mapping[str, str]


class Desk:
    """Answers the calls of the API and keeps a log of them."""

    def __init__(self, world: World, limits: Limits, expired_status: int) -> None:
        self.world, self.limits, self.expired_status = world, limits, expired_status
        self.log: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Reply:
        """Answer a call; raises Dropped when the line shall be cut instead."""
        line = self.logged(call.method, call.path, call.body)
        try:
            reply = self._handled(call, line)
        except VendorError as no:
            reply = Reply(no.status, no.body, no.headers)
        line["status"] = reply.status
        return reply

    def logged(self, method: str, path: str, body: object) -> dict[str, Any]:
        """Write a line into the log and return it."""
        line: dict[str, Any] = {
            "method": method, "path": path, "body": body,
            "account": None, "client": None, "status": None,
        }  # fmt: skip
        with self.world.lock:
            self.log.append(line)
            del self.log[:-MOST_LOGGED]
        return line

    def _handled(self, call: Call, line: dict[str, Any]) -> Reply:
        caller, headers, slow = self._let_in(call, line)
        if slow:
            time.sleep(slow)
        try:
            route, ids = matched(call)
            with acting(self.world) as world:
                body = route.work(world, Asked(caller.account, ids, call.body, call.query))
                lost = call.method in CHANGING and self._fault("timeout_after_commit", call)
        except VendorError as no:
            raise VendorError(no.status, no.body, headers | no.headers) from no
        if lost:
            raise Dropped
        return Reply(route.status, body, headers)

    def _let_in(
        self, call: Call, line: dict[str, Any]
    ) -> tuple[tokens.Caller, dict[str, str], float]:
        with self.world.changing():
            authorization = call.headers.get("Authorization", "")
            if self._fault("token_expired", call):
                self.world["tokens"].pop(authorization.partition(" ")[2], None)
            caller = tokens.caller(self.world, authorization, self.expired_status)
            line.update(account=caller.account, client=caller.client)
            headers = self.limits.count(caller.account, self.world.now)
            try:
                check_accept(call)
                self._go_wrong(call, headers)
            except VendorError as no:
                raise VendorError(no.status, no.body, headers | no.headers) from no
            slow = self._fault("slow", call)
            return caller, headers, float(slow["seconds"]) if slow else 0.0

    def _go_wrong(self, call: Call, headers: dict[str, str]) -> None:
        if limited := self._fault("rate_limit", call):
            raise too_many(headers, int(limited["seconds"]) or 1)
        if self._fault("http_500_once", call):
            raise general(500, "We're sorry, but something went wrong.", "internal_server_error")
        if call.method == "POST" and self._fault("conflict", call):
            raise general(409, "The resource already exists.", "duplicate_resource")

    def _fault(self, mode: str, call: Call) -> Body | None:
        if not self.world.faults:
            return None
        return faults.take(self.world, mode, doors_of(self.world, call))


def check_accept(call: Call) -> None:
    """Refuse to speak any version but the one that is imitated."""
    said = call.headers.get("Accept", "").replace(" ", "")
    if not any(one in said for one in ACCEPTED):
        raise general(
            406, "Accept must be application/vnd.lockstate+json; version=1", "not_acceptable"
        )


def matched(call: Call) -> tuple[Route, tuple[str, ...]]:
    """Return the route of a call, with the ids in its path; raises 404."""
    for route in ROUTES:
        if route.method == call.method and (found := route.path.fullmatch(call.path)):
            return route, tuple(unquote(one) for one in found.groups())
    raise general(404, f"There is no {call.method} {call.path}.", "not_found")


def doors_of(world: World, call: Call) -> set[str]:
    """Return the doors that a call is about, as far as it names any."""
    named = set(call.path.split("/"))
    attributes = call.body.get("attributes") if isinstance(call.body, dict) else None
    if isinstance(attributes, dict):
        named |= {str(attributes.get(name)) for name in ("device_id", "accessible_id")}
    people = named & set(world["persons"])
    for booking in world["bookings"].values():
        if booking["id"] in named:
            people.add(booking["person"])
    for access in world["accesses"].values():
        if access["person"] in people:
            named |= {access["accessible_id"], *access["devices"]}
    return named & set(world.directory.devices)
