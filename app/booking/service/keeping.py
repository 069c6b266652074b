"""Rooms are kept from booking: what stands in the way, and the free floor between is taken."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.floor import Closure
from app.booking.occupancy import Claim
from app.booking.rules.keeping import Keep, covering, gaps, read
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.kernel.spans import Span

# As text: a closure of a year over a whole hall looks at thousands of rows.
_IN_THE_WAY = text(
    """
    select o.space_id, o.starts_at, o.ends_at, o.kind, o.booking_line_id, o.closure_id,
           o.expires_at, l.booking_id
      from occupancy o
      left join booking_line l on l.tenant_id = o.tenant_id and l.id = o.booking_line_id
     where o.tenant_id = :tenant and o.space_id = any(:spaces) and o.live
       and o.starts_at > cast(:begins as timestamptz) - interval '36 hours'
       and o.starts_at < :ends and o.ends_at > :begins
       and (o.expires_at is null or o.expires_at > :now)
     order by o.space_id, o.starts_at
    """
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Floor that somebody has of what is to be kept."""

    space_id: int
    span: Span
    kind: str
    line_id: int | None
    closure_id: int | None
    until: datetime | None  # of a hold
    booking_id: int | None


def taken(session: Session, catalogue: Catalogue, keep: Keep, *, now: datetime) -> list[Taken]:
    """Return who has floor of what is to be kept: bookings, holds, other closures."""
    stretches = keep.stretches(catalogue.zone, now=now)
    if not stretches:
        return []
    whole = covering(stretches)
    rows = session.execute(
        _IN_THE_WAY,
        {
            "tenant": current_tenant(),
            "spaces": sorted(spaces_of(catalogue, keep.room_ids)),
            "begins": whole.starts_at,
            "ends": whole.ends_at,
            "now": now,
        },
    )
    found = [Taken(row[0], Span(row[1], row[2]), *row[3:]) for row in rows]
    return [one for one in found if any(one.span.overlaps(x) for x in stretches)]


def fill(
    session: Session, catalogue: Catalogue, closure: Closure, keep: Keep, *, now: datetime
) -> int:
    """Take for a closure all floor of what it keeps that nobody has; return how many pieces.

    Asked again it takes what became free since.
    """
    stretches = keep.stretches(catalogue.zone, now=now)
    had: dict[int, list[Span]] = defaultdict(list)
    for one in taken(session, catalogue, keep, now=now):
        had[one.space_id].append(one.span)
    claims = [
        Claim(space, free.starts_at, free.ends_at, closure_id=closure.id)
        for space in sorted(spaces_of(catalogue, keep.room_ids))
        for stretch in stretches
        for free in gaps(stretch, had[space])
    ]
    occupancy.clear_expired(session, claims, now=now)
    count = len(occupancy.take(session, claims, kind=closure.kind))
    if count:
        occupancy.moved(session, [closure.facility_id], now=now)
    return count


def still_open(session: Session, catalogue: Catalogue, closure: Closure, *, now: datetime) -> bool:
    """Say whether something that a closure keeps could be booked by somebody."""
    if closure.asked is None or closure.ended_at is not None:
        return False
    keep = known(catalogue, read(closure.asked))
    had: dict[int, list[Span]] = defaultdict(list)
    for one in taken(session, catalogue, keep, now=now):
        had[one.space_id].append(one.span)
    return any(
        True
        for space in spaces_of(catalogue, keep.room_ids)
        for stretch in keep.stretches(catalogue.zone, now=now)
        for _free in gaps(stretch, had[space])
    )


def open_again(session: Session, closure: Closure, *, now: datetime) -> None:
    """Give back what a closure still keeps; what has been stays as history."""
    closure.ended_at = now
    occupancy.open_again(session, closure.id, now=now)
    occupancy.moved(session, [closure.facility_id], now=now)


def known(catalogue: Catalogue, keep: Keep) -> Keep:
    """Return what is kept without rooms that are gone since."""
    there = tuple(one for one in keep.room_ids if catalogue.offers(one))
    return Keep(there, keep.first, keep.last, keep.from_minute, keep.to_minute, keep.weekdays)


def spaces_of(catalogue: Catalogue, room_ids: Collection[int]) -> set[int]:
    """Return the pieces of floor of these rooms."""
    return {space for one in room_ids for space in catalogue.known_room(one)[1].space_ids}


def lines_in(found: Sequence[Taken]) -> dict[int, int]:
    """Return the booked lines in the way, with their bookings; a hold is none."""
    return {
        one.line_id: one.booking_id
        for one in found
        if one.kind == "booking" and one.line_id is not None and one.booking_id is not None
    }
