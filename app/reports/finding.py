"""The booking that somebody on the telephone speaks of, found in one step."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.kernel.text_ja import digits
from app.reports.matching import is_numeric, matches
from app.reports.selection import same_booking, same_facility, same_room

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


def find(
    session: Session, words: str, *, facility_ids: Collection[int] | None, now: datetime
) -> list[Found]:
    """Return bookings with rooms in these halls (None: in all) that fit, what comes next first.

    One more than MOST_FOUND is returned at most, so that the page can say there are more. A
    whole booking number finds that booking alone.
    """
    comes = (BookingLine.state == LineState.ACTIVE) & (BookingLine.ends_at > now)
    # One line of each booking: the next that comes, else the one that was last.
    chosen = (
        select(
            BookingLine.booking_id,
            BookingLine.starts_at,
            BookingLine.ends_at,
            Facility.name.label("facility"),
            Room.name.label("room"),
            comes.label("comes"),
            func.count().over(partition_by=BookingLine.booking_id).label("uses"),
            Booking.number,
            func.coalesce(Booking.applicant_name, "").label("name"),
            func.coalesce(Booking.applicant_kana, "").label("kana"),
            func.coalesce(Booking.applicant_phone, "").label("phone"),
            func.coalesce(Booking.shown_name, "").label("shown_name"),
            Booking.state,
        )
        .ext(distinct_on(BookingLine.booking_id))
        .join(Booking, same_booking())
        .join(Room, same_room())
        .join(Facility, same_facility())
        .where(
            BookingLine.tenant_id == current_tenant(),
            true() if facility_ids is None else BookingLine.facility_id.in_(facility_ids),
            Booking.tenant_id == current_tenant(),
            Booking.state != State.DRAFT,
            matches(words),
        )
        .order_by(
            BookingLine.booking_id,
            comes.desc(),
            func.abs(func.extract("epoch", BookingLine.starts_at - now)),
            BookingLine.id,
        )
        .subquery("chosen")
    )
    distance = func.abs(func.extract("epoch", chosen.c.starts_at - now))
    rows = session.execute(
        select(
            chosen.c.number,
            chosen.c.name,
            chosen.c.kana,
            chosen.c.phone,
            chosen.c.shown_name,
            chosen.c.state,
            chosen.c.uses,
            chosen.c.starts_at,
            chosen.c.ends_at,
            chosen.c.facility,
            chosen.c.room,
        )
        .order_by(chosen.c.comes.desc(), distance, chosen.c.booking_id)
        .limit(MOST_FOUND + 1)
    )
    return _the_one([Found(*row) for row in rows], words)


def _the_one(found: list[Found], words: str) -> list[Found]:
    if not is_numeric(words) or len(digits(words)) != DIGITS_OF_A_NUMBER:
        return found
    return [one for one in found if one.number == digits(words)] or found
