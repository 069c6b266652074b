"""How much of a month was used, against figures worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta

from app.db import db
from app.facilities.catalogue import Catalogue
from app.reports.lines import totals
from app.reports.selection import Filters
from app.reports.usage import Figures, RoomUse, by_facility, sum_of, usage
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.reports.situations import a_booking
from tests.usecases import steps

MARCH = date(2027, 3, 1), date(2027, 3, 31)


def march(found: Catalogue, **chosen: int) -> dict[tuple[str, str], Figures]:
    rooms = usage(db.session(), found, *MARCH, **chosen)
    return {(one.facility, one.room): one.figures for one in rooms}


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
    whole = sum_of(usage(db.session(), midori, *MARCH))

    assert (whole.uses, whole.people) == (sums.lines, sums.people)
    assert (whole.assessed_yen, whole.collected_yen) == (sums.assessed_yen, sums.collected_yen)


def test_halls_add_up_to_everything(midori: Catalogue):
    a_booking(midori)
    a_booking(midori, facility="kita")

    rooms = usage(db.session(), midori, *MARCH)
    halls = list(by_facility(rooms))

    assert [name for name, _rooms, _figures in halls] == ["中央会館", "北会館"]
    assert sum((figures for _n, _r, figures in halls), Figures()) == sum_of(rooms)


def test_one_hall(midori: Catalogue):
    kita = midori.facility_named("kita")
    assert kita
    a_booking(midori)

    found = usage(db.session(), midori, *MARCH, facility_id=kita.id)

    assert {one.facility for one in found} == {"北会館"}
    assert sum_of(found).uses == 0


def test_a_room_that_is_no_longer_listed_is_there_when_it_was_used(midori: Catalogue):
    a_booking(midori)
    chuo, kita = midori.facilities
    rooms = tuple(room for room in chuo.rooms if room.slug != "room-1")
    without = replace(midori, facilities=(replace(chuo, rooms=rooms), kita))

    found = usage(db.session(), without, *MARCH)

    assert RoomUse("中央会館", "第1会議室", found[-1].figures) == found[-1]
    assert (found[-1].figures.uses, found[-1].figures.by_slots) == (1, None)


def test_another_municipality_is_not_counted(midori: Catalogue):
    aoba = builders.catalogue_of("aoba")
    a_booking(aoba, slug="aoba", email="other@example.jp")

    assert sum_of(usage(db.session(), midori, *MARCH)).uses == 0
