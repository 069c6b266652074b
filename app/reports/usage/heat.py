"""Hours x weekdays: how much of each hour was used of what was open (R154)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.reports.usage.counted import Hours
from app.reports.usage.figures import Figures
from app.reports.usage.opened import Opened

HOUR = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday over all days and rooms; minutes."""

    weekday: int  # Monday is 0
    hour: int
    minutes: int
    minutes_open: int

    @property
    def part(self) -> float | None:
        """Return the part that was used; None when nothing was open."""
        return min(1.0, self.minutes / self.minutes_open) if self.minutes_open else None


@dataclass(frozen=True, slots=True)
class Heat:
    """All cells: seven rows, one for each weekday, over the hours that were ever open or used."""

    hours: Sequence[int]
    rows: Sequence[Sequence[Cell]]

    @property
    def cells(self) -> list[Cell]:
        """Return the cells that were open, all in one list."""
        return [one for row in self.rows for one in row if one.minutes_open]


def heat(by_hours: Mapping[Hours, Figures], opened: Opened) -> Heat:
    """Return the map; a use counts in every hour it touches, by its minutes there."""
    used, open_ = _grid(), _grid()
    for hours, figures in by_hours.items():
        _spread(used[hours.weekday], hours.from_minute, hours.to_minute, figures.uses)
    for (weekday, slots), days in opened.by_weekday.items():
        for slot in slots:
            _spread(open_[weekday], slot.from_minute, slot.to_minute, days)
    shown = [n for n in range(24) if any(open_[day][n] or used[day][n] for day in range(7))]
    hours_shown = list(range(shown[0], shown[-1] + 1)) if shown else []
    return Heat(
        hours_shown,
        [[Cell(day, n, used[day][n], open_[day][n]) for n in hours_shown] for day in range(7)],
    )


def between(opened: Opened, from_minute: int, to_minute: int) -> int:
    """Return how many minutes were open between two minutes of the day, over all days."""
    return sum(
        days * max(0, min(slot.to_minute, to_minute) - max(slot.from_minute, from_minute))
        for (_weekday, slots), days in opened.by_weekday.items()
        for slot in slots
    )


def _grid() -> list[list[int]]:
    return [[0] * 24 for _ in range(7)]


def _spread(row: list[int], from_minute: int, to_minute: int, times: int) -> None:
    """Add minutes to the hours they lie in; what passes midnight counts in the last hour."""
    for hour in range(from_minute // HOUR, -(-to_minute // HOUR)):
        minutes = min(to_minute, (hour + 1) * HOUR) - max(from_minute, hour * HOUR)
        row[min(hour, 23)] += minutes * times
