"""National holidays (国民の祝日に関する法律), with what a municipality adds or removes."""

from datetime import date
from functools import lru_cache

import jpholiday

from app.tenants.policy import LocalHolidays


@lru_cache(maxsize=4096)
def holiday_name(day: date) -> str | None:
    """Return the name of the national holiday on `day`, substitute holidays included."""
    return jpholiday.is_holiday_name(day)


def is_holiday(day: date, local: LocalHolidays) -> bool:
    """Say whether `day` counts as a holiday in a municipality with these local days."""
    if day in local.add:
        return True
    return day not in local.remove and holiday_name(day) is not None
