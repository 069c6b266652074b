"""How much of a month was used, against figures worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.booking.floor import Closure, Occupancy
from app.counter.models import ActualUse
from app.db import db
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.permissions import Scope
from app.kernel.spans import instant
from app.reports.lines import totals
from app.reports.selection import Filters
from app.reports.usage.asked import Asked
from app.reports.usage.figures import Figures, sum_of
from app.reports.usage.report import report
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.reports.situations import a_booking
from tests.usecases import steps

MARCH = date(2027, 3, 1), date(2027, 3, 31)


def march(found: Catalogue, **chosen: Any) -> dict[tuple[str, str], Figures]:
    told = report(db.session(), found, Asked(*MARCH, **chosen)).groups["room"]
    names = {}
    for key, figures in told.items():
        facility, room = found.known_room(key)
        names[facility.name, room.name] = figures
    return names


def test_what_was_open(midori: Catalogue):
    # March 2027 has five Tuesdays (2, 9, 16, 23, 30); on the 23rd nobody has a holiday.
    found = march(midori)

    hourly, in_parts = found["中央会館", "第1会議室"], found["中央会館", "ホール全面"]
    assert (hourly.days_open, hourly.slots_open) == (26, 26 * 13)
    assert (in_parts.days_open, in_parts.slots_open) == (26, 26 * 3)
    assert (hourly.by_slots, hourly.uses) == (0.0, 0)


def test_what_was_used(midori: Catalogue):
    a_booking(midori, ("room-1", NEXT_MONDAY, (9, 12)), people=10, paid=True)
    a_booking(midori, ("room-1", NEXT_MONDAY, (13, 14)), people=5)
    a_booking(midori, ("hall", NEXT_MONDAY, (9, 17)), people=100)  # 午前 and 午後 with the gap
    a_booking(midori, ("room-1", date(2027, 4, 5), (9, 12)))

    found = march(midori)

    assert found["中央会館", "第1会議室"] == Figures(
        uses=2,
        people=15,
        minutes=240,
        slots=4,
        slots_open=338,
        minutes_open=338 * 60,
        days=1,
        days_open=26,
        assessed_yen=1600,
        collected_yen=1200,
    )
    assert found["中央会館", "第1会議室"].by_slots == 4 / 338
    assert found["中央会館", "第1会議室"].by_days == 1 / 26
    hall = found["中央会館", "ホール全面"]
    assert (hall.uses, hall.minutes, hall.slots, hall.assessed_yen) == (1, 480, 2, 7000)
    assert found["中央会館", "ホール東側"].uses == 0


def test_a_cancelled_use_brings_only_the_part_of_the_fee_that_stays(midori: Catalogue):
    made = a_booking(midori, paid=True, people=10)
    steps.cancel(midori, made)

    found = march(midori)["中央会館", "第1会議室"]

    assert (found.uses, found.people, found.slots, found.days) == (0, 0, 0, 0)
    assert (found.assessed_yen, found.collected_yen) == (400, 800)


def test_it_agrees_with_the_list_of_the_same_month(midori: Catalogue):
    for week in range(3):
        a_booking(
            midori,
            ("room-1", NEXT_MONDAY + timedelta(weeks=week), (9, 12)),
            ("kitchen", NEXT_MONDAY + timedelta(weeks=week), (9, 12)),
            paid=week % 2 == 0,
            facility=["chuo", "kita"][week % 2],
        )

    sums = totals(
        db.session(), Filters(midori.zone, MONDAY_9AM, from_day=MARCH[0], to_day=MARCH[1])
    )
    whole = sum_of(march(midori).values())

    assert (whole.uses, whole.people) == (sums.lines, sums.people)
    assert (whole.assessed_yen, whole.collected_yen) == (sums.assessed_yen, sums.collected_yen)


def test_halls_add_up_to_everything(midori: Catalogue):
    a_booking(midori)
    a_booking(midori, facility="kita")

    found = report(db.session(), midori, Asked(*MARCH))

    halls = [found.groups["facility"][one.id] for one in midori.facilities]
    assert [one.uses for one in halls] == [1, 1]
    assert sum_of(halls) == found.total


def test_one_hall_and_one_room(midori: Catalogue):
    kita = midori.facility_named("kita")
    assert kita
    a_booking(midori)

    found = march(midori, facility_id=kita.id)
    assert {hall for hall, _room in found} == {"北会館"}
    assert sum_of(found.values()).uses == 0
    one = march(midori, room_id=builders.room_id(midori))
    assert set(one) == {("中央会館", "第1会議室")}


def test_only_where_somebody_works(midori: Catalogue):
    chuo, kita = midori.facilities
    a_booking(midori)
    a_booking(midori, facility="kita")

    mine = Scope(facility_ids=frozenset([kita.id]), room_ids=frozenset([chuo.rooms[1].id]))
    found = march(midori, scope=mine)

    assert {hall for hall, _room in found} == {"北会館", "中央会館"}
    assert ("中央会館", "第1会議室") not in found
    assert sum_of(found.values()).uses == 1


def test_a_room_that_is_no_longer_listed_is_there_when_it_was_used(midori: Catalogue):
    a_booking(midori)
    chuo, kita = midori.facilities
    rooms = tuple(room for room in chuo.rooms if room.slug != "room-1")
    without = replace(midori, facilities=(replace(chuo, rooms=rooms), kita), former=(chuo,))

    found = march(without)["中央会館", "第1会議室"]

    assert (found.uses, found.by_slots) == (1, None)


def test_who_never_came_and_who_was_counted(midori: Catalogue):
    came = a_booking(midori, people=10)
    never = a_booking(midori, ("room-1", NEXT_MONDAY, (14, 16)), people=20)
    for made, people, no_show in ((came, 7, None), (never, None, MONDAY_9AM)):
        note = ActualUse(
            tenant_id=midori.tenant_id, booking_line_id=made.lines[0].id, no_show_at=no_show,
            people=people, remark="", version=1,
        )  # fmt: skip
        in_transaction(lambda session, note=note: session.add(note))

    found = march(midori)["中央会館", "第1会議室"]

    assert (found.uses, found.people, found.no_shows) == (2, 7, 1)


def test_what_was_shut_was_not_open(midori: Catalogue):
    before = march(midori)
    shut(midori, "room-1", NEXT_MONDAY, (9, 12), "closure")
    shut(midori, "hall-east", NEXT_MONDAY, (9, 12), "maintenance")
    shut(midori, "room-2", NEXT_MONDAY, (9, 12), "public_use")

    found = march(midori)

    def slots(room: str) -> int:
        key = ("中央会館", room)
        return before[key].slots_open - found[key].slots_open

    assert slots("第1会議室") == 3
    assert slots("ホール東側") == 1
    assert slots("ホール全面") == 1, "a whole is shut with its part"
    assert slots("ホール西側") == 0
    assert slots("第2会議室") == 0, "a hall that uses its own room has it open"


def test_the_part_of_the_day_is_that_in_which_a_use_begins_its_time_where_it_lies(
    midori: Catalogue,
):
    a_booking(midori, ("hall", NEXT_MONDAY, (9, 17)), people=100)

    parts = report(db.session(), midori, Asked(*MARCH)).groups["part"]

    told = {key: (one.uses, one.minutes) for key, one in parts.items()}
    assert told["morning"][0] == 1
    assert told["afternoon"][0] == 0
    assert sum(minutes for _uses, minutes in told.values()) == 480
    assert told["afternoon"][1] > 0


def test_the_map_counts_every_hour_by_its_minutes(midori: Catalogue):
    a_booking(midori, ("room-1", NEXT_MONDAY, (10, 12)))

    cells = {(one.weekday, one.hour): one for one in report(
        db.session(), midori, Asked(*MARCH)).heat.cells}  # fmt: skip

    assert [cells[0, hour].minutes for hour in (9, 10, 11, 12)] == [0, 60, 60, 0]
    # Five Mondays; per hall five rooms by the hour, three halls in parts; halls shut at noon.
    assert (1, 10) not in cells, "Tuesdays are closed"
    assert cells[0, 10].minutes_open == cells[2, 10].minutes_open


def test_a_year_before_ends_with_its_own_february(midori: Catalogue):
    leap = Asked(date(2029, 2, 1), date(2029, 2, 28)).a_year_before()
    assert (leap.first, leap.last) == (date(2028, 2, 1), date(2028, 2, 29))
    year = Asked(date(2027, 4, 1), date(2028, 3, 31)).a_year_before()
    assert (year.first, year.last) == (date(2026, 4, 1), date(2027, 3, 31))


def test_another_municipality_is_not_counted(midori: Catalogue):
    aoba = builders.catalogue_of("aoba")
    a_booking(aoba, slug="aoba", email="other@example.jp")

    assert sum_of(march(midori).values()).uses == 0


def shut(found: Catalogue, room: str, on: date, hours: tuple[int, int], kind: str) -> None:
    """Keep a room from booking, as a closure does."""
    facility, info = found.room(builders.room_id(found, room))

    def work(session: Session) -> None:
        closure = Closure(
            tenant_id=found.tenant_id, facility_id=facility.id, kind=kind, name="",
            created_at=MONDAY_9AM,
        )  # fmt: skip
        session.add(closure)
        session.flush()
        for space in info.space_ids:
            session.add(
                Occupancy(
                    tenant_id=found.tenant_id, space_id=space, kind=kind, closure_id=closure.id,
                    starts_at=instant(on, hours[0] * 60, found.zone),
                    ends_at=instant(on, hours[1] * 60, found.zone), live=True,
                )
            )  # fmt: skip

    in_transaction(work)
