"""When a facility is open, and which slots a day has."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.facilities.holidays import is_holiday
from app.facilities.policy import FacilityCalendar
from app.facilities.rules import closed_by, day_of, office_is_closed, slots_of
from app.kernel.calendar_jp import days_in_month
from app.tenants.policy import WEEKDAY_ORDER, LocalHolidays

NATIONAL = LocalHolidays()
DAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))
HOURLY = ({"kind": "unit", "minutes": 60},)


def calendar(*closings, hours=({"from": "9:00", "to": "22:00"},), divisions=HOURLY, **more):
    return FacilityCalendar.model_validate(
        {"hours": hours, "closings": closings, "divisions": divisions, **more}
    )


def is_open(found, on, local=NATIONAL):
    return day_of(found, on, local).is_open


def weekly(*weekdays, **on_holiday):
    return {"kind": "weekly", "weekdays": weekdays, "on_holiday": on_holiday}


def nth(weekday, *which, **on_holiday):
    return {"kind": "nth_weekday", "nth": which, "weekday": weekday, "on_holiday": on_holiday}


@given(DAYS)
def test_a_weekly_closing_day_is_that_weekday_and_no_other(on):
    assert is_open(calendar(weekly("mon")), on) == (on.weekday() != 0)


@given(DAYS, st.sampled_from(WEEKDAY_ORDER), st.integers(1, 5))
def test_the_nth_weekday_counts_from_the_first_of_the_month(on, weekday, which):
    closed = not is_open(calendar(nth(weekday, which)), on)

    fits = WEEKDAY_ORDER[on.weekday()] == weekday and 7 * which - 6 <= on.day <= 7 * which
    assert closed == fits


@given(DAYS, st.sampled_from(WEEKDAY_ORDER))
def test_minus_one_is_the_last_such_weekday_of_the_month(on, weekday):
    closed = not is_open(calendar(nth(weekday, -1)), on)

    is_last = WEEKDAY_ORDER[on.weekday()] == weekday and on.day + 7 > days_in_month(on)
    assert closed == is_last


@given(st.integers(2024, 2034), st.integers(1, 12), st.sampled_from(WEEKDAY_ORDER))
def test_every_month_has_exactly_one_last_weekday(year, month, weekday):
    rule = calendar(nth(weekday, -1))
    first = date(year, month, 1)

    closed = [first + timedelta(n) for n in range(days_in_month(first))]
    assert sum(not is_open(rule, on) for on in closed) == 1


def test_a_month_without_a_fifth_tuesday_has_no_fifth_closing():
    rule = calendar(nth("tue", 5))

    assert all(is_open(rule, date(2027, 2, day)) for day in range(1, 29))
    assert not is_open(rule, date(2027, 3, 30))


class TestAClosingDayThatIsAHoliday:
    """2027: 成人の日 Mon 01-11; 憲法記念日 to こどもの日 Mon 05-03 to Wed 05-05."""

    def test_stays_closed_unless_the_rule_says_otherwise(self):
        assert not is_open(calendar(weekly("mon")), date(2027, 1, 11))

    def test_may_be_open_without_another_day_instead(self):
        rule = calendar(weekly("mon", then="open"))

        assert is_open(rule, date(2027, 1, 11))
        assert is_open(rule, date(2027, 1, 12))

    def test_may_close_the_next_day_instead(self):
        rule = calendar(weekly("mon", then="open", instead="next_day"))

        assert is_open(rule, date(2027, 1, 11))
        assert not is_open(rule, date(2027, 1, 12))
        assert is_open(rule, date(2027, 1, 13))

    def test_closes_the_next_day_even_if_that_is_a_holiday_too(self):
        rule = calendar(weekly("mon", then="open", instead="next_day"))

        assert [is_open(rule, date(2027, 5, day)) for day in (3, 4, 5, 6)] == [
            True, False, True, True,
        ]  # fmt: skip

    def test_may_close_the_first_day_after_it_that_is_no_holiday(self):
        rule = calendar(weekly("mon", then="open", instead="next_non_holiday"))

        assert [is_open(rule, date(2027, 5, day)) for day in (3, 4, 5, 6, 7)] == [
            True, True, True, False, True,
        ]  # fmt: skip

    def test_may_close_the_first_weekday_after_it(self):
        # 2026-05-03 is a Sunday and a holiday, and so are the three days after it.
        rule = calendar(weekly("sun", then="open", instead="next_weekday"))

        assert [on.day for on in days_of(2026, 5) if not is_open(rule, on)] == [7, 10, 17, 24, 31]

    def test_skips_a_weekend_when_a_weekday_is_meant(self):
        local = LocalHolidays(add=(date(2027, 6, 4),))
        rule = calendar(weekly("fri", then="open", instead="next_weekday"))

        assert is_open(rule, date(2027, 6, 5), local)
        assert not is_open(rule, date(2027, 6, 7), local)

    def test_moves_for_an_nth_weekday_too(self):
        rule = calendar(nth("tue", 1, 3, then="open", instead="next_non_holiday"))

        assert is_open(rule, date(2026, 11, 3))  # 文化の日
        assert not is_open(rule, date(2026, 11, 4))

    def test_moves_over_a_substitute_holiday(self):
        rule = calendar(weekly("mon", then="open", instead="next_day"))

        assert is_open(rule, date(2027, 3, 22))  # 春分の日 is the Sunday before
        assert not is_open(rule, date(2027, 3, 23))

    @given(DAYS)
    def test_never_falls_on_a_holiday_when_moved_past_them(self, on):
        rule = calendar(weekly("mon", then="open", instead="next_non_holiday"))

        if not is_open(rule, on):
            assert not is_holiday(on, NATIONAL)


def days_of(year, month):
    first = date(year, month, 1)
    return [first + timedelta(n) for n in range(days_in_month(first))]


class TestTheYearsEnd:
    rule = calendar({"kind": "yearly", "from": "12-28", "to": "01-04"})

    @pytest.mark.parametrize("on", [date(2026, 12, 28), date(2026, 12, 31), date(2027, 1, 4)])
    def test_is_closed_over_new_year(self, on):
        assert day_of(self.rule, on, NATIONAL).closed_because == "年末年始"

    @pytest.mark.parametrize("on", [date(2026, 12, 27), date(2027, 1, 5), date(2027, 7, 1)])
    def test_does_not_close_what_lies_before_and_after(self, on):
        assert is_open(self.rule, on)

    @given(st.integers(2024, 2034))
    def test_is_eight_days_long_every_year(self, year):
        days = [date(year, 12, 1) + timedelta(n) for n in range(62)]

        assert sum(not is_open(self.rule, on) for on in days) == 8


def test_a_yearly_closing_within_one_year_does_not_reach_over_new_year():
    rule = calendar({"kind": "yearly", "from": "08-13", "to": "08-15"})

    assert [on.day for on in days_of(2027, 8) if not is_open(rule, on)] == [13, 14, 15]
    assert is_open(rule, date(2027, 1, 1))


def test_a_leap_day_belongs_to_a_season_that_ends_in_february():
    hours = (
        {"from": "9:00", "to": "22:00"},
        {"from": "9:00", "to": "17:00", "season_from": "12-01", "season_to": "02-29"},
    )
    rule = calendar(hours=hours)

    assert day_of(rule, date(2028, 2, 29), NATIONAL).closes == 17 * 60
    assert day_of(rule, date(2027, 2, 28), NATIONAL).closes == 17 * 60
    assert day_of(rule, date(2027, 3, 1), NATIONAL).closes == 22 * 60


def test_of_several_hours_the_last_that_fits_holds():
    hours = (
        {"from": "9:00", "to": "22:00"},
        {"from": "10:00", "to": "18:00", "weekdays": ["sat", "sun"]},
        {"from": "9:00", "to": "12:00", "weekdays": ["wed"], "holidays_too": False},
    )
    rule = calendar(hours=hours)

    saturday, wednesday, holiday = date(2027, 3, 6), date(2027, 3, 3), date(2027, 5, 5)
    assert day_of(rule, saturday, NATIONAL).opens == 10 * 60
    assert day_of(rule, wednesday, NATIONAL).closes == 12 * 60
    assert day_of(rule, holiday, NATIONAL).closes == 22 * 60  # こどもの日, a Wednesday


def test_a_day_without_any_hours_is_closed():
    rule = calendar(hours=({"from": "9:00", "to": "17:00", "weekdays": ["mon"]},))

    assert day_of(rule, date(2027, 3, 2), NATIONAL).closed_because == "休館日"


def test_a_day_may_be_open_although_a_rule_closes_it():
    rule = calendar(weekly("tue"), open_on=["2027-03-02"])

    assert is_open(rule, date(2027, 3, 2))
    assert not is_open(rule, date(2027, 3, 9))


def test_a_day_may_be_closed_once():
    rule = calendar({"kind": "dates", "dates": ["2027-03-03"], "name": "設備点検"})

    assert day_of(rule, date(2027, 3, 3), NATIONAL).closed_because == "設備点検"


def test_a_municipality_may_add_and_remove_holidays():
    local = LocalHolidays(add=(date(2027, 10, 1),), remove=(date(2027, 2, 11),))
    rule = calendar({"kind": "holidays"})

    assert not is_open(rule, date(2027, 10, 1), local)
    assert is_open(rule, date(2027, 2, 11), local)


def test_the_office_may_be_closed_while_the_hall_is_open():
    rule = calendar(office_closings=[weekly("sat", "sun"), {"kind": "holidays"}])

    assert office_is_closed(rule, date(2027, 3, 6), NATIONAL)
    assert is_open(rule, date(2027, 3, 6))
    assert not office_is_closed(rule, date(2027, 3, 5), NATIONAL)


def test_the_first_rule_that_closes_gives_the_reason():
    rules = calendar(
        {**weekly("fri"), "name": "金曜日"}, {"kind": "yearly", "from": "01-01", "to": "01-03"}
    ).closings

    assert closed_by(rules, date(2027, 1, 1), NATIONAL) == "金曜日"


class TestSlots:
    periods = (
        {
            "kind": "periods",
            "periods": [
                {"id": "am", "name": "午前", "from": "9:00", "to": "12:00"},
                {"id": "night", "name": "夜間", "from": "18:00", "to": "24:00"},
            ],
        },
    )

    def slots(self, rule, on=date(2027, 3, 1), room="hall"):
        return slots_of(rule, room, day_of(rule, on, NATIONAL))

    def test_of_a_period_may_end_at_24(self):
        rule = calendar(hours=({"from": "9:00", "to": "24:00"},), divisions=self.periods)

        assert [slot.to_minute for slot in self.slots(rule)] == [720, 1440]

    def test_that_do_not_fit_into_the_hours_are_not_there(self):
        rule = calendar(hours=({"from": "9:00", "to": "22:00"},), divisions=self.periods)

        assert [slot.id for slot in self.slots(rule)] == ["am"]

    def test_of_a_closed_day_do_not_exist(self):
        assert self.slots(calendar(weekly("mon"))) == ()

    def test_of_a_room_with_its_own_division_are_its_own(self):
        own = {**self.periods[0], "rooms": ["hall"]}
        rule = calendar(divisions=({"kind": "unit", "minutes": 60}, own))

        assert [slot.id for slot in self.slots(rule)] == ["am"]
        assert len(self.slots(rule, room="kitchen")) == 13

    def test_of_a_room_without_a_division_are_an_error(self):
        with pytest.raises(LookupError):
            calendar(divisions=({**self.periods[0], "rooms": ["x"]},)).division("hall")

    @given(st.integers(0, 1430), st.integers(1, 1440), st.sampled_from([10, 15, 30, 60, 120]))
    def test_in_units_follow_one_another_within_the_hours(self, opens, length, minutes):
        closes = min(opens + length, 1440)
        rule = calendar(
            hours=({"from": opens, "to": closes},),
            divisions=({"kind": "unit", "minutes": minutes},),
        )

        slots = self.slots(rule)

        assert len(slots) == (closes - opens) // minutes
        assert all(slot.to_minute - slot.from_minute == minutes for slot in slots)
        assert [slot.from_minute for slot in slots] == [
            opens + n * minutes for n in range(len(slots))
        ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": [{"from": "12:00", "to": "9:00"}]},
        {"hours": [{"from": "9:00", "to": "24:01"}]},
        {"hours": [{"from": "9:00", "to": "22:00", "season_from": "12-01"}]},
        {"closings": [{"kind": "yearly", "from": "13-01", "to": "01-04"}]},
        {"closings": [nth("tue", 6)]},
        {"closings": [nth("tue", 0)]},
        {"divisions": [{"kind": "unit", "minutes": 5}]},
        {"divisions": []},
        {"holiday": "closed"},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(wrong):
    said = {"hours": [{"from": "9:00", "to": "22:00"}], "divisions": HOURLY, **wrong}

    with pytest.raises(ValidationError):
        FacilityCalendar.model_validate(said)
