"""The locks' courier: events as webhooks, a few times and then no more."""

import json
from collections.abc import Sequence

from app.sims import courier
from app.sims.kept import Body
from app.sims.locks.events import event
from app.sims.locks.sweeping import sweep
from app.sims.locks.world import World
from app.sims.posting import post_raw

BACK_OFF = (0.2, 1, 5)  # seconds
HEADERS = {"Content-Type": "application/json", "User-Agent": "RemoteLock-Hookshot"}


class Courier(courier.Courier):
    """Brings events to the addresses that subscribed."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "locks-sim-courier")
        self.world = world

    def waits(self) -> Sequence[float]:
        """Return how many seconds to wait after each failure, until none is left."""
        return BACK_OFF

    def sweep(self) -> bool:
        """Let the locks come whose time it is."""
        return sweep(self.world)

    def send(self, job: Body) -> int:
        """Bring what was promised; a body of its own goes as it is."""
        with self.world.lock:
            found = job.get("body") or {"data": event(self.world, job["event"])}
            body = json.dumps(found).encode()
        return post_raw(job["url"], body, HEADERS)
