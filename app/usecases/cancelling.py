"""Rooms of a booking are cancelled: floor free at once, ledger, audit and a letter."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.service.ending import LineEnd, cancel, certain, locked
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.costs import UNDECIDED, about_line
from app.payments.refunds.planning import Cause, plan
from app.payments.service import Entry, enter, of_line, owed_yen, paid_yen
from app.payments.tasks import ask_staff
from app.usecases.settling import close_when_decided
from app.usecases.waiving import withdraw_with_booking


def cancel_lines(
    catalogue: Catalogue,
    booking_id: int,
    line_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> Sequence[LineEnd]:
    """Cancel these lines and return what followed for each; asked twice it is done once.

    A resident cancels only their own booking and only in time; staff may later too, until
    the use begins. Raises Refused otherwise, and then nothing has changed.
    """

    return in_transaction(
        lambda session: cancel_at_once(
            session, catalogue, booking_id, line_ids, actor=actor, now=now
        )
    )


def cancel_at_once(
    session: Session,
    catalogue: Catalogue,
    booking_id: int,
    line_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
    by_facility: bool = False,
    is_told: bool = True,
) -> list[LineEnd]:
    """Cancel these lines as part of a transaction; see cancel_lines.

    `by_facility`: the hall needs the room itself, so everything paid comes back. `is_told`: by a
    letter of its own; not where another letter says so.
    """
    booking = locked(session, booking_id)
    if actor.kind == "resident" and booking.account_id != actor.account_id:
        raise Refused(Refusal("booking.unknown"))
    waited = booking.state == State.REQUESTED  # for a fee: nothing was charged yet
    is_paid = paid_yen(session, booking.id) > 0
    ends = cancel(
        session,
        catalogue,
        booking,
        line_ids,
        is_paid=is_paid,
        by_staff=actor.kind == "staff",
        now=now,
        by_facility=by_facility,
    )
    if ends and waited:
        _forget_fees(session, catalogue, booking, ends, actor=actor, now=now)
    if ends:
        _follow_up(session, booking, ends, was_charged=not waited, actor=actor, now=now)
        if is_paid:
            plan(session, booking.id, _cause(ends, by_facility=by_facility), now=now)
            _ask_how_much(session, booking, ends, now=now)
    if ends and is_told:
        _tell(session, booking, ends, by_facility=by_facility, now=now)
    return ends


def _cause(ends: Sequence[LineEnd], *, by_facility: bool) -> Cause:
    """Return why money goes back, with the rules it goes back by."""
    if by_facility:
        return Cause("displaced")
    citations = dict.fromkeys(end.consequence.citation for end in ends)
    return Cause("cancelled", "、".join(one for one in citations if one))


def _ask_how_much(
    session: Session, booking: Booking, ends: Sequence[LineEnd], *, now: datetime
) -> None:
    """Let staff decide what comes back where the published rule does not say."""
    for end in ends:
        if end.consequence.is_undecided and end.line.fee_yen:
            ask_staff(
                session, UNDECIDED, about_line(end.line.id), booking_id=booking.id,
                yen=end.line.fee_yen, now=now,
            )  # fmt: skip


def _forget_fees(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    ends: Sequence[LineEnd],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Leave lines without a fee that were cancelled before one was decided."""
    for end in ends:
        end.line.fee_yen = None
    lines = lines_of(session, booking.id)
    if all(line.state != LineState.ACTIVE for line in lines):
        booking.fee_yen = 0  # nothing was ever charged
    close_when_decided(session, catalogue, booking, lines, actor=actor, now=now)


def _follow_up(
    session: Session,
    booking: Booking,
    ends: Sequence[LineEnd],
    *,
    was_charged: bool,
    actor: Actor,
    now: datetime,
) -> None:
    if booking.state == State.CANCELLED:
        withdraw_with_booking(session, booking.id, now=now)
    released = [entry for end in ends if was_charged for entry in _released(end)]
    enter(session, released, booking_id=booking.id, actor=actor, now=now)
    if booking.state == State.PROVISIONAL and not owed_yen(session, booking.id):
        certain(
            session, booking, now=now
        )  # what is left costs nothing, so there is no deadline to miss
    lines = [end.line.id for end in ends]
    refund = sum(end.consequence.refund_yen for end in ends)
    audit.note(
        session,
        actor,
        "booking.cancelled",
        subject="booking",
        subject_id=booking.id,
        now=now,
        facts={"lines": lines, "refund_yen": refund, "state": booking.state},
    )


def _released(end: LineEnd) -> list[Entry]:
    """Return what is no longer owed for a line, and what is owed for having cancelled it."""
    fee, back = end.line.fee_yen or 0, end.consequence.released_yen + end.consequence.refund_yen
    if end.consequence.is_kept_as_fee or back >= fee:
        return [of_line("release", -back, end.line)]
    return [of_line("release", -fee, end.line), of_line("cancellation_fee", fee - back, end.line)]


def _tell(
    session: Session,
    booking: Booking,
    ends: Sequence[LineEnd],
    *,
    by_facility: bool,
    now: datetime,
) -> None:
    if booking.account_id is None:
        return
    email = email_of(session, booking.account_id)
    # By line: a booking can be cancelled in several steps, each with its own letter.
    line_id = max(end.line.id for end in ends)
    if by_facility:
        promise(session, "booking_displaced", subject_id=line_id, email=email, now=now)
    else:
        promise(session, "booking_cancelled", subject_id=line_id, email=email, now=now)
