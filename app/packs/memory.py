"""A pack as the catalogue that rules and pages read, without a database; ids are made up."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo, Version
from app.facilities.policy import FacilityCalendar
from app.packs.format import FacilityFile, Pack, RoomEntry, Subject, document_of
from app.tenants.policy import MunicipalityPolicy

ZONE = ZoneInfo("Asia/Tokyo")


def catalogue_of(pack: Pack) -> Catalogue:
    """Return the catalogue that this pack would give once loaded."""
    ids = count(1)
    return Catalogue(
        tenant_id=0,
        revision=0,
        zone=ZONE,
        facilities=tuple(_facility(one, ids) for one in pack.facilities),
        policies=tuple(
            Version(
                next(ids),
                one.effective_from,
                MunicipalityPolicy.model_validate(document_of(one)),
            )
            for one in pack.municipality.policy
        ),
    )


def _facility(one: FacilityFile, ids: Iterator[int]) -> FacilityInfo:
    entry, facility_id = one.facility, next(ids)
    atoms = sorted({slug for room in one.rooms for slug in room.floor})
    space_ids = {slug: next(ids) for slug in atoms}
    return FacilityInfo(
        id=facility_id,
        slug=entry.slug,
        name=entry.name,
        kana=entry.kana,
        kind=entry.kind,
        address=entry.address,
        phone=entry.phone,
        access=entry.access,
        description=entry.description,
        is_demonstration=entry.demonstration,
        rooms=tuple(_room(room, facility_id, space_ids, ids) for room in one.rooms),
        calendars=tuple(
            Version(
                next(ids),
                edition.effective_from,
                FacilityCalendar.model_validate(document_of(edition)),
            )
            for edition in one.calendar
        ),
        documents={"terms": _versions(one, "terms", ids), "fees": _versions(one, "fees", ids)},
    )


def _versions(
    one: FacilityFile, subject: Subject, ids: Iterator[int]
) -> tuple[Version[dict[str, Any]], ...]:
    return tuple(
        Version(next(ids), edition.effective_from, document_of(edition))
        for edition in one.editions(subject)
    )


def _room(
    room: RoomEntry, facility_id: int, space_ids: dict[str, int], ids: Iterator[int]
) -> RoomInfo:
    return RoomInfo(
        id=next(ids),
        facility_id=facility_id,
        slug=room.slug,
        name=room.name,
        kana=room.kana,
        capacity=room.capacity,
        min_people=room.min_people,
        purposes=room.purposes,
        description=room.description,
        buffer_minutes=room.buffer_minutes,
        space_ids=tuple(space_ids[slug] for slug in room.floor),
    )
