"""What is measured: each function drives the service and returns a result or a figure."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from statistics import median

from bench.house import PERIODS, ROOMS
from bench.load import Connection, Result, Step, closed_loop, request, same
from bench.residents import HALL, TENANT, Books, Shelf, Wanted
from bench.serving import Served

CLIENTS = 16
ROUNDS = 9  # each figure is the median of so many, taken in turn with the others
PAIRS = 8
SECONDS = 1.2
AT = tuple(
    f"{int(a.split(':')[0]) * 60}-{int(b.split(':')[0]) * 60}" for _, a, b in PERIODS
)  # as the pages' buttons say it


def slots(first: date) -> Iterator[Wanted]:
    """Yield every room and period from a day on."""
    for n in count():
        yield Wanted(f"r{n % ROOMS + 1}", first + timedelta(days=n // 90), AT[n // ROOMS % 3])


Measure = Callable[[float], Result]  # for so many seconds


def asking(port: int, raw: bytes) -> Measure:
    """Return the measure of one request that all clients send again and again."""
    return lambda seconds: closed_loop(port, [same(raw)] * CLIENTS, seconds=seconds)


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
