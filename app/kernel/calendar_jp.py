"""Japanese days: weekdays, fiscal years, eras, and month arithmetic as ordinances mean it."""

import calendar
from datetime import date

WEEKDAYS = "月火水木金土日"

# First days of the eras in use; earlier ones do not occur in bookings.
_ERAS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"))


def weekday_ja(day: date) -> str:
    """Return the one-character weekday, 月 for a Monday."""
    return WEEKDAYS[day.weekday()]


def fiscal_year(day: date) -> int:
    """Return the fiscal year (年度, April to March) that `day` belongs to."""
    return day.year if day.month >= 4 else day.year - 1


def era_year(day: date) -> str:
    """Return 令和8年 for a day of 2026; the first year is 元年."""
    for begins, name in _ERAS:
        if day >= begins:
            year = day.year - begins.year + 1
            return f"{name}{'元' if year == 1 else year}年"
    raise ValueError(f"no era for {day}")


def days_in_month(day: date) -> int:
    """Return how many days the month of `day` has."""
    return calendar.monthrange(day.year, day.month)[1]


def months_before(day: date, months: int) -> date:
    """Return the same day of the month `months` earlier, or that month's last day.

    The last-day rule follows 民法143条2項: a month without the matching day ends on its last.
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def day_of_month_before(day: date, months: int, day_of_month: int) -> date:
    """Return day `day_of_month` of the month that lies `months` before the month of `day`."""
    first = months_before(day.replace(day=1), months)
    last = calendar.monthrange(first.year, first.month)[1]
    return first.replace(day=min(day_of_month, last))
