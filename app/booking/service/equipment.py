"""Equipment of uses: what was asked for, and that no more is promised than a hall has (備品)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.queries import lines_of
from app.booking.service.baskets import locked_draft
from app.booking.states import State
from app.db.session import current_tenant
from app.fees.policy import Extra
from app.kernel.refusals import Refusal, Refused

MOST_OF_A_KIND = 999

Asked = tuple[BookingLine, Sequence[Extra]]  # a line, and what its tariff offers


class Equipped(Protocol):
    """A line as far as it says what is used beside its room."""

    @property
    def extras(self) -> Mapping[str, int] | None:
        """Return the pieces by id, how many; None: nobody was asked."""

    @property
    def items(self) -> int | None:
        """Return how many tables, lanes or courts are used."""


@dataclass(frozen=True, slots=True)
class Used:
    """What is used in a room beside the room: pieces of equipment by id, tables or courts."""

    extras: Mapping[str, int] = field(default_factory=dict)
    items: int = 1


def note_used(
    session: Session, basket_key: str, by_line: Mapping[int, Used], *, now: datetime
) -> None:
    """Keep what each line of a basket uses; raises Refused when there is no basket any more."""
    draft = locked_draft(session, basket_key)
    if draft is None or draft.state != State.DRAFT:
        raise Refused(Refusal("basket.empty"))
    for line in lines_of(session, draft.id):
        if line.id in by_line:
            write_used(line, by_line[line.id])
    draft.touched_at = now


def write_used(line: BookingLine, used: Used) -> None:
    """Write on a line what it uses; what is used nought times is left out."""
    line.extras = {name: count for name, count in used.extras.items() if count}
    line.items = used.items


_IN_TURN = text(
    "select pg_advisory_xact_lock(hashtextextended('equipment:' || facility, :tenant))"
    " from unnest(cast(:facilities as bigint[])) as facility"
)
# By the day before and after too: a use may pass midnight.
_OVERLAPPING = text(
    """
    select l.facility_id, l.starts_at, l.ends_at, l.extras
      from booking_line l
     where l.tenant_id = :tenant and l.facility_id = any(:facilities) and l.state = 'active'
       and l.on_date between cast(:first as date) - 1 and cast(:last as date) + 1
       and l.starts_at < :ends and l.ends_at > :begins
       and l.extras is not null and l.extras <> '{}'
       and not (l.id = any(:without))
    """
).bindparams(bindparam("facilities"))


def short(session: Session, asked: Iterable[Asked]) -> dict[int, tuple[Refusal, ...]]:
    """Return, by line, what there is not enough of; others wait until this transaction ends."""
    counted = [(line, extras) for line, extras in asked if _stocks(line, extras)]
    if not counted:
        return {}
    halls = sorted({line.facility_id for line, _ in counted})
    session.execute(_IN_TURN, {"tenant": current_tenant(), "facilities": halls})
    left = left_for(session, counted)
    return {
        line_id: tuple(
            Refusal("equipment.none_left", {"name": extra.name, "left": max(left_over, 0)})
            for extra, left_over, wanted in some
            if wanted > left_over
        )
        for line_id, some in left.items()
        if any(wanted > left_over for _, left_over, wanted in some)
    }


Left = tuple[Extra, int, int]  # a piece, how many others leave, how many are asked for


def left_for(session: Session, asked: Sequence[Asked]) -> dict[int, list[Left]]:
    """Return, by line, how many of each piece that is counted the other uses leave over.

    The lines given count against one another in their order: the first comes first.
    """
    if not asked:
        return {}
    taken = _taken(session, [line for line, _ in asked])
    found: dict[int, list[Left]] = {}
    for line, extras in asked:
        wanted = line.extras or {}
        others = [_within(use, line) for use in taken[line.facility_id] if _touch(use, line)]
        found[line.id] = [
            (one, one.stock - _peak(others, one.id), int(wanted.get(one.id, 0)))
            for one in extras
            if one.stock is not None
        ]
        taken[line.facility_id].append((line.starts_at, line.ends_at, wanted))
    return found


Taken = tuple[datetime, datetime, Mapping[str, int]]


def _taken(session: Session, lines: Sequence[BookingLine]) -> dict[int, list[Taken]]:
    rows = session.execute(
        _OVERLAPPING,
        {
            "tenant": current_tenant(),
            "facilities": sorted({line.facility_id for line in lines}),
            "first": min(line.on_date for line in lines),
            "last": max(line.on_date for line in lines),
            "begins": min(line.starts_at for line in lines),
            "ends": max(line.ends_at for line in lines),
            "without": [line.id for line in lines],
        },
    )
    found: dict[int, list[Taken]] = defaultdict(list)
    for row in rows:
        found[row.facility_id].append((row.starts_at, row.ends_at, row.extras))
    return found


def _touch(use: Taken, line: BookingLine) -> bool:
    return use[0] < line.ends_at and line.starts_at < use[1]


def _within(use: Taken, line: BookingLine) -> Taken:
    return max(use[0], line.starts_at), min(use[1], line.ends_at), use[2]


def _peak(uses: Sequence[Taken], name: str) -> int:
    """Return how many of a piece are used at once at most; a use that ends frees its pieces."""
    steps: Counter[datetime] = Counter()
    for begins, ends, extras in uses:
        steps[begins] += extras.get(name, 0)
        steps[ends] -= extras.get(name, 0)
    most = running = 0
    for moment in sorted(steps):
        running += steps[moment]
        most = max(most, running)
    return most


def _stocks(line: BookingLine, extras: Sequence[Extra]) -> bool:
    return any(one.stock is not None and (line.extras or {}).get(one.id) for one in extras)
