"""Applying: what is held becomes a booking with a number, a fee and a deadline, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import Booking, BookingLine, booking_count
from app.booking.numbers import booking_number
from app.booking.occupancy import Claim
from app.booking.plan import Facts, RoomDay, room_day
from app.booking.queries import counted, held_lines, lines_of, standing_uses
from app.booking.rules import quotas, reception
from app.booking.rules.outcomes import due_at
from app.booking.rules.runs import length_refusals
from app.booking.service import equipment
from app.booking.service.baskets import locked_draft, minute_of
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.fees.rules import Quote, Undetermined
from app.identity.models import Resident
from app.kernel.refusals import Refusal, Refused
from app.kernel.spans import Span

YES = "はい"  # how a yes to a hall's own question is kept


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, as written on the booking."""

    account_id: int
    applicant_class: str
    name: str
    kana: str
    phone: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the applicant said about the use."""

    purpose: str
    people: int
    shown_name: str  # 案内板にのせる名前; empty: not shown
    notes: str = ""
    admission_yen: int = 0
    is_for_profit: bool = False
    others: Mapping[str, str] = field(default_factory=dict)
    people_by: Mapping[str, int] = field(default_factory=dict)  # where the tariff counts by age


@dataclass(frozen=True, slots=True)
class LineRefusal:
    """Why one line of a basket can't be booked."""

    line_id: int
    refusals: tuple[Refusal, ...]


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


