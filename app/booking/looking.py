"""What can be seen of availability: a hall's day, its week, its month, and what is near instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.booking.plan import Facts, RoomDay, room_day
from app.booking.queries import busy
from app.booking.rules.availability import (
    Busy,
    Kind,
    Outlook,
    SlotState,
    next_turn,
    slot_states,
    summary,
)
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.facilities.rules import Day, day_of
from app.kernel.spans import Span, instant

BusyBySpace = Mapping[int, Sequence[Busy]]


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: when, for which applicant class, holding which basket."""

    now: datetime
    applicant_class: str
    basket_id: int | None = None


@dataclass(frozen=True, slots=True)
class RoomOnDay:
    """A room's day with the state and the fee of each slot."""

    facility: FacilityInfo
    room: RoomInfo
    plan: RoomDay
    states: list[SlotState]
    prices: Mapping[str, int | None]  # by slot id; None: ask the hall


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of a day (午前…) of one room as one state."""

    part: str  # id
    state: str  # free, partly, taken, outside, closed, maintenance, past, none


@dataclass(frozen=True, slots=True)
class RoomWeek:
    """A room's week: for each day its parts."""

    room: RoomInfo
    days: list[list[PartState]]


@dataclass(frozen=True, slots=True)
class Week:
    """A hall's week, and until when this reads the same if nobody books."""

    facility: FacilityInfo
    days: list[Day]
    rooms: list[RoomWeek]
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One day of a hall's month: how many of its rooms have something free."""

    day: Day
    state: str
    free_rooms: int


def facility_day(
    session: Session,
    catalogue: Catalogue,
    rooms: Sequence[tuple[FacilityInfo, RoomInfo]],
    on: date,
    looker: Looker,
) -> list[RoomOnDay]:
    """Return these rooms' day in the given order; one query however many rooms there are."""
    taken = _busy(session, catalogue, [room for _, room in rooms], on, on)
    return [_room_on_day(catalogue, facility, room, on, taken, looker) for facility, room in rooms]


def week(
    session: Session,
    catalogue: Catalogue,
    facility: FacilityInfo,
    first: date,
    looker: Looker,
) -> Week:
    """Return seven days of all rooms of a hall, each day in the municipality's parts."""
    days = [first + timedelta(days=n) for n in range(7)]
    taken = _busy(session, catalogue, facility.rooms, days[0], days[-1])
    found, windows = [], []
    for room in facility.rooms:
        parts = []
        for on in days:
            plan = room_day(catalogue, facility, room, on)
            windows += list(plan.windows(looker.applicant_class).values())
            parts.append(_parts(plan, _states(plan, taken, looker), catalogue))
        found.append(RoomWeek(room, parts))
    holds = [one for some in taken.values() for one in some if one.expires_at]
    return Week(
        facility,
        [_day(catalogue, facility, on) for on in days],
        found,
        min(next_turn(windows, holds, looker.now), _next_hour(looker.now)),
    )


def month(
    session: Session,
    catalogue: Catalogue,
    facility: FacilityInfo,
    days: Sequence[date],
    looker: Looker,
) -> list[MonthDay]:
    """Return for each of these days how much of the hall is free."""
    taken = _busy(session, catalogue, facility.rooms, days[0], days[-1])
    found = []
    for on in days:
        kinds: list[Kind] = []
        free = 0
        for room in facility.rooms:
            states = _states(room_day(catalogue, facility, room, on), taken, looker)
            free += any(state.kind is Kind.FREE for state in states)
            kinds += [state.kind for state in states]
        found.append(MonthDay(_day(catalogue, facility, on), summary(kinds), free))
    return found


def _room_on_day(
    catalogue: Catalogue,
    facility: FacilityInfo,
    room: RoomInfo,
    on: date,
    taken: BusyBySpace,
    looker: Looker,
) -> RoomOnDay:
    plan = room_day(catalogue, facility, room, on)
    prices = plan.prices(Facts(looker.applicant_class))
    return RoomOnDay(facility, room, plan, _states(plan, taken, looker), prices)


def _states(plan: RoomDay, taken: BusyBySpace, looker: Looker) -> list[SlotState]:
    return slot_states(
        plan.room,
        plan.on,
        plan.slots,
        busy=taken,
        windows=plan.windows(looker.applicant_class),
        outlook=Outlook(looker.now, looker.basket_id, plan.place.facility.phone),
        zone=plan.place.zone,
    )


def _parts(plan: RoomDay, states: Sequence[SlotState], catalogue: Catalogue) -> list[PartState]:
    found = []
    for part in catalogue.policy_on(plan.on).parts_of_day:
        kinds = [s.kind for s in states if part.from_ <= s.slot.from_minute < part.to]
        state = summary(kinds) if plan.day.is_open else "closed"
        found.append(PartState(part.id, state))
    return found


def _day(catalogue: Catalogue, facility: FacilityInfo, on: date) -> Day:
    return day_of(facility.calendar_on(on), on, catalogue.holidays_on(on))


def _busy(
    session: Session, catalogue: Catalogue, rooms: Sequence[RoomInfo], first: date, last: date
) -> dict[int, list[Busy]]:
    spaces = {space for room in rooms for space in room.space_ids}
    begins = instant(first, 0, catalogue.zone)
    # Clean-up time may reach into the next day.
    ends = instant(last + timedelta(days=1), 12 * 60, catalogue.zone)
    return busy(session, spaces, Span(begins, ends))


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
