"""Runs the measurements and prints them as ratios to the bare routes of the same run."""

from dataclasses import dataclass
from datetime import date, timedelta

from bench import rows
from bench.house import House
from bench.load import Connection, Result, closed_loop, request, same
from bench.residents import HALL, TENANT, Program, Resident, Shelf, Wanted

SIZES = (20_000, 200_000)  # bookings in the database, held against 2,000
LINE = "{:<52}{:>10}{:>9}{:>9}   {}"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    figure: float
    wanted: str = ""
    is_reached: bool | None = None
    note: str = ""

    def __str__(self) -> str:
        reached = {None: "", True: "yes", False: "no"}[self.is_reached]
        return LINE.format(self.name, f"{self.figure:.3f}", self.wanted, reached, self.note)


def at_least(name: str, figure: float, least: float, note: str = "") -> Row:
    """Return a row that should not be below a figure."""
    return Row(name, figure, f">= {least:g}", figure >= least, note)


def at_most(name: str, figure: float, most: float, note: str = "") -> Row:
    """Return a row that should not be above a figure."""
    return Row(name, figure, f"<= {most:g}", figure <= most, note)


def main() -> None:
    """Measure everything and print the table as it grows."""
    house = House()
    house.book(2000, first=house.monday)
    print(LINE.format("", "figure", "wanted", "reached", ""))
    with house.served() as port:
        _report(house, port)
        _report_rush(house, port)
        for size in SIZES:
            _report_size(Yard(house, port), size)
    with house.served() as port:
        days = [house.monday + timedelta(days=n) for n in range(42)]
        after_500, after_10_000 = rows.memory(house, port, days)
        note = f"{after_500:.0f} MB, then {after_10_000:.0f} MB"
        _say(at_most("memory, 10,000 requests / 500", after_10_000 / after_500, 1.2, note))


class Yard:
    """A served house with its readers and its residents."""

    def __init__(self, house: House, port: int) -> None:
        path = _week(house)
        self.port = port
        self.page = request("GET", path, cookie="kaikan=none", headers={"Accept-Encoding": "gzip"})
        self.shelf = Shelf(rows.slots(house.monday + timedelta(days=900)))
        self.residents = [Resident(cookie) for cookie in house.session_for_many(16, "yard")]
        rows.bookings(port, self.residents, self.shelf, seconds=2)
        self.reading()

    def reading(self) -> float:
        """Return how many week grids a second are made anew."""
        asked = [same(self.page)] * rows.CLIENTS
        return closed_loop(self.port, asked, seconds=rows.SECONDS).rate

    def booking(self) -> float:
        """Return how many bookings a second are finished."""
        found = rows.bookings(self.port, self.residents, self.shelf, seconds=rows.SECONDS)
        return found.result.rate


def _report(house: House, port: int) -> None:
    """Print the rows that stand beside the bare routes."""
    path = _week(house)
    _status, headers, body = Connection(port).ask(request("GET", path))
    zipped = {"Accept-Encoding": "gzip"}
    unchanged = {"If-None-Match": headers["etag"], **zipped}
    found = rows.in_turn(
        port,
        {
            "hello": request("GET", "/bench/hello"),
            "insert": request("POST", "/bench/insert"),
            "200": request("GET", path, headers=zipped),
            "304": request("GET", path, headers=unchanged),
            "anew": request("GET", path, cookie="kaikan=none", headers=zipped),
        },
    )
    hello, insert = found["hello"].rate, found["insert"].rate
    _say(Row("hello, requests/s", hello, note=_times(found["hello"])))
    _say(Row("bare insert / hello", insert / hello, note=_times(found["insert"])))
    kept = f"{len(body) / 1024:.0f} KB of HTML, {_times(found['200'])}"
    _say(at_least("week grid, nothing changed / hello", found["200"].rate / hello, 0.25, kept))
    anew = found["anew"]
    _say(at_least("week grid, made anew / hello", anew.rate / hello, 0.05, _times(anew)))
    _say(at_least("week grid, 304 / hello", found["304"].rate / hello, 0.7, _times(found["304"])))
    shelf = Shelf(rows.slots(house.monday + timedelta(days=40)))
    residents = [Resident(cookie) for cookie in house.session_for_many(rows.CLIENTS, "r")]
    rows.bookings(port, residents, shelf, seconds=2)  # the first time each is asked everything
    booked = rows.bookings(port, residents, shelf, seconds=8)
    _say(_booked("finished booking by forms / bare insert", house, booked, insert))
    programs = [Program(house.token()) for _ in residents]
    by_programs = rows.bookings(port, programs, shelf, seconds=8)
    _say(_booked("finished booking by the API / bare insert", house, by_programs, insert))


def _booked(name: str, house: House, booked: rows.Booked, insert: float) -> Row:
    missing = len(booked.numbers) - house.made(booked.numbers)
    rate = booked.result.rate
    note = (
        f"{rate:.0f}/s, {_times(booked.result)}, {missing} missing, {house.wrong()} overlaps,"
        f" {_statuses(booked.result.statuses)}"
    )
    return at_least(name, rate / insert, 0.3, note)


def _report_size(small: Yard, size: int) -> None:
    """Print how much slower a house with many more bookings is, all of them in the past."""
    house = House(f"bench_{size}")
    house.book(2000, first=house.monday)
    house.book(size - 2000, first=house.monday - timedelta(days=size // 90 + 1))
    with house.served() as port:
        large = Yard(house, port)
        reading = rows.slower(small.reading, large.reading)
        _say(at_most(f"week grid with {size:,} bookings, times slower", reading, 1.2))
        booking = rows.slower(small.booking, large.booking)
        _say(at_most(f"booking with {size:,} bookings, times slower", booking, 1.2))


def _week(house: House) -> str:
    return f"/{TENANT}/facilities/{HALL}/weeks/{house.monday + timedelta(days=7)}"


def _report_rush(house: House, port: int) -> None:
    first = house.monday + timedelta(days=400)
    few = [Resident(cookie) for cookie in house.session_for_many(10, "few")]
    many = [Resident(cookie) for cookie in house.session_for_many(500, "many")]
    calm = rows.rush(port, few, _wanted(first))
    found = rows.rush(port, many, _wanted(first + timedelta(days=30)))
    wrong = sum(times for status, times in found.statuses.items() if status >= 500)
    p99 = f"p99 {found.p99():.0f} ms, {calm.p99():.0f} ms at 10 clients"
    note = f"500 residents, {p99}, {_statuses(found.statuses)}, {house.wrong()} overlaps"
    _say(Row("rush: slots sold of 40", found.sold, "= 40", found.sold == 40, note))
    _say(Row("rush: answers 5xx", wrong, "= 0", wrong == 0))


def _wanted(first: date) -> list[Wanted]:
    found = rows.slots(first)
    return [next(found) for _ in range(40)]


def _say(row: Row) -> None:
    print(row, flush=True)


def _times(result: Result) -> str:
    return f"p50 {result.percentile(0.5):.1f} ms, p99 {result.percentile(0.99):.1f} ms"


def _statuses(found: dict[int, int]) -> str:
    return ", ".join(f"{times} x {status}" for status, times in sorted(found.items()))


if __name__ == "__main__":
    main()