@dataclass(frozen=True, slots=True)
class _Ready:
    line: BookingLine
    day: RoomDay
    quote: Quote | Undetermined

    @property
    def yen(self) -> int | None:
        """Return the fee; None while it is for staff to decide."""
        return self.quote.total_yen if isinstance(self.quote, Quote) else None


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
) -> Submitted:
    """Make a booking of a basket; asking again returns the booking that was made.

    Raises NotAllLines when some lines can't be had and `best_effort` is off, Refused for
    what concerns the whole request. `agreed_yen` is the fee that the applicant saw.
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
    ready, refused = _judged(
        catalogue, lines, applicant, answers, may_stay_open=may_stay_open, now=now
    )
    refused += _without_floor(session, ready, until, now=now)
    ready = _left(ready, refused)
    refused += _without_equipment(session, ready, now.astimezone(catalogue.zone).date())
    ready = _left(ready, refused)
    if refused and best_effort:
        ready, more = _standing_alone(
            catalogue, ready, applicant, answers, may_stay_open=may_stay_open, now=now
        )
        refused += more
    if refused and (not best_effort or not ready):
        raise NotAllLines(refused)
    if not ready:
        raise Refused(Refusal("basket.empty"))
    _check_quotas(session, catalogue, ready, applicant, now=now)
    fee = sum(one.yen or 0 for one in ready)
    if agreed_yen is not None and fee != agreed_yen:
        raise Refused(Refusal("fee.changed", {"yen": fee}))
    booked = {one.line.id for one in ready}
    _drop(session, [line for line in lines if line.id not in booked], now=now)
    _write(session, draft, ready, applicant, answers, catalogue, now=now)
    return Submitted(draft, [one.line for one in ready], is_new=True)


def _judged(
    catalogue: Catalogue,
    lines: Sequence[BookingLine],
    applicant: Applicant,
    answers: Answers,
    *,
    may_stay_open: bool,
    now: datetime,
) -> tuple[list[_Ready], list[LineRefusal]]:
    """Sort lines into those that the rules allow, with their fee, and those they refuse."""
    ready, refused = [], []
    for line in lines:
        try:
            facility, room = catalogue.room(line.room_id)
        except LookupError:  # taken off the list since it was chosen
            refused.append(LineRefusal(line.id, (Refusal("room.unknown"),)))
            continue
        day = room_day(catalogue, facility, room, line.on_date)
        beside = facility.named({other.room_id for other in lines if other.on_date == line.on_date})
        quote, found = judge(day, line, catalogue, applicant, answers, beside, now=now)
        if isinstance(quote, Undetermined) and not may_stay_open:
            phone = facility.phone
            found.append(Refusal("fee.undetermined", {"because": quote.because, "phone": phone}))
        if found or quote is None:
            refused.append(LineRefusal(line.id, tuple(found)))
        else:
            ready.append(_Ready(line, day, quote))
    return ready, refused


def _left(ready: Sequence[_Ready], refused: Sequence[LineRefusal]) -> list[_Ready]:
    lost = {one.line_id for one in refused}
    return [one for one in ready if one.line.id not in lost]


def _standing_alone(
    catalogue: Catalogue,
    ready: list[_Ready],
    applicant: Applicant,
    answers: Answers,
    *,
    may_stay_open: bool,
    now: datetime,
) -> tuple[list[_Ready], list[LineRefusal]]:
    """Return what the rules still allow without the lines that were lost, and what they don't.

    A room that could be had only together with a hall goes when the hall goes.
    """
    refused: list[LineRefusal] = []
    while ready:
        lines = [one.line for one in ready]
        found = _judged(catalogue, lines, applicant, answers, may_stay_open=may_stay_open, now=now)
        if not found[1]:
            break
        refused += found[1]
        ready = found[0]
    return ready, refused


def judge(
    day: RoomDay,
    line: BookingLine,
    catalogue: Catalogue,
    applicant: Applicant,
    answers: Answers,
    beside: set[str],
    *,
    now: datetime,
) -> tuple[Quote | Undetermined | None, list[Refusal]]:
    """Return a line's fee and every reason against it, as far as rules alone can tell.

    A fee that the rules leave open is no reason by itself: whether it may stay so, callers say.
    """
    run = day.run(
        minute_of(line.starts_at, line.on_date, catalogue),
        minute_of(line.ends_at, line.on_date, catalogue),
    )
    if run is None:
        return None, [Refusal("slot.unknown")]
    if line.starts_at <= now:
        return None, [Refusal("slot.past")]
    found = [
        *length_refusals(run, day.division),
        reception.view_only(day.place, now),
        reception.refusal(
            day.window(run.from_minute, applicant.applicant_class, beside),
            now=now,
            phone=day.place.facility.phone,
        ),
        _size_refusal(day, answers),
    ]
    requested_on = now.astimezone(catalogue.zone).date()
    quote = day.quote(run, facts_of(applicant, answers, line, requested_on=requested_on))
    return quote, [no for no in found if no]


def facts_of(
    applicant: Applicant, answers: Answers, line: equipment.Equipped, *, requested_on: date
) -> Facts:
    """Return what the fee of a use may depend on; a hall's yes-or-no question is an attribute."""
    return Facts(
        applicant_class=applicant.applicant_class,
        admission_yen=answers.admission_yen,
        is_for_profit=answers.is_for_profit,
        purpose=answers.purpose,
        attributes=frozenset(name for name, said in answers.others.items() if said == YES),
        extras=tuple(sorted((line.extras or {}).items())),
        people=tuple(answers.people_by.items()),
        everybody=answers.people,
        items=line.items or 1,
        requested_on=requested_on,
    )


def _size_refusal(day: RoomDay, answers: Answers) -> Refusal | None:
    room = day.room
    if room.capacity is not None and answers.people > room.capacity:
        return Refusal("room.over_capacity", {"room": room.name, "capacity": room.capacity})
    if answers.people < room.min_people:
        return Refusal("room.too_few", {"room": room.name, "least": room.min_people})
    if room.purposes and answers.purpose not in room.purposes:
        return Refusal("room.other_purpose", {"room": room.name})
    return None


