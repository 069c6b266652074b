"""Everything slow-moving of a municipality as values: facilities, rooms, rules, policies.

Loaded once per process and revision; a page needs no query for it. Rows never leave `queries`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from app.facilities.policy import FacilityCalendar
from app.tenants.policy import Document, LocalHolidays, MunicipalityPolicy

Content = TypeVar("Content")
Model = TypeVar("Model", bound=Document)


@dataclass(frozen=True, slots=True)
class Version(Generic[Content]):
    """A rule document with the day it holds from; ids are never used again."""

    id: int
    effective_from: date
    document: Content


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """What people book: a named set of spaces."""

    id: int
    facility_id: int
    slug: str
    name: str
    kana: str
    capacity: int | None
    min_people: int
    purposes: tuple[str, ...]
    description: str
    buffer_minutes: int
    space_ids: tuple[int, ...]  # sorted: the one order in which floor is taken

    def suits(self, purpose: str | None, people: int | None) -> bool:
        """Say whether the room is meant for a purpose and holds so many people."""
        if purpose and self.purposes and purpose not in self.purposes:
            return False
        return people is None or self.capacity is None or people <= self.capacity


@dataclass(frozen=True, slots=True)
class FacilityInfo:
    """A facility with its rooms and every version of its rules."""

    id: int
    slug: str
    name: str
    kana: str
    kind: str
    address: str
    phone: str
    access: str
    description: str
    is_demonstration: bool
    rooms: tuple[RoomInfo, ...]
    calendars: tuple[Version[FacilityCalendar], ...]
    documents: dict[str, tuple[Version[dict[str, Any]], ...]]  # "terms" and "fees", unread

    def calendar_on(self, day: date) -> FacilityCalendar:
        """Return the calendar in force on `day`; raises LookupError before the first."""
        return in_force(self.calendars, day).document

    def named(self, room_ids: Collection[int]) -> set[str]:
        """Return the slugs of those of these rooms that are this facility's."""
        return {room.slug for room in self.rooms if room.id in room_ids}

    def room_named(self, slug: str) -> RoomInfo | None:
        """Return the room with this slug."""
        return next((room for room in self.rooms if room.slug == slug), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A municipality's facilities and policies at one revision."""

    tenant_id: int
    revision: int
    zone: ZoneInfo
    facilities: tuple[FacilityInfo, ...]
    policies: tuple[Version[MunicipalityPolicy], ...]
    former: tuple[FacilityInfo, ...] = ()  # with the rooms that are no longer offered

    def policy_on(self, day: date) -> MunicipalityPolicy:
        """Return the municipality's policy in force on `day`."""
        return in_force(self.policies, day).document

    def holidays_on(self, day: date) -> LocalHolidays:
        """Return the local holidays in force on `day`."""
        return self.policy_on(day).holidays

    def facility_named(self, slug: str) -> FacilityInfo | None:
        """Return the facility with this slug."""
        return next((one for one in self.facilities if one.slug == slug), None)

    def facility(self, facility_id: int) -> FacilityInfo:
        """Return a facility, also one no longer offered; raises LookupError for another's."""
        for one in (*self.facilities, *self.former):
            if one.id == facility_id:
                return one
        raise LookupError(f"no facility {facility_id}")

    def room(self, room_id: int) -> tuple[FacilityInfo, RoomInfo]:
        """Return a room that is offered and its facility; raises LookupError for any other."""
        return _room_of(self.facilities, room_id)

    def offers(self, room_id: int) -> bool:
        """Say whether a room can be chosen, as far as it is on the list."""
        return any(room.id == room_id for one in self.facilities for room in one.rooms)

    def known_room(self, room_id: int) -> tuple[FacilityInfo, RoomInfo]:
        """Return a room, also one no longer offered; raises LookupError for another's."""
        return _room_of((*self.facilities, *self.former), room_id)


def _room_of(facilities: Sequence[FacilityInfo], room_id: int) -> tuple[FacilityInfo, RoomInfo]:
    for one in facilities:
        for room in one.rooms:
            if room.id == room_id:
                return one, room
    raise LookupError(f"no room {room_id}")


def in_force(versions: Sequence[Version[Content]], day: date) -> Version[Content]:
    """Return the last published version whose effective date is not after `day`.

    Before the first effective date the first version holds, so that an old day can be shown.
    Raises LookupError when there is none at all.
    """
    if not versions:
        raise LookupError("no version was published")
    held = [version for version in versions if version.effective_from <= day]
    return held[-1] if held else versions[0]


def typed(version: Version[dict[str, Any]], model: type[Model]) -> Version[Model]:
    """Return a version with its document read as `model`; each is read once per process."""
    return Version(version.id, version.effective_from, _read(_Key(version), model))


class _Key:
    """A version as a cache key: its document never changes once published."""

    def __init__(self, version: Version[dict[str, Any]]) -> None:
        self.version = version

    def __hash__(self) -> int:
        return self.version.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.version.document is self.version.document


@lru_cache(maxsize=8192)
def _read(key: _Key, model: type[Model]) -> Model:
    return model.model_validate(key.version.document)
