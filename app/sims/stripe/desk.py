"""The desk of the API: who asks, is it allowed, was it asked before, what is the answer."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.sims.serving import Dropped
from app.sims.stripe.accounts import Caller
from app.sims.stripe.errors import StripeError, broken, refused, too_many
from app.sims.stripe.events import API_VERSION
from app.sims.stripe.expanding import expanded
from app.sims.stripe.faults import Fault, Faults
from app.sims.stripe.form import Raw
from app.sims.stripe.idempotency import Reply, once
from app.sims.stripe.params import many, record, text
from app.sims.stripe.routes import ROUTES, Route
from app.sims.stripe.sweeping import acting
from app.sims.stripe.world import World, new_id

MOST_LOGGED = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    params: dict[str, Raw]
    headers: Mapping[str, str]
    request_id: str

    @property
    def key(self) -> str | None:
        """Return its idempotency key; only what changes something has one."""
        return self.headers.get("Idempotency-Key") if self.method == "POST" else None


class Desk:
    """Answers the calls of the API and keeps a log of them."""

    def __init__(self, world: World) -> None:
        self.world, self.faults = world, Faults()
        self.log: list[dict[str, Any]] = []

    def answer(
        self, method: str, path: str, params: dict[str, Raw], headers: Mapping[str, str]
    ) -> Reply:
        """Answer a call; raises Dropped when the line shall be cut instead."""
        call = Call(method, path, params, headers, new_id("req"))
        line: dict[str, Any] = {
            "method": method,
            "path": path,
            "params": params,
            "idempotency_key": call.key,
            "account": None,
            "status": None,
        }
        with self.world.lock:
            self.log[:] = [*self.log[1 - MOST_LOGGED :], line]
        try:
            reply = self._handled(call, line)
        except StripeError as no:
            reply = as_reply(no)
        line["status"] = reply.status
        told = {"Request-Id": call.request_id, "Stripe-Version": API_VERSION}
        return Reply(reply.status, reply.body, told | reply.headers)

    def _handled(self, call: Call, line: dict[str, Any]) -> Reply:
        caller = self.world.accounts.caller(
            call.headers.get("Authorization", ""), call.headers.get("Stripe-Account")
        )
        line["account"] = caller.account
        check_version(call.headers.get("Stripe-Version"))
        route, ident = matched(call)
        fault = self.faults.take(call.method, call.path)
        fail_before(fault)
        reply = self._done(call, caller, route, ident, fault)
        if fault and fault.kind == "500_after":
            raise broken()
        if fault and fault.kind == "drop_after":
            raise Dropped
        return reply

    def _done(
        self, call: Call, caller: Caller, route: Route, ident: str, fault: Fault | None
    ) -> Reply:
        def work() -> Reply:
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
            return self._worked(call, caller, route, ident)

        if call.key is None:
            return work()
        return once(
            self.world,
            account=caller.account,
            key=call.key,
            asked=[call.method, call.path, call.params],
            request_id=call.request_id,
            work=work,
        )

    def _worked(self, call: Call, caller: Caller, route: Route, ident: str) -> Reply:
        try:
            known = route.knows | {"expand": many(text)}
            asked = record(known, required=route.needs)("", call.params)
            paths = asked.pop("expand", [])
            with acting(self.world, request_id=call.request_id, idempotency_key=call.key):
                body = route.work(self.world, caller, ident, asked)
                return Reply(200, expanded(self.world, body, paths), {})
        except StripeError as no:
            return as_reply(no)


def as_reply(no: StripeError) -> Reply:
    """Return an error as it goes out."""
    return Reply(no.status, {"error": no.error}, {}, keep=no.began)


def check_version(version: str | None) -> None:
    """Refuse to speak any version but the one that is imitated."""
    if version not in (None, API_VERSION):
        raise refused(
            400, f"Invalid Stripe API version: {version}. The simulator speaks {API_VERSION} only."
        )


def matched(call: Call) -> tuple[Route, str]:
    """Return the route of a call, with the id in its path; raises 404."""
    for route in ROUTES:
        if route.method == call.method and (found := route.path.fullmatch(call.path)):
            return route, found[1] if found.groups() else ""
    raise refused(404, f"Unrecognized request URL ({call.method}: {call.path}).")


def fail_before(fault: Fault | None) -> None:
    """Fail, if that was ordered, before anything is done or remembered."""
    kind = fault.kind if fault else ""
    if kind == "500":
        raise broken()
    if kind == "429":
        raise too_many()
    if kind == "drop":
        raise Dropped
