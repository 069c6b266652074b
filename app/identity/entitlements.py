"""Rights to a waiver that somebody was granted for some time (減免の資格)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Entitled:
    """A right to a waiver, by its id in tariffs, at one hall or at all (None); days inclusive."""

    waiver: str
    facility_id: int | None
    valid_from: date
    valid_to: date

    def holds(self, facility_id: int, on: date) -> bool:
        """Say whether it holds for a use at a hall on a day."""
        there = self.facility_id is None or self.facility_id == facility_id
        return there and self.valid_from <= on <= self.valid_to


def entitled_in(rows: Iterable[Iterable[Any]]) -> tuple[Entitled, ...]:
    """Return rights as the database tells them: (waiver, facility, from, to), days as text."""
    return tuple(
        Entitled(waiver, hall, date.fromisoformat(first), date.fromisoformat(last))
        for waiver, hall, first, last in rows
    )
