"""From the uses of a booking and the doors of its halls to codes with windows. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Use:
    """A room taken for [starts_at, ends_at) by a booking."""

    line_id: int
    booking_id: int
    facility_id: int
    room_id: int
    spaces: frozenset[int]
    on_date: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """Pieces of floor that somebody has for [starts_at, ends_at): another booking, or the hall."""

    spaces: frozenset[int]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """A door and the rooms behind it; `is_shared` are entrances that others use too."""

    id: int
    facility_id: int
    account_id: int
    device_ref: str
    is_shared: bool
    rooms: frozenset[int]  # empty: every room of the hall
    before: timedelta
    after: timedelta
    is_alone: bool  # its code opens no other door (a key box)

    def opens(self, use: Use) -> bool:
        """Say whether one comes through this door to a use."""
        return self.facility_id == use.facility_id and (not self.rooms or use.room_id in self.rooms)


@dataclass(frozen=True, slots=True)
class Visit:
    """One code: the doors that it opens, the uses that it is for, and from when to when."""

    facility_id: int
    account_id: int
    on_date: date
    lines: tuple[int, ...]
    doors: tuple[DoorPlan, ...]
    starts_at: datetime
    ends_at: datetime


def visits(uses: Iterable[Use], doors: Sequence[DoorPlan], others: Sequence[Taken]) -> list[Visit]:
    """Return the codes that uses of one booking need.

    Uses of one hall with the same times share a code for each vendor account. A code opens some
    minutes earlier and later than the use, but never the door of a room while somebody else has
    it: `others` is what is taken nearby by other bookings and by the hall itself.
    """
    together: dict[tuple[int, datetime, datetime], list[Use]] = defaultdict(list)
    for use in uses:
        together[use.facility_id, use.starts_at, use.ends_at].append(use)
    found = []
    for same in together.values():
        by_code: dict[tuple[int, int], list[DoorPlan]] = defaultdict(list)
        for door in doors:
            if any(door.opens(use) for use in same):
                by_code[door.account_id, door.id if door.is_alone else 0].append(door)
        found += [_visit(same, theirs, others) for theirs in by_code.values()]
    return sorted(found, key=lambda one: (one.starts_at, one.account_id, one.doors[0].id))


def _visit(same: Sequence[Use], doors: Sequence[DoorPlan], others: Sequence[Taken]) -> Visit:
    """Return a code for these doors; the door of a room comes first, as the vendor's primary."""
    behind = [use for use in same if any(door.opens(use) for door in doors)]
    starts_at, ends_at = same[0].starts_at, same[0].ends_at
    first = starts_at - max(door.before for door in doors)
    last = ends_at + max(door.after for door in doors)
    spaces = frozenset[int]().union(
        *(use.spaces for use in behind for door in doors if not door.is_shared and door.opens(use))
    )
    for other in others:
        if other.spaces & spaces:
            if other.ends_at <= starts_at:
                first = max(first, other.ends_at)
            elif other.starts_at >= ends_at:
                last = min(last, other.starts_at)
    return Visit(
        facility_id=same[0].facility_id,
        account_id=doors[0].account_id,
        on_date=same[0].on_date,
        lines=tuple(sorted(use.line_id for use in behind)),
        doors=tuple(sorted(doors, key=lambda one: (one.is_shared, one.id))),
        starts_at=first,
        ends_at=last,
    )
