"""The state of every slot of a room's day, and why a slot can't be had. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
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


@dataclass(frozen=True, slots=True)
class Busy:
    """Floor that is taken, in seconds since 1970, half-open."""

    from_second: int
    to_second: int
    kind: str  # of the occupancy row
    booking_id: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SlotState:
    """One slot with its state and, unless it is free, the reason."""

    slot: Slot
    kind: Kind
    refusal: Refusal | None = None


_BLOCKED = {
    "closure": (Kind.CLOSED, "slot.closed"),
    "public_use": (Kind.CLOSED, "slot.public_use"),
    "maintenance": (Kind.MAINTENANCE, "slot.maintenance"),
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who looks, when, and at which basket."""

    now: datetime
    basket_id: int | None
    phone: str


def slot_states(
    room: RoomInfo,
    day: date,
    slots: Sequence[Slot],
    *,
    busy: Mapping[int, Sequence[Busy]],
    windows: Mapping[int, Window | None],
    outlook: Outlook,
    zone: ZoneInfo,
) -> list[SlotState]:
    """Return the state of each slot in order.

    `busy` is by space; `windows` by the slot's first minute. A room is free only when every
    space of it is, clean-up time after the use included.
    """
    now_second = int(outlook.now.timestamp())
    blocks = sorted(
        (block for space_id in room.space_ids for block in busy.get(space_id, ())),
        key=lambda block: block.from_second,
    )
    found = []
    for slot in slots:
        starts = epoch(day, slot.from_minute, zone)
        ends = epoch(day, slot.to_minute + room.buffer_minutes, zone)
        block = _worst(blocks, starts, ends, now_second, outlook.basket_id)
        found.append(
            _state(slot, starts, block, windows.get(slot.from_minute), outlook, now_second)
        )
    return found


def _worst(
    blocks: Sequence[Busy], starts: int, ends: int, now_second: int, basket_id: int | None
) -> Busy | None:
    """Return what takes the slot; somebody else's before one's own."""
    own = None
    for block in blocks:
        if block.from_second >= ends:
            break
        if block.to_second <= starts:
            continue
        if block.expires_at is not None and block.expires_at.timestamp() <= now_second:
            continue
        if basket_id is not None and block.booking_id == basket_id:
            own = block
        else:
            return block
    return own


def _state(
    slot: Slot, starts: int, block: Busy | None, found: Window | None, outlook: Outlook, now: int
) -> SlotState:
    if starts <= now:
        return SlotState(slot, Kind.PAST, Refusal("slot.past"))
    if block is not None:
        if outlook.basket_id is not None and block.booking_id == outlook.basket_id:
            return SlotState(slot, Kind.MINE)
        if block.kind in _BLOCKED:
            kind, code = _BLOCKED[block.kind]
            return SlotState(slot, kind, Refusal(code))
        if block.expires_at is not None:
            return SlotState(slot, Kind.TAKEN, Refusal("slot.held", {"until": block.expires_at}))
        return SlotState(slot, Kind.TAKEN, Refusal("slot.taken"))
    refused = reception_refusal(found, now=outlook.now, phone=outlook.phone)
    if refused:
        return SlotState(slot, Kind.OUTSIDE, refused)
    return SlotState(slot, Kind.FREE)


def summary(kinds: Sequence[Kind]) -> str:
    """Return the state of several slots as one: free, partly, or what most of them are.

    The order is what a reader wants to know first: is there anything to be had?
    """
    if not kinds:
        return "none"
    free = sum(kind in (Kind.FREE, Kind.MINE) for kind in kinds)
    if free == len(kinds):
        return "free"
    if free:
        return "partly"
    for kind in (Kind.OUTSIDE, Kind.TAKEN, Kind.MAINTENANCE, Kind.CLOSED):
        if kind in kinds:
            return str(kind)
    return "past"


def next_turn(windows: Sequence[Window | None], holds: Sequence[Busy], now: datetime) -> datetime:
    """Return the first instant after `now` at which a page of these would read differently."""
    instants = [hold.expires_at for hold in holds if hold.expires_at]
    for one in windows:
        if one is not None:
            instants += [one.opens_at, one.closes_at]
    later = [instant for instant in instants if instant > now]
    return min(later, default=datetime.max.replace(tzinfo=UTC))
