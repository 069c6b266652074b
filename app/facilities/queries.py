"""Reads the catalogue of a municipality, and how often a facility's pages have changed."""

from collections import defaultdict
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo, Version
from app.facilities.models import Facility, FacilityChange, Room, RoomSpace, RuleVersion
from app.facilities.policy import FacilityCalendar
from app.tenants.models import PolicyVersion
from app.tenants.policy import MunicipalityPolicy
from app.tenants.queries import Municipality

Documents = dict[str, list[Version[dict[str, Any]]]]

# By engine too: one process may serve two databases (tests do), whose ids mean other things.
_kept: WeakKeyDictionary[object, dict[int, Catalogue]] = WeakKeyDictionary()


def catalogue(session: Session, municipality: Municipality) -> Catalogue:
    """Return the catalogue at the municipality's revision, read again only when it moved."""
    kept = _kept.setdefault(session.get_bind(), {})
    found = kept.get(municipality.id)
    if found is None or found.revision != municipality.catalogue_revision:
        found = kept[municipality.id] = _read(session, municipality)
    return found


def forget() -> None:
    """Forget every catalogue; for a process whose database was put back to an earlier day."""
    _kept.clear()


def changes_of(session: Session, facility_ids: tuple[int, ...]) -> tuple[int, int]:
    """Return (count, highest id) of the changes: it differs after every commit that made one."""
    counted, last = session.execute(
        select(func.count(), func.coalesce(func.max(FacilityChange.id), 0)).where(
            FacilityChange.facility_id.in_(facility_ids)
        )
    ).one()
    return counted, last


def _read(session: Session, municipality: Municipality) -> Catalogue:
    spaces: dict[int, list[int]] = defaultdict(list)
    for room_id, space_id in session.execute(
        select(RoomSpace.room_id, RoomSpace.space_id).order_by(RoomSpace.space_id)
    ):
        spaces[room_id].append(space_id)
    every = session.scalars(select(Facility).order_by(Facility.position)).all()
    listed = {one.id for one in every if one.is_listed}
    rooms: dict[int, list[RoomInfo]] = defaultdict(list)
    former: dict[int, list[RoomInfo]] = defaultdict(list)
    for room in session.scalars(select(Room).order_by(Room.position)):
        kept = rooms if room.is_listed and room.facility_id in listed else former
        kept[room.facility_id].append(_room(room, spaces[room.id]))
    documents = _documents(session)
    return Catalogue(
        tenant_id=municipality.id,
        revision=municipality.catalogue_revision,
        zone=municipality.zone,
        facilities=tuple(
            _facility(one, rooms[one.id], documents[one.id]) for one in every if one.is_listed
        ),
        former=tuple(
            _facility(one, former[one.id], documents[one.id]) for one in every if one.id in former
        ),
        policies=tuple(
            Version(row.id, row.effective_from, MunicipalityPolicy.model_validate(row.document))
            for row in session.scalars(
                select(PolicyVersion).order_by(
                    PolicyVersion.effective_from, PolicyVersion.published_at
                )
            )
        ),
    )


def _documents(session: Session) -> dict[int, Documents]:
    found: dict[int, Documents] = defaultdict(lambda: defaultdict(list))
    rows = session.scalars(
        select(RuleVersion).order_by(RuleVersion.effective_from, RuleVersion.published_at)
    )
    for row in rows:
        version = Version(row.id, row.effective_from, row.document)
        found[row.facility_id][row.subject].append(version)
    return found


def _room(row: Room, space_ids: list[int]) -> RoomInfo:
    return RoomInfo(
        id=row.id,
        facility_id=row.facility_id,
        slug=row.slug,
        name=row.name,
        kana=row.kana,
        capacity=row.capacity,
        min_people=row.min_people,
        purposes=tuple(row.purposes),
        description=row.description,
        buffer_minutes=row.buffer_minutes,
        space_ids=tuple(space_ids),
    )


def _facility(row: Facility, rooms: list[RoomInfo], documents: Documents) -> FacilityInfo:
    return FacilityInfo(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kana=row.kana,
        kind=row.kind,
        address=row.address,
        phone=row.phone,
        access=row.access,
        description=row.description,
        is_demonstration=row.is_demonstration,
        rooms=tuple(rooms),
        calendars=tuple(
            Version(one.id, one.effective_from, FacilityCalendar.model_validate(one.document))
            for one in documents["calendar"]
        ),
        documents={subject: tuple(documents[subject]) for subject in ("terms", "fees")},
    )
