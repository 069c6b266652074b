"""What can be seen of availability: a hall's day, its week, its month, and what is near instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.booking.plan import Facts, RoomDay, room_day, room_days
from app.booking.queries import busy
from app.booking.rules.availability import (
    Busy,
    Kind,
    Outlook,
    Own,
    SlotState,
    Timing,
    blocks_of,
    judged,
    next_turn,
    slot_states,
    summary,
)
from app.booking.rules.days import Place
from app.booking.rules.reception import view_only
from app.booking.service.waivers import Monthly
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.facilities.rules import Day, day_of
from app.identity.entitlements import Entitled
from app.kernel.refusals import Refusal
from app.kernel.spans import Span, instant

BusyBySpace = Mapping[int, Sequence[Busy]]


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: when, for which applicant class, holding which basket."""

    now: datetime
    applicant_class: str
    basket_id: int | None = None
    entitlements: tuple[Entitled, ...] = ()
    monthly: Monthly | None = field(default=None, compare=False)  # None: nobody is signed in

    def facts(self, plan: RoomDay) -> Facts:
        """Return what is known of a fee before anything was said."""
        today = self.today(plan.place.zone)
        tariff = plan.tariff(today).document
        if not tariff.waivers:
            return Facts(self.applicant_class, requested_on=today)
        hall = plan.place.facility.id
        rights = frozenset(one.waiver for one in self.entitlements if one.holds(hall, plan.on))
        spent = self.monthly.spent(tariff, plan.on) if self.monthly else frozenset()
        return Facts(self.applicant_class, requested_on=today, waivers=rights, spent=spent)

    def today(self, zone: ZoneInfo) -> date:
        """Return the day on which they look."""
        return self.now.astimezone(zone).date()

    def own(self, room: RoomInfo) -> Own | None:
        """Return what counts as their own of a room."""
        return Own(self.basket_id, room.id) if self.basket_id is not None else None


@dataclass(frozen=True, slots=True)
class RoomOnDay:
    """A room's day with the state and the fee of each slot."""

    facility: FacilityInfo
    room: RoomInfo
    plan: RoomDay
    states: list[SlotState]
    prices: Mapping[str, int | None]  # by slot id; None: ask the hall
    valid_until: datetime  # until when this reads the same if nobody books

    @property
    def slots_cost(self) -> list[int]:
        """Return the fees that are known, of every slot."""
        return [yen for yen in self.prices.values() if yen is not None]


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of a day (午前…) of one room as one state."""

    part: str  # id
    state: str  # free, partly, mine, taken, outside, closed, maintenance, past, none


@dataclass(frozen=True, slots=True)
class RoomWeek:
    """A room's week: for each day its parts."""

    room: RoomInfo
    days: list[tuple[PartState, ...]]


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
    valid_until: datetime


def facility_day(
    session: Session,
    catalogue: Catalogue,
    rooms: Sequence[tuple[FacilityInfo, RoomInfo]],
    on: date,
    looker: Looker,
) -> list[RoomOnDay]:
    """Return these rooms' day in the given order; one query however many rooms there are."""
    return rooms_on_days(session, catalogue, [(hall, room, on) for hall, room in rooms], looker)


def rooms_on_days(
    session: Session,
    catalogue: Catalogue,
    wanted: Sequence[tuple[FacilityInfo, RoomInfo, date]],
    looker: Looker,
) -> list[RoomOnDay]:
    """Return each of these rooms on its day, in the given order; one query for all."""
    if not wanted:
        return []
    days = [on for _, _, on in wanted]
    taken = busy_between(session, catalogue, [room for _, room, _ in wanted], min(days), max(days))
    return [_room_on_day(catalogue, hall, room, on, taken, looker) for hall, room, on in wanted]


def week(
    session: Session,
    catalogue: Catalogue,
    facility: FacilityInfo,
    first: date,
    looker: Looker,
) -> Week:
    """Return seven days of all rooms of a hall, each day in the municipality's parts."""
    days = [first + timedelta(days=n) for n in range(7)]
    taken = busy_between(session, catalogue, facility.rooms, days[0], days[-1])
    eye = eye_on(catalogue, facility, looker)
    found, turns = [], []
    for room in facility.rooms:
        blocks = blocks_of(room, taken, looker.now)
        plans = room_days(catalogue, facility, room, days)
        found.append(RoomWeek(room, [_parts(plan, eye.kinds(plan, blocks)) for plan in plans]))
        turns.append(eye.next_turn(plans, blocks))
    heads = [hall_day(catalogue, facility, on) for on in days]
    return Week(facility, heads, found, min(turns, default=eye.midnight))


