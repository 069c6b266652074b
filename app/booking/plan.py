"""A room's day as rules see it: its slots, reception windows and fee, from the catalogue alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from app.booking.policy import Terms
from app.booking.rules.availability import Timing, timings
from app.booking.rules.days import Place
from app.booking.rules.reception import Window, window
from app.booking.rules.runs import Division, Run, runs_of, slots_between
from app.booking.terms import terms_on
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo, Version, typed
from app.facilities.holidays import is_holiday
from app.facilities.policy import PeriodDivision
from app.facilities.rules import Day, Slot, day_of, slots_of
from app.fees.policy import Tariff
from app.fees.queries import tariff_on
from app.fees.rules import Quote, Undetermined, Use, quote
from app.kernel.spans import Span, instant


@dataclass(frozen=True, slots=True)
class Facts:
    """What a fee may depend on beyond the room and the time; pairs are (id, how many)."""

    applicant_class: str
    admission_yen: int = 0
    is_for_profit: bool = False
    purpose: str = ""
    attributes: frozenset[str] = frozenset()
    extras: tuple[tuple[str, int], ...] = ()
    people: tuple[tuple[str, int], ...] = ()
    everybody: int = 0
    items: int = 1
    overtime_minutes: int = 0
    waivers: frozenset[str] = frozenset()
    spent: frozenset[str] = frozenset()
    settled: tuple[tuple[str, str], ...] = ()
    requested_on: date | None = None

    def with_(self, **changes: Any) -> "Facts":
        """Return the facts with some of them changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class RoomDay:
    """One room on one day, under the rules in force on it."""

    place: Place
    room: RoomInfo
    on: date
    day: Day
    slots: tuple[Slot, ...]
    division: Division
    terms: Version[Terms]
    is_free_day: bool  # Saturday, Sunday or holiday
    is_holiday: bool
    parts: tuple[tuple[str, int, int], ...]  # 午前…: its id, and which slots begin in it
    _windows: dict[str, dict[int, Window | None]] = field(default_factory=dict, compare=False)
    _prices: dict[Facts, dict[str, int | None]] = field(default_factory=dict, compare=False)
    _timings: dict[str, tuple[Timing, ...]] = field(default_factory=dict, compare=False)

    def run(self, from_minute: int, to_minute: int) -> Run | None:
        """Return the run between two minutes of the day, or None when no slots fill it."""
        slots = slots_between(self.slots, from_minute, to_minute)
        runs = runs_of(slots, self.division)
        return runs[0] if len(runs) == 1 else None

    def runs(self, slots: Sequence[Slot]) -> list[Run]:
        """Return slots of this day as the uses that they make."""
        return runs_of(slots, self.division)

    def span(self, run: Run) -> Span:
        """Return when a run begins and ends."""
        zone = self.place.zone
        return Span(instant(self.on, run.from_minute, zone), instant(self.on, run.to_minute, zone))

    def floor(self, run: Run) -> Span:
        """Return how long a run takes the floor: the use and the clean-up after it."""
        zone = self.place.zone
        until = instant(self.on, run.to_minute + self.room.buffer_minutes, zone)
        return Span(instant(self.on, run.from_minute, zone), until)

    def window(
        self, from_minute: int, applicant_class: str, beside: Collection[str] = ()
    ) -> Window | None:
        """Return when a use that starts at this minute can be applied for."""
        return window(
            self.terms.document,
            self.place,
            room=self.room.slug,
            applicant_class=applicant_class,
            day=self.on,
            starts_at=instant(self.on, from_minute, self.place.zone),
            beside=beside,
        )

    def windows(self, applicant_class: str) -> dict[int, Window | None]:
        """Return the reception window of every slot by its first minute, worked out once."""
        if applicant_class not in self._windows:
            self._windows[applicant_class] = {
                slot.from_minute: self.window(slot.from_minute, applicant_class)
                for slot in self.slots
            }
        return self._windows[applicant_class]

    def timings(self, applicant_class: str) -> tuple[Timing, ...]:
        """Return the timing of every slot in seconds, worked out once."""
        if applicant_class not in self._timings:
            windows = self.windows(applicant_class)
            self._timings[applicant_class] = timings(
                self.room, self.on, self.slots, windows, self.place.zone
            )
        return self._timings[applicant_class]

    def prices(self, facts: Facts) -> dict[str, int | None]:
        """Return the fee of every single slot by its id; None where the rule leaves it open."""
        if facts not in self._prices:
            found = {slot.id: self.quote(Run((slot,)), facts) for slot in self.slots}
            self._prices[facts] = {
                slot_id: one.total_yen if isinstance(one, Quote) else None
                for slot_id, one in found.items()
            }
        return self._prices[facts]

    def tariff(
        self, requested_on: date | None = None, *, version_id: int | None = None
    ) -> Version[Tariff]:
        """Return the tariff for a use of this day that was requested on a day.

        Or the one of `version_id`: a booking keeps the tariff it was made under.
        """
        for version in self.place.facility.documents["fees"] if version_id else ():
            if version.id == version_id:
                return typed(version, Tariff)
        return tariff_on(self.place.facility, self.on, requested_on=requested_on)

    def quote(
        self, run: Run, facts: Facts, *, version_id: int | None = None
    ) -> Quote | Undetermined:
        """Return the fee of a run, or which rule leaves it open.

        By the tariff of the day, or by the one of `version_id`: a booking keeps its own.
        """
        named = isinstance(self.division, PeriodDivision)
        gap_yen = self.division.gap.yen if isinstance(self.division, PeriodDivision) else 0
        return quote(
            self.tariff(facts.requested_on, version_id=version_id).document,
            Use(
                room=self.room.slug,
                minutes=run.slot_minutes,
                periods=tuple((s.id, s.name) for s in run.slots) if named else (),
                gaps=run.gaps,
                gap_yen=gap_yen,
                is_weekend_or_holiday=self.is_free_day,
                on=self.on,
                is_holiday=self.is_holiday,
                from_minute=run.from_minute,
                to_minute=run.to_minute,
                applicant_class=facts.applicant_class,
                admission_yen=facts.admission_yen,
                is_for_profit=facts.is_for_profit,
                purpose=facts.purpose,
                attributes=facts.attributes,
                extras=facts.extras,
                people=facts.people,
                everybody=facts.everybody,
                items=facts.items,
                overtime_minutes=facts.overtime_minutes,
                waivers=facts.waivers,
                spent=facts.spent,
                settled=facts.settled,
            ),
        )


