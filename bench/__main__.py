"""Runs the measurements and prints them as ratios to the bare routes of the same run."""

from collections.abc import Sequence
from datetime import date, timedelta

from bench import doors, fees, rows
from bench.calendar import report_calendar
from bench.changing import after_changes
from bench.house import House
from bench.load import Connection, Result, request
from bench.reports import report_reports
from bench.residents import Books, Program, Resident, Shelf, Wanted
from bench.rush import rush
from bench.serving import Served, served
from bench.table import Row, at_least, at_most, exactly, heads, per_second, statuses, times
from bench.yard import Yard

BOOKINGS = 2000  # from next Monday on, every other slot
SIZES = (20_000, 200_000)  # bookings in the database, held against 2,000
YEAR = 100_000  # bookings that are priced again
ZIPPED = {"Accept-Encoding": "gzip"}


def main() -> None:
    """Measure everything and print the table as it grows."""
    house = a_house("bench", BOOKINGS)
    print(heads())
    with served(house) as web:
        report_pages(web)
        report_bookings(web)
        report_rush(web)
        small = Yard(web)
        for size in SIZES:
            report_size(small, size)
    report_calendar()
    with served(house) as web:
        report_memory(web)
    report_fees()
    report_reports()
    report_doors()


def report_doors() -> None:
    """Print how many codes for doors one worker brings to a vendor."""
    per_minute, done = doors.codes_a_minute()
    note = f"{done:,} codes, each for an entrance and a room"
    words = "codes for doors, one worker"
    _say(Row(words, f"{per_minute:,.0f}/min", None, "> 1,000/min", per_minute > 1_000, note))


