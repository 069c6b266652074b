"""Slots next to one another in one room are one use; taking one away may leave two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.facilities.policy import PeriodDivision, UnitDivision
from app.facilities.rules import Slot
from app.kernel.refusals import Refusal

Division = PeriodDivision | UnitDivision


@dataclass(frozen=True, slots=True)
class Run:
    """Slots of one room and day that follow one another, gaps included where the rule says so."""

    slots: tuple[Slot, ...]

    @property
    def from_minute(self) -> int:
        """Return the minute of the day at which the run begins."""
        return self.slots[0].from_minute

    @property
    def to_minute(self) -> int:
        """Return the minute of the day before which the run ends."""
        return self.slots[-1].to_minute

    @property
    def slot_minutes(self) -> int:
        """Return the minutes of its slots, without the gaps."""
        return sum(slot.to_minute - slot.from_minute for slot in self.slots)

    @property
    def gaps(self) -> tuple[int, ...]:
        """Return the places of the slots that a gap inside the run follows."""
        return tuple(
            place
            for place, (one, following) in enumerate(zip(self.slots, self.slots[1:], strict=False))
            if one.to_minute < following.from_minute
        )


def length_refusals(run: Run, division: Division) -> list[Refusal]:
    """Return why a run is too short or too long for one use of its room."""
    if not isinstance(division, UnitDivision):
        return []
    if len(run.slots) < division.at_least:
        return [Refusal("slot.too_short", {"minutes": division.at_least * division.minutes})]
    return too_long(run, division)


def too_long(run: Run, division: Division) -> list[Refusal]:
    """Return why a run is too long for one use of its room."""
    if not isinstance(division, UnitDivision) or division.at_most is None:
        return []
    if len(run.slots) <= division.at_most:
        return []
    return [Refusal("slot.too_long", {"minutes": division.at_most * division.minutes})]


def slots_between(slots: Sequence[Slot], from_minute: int, to_minute: int) -> tuple[Slot, ...]:
    """Return the slots that lie between two minutes, if these begin and end a slot; else none."""
    inside = tuple(s for s in slots if from_minute <= s.from_minute and s.to_minute <= to_minute)
    if not inside:
        return ()
    exact = inside[0].from_minute == from_minute and inside[-1].to_minute == to_minute
    return inside if exact else ()


def runs_of(slots: Iterable[Slot], division: Division) -> list[Run]:
    """Group slots into runs, in the order of the day; a slot named twice counts once."""
    runs: list[list[Slot]] = []
    for slot in sorted(set(slots), key=lambda one: one.from_minute):
        if runs and _follows(runs[-1][-1], slot, division):
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return [Run(tuple(run)) for run in runs]


def _follows(one: Slot, following: Slot, division: Division) -> bool:
    if one.to_minute == following.from_minute:
        return True
    if not isinstance(division, PeriodDivision) or division.gap.use != "included":
        return False
    order = [period.id for period in division.periods]
    return order.index(following.id) == order.index(one.id) + 1
