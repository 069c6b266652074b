"""The courier: brings what happened to whoever listens, again and again until it is taken."""

import threading
import time
from collections.abc import Sequence

from app.kernel import clock
from app.sims.kept import Body, Kept

GLANCE = 0.5  # seconds between two looks at the clock
UNDER_WAY = ("waiting", "sending")


class Courier:
    """Sends what is waiting, one at a time and in order; what fails waits and others go first."""

    def __init__(self, kept: Kept, name: str) -> None:
        self.kept, self.name = kept, name
        self.delay = 0.0  # seconds before what happens from now on is sent
        self._due: dict[str, float] = {}  # by delivery; a restart sends at once
        self._stopping = False
        self._thread: threading.Thread | None = None

    def waits(self) -> Sequence[float]:
        """Return how many seconds to wait after each failure, until none is left."""
        raise NotImplementedError

    def sweep(self) -> bool:
        """Let happen what time alone brings about; say whether there was something."""
        raise NotImplementedError

    def send(self, job: Body) -> int:
        """Bring a delivery where it goes; return the answer's status, or 0 for none."""
        raise NotImplementedError

    def taken(self, job: Body) -> None:
        """Note that a delivery was taken."""

    def start(self) -> None:
        """Begin; what a former run left undone is sent now."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is waiting stays."""
        with self.kept.lock:
            self._stopping = True
            self.kept.lock.notify_all()
        if self._thread is not None:
            self._thread.join()

    def release(self, order: list[str] | None) -> None:
        """Let go of what is held: in the given order of events first, then as it happened."""
        with self.kept.changing():
            self.kept.holding = False
            now, ranks = time.monotonic(), {name: n for n, name in enumerate(order or [])}
            held = [one for one in self.kept.deliveries if one["state"] == "held"]
            held.sort(key=lambda one: ranks.get(one["event"], len(ranks)))
            for number, one in enumerate(held):
                one["state"] = "waiting"
                self._due[one["id"]] = now + number * 1e-6

    def discard(self) -> None:
        """Throw away what is held: nobody ever hears of it."""
        with self.kept.changing():
            for one in self.kept.deliveries:
                if one["state"] == "held":
                    one["state"] = "discarded"

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is under way (what is held does not count); say whether it came."""
        with self.kept.lock:
            return self.kept.lock.wait_for(
                lambda: not any(one["state"] in UNDER_WAY for one in self.kept.deliveries),
                timeout,
            )

    def _run(self) -> None:
        while True:
            with self.kept.lock:
                if self._stopping:
                    return
                if self.sweep():
                    self.kept.save()
                self._take_in()
                job = self._next()
                if job is None:
                    self.kept.lock.wait(self._pause())
                    continue
                job["state"] = "sending"
            status = self.send(job)
            with self.kept.changing():
                self._record(job, status)

    def _take_in(self) -> None:
        for one in self.kept.deliveries:
            if one["state"] == "waiting":
                self._due.setdefault(one["id"], time.monotonic() + self.delay)

    def _waiting(self) -> list[Body]:
        waiting = [one for one in self.kept.deliveries if one["state"] == "waiting"]
        return sorted(waiting, key=lambda one: self._due[one["id"]])

    def _next(self) -> Body | None:
        now = time.monotonic()
        return next((w for w in self._waiting() if self._due[w["id"]] <= now), None)

    def _pause(self) -> float:
        waits = [self._due[one["id"]] - time.monotonic() for one in self._waiting()]
        return max(0.001, min([GLANCE, *waits]))

    def _record(self, job: Body, status: int) -> None:
        job["attempts"].append({"at": clock.now().isoformat(), "status": status})
        tries, waits = len(job["attempts"]), self.waits()
        if 200 <= status < 300:
            job["state"] = "delivered"
            self.taken(job)
        elif tries > len(waits):
            job["state"] = "given up"
        else:
            job["state"] = "waiting"
            self._due[job["id"]] = time.monotonic() + waits[tries - 1]
