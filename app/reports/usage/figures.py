"""What a report counts of uses, and the parts of a whole that follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(slots=True)
class Figures:
    """What was counted of one room and day, or of anything larger; whole numbers throughout.

    `uses` are booked rooms that stand (枠), whether somebody came or not; `people` are those who
    came, or were announced where nobody counted, without 不来場. Minutes are of the clock, slots
    those of the room's own division, days one for each room. Yen as the ledger says: `assessed`
    調定, `collected` 収納 less what was paid back.
    """

    uses: int = 0
    people: int = 0
    minutes: int = 0
    slots: int = 0
    no_shows: int = 0
    cancelled: int = 0
    lapsed: int = 0
    assessed_yen: int = 0
    collected_yen: int = 0
    days: int = 0
    minutes_open: int = 0
    slots_open: int = 0
    days_open: int = 0

    def __iadd__(self, other: Self) -> Self:
        self.uses += other.uses
        self.people += other.people
        self.minutes += other.minutes
        self.slots += other.slots
        self.no_shows += other.no_shows
        self.cancelled += other.cancelled
        self.lapsed += other.lapsed
        self.assessed_yen += other.assessed_yen
        self.collected_yen += other.collected_yen
        self.days += other.days
        self.minutes_open += other.minutes_open
        self.slots_open += other.slots_open
        self.days_open += other.days_open
        return self

    @property
    def is_empty(self) -> bool:
        """Say whether there was nothing to count, and nothing open."""
        return not any(getattr(self, one.name) for one in fields(self))

    @property
    def by_minutes(self) -> float | None:
        """Return the part of the opening time that was used; None when nothing was open."""
        return self.minutes / self.minutes_open if self.minutes_open else None

    @property
    def by_slots(self) -> float | None:
        """Return the part of the open slots that was used (利用率・区分)."""
        return self.slots / self.slots_open if self.slots_open else None

    @property
    def by_days(self) -> float | None:
        """Return the part of the open days on which the room was used (利用率・日)."""
        return self.days / self.days_open if self.days_open else None


def sum_of(some: Iterable[Figures]) -> Figures:
    """Return what figures add up to."""
    total = Figures()
    for one in some:
        total += one
    return total
