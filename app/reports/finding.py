"""The booking that somebody on the telephone speaks of, found in one step."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.identity.permissions import Scope
from app.kernel.text_ja import digits
from app.reports.matching import is_numeric, matches
from app.reports.selection import same_facility, same_room, within

MOST_FOUND = 30
DIGITS_OF_A_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One booking that fits, with its next use in these halls, or else its last."""

    number: str
    name: str
    kana: str
    phone: str
    shown_name: str
    state: str
    uses: int
    starts_at: datetime
    ends_at: datetime
    facility: str
    room: str


SHOWN = [field.name for field in fields(Found)]


def find(session: Session, words: str, *, scope: Scope, now: datetime) -> list[Found]:
    """Return bookings with rooms within a scope that fit, what comes next first.

    One more than MOST_FOUND is returned at most, so that the page can say there are more. A
    whole booking number finds that booking alone.
    """
    for is_thorough in (False,) if is_numeric(words) else (False, True):
        condition = matches(words, is_thorough=is_thorough)
        rows = session.execute(_nearest(condition, scope, now))
        if found := [Found(*row) for row in rows]:
            return _the_one(found, words)
    return []


def _nearest(
    condition: ColumnElement[bool], scope: Scope, now: datetime
) -> Select[*tuple[Any, ...]]:
    """Return of each booking that fits one line: the next that comes, else the one last was."""
    # First the bookings, each looked at once; their lines are few.
    fitting = (
        select(Booking)
        .where(Booking.tenant_id == current_tenant(), Booking.state != State.DRAFT, condition)
        .cte("fitting")
        .prefix_with("materialized")
    )
    booking = aliased(Booking, fitting)
    comes = (BookingLine.state == LineState.ACTIVE) & (BookingLine.ends_at > now)
    distance = func.abs(func.extract("epoch", BookingLine.starts_at - now))
    lines = (
        select(
            booking.id.label("booking_id"),
            booking.number,
            func.coalesce(booking.applicant_name, "").label("name"),
            func.coalesce(booking.applicant_kana, "").label("kana"),
            func.coalesce(booking.applicant_phone, "").label("phone"),
            func.coalesce(booking.shown_name, "").label("shown_name"),
            _state(booking.state, comes).label("state"),
            func.count().over(partition_by=booking.id).label("uses"),
            BookingLine.starts_at,
            BookingLine.ends_at,
            Facility.name.label("facility"),
            Room.name.label("room"),
            comes.label("comes"),
            distance.label("distance"),
        )
        .ext(distinct_on(booking.id))
        .select_from(booking)
        .join(
            BookingLine,
            and_(BookingLine.tenant_id == booking.tenant_id, BookingLine.booking_id == booking.id),
        )
        .join(Room, same_room())
        .join(Facility, same_facility())
        .where(within(scope))
        .order_by(booking.id, comes.desc(), distance, BookingLine.id)
        .subquery("lines")
    )
    shown = [lines.c[name] for name in SHOWN]
    order = (lines.c.comes.desc(), lines.c.distance, lines.c.booking_id)
    return select(*shown).order_by(*order).limit(MOST_FOUND + 1)


def _state(state: InstrumentedAttribute[str], comes: ColumnElement[bool]) -> ColumnElement[str]:
    """Return the state of a booking; a confirmed one of which nothing comes any more was used."""
    return case((and_(state == State.CONFIRMED, not_(comes)), State.USED.value), else_=state)


def _the_one(found: list[Found], words: str) -> list[Found]:
    if not is_numeric(words) or len(digits(words)) != DIGITS_OF_A_NUMBER:
        return found
    return [one for one in found if one.number == digits(words)] or found
