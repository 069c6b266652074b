"""One-off closures, public use and maintenance of a pack, on the floor itself.

Nobody is displaced: where a booking stands, the booking stays and is named.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import Booking, BookingLine, Closure, Occupancy
from app.booking.occupancy import Claim
from app.db.session import current_tenant
from app.facilities.models import Facility
from app.kernel.spans import MINUTES_OF_A_DAY, instant
from app.packs.format import ClosureEntry

Floor = dict[str, tuple[int, ...]]  # room slug -> ids of its spaces


def keep_free(
    session: Session,
    facility: Facility,
    entries: Sequence[ClosureEntry],
    floor: Floor,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> tuple[bool, list[str]]:
    """Take the floor of a facility's closures that end after `now`.

    Returns whether anything was taken, and a sentence for each booking that stands in the way.
    """
    changed, in_the_way = False, []
    by_name: dict[tuple[str, str], list[ClosureEntry]] = defaultdict(list)
    for entry in entries:
        if entry.to.at(zone) > now:
            by_name[entry.kind, entry.name].append(entry)
    for (kind, name), named in by_name.items():
        closure_id = _closure(session, facility.id, kind, name, now=now)
        claims = {claim for one in named for claim in _claims(one, floor, closure_id, zone)}
        open_claims = claims - _held(session, closure_id)
        occupancy.clear_expired(session, open_claims, now=now)
        had = occupancy.take(session, list(open_claims), kind=kind)
        changed |= bool(had)
        in_the_way += _standing(session, facility, name, open_claims - had, zone)
    return changed, in_the_way


def _closure(session: Session, facility_id: int, kind: str, name: str, *, now: datetime) -> int:
    """Return the closure of this kind and name; all its stretches of time are one closure."""
    found = session.scalar(
        select(Closure.id)
        .where(
            Closure.tenant_id == current_tenant(),
            Closure.facility_id == facility_id,
            Closure.kind == kind,
            Closure.name == name,
        )
        .order_by(Closure.id)
        .limit(1)
    )
    if found is not None:
        return found
    made = Closure(
        tenant_id=current_tenant(), facility_id=facility_id, kind=kind, name=name, created_at=now
    )
    session.add(made)
    session.flush()
    return made.id


def _claims(entry: ClosureEntry, floor: Floor, closure_id: int, zone: ZoneInfo) -> Iterator[Claim]:
    """Yield a claim for each space and day: readers look back no further than 36 hours."""
    spaces = sorted({space for room in (entry.rooms or floor) for space in floor[room]})
    day = entry.from_.day
    while day <= entry.to.day:
        first = entry.from_.minute if day == entry.from_.day else 0
        last = entry.to.minute if day == entry.to.day else MINUTES_OF_A_DAY
        if first < last:
            starts_at, ends_at = instant(day, first, zone), instant(day, last, zone)
            yield from (Claim(one, starts_at, ends_at, closure_id=closure_id) for one in spaces)
        day += timedelta(days=1)


def _held(session: Session, closure_id: int) -> set[Claim]:
    rows = session.execute(
        select(Occupancy.space_id, Occupancy.starts_at, Occupancy.ends_at).where(
            Occupancy.tenant_id == current_tenant(),
            Occupancy.closure_id == closure_id,
            Occupancy.live,
        )
    )
    return {Claim(row.space_id, row.starts_at, row.ends_at, closure_id=closure_id) for row in rows}


def _standing(
    session: Session, facility: Facility, name: str, lost: set[Claim], zone: ZoneInfo
) -> list[str]:
    found = set()
    for claim in sorted(lost, key=lambda one: (one.starts_at, one.space_id)):
        rows = session.execute(
            select(Occupancy.starts_at, Occupancy.kind, Booking.number)
            .outerjoin(
                BookingLine,
                (BookingLine.tenant_id == Occupancy.tenant_id)
                & (BookingLine.id == Occupancy.booking_line_id),
            )
            .outerjoin(
                Booking,
                (Booking.tenant_id == BookingLine.tenant_id)
                & (Booking.id == BookingLine.booking_id),
            )
            .where(
                Occupancy.tenant_id == current_tenant(),
                Occupancy.space_id == claim.space_id,
                Occupancy.live,
                Occupancy.starts_at > claim.starts_at - timedelta(hours=36),
                Occupancy.starts_at < claim.ends_at,
                Occupancy.ends_at > claim.starts_at,
            )
        )
        for row in rows:
            at = row.starts_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            who = f"予約 {row.number}" if row.number else _others.get(row.kind, "別の休館・公用")
            found.add(f"{facility.name}「{name}」: {at} は{who}が先に入っています（そのまま）。")
    return sorted(found)


_others = {"hold": "申込み途中の方"}
