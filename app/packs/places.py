"""Writes a pack's facilities: the place, its rooms and floor, its rules, its closures."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.booking.policy import Terms
from app.facilities import service
from app.facilities.models import Facility, Room
from app.facilities.policy import FacilityCalendar
from app.facilities.service import FacilityFacts, RoomFacts
from app.fees.policy import Tariff
from app.packs.closures import Floor, keep_free
from app.packs.editions import unpublished
from app.packs.format import SUBJECTS, FacilityFile, RoomEntry, Subject
from app.packs.standing import bookings_ahead
from app.packs.summary import Summary
from app.tenants.policy import Document

MODELS: dict[Subject, type[Document]] = {
    "calendar": FacilityCalendar,
    "terms": Terms,
    "fees": Tariff,
}
_NAMES: dict[Subject, str] = {
    "calendar": "開館日・時間区分",
    "terms": "利用の決まり",
    "fees": "料金",
}


@dataclass(frozen=True, slots=True)
class Loading:
    """One load under way."""

    session: Session
    zone: ZoneInfo
    now: datetime
    summary: Summary

    def facility(self, one: FacilityFile, position: int) -> int | None:
        """Write one facility; return its id when that changed anything."""
        before = len(self.summary.changes)
        row, changed = service.put_facility(self.session, _facility_facts(one, position))
        if changed:
            self.summary.changes.append(f"施設「{row.name}」")
        floor = self._rooms(row, one)
        for subject in SUBJECTS:
            self._rules(row, one, subject)
        self._closures(row, one, floor)
        return row.id if len(self.summary.changes) > before else None

    def hide_others(self, slugs: set[str]) -> list[int]:
        """Offer no longer what the pack no longer has; return the ids of those facilities."""
        hidden = []
        for row in service.facilities(self.session):
            if row.slug not in slugs and service.unlist(row):
                hidden.append(row.id)
                self.summary.changes.append(f"施設「{row.name}」をのせるのをやめました")
                self._tell(row, service.rooms_of(self.session, row.id))
        return hidden

    def listed(self) -> list[int]:
        """Return the ids of all facilities that are offered."""
        return [row.id for row in service.facilities(self.session) if row.is_listed]

    def _rooms(self, row: Facility, one: FacilityFile) -> Floor:
        atoms = {slug for entry in one.rooms for slug in entry.floor}
        ids = service.put_spaces(self.session, row.id, sorted(atoms))
        floor = {}
        for position, entry in enumerate(one.rooms, start=1):
            floor[entry.slug] = tuple(ids[slug] for slug in entry.floor)
            self._room(row, entry, position, set(floor[entry.slug]))
        for room in service.rooms_of(self.session, row.id):
            if room.slug not in floor and service.unlist(room):
                self.summary.changes.append(f"{row.name}「{room.name}」をのせるのをやめました")
                self._tell(row, [room])
        return floor

    def _room(self, row: Facility, entry: RoomEntry, position: int, spaces: set[int]) -> None:
        room, changed = service.put_room(self.session, row.id, _room_facts(entry, position))
        had = service.put_floor(self.session, room.id, spaces)
        if changed or had is not None:
            self.summary.changes.append(f"{row.name}「{room.name}」")
        if had:  # bookings made before keep the floor that they were given
            self._tell(row, [room])

    def _rules(self, row: Facility, one: FacilityFile, subject: Subject) -> None:
        published = service.published(self.session, row.id, subject)
        missing = unpublished(published, one.editions(subject), MODELS[subject])
        for day, document in missing:
            service.publish(
                self.session,
                row.id,
                subject,
                effective_from=day,
                document=document,
                now=self.now,
            )
            self.summary.changes.append(f"{row.name}: {_NAMES[subject]}（{day}から）")

    def _closures(self, row: Facility, one: FacilityFile, floor: Floor) -> None:
        kept = keep_free(self.session, row, one.closures, floor, zone=self.zone, now=self.now)
        if kept.changed:
            self.summary.changes.append(f"{row.name}: 臨時休館・公用・保守")
        self.summary.notices += kept.in_the_way

    def _tell(self, row: Facility, rooms: list[Room]) -> None:
        ahead = bookings_ahead(self.session, rooms, now=self.now, zone=self.zone)
        self.summary.notices += [f"{row.name} {one}は、そのまま残っています。" for one in ahead]


def _facility_facts(one: FacilityFile, position: int) -> FacilityFacts:
    entry = one.facility
    return FacilityFacts(
        slug=entry.slug,
        name=entry.name,
        kana=entry.kana,
        kind=entry.kind,
        address=entry.address,
        phone=entry.phone,
        access=entry.access,
        description=entry.description.strip(),
        is_demonstration=entry.demonstration,
        position=position,
    )


def _room_facts(entry: RoomEntry, position: int) -> RoomFacts:
    return RoomFacts(
        slug=entry.slug,
        name=entry.name,
        kana=entry.kana,
        capacity=entry.capacity,
        min_people=entry.min_people,
        purposes=list(entry.purposes),
        description=entry.description.strip(),
        buffer_minutes=entry.buffer_minutes,
        position=position,
    )
