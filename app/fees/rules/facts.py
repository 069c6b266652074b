"""The facts of one room's use on one day that a fee may depend on."""

from dataclasses import dataclass
from datetime import date

from app.fees.policy import FOR_PROFIT


@dataclass(frozen=True, slots=True)
class Use:
    """One room's use; minutes are of the local day, pairs are (id, how many)."""

    room: str  # slug
    minutes: int  # of the slots, gaps not counted
    periods: tuple[tuple[str, str], ...]  # (id, name) of named periods; empty in unit divisions
    gaps: tuple[int, ...]  # places of the periods that an included gap follows
    gap_yen: int | None  # price of each, from the division; None: no rule decides it
    is_weekend_or_holiday: bool
    applicant_class: str
    admission_yen: int = 0  # the highest ticket price; 0 is free admission
    is_for_profit: bool = False
    on: date | None = None
    is_holiday: bool = False
    from_minute: int | None = None
    to_minute: int | None = None
    purpose: str = ""
    attributes: frozenset[str] = frozenset()  # what was said of the use: advertising, rehearsal…
    extras: tuple[tuple[str, int], ...] = ()  # equipment, heating and lights that are used
    people: tuple[tuple[str, int], ...] = ()  # by category of the tariff: adult, child…
    everybody: int = 0  # how many people come, where nobody counts them by category
    items: int = 1  # tables, lanes, courts
    overtime_minutes: int = 0  # beyond what was booked
    waivers: frozenset[str] = frozenset()  # granted to this booking or its group
    spent: frozenset[str] = frozenset()  # waivers used as often this month as they may be
    settled: tuple[tuple[str, str], ...] = ()  # (rule, reading) that staff decided for it

    @property
    def said(self) -> frozenset[str]:
        """Return every attribute of the use."""
        return self.attributes | {FOR_PROFIT} if self.is_for_profit else self.attributes

    @property
    def whole_minutes(self) -> int:
        """Return the minutes from beginning to end, gaps too."""
        if self.from_minute is None or self.to_minute is None:
            return self.minutes
        return self.to_minute - self.from_minute

    @property
    def head_count(self) -> int:
        """Return how many people use it."""
        return sum(count for _, count in self.people) if self.people else self.everybody
