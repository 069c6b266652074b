"""A hall whose doors open with numbers: a vendor's locks on this machine, a key box, a worker."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from app import wiring
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.locks.models import AccessGrant
from app.sims.locks import Account, Door, LockSim
from app.usecases import connecting_locks, doors, keys
from app.usecases.connecting_locks import NewAccount
from app.usecases.doors import DoorForm
from app.usecases.lock_accounts import Locks
from app.usecases.minding_doors import Worker
from app.usecases.planning_doors import missed, plan_days, woken
from tests import builders
from tests.conftest import Clock

CLIENT, WORD = "app-city", "himitsu"
FRONT, ROOM_1, ROOM_2 = "正面入口の鍵", "第1会議室の鍵", "第2会議室の鍵"
STAFF = Actor("staff", account_id=900_001)  # nobody who books


class House:
    """What a test does with doors of みどり市, and what came of it."""

    def __init__(self, app: Flask, sim: LockSim, clock: Clock) -> None:
        self.app, self.sim, self.clock = app, sim, clock

    @property
    def locks(self) -> Locks:
        found: Locks = self.app.extensions["locks"]
        return found

    @contextmanager
    def inside(self, slug: str = "midori") -> Iterator[None]:
        with self.app.app_context():
            with tenant_scope(builders.tenant_id_of(slug)):
                yield
            db.session.remove()

    def account(self, slug: str = "midori", **changed: Any) -> int:
        """Add the vendor's account."""
        told = {"provider": "remotelock", "name": "本館の鍵", "mode": "bookings", "site": "jp",
                "client_ref": CLIENT, "secret": WORD} | changed  # fmt: skip
        with self.inside(slug):
            return connecting_locks.add_account(
                self.locks, NewAccount(**told), actor=STAFF, now=self.clock.now
            )

    def door(
        self, account_id: int, lock: str, *rooms: str, name: str = "", facility: str = "chuo",
        slug: str = "midori", shared: bool = False, **changed: Any,
    ) -> int:  # fmt: skip
        """Add a door with a lock of the vendor, by its name there."""
        with self.inside(slug):
            found = builders.catalogue_of(slug)
            hall = found.facility_named(facility)
            assert hall is not None
            wanted = DoorForm(
                hall.id, account_id, changed.pop("ref", None) or self.sim.device_id(lock),
                name or lock, is_shared=shared,
                rooms=frozenset(builders.room_id(found, one, facility) for one in rooms), **changed,
            )  # fmt: skip
            return doors.add_door(wanted, actor=STAFF, now=self.clock.now)

    def box(self, code: str = "2580", *rooms: str, name: str = "裏口の箱") -> int:
        """Add a key box with its number."""
        account_id = self.account(provider="manual", name="キーボックス", mode="", site="",
                                  client_ref="", secret="")  # fmt: skip
        door_id = self.door(account_id, "", *rooms, name=name, ref=f"box-{name}")
        with self.inside():
            doors.set_code(self.locks, door_id, code, actor=STAFF, now=self.clock.now)
        return door_id

    def works(self) -> None:
        """Let what bookings woke be planned, and the worker see to it, as jobs do."""
        now = self.clock.now
        self.sim.clock.stand_still(now)
        with self.app.app_context():
            found = woken()
        for slug in ("midori", "aoba"):
            with self.inside(slug):
                plan_days(found.get(builders.tenant_id_of(slug), []), now=now)
                plan_days(missed(now=now), now=now)
                Worker(self.locks, lambda: now).work()
        with self.inside():  # and look again at what locks had not confirmed
            Worker(self.locks, lambda: now + timedelta(seconds=30)).work()

    def grants(self, number: str | None = None) -> list[AccessGrant]:
        """Return the codes, of a booking or all, the oldest first."""
        with self.inside():
            found = list(db.session.query(AccessGrant).order_by(AccessGrant.id))
            db.session.expunge_all()
        return found

    def pins(self, booking_id: int, actor: Actor = STAFF) -> list[str]:
        """Return the numbers that may be shown now."""
        with self.inside():
            secret = self.locks.secret
            found = keys.shown(booking_id, secret=secret, actor=actor, now=self.clock.now)
        return [pin for pin, _url in found.values() if pin]

    def writes(self, work: Any) -> Any:
        """Do something in a transaction of みどり市."""
        with self.inside():
            return in_transaction(work)


@contextmanager
def a_house(
    app: Flask, clock: Clock, now: datetime = builders.MONDAY_9AM, *, others: Sequence[Account] = ()
) -> Iterator[House]:
    """Let a vendor's locks be there, without lag, and the service reach them."""
    locks = [Door(FRONT), Door(ROOM_1), Door(ROOM_2)]
    settings, before = app.config["KAIKAN"], app.extensions["locks"]
    account = Account("みどり市", {CLIENT: WORD}, locks)
    with LockSim(account, *others, rate_limit=100_000) as sim:
        sim.clock.stand_still(now)
        sim.settings(settle=0)
        sites = {"jp": (sim.base_url, sim.base_url)}
        app.config["KAIKAN"] = dataclasses.replace(settings, lock_sites=sites)
        app.extensions["locks"] = wiring.locks(app.config["KAIKAN"])
        yield House(app, sim, clock)
    app.config["KAIKAN"], app.extensions["locks"] = settings, before
