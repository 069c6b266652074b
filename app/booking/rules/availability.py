"""The state of every slot of a room's day, and why a slot can't be had. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.booking.rules.reception import Window
from app.booking.rules.reception import refusal as reception_refusal
from app.facilities.catalogue import RoomInfo
from app.facilities.rules import Slot
from app.kernel.refusals import Refusal
from app.kernel.spans import epoch


class Kind(StrEnum):
    """What a slot is to the person who looks at it."""

    FREE = "free"  # ○
    MINE = "mine"  # 選: in this person's basket
    TAKEN = "taken"  # ×: booked, or somebody is applying for it
    CLOSED = "closed"  # 休: closed or kept for public use
    MAINTENANCE = "maintenance"  # 保
    OUTSIDE = "outside"  # －: not in the reception period
    PAST = "past"  # 済


class Busy(NamedTuple):
    """Floor that is taken, in seconds since 1970, half-open."""

    from_second: int
    to_second: int
    kind: str  # of the occupancy row
    booking_id: int | None = None
    expires_at: datetime | None = None
    room_id: int | None = None  # of a hold: the same floor may be held through another room


@dataclass(frozen=True, slots=True)
class SlotState:
    """One slot with its state and, unless it is free, the reason."""

    slot: Slot
    kind: Kind
    refusal: Refusal | None = None


_BLOCKED = {
    "closure": (Kind.CLOSED, "slot.closed"),
    "public_use": (Kind.CLOSED, "slot.public_use"),
    "event": (Kind.CLOSED, "slot.event"),
    "maintenance": (Kind.MAINTENANCE, "slot.maintenance"),
}
_HAD = frozenset({Kind.FREE, Kind.MINE})
_NEVER = 2**62  # seconds; beyond every date


class Own(NamedTuple):
    """What counts as one's own: this room in this basket."""

    basket_id: int
    room_id: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who looks, when, and what is their own."""

    now: datetime
    own: Own | None
    phone: str


class Timing(NamedTuple):
    """What decides about a slot, in seconds since 1970: grids compare these by the thousand."""

    slot: Slot
    starts: int
    leaves: int  # the end of the clean-up after the use
    opens: int  # from when it can be applied for; NEVER when not online
    closes: int


def timings(
    room: RoomInfo,
    day: date,
    slots: Sequence[Slot],
    windows: Mapping[int, Window | None],
    zone: ZoneInfo,
) -> tuple[Timing, ...]:
    """Return the timing of each slot in order; `windows` by the slot's first minute."""
    found = []
    for slot in slots:
        window = windows.get(slot.from_minute)
        found.append(
            Timing(
                slot,
                epoch(day, slot.from_minute, zone),
                epoch(day, slot.to_minute + room.buffer_minutes, zone),
                int(window.opens_at.timestamp()) if window else _NEVER,
                int(window.closes_at.timestamp()) if window else 0,
            )
        )
    return tuple(found)


def blocks_of(room: RoomInfo, busy: Mapping[int, Sequence[Busy]], now: datetime) -> list[Busy]:
    """Return what takes any piece of a room's floor, in order; holds that ran out take nothing."""
    return sorted(
        (
            block
            for space_id in room.space_ids
            for block in busy.get(space_id, ())
            if block.expires_at is None or block.expires_at > now
        ),
        key=lambda block: block.from_second,
    )


def judged(
    slots: Sequence[Timing], blocks: Sequence[Busy], now: datetime, own: Own | None
) -> list[tuple[Kind, Busy | None]]:
    """Return what each slot is, and what takes it."""
    now_second = int(now.timestamp())
    found: list[tuple[Kind, Busy | None]] = []
    for _, starts, leaves, opens, closes in slots:
        block = _in_the_way(blocks, starts, leaves, own) if blocks else None
        if starts <= now_second:
            found.append((Kind.PAST, None))
        elif block is not None:
            found.append((_taken_as(block, own), block))
        elif opens <= now_second < closes:
            found.append((Kind.FREE, None))
        else:
            found.append((Kind.OUTSIDE, None))
    return found


def slot_states(
    slots: Sequence[Timing],
    blocks: Sequence[Busy],
    windows: Mapping[int, Window | None],
    outlook: Outlook,
) -> list[SlotState]:
    """Return the state of each slot in order, with the reason why it can't be had."""
    found = judged(slots, blocks, outlook.now, outlook.own)
    return [
        SlotState(one.slot, kind, _reason(one.slot, kind, block, windows, outlook))
        for one, (kind, block) in zip(slots, found, strict=True)
    ]


def _in_the_way(blocks: Sequence[Busy], starts: int, leaves: int, own: Own | None) -> Busy | None:
    """Return what takes the slot; somebody else's before one's own."""
    mine = None
    for block in blocks:
        if block.from_second >= leaves:
            break
        if block.to_second <= starts:
            continue
        if own is None or not _is_own(block, own):
            return block
        # Beside one's own use its clean-up is no obstacle: the two become one use.
        if block.from_second <= starts and leaves <= block.to_second:
            mine = block
    return mine


def _is_own(block: Busy, own: Own) -> bool:
    return (block.booking_id, block.room_id) == own


def _taken_as(block: Busy, own: Own | None) -> Kind:
    if own is not None and _is_own(block, own):
        return Kind.MINE
    return _BLOCKED[block.kind][0] if block.kind in _BLOCKED else Kind.TAKEN


def _reason(
    slot: Slot,
    kind: Kind,
    block: Busy | None,
    windows: Mapping[int, Window | None],
    outlook: Outlook,
) -> Refusal | None:
    if kind in _HAD:
        return None
    if kind is Kind.PAST:
        return Refusal("slot.past")
    if block is None:
        window = windows.get(slot.from_minute)
        return reception_refusal(window, now=outlook.now, phone=outlook.phone)
    if block.kind in _BLOCKED:
        return Refusal(_BLOCKED[block.kind][1])
    if outlook.own is not None and block.booking_id == outlook.own.basket_id:
        return Refusal("slot.overlaps_own")
    if block.expires_at is not None:
        return Refusal("slot.held", {"until": block.expires_at})
    return Refusal("slot.taken")


def summary(kinds: Sequence[Kind]) -> str:
    """Return the state of several slots as one: free, partly, or what most of them are.

    The order is what a reader wants to know first: is there anything to be had?
    """
    found = frozenset(kinds)
    if not found:
        return "none"
    if found <= _HAD:
        return "free"
    if found & _HAD:
        return "partly"
    for kind in (Kind.OUTSIDE, Kind.TAKEN, Kind.MAINTENANCE, Kind.CLOSED):
        if kind in found:
            return str(kind)
    return "past"


def next_turn(slots: Sequence[Timing], blocks: Sequence[Busy], now: datetime) -> datetime:
    """Return the first instant after `now` at which a page of these would read differently."""
    second = int(now.timestamp())
    turns = [turn for one in slots for turn in (one.starts, one.opens, one.closes) if turn > second]
    ends = [block.expires_at for block in blocks if block.expires_at and block.expires_at > now]
    soonest = min(turns, default=_NEVER)
    if soonest < _NEVER:
        ends.append(datetime.fromtimestamp(soonest, UTC))
    return min(ends, default=datetime.max.replace(tzinfo=UTC))
