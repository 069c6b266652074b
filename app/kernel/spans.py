"""Times of a day in minutes and half-open spans of instants; 24:00 is a legal end."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_OF_A_DAY = 24 * 60

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def minutes(clock: str) -> int:
    """Return the minutes since midnight of "9:00" or "24:00".

    Raises ValueError for anything that is not a time of the day.

    >>> minutes("09:30"), minutes("24:00")
    (570, 1440)
    """
    found = _CLOCK.fullmatch(clock.strip())
    if not found:
        raise ValueError(f"not a time of day: {clock!r}")
    total = int(found[1]) * 60 + int(found[2])
    if int(found[2]) > 59 or total > MINUTES_OF_A_DAY:
        raise ValueError(f"not a time of day: {clock!r}")
    return total


def clock_text(minute: int) -> str:
    """Return "09:30" for 570."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant at which `minute` of the local `day` begins.

    Wall-clock arithmetic, so a day with a clock change still opens at nine.
    """
    on = day + timedelta(days=minute // MINUTES_OF_A_DAY)
    left = minute % MINUTES_OF_A_DAY
    return datetime.combine(on, time(left // 60, left % 60), tzinfo=zone)


@lru_cache(maxsize=65536)
def epoch(day: date, minute: int, zone: ZoneInfo) -> int:
    """Return `instant` in whole seconds since 1970; comparing these is what grids do most."""
    return int(instant(day, minute, zone).timestamp())


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time, [starts_at, ends_at): touching is not overlapping."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a span needs aware instants")
        if self.starts_at >= self.ends_at:
            raise ValueError("a span ends after it starts")

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share an instant."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def minutes(self) -> int:
        """Return the length in whole minutes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def day_span(day: date, zone: ZoneInfo) -> Span:
    """Return the whole local day as a span."""
    return Span(instant(day, 0, zone), instant(day + timedelta(days=1), 0, zone))