def month(
    session: Session,
    catalogue: Catalogue,
    facility: FacilityInfo,
    days: Sequence[date],
    looker: Looker,
) -> list[MonthDay]:
    """Return for each of these days how much of the hall is free."""
    taken = busy_between(session, catalogue, facility.rooms, days[0], days[-1])
    blocks = {room.id: blocks_of(room, taken, looker.now) for room in facility.rooms}
    eye = eye_on(catalogue, facility, looker)
    found = []
    for on in days:
        plans = [room_day(catalogue, facility, room, on) for room in facility.rooms]
        kinds = [eye.kinds(plan, blocks[plan.room.id]) for plan in plans]
        turns = [eye.next_turn([plan], blocks[plan.room.id]) for plan in plans]
        found.append(
            MonthDay(
                hall_day(catalogue, facility, on),
                summary([kind for some in kinds for kind in some]),
                sum(Kind.FREE in some for some in kinds),
                min(turns, default=eye.midnight),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Eye:
    """A looker before one hall; whether its web is at rest today is found out once."""

    looker: Looker
    rests: Refusal | None  # today one can only look
    midnight: datetime  # what is shown of "today" changes then

    def kinds(self, plan: RoomDay, blocks: Sequence[Busy]) -> list[Kind]:
        """Return what each slot of a room's day is, without the reasons."""
        timed = plan.timings(self.looker.applicant_class)
        here = _on(timed, blocks)
        found = judged(timed, here, self.looker.now, self.looker.own(plan.room))
        kinds = [kind for kind, _ in found]
        return [Kind.OUTSIDE if k is Kind.FREE else k for k in kinds] if self.rests else kinds

    def states(self, plan: RoomDay, blocks: Sequence[Busy]) -> list[SlotState]:
        """Return what each slot of a room's day is, and why it can't be had."""
        who = self.looker.applicant_class
        outlook = Outlook(self.looker.now, self.looker.own(plan.room), plan.place.facility.phone)
        states = slot_states(plan.timings(who), blocks, plan.windows(who), outlook)
        if self.rests is None:
            return states
        return [
            SlotState(one.slot, Kind.OUTSIDE, self.rests) if one.kind is Kind.FREE else one
            for one in states
        ]

    def next_turn(self, plans: Sequence[RoomDay], blocks: Sequence[Busy]) -> datetime:
        """Return until when these days of a room read the same if nobody books."""
        slots = [slot for plan in plans for slot in plan.timings(self.looker.applicant_class)]
        return min(next_turn(slots, blocks, self.looker.now), self.midnight)


def eye_on(catalogue: Catalogue, facility: FacilityInfo, looker: Looker) -> Eye:
    """Return a looker before a hall."""
    tomorrow = looker.now.astimezone(catalogue.zone).date() + timedelta(days=1)
    rests = view_only(Place(catalogue, facility), looker.now)
    return Eye(looker, rests, instant(tomorrow, 0, catalogue.zone))


def busy_between(
    session: Session, catalogue: Catalogue, rooms: Sequence[RoomInfo], first: date, last: date
) -> dict[int, list[Busy]]:
    """Return what takes the floor of these rooms from the first day to the last; one query."""
    spaces = {space for room in rooms for space in room.space_ids}
    begins = instant(first, 0, catalogue.zone)
    # Clean-up time may reach into the next day.
    ends = instant(last + timedelta(days=1), 12 * 60, catalogue.zone)
    return busy(session, spaces, Span(begins, ends))


def _room_on_day(
    catalogue: Catalogue,
    facility: FacilityInfo,
    room: RoomInfo,
    on: date,
    taken: BusyBySpace,
    looker: Looker,
) -> RoomOnDay:
    plan = room_day(catalogue, facility, room, on)
    blocks = blocks_of(room, taken, looker.now)
    eye = eye_on(catalogue, facility, looker)
    return RoomOnDay(
        facility,
        room,
        plan,
        eye.states(plan, blocks),
        plan.prices(looker.facts(plan)),
        eye.next_turn([plan], blocks),
    )


def _parts(plan: RoomDay, kinds: Sequence[Kind]) -> tuple[PartState, ...]:
    if not plan.day.is_open:
        return tuple(PartState(part, "closed") for part, _, _ in plan.parts)
    return _parts_of(plan.parts, tuple(kinds))


@lru_cache(maxsize=4096)  # a hall's days mostly read alike, and a week has hundreds of parts
def _parts_of(
    parts: tuple[tuple[str, int, int], ...], kinds: tuple[Kind, ...]
) -> tuple[PartState, ...]:
    return tuple(
        PartState(part, "mine" if Kind.MINE in kinds[begin:end] else summary(kinds[begin:end]))
        for part, begin, end in parts
    )


def _on(timed: Sequence[Timing], blocks: Sequence[Busy]) -> list[Busy]:
    """Return the blocks of the day that these slots make."""
    if not timed:
        return []
    begins, ends = timed[0].starts, timed[-1].leaves
    return [one for one in blocks if one.from_second < ends and begins < one.to_second]


def hall_day(catalogue: Catalogue, facility: FacilityInfo, on: date) -> Day:
    """Return whether a hall is open on a day, and why not."""
    return day_of(facility.calendar_on(on), on, catalogue.holidays_on(on))
