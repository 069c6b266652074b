"""How many codes one worker brings to a vendor in a minute; the vendor is a process of its own."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app import wiring
from app.db.audit import SERVICE
from app.db.session import tenant_scope
from app.kernel import clock
from app.sims.locks import Account, LockSim
from app.sims.locks import Door as VendorDoor
from app.usecases import connecting_locks, doors, planning_doors
from app.usecases.connecting_locks import NewAccount
from app.usecases.doors import DoorForm
from app.usecases.lock_accounts import Locks
from app.usecases.minding_doors import Worker
from bench.house import ROOMS, ROOT, House
from bench.residents import HALL
from tests import builders

GRANTS = 1_000  # each opens an entrance and a room
CLIENT, WORD, ENTRANCE = "bench", "a word of the benchmark", "玄関"
ROOM_NAMES = [f"第{n}会議室" for n in range(1, ROOMS + 1)]
ACCOUNT = Account(
    "bench", {CLIENT: WORD}, [VendorDoor(ENTRANCE), *[VendorDoor(name, 900) for name in ROOM_NAMES]]
)


def codes_a_minute() -> tuple[float, int]:
    """Return how many codes a minute one worker makes, and how many it made."""
    house = House("bench_doors")
    house.book(GRANTS, first=house.monday)
    with _the_vendor() as url:
        settings = replace(house.settings, lock_sites={"here": (url, url)})
        locks = wiring.locks(settings)
        with house.app.app_context(), tenant_scope(house.tenant_id):
            _hang(house, locks)
            return _reconciled(locks)


def serve(port: int) -> None:
    """Be the vendor; nobody asks too often."""
    with LockSim(ACCOUNT, port=port, rate_limit=1_000_000_000) as vendor:
        print(vendor.base_url, flush=True)
        threading.Event().wait()


def _reconciled(locks: Locks) -> tuple[float, int]:
    now = clock.now()
    wished = planning_doors.plan_days(planning_doors.missed(now=now), now=now)
    began, done = time.perf_counter(), 0
    while turn := Worker(locks, lambda: now).work():
        done += turn
    seconds = time.perf_counter() - began
    assert done == wished >= GRANTS, (done, wished)
    return done / seconds * 60, done


def _hang(house: House, locks: Locks) -> None:
    """Give the hall an account at the vendor, an entrance, and a door for each room."""
    now, vendor = clock.now(), LockSim(ACCOUNT)
    found = builders.catalogue_of("bench")
    hall = found.facility_named(HALL)
    assert hall is not None
    wanted = NewAccount("remotelock", "計測", "bookings", "here", CLIENT, WORD)
    account_id = connecting_locks.add_account(locks, wanted, actor=SERVICE, now=now)
    behind = {room.name: frozenset([room.id]) for room in hall.rooms}
    for name in [ENTRANCE, *ROOM_NAMES]:
        form = DoorForm(
            hall.id, account_id, vendor.device_id(name), name, is_shared=name == ENTRANCE,
            rooms=behind.get(name, frozenset()),
        )  # fmt: skip
        doors.add_door(form, actor=SERVICE, now=now)


@contextmanager
def _the_vendor() -> Iterator[str]:
    command = [sys.executable, "-m", "bench.doors"]
    vendor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert vendor.stdout is not None
        yield vendor.stdout.readline().strip()
    finally:
        vendor.terminate()
        vendor.wait()


if __name__ == "__main__":
    serve(0)
