"""Months, years and minutes as ordinances mean them; 24:00 is a legal end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.days import shifted
from app.kernel.calendar_jp import (
    day_of_month_before,
    days_in_month,
    era_year,
    fiscal_year,
    months_before,
    weekday_ja,
)
from app.kernel.clock import TOKYO
from app.kernel.spans import Span, clock_text, day_span, epoch, instant, minutes

DAYS = st.dates(date(2019, 5, 1), date(2099, 12, 31))
MONTHS = st.integers(0, 24)
MINUTES = st.integers(0, 1440)
INSTANTS = st.builds(lambda second: datetime.fromtimestamp(second, UTC), st.integers(0, 2**31))
SPANS = st.builds(
    lambda begins, length: Span(begins, begins + timedelta(minutes=length)),
    INSTANTS,
    st.integers(1, 3000),
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 3, 31), 1, date(2027, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2027, 1, 15), 1, date(2026, 12, 15)),
        (date(2027, 2, 28), 12, date(2026, 2, 28)),
        (date(2027, 5, 31), 3, date(2027, 2, 28)),
    ],
)
def test_months_before_is_the_same_day_or_the_last_of_a_shorter_month(day, months, expected):
    assert months_before(day, months) == expected


@given(DAYS, MONTHS)
def test_months_before_lies_that_many_months_before(day, months):
    found = months_before(day, months)

    assert (day.year * 12 + day.month) - (found.year * 12 + found.month) == months
    assert found.day == min(day.day, days_in_month(found))


@given(DAYS, DAYS, MONTHS)
def test_months_before_keeps_the_order_of_days(one, other, months):
    if one <= other:
        assert months_before(one, months) <= months_before(other, months)


@given(DAYS, MONTHS, MONTHS)
def test_months_before_in_two_steps_is_never_later_than_in_one(day, first, second):
    """29 to 31 may be lost on the way, a day may not be won."""
    assert months_before(months_before(day, first), second) <= months_before(day, first + second)


@given(DAYS, MONTHS, st.integers(1, 31))
def test_a_day_of_an_earlier_month_is_in_that_month(day, months, of_month):
    found = day_of_month_before(day, months, of_month)

    assert found.replace(day=1) == months_before(day.replace(day=1), months)
    assert found.day == min(of_month, days_in_month(found))


@given(DAYS)
def test_a_fiscal_year_runs_from_april_to_march(day):
    assert date(fiscal_year(day), 4, 1) <= day <= date(fiscal_year(day) + 1, 3, 31)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2019, 4, 30), "平成31年"),
        (date(2019, 5, 1), "令和元年"),
        (date(2026, 12, 31), "令和8年"),
        (date(1989, 1, 7), "昭和64年"),
    ],
)
def test_years_are_counted_by_eras(day, expected):
    assert era_year(day) == expected


def test_a_day_before_all_eras_is_an_error():
    with pytest.raises(ValueError, match="no era"):
        era_year(date(1900, 1, 1))


@given(DAYS)
def test_a_weekday_is_one_character(day):
    assert weekday_ja(day) == "月火水木金土日"[day.isoweekday() - 1]


@given(MINUTES)
def test_a_time_of_day_reads_back_as_it_was_written(minute):
    assert minutes(clock_text(minute)) == minute


@pytest.mark.parametrize("typed", ["24:01", "25:00", "9:60", "9", "", "9:5", "-1:00", "９：００x"])
def test_what_is_no_time_of_day_is_an_error(typed):
    with pytest.raises(ValueError, match="not a time of day"):
        minutes(typed)


@given(DAYS, st.integers(0, 2880))
def test_an_instant_is_the_wall_clock_of_its_place(day, minute):
    local = instant(day, minute, TOKYO)

    assert (local - instant(day, 0, TOKYO)) == timedelta(minutes=minute)
    assert local.date() == day + timedelta(days=minute // 1440)
    assert epoch(day, minute, TOKYO) == local.timestamp()


def test_24_o_clock_is_the_next_midnight():
    day = date(2027, 3, 8)

    assert instant(day, 1440, TOKYO) == instant(day + timedelta(days=1), 0, TOKYO)
    assert day_span(day, TOKYO).minutes == 1440


@given(SPANS, SPANS)
def test_spans_overlap_when_they_share_an_instant(one, other):
    shared = max(one.starts_at, other.starts_at) < min(one.ends_at, other.ends_at)

    assert one.overlaps(other) == other.overlaps(one) == shared


@given(SPANS)
def test_spans_that_touch_do_not_overlap(one):
    following = Span(one.ends_at, one.ends_at + timedelta(minutes=1))

    assert not one.overlaps(following)
    assert not following.overlaps(one)
    assert one.overlaps(one)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)),
        (datetime(2027, 3, 2, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)),
        (datetime(2027, 3, 1), datetime(2027, 3, 2)),  # noqa: DTZ001 - that is what is refused
    ],
)
def test_a_span_without_length_or_without_a_zone_is_an_error(begins, ends):
    with pytest.raises(ValueError, match="span"):
        Span(begins, ends)


@given(DAYS, st.sets(st.integers(-70, 70)), st.sampled_from([1, -1]))
def test_a_closed_day_is_passed_over_in_one_direction_only(day, closed, step):
    closed_days = {day + timedelta(days=n) for n in closed}

    found = shifted(day, timedelta(days=step), lambda one: one in closed_days)

    distance = (found - day).days * step
    assert 0 <= distance < 60
    between = {day + timedelta(days=n * step) for n in range(distance)}
    assert between <= closed_days
    assert found not in closed_days or (found == day and day in closed_days)
