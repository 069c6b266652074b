"""The calendar of staff among 200,000 bookings: 30 rooms in a month, 200 rooms in a day."""

from datetime import timedelta

from bench import rows
from bench.changing import after_changes
from bench.house import House
from bench.load import Connection, request
from bench.serving import Served, served
from bench.table import Row, at_least, per_second, statuses, times

BOOKINGS = 200_000
LEAST = 0.05
MOST_KB = 120
ZIPPED = {"Accept-Encoding": "gzip"}


def report_calendar() -> None:
    """Print how fast a clerk is given a calendar, unchanged and right after a change."""
    for rooms, view, words in (
        (30, "month", "30 rooms x a month"),
        (200, "day", "200 rooms x 1 day"),
    ):
        house = House(f"bench_calendar_{rooms}", rooms=rooms)
        slots = 3 * rooms
        shown = slots * 45 // 2  # every other slot of the weeks around what is shown
        house.book(shown, first=house.monday, every=2)
        half = (BOOKINGS - shown) // 2
        house.book(half, first=house.monday - timedelta(days=half // slots + 1))
        house.book(half, first=house.monday + timedelta(days=60))
        with served(house) as web:
            _report(web, f"/bench/desk/calendar/{view}/{house.shown}", words)


def _report(web: Served, path: str, words: str) -> None:
    cookie = web.house.session_of_staff()
    _status, _headers, body = Connection(web.port).ask(
        request("GET", path, cookie=cookie, headers=ZIPPED)
    )
    found = rows.in_turn(
        {
            "hello": rows.asking(web.port, request("GET", "/bench/hello")),
            "kept": rows.asking(web.port, request("GET", path, cookie=cookie, headers=ZIPPED)),
            "changed": lambda seconds: after_changes(
                web.house, web.port, path, clients=rows.CLIENTS, seconds=seconds, cookie=cookie
            ),
        }
    )
    for name, what in (("kept", "nothing changed"), ("changed", "right after a change")):
        one = found[name].result
        note = f"{times(one)}, {statuses(one.statuses)}"
        title = f"calendar {words}, {what} / hello"
        print(at_least(title, per_second(one), found[name].ratio, LEAST, note), flush=True)
    size = len(body) / 1024
    name = f"calendar {words}, compressed"
    print(Row(name, f"{size:.0f} KB", None, f"< {MOST_KB} KB", size < MOST_KB), flush=True)
