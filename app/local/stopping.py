"""The wish to stop: Ctrl-C, SIGTERM or a closed terminal, remembered until somebody looks."""

import signal
import time
from collections.abc import Callable
from types import FrameType

from app.local.errors import StopRequested
from app.local.processes import TICK

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FOREVER = float("inf")


class StopRequest:
    """Turns signals into something to ask for, so that none interrupts half a step."""

    def __init__(self) -> None:
        self._made = False

    def listen(self) -> None:
        """Take the signals from now on; only the main thread may."""
        for number in SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._remember)

    def check(self) -> None:
        """Raise StopRequested when somebody asked to stop."""
        if self._made:
            raise StopRequested

    def wait_until(self, is_so: Callable[[], bool], *, within: float) -> bool:
        """Wait as `processes.wait_until` does; raises StopRequested when somebody asks to stop."""
        deadline = time.monotonic() + within
        while not is_so():
            self.check()
            if time.monotonic() > deadline:
                return False
            time.sleep(TICK)
        return True

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self._made = True
