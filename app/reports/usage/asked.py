"""Which uses a report counts: those of some days, where somebody works, narrowed further."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.identity.permissions import EVERYWHERE, Scope
from app.kernel.calendar_jp import months_before


@dataclass(frozen=True, slots=True)
class Asked:
    """Uses from `first` to `last`, both counted, within a scope; None narrows nothing."""

    first: date
    last: date
    scope: Scope = EVERYWHERE
    facility_id: int | None = None
    room_id: int | None = None
    purpose: str | None = None
    applicant_class: str | None = None

    @property
    def days(self) -> int:
        """Return how many days that are."""
        return (self.last - self.first).days + 1

    def a_year_before(self) -> "Asked":
        """Return the same question about the same days a year before."""
        return replace(
            self, first=months_before(self.first, 12), last=_last_a_year_before(self.last)
        )

    def covers(self, facility: FacilityInfo, room: RoomInfo) -> bool:
        """Say whether a room is counted."""
        return (
            self.facility_id in (None, facility.id)
            and self.room_id in (None, room.id)
            and self.scope.covers(facility.id, room.id)
        )

    def rooms(self, catalogue: Catalogue) -> list[tuple[FacilityInfo, RoomInfo]]:
        """Return the listed rooms that are counted, in the order of halls and rooms."""
        return [
            (one, room) for one in catalogue.facilities for room in one.rooms
            if self.covers(one, room)
        ]  # fmt: skip

    def narrowed(self) -> tuple[str, dict[str, Any]]:
        """Return SQL conditions on a line `l` and its booking `b`, and their values."""
        found: dict[str, Any] = {}
        said = ""
        if not self.scope.is_everywhere:
            said += " and (l.facility_id = any(:halls) or l.room_id = any(:rooms))"
            found["halls"] = sorted(self.scope.facility_ids)
            found["rooms"] = sorted(self.scope.room_ids)
        for column, value in (
            ("l.facility_id", self.facility_id),
            ("l.room_id", self.room_id),
            ("b.purpose", self.purpose),
            ("b.applicant_class", self.applicant_class),
        ):
            if value is not None:
                name = column.replace(".", "_")
                said += f" and {column} = :{name}"
                found[name] = value
        return said, found


def _last_a_year_before(day: date) -> date:
    """Return the last day of the same month for a last day: February has its 29th or not."""
    if (day + timedelta(days=1)).day == 1:
        following = months_before(day + timedelta(days=1), 12)
        return following - timedelta(days=1)
    return months_before(day, 12)


def place_of(catalogue: Catalogue, place: str) -> tuple[int | None, int | None]:
    """Return hall and room of `hall` or `hall/room`, by their slugs; None for none."""
    hall_slug, _slash, room_slug = place.partition("/")
    hall = catalogue.facility_named(hall_slug)
    room = hall.room_named(room_slug) if hall else None
    return hall.id if hall else None, room.id if room else None
