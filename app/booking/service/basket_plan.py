"""What a basket holds by room and day and what it shall hold: whole uses out of single choices."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.booking.models import BookingLine
from app.booking.plan import RoomDay, room_day
from app.booking.rules.runs import Run
from app.facilities.catalogue import Catalogue
from app.facilities.rules import Slot
from app.kernel.refusals import Refusal

HOLD = timedelta(minutes=15)  # floor is kept so long before anybody signs in
RoomOnDay = tuple[int, date]
Use = tuple[RoomOnDay, Run]


@dataclass(frozen=True, slots=True)
class Wish:
    """A room wanted between two minutes of a local day."""

    room_id: int
    on: date
    from_minute: int
    to_minute: int


@dataclass(slots=True)
class Chosen:
    """What came of choosing: the basket, and each wish that could not be had with the reasons."""

    booking_id: int
    refused: dict[Wish, tuple[Refusal, ...]] = field(default_factory=dict)


class Plan:
    """What the basket holds per room and day, and what it shall hold."""

    def __init__(
        self, catalogue: Catalogue, standing: Sequence[BookingLine], stale: Sequence[BookingLine]
    ) -> None:
        self.catalogue = catalogue
        self.stale = stale  # lines whose hold ran out
        self.days: dict[RoomOnDay, RoomDay] = {}
        self.before: dict[RoomOnDay, list[tuple[BookingLine, Run]]] = defaultdict(list)
        self.slots: dict[RoomOnDay, set[Slot]] = defaultdict(set)
        self.wishes: dict[RoomOnDay, list[Wish]] = defaultdict(list)
        for line in standing:
            self._keep(line)

    def _keep(self, line: BookingLine) -> None:
        key = (line.room_id, line.on_date)
        if not self.catalogue.offers(line.room_id):
            return  # taken off the list since: applying says so
        run = self.day(key).run(
            minute_of(line.starts_at, line.on_date, self.catalogue),
            minute_of(line.ends_at, line.on_date, self.catalogue),
        )
        if run is not None:
            self.before[key].append((line, run))
            self.slots[key].update(run.slots)

    def day(self, key: RoomOnDay) -> RoomDay:
        """Return a room's day."""
        if key not in self.days:
            facility, room = self.catalogue.room(key[0])
            self.days[key] = room_day(self.catalogue, facility, room, key[1])
        return self.days[key]

    def add(self, wish: Wish) -> None:
        """Have one more choice in it."""
        key = (wish.room_id, wish.on)
        self.slots[key].update(self.run(wish).slots)
        self.wishes[key].append(wish)

    def leave_out(self, wish: Wish) -> None:
        """Have it without a choice that was just added."""
        key = (wish.room_id, wish.on)
        self.wishes[key] = [other for other in self.wishes[key] if other != wish]
        runs = [self.run(other) for other in self.wishes[key]]
        runs += [before for _, before in self.before[key]]
        self.slots[key] = {slot for run in runs for slot in run.slots}

    def run(self, wish: Wish) -> Run:
        """Return the slots of a choice that is known to fit."""
        run = self.day((wish.room_id, wish.on)).run(wish.from_minute, wish.to_minute)
        assert run is not None
        return run

    def remove(self, wish: Wish) -> None:
        """Have it without anything in these minutes."""
        key = (wish.room_id, wish.on)
        self.slots[key] = {
            slot
            for slot in self.slots[key]
            if slot.to_minute <= wish.from_minute or wish.to_minute <= slot.from_minute
        }

    def changes(self) -> dict[RoomOnDay, list[Run]]:
        """Return the runs of each room and day that differ from what is held."""
        after = {key: self.day(key).runs(list(slots)) for key, slots in self.slots.items()}
        return {
            key: runs
            for key, runs in after.items()
            if [run.slots for run in runs] != [run.slots for _, run in self.before[key]]
        }

    def puts_together(self, key: RoomOnDay) -> bool:
        """Say whether a use is made of more than one wish, or of a wish and what was held."""
        return bool(self.before[key]) or len(self.wishes[key]) > 1

    def spaces(self, keys: Iterable[RoomOnDay]) -> set[int]:
        """Return the floor of these rooms."""
        return {space for key in keys for space in self.day(key).room.space_ids}

    def overlaps_own(self, key: RoomOnDay, run: Run) -> bool:
        """Say whether the basket itself holds floor of this use through another room."""
        spaces = set(self.day(key).room.space_ids)
        return any(
            other != key
            and other[1] == key[1]
            and spaces.intersection(self.day(other).room.space_ids)
            and any(s.from_minute < run.to_minute and run.from_minute < s.to_minute for s in slots)
            for other, slots in self.slots.items()
        )

    def rooms_on(self, on: date) -> set[int]:
        """Return the rooms of which anything is in it on a day."""
        return {key[0] for key, slots in self.slots.items() if key[1] == on and slots}


def minute_of(instant: datetime, on: date, catalogue: Catalogue) -> int:
    """Return the minute of the local day `on` at which an instant lies; 1440 for its end."""
    local = instant.astimezone(catalogue.zone)
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute
