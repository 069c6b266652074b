"""The simulator as one object: started, stopped, and all that may be done with it meanwhile."""

from typing import Self

from app.sims.locks.site import site
from app.sims.locks.vendor import Vendor


class LockSim(Vendor):
    """A vendor of locks on one machine: accounts and doors are given, the rest happens."""

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
