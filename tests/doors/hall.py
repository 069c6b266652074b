"""中央会館 with locks, and what tests do there: book, let workers work, press keys at doors."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from app import wiring
from app.booking.models import Booking
from app.booking.rules.keeping import Keep
from app.booking.service.application import Applicant
from app.booking.service.changing import Asked
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import RoomInfo
from app.kernel.clock import TOKYO
from app.kernel.refusals import Refused
from app.kernel.spans import instant
from app.locks.leases import pin_of
from app.locks.models import AccessGrant, AccessGrantDoor, Door, LockAccount
from app.locks.tasks import DoorTask
from app.sims.locks import Account, LockSim
from app.sims.locks import Door as VendorDoor
from app.usecases import (
    changing,
    closing,
    connecting_locks,
    door_notices,
    door_watch,
    doors,
    lock_watch,
    planning_doors,
)
from app.usecases.connecting_locks import NewAccount
from app.usecases.doors import DoorForm
from app.usecases.lock_accounts import Locks
from app.usecases.minding_doors import Worker
from tests import builders
from tests.conftest import SECRET, Clock
from tests.usecases import steps
from tests.web.situations import ONE_ROOM, Room, has_booked

CLIENT, PASSWORD = "client-of-midori", "password of midori"
CLERK = Actor("staff", account_id=900_001)
FRONT, ROOM_1, ROOM_2 = "正面入口", "第1会議室", "第2会議室"
QUARTER = 900  # seconds between two heartbeats of the rooms' locks
ACCOUNT = Account(
    "みどり市",
    {CLIENT: PASSWORD},
    (VendorDoor(FRONT), VendorDoor(ROOM_1, QUARTER), VendorDoor(ROOM_2, QUARTER)),
)
MONDAY = builders.NEXT_MONDAY


@dataclass(frozen=True)
class Hall:
    """What a test does at the hall; times are those of the test's clock, here and at the vendor."""

    app: Flask
    vendor: LockSim
    clock: Clock
    tenant_id: int = 1

    @property
    def locks(self) -> Locks:
        return wiring.locks(self.app.config["KAIKAN"])

    def books(self, person: Applicant, *rooms: Room, key: str = "earlier") -> Booking:
        """Make a booking that is to be paid."""
        made = has_booked(self.app, person, rooms or ONE_ROOM, key=key, now=self.clock.now)
        return made.booking

    def pays(self, booking: Booking) -> Booking:
        """Pay at the counter."""
        with self.app.app_context(), tenant_scope(self.tenant_id):
            steps.receives(self.tenant_id, booking.id, yen=booking.fee_yen, now=self.clock.now)
        return booking

    def has(self, person: Applicant, *rooms: Room, key: str = "earlier") -> Booking:
        """Book and pay."""
        return self.pays(self.books(person, *rooms, key=key))

    def cancels(self, booking: Booking) -> None:
        with self.app.app_context(), tenant_scope(self.tenant_id):
            found = builders.catalogue_with(self.tenant_id)
            lines = self.scalars("select id from booking_line where booking_id = :id", booking.id)
            steps.cancelling.cancel_lines(
                found, booking.id, lines, actor=Actor("resident", booking.account_id),
                now=self.clock.now,
            )  # fmt: skip

    def cancels_quietly(self, booking: Booking) -> None:
        """Cancel a booking unless it is cancelled already."""
        try:
            self.cancels(booking)
        except Refused:
            return

    def changes(self, booking: Booking, room: str = "room-1", **to: Any) -> None:
        """Let staff move the first use of a booking to another room, day or time."""
        with self.app.app_context(), tenant_scope(self.tenant_id):
            found = builders.catalogue_with(self.tenant_id)
            line = self.scalars("select id from booking_line where booking_id = :id", booking.id)[0]
            asked = Asked({line: builders.a_wish(found, room, **to)})
            changing.change(found, booking.id, asked, actor=CLERK, now=self.clock.now)

    def keeps(self, room: str, starts_at: datetime, ends_at: datetime, *, kind: str) -> int:
        """Let staff keep a room for the hall itself; return the closure."""
        on = starts_at.date()
        minutes = [x.hour * 60 + x.minute for x in (starts_at, ends_at)]
        with self.app.app_context(), tenant_scope(self.tenant_id):
            one = self.room(room)
            found = builders.catalogue_with(self.tenant_id)
            hall, _room = found.known_room(one.id)
            wanted = closing.Wanted(hall.id, kind, "選挙の準備", Keep((one.id,), on, on, *minutes))
            return closing.close(found, wanted, actor=CLERK, now=self.clock.now)

    def opens_room_again(self, room: str, closure_id: int) -> None:
        """Let staff give back what a closure keeps."""
        with self.app.app_context(), tenant_scope(self.tenant_id):
            found = builders.catalogue_with(self.tenant_id)
            hall, _room = found.known_room(self.room(room).id)
            closing.open_again(found, hall.id, closure_id, actor=CLERK, now=self.clock.now)

    def admitted(self) -> list[str]:
        """Return the numbers that the vendor's cloud lets in now or later."""
        told = [one["attributes"] for one in self.vendor.cloud()]
        return [one["pin"] for one in told if one["status"] in ("upcoming", "current")]

    def works(self) -> int:
        """Let the worker plan what was woken and see to all that is due, as its tasks do."""
        with self.app.app_context():
            for tenant_id, days in planning_doors.woken().items():
                with tenant_scope(tenant_id):
                    planning_doors.plan_days(days, now=self.clock.now)
            with tenant_scope(self.tenant_id):
                return Worker(self.locks, lambda: self.clock.now).work()

    def hears(self) -> int:
        """Ask the vendor what happened; return how much was new."""
        with self.app.app_context(), tenant_scope(self.tenant_id):
            return door_notices.poll(self.locks, now=self.clock.now)

    def watches(self) -> None:
        """Let the clock's tasks run once."""
        with self.app.app_context(), tenant_scope(self.tenant_id):
            now = self.clock.now
            planning_doors.plan_days(planning_doors.missed(now=now), now=now)
            lock_watch.check_locks(self.locks, now=now)
            door_notices.poll(self.locks, now=now)
            door_watch.warn(now=now)
            door_watch.open_letters(now=now)

    def moves(self, **later: float) -> datetime:
        """Let time pass here and at the vendor; locks that wake in between have woken."""
        return self.goes_to(self.clock.now + timedelta(**later))

    def goes_to(self, at: datetime) -> datetime:
        self.clock.now = at
        self.vendor.clock.stand_still(at)
        return at

    def settles(self, booking: Booking) -> str:
        """Work until the code of a booking is in its locks; return it."""
        self.works()
        self.vendor.heartbeat()
        self.hears()
        self.works()
        return self.pin(booking)

    def opens(self, door: str, pin: str) -> bool:
        """Press a number at a door; say whether it opened."""
        return bool(self.vendor.keypad(door, pin)["result"] == "unlocked")

    def grants(self, booking: Booking) -> list[AccessGrant]:
        return self.rows(AccessGrant, AccessGrant.booking_id == booking.id)

    def grant(self, booking: Booking) -> AccessGrant:
        """Return the code of a booking that is wanted, or was last."""
        found = self.grants(booking)
        return next((one for one in found if one.is_wanted), found[-1])

    def pin(self, booking: Booking) -> str:
        found = pin_of(self.grant(booking), secret=SECRET)
        assert found is not None
        return found

    def states(self, booking: Booking) -> list[str]:
        return [one.state for one in self.grants(booking)]

    def door_states(self, booking: Booking) -> dict[str, str]:
        grant = self.grant(booking)
        names = {one.id: one.name for one in self.rows(Door)}
        found = self.rows(AccessGrantDoor, AccessGrantDoor.grant_id == grant.id)
        return {names[one.door_id]: one.state for one in found}

    def tasks(self) -> list[str]:
        found = self.rows(DoorTask, DoorTask.done_at.is_(None))
        return [one.kind for one in found]

    def letters(self) -> list[str]:
        return self.scalars("select template from delivery where tenant_id = :id order by id", 1)

    def door_rows(self) -> list[Door]:
        return self.rows(Door, Door.ended_at.is_(None))

    def room(self, slug: str) -> RoomInfo:
        """Return a room of the hall; call in the scope of the municipality."""
        found = builders.catalogue_with(self.tenant_id).facility_named("chuo")
        assert found is not None
        return next(one for one in found.rooms if one.slug == slug)

    def account(self) -> LockAccount:
        found: LockAccount = self.rows(LockAccount)[0]
        return found

    def scalars(self, query: str, ident: int) -> list[Any]:
        with self.app.app_context(), tenant_scope(self.tenant_id):
            return list(db.session.scalars(text(query), {"id": ident}))

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        with self.app.app_context(), tenant_scope(self.tenant_id):
            query = select(table).where(table.tenant_id == self.tenant_id, *conditions)
            found = list(db.session.scalars(query.order_by(table.id)))
            db.session.expunge_all()
            return found

    def does(self, work: Any) -> Any:
        """Do something to rows, in one transaction."""
        with self.app.app_context(), tenant_scope(self.tenant_id):
            return in_transaction(work)


