"""A booking that lapsed stands again: its money came just too late, and its rooms are free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import Booking, BookingLine
from app.booking.occupancy import Claim
from app.booking.plan import RoomDay, room_day
from app.booking.queries import lines_of
from app.booking.service import equipment
from app.booking.service.application import applicant_of
from app.booking.service.basket_plan import minute_of
from app.booking.service.counting import check_quotas, lock_person
from app.booking.service.ending import move
from app.booking.states import LineState, State
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Use:
    """A line that lapsed with the room's day as it is now."""

    line: BookingLine
    day: RoomDay


def revive(
    session: Session, catalogue: Catalogue, booking: Booking, *, now: datetime
) -> list[BookingLine]:
    """Let a locked booking that lapsed stand again, all that lapsed of it; return its lines.

    The floor is taken as by anybody else, quotas and equipment are counted again. Raises Refused
    when something of it can't be had any more; then the caller undoes what was done.
    """
    lapsed = [x for x in lines_of(session, booking.id) if x.state == LineState.LAPSED]
    if booking.state != State.LAPSED or not lapsed:
        raise Refused(Refusal("booking.unknown"))
    uses = [_use(catalogue, line, now=now) for line in lapsed]
    lock_person(session, booking.account_id)
    check_quotas(session, catalogue, uses, applicant_of(booking), now=now)
    _take(session, uses, now=now)
    _equip(session, uses, booking, catalogue)
    for one in uses:
        one.line.state, one.line.ended_at = LineState.ACTIVE, None
    move(booking, State.CONFIRMED)
    booking.ended_at = booking.due_at = None
    session.flush()
    occupancy.moved(session, [line.facility_id for line in lapsed], now=now)
    return lapsed


def _use(catalogue: Catalogue, line: BookingLine, *, now: datetime) -> Use:
    """Return a line with its day; raises Refused when it can't take place as it was."""
    if line.starts_at <= now:
        raise Refused(Refusal("slot.past"))
    try:
        facility, room = catalogue.room(line.room_id)
    except LookupError:
        raise Refused(Refusal("room.unknown")) from None
    day = room_day(catalogue, facility, room, line.on_date)
    begins, ends = (minute_of(x, line.on_date, catalogue) for x in (line.starts_at, line.ends_at))
    if day.run(begins, ends) is None:
        raise Refused(Refusal("slot.unknown"))
    return Use(line, day)


def _take(session: Session, uses: Sequence[Use], *, now: datetime) -> None:
    claims = [
        Claim(
            space,
            one.line.starts_at,
            one.line.ends_at + timedelta(minutes=one.day.room.buffer_minutes),
            line_id=one.line.id,
        )
        for one in uses
        for space in one.day.room.space_ids
    ]
    occupancy.clear_expired(session, claims, now=now)
    if occupancy.take(session, claims, kind="booking") != set(claims):
        raise Refused(Refusal("slot.taken"))


def _equip(session: Session, uses: Sequence[Use], booking: Booking, catalogue: Catalogue) -> None:
    assert booking.submitted_at is not None
    on = booking.submitted_at.astimezone(catalogue.zone).date()
    asked = [(x.line, x.day.tariff(on).document.extras) for x in uses if x.line.extras]
    short = equipment.short(session, asked)
    if short:
        raise Refused(*(no for refusals in short.values() for no in refusals))
