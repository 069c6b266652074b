"""What takes the rooms of one hall or of all between two days, and who: one statement."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.permissions import Scope
from app.kernel.spans import Span

_LONGEST = timedelta(hours=36)  # ck_occupancy_at_most_36_hours

# As text, and its columns are Block's fields in their order: a month has thousands of rows.
_FLOOR = text(
    """
    select o.space_id, extract(epoch from o.starts_at)::bigint,
           extract(epoch from o.ends_at)::bigint, o.kind, o.expires_at,
           coalesce(o.closure_id, 0), coalesce(c.name, ''), coalesce(l.id, 0),
           coalesce(l.facility_id, 0), coalesce(l.room_id, 0),
           coalesce(extract(epoch from l.starts_at)::bigint, 0),
           coalesce(extract(epoch from l.ends_at)::bigint, 0),
           coalesce(b.number, ''), coalesce(nullif(b.shown_name, ''), b.applicant_name, ''),
           coalesce(b.state, ''), b.due_at is not null
      from occupancy o
      left join closure c on c.tenant_id = o.tenant_id and c.id = o.closure_id
      left join booking_line l on l.tenant_id = o.tenant_id and l.id = o.booking_line_id
      left join booking b on b.tenant_id = l.tenant_id and b.id = l.booking_id
     where o.tenant_id = :tenant and o.space_id = any(:spaces) and o.live
       and o.starts_at > :earliest and o.starts_at < :ends and o.ends_at > :begins
       and (o.expires_at is null or o.expires_at > :now)
     order by o.starts_at, o.id
    """
)


class Block(NamedTuple):
    """Floor that is taken, in seconds since 1970, half-open, and by whom."""

    from_second: int
    to_second: int  # with the clean-up after
    kind: str  # of the occupancy row
    expires_at: datetime | None
    closure_id: int  # 0: none, as below
    closure: str
    line_id: int
    facility_id: int
    room_id: int  # through which it is taken
    starts: int  # of the use itself
    ends: int
    number: str  # "" when it concerns nobody who looks: held, or of a room that is not theirs
    name: str
    state: str  # of the booking
    is_due: bool


def floor(
    session: Session, space_ids: Collection[int], span: Span, scope: Scope, *, now: datetime
) -> Mapping[int, Sequence[Block]]:
    """Return what takes these spaces within `span`, by space, in the order of the clock.

    Who it is stands there only for bookings of rooms within `scope`.
    """
    rows = session.execute(
        _FLOOR,
        {
            "tenant": current_tenant(),
            "spaces": list(space_ids),
            "begins": span.starts_at,
            "ends": span.ends_at,
            "earliest": span.starts_at - _LONGEST,
            "now": now,
        },
    )
    found: dict[int, list[Block]] = defaultdict(list)
    for row in rows.all():
        block = Block._make(row[1:])
        if block.line_id and not _is_shown(block, scope):
            block = block._replace(number="", name="")
        found[row[0]].append(block)
    return found


def _is_shown(block: Block, scope: Scope) -> bool:
    return block.kind == "booking" and scope.covers(block.facility_id, block.room_id)
