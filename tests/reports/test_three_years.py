"""A report over 300,000 bookings of three years, to the person and the yen, against figures that
this test adds up by itself."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from datetime import date

from flask import Flask

from app.db import db
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from app.identity.permissions import Scope
from app.reports.usage.asked import Asked
from app.reports.usage.report import before, report
from app.reports.waived import waived
from tests import builders
from tests.db import proof
from tests.reports.three_years import FIRST, HALLS, LAST, PERIODS, ROOMS, Made, halls, made, write

COUNT = 300_000


def added(some: list[Made], key: Callable[[Made], Hashable]) -> dict[Hashable, tuple[int, ...]]:
    """Return uses, people, minutes, slots, no-shows, cancelled, lapsed, assessed, collected."""
    found: dict[Hashable, list[int]] = defaultdict(lambda: [0] * 9)
    for x in some:
        one = found[key(x)]
        _name, begins, ends = PERIODS[x.period]
        if x.stands:
            one[0] += 1
            one[1] += 0 if x.no_show else x.people if x.came is None else x.came
            one[2] += (ends - begins) * 60
            one[3] += 1
            one[4] += x.no_show
        one[5] += x.state == "cancelled"
        one[6] += x.state == "lapsed"
        one[7] += x.assessed_yen
        one[8] += x.collected_yen
    return {key: tuple(figures) for key, figures in found.items()}


def counted(groups) -> dict[Hashable, tuple[int, ...]]:
    return {
        key: (one.uses, one.people, one.minutes, one.slots, one.no_shows, one.cancelled,
              one.lapsed, one.assessed_yen, one.collected_yen)
        for key, one in groups.items()
        if one.uses or one.cancelled or one.lapsed
    }  # fmt: skip


def test_every_grouping_to_the_person_and_the_yen(app: Flask):
    with app.app_context():
        rooms = halls()
        some = made(rooms, COUNT)
        with proof.as_superuser_of(app) as connection:
            write(connection, builders.tenant_id_of("midori"), some)
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = builders.catalogue_of("midori")
        told = report(db.session(), found, Asked(FIRST, LAST))

        keys: dict[str, Callable[[Made], Hashable]] = {
            "room": lambda x: x.room_id,
            "facility": lambda x: x.facility_id,
            "month": lambda x: x.on.replace(day=1),
            "weekday": lambda x: x.on.weekday(),
            "part": lambda x: x.period,
            "purpose": lambda x: x.purpose,
            "class": lambda x: x.applicant_class,
        }
        for name, key in keys.items():
            expected = added(some, key)
            if name == "part":
                parts = [one.id for one in found.policy_on(LAST).parts_of_day]
                expected = {parts[n]: (*one[:3], 0, *one[4:]) for n, one in expected.items()}
            assert counted(told.groups[name]) == expected, name
        assert counted({"": told.total}) == added(some, lambda x: "")

        open_days = (LAST - FIRST).days + 1
        mine = [told.groups["facility"][hall] for hall in rooms]
        assert [one.days_open for one in mine] == [open_days * ROOMS] * HALLS
        assert [one.slots_open for one in mine] == [open_days * ROOMS * 3] * HALLS
        assert sum(one.days for one in mine) == len({(x.room_id, x.on) for x in some if x.stands})
        sunday_evening = next(c for c in told.heat.rows[6] if c.hour == 21)
        there = [x for x in some if x.stands and x.on.weekday() == 6 and x.period == 2]
        assert sunday_evening.minutes == 60 * len(there)

        one_year_of_one_hall(found, min(rooms), some)


def one_year_of_one_hall(found: Catalogue, hall: int, some: list[Made]) -> None:
    """Compare the last fiscal year of one hall, the year before it, and what was waived."""
    year = Asked(date(2026, 4, 1), date(2027, 3, 31), Scope(facility_ids=frozenset([hall])))
    of_year = [x for x in some if x.facility_id == hall and year.first <= x.on <= year.last]
    assert counted({"": report(db.session(), found, year).total}) == added(of_year, lambda x: "")
    last_year = [
        x for x in some
        if x.facility_id == hall and date(2025, 4, 1) <= x.on <= date(2026, 3, 31)
    ]  # fmt: skip
    assert counted({"": before(db.session(), found, year).total}) == added(last_year, lambda x: "")
    (half,) = waived(db.session(), year)
    given = [x for x in of_year if x.stands and x.waived_yen]
    assert (half.uses, half.yen) == (len(given), sum(x.waived_yen for x in given))
