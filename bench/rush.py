"""The opening rush: many residents come within some seconds for few slots."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.load import Connection, Result
from bench.residents import Resident, Wanted

WITHIN = 10.0  # seconds in which they arrive


@dataclass
class Rush:
    """What came of many at few slots."""

    sold: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    def p99(self) -> float:
        """Return the latency of a request in milliseconds that 99 % stayed below."""
        ordered = sorted(self.latencies)
        return ordered[int(len(ordered) * 0.99)] * 1000 if ordered else 0.0


class TimedConnection(Connection):
    """A connection that keeps how long each answer took."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.took: list[float] = []

    def ask(self, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request and note how long the answer took."""
        began = time.perf_counter()
        try:
            return super().ask(raw)
        finally:
            self.took.append(time.perf_counter() - began)


def rush(port: int, residents: Sequence[Resident], wanted: Sequence[Wanted]) -> Rush:
    """Let all come within some seconds; each tries slots in an order of their own, five at most."""
    found, lock = Rush(), threading.Lock()
    chance = random.Random(7)
    plans = [
        (chance.uniform(0, WITHIN), chance.sample(list(wanted), min(5, len(wanted))))
        for _ in residents
    ]

    def come(resident: Resident, at: float, tries: Sequence[Wanted]) -> None:
        time.sleep(at)
        connection, own = TimedConnection(port), Result()
        sold = any(resident.books(connection, own, one) for one in tries)
        connection.close()
        with lock:
            found.sold += sold
            found.latencies += connection.took
            for status, times in own.statuses.items():
                found.statuses[status] = found.statuses.get(status, 0) + times

    threads = [
        threading.Thread(target=come, args=(resident, at, tries))
        for resident, (at, tries) in zip(residents, plans, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
