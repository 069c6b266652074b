"""A hall's day and week for the desk."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from app.booking.floor import Closure, Occupancy
from app.db import db
from app.facilities.catalogue import Catalogue, FacilityInfo
from app.kernel.clock import TOKYO
from app.kernel.spans import day_span
from app.reports import days
from app.reports.unpaid import unpaid
from app.web import wall_sheet
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.reports.situations import a_booking
from tests.usecases import steps


@pytest.fixture
def chuo(midori: Catalogue) -> FacilityInfo:
    found = midori.facility_named("chuo")
    assert found
    return found


def coming(hall: FacilityInfo, on: date = NEXT_MONDAY) -> list[days.Coming]:
    return days.coming(db.session(), hall.id, on, on)


def test_uses_stand_in_the_order_of_the_clock_then_of_the_rooms(
    midori: Catalogue, chuo: FacilityInfo
):
    for room, hours in (("room-2", (13, 14)), ("room-2", (9, 10)), ("room-1", (9, 10))):
        a_booking(midori, (room, NEXT_MONDAY, hours))
    a_booking(midori, ("room-1", NEXT_MONDAY + timedelta(weeks=1), (9, 10)))
    a_booking(midori, facility="kita")
    cancelled = a_booking(midori, ("kitchen", NEXT_MONDAY, (9, 10)))
    steps.cancel(midori, cancelled)

    found = [(use.starts_at.astimezone(TOKYO).hour, use.room) for use in coming(chuo)]

    assert found == [(9, "第1会議室"), (9, "第2会議室"), (13, "第2会議室")]


def test_who_comes_and_whether_it_is_paid(midori: Catalogue, chuo: FacilityInfo):
    a_booking(midori, paid=True, people=12, notes="いすを20脚")

    (use,) = coming(chuo)

    assert (use.name, use.shown_name, use.phone) == ("山田 花子", "みどりの会", "090-0000-0000")
    assert (use.people, use.notes, use.state, use.fee_yen) == (12, "いすを20脚", "confirmed", 800)


class TestHeldRightNow:
    def test_it_is_shown_without_a_name_until_it_runs_out(
        self, midori: Catalogue, chuo: FacilityInfo
    ):
        steps.choose(midori, "a browser", builders.a_wish(midori))

        def held(now: datetime) -> list[str]:
            found = days.held_now(db.session(), chuo.id, NEXT_MONDAY, NEXT_MONDAY, now=now)
            return [one.room for one in found]

        assert held(MONDAY_9AM) == ["第1会議室"]
        assert held(MONDAY_9AM + timedelta(minutes=15)) == []

    def test_once_applied_for_it_is_a_use(self, midori: Catalogue, chuo: FacilityInfo):
        a_booking(midori)

        assert days.held_now(db.session(), chuo.id, NEXT_MONDAY, NEXT_MONDAY, now=MONDAY_9AM) == []


def keep(midori: Catalogue, hall: FacilityInfo, *rooms: str) -> None:
    """Keep rooms of a hall from 9 to 12 for the town."""
    session = db.session()
    closure = Closure(
        tenant_id=midori.tenant_id,
        facility_id=hall.id,
        kind="public_use",
        name="選挙",
        created_at=MONDAY_9AM,
    )
    session.add(closure)
    session.flush()
    found = [room for room in hall.rooms if room.slug in rooms]
    for space in {space for room in found for space in room.space_ids}:
        session.execute(
            insert(Occupancy).values(
                tenant_id=midori.tenant_id,
                space_id=space,
                starts_at=datetime(2027, 3, 8, 9, tzinfo=TOKYO),
                ends_at=datetime(2027, 3, 8, 12, tzinfo=TOKYO),
                kind="public_use",
                closure_id=closure.id,
                live=True,
            )
        )


def test_what_keeps_a_room_is_told_with_the_whole_room_rather_than_its_parts(
    midori: Catalogue, chuo: FacilityInfo
):
    keep(midori, chuo, "hall", "room-1")

    (one,) = days.kept(db.session(), chuo, day_span(NEXT_MONDAY, midori.zone))

    names = {room.id: room.name for room in chuo.rooms}
    assert (one.kind, one.name) == ("public_use", "選挙")
    assert [names[room_id] for room_id in one.room_ids] == ["第1会議室", "ホール全面"]
    following = day_span(NEXT_MONDAY + timedelta(days=1), midori.zone)
    assert days.kept(db.session(), chuo, following) == []


def test_the_next_day_with_a_use(midori: Catalogue, chuo: FacilityInfo):
    a_booking(midori)

    assert days.next_use(db.session(), chuo.id, date(2027, 3, 1)) == NEXT_MONDAY
    assert days.next_use(db.session(), chuo.id, NEXT_MONDAY) is None
    assert days.counts(db.session(), [chuo.id], NEXT_MONDAY) == {chuo.id: 1}


class TestUnpaid:
    def test_the_first_due_stands_first_with_what_is_owed_here(
        self, midori: Catalogue, chuo: FacilityInfo
    ):
        later = a_booking(midori, ("room-2", date(2027, 3, 22), (9, 11)))
        soon = a_booking(midori, ("room-1", date(2027, 3, 4), (9, 11)))
        a_booking(midori, paid=True)

        found = unpaid(db.session(), chuo.id, limit=10)

        assert [(one.number, one.yen) for one in found] == [
            (soon.booking.number, 800),
            (later.booking.number, 600),
        ]
        assert len(unpaid(db.session(), chuo.id, limit=1)) == 1

    def test_of_one_day(self, midori: Catalogue, chuo: FacilityInfo):
        a_booking(midori, ("room-2", date(2027, 3, 22), (9, 11)))
        made = a_booking(midori)

        found = unpaid(db.session(), chuo.id, on=NEXT_MONDAY, limit=10)

        assert [one.number for one in found] == [made.booking.number]

    def test_rooms_in_another_hall_are_told_but_not_counted(
        self, midori: Catalogue, chuo: FacilityInfo
    ):
        person = builders.a_resident()
        here, there = builders.a_wish(midori), builders.a_wish(midori, facility="kita")
        steps.book(midori, person, here, there)

        (one,) = unpaid(db.session(), chuo.id, limit=10)

        assert (one.yen, one.is_elsewhere_too) == (800, True)


class TestTheWallSheet:
    def sheet(self, hall: FacilityInfo, **found: Any) -> dict[str, list[list[tuple[str, str]]]]:
        given = {"coming": [], "held": [], "kept": [], **found}
        rows = wall_sheet.rows(hall, NEXT_MONDAY, **given)
        return {
            row.room: [[(one.kind, one.name or one.room) for one in cell] for cell in row.days]
            for row in rows
        }

    def test_a_whole_hall_takes_its_parts_and_a_part_the_whole(
        self, app: Any, midori: Catalogue, chuo: FacilityInfo
    ):
        a_booking(midori, ("hall", NEXT_MONDAY, (9, 12)))
        a_booking(midori, ("hall-east", NEXT_MONDAY + timedelta(days=2), (9, 12)))
        last = NEXT_MONDAY + timedelta(days=6)

        with app.test_request_context():
            found = self.sheet(chuo, coming=days.coming(db.session(), chuo.id, NEXT_MONDAY, last))

        assert found["ホール全面"][0] == [("use", "みどりの会")]
        assert found["ホール東側"][0] == [("part", "ホール全面")]
        assert found["ホール全面"][2] == [("part", "ホール東側")]
        assert found["ホール西側"][2] == []
        assert list(found) == [room.name for room in chuo.rooms]
