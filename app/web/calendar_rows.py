"""The rows of a calendar: a room with its days, in each who uses it and where a press leads.

A row is a value: the same row has the same HTML, which is made once (calendar_lines).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.booking.plan import RoomDay, room_days
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.kernel.spans import epoch
from app.reports.calendar import Block

CLOSING = frozenset({"closure", "public_use", "event", "maintenance"})
_OF_STATE = {"requested": "asked", "provisional": "unpaid"}
Floor = Mapping[int, Sequence[Block]]
MOST_ROWS = 1024  # kept in a process, some 10 KB each for a month


class Entry(NamedTuple):
    """Something that takes a room; minutes of the day, exact."""

    kind: str  # paid, unpaid, asked, held, part, other, or a kind of closure
    begins: int
    ends: int
    name: str
    number: str
    line_id: int
    closure_id: int


class Free(NamedTuple):
    """A stretch that can be had; minutes of the day."""

    begins: int
    ends: int


class DayCell(NamedTuple):
    """One room on one day."""

    on: date
    entries: tuple[Entry, ...]
    free: tuple[Free, ...]
    closed: str  # why nothing can be had at all


class Row(NamedTuple):
    """One room with its days."""

    hall_id: int
    room_id: int
    name: str
    cells: tuple[DayCell, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """How the floor is looked at: when, and which state alone is shown."""

    catalogue: Catalogue
    floor: Floor
    now: datetime
    state: str = ""

    def looked(self) -> "Looked":
        """Return what of it single rows depend on."""
        return Looked(int(self.now.timestamp()) // 60, self.state)


def rows(
    hall: FacilityInfo, former: Sequence[RoomInfo], days: Sequence[date], sight: Sight
) -> list[Row]:
    """Return the rows of a hall's rooms; one that is no longer offered has one while it is used."""
    shown, looked = tuple(days), sight.looked()
    found = [
        _row(_Room(sight.catalogue, hall, room), shown, tuple(_blocks(room, sight)), looked)
        for room in hall.rooms
    ]
    gone = [_row_of_former(hall, room, days, sight) for room in former]
    return found + [row for row in gone if _is_used(row)]


class Looked(NamedTuple):
    """What of a sight a row depends on besides its room, its days and their floor."""

    minute: int  # in which it is looked at: what begins later is free
    state: str


class _Room:
    """A room in a catalogue as a cache key; a catalogue is a value that never changes."""

    def __init__(self, catalogue: Catalogue, hall: FacilityInfo, room: RoomInfo) -> None:
        self.catalogue = catalogue
        self.hall = hall
        self.room = room

    def __hash__(self) -> int:
        return hash((id(self.catalogue), self.room.id))

    def __eq__(self, other: object) -> bool:
        is_same = isinstance(other, _Room) and other.catalogue is self.catalogue
        return is_same and other.room.id == self.room.id  # type: ignore[attr-defined]


@lru_cache(maxsize=MOST_ROWS)
def _row(of: _Room, days: tuple[date, ...], blocks: tuple[Block, ...], looked: Looked) -> Row:
    """Return a room's row; the same floor gives the same one without working it out again."""
    catalogue, hall, room = of.catalogue, of.hall, of.room
    by_day = _by_day(room, blocks, catalogue, looked.state)
    spans = sorted({(x.from_second, x.to_second) for x in blocks})
    now = looked.minute * 60
    cells = [
        DayCell(
            plan.on,
            by_day.get(plan.on, ()),
            _free(plan, spans, now),
            plan.day.closed_because or "",
        )
        for plan in room_days(catalogue, hall, room, days)
    ]
    return Row(hall.id, room.id, room.name, tuple(cells))


def _row_of_former(hall: FacilityInfo, room: RoomInfo, days: Sequence[date], sight: Sight) -> Row:
    by_day = _by_day(room, _blocks(room, sight), sight.catalogue, sight.state)
    cells = tuple(DayCell(on, by_day.get(on, ()), (), "") for on in days)
    return Row(hall.id, room.id, room.name, cells)


def _is_used(row: Row) -> bool:
    return any(one.number for cell in row.cells for one in cell.entries)


def _blocks(room: RoomInfo, sight: Sight) -> list[Block]:
    return [x for space in room.space_ids for x in sight.floor.get(space, ())]


def _by_day(
    room: RoomInfo, blocks: Sequence[Block], catalogue: Catalogue, state: str
) -> dict[date, tuple[Entry, ...]]:
    found: dict[date, list[Entry]] = defaultdict(list)
    for on, entry in _entries(room, blocks, catalogue, state):
        found[on].append(entry)
    return {on: tuple(sorted(some, key=_clock)) for on, some in found.items()}


def _entries(
    room: RoomInfo, blocks: Sequence[Block], catalogue: Catalogue, state: str
) -> Iterator[tuple[date, Entry]]:
    seen = set()
    zone = catalogue.zone
    for block in blocks:
        key = (block.line_id, block.closure_id, block.from_second)
        if key in seen:
            continue
        seen.add(key)
        starts, ends = (block.starts, block.ends) if block.line_id else block[:2]
        on, begins = _place(starts, zone)
        entry = Entry(
            _kind(room, block),
            begins,
            begins + (ends - starts) // 60,
            block.closure or block.name,
            block.number,
            block.line_id,
            block.closure_id,
        )
        if entry.kind == "part":
            name = _name_of(catalogue, block.room_id)
            entry = entry._replace(name=name, number="", line_id=0)
        yield on, _as_asked(entry, state)


def _name_of(catalogue: Catalogue, room_id: int) -> str:
    try:
        return catalogue.known_room(room_id)[1].name
    except LookupError:
        return ""


def _kind(room: RoomInfo, block: Block) -> str:
    if block.closure_id:
        return block.kind
    if block.room_id != room.id:
        return "part"
    if block.kind == "hold":
        return "held"
    if not block.number:
        return "other"
    if block.state == "confirmed" and block.is_due:
        return "unpaid"
    return _OF_STATE.get(block.state, "paid")


def _as_asked(entry: Entry, state: str) -> Entry:
    """Return an entry, without what it is where another state alone is asked for."""
    shown = "kept" if entry.kind in CLOSING else entry.kind
    if not state or shown == state:
        return entry
    return Entry("other", entry.begins, entry.ends, "", "", 0, 0)


def _free(plan: RoomDay, spans: Sequence[tuple[int, int]], now: int) -> tuple[Free, ...]:
    if not plan.slots:
        return ()
    zone, buffer = plan.place.zone, plan.room.buffer_minutes
    first = epoch(plan.on, plan.slots[0].from_minute, zone)
    last = epoch(plan.on, plan.slots[-1].to_minute + buffer, zone)
    if last <= now:
        return ()
    taken = [one for one in spans if one[0] < last and one[1] > first]
    found = []
    for slot in plan.slots:
        starts = epoch(plan.on, slot.from_minute, zone)
        leaves = epoch(plan.on, slot.to_minute + buffer, zone)
        if starts > now and not any(x < leaves and y > starts for x, y in taken):
            found.append(Free(slot.from_minute, slot.to_minute))
    return tuple(found)


@lru_cache(maxsize=65536)
def _place(second: int, zone: ZoneInfo) -> tuple[date, int]:
    """Return the local day and the minute of it at which an instant lies."""
    local = datetime.fromtimestamp(second, zone)
    return local.date(), local.hour * 60 + local.minute


def _clock(entry: Entry) -> tuple[int, int]:
    return entry.begins, entry.ends