def _without_floor(
    session: Session, ready: Sequence[_Ready], until: Mapping[int, datetime], *, now: datetime
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


def _without_equipment(session: Session, ready: Sequence[_Ready], today: date) -> list[LineRefusal]:
    """Name the lines for which not enough of a piece of equipment is left."""
    asked = [(one.line, one.day.tariff(today).document.extras) for one in ready if one.line.extras]
    found = equipment.short(session, asked)
    return [LineRefusal(line_id, refusals) for line_id, refusals in found.items()]


def _floor(one: _Ready) -> Span:
    """Return how long a line takes the floor: its use and the clean-up after it."""
    clean_up = timedelta(minutes=one.day.room.buffer_minutes)
    return Span(one.line.starts_at, one.line.ends_at + clean_up)


def _check_quotas(
    session: Session,
    catalogue: Catalogue,
    ready: Sequence[_Ready],
    applicant: Applicant,
    *,
    now: datetime,
) -> None:
    """Refuse when a quota would be exceeded; the applicant's row is locked before counting."""
    today = now.astimezone(catalogue.zone).date()
    general = catalogue.policy_on(today).quotas
    by_facility = {one.day.place.facility.id: one.day.terms.document.quotas for one in ready}
    if not general and not any(by_facility.values()):
        return
    known = session.scalar(
        select(Resident.id)
        .where(Resident.tenant_id == current_tenant(), Resident.account_id == applicant.account_id)
        .with_for_update(key_share=True)
    )
    if known is None:  # nothing was locked, so two requests at once would count the same
        raise LookupError(f"account {applicant.account_id} is not known to the municipality")
    days = [one.line.on_date for one in ready]
    year = timedelta(days=366)
    standing = standing_uses(
        session,
        catalogue,
        account_id=applicant.account_id,
        from_day=min(days) - year,
        to_day=max(days) + year,
    )
    asked = [
        (
            one.line.facility_id,
            counted(catalogue, one.line.room_id, one.line.on_date, one.line.slots),
        )
        for one in ready
    ]
    found = []
    for facility_id, rules in [(None, general), *by_facility.items()]:
        found += quotas.refusals(
            rules,
            applicant_class=applicant.applicant_class,
            asked=[use for where, use in asked if facility_id in (None, where)],
            standing=[use for where, use in standing if facility_id in (None, where)],
            today=today,
        )
    if found:
        raise Refused(*found)


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
    ready: Sequence[_Ready],
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
        one.line.terms_version_id = one.day.terms.id
        one.line.fees_version_id = one.day.tariff(now.astimezone(catalogue.zone).date()).id
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


def price(
    booking: Booking,
    uses: Sequence[tuple[RoomDay, BookingLine]],
    catalogue: Catalogue,
    *,
    now: datetime,
) -> None:
    """Write what a booking costs and by when it is due, by the fees of its lines.

    As long as one of them is open nothing is owed: the booking waits for staff.
    """
    if any(line.fee_yen is None for _, line in uses):
        booking.state, booking.fee_yen, booking.due_at = State.REQUESTED, 0, None
        return
    booking.fee_yen = sum(line.fee_yen or 0 for _, line in uses)
    booking.state = State.PROVISIONAL if booking.fee_yen else State.CONFIRMED
    booking.due_at = _due(uses, catalogue, now=now) if booking.fee_yen else None


def _due(
    uses: Sequence[tuple[RoomDay, BookingLine]], catalogue: Catalogue, *, now: datetime
) -> datetime:
    today = now.astimezone(catalogue.zone).date()
    return min(
        due_at(
            day.terms.document.payment,
            requested_on=today,
            first_use=line.starts_at,
            zone=catalogue.zone,
        )
        for day, line in uses
    )


def frozen(found: Quote | Undetermined) -> dict[str, Any]:
    """Return a fee, or what leaves it open, as it is kept on the booking for years."""
    if isinstance(found, Undetermined):
        readings = [{"name": one.name, "yen": one.yen} for one in found.readings]
        return {"rule": found.rule, "because": found.because, "readings": readings, "lines": []}
    return _frozen_quote(found)


def _frozen_quote(quote: Quote) -> dict[str, Any]:
    return {
        "total_yen": quote.total_yen,
        "lines": [
            {
                "rule": line.rule,
                "label": line.label,
                "arithmetic": line.arithmetic,
                "yen": line.yen,
                "citation": line.citation,
            }
            for line in quote.lines
        ],
    }
