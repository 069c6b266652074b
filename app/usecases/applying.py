"""A resident or a program applies for what was chosen: booking, ledger, audit and one letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.queries import lines_of
from app.booking.service import baskets
from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish, minute_of
from app.booking.service.baskets import Chooser
from app.booking.service.equipment import Used, write_used
from app.booking.service.submitting import NotAllLines, Submitted, submit
from app.booking.states import State
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments.service import Entry, enter, of_line
from app.usecases.waiving import note_request


class NotAllWishes(Refused):
    """Some of what was asked for at once can't be had; `by_line` says which, by its place."""

    def __init__(self, by_line: Sequence[tuple[int, Sequence[Refusal]]]) -> None:
        super().__init__(*(no for _, refusals in by_line for no in refusals))
        self.by_line = tuple((line, tuple(refusals)) for line, refusals in by_line)


@dataclass(frozen=True, slots=True)
class AskedWaiver:
    """A waiver that is asked for with the application."""

    waiver: str
    name: str
    reason: str


def apply(
    catalogue: Catalogue,
    basket_key: str,
    applicant: Applicant,
    answers: Answers,
    *,
    actor: Actor,
    now: datetime,
    best_effort: bool = False,
    may_stay_open: bool = False,
    waiver: AskedWaiver | None = None,
    agreed_yen: int | None = None,
) -> Submitted:
    """Make a booking of a basket, once; asked again it returns the booking that was made.

    Raises NotAllLines or Refused, and then nothing has changed.
    """

    def work(session: Session) -> Submitted:
        made = submit(
            session,
            catalogue,
            basket_key,
            applicant,
            answers,
            now=now,
            best_effort=best_effort,
            may_stay_open=may_stay_open,
            agreed_yen=agreed_yen,
        )
        if made.is_new:
            follow_up(session, made, actor=actor, now=now)
        if made.is_new and waiver is not None and applicant.account_id is not None:
            note_request(
                session, account_id=applicant.account_id, waiver=waiver.waiver, name=waiver.name,
                reason=waiver.reason, booking_id=made.booking.id, actor=actor, now=now,
            )  # fmt: skip
        return made

    return in_transaction(work)


def apply_at_once(
    session: Session,
    catalogue: Catalogue,
    chooser: Chooser,
    wishes: Sequence[Wish],
    applicant: Applicant,
    answers: Answers,
    *,
    used: Sequence[Used] = (),
    actor: Actor,
    now: datetime,
    may_stay_open: bool = False,
    agreed_yen: int | None = None,
) -> Submitted:
    """Choose and apply in one transaction, all or nothing; for programs and for staff.

    Raises NotAllWishes when some wishes can't be had, Refused for what concerns all of them.
    """
    chosen = baskets.hold(session, catalogue, chooser, wishes, now=now)
    if chosen.refused:
        raise NotAllWishes(
            [(n, chosen.refused[one]) for n, one in enumerate(wishes) if one in chosen.refused]
        )
    _equip(session, catalogue, chosen.booking_id, wishes, used)
    try:
        made = submit(
            session, catalogue, chooser.basket_key, applicant, answers, now=now,
            may_stay_open=may_stay_open, agreed_yen=agreed_yen, by_staff=chooser.by_staff,
        )  # fmt: skip
    except NotAllLines as no:
        raise NotAllWishes(_by_wish(session, catalogue, no, wishes, chosen.booking_id)) from no
    if made.is_new:
        follow_up(session, made, actor=actor, now=now)
    return made


def follow_up(session: Session, made: Submitted, *, actor: Actor, now: datetime) -> None:
    """Write the ledger and the audit of a new booking and promise its one letter."""
    booking = made.booking
    if booking.state != State.REQUESTED:  # else it is charged when staff have decided the fee
        charge(session, booking.id, made.lines, actor=actor, now=now)
    facts: dict[str, Any] = {
        "state": booking.state,
        "fee_yen": booking.fee_yen,
        "lines": [line.id for line in made.lines],
    }
    audit.note(
        session,
        actor,
        "booking.made",
        subject="booking",
        subject_id=booking.id,
        now=now,
        facts=facts,
    )
    if booking.account_id is not None:
        email = email_of(session, booking.account_id)
        promise(session, "booking_made", subject_id=booking.id, email=email, now=now)


def charge(
    session: Session,
    booking_id: int,
    lines: Sequence[BookingLine],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Enter what each line costs, 0円 too; surcharges and waivers stand by themselves."""
    entries = [entry for line in lines for entry in _assessed(line)]
    enter(session, entries, booking_id=booking_id, actor=actor, now=now)


def _assessed(line: BookingLine) -> list[Entry]:
    """Return what makes up the fee of a line: 使用料, 割増, 減免."""
    fee, parts = line.fee_yen or 0, (line.quote or {}).get("lines", ())
    more = sum(max(one["yen"], 0) for one in parts if one.get("kind") == "surcharge")
    waived = sum(one["yen"] for one in parts if one.get("kind") == "waiver")
    plain = fee - more - waived
    if waived > 0 or plain < 0:
        return [of_line("charge", fee, line)]  # as a sum that staff wrote
    found = [of_line("charge", plain, line)]
    found += [of_line("surcharge", more, line)] if more else []
    return found + ([of_line("waiver", waived, line)] if waived else [])


def _by_wish(
    session: Session, catalogue: Catalogue, no: NotAllLines, wishes: Sequence[Wish], booking_id: int
) -> list[tuple[int, Sequence[Refusal]]]:
    """Return the refusals of lines by the wishes that became part of them."""
    why = {one.line_id: one.refusals for one in no.lines}
    found: list[tuple[int, Sequence[Refusal]]] = []
    for line in lines_of(session, booking_id):
        if line.id in why:
            found += [(n, why[line.id]) for n in _within(line, wishes, catalogue)]
    return sorted(found, key=lambda one: one[0])


def _equip(
    session: Session,
    catalogue: Catalogue,
    booking_id: int,
    wishes: Sequence[Wish],
    used: Sequence[Used],
) -> None:
    """Write on each line what the wishes in it use; of wishes that became one line the most."""
    if not any(one.extras or one.items > 1 for one in used):
        return
    for line in lines_of(session, booking_id):
        inside = [used[n] for n in _within(line, wishes, catalogue)]
        names = {name for one in inside for name in one.extras}
        extras = {name: max(one.extras.get(name, 0) for one in inside) for name in names}
        write_used(line, Used(extras, max((one.items for one in inside), default=1)))


def _within(line: BookingLine, wishes: Sequence[Wish], catalogue: Catalogue) -> list[int]:
    """Return the places of the wishes that became part of a line."""
    begins, ends = (minute_of(x, line.on_date, catalogue) for x in (line.starts_at, line.ends_at))
    return [
        n
        for n, wish in enumerate(wishes)
        if (wish.room_id, wish.on) == (line.room_id, line.on_date)
        and begins <= wish.from_minute
        and wish.to_minute <= ends
    ]
