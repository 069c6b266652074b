"""What is measured: each function drives the service and returns a result or a figure."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from statistics import median

from bench.house import PERIODS, ROOMS
from bench.load import Connection, Result, Step, closed_loop, request
from bench.residents import HALL, TENANT, Books, Resident, Shelf, Wanted
from bench.serving import Served

CLIENTS = 16
ROUNDS = 9  # each figure is the median of so many, taken in turn with the others
PAIRS = 8
SECONDS = 1.2
WITHIN = 10.0  # seconds in which the residents of a rush arrive
AT = tuple(
    f"{int(a.split(':')[0]) * 60}-{int(b.split(':')[0]) * 60}" for _, a, b in PERIODS
)  # as the pages' buttons say it


def slots(first: date) -> Iterator[Wanted]:
    """Yield every room and period from a day on."""
    for n in count():
        yield Wanted(f"r{n % ROOMS + 1}", first + timedelta(days=n // 90), AT[n // ROOMS % 3])


Measure = Callable[[float], Result]  # for so many seconds


@dataclass(frozen=True)
class Compared:
    """The middle round of a measure, and the middle of its ratios to the first of each round."""

    result: Result
    ratio: float


def in_turn(measures: dict[str, Measure]) -> dict[str, Compared]:
    """Take each of these for a short time, one after another, and all of it several times.

    Whatever else the machine does in a round slows all of the round, so ratios are taken in it.
    """
    found: dict[str, list[Compared]] = {name: [] for name in measures}
    for measure in measures.values():
        measure(SECONDS)  # warm up
    for _ in range(ROUNDS):
        results = {name: measure(SECONDS) for name, measure in measures.items()}
        first = next(iter(results.values()))
        for name, result in results.items():
            found[name].append(Compared(result, result.rate / first.rate))
    return {
        name: Compared(middle([one.result for one in some]), median(one.ratio for one in some))
        for name, some in found.items()
    }


def middle(results: Sequence[Result]) -> Result:
    """Return the result whose rate is the median."""
    return sorted(results, key=lambda one: one.rate)[len(results) // 2]


@dataclass
class Booked:
    """Finished bookings: how many a second, and whether each of them is really there."""

    result: Result
    numbers: list[str] = field(default_factory=list)


def bookings(port: int, bookers: Sequence[Books], shelf: Shelf, *, seconds: float) -> Booked:
    """Let each of them book one slot after another, each slot nobody else's."""
    booked = Booked(Result())
    lock = threading.Lock()

    def step_of(booker: Books) -> Step:
        def step(connection: Connection, result: Result) -> bool:
            number = booker.books(connection, result, shelf.take())
            with lock:
                booked.numbers.append(number)
            return True

        return step

    booked.result = closed_loop(port, [step_of(one) for one in bookers], seconds=seconds)
    return booked


@dataclass(frozen=True)
class Pair:
    """Two rates measured by turns, and how many times slower the second is."""

    first: float
    second: float
    slower: float


def by_turns(one: Callable[[], float], other: Callable[[], float]) -> Pair:
    """Measure two by turns, each as often first, and return the middle of each and of the ratio."""
    pairs = []
    for turn in range(PAIRS):
        if turn % 2:
            second, first = other(), one()
        else:
            first, second = one(), other()
        pairs.append(Pair(first, second, first / second))
    return Pair(
        median(pair.first for pair in pairs),
        median(pair.second for pair in pairs),
        median(pair.slower for pair in pairs),
    )


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


def memory(web: Served, days: Sequence[date]) -> tuple[float, float]:
    """Return the memory of the web processes in MB after 500 and after 10,000 requests."""
    hall = f"/{TENANT}/facilities/{HALL}"
    paths = [f"/{TENANT}/", hall, f"/{TENANT}/basket", f"/{TENANT}/sign-in"]
    paths += [f"{hall}/{kind}/{on}" for on in days for kind in ("days", "weeks")]
    asked = [request("GET", path) for path in paths]

    def rounds(times: int) -> None:
        turn = count()

        def step(connection: Connection, result: Result) -> bool:
            n = next(turn)
            if n >= times:
                return False
            result.count(connection.ask(asked[n % len(asked)])[0])
            return True

        closed_loop(web.port, [step] * CLIENTS, seconds=600)

    rounds(500)
    before = web.megabytes()
    rounds(9500)
    return before, web.megabytes()
