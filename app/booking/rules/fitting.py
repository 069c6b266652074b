"""Where a use of some length fits into the slots of another room or day. Pure."""

from collections.abc import Sequence

from app.booking.rules.runs import Division, Run, runs_of, slots_between
from app.facilities.rules import Slot


def fitted(slots: Sequence[Slot], division: Division, from_minute: int, minutes: int) -> Run | None:
    """Return the use that begins nearest to a minute and is as near as can be to so long.

    None when the day has no slots. A use of 120 minutes that is put on a morning of three hours
    takes the morning: nothing shorter can be had there.
    """
    if not slots:
        return None
    first = min(slots, key=lambda slot: (abs(slot.from_minute - from_minute), slot.from_minute))
    ends = [slot.to_minute for slot in slots if slot.to_minute > first.from_minute]
    runs = [run for end in ends if (run := _run(slots, division, first.from_minute, end))]
    wanted = first.from_minute + minutes
    return min(runs, key=lambda run: (abs(run.to_minute - wanted), run.to_minute), default=None)


def ending_at(
    slots: Sequence[Slot], division: Division, from_minute: int, to_minute: int
) -> Run | None:
    """Return the use from a minute on that ends nearest to another; None when there is none."""
    ends = [slot.to_minute for slot in slots if slot.to_minute > from_minute]
    runs = [run for end in ends if (run := _run(slots, division, from_minute, end))]
    return min(runs, key=lambda run: (abs(run.to_minute - to_minute), run.to_minute), default=None)


def _run(slots: Sequence[Slot], division: Division, begins: int, ends: int) -> Run | None:
    runs = runs_of(slots_between(slots, begins, ends), division)
    return runs[0] if len(runs) == 1 else None
