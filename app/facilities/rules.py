"""A calendar and a day -> is it open, why not, and which slots it has. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.facilities.holidays import is_holiday
from app.facilities.policy import (
    Closing,
    DatesClosing,
    FacilityCalendar,
    HolidayClosing,
    HolidayMove,
    Hours,
    NthWeekdayClosing,
    PeriodDivision,
    UnitDivision,
    WeeklyClosing,
    YearlyClosing,
)
from app.kernel.calendar_jp import days_in_month
from app.kernel.spans import clock_text
from app.tenants.policy import WEEKDAY_ORDER, LocalHolidays

# The longest run of days over which a closing may be moved: Golden Week and a weekend.
_LOOK_BACK = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """The smallest stretch of a day that a room is booked for; minutes of the local day."""

    id: str
    name: str
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a facility: open between two minutes, or closed for a named reason."""

    on: date
    opens: int = 0
    closes: int = 0
    closed_because: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether anybody may use the facility on this day."""
        return self.closed_because is None


def day_of(calendar: FacilityCalendar, on: date, local: LocalHolidays) -> Day:
    """Return whether the facility is open on `on`, between which minutes, or why not."""
    if on not in calendar.open_on:
        name = closed_by(calendar.closings, on, local)
        if name is not None:
            return Day(on, closed_because=name)
    hours = [one for one in calendar.hours if _hours_hold(one, on, local)]
    if not hours:
        return Day(on, closed_because="休館日")
    return Day(on, opens=hours[-1].from_, closes=hours[-1].to)


def office_is_closed(calendar: FacilityCalendar, on: date, local: LocalHolidays) -> bool:
    """Say whether the responsible office is closed (閉庁日); it may be while the hall is open."""
    return closed_by(calendar.office_closings, on, local) is not None


def slots_of(calendar: FacilityCalendar, room: str, day: Day) -> tuple[Slot, ...]:
    """Return the slots of `room` on an open day in order; none on a closed one."""
    if not day.is_open:
        return ()
    division = calendar.division(room)
    if isinstance(division, PeriodDivision):
        return tuple(
            Slot(one.id, one.name, one.from_, one.to)
            for one in division.periods
            if day.opens <= one.from_ and one.to <= day.closes
        )
    return tuple(_units(division, day))


def _units(division: UnitDivision, day: Day) -> Iterator[Slot]:
    step = division.minutes
    for start in range(day.opens, day.closes - step + 1, step):
        yield Slot(clock_text(start), "", start, start + step)


def closed_by(closings: Sequence[Closing], on: date, local: LocalHolidays) -> str | None:
    """Return the name of the rule that closes `on`, or None; moved closings are followed."""
    for rule in closings:
        if _closes(rule, on, local) or _moved_here(rule, on, local):
            return rule.name
    return None


def _closes(rule: Closing, on: date, local: LocalHolidays) -> bool:
    if isinstance(rule, WeeklyClosing | NthWeekdayClosing):
        return _is_regular(rule, on) and not (
            rule.on_holiday.then == "open" and is_holiday(on, local)
        )
    if isinstance(rule, HolidayClosing):
        return is_holiday(on, local)
    if isinstance(rule, YearlyClosing):
        return _within(on, rule.from_, rule.to)
    return isinstance(rule, DatesClosing) and on in rule.dates


def _is_regular(rule: WeeklyClosing | NthWeekdayClosing, on: date) -> bool:
    weekday = WEEKDAY_ORDER[on.weekday()]
    if isinstance(rule, WeeklyClosing):
        return weekday in rule.weekdays
    from_start = (on.day - 1) // 7 + 1
    from_end = -((days_in_month(on) - on.day) // 7 + 1)
    return weekday == rule.weekday and (from_start in rule.nth or from_end in rule.nth)


def _moved_here(rule: Closing, on: date, local: LocalHolidays) -> bool:
    if not isinstance(rule, WeeklyClosing | NthWeekdayClosing):
        return False
    if rule.on_holiday.instead == "none":
        return False
    return any(
        _is_regular(rule, on - timedelta(days=back))
        and is_holiday(on - timedelta(days=back), local)
        and _instead(rule.on_holiday, on - timedelta(days=back), local) == on
        for back in range(1, _LOOK_BACK)
    )


def _instead(move: HolidayMove, regular: date, local: LocalHolidays) -> date | None:
    day = regular + timedelta(days=1)
    if move.instead == "next_day":
        return day
    for _ in range(_LOOK_BACK):
        weekend = move.instead == "next_weekday" and day.weekday() >= 5
        if not weekend and not is_holiday(day, local):
            return day
        day += timedelta(days=1)
    return None


def _hours_hold(hours: Hours, on: date, local: LocalHolidays) -> bool:
    if (
        hours.season_from
        and hours.season_to
        and not _within(on, hours.season_from, hours.season_to)
    ):
        return False
    if not hours.holidays_too and is_holiday(on, local):
        return False
    return not hours.weekdays or WEEKDAY_ORDER[on.weekday()] in hours.weekdays


def _within(on: date, from_: str, to: str) -> bool:
    today = on.strftime("%m-%d")
    return from_ <= today <= to if from_ <= to else today >= from_ or today <= to
