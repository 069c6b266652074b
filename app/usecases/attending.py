"""Staff note how a use really went: one tap each, taken back as easily, put right afterwards."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.queries import lines_of
from app.booking.service.ending import locked
from app.booking.states import WAITING, LineState
from app.counter import uses
from app.counter.rules import Mark
from app.counter.uses import Noted
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refusal, Refused

Change = Callable[[Session, BookingLine], tuple[Noted, Noted]]


def set_mark(
    catalogue: Catalogue,
    booking_id: int,
    line_id: int,
    mark: Mark,
    *,
    actor: Actor,
    now: datetime,
) -> Noted:
    """Set a mark and return what is noted now; pressed twice it is set once.

    Of an earlier day it is set to the booked time, for the clock of today says nothing of it.

    Raises Refused when the use is not today or past, was cancelled, waits for a permit, or when
    the mark can't follow what was noted.
    """
    return _changed(
        catalogue, booking_id, line_id, "use.marked",
        lambda session, line: uses.set_mark(
            session, line.id, mark, starts_at=line.starts_at,
            now=_moment(line, mark, today=now.astimezone(catalogue.zone).date(), now=now),
        ),
        actor=actor, now=now,
    )  # fmt: skip


def take_back(
    catalogue: Catalogue,
    booking_id: int,
    line_id: int,
    mark: Mark,
    *,
    actor: Actor,
    now: datetime,
) -> Noted:
    """Take a mark back and return what is noted now. Raises Refused as `set_mark`."""
    return _changed(
        catalogue, booking_id, line_id, "use.unmarked",
        lambda session, line: uses.take_back(session, line.id, mark),
        actor=actor, now=now,
    )  # fmt: skip


def put_right(
    catalogue: Catalogue,
    booking_id: int,
    line_id: int,
    wanted: Noted,
    *,
    seen_version: int,
    actor: Actor,
    now: datetime,
) -> Noted:
    """Write times, people and remark as they really were, if nobody wrote since they were seen.

    Raises Refused otherwise, and as `set_mark`.
    """
    return _changed(
        catalogue, booking_id, line_id, "use.put_right",
        lambda session, line: uses.put_right(
            session, line.id, wanted, seen_version=seen_version
        ),
        actor=actor, now=now,
    )  # fmt: skip


def _changed(
    catalogue: Catalogue,
    booking_id: int,
    line_id: int,
    action: str,
    change: Change,
    *,
    actor: Actor,
    now: datetime,
) -> Noted:
    def work(session: Session) -> Noted:
        booking = locked(session, booking_id)  # nobody cancels or moves it meanwhile
        line = _line(session, booking.id, line_id, today=now.astimezone(catalogue.zone).date())
        before, after = change(session, line)
        if booking.review in WAITING and (after.marks.came_at or after.marks.key_out_at):
            raise Refused(Refusal("use.no_permit"))
        if after != before:
            facts = {
                "lines": [line.id],
                "before": uses.facts_of(before),
                "after": uses.facts_of(after),
            }
            audit.note(
                session, actor, action, subject="booking", subject_id=booking.id, now=now,
                facts=facts,
            )  # fmt: skip
        return after

    return in_transaction(work)


def _moment(line: BookingLine, mark: Mark, *, today: date, now: datetime) -> datetime:
    """Return when a mark was, set now: of an earlier day the booked time, to be put right."""
    if line.on_date >= today or now < line.ends_at:
        return now
    return line.starts_at if mark in (Mark.CAME, Mark.KEY_OUT) else line.ends_at


def _line(session: Session, booking_id: int, line_id: int, *, today: date) -> BookingLine:
    line = next((one for one in lines_of(session, booking_id) if one.id == line_id), None)
    if line is None:
        raise Refused(Refusal("booking.unknown"))
    if line.state != LineState.ACTIVE:
        raise Refused(Refusal("use.ended"))
    if line.on_date > today:
        raise Refused(Refusal("use.not_yet"))
    return line
