"""Reports among 300,000 bookings of three years: how long a count takes, what a workbook needs."""

import multiprocessing
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from flask import g

from app.db import db
from app.db.session import tenant_scope
from app.facilities.queries import forget
from app.factory import create_app
from app.kernel import clock
from app.reports.as_xlsx import Sheet, write_xlsx
from app.reports.lines import stream_lines
from app.reports.selection import Filters, Order
from app.reports.usage.asked import Asked
from app.reports.usage.report import before, report
from app.tenants.queries import municipalities
from app.web import office_columns
from bench.house import House
from bench.table import Row, at_most
from tests import builders
from tests.reports import three_years

BOOKINGS = 300_000
YEAR = Asked(date(2026, 4, 1), date(2027, 3, 31))
ALL = Asked(three_years.FIRST, three_years.LAST)
FEW, MANY = 10_000, 100_000  # rows of a workbook
MOST_SECONDS = 5
MOST_TIMES = 1.2  # as much memory for many rows as for few


def report_reports() -> None:
    """Print how long reports take, and what memory a workbook does."""
    house = House("bench_reports")
    with house.app.app_context():
        rooms = three_years.halls("bench")
        some = three_years.made(rooms, BOOKINGS)
        with psycopg.connect(house.url.replace("+psycopg", "")) as connection:
            three_years.write(connection, house.tenant_id, some)
    for name, work in (
        (f"usage of a year of {BOOKINGS:,} bookings", lambda: _count(house, YEAR)),
        ("the same with the year before, as the page", lambda: _count(house, YEAR, earlier=True)),
        (f"usage of all {BOOKINGS:,} bookings", lambda: _count(house, ALL)),
    ):
        seconds = work()
        measured, wanted = f"{seconds:.1f} s", f"< {MOST_SECONDS} s"
        print(Row(name, measured, None, wanted, seconds < MOST_SECONDS), flush=True)
    small, _seconds = _apart(house, FEW)
    large, seconds = _apart(house, MANY)
    name = f"workbook of {MANY:,} rows, memory / {FEW:,} rows"
    print(at_most(name, f"{large} MB", large / small, MOST_TIMES, f"{seconds:.0f} s"), flush=True)


def _count(house: House, asked: Asked, *, earlier: bool = False) -> float:
    """Return how many seconds a report takes, the middle of three."""
    found = []
    with house.app.app_context(), tenant_scope(house.tenant_id):
        forget()
        catalogue = builders.catalogue_of("bench")
        for _ in range(3):
            begun = time.perf_counter()
            report(db.session(), catalogue, asked)
            if earlier:
                before(db.session(), catalogue, asked)
            found.append(time.perf_counter() - begun)
    return sorted(found)[1]


def _apart(house: House, rows: int) -> tuple[int, float]:
    """Return the most memory (MB) of a process that makes a workbook, and its seconds."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    process = context.Process(target=_make, args=(house.settings, house.tenant_id, rows, queue))
    process.start()
    found = queue.get()
    process.join()
    return found  # type: ignore[no-any-return]


def _make(settings: Any, tenant_id: int, rows: int, queue: Any) -> None:
    app = create_app(settings)
    with app.app_context():
        with tenant_scope(None):
            g.municipality = next(x for x in municipalities(db.session()) if x.id == tenant_id)
        begun = time.perf_counter()
        with tenant_scope(tenant_id), tempfile.TemporaryFile() as file:
            filters = Filters(g.municipality.zone, clock.now(), from_day=date(2024, 4, 1))
            lines = stream_lines(db.session(), filters, Order())
            sheet = Sheet("予約一覧", office_columns.of_bookings(),
                          (line for _, line in zip(range(rows), lines, strict=False)))  # fmt: skip
            write_xlsx(file, [sheet], ("条件", []))
        queue.put((_most_memory(), time.perf_counter() - begun))


def _most_memory() -> int:
    """Return the most memory that this process ever had, in MB; since it began, not its parent."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) // 1024


if __name__ == "__main__":
    report_reports()
