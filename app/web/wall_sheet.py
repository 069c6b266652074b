"""A hall's week as a sheet for the wall: rooms down, days across, in each cell who comes when."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.facilities.catalogue import FacilityInfo
from app.reports.days import Coming, Held, Kept
from app.web import formats

Entries = dict[tuple[int, date], list["Entry"]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in a cell."""

    kind: str  # use, part (the floor is used through another room), held, kept
    starts_at: datetime
    ends_at: datetime
    name: str = ""
    number: str = ""
    room: str = ""
    is_unpaid: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One room with its seven days."""

    room: str
    days: list[list[Entry]] = field(default_factory=list)


def rows(
    hall: FacilityInfo,
    first: date,
    *,
    coming: Sequence[Coming],
    held: Sequence[Held],
    kept: Sequence[Kept],
) -> list[SheetRow]:
    """Return the sheet's rows; a room that is no longer listed has one while it is booked."""
    cells: Entries = defaultdict(list)
    for key, entry in _entries(hall, coming, held, kept):
        cells[key].append(entry)
    names = {room.id: room.name for room in hall.rooms}
    names |= {use.room_id: use.room for use in coming}
    week = [first + timedelta(days=number) for number in range(7)]
    return [
        SheetRow(name, [sorted(cells[room_id, on], key=_clock) for on in week])
        for room_id, name in names.items()
    ]


def _entries(
    hall: FacilityInfo, coming: Sequence[Coming], held: Sequence[Held], kept: Sequence[Kept]
) -> Iterator[tuple[tuple[int, date], Entry]]:
    sharing = _sharing(hall)
    for use in coming:
        name = use.shown_name or use.name
        is_unpaid = use.state == "provisional"
        entry = Entry("use", use.starts_at, use.ends_at, name, use.number, is_unpaid=is_unpaid)
        yield (use.room_id, use.on_date), entry
        for other in sharing[use.room_id]:
            part = Entry("part", use.starts_at, use.ends_at, room=use.room)
            yield (other, use.on_date), part
    for one in held:
        yield (one.room_id, one.on_date), Entry("held", one.starts_at, one.ends_at)
    for stretch in kept:
        for room_id in stretch.room_ids:
            on = formats.local(stretch.starts_at).date()
            yield (
                (room_id, on),
                Entry("kept", stretch.starts_at, stretch.ends_at, name=stretch.name),
            )


def _sharing(hall: FacilityInfo) -> dict[int, list[int]]:
    """Return for each room those that lose floor when it is used: the whole and its parts."""
    found: dict[int, list[int]] = defaultdict(list)
    for room in hall.rooms:
        for other in hall.rooms:
            if room.id != other.id and set(room.space_ids) & set(other.space_ids):
                found[room.id].append(other.id)
    return found


def _clock(entry: Entry) -> datetime:
    return entry.starts_at
