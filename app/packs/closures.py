"""One-off closures, public use and maintenance of a pack, on the floor itself.

Nobody is displaced: where a booking stands, the booking stays and is named.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.floor import Closure, Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.occupancy import Claim
from app.db.session import current_tenant
from app.facilities.models import Facility
from app.kernel.spans import MINUTES_OF_A_DAY, Span, instant
from app.packs.format import ClosureEntry

Floor = dict[str, tuple[int, ...]]  # room slug -> ids of its spaces

_LONGEST = timedelta(hours=36)  # ck_occupancy_at_most_36_hours
_WHO = {"hold": "申込み途中の方"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a facility's closures."""

    changed: bool
    in_the_way: list[str]  # a sentence for each use that stands


def keep_free(
    session: Session,
    facility: Facility,
    entries: Sequence[ClosureEntry],
    floor: Floor,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> Kept:
    """Take the floor of the closures that end after `now`, as far as nobody else has it."""
    changed, in_the_way = False, []
    by_name: dict[tuple[str, str], list[ClosureEntry]] = defaultdict(list)
    for entry in entries:
        if entry.to.at(zone) > now:
            by_name[entry.kind, entry.name].append(entry)
    for (kind, name), named in by_name.items():
        closure_id = _closure(session, facility.id, kind, name, now=now)
        claims = {claim for one in named for claim in _claims(one, floor, closure_id, zone)}
        still = _without(claims, held(session, closure_id))
        occupancy.clear_expired(session, still, now=now)
        had = occupancy.take(session, sorted(still, key=_order), kind=kind)
        changed |= bool(had)
        lost = sorted(set(still) - had, key=_order)
        in_the_way += [f"{facility.name}「{name}」: {who}" for who in _holders(session, lost, zone)]
    return Kept(changed, in_the_way)


def held(session: Session, closure_id: int) -> dict[int, list[Span]]:
    """Return what floor a closure has, by space; stretches that touch are one."""
    rows = session.execute(
        select(Occupancy.space_id, Occupancy.starts_at, Occupancy.ends_at)
        .where(
            Occupancy.tenant_id == current_tenant(),
            Occupancy.closure_id == closure_id,
            Occupancy.live,
        )
        .order_by(Occupancy.space_id, Occupancy.starts_at)
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for row in rows:
        spans = found[row.space_id]
        if spans and spans[-1].ends_at == row.starts_at:
            spans[-1] = Span(spans[-1].starts_at, row.ends_at)
        else:
            spans.append(Span(row.starts_at, row.ends_at))
    return found


def _order(claim: Claim) -> tuple[int, datetime]:
    return claim.space_id, claim.starts_at


def _closure(session: Session, facility_id: int, kind: str, name: str, *, now: datetime) -> int:
    """Return the closure of this kind and name; all its stretches of time are one closure."""
    found = session.scalar(
        select(Closure.id)
        .where(
            Closure.tenant_id == current_tenant(),
            Closure.facility_id == facility_id,
            Closure.kind == kind,
            Closure.name == name,
            Closure.made_by.is_(None),
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


def _without(claims: Iterable[Claim], had: dict[int, list[Span]]) -> list[Claim]:
    return [
        claim
        for claim in claims
        if not any(
            span.starts_at <= claim.starts_at and claim.ends_at <= span.ends_at
            for span in had.get(claim.space_id, ())
        )
    ]


def _holders(session: Session, lost: Sequence[Claim], zone: ZoneInfo) -> list[str]:
    found: dict[str, None] = {}
    for claim in lost:
        for starts_at, kind, number in session.execute(_in_the_way(claim)):
            who = f"予約 {number}" if number else _WHO.get(kind, "別の休館・公用")
            at = starts_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            found[f"{at} は{who}が先に入っています（そのままにしました）。"] = None
    return list(found)


def _in_the_way(claim: Claim) -> Select[datetime, str, str | None]:
    return (
        select(Occupancy.starts_at, Occupancy.kind, Booking.number)
        .outerjoin(
            BookingLine,
            (BookingLine.tenant_id == Occupancy.tenant_id)
            & (BookingLine.id == Occupancy.booking_line_id),
        )
        .outerjoin(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .where(
            Occupancy.tenant_id == current_tenant(),
            Occupancy.space_id == claim.space_id,
            Occupancy.live,
            Occupancy.starts_at > claim.starts_at - _LONGEST,
            Occupancy.starts_at < claim.ends_at,
            Occupancy.ends_at > claim.starts_at,
        )
        .order_by(Occupancy.starts_at)
    )
