"""Applying: what is held becomes a booking with a number, a fee and a deadline, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import Booking, BookingLine, booking_count
from app.booking.numbers import booking_number
from app.booking.occupancy import Claim
from app.booking.queries import held_lines, lines_of
from app.booking.service import equipment
from app.booking.service.application import Answers, Applicant
from app.booking.service.baskets import locked_draft
from app.booking.service.counting import check_quotas, come_in_turn
from app.booking.service.judging import LineRefusal, Ready, Request, judged, standing_alone
from app.booking.service.permits import ask_for_permit
from app.booking.service.pricing import frozen, granted_to, price
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refusal, Refused
from app.kernel.spans import Span


class NotAllLines(Refused):
    """Some lines can't be booked; the applicant chooses between none and what is left."""

    def __init__(self, lines: Sequence[LineRefusal]) -> None:
        super().__init__(*(no for line in lines for no in line.refusals))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A booking as it was made; `is_new` is False when it had been made before."""

    booking: Booking
    lines: list[BookingLine]
    is_new: bool


def submit(
    session: Session,
    catalogue: Catalogue,
    basket_key: str,
    applicant: Applicant,
    answers: Answers,
    *,
    now: datetime,
    best_effort: bool = False,
    may_stay_open: bool = False,
    agreed_yen: int | None = None,
    by_staff: bool = False,
) -> Submitted:
    """Make a booking of a basket; asking again returns the booking that was made.

    Raises NotAllLines when some lines can't be had and `best_effort` is off, Refused for
    what concerns the whole request. `agreed_yen` is the fee that the applicant saw.
    `by_staff`: for somebody at the counter or on the telephone, who may have no account.
    `may_stay_open`: a fee that the rules leave open is no refusal, staff decide it afterwards.
    """
    draft = locked_draft(session, basket_key)
    if draft is None:
        raise Refused(Refusal("basket.empty"))
    if draft.state != State.DRAFT:
        if draft.account_id != applicant.account_id:  # the next person at a shared computer
            raise Refused(Refusal("basket.submitted"))
        return Submitted(draft, lines_of(session, draft.id), is_new=False)
    lines, until = held_lines(session, draft.id)
    request = Request(session, catalogue, applicant, answers, may_stay_open, now, by_staff)
    if request.takes_turns(lines):
        come_in_turn(session, applicant)
    ready, refused = _ready(request, lines, until, best_effort=best_effort)
    if refused and (not best_effort or not ready):
        raise NotAllLines(refused)
    if not ready:
        raise Refused(Refusal("basket.empty"))
    check_quotas(session, catalogue, ready, applicant, now=now)
    fee = sum(one.yen or 0 for one in ready)
    if agreed_yen is not None and fee != agreed_yen:
        raise Refused(Refusal("fee.changed", {"yen": fee}))
    booked = {one.line.id for one in ready}
    _drop(session, [line for line in lines if line.id not in booked], now=now)
    draft.is_by_staff = by_staff
    _write(session, draft, ready, applicant, answers, catalogue, now=now)
    return Submitted(draft, [one.line for one in ready], is_new=True)


def _ready(
    request: Request,
    lines: Sequence[BookingLine],
    until: Mapping[int, datetime],
    *,
    best_effort: bool,
) -> tuple[list[Ready], list[LineRefusal]]:
    """Return the lines that rules, floor and equipment allow, and why not the others."""
    session, now = request.session, request.now
    ready, refused = judged(request, lines)
    refused += _without_floor(session, ready, until, now=now)
    ready = _left(ready, refused)
    refused += _without_equipment(session, ready, request.today)
    ready = _left(ready, refused)
    if refused and best_effort:
        ready, more = standing_alone(request, ready)
        refused += more
    return ready, refused


def _left(ready: Sequence[Ready], refused: Sequence[LineRefusal]) -> list[Ready]:
    lost = {one.line_id for one in refused}
    return [one for one in ready if one.line.id not in lost]


def _without_floor(
    session: Session, ready: Sequence[Ready], until: Mapping[int, datetime], *, now: datetime
) -> list[LineRefusal]:
    """Turn holds into bookings, take again what ran out, and name the lines that were lost."""
    claims = [
        Claim(space, floor.starts_at, floor.ends_at, line_id=one.line.id)
        for one in ready
        for floor in [_floor(one)]
        for space in one.day.room.space_ids
    ]
    if any(until.get(one.line.id, now) <= now for one in ready):
        occupancy.in_turn(session, [claim.space_id for claim in claims], alone=True)
        occupancy.clear_expired(session, claims, now=now)
    had = occupancy.settle(session, [one.line.id for one in ready])
    missing = [claim for claim in claims if (claim.line_id, claim.space_id) not in had]
    taken = occupancy.take(session, missing, kind="booking")
    lost = {claim.line_id for claim in missing if claim not in taken}
    taken_by_others = (Refusal("slot.taken"),)
    return [LineRefusal(one.line.id, taken_by_others) for one in ready if one.line.id in lost]


def _without_equipment(session: Session, ready: Sequence[Ready], today: date) -> list[LineRefusal]:
    """Name the lines for which not enough of a piece of equipment is left."""
    asked = [(one.line, one.day.tariff(today).document.extras) for one in ready if one.line.extras]
    found = equipment.short(session, asked)
    return [LineRefusal(line_id, refusals) for line_id, refusals in found.items()]


def _floor(one: Ready) -> Span:
    """Return how long a line takes the floor: its use and the clean-up after it."""
    clean_up = timedelta(minutes=one.day.room.buffer_minutes)
    return Span(one.line.starts_at, one.line.ends_at + clean_up)


def _drop(session: Session, lines: Sequence[BookingLine], *, now: datetime) -> None:
    """Delete the lines that are not booked; their halls' pages change too."""
    if lines:
        session.execute(
            delete(BookingLine).where(
                BookingLine.tenant_id == current_tenant(),
                BookingLine.id.in_([line.id for line in lines]),
            )
        )
        occupancy.moved(session, [line.facility_id for line in lines], now=now)


def _write(
    session: Session,
    draft: Booking,
    ready: Sequence[Ready],
    applicant: Applicant,
    answers: Answers,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> None:
    """Freeze the fee and the rules on the lines, and everything else on the booking."""
    number = booking_number(session.scalar(select(booking_count.next_value())) or 0)
    for one in ready:
        one.line.state = LineState.ACTIVE
        one.line.fee_yen = one.yen
        one.line.quote = frozen(one.quote)
        one.line.waivers = granted_to(one.quote, one.granted)
        one.line.terms_version_id = one.day.terms.id
        one.line.payee = one.day.terms.document.payment.payee
        one.line.fees_version_id = one.day.tariff(now.astimezone(catalogue.zone).date()).id
    ask_for_permit(draft, ready, applicant, answers, catalogue, now=now)
    price(draft, [(one.day, one.line) for one in ready], catalogue, now=now)
    draft.number = number
    draft.submitted_at = draft.touched_at = now
    draft.origin = None
    draft.account_id = applicant.account_id
    draft.applicant_class = applicant.applicant_class
    draft.applicant_name = applicant.name
    draft.applicant_kana = applicant.kana
    draft.applicant_phone = applicant.phone
    draft.purpose = answers.purpose
    draft.people = answers.people
    draft.shown_name = answers.shown_name
    draft.notes = answers.notes
    draft.answers = {
        "admission_yen": answers.admission_yen,
        "is_for_profit": answers.is_for_profit,
        **({"people_by": dict(answers.people_by)} if answers.people_by else {}),
        **answers.others,
    }
    session.flush()
    occupancy.moved(session, [one.line.facility_id for one in ready], now=now)
