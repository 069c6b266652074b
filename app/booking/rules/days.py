"""The instant that a rule such as "the first day of the month two months before" means."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.booking.policy import Before, MinutesBefore, MonthDay
from app.facilities.catalogue import Catalogue, FacilityInfo
from app.facilities.rules import day_of, office_is_closed
from app.kernel.calendar_jp import day_of_month_before, months_before
from app.kernel.spans import MINUTES_OF_A_DAY, instant

_LONGEST_CLOSING = 60  # days; beyond it a closed day is kept as it is


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule is read: a facility in its municipality."""

    catalogue: Catalogue
    facility: FacilityInfo

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which days begin."""
        return self.catalogue.zone

    def is_closed(self, day: date, closed_means: str) -> bool:
        """Say whether the facility, or the office behind it, is closed on `day`."""
        calendar = self.facility.calendar_on(day)
        local = self.catalogue.holidays_on(day)
        if closed_means == "office":
            return office_is_closed(calendar, day, local)
        return not day_of(calendar, day, local).is_open


def opening(rule: Before | MonthDay, day: date, place: Place) -> datetime:
    """Return the instant from which a use on `day` can be applied for."""
    return instant(_day(rule, day, place), rule.at or 0, place.zone)


def closing(
    rule: Before | MonthDay | MinutesBefore, day: date, starts_at: datetime, place: Place
) -> datetime:
    """Return the instant up to which a use on `day` is possible, that instant not included."""
    if isinstance(rule, MinutesBefore):
        return starts_at - timedelta(minutes=rule.minutes)
    minute = MINUTES_OF_A_DAY if rule.at is None else rule.at
    return min(instant(_day(rule, day, place), minute, place.zone), starts_at)


def _day(rule: Before | MonthDay, day: date, place: Place) -> date:
    if isinstance(rule, MonthDay):
        found = day_of_month_before(day, rule.months, rule.day)
    else:
        found = months_before(day, rule.months) - timedelta(days=rule.days)
    if rule.if_closed == "keep":
        return found
    step = timedelta(days=1 if rule.if_closed == "next_open_day" else -1)
    return shifted(found, step, lambda one: place.is_closed(one, rule.closed_means))


def shifted(day: date, step: timedelta, is_closed: Callable[[date], bool]) -> date:
    """Return `day` or the first day after it in steps of `step` that is not closed."""
    found = day
    for _ in range(_LONGEST_CLOSING):
        if not is_closed(found):
            return found
        found += step
    return day
