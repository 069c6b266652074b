"""The simulator's time: the real one with an offset, or one that stands still."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.kernel import clock


class SimClock:
    """Tells the time and can be moved; whoever depends on it is told of each move."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self.on_move: Callable[[], None] = lambda: None
        self._still: datetime | None = None

    def now(self) -> datetime:
        """Return the simulator's present instant, aware, in UTC."""
        return (self._still or clock.now()) + self.offset

    @property
    def is_real(self) -> bool:
        """Say whether it was never moved, or went back."""
        return self._still is None and not self.offset

    def epoch(self) -> int:
        """Return the same in whole seconds since 1970."""
        return int(self.now().timestamp())

    def advance(self, *, seconds: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move on; what falls due in between happens before this returns."""
        self.offset += timedelta(seconds=seconds, hours=hours, days=days)
        self.on_move()

    def set(self, at: datetime) -> None:
        """Go to an instant and go on from there."""
        self.offset += at - self.now()
        self.on_move()

    def stand_still(self, at: datetime | None = None) -> None:
        """Stop, at an instant or at once, until `advance`, `set` or `run_on`."""
        self._still, self.offset = at or self.now(), timedelta()
        self.on_move()

    def run_on(self) -> None:
        """Tick again from where it stands."""
        stood = self.now()
        self._still = None
        self.set(stood)

    def be_real(self) -> None:
        """Go back to the real time."""
        self._still, self.offset = None, timedelta()
        self.on_move()
