"""What a loaded pack writes: facilities, rooms, the floor under them, and versions of their rules.

Nothing is deleted: bookings of years ago still name these rows. What is no longer offered is
not listed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.facilities.models import Facility, Room, RoomSpace, RuleVersion, Space


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """A facility as it should be; the slug says which."""

    slug: str
    name: str
    kana: str
    kind: str
    address: str
    phone: str
    access: str
    description: str
    is_demonstration: bool
    position: int


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room as it should be; the slug says which."""

    slug: str
    name: str
    kana: str
    capacity: int | None
    min_people: int
    purposes: list[str]
    description: str
    buffer_minutes: int
    position: int


def put_facility(session: Session, facts: FacilityFacts) -> tuple[Facility, bool]:
    """Write a facility down and list it; say whether anything changed by that."""
    found = session.scalar(
        select(Facility).where(Facility.tenant_id == current_tenant(), Facility.slug == facts.slug)
    )
    if found is None:
        found = Facility(tenant_id=current_tenant(), is_listed=True, **asdict(facts))
        session.add(found)
        session.flush()
        return found, True
    return found, _set(found, {**asdict(facts), "is_listed": True})


def put_room(session: Session, facility_id: int, facts: RoomFacts) -> tuple[Room, bool]:
    """Write a room down and list it; say whether anything changed by that."""
    found = session.scalar(
        select(Room).where(
            Room.tenant_id == current_tenant(),
            Room.facility_id == facility_id,
            Room.slug == facts.slug,
        )
    )
    if found is None:
        found = Room(
            tenant_id=current_tenant(), facility_id=facility_id, is_listed=True, **asdict(facts)
        )
        session.add(found)
        session.flush()
        return found, True
    return found, _set(found, {**asdict(facts), "is_listed": True})


def put_spaces(session: Session, facility_id: int, slugs: Sequence[str]) -> dict[str, int]:
    """Return the ids of a facility's pieces of floor by slug; new ones are made."""
    known = spaces_of(session, facility_id)
    for slug in sorted(set(slugs) - set(known)):
        space = Space(tenant_id=current_tenant(), facility_id=facility_id, slug=slug)
        session.add(space)
        session.flush()
        known[slug] = space.id
    return known


def floor_of(session: Session, facility_id: int) -> dict[int, set[int]]:
    """Return the pieces of floor of each room of a facility, by the room's id."""
    rows = session.execute(
        select(RoomSpace.room_id, RoomSpace.space_id)
        .join(Room, (Room.tenant_id == RoomSpace.tenant_id) & (Room.id == RoomSpace.room_id))
        .where(RoomSpace.tenant_id == current_tenant(), Room.facility_id == facility_id)
        .order_by(RoomSpace.room_id, RoomSpace.space_id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[row.room_id].add(row.space_id)
    return found


def put_floor(session: Session, room_id: int, space_ids: set[int]) -> set[int] | None:
    """Let a room take exactly these pieces of floor; return what it took before, None if these."""
    mine = (RoomSpace.tenant_id == current_tenant(), RoomSpace.room_id == room_id)
    had = set(session.scalars(select(RoomSpace.space_id).where(*mine)))
    if had == space_ids:
        return None
    session.execute(delete(RoomSpace).where(*mine, RoomSpace.space_id.in_(had - space_ids)))
    added = [
        {"tenant_id": current_tenant(), "room_id": room_id, "space_id": one}
        for one in sorted(space_ids - had)
    ]
    if added:
        session.execute(insert(RoomSpace).values(added))
    return had


def unlist(row: Facility | Room) -> bool:
    """Offer a facility or room no longer; say whether it was listed until now."""
    return _set(row, {"is_listed": False})


def publish(
    session: Session,
    facility_id: int,
    subject: str,
    *,
    effective_from: date,
    document: dict[str, Any],
    now: datetime,
    published_by: int | None = None,
    draft_id: int | None = None,
) -> None:
    """Publish a version of a facility's rules; the last one published for a day holds."""
    session.add(
        RuleVersion(
            tenant_id=current_tenant(),
            facility_id=facility_id,
            subject=subject,
            effective_from=effective_from,
            published_at=now,
            published_by=published_by,
            draft_id=draft_id,
            document=document,
        )
    )
    session.flush()


def published(session: Session, facility_id: int, subject: str) -> dict[date, dict[str, Any]]:
    """Return what holds of a subject, by effective date."""
    rows = session.execute(
        select(RuleVersion.effective_from, RuleVersion.document)
        .where(
            RuleVersion.tenant_id == current_tenant(),
            RuleVersion.facility_id == facility_id,
            RuleVersion.subject == subject,
        )
        .order_by(RuleVersion.effective_from, RuleVersion.published_at)
    )
    return {row.effective_from: row.document for row in rows}


def facilities(session: Session) -> list[Facility]:
    """Return every facility of the municipality, also what is no longer listed."""
    mine = select(Facility).where(Facility.tenant_id == current_tenant())
    return list(session.scalars(mine.order_by(Facility.position, Facility.slug)))


def rooms_of(session: Session, facility_id: int) -> list[Room]:
    """Return every room of a facility, also what is no longer listed."""
    mine = select(Room).where(Room.tenant_id == current_tenant(), Room.facility_id == facility_id)
    return list(session.scalars(mine.order_by(Room.position, Room.slug)))


def spaces_of(session: Session, facility_id: int) -> dict[str, int]:
    """Return the ids of a facility's pieces of floor by slug."""
    rows = session.execute(
        select(Space.slug, Space.id)
        .where(Space.tenant_id == current_tenant(), Space.facility_id == facility_id)
        .order_by(Space.slug)
    )
    return {row.slug: row.id for row in rows}


def _set(row: Facility | Room, values: Mapping[str, object]) -> bool:
    different = {name for name, value in values.items() if getattr(row, name) != value}
    for name in different:
        setattr(row, name, values[name])
    return bool(different)
