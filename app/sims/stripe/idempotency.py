"""Idempotency keys: asked again, the same answer; asked otherwise, a no."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.sims.stripe.errors import StripeError
from app.sims.stripe.world import Body, World

FORGOTTEN_AFTER = 24 * 60 * 60  # seconds


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out."""

    status: int
    body: Body
    headers: dict[str, str]
    keep: bool = True  # whether its key remembers it


def once(
    world: World, *, account: str, key: str, asked: Any, request_id: str, work: Callable[[], Reply]
) -> Reply:
    """Do the work of a key, or give the answer it gave; raises idempotency errors."""
    name, sign = f"{account} {key}", fingerprint(asked)
    with world.changing():
        if known := remembered(world, name, key, sign):
            headers = {"Idempotent-Replayed": "true", "Original-Request": known["request_id"]}
            return Reply(known["status"], known["body"], headers)
        world.replies[name] = {
            "sign": sign,
            "at": world.clock.epoch(),
            "request_id": request_id,
            "status": None,  # still at work
        }
    reply = None
    try:
        reply = work()
    finally:
        with world.changing():
            if reply is None or not reply.keep:
                world.replies.pop(name, None)
            else:
                world.replies[name] |= {"status": reply.status, "body": reply.body}
    return reply


def remembered(world: World, name: str, key: str, sign: str) -> Body | None:
    """Return what a key answered; raises if it is at work or was used for something else."""
    known = world.replies.get(name)
    if known is None or world.clock.epoch() - known["at"] >= FORGOTTEN_AFTER:
        return None
    if known["sign"] != sign:
        raise no(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request.",
        )
    if known["status"] is None:
        raise no(
            409,
            "There is currently another in-progress request using this Idempotent Key (that"
            " probably means you submitted twice, and the other request is still going through):"
            f" {key}. Please try again later.",
            code="idempotency_key_in_use",
        )
    return known


def no(status: int, message: str, code: str | None = None) -> StripeError:
    """Return an idempotency error."""
    return StripeError(
        status, {"type": "idempotency_error", "code": code, "message": message}, began=False
    )


def fingerprint(asked: Any) -> str:
    """Return what tells one request from another."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
