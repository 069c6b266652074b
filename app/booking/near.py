"""What is near a use that can't be had: another time, another room, another day, another hall."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.booking.looking import Looker, RoomOnDay, facility_day, rooms_on_days
from app.booking.rules.availability import Kind, SlotState
from app.booking.rules.runs import Run
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.fees.rules import Quote

EACH = 3  # of each kind of alternative: more would be a list to search again
BACK, AHEAD = timedelta(days=7), timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A use that somebody asked for, and what it is for as far as they said."""

    facility: FacilityInfo
    room: RoomInfo
    on: date
    from_minute: int
    to_minute: int
    purpose: str | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A use that could be had instead."""

    facility: FacilityInfo
    room: RoomInfo
    on: date
    run: Run
    yen: int | None  # None: ask the hall


@dataclass(frozen=True, slots=True)
class Near:
    """What could be had instead, the nearest first."""

    same_room: list[Offer] = field(default_factory=list)
    same_time: list[Offer] = field(default_factory=list)
    other_days: list[Offer] = field(default_factory=list)
    other_halls: list[Offer] = field(default_factory=list)

    @property
    def all(self) -> list[Offer]:
        """Return every offer, in the order in which people would take them."""
        return [*self.same_room, *self.same_time, *self.other_days, *self.other_halls]


def nearest(session: Session, catalogue: Catalogue, wanted: Wanted, looker: Looker) -> Near:
    """Return what is free and near a wanted use; two queries however much there is."""
    rooms = [(hall, room) for hall in catalogue.facilities for room in hall.rooms]
    that_day = facility_day(session, catalogue, rooms, wanted.on, looker)
    first = max(wanted.on - BACK, looker.now.astimezone(catalogue.zone).date())
    days = [first + timedelta(days=n) for n in range((wanted.on + AHEAD - first).days + 1)]
    wanted_days = [(wanted.facility, wanted.room, on) for on in days if on != wanted.on]
    around = rooms_on_days(session, catalogue, wanted_days, looker)
    here = [one for one in that_day if one.room.id == wanted.room.id]
    others = [one for one in that_day if one.room.id != wanted.room.id and _suits(one, wanted)]
    others.sort(key=lambda one: _unlikeness(one, wanted))
    around.sort(key=lambda one: abs((one.plan.on - wanted.on).days))
    return Near(
        same_room=_moved(here[0], wanted, looker) if here else [],
        same_time=_then((o for o in others if o.facility is wanted.facility), wanted, looker),
        other_days=_then(around, wanted, looker),
        other_halls=_then((o for o in others if o.facility is not wanted.facility), wanted, looker),
    )


def covering(states: Sequence[SlotState], from_minute: int, to_minute: int) -> list[SlotState]:
    """Return the slots that a wanted stretch of the day lies in."""
    return [
        one
        for one in states
        if one.slot.from_minute < to_minute and from_minute < one.slot.to_minute
    ]


def _suits(other: RoomOnDay, wanted: Wanted) -> bool:
    """Say whether another room would do: for what was said, or as much room as was asked for."""
    if not other.room.suits(wanted.purpose, wanted.people):
        return False
    if wanted.purpose or not wanted.room.purposes or not other.room.purposes:
        return True
    return bool(set(wanted.room.purposes) & set(other.room.purposes))


def _unlikeness(other: RoomOnDay, wanted: Wanted) -> tuple[bool, int]:
    """Return how unlike a room is: large enough before too small, near in size before far."""
    asked = wanted.people or wanted.room.capacity or 0
    holds = other.room.capacity if other.room.capacity is not None else asked
    return holds < asked, abs(holds - asked)


def _then(days: Iterable[RoomOnDay], wanted: Wanted, looker: Looker) -> list[Offer]:
    """Return the first few of these rooms' days on which the wanted time can be had."""
    found = []
    for one in days:
        states = covering(one.states, wanted.from_minute, wanted.to_minute)
        offer = _offer(one, states, looker)
        if offer and offer.run.to_minute >= wanted.to_minute:
            found.append(offer)
        if len(found) == EACH:
            break
    return found


def _moved(day: RoomOnDay, wanted: Wanted, looker: Looker) -> list[Offer]:
    """Return the same length at other times of the day, the nearest first, none twice."""
    length = len(covering(day.states, wanted.from_minute, wanted.to_minute)) or 1
    stretches = [day.states[n : n + length] for n in range(len(day.states) - length + 1)]
    stretches.sort(key=lambda some: abs(some[0].slot.from_minute - wanted.from_minute))
    found: list[Offer] = []
    for states in stretches:
        offer = _offer(day, states, looker)
        if offer and not any(_overlap(offer.run, other.run) for other in found):
            found.append(offer)
    return found[:EACH]


def _overlap(one: Run, other: Run) -> bool:
    return one.from_minute < other.to_minute and other.from_minute < one.to_minute


def _offer(one: RoomOnDay, states: Sequence[SlotState], looker: Looker) -> Offer | None:
    if not states or any(state.kind is not Kind.FREE for state in states):
        return None
    run = one.plan.run(states[0].slot.from_minute, states[-1].slot.to_minute)
    if run is None:
        return None
    fee = one.plan.quote(run, looker.facts(one.plan))
    yen = fee.total_yen if isinstance(fee, Quote) else None
    return Offer(one.facility, one.room, one.plan.on, run, yen)
