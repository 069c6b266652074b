"""The courier: brings events to endpoints in the background, again and again until taken."""

import http.client
import threading
import time
from urllib.parse import urlsplit

from app.kernel import clock
from app.sims.stripe.endpoints import Endpoint
from app.sims.stripe.events import event
from app.sims.stripe.signing import signed
from app.sims.stripe.sweeping import sweep
from app.sims.stripe.world import Body, World

BACK_OFF = (0.2, 0.5, 1, 2, 5, 15, 30, 60)  # seconds; Stripe's own are minutes to days
PATIENCE = 10  # seconds for an answer
GLANCE = 0.5  # seconds between two looks at the clock
UNDER_WAY = ("waiting", "sending")


class Courier:
    """Sends what is waiting, one at a time and in order; what fails waits and others go first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.delay = 0.0  # seconds before what happens from now on is sent
        self._due: dict[str, float] = {}  # by delivery; a restart sends at once
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; what a former run left undone is sent now."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="stripe-sim-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is waiting stays."""
        with self.world.lock:
            self._stopping = True
            self.world.lock.notify_all()
        if self._thread is not None:
            self._thread.join()

    def release(self, order: list[str] | None) -> None:
        """Let go of what is held: in the given order of events first, then as it happened."""
        with self.world.changing():
            self.world.holding = False
            now, ranks = time.monotonic(), {name: n for n, name in enumerate(order or [])}
            held = [one for one in self.world.deliveries if one["state"] == "held"]
            held.sort(key=lambda one: ranks.get(one["event"], len(ranks)))
            for number, one in enumerate(held):
                one["state"] = "waiting"
                self._due[one["id"]] = now + number * 1e-6

    def discard(self) -> None:
        """Throw away what is held: the endpoints never hear of it."""
        with self.world.changing():
            for one in self.world.deliveries:
                if one["state"] == "held":
                    one["state"] = "discarded"

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is under way (what is held does not count); say whether it came."""
        with self.world.lock:
            return self.world.lock.wait_for(
                lambda: not any(one["state"] in UNDER_WAY for one in self.world.deliveries),
                timeout,
            )

    def _run(self) -> None:
        while True:
            with self.world.lock:
                if self._stopping:
                    return
                if sweep(self.world):
                    self.world.save()
                self._take_in()
                job = self._next()
                if job is None:
                    self.world.lock.wait(self._pause())
                    continue
                job["state"] = "sending"
            self._send(job)

    def _take_in(self) -> None:
        for one in self.world.deliveries:
            if one["state"] == "waiting":
                self._due.setdefault(one["id"], time.monotonic() + self.delay)

    def _waiting(self) -> list[Body]:
        waiting = [one for one in self.world.deliveries if one["state"] == "waiting"]
        return sorted(waiting, key=lambda one: self._due[one["id"]])

    def _next(self) -> Body | None:
        now = time.monotonic()
        return next((w for w in self._waiting() if self._due[w["id"]] <= now), None)

    def _pause(self) -> float:
        waits = [self._due[one["id"]] - time.monotonic() for one in self._waiting()]
        return max(0.001, min([GLANCE, *waits]))

    def _send(self, job: Body) -> None:
        found = event(self.world, job["event"])
        taker = next((e for e in self.world.takers(job["account"]) if e.url == job["url"]), None)
        status = 0 if found is None or taker is None else post(taker, found)
        with self.world.changing():
            self._record(job, status, found)

    def _record(self, job: Body, status: int, found: Body | None) -> None:
        job["attempts"].append({"at": clock.now().isoformat(), "status": status})
        tries = len(job["attempts"])
        if 200 <= status < 300:
            job["state"] = "delivered"
            if found is not None:
                found["pending_webhooks"] -= 1
        elif tries > len(BACK_OFF):
            job["state"] = "given up"
        else:
            job["state"] = "waiting"
            self._due[job["id"]] = time.monotonic() + BACK_OFF[tries - 1]


def post(endpoint: Endpoint, event: Body) -> int:
    """Bring an event to its endpoint."""
    body, headers = signed(endpoint.shape(event), endpoint.secret)
    return post_raw(endpoint.url, body, headers)


def post_raw(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send bytes and follow no redirect; return the answer's status, or 0 without an answer."""
    to = urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    line = kind(to.hostname or "", to.port, timeout=PATIENCE)
    try:
        line.request("POST", f"{to.path or '/'}{'?' if to.query else ''}{to.query}", body, headers)
        answer = line.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()