def report_fees() -> None:
    """Print how long quotes take: one, a year of them under a draft, all packs' cases."""
    milliseconds, empty_calls = fees.quote_ms()
    note = "ratio to an empty call"
    _say(
        Row(
            "one quote", f"{milliseconds:.3f} ms", empty_calls, "< 0.3 ms", milliseconds < 0.3, note
        )
    )
    house = House("bench_fees")
    house.book(YEAR, first=house.monday - timedelta(days=YEAR // 90 + 1))
    seconds, uses = fees.reprice_seconds(house, YEAR)
    words = f"{uses:,} bookings re-priced on one core"
    _say(Row(words, f"{seconds:.1f} s", None, "< 60 s", seconds < 60))
    seconds, packs = fees.check_seconds()
    _say(Row(f"all {packs} packs checked", f"{seconds:.1f} s", None, "< 5 s", seconds < 5))


def a_house(name: str, size: int) -> House:
    """Return a house with so many bookings: the shown weeks are alike in all of them."""
    house = House(name)
    house.book(BOOKINGS, first=house.monday, every=2)
    half = (size - BOOKINGS) // 2
    if half:
        house.book(half, first=house.monday - timedelta(days=half // 90 + 1))
        house.book(half, first=house.monday + timedelta(days=60))
    return house


def report_pages(web: Served) -> None:
    """Print the rows of the week grid beside the bare routes."""
    path = web.house.week
    _status, headers, body = Connection(web.port).ask(request("GET", path))
    unchanged = {"If-None-Match": headers["etag"], **ZIPPED}
    found = rows.in_turn(
        {
            "hello": rows.asking(web.port, request("GET", "/bench/hello")),
            "insert": rows.asking(web.port, request("POST", "/bench/insert")),
            "200": rows.asking(web.port, request("GET", path, headers=ZIPPED)),
            "changed": lambda seconds: after_changes(
                web.house, web.port, path, clients=rows.CLIENTS, seconds=seconds
            ),
            "304": rows.asking(web.port, request("GET", path, headers=unchanged)),
        }
    )
    hello, insert = found["hello"].result, found["insert"]
    _say(Row("hello", per_second(hello), note=times(hello)))
    note = times(insert.result)
    _say(Row("bare insert / hello", per_second(insert.result), insert.ratio, note=note))
    for name, words, least in (
        ("200", "week grid, nothing changed / hello", 0.25),
        ("changed", "week grid, right after a change / hello", 0.05),
        ("304", "week grid, unchanged for this browser / hello", 0.7),
    ):
        one = found[name].result
        note = f"{times(one)}, {statuses(one.statuses)}"
        note += f", {len(body) / 1024:.0f} KB of HTML" if name == "200" else ""
        _say(at_least(words, per_second(one), found[name].ratio, least, note))


def report_bookings(web: Served) -> None:
    """Print the rows of finished bookings beside the bare insert."""
    shelf = Shelf(rows.slots(web.house.monday + timedelta(days=50)))
    residents = [Resident(one) for one in web.house.session_for_many(rows.CLIENTS, "r")]
    programs = [Program(web.house.token()) for _ in residents]
    numbers: dict[str, list[str]] = {"forms": [], "API": []}

    def booking(name: str, bookers: Sequence[Books]) -> rows.Measure:
        def measure(seconds: float) -> Result:
            booked = rows.bookings(web.port, bookers, shelf, seconds=seconds)
            numbers[name] += booked.numbers
            return booked.result

        return measure

    booking("forms", residents)(2)  # the first time each is asked everything
    found = rows.in_turn(
        {
            "insert": rows.asking(web.port, request("POST", "/bench/insert")),
            "forms": booking("forms", residents),
            "API": booking("API", programs),
        }
    )
    overlaps = web.house.wrong()
    for name, made in numbers.items():
        one = found[name].result
        wrong = len(made) - web.house.made(made)
        note = f"{times(one)}, {len(made)} made, {wrong} missing, {overlaps} overlaps"
        words = f"finished booking by {name} / bare insert"
        _say(at_least(words, per_second(one), found[name].ratio, 0.3, note))


def report_rush(web: Served) -> None:
    """Print what came of 500 residents at 40 slots, beside 10 at as many."""
    first = web.house.monday + timedelta(days=400)
    few = [Resident(one) for one in web.house.session_for_many(10, "few")]
    many = [Resident(one) for one in web.house.session_for_many(500, "many")]
    calm = rush(web.port, few, _wanted(first))
    found = rush(web.port, many, _wanted(first + timedelta(days=30)))
    wrong = sum(many for status, many in found.statuses.items() if status >= 500)
    note = f"{statuses(found.statuses)}, {web.house.wrong()} overlaps"
    _say(exactly("rush of 500 within 10 s: slots sold of 40", found.sold, 40, note))
    _say(exactly("rush: answers 5xx", wrong, 0))
    slower = found.p99() / calm.p99()
    words = f"p99 of a request, {calm.p99():.0f} ms at 10 clients"
    _say(Row("rush: p99 / p99 at 10 clients", f"{found.p99():,.0f} ms", slower, note=words))


def report_size(small: Yard, size: int) -> None:
    """Print how much slower a house with many more bookings is; the two are measured by turns."""
    with served(a_house(f"bench_{size}", size)) as larger:
        large = Yard(larger)
        for words, pair in (
            ("week grid made anew", rows.by_turns(small.reading, large.reading)),
            ("booking by forms", rows.by_turns(small.booking, large.booking)),
        ):
            name = f"{words}, {size:,} bookings, times slower"
            note = f"{pair.first:.0f}/s with {BOOKINGS:,}"
            _say(at_most(name, f"{pair.second:.0f}/s", pair.slower, 1.2, note))


def report_memory(web: Served) -> None:
    """Print how much more memory the web processes take after many requests."""
    days = [web.house.monday + timedelta(days=n) for n in range(42)]
    after_500, after_10_000 = rows.memory(web, days)
    note = f"{after_500:.0f} MB after 500"
    ratio = after_10_000 / after_500
    _say(at_most("memory, 10,000 requests / 500", f"{after_10_000:.0f} MB", ratio, 1.2, note))


def _wanted(first: date) -> list[Wanted]:
    found = rows.slots(first)
    return [next(found) for _ in range(40)]


def _say(row: Row) -> None:
    print(row, flush=True)


if __name__ == "__main__":
    main()
