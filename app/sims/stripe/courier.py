"""Stripe's courier: signed events, to the endpoints that take the account's."""

from collections.abc import Sequence

from app.sims import courier
from app.sims.kept import Body
from app.sims.posting import post_raw
from app.sims.stripe.events import event
from app.sims.stripe.signing import signed
from app.sims.stripe.sweeping import sweep
from app.sims.stripe.world import World

BACK_OFF = (0.2, 0.5, 1, 2, 5, 15, 30, 60)  # seconds; Stripe's own are minutes to days


class Courier(courier.Courier):
    """Brings events to endpoints."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "stripe-sim-courier")
        self.world = world

    def waits(self) -> Sequence[float]:
        """Return how many seconds to wait after each failure, until none is left."""
        return BACK_OFF

    def sweep(self) -> bool:
        """Let everything end whose time is over."""
        return sweep(self.world)

    def send(self, job: Body) -> int:
        """Bring an event to its endpoint."""
        found = event(self.world, job["event"])
        taker = next((e for e in self.world.takers(job["account"]) if e.url == job["url"]), None)
        if found is None or taker is None:
            return 0
        return post_raw(taker.url, *signed(taker.shape(found), taker.secret))

    def taken(self, job: Body) -> None:
        """Count an event down when it was taken."""
        if found := event(self.world, job["event"]):
            found["pending_webhooks"] -= 1
