"""Closures in the database -> as a pack writes them: rooms, from and to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.floor import Closure
from app.db.session import current_tenant
from app.kernel.spans import Span
from app.packs.closures import held
from app.packs.format import ClosureEntry
from app.packs.moments import beginning, ending

SpacesOfRoom = Mapping[str, frozenset[int]]  # by slug, in the order of pages


def closures_of(
    session: Session, facility_id: int, rooms: SpacesOfRoom, zone: ZoneInfo
) -> tuple[ClosureEntry, ...]:
    """Return a facility's closures by time; floor that no listed room stands for is left out."""
    rows = session.scalars(
        select(Closure)
        .where(Closure.tenant_id == current_tenant(), Closure.facility_id == facility_id)
        .order_by(Closure.id)
    )
    found = [one for row in rows for one in _entries(session, row, rooms, zone)]
    return tuple(sorted(found, key=lambda one: (one.from_, one.to, one.kind, one.name)))


def _entries(
    session: Session, row: Closure, rooms: SpacesOfRoom, zone: ZoneInfo
) -> Iterator[ClosureEntry]:
    spaces_in: dict[Span, set[int]] = defaultdict(set)
    for space_id, spans in held(session, row.id).items():
        for span in spans:
            spaces_in[span].add(space_id)
    for span, spaces in spaces_in.items():
        named = _named(spaces, rooms)
        if named is not None:
            yield ClosureEntry.model_validate(
                {
                    "kind": row.kind,
                    "name": row.name,
                    "rooms": named,
                    "from": beginning(span.starts_at, zone),
                    "to": ending(span.ends_at, zone),
                }
            )


def _named(spaces: set[int], rooms: SpacesOfRoom) -> tuple[str, ...] | None:
    """Return the fewest rooms that stand for these spaces, () for all, None when none does."""
    if spaces >= set().union(*rooms.values()):
        return ()
    left, named = set(spaces), []
    for slug in sorted(rooms, key=lambda slug: -len(rooms[slug])):
        if rooms[slug] <= spaces and rooms[slug] & left:
            named.append(slug)
            left -= rooms[slug]
    return tuple(named) or None
