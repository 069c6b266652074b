"""Ending a booking: cancelled in part or whole, lapsed unpaid, or paid and so certain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import Booking, BookingLine
from app.booking.queries import lines_of
from app.booking.rules.days import Place
from app.booking.rules.outcomes import Consequence, cancel_refusal, consequence, whole
from app.booking.states import OPEN, WAITING, LineState, State, may_move
from app.booking.terms import terms_agreed
from app.db.audit import Actor
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.fees.models import ASKED, WaiverRequest
from app.fees.waivers import is_waited_for
from app.kernel.refusals import Refusal, Refused


@dataclass(frozen=True, slots=True)
class LineEnd:
    """A line that could be cancelled now, with what would follow or why it can't be."""

    line: BookingLine
    consequence: Consequence
    refusal: Refusal | None


def locked(session: Session, booking_id: int) -> Booking:
    """Return a booking, locked against everybody else who would change it.

    Raises Refused when the municipality has no such booking.
    """
    found = session.scalar(
        select(Booking)
        .where(
            Booking.tenant_id == current_tenant(),
            Booking.id == booking_id,
            Booking.state != State.DRAFT,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("booking.unknown"))
    return found


def is_own(booking: Booking, actor: Actor) -> bool:
    """Say whether staff would decide of their own booking; then somebody else does."""
    return booking.account_id is not None and booking.account_id == actor.account_id


def line_ends(
    catalogue: Catalogue,
    booking: Booking,
    lines: Sequence[BookingLine],
    *,
    is_paid: bool,
    now: datetime,
    by_facility: bool = False,
) -> list[LineEnd]:
    """Return, for each line still standing, what cancelling it now would do.

    `by_facility`: the hall can't keep its word, so everything comes back, whatever the terms.
    """
    found = []
    today = now.astimezone(catalogue.zone).date()
    for line in lines:
        if line.state != LineState.ACTIVE or booking.state not in OPEN:
            continue
        facility = catalogue.facility(line.facility_id)
        terms = terms_agreed(facility, line.terms_version_id, line.on_date)
        place = Place(catalogue, facility)
        end = (
            whole(line.fee_yen or 0, is_paid=is_paid)
            if by_facility
            else consequence(
                terms,
                fee_yen=line.fee_yen or 0,
                is_paid=is_paid,
                use_day=line.on_date,
                today=today,
                room=next((room.slug for room in facility.rooms if room.id == line.room_id), ""),
                place=place,
            )
        )
        no = cancel_refusal(
            terms,
            place,
            day=line.on_date,
            starts_at=line.starts_at,
            now=now,
            is_open=is_paid and end.refund_percent is None,
        )
        found.append(LineEnd(line, end, no))
    return found


def cancel(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    line_ids: Collection[int],
    *,
    is_paid: bool,
    by_staff: bool,
    now: datetime,
    by_facility: bool = False,
) -> list[LineEnd]:
    """Cancel lines of a locked booking and free their floor; return what follows for each.

    A line that was cancelled before is passed over, so that asking twice does it once.
    Raises Refused when a line can't be cancelled by the applicant any more, or isn't there.
    """
    lines = lines_of(session, booking.id)
    if not set(line_ids) <= {line.id for line in lines} or not line_ids:
        raise Refused(Refusal("cancel.nothing_chosen"))
    ends = [
        end
        for end in line_ends(
            catalogue, booking, lines, is_paid=is_paid, now=now, by_facility=by_facility
        )
        if end.line.id in line_ids
    ]
    refused = [end.refusal for end in ends if end.refusal]
    started = [no for no in refused if no.code == "cancel.started"]
    if refused and (started or not by_staff):
        raise Refused(*refused)
    _end(session, [end.line for end in ends], LineState.CANCELLED, now=now)
    if ends and all(line.state != LineState.ACTIVE for line in lines):
        move(booking, State.CANCELLED)
        booking.ended_at = now
    return ends


def lapse(session: Session, booking: Booking, *, now: datetime) -> list[BookingLine]:
    """Let a locked booking lapse whose fee was not paid in time; return the lines it loses.

    Nothing happens when it was paid, cancelled or lapsed meanwhile, or while staff have not
    answered a request for a waiver.
    """
    if is_waited_for(session, booking.id):
        return []
    if booking.state != State.PROVISIONAL or booking.due_at is None or booking.due_at > now:
        return []
    lines = lines_of(session, booking.id)
    standing = [line for line in lines if line.state == LineState.ACTIVE]
    return _lapsed(session, booking, standing, now=now)


def lapse_unanswered(session: Session, booking: Booking, *, now: datetime) -> list[BookingLine]:
    """Let a locked booking lapse that waited for its permit until all its uses were over.

    Returns the lines it loses; none when it was answered, changed or cancelled meanwhile.
    """
    lines = lines_of(session, booking.id)
    standing = [line for line in lines if line.state == LineState.ACTIVE]
    if booking.state != State.REQUESTED or booking.review not in WAITING:
        return []
    if any(line.ends_at > now for line in standing):
        return []
    for line in standing:
        line.fee_yen = None
    booking.fee_yen = 0  # nothing was ever charged
    return _lapsed(session, booking, standing, now=now)


def certain(session: Session, booking: Booking, *, now: datetime) -> None:
    """Make a locked booking certain: nothing of its fee is owed. Raises Refused when it ended.

    One that was paid, and costs more since it was changed, is certain already.
    """
    is_due_again = booking.state == State.CONFIRMED and booking.due_at is not None
    if booking.state != State.PROVISIONAL and not is_due_again:
        raise Refused(Refusal("payment.not_due"))
    if booking.state == State.PROVISIONAL:
        move(booking, State.CONFIRMED)
    booking.due_at = None
    looks_other(session, booking, now=now)


def looks_other(session: Session, booking: Booking, *, now: datetime) -> None:
    """Tell readers of the halls' calendars that a booking stands in another state than before."""
    lines = lines_of(session, booking.id)
    occupancy.moved(session, {line.facility_id for line in lines}, now=now)


def move(booking: Booking, following: State) -> None:
    """Bring a booking into its next state; raises ValueError for a move not in the table."""
    if not may_move(State(booking.state), following):
        raise ValueError(f"{booking.state} does not become {following}")
    booking.state = following


def overdue(
    session: Session, *, now: datetime, unless: ColumnElement[bool], limit: int = 100
) -> list[int]:
    """Return bookings whose fee is overdue, the longest first; not those `unless` speaks of."""
    return list(
        session.scalars(
            select(Booking.id)
            .where(
                Booking.tenant_id == current_tenant(),
                Booking.state == State.PROVISIONAL,
                Booking.due_at <= now,
                ~unless,
                ~exists().where(
                    WaiverRequest.tenant_id == Booking.tenant_id,
                    WaiverRequest.booking_id == Booking.id,
                    WaiverRequest.state == ASKED,
                ),
            )
            .order_by(Booking.due_at)
            .limit(limit)
        )
    )


def unanswered(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Return bookings that waited for their permit until all their uses were over."""
    return list(
        session.scalars(
            select(Booking.id)
            .where(
                Booking.tenant_id == current_tenant(),
                Booking.state == State.REQUESTED,
                Booking.review.in_(WAITING),
                ~exists().where(
                    BookingLine.tenant_id == Booking.tenant_id,
                    BookingLine.booking_id == Booking.id,
                    BookingLine.state == LineState.ACTIVE,
                    BookingLine.ends_at > now,
                ),
            )
            .order_by(Booking.id)
            .limit(limit)
        )
    )


def sweep_drafts(session: Session, *, untouched_since: datetime, limit: int = 500) -> int:
    """Delete baskets that nobody touched for long, with the holds in them; return how many."""
    old = list(
        session.scalars(
            select(Booking.id)
            .where(
                Booking.tenant_id == current_tenant(),
                Booking.state == State.DRAFT,
                Booking.touched_at < untouched_since,
            )
            .order_by(Booking.touched_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    mine = BookingLine.tenant_id == current_tenant()
    if old:
        session.execute(delete(BookingLine).where(mine, BookingLine.booking_id.in_(old)))
        session.execute(
            delete(Booking).where(Booking.tenant_id == current_tenant(), Booking.id.in_(old))
        )
    return len(old)


def _lapsed(
    session: Session, booking: Booking, lines: list[BookingLine], *, now: datetime
) -> list[BookingLine]:
    _end(session, lines, LineState.LAPSED, now=now)
    move(booking, State.LAPSED)
    booking.ended_at = now
    return lines


def _end(
    session: Session, ended: Sequence[BookingLine], state: LineState, *, now: datetime
) -> None:
    for line in ended:
        line.state = state
        line.ended_at = now
    session.flush()
    occupancy.give_back(session, [line.id for line in ended])
    occupancy.moved(session, [line.facility_id for line in ended], now=now)