def room_day(catalogue: Catalogue, facility: FacilityInfo, room: RoomInfo, on: date) -> RoomDay:
    """Return a room's day; the same catalogue gives the same one without working it out again."""
    return _room_day(_Key(catalogue, facility, room), on)


def room_days(
    catalogue: Catalogue, facility: FacilityInfo, room: RoomInfo, days: Sequence[date]
) -> list[RoomDay]:
    """Return several days of a room."""
    key = _Key(catalogue, facility, room)
    return [_room_day(key, on) for on in days]


class _Key:
    """A room in a catalogue as a cache key; a catalogue is a value that never changes."""

    def __init__(self, catalogue: Catalogue, facility: FacilityInfo, room: RoomInfo) -> None:
        self.catalogue = catalogue
        self.facility = facility
        self.room = room
        self._hash = hash((id(catalogue), room.id))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and other.catalogue is self.catalogue
            and other.room.id == self.room.id
        )


@lru_cache(maxsize=20_000)
def _room_day(key: _Key, on: date) -> RoomDay:
    facility, catalogue = key.facility, key.catalogue
    calendar = facility.calendar_on(on)
    local = catalogue.holidays_on(on)
    day = day_of(calendar, on, local)
    slots = slots_of(calendar, key.room.slug, day)
    return RoomDay(
        place=Place(catalogue, facility),
        room=key.room,
        on=on,
        day=day,
        slots=slots,
        division=calendar.division(key.room.slug),
        terms=terms_on(facility, on),
        is_free_day=on.weekday() >= 5 or is_holiday(on, local),
        is_holiday=is_holiday(on, local),
        parts=tuple(
            (
                part.id,
                sum(slot.from_minute < part.from_ for slot in slots),
                sum(slot.from_minute < part.to for slot in slots),
            )
            for part in catalogue.policy_on(on).parts_of_day
        ),
    )
