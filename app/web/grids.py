"""A hall's week, month and the days around a day, as the tables and the strip show them."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from flask import url_for

from app.booking.looking import MonthDay
from app.booking.plan import room_day
from app.facilities.catalogue import FacilityInfo
from app.facilities.holidays import holiday_name, is_holiday
from app.kernel.calendar_jp import days_in_month
from app.web import context
from app.web.words import _

_TO_PRESS = frozenset({"free", "partly", "mine"})
AHEAD = timedelta(days=400)  # links lead no further; reception opens at most a year ahead


class HasDate(Protocol):
    """Anything of one day."""

    @property
    def date(self) -> date:
        """Return the day."""
        ...


OfADay = TypeVar("OfADay", bound=HasDate)


@dataclass(frozen=True, slots=True)
class DayHead:
    """A day above its column."""

    date: date
    holiday: str | None


@dataclass(frozen=True, slots=True)
class StripDay:
    """A day of the strip."""

    date: date
    url: str
    current: bool
    holiday: str | None
    closed: str | None  # why the hall is closed; None: open, or of many halls


@dataclass(frozen=True, slots=True)
class Strip:
    """Seven days to go to, and the seven before and after."""

    days: list[StripDay]
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class MonthCell:
    """A day of the month's table; without an address there is nothing to press."""

    date: date
    url: str | None
    state: str
    why: str | None
    holiday: str | None


def holiday(on: date) -> str | None:
    """Return the name of a holiday, of a municipality's own too."""
    local = context.catalogue().holidays_on(on)
    return (holiday_name(on) or _("祝日")) if is_holiday(on, local) else None


def strip(
    on: date, today: date, address: Callable[[date], str], *, hall: FacilityInfo | None = None
) -> Strip:
    """Return the days around one, those on which a hall is closed marked; no day gone by."""
    first = max(on - timedelta(days=3), today) if on >= today else on
    days = [first + timedelta(days=n) for n in range(7)]
    before = max(on - timedelta(days=7), today)
    after = on + timedelta(days=7)
    return Strip(
        [StripDay(one, address(one), one == on, holiday(one), _closed(hall, one)) for one in days],
        address(before) if before < on else None,
        address(after) if after <= today + AHEAD else None,
    )


def _closed(hall: FacilityInfo | None, on: date) -> str | None:
    if hall is None or not hall.rooms:
        return None
    return room_day(context.catalogue(), hall, hall.rooms[0], on).day.closed_because


def heads(days: Sequence[date]) -> list[DayHead]:
    """Return the heads of these days' columns."""
    return [DayHead(on, holiday(on)) for on in days]


def month_weeks(hall: FacilityInfo, found: Sequence[MonthDay]) -> list[list[MonthCell | None]]:
    """Return the weeks of the month's table."""
    return by_weeks([_month_cell(hall, one) for one in found])


def by_weeks(days: Sequence[OfADay]) -> list[list[OfADay | None]]:
    """Return days one after the other in weeks, Monday first; None before and after them."""
    cells: list[OfADay | None] = [None] * days[0].date.weekday()
    cells += days
    cells += [None] * (-len(cells) % 7)
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def _month_cell(hall: FacilityInfo, one: MonthDay) -> MonthCell:
    to_press = one.state in _TO_PRESS
    url = url_for("looking.day", facility=hall.slug, on=one.day.on) if to_press else None
    why = _("%(n)s室", n=one.free_rooms) if one.state == "partly" else None
    state = one.state if one.day.is_open else "closed"
    return MonthCell(one.day.on, url, state, why, holiday(one.day.on))


def month_days(of: date) -> list[date]:
    """Return the days of a month."""
    return [of.replace(day=n) for n in range(1, days_in_month(of) + 1)]


def monday_first(of: date) -> list[date]:
    """Return seven days from a Monday on, for the heads of the month's table."""
    monday = of - timedelta(days=of.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def months_around(of: date, today: date) -> tuple[date | None, date | None]:
    """Return the months to go to, before and after; what has gone by is left out."""
    before = (of - timedelta(days=1)).replace(day=1)
    after = of + timedelta(days=calendar.monthrange(of.year, of.month)[1])
    return (
        before if before >= today.replace(day=1) else None,
        after if after <= today + AHEAD else None,
    )