def a_hall(app: Flask, vendor: LockSim, clock: Clock, *, mode: str = "bookings") -> Hall:
    """Give the hall an account at the vendor and three doors."""
    hall = Hall(app, vendor, clock)
    with app.app_context(), tenant_scope(hall.tenant_id):
        found = builders.catalogue_of("midori")
        facility = found.facility_named("chuo")
        assert facility is not None
        wanted = NewAccount("remotelock", "RemoteLOCK", mode, "here", CLIENT, PASSWORD)
        account_id = connecting_locks.add_account(hall.locks, wanted, actor=CLERK, now=clock.now)
        rooms = {one.name: one.id for one in facility.rooms}
        for position, (name, shared, behind) in enumerate(
            [(FRONT, True, ()), (ROOM_1, False, (ROOM_1,)), (ROOM_2, False, (ROOM_2,))]
        ):
            form = DoorForm(
                facility.id, account_id, vendor.device_id(name), name, is_shared=shared,
                position=position, rooms=frozenset(rooms[one] for one in behind),
            )  # fmt: skip
            doors.add_door(form, actor=CLERK, now=clock.now)
    return hall


def at(hour: int, minute: int = 0, on: date = MONDAY) -> datetime:
    """Return a time of the day that tests book."""
    return instant(on, hour * 60 + minute, TOKYO)
