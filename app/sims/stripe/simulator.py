"""The simulator as one object: started, stopped, and all that may be done with it meanwhile."""

from typing import Self

from app.sims.stripe.provider import Stripe
from app.sims.stripe.site import site


class StripeSim(Stripe):
    """A Stripe of one machine: keys and accounts are given, everything else happens."""

    def start(self) -> Self:
        """Begin to listen, on this machine only, and to deliver."""
        self.listening.start(site(self))
        self.world.base_url = self.listening.url
        self.courier.start()
        return self

    def stop(self) -> None:
        """Stop; nothing is left running."""
        self.courier.stop()
        self.listening.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
