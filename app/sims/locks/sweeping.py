"""What time alone brings about, done before anything else is looked at and once more after."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.sims.locks import heartbeats
from app.sims.locks.switchbot import keys
from app.sims.locks.world import World


def sweep(world: World) -> bool:
    """Let locks come and keypads answer whose time it is; say whether there was something."""
    return any([heartbeats.sweep(world), keys.sweep(world, world.bots)])


@contextmanager
def acting(world: World) -> Iterator[World]:
    """Hold the world while something is done to it, by a request or by a person."""
    with world.changing():
        sweep(world)
        try:
            yield world
        finally:
            sweep(world)
