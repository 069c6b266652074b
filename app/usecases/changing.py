"""A booking is changed in place: floor, fee, ledger, audit and one letter, or nothing at all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import changes_of, lines_of
from app.booking.service import changing, permits
from app.booking.service.changed import LineChange, keep, told
from app.booking.service.changing import Asked
from app.booking.service.ending import locked, looks_other, move
from app.booking.service.pricing import due
from app.booking.states import LineState, Review, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction, tried
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.costs import UNDECIDED, about_line
from app.payments.refunds.planning import Cause, plan
from app.payments.service import Balance, Entry, balance_of, enter, of_line
from app.payments.tasks import ask_staff
from app.usecases.settling import close_when_decided, day_of


def change(
    catalogue: Catalogue,
    booking_id: int,
    asked: Asked,
    *,
    actor: Actor,
    now: datetime,
    agreed_yen: int | None = None,
    seen: int | None = None,
) -> list[LineChange]:
    """Change a booking and return what became of each line; nothing differs, nothing happens.

    `agreed_yen` is how much more all of it costs (less is negative) as it was shown before, and
    `seen` how often it had been changed by then: nobody undoes a change that they never saw.
    Raises Refused with every reason, and then nothing has changed.
    """

    def work(session: Session) -> list[LineChange]:
        booking, made = _changed(session, catalogue, booking_id, asked, actor=actor, now=now)
        more = sum(one.more_yen for one in made)
        if made and agreed_yen is not None and more != agreed_yen:
            raise Refused(Refusal("change.price_changed", {"yen": booking.fee_yen}))
        if made and seen is not None and changes_of(session, booking.id) != seen:
            raise Refused(Refusal("change.meanwhile"))
        if made:
            _follow_up(session, catalogue, booking, made, actor=actor, now=now)
        return made

    return in_transaction(work)


def look_at(
    catalogue: Catalogue, booking_id: int, asked: Asked, *, actor: Actor, now: datetime
) -> list[LineChange]:
    """Return what a change would make of each line; it is tried and undone. Raises Refused."""

    def work(session: Session) -> list[LineChange]:
        _booking, made = _changed(session, catalogue, booking_id, asked, actor=actor, now=now)
        session.expunge_all()
        return made

    return tried(work)


def _changed(
    session: Session,
    catalogue: Catalogue,
    booking_id: int,
    asked: Asked,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[Booking, list[LineChange]]:
    booking = locked(session, booking_id)
    by_staff = actor.kind == "staff"
    if not by_staff and booking.account_id != actor.account_id:
        raise Refused(Refusal("booking.unknown"))
    made = changing.change(
        session,
        catalogue,
        booking,
        asked,
        is_paid=balance_of(session, booking.id).paid_yen > 0,
        times=changes_of(session, booking.id, by_applicant=True),
        by_staff=by_staff,
        now=now,
    )
    return booking, made


def _follow_up(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    made: Sequence[LineChange],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Enter the difference, bring the booking to its state, and tell everybody."""
    if booking.state != State.REQUESTED:  # else nothing was charged yet
        enter(session, _entries(made), booking_id=booking.id, actor=actor, now=now)
        is_paid = _settle_state(session, catalogue, booking, now=now).paid_yen > 0
        if is_paid:
            plan(session, booking.id, _cause(made), now=now)
    else:
        lines = lines_of(session, booking.id)
        _ask_again(session, catalogue, booking, lines, actor=actor, now=now)
        close_when_decided(session, catalogue, booking, lines, actor=actor, now=now)
    looks_other(session, booking, now=now)
    kept = keep(session, booking, made, actor=actor, now=now)
    _ask_how_much(session, made, kept, now=now)
    audit.note(
        session,
        actor,
        "booking.changed",
        subject="booking",
        subject_id=booking.id,
        now=now,
        facts={
            "lines": [one.line.id for one in made],
            "before": [told(one.before) for one in made],
            "after": [told(one.after) for one in made],
            "fee_yen": booking.fee_yen,
            "refund_yen": sum(one.back_yen for one in made),
        },
    )
    if booking.account_id is not None:
        email = email_of(session, booking.account_id)
        promise(session, "booking_changed", subject_id=kept, email=email, now=now)


def _cause(made: Sequence[LineChange]) -> Cause:
    """Return why money goes back, with the rules it goes back by."""
    citations = dict.fromkeys(one.share.citation for one in made if one.back_yen)
    return Cause("changed", "、".join(one for one in citations if one))


def _ask_how_much(
    session: Session, made: Sequence[LineChange], change_id: int, *, now: datetime
) -> None:
    """Let staff decide what comes back where the published rule does not say."""
    for one in made:
        if one.more_yen < 0 and one.share.is_undecided:
            ask_staff(
                session, UNDECIDED, about_line(one.line_id, change_id),
                booking_id=one.line.booking_id, yen=-one.more_yen, now=now,
            )  # fmt: skip


def _ask_again(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    lines: Sequence[BookingLine],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Ask for the permit of what it is now; one that was returned is with the staff again."""
    uses = [(day_of(catalogue, x), x) for x in lines if x.state == LineState.ACTIVE]
    assert booking.submitted_at is not None
    if permits.ask_again(booking, uses, requested_at=booking.submitted_at):
        permits.write_step(session, booking, Review.ASKED, "", account_id=actor.account_id, now=now)


def _entries(made: Sequence[LineChange]) -> list[Entry]:
    more = [of_line("charge", one.more_yen, one.line) for one in made if one.more_yen > 0]
    less = [of_line("release", -one.back_yen, one.line) for one in made if one.back_yen]
    return [*more, *less]


def _settle_state(
    session: Session, catalogue: Catalogue, booking: Booking, *, now: datetime
) -> Balance:
    """Let the state follow what is owed: who paid before never lapses, they have something due.

    Returns how its money stands.
    """
    balance = balance_of(session, booking.id)
    uses = [
        (day_of(catalogue, x), x)
        for x in lines_of(session, booking.id)
        if x.state == LineState.ACTIVE
    ]
    if balance.owed_yen <= 0:
        booking.due_at = None
        if booking.state == State.PROVISIONAL:
            move(booking, State.CONFIRMED)
        return balance
    if booking.state == State.CONFIRMED and not balance.paid_yen:
        move(booking, State.PROVISIONAL)  # it was free, now it is to be paid
    # Changing again and again puts no deadline off, and none lies after the use has begun.
    found = booking.due_at or due(uses, catalogue, now=now)
    booking.due_at = min([found, *(line.starts_at for _day, line in uses)])
    return balance
