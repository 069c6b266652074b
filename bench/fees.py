"""How fast fees are: one quote, a year of bookings under a draft, all packs with their cases."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from app import packs
from app.booking.plan import Facts, room_day
from app.booking.rules.runs import Run
from app.db import db
from app.db.session import tenant_scope
from app.packs import repricing
from app.packs.checker import check
from app.packs.memory import catalogue_of
from bench.house import House
from tests import builders

PACKS = Path(packs.__file__).parent
TIMES = 2000


def quote_ms() -> tuple[float, float]:
    """Return the median of one quote in milliseconds, and how many empty calls that is.

    A hall on a Saturday with a ticket price for profit: five prices, five surcharges.
    """
    pack = check(PACKS / "shipped" / "akishima").pack
    assert pack is not None
    catalogue = catalogue_of(pack)
    hall = catalogue.facility_named("shimin-kaikan")
    assert hall is not None
    day = room_day(catalogue, hall, hall.rooms[0], date(2027, 1, 16))
    run, facts = Run(day.slots), Facts("general", admission_yen=2500, is_for_profit=True)
    one = _median(lambda: day.quote(run, facts))
    return one * 1000, one / _median(lambda: None)


def reprice_seconds(house: House, size: int) -> tuple[float, int]:
    """Return how long a house's past uses take under its own rules, and how many they are."""
    with house.app.app_context(), tenant_scope(house.tenant_id):
        draft = builders.catalogue_of("bench")
        first = house.monday - timedelta(days=size // 90 + 30)
        began = time.perf_counter()
        with tenant_scope(house.tenant_id):
            found = repricing.reprice(db.session(), draft, first=first, last=house.monday)
        took = time.perf_counter() - began
        db.session.remove()
    return took, found.uses


def check_seconds() -> tuple[float, int]:
    """Return how long checking every pack takes, and how many there are."""
    folders = [one for name in ("shipped", "library") for one in (PACKS / name).iterdir()]
    began = time.perf_counter()
    assert all(check(one).ok for one in folders)
    return time.perf_counter() - began, len(folders)


def _median(work: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)
