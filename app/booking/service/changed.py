"""How the lines of a booking stood before a change and stand after it, kept for both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingChange, BookingLine
from app.booking.rules.changes import Share, back_of
from app.db.audit import Actor


@dataclass(frozen=True, slots=True)
class Shape:
    """How a line stands: for both sides to see, and for the audit."""

    room_id: int
    on: date
    starts_at: datetime
    ends_at: datetime
    extras: Mapping[str, int]
    items: int | None  # tables, lanes or courts
    people: int | None
    fee_yen: int | None


@dataclass(frozen=True, slots=True)
class LineChange:
    """What became of one line, and what of its money follows; yen of the whole line."""

    line_id: int
    line: BookingLine  # not to be read after a change that was only tried
    before: Shape
    after: Shape
    back_yen: int  # of what was paid and is too much now, what comes back
    share: Share

    @property
    def more_yen(self) -> int:
        """Return how much more it costs; negative when less."""
        return (self.after.fee_yen or 0) - (self.before.fee_yen or 0)


def shape_of(line: BookingLine, booking: Booking) -> Shape:
    """Return how a line stands now."""
    return Shape(
        line.room_id,
        line.on_date,
        line.starts_at,
        line.ends_at,
        dict(line.extras or {}),
        line.items,
        booking.people,
        line.fee_yen,
    )


def made_of(line: BookingLine, before: Shape, after: Shape, share: Share) -> LineChange:
    """Return what became of a line; this share of what was paid too much comes back."""
    back = back_of(before.fee_yen, after.fee_yen, share.percent)
    return LineChange(line.id, line, before, after, back, share)


def keep(
    session: Session,
    booking: Booking,
    made: Sequence[LineChange],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Keep how the lines stood before and after, for both sides to see; return its id."""
    row = BookingChange(
        tenant_id=booking.tenant_id,
        booking_id=booking.id,
        at=now,
        account_id=actor.account_id,
        is_by_applicant=actor.kind != "staff",
        lines=[
            {
                "line": one.line.id,
                "before": told(one.before),
                "after": told(one.after),
                "back_yen": one.back_yen,
            }
            for one in made
        ],
        more_yen=sum(one.more_yen for one in made),
        back_yen=sum(one.back_yen for one in made),
    )
    session.add(row)
    session.flush()
    return row.id


def told(shape: Shape) -> dict[str, Any]:
    """Return how a line stood, as a document."""
    found = asdict(shape)
    found["on"] = shape.on.isoformat()
    found["starts_at"], found["ends_at"] = shape.starts_at.isoformat(), shape.ends_at.isoformat()
    return found
