"""The database -> the pack that would make it: loading what was exported changes nothing.

Sources and comments live in packs only; a cases.yaml that is there is kept.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction, tenant_scope
from app.facilities import service
from app.facilities.models import Facility, Room, RuleCases
from app.packs.editions import normal
from app.packs.examples import CasesFile
from app.packs.exported_closures import closures_of
from app.packs.format import (
    CalendarEdition,
    FacilityEntry,
    FacilityFile,
    MunicipalityEntry,
    MunicipalityFile,
    PolicyEdition,
    RoomEntry,
    TariffEdition,
    TermsEdition,
)
from app.packs.places import MODELS
from app.packs.reader import CASES, FACILITIES, MUNICIPALITY
from app.packs.writer import write
from app.tenants.models import PolicyVersion, Tenant
from app.tenants.policy import Document, MunicipalityPolicy

AnyEdition = TypeVar("AnyEdition", bound=Document)


def export(tenant_id: int, folder: Path) -> list[Path]:
    """Write a municipality's pack into `folder` and return the files, in a stable order."""
    with tenant_scope(tenant_id):
        municipality, facilities = in_transaction(standing)
        cases = in_transaction(cases_of)
    heading = f"{municipality.municipality.name}のパック（データベースから書き出したもの）"
    written = [folder / MUNICIPALITY]
    write(written[0], municipality, heading=heading)
    for one in facilities:
        written.append(folder / FACILITIES / f"{one.facility.slug}.yaml")
        write(written[-1], one, heading=one.facility.name)
    if not (folder / CASES).exists():
        written.append(folder / CASES)
        heading = "例" if cases.cases else "例はまだありません。書き方は docs/packs.md"
        write(written[-1], cases, heading=heading)
    return written


def cases_of(session: Session) -> CasesFile:
    """Return the worked examples that were loaded last; none when there are none."""
    kept = session.scalar(
        select(RuleCases.document)
        .where(RuleCases.tenant_id == current_tenant())
        .order_by(RuleCases.id.desc())
        .limit(1)
    )
    return CasesFile.model_validate(kept) if kept else CasesFile(cases=())


def standing(session: Session) -> tuple[MunicipalityFile, list[FacilityFile]]:
    """Return what holds of the current municipality as the files of a pack."""
    tenant = session.scalars(select(Tenant).where(Tenant.id == current_tenant())).one()
    rows = session.execute(
        select(PolicyVersion.effective_from, PolicyVersion.document)
        .where(PolicyVersion.tenant_id == tenant.id)
        .order_by(PolicyVersion.effective_from, PolicyVersion.published_at)
    )
    published = {row.effective_from: row.document for row in rows}
    listed = [one for one in service.facilities(session) if one.is_listed]
    municipality = MunicipalityFile(
        municipality=MunicipalityEntry(
            slug=tenant.slug, code=tenant.code, name=tenant.name, kana=tenant.kana
        ),
        order=tuple(one.slug for one in listed),
        policy=_editions(published, MunicipalityPolicy, PolicyEdition),
    )
    zone = ZoneInfo(tenant.zone)
    return municipality, [_facility(session, one, zone) for one in listed]


def _facility(session: Session, row: Facility, zone: ZoneInfo) -> FacilityFile:
    slug_of = {space_id: slug for slug, space_id in service.spaces_of(session, row.id).items()}
    floor = service.floor_of(session, row.id)
    listed = [room for room in service.rooms_of(session, row.id) if room.is_listed]
    rooms = tuple(_room(room, sorted(slug_of[one] for one in floor[room.id])) for room in listed)
    own = {room.slug for room in rooms if not room.spaces}
    named = {slug for room in rooms for slug in room.spaces}
    spaces_of_room = {room.slug: frozenset(floor[room.id]) for room in listed}
    return FacilityFile(
        facility=_entry(row),
        spaces=tuple(sorted(named - own)),
        rooms=rooms,
        calendar=_rules(session, row, "calendar", CalendarEdition),
        terms=_rules(session, row, "terms", TermsEdition),
        fees=_rules(session, row, "fees", TariffEdition),
        closures=closures_of(session, row.id, spaces_of_room, zone),
    )


def _entry(row: Facility) -> FacilityEntry:
    return FacilityEntry(
        slug=row.slug,
        name=row.name,
        kana=row.kana,
        kind=row.kind,
        address=row.address,
        phone=row.phone,
        access=row.access,
        description=row.description,
        demonstration=row.is_demonstration,
    )


def _room(row: Room, floor: list[str]) -> RoomEntry:
    return RoomEntry(
        slug=row.slug,
        name=row.name,
        kana=row.kana,
        capacity=row.capacity,
        min_people=row.min_people,
        purposes=tuple(row.purposes),
        description=row.description,
        buffer_minutes=row.buffer_minutes,
        spaces=() if floor == [row.slug] else tuple(floor),
    )


def _rules(
    session: Session, row: Facility, subject: str, edition: type[AnyEdition]
) -> tuple[AnyEdition, ...]:
    model = next(model for name, model in MODELS.items() if name == subject)
    return _editions(service.published(session, row.id, subject), model, edition)


def _editions(
    published: Mapping[date, dict[str, Any]], model: type[Document], edition: type[AnyEdition]
) -> tuple[AnyEdition, ...]:
    """Return the editions that hold; one that only repeats the one before it is left out."""
    found: list[AnyEdition] = []
    before: object = None
    for day, document in published.items():
        kept = normal(document, model)
        if kept is None:
            raise ValueError(f"{model.__name__}（{day}から）は、いまの書き方では読めません。")
        if kept != before:
            found.append(edition.model_validate({**kept, "effective_from": day}))
        before = kept
    return tuple(found)
