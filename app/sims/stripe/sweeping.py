"""What time alone brings about, done before anything else is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.sims.stripe import konbini, refunds, sessions
from app.sims.stripe.world import World


def sweep(world: World) -> bool:
    """Let everything end whose time is over; say whether there was something."""
    ended = [
        sessions.end_those_due(world),
        konbini.lapse_those_due(world),
        refunds.fail_those_due(world),
    ]
    return any(ended)


@contextmanager
def acting(
    world: World, *, request_id: str | None = None, idempotency_key: str | None = None
) -> Iterator[World]:
    """Hold the world while something is done to it, by a request or by a person."""
    with world.changing():
        sweep(world)
        world.asked = {"id": request_id, "idempotency_key": idempotency_key}
        try:
            yield world
        finally:
            world.asked = {"id": None, "idempotency_key": None}
