"""Changing a booking in place: other time, room, equipment or head count, with the new fee.

The old floor is kept until the new is certain: both happen in one transaction or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import Booking, BookingLine
from app.booking.occupancy import Claim
from app.booking.plan import RoomDay, room_day
from app.booking.queries import lines_of
from app.booking.rules.changes import Share, change_refusal, share_back
from app.booking.rules.days import Place
from app.booking.service import equipment
from app.booking.service.application import (
    Answers,
    applicant_of,
    facts_of,
    readings_of,
    said_in,
)
from app.booking.service.basket_plan import Wish, minute_of
from app.booking.service.changed import LineChange, Shape, made_of, shape_of
from app.booking.service.counting import check_quotas, lock_person
from app.booking.service.equipment import Used, write_used
from app.booking.service.judging import FOR_RESIDENTS, Ready, judge
from app.booking.service.permits import permit_rule
from app.booking.service.pricing import frozen, granted_to
from app.booking.service.waivers import Granted, limited
from app.booking.states import OPEN, LineState, State
from app.booking.terms import terms_agreed
from app.facilities.catalogue import Catalogue
from app.fees.rules import Undetermined
from app.kernel.refusals import Refusal, Refused
from app.kernel.spans import instant


@dataclass(frozen=True, slots=True)
class Asked:
    """What a booking is to become; what is not named stays as it is."""

    wishes: Mapping[int, Wish] = field(default_factory=dict)  # by line: room, day, time
    used: Mapping[int, Used] = field(default_factory=dict)  # by line: equipment
    people: int | None = None
    people_by: Mapping[str, int] = field(default_factory=dict)  # where the tariff counts by age


def change(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    asked: Asked,
    *,
    is_paid: bool,
    times: int,
    by_staff: bool,
    now: datetime,
) -> list[LineChange]:
    """Change a locked booking and return what became of each line that differs.

    `times`: how often the applicant changed it before. A resident changes within the terms they
    agreed to; staff may look past periods and lengths, never past floor, capacity or equipment.
    Raises Refused with every reason, and then the caller undoes the transaction.
    """
    lines = [x for x in lines_of(session, booking.id) if x.state == LineState.ACTIVE]
    said = said_in(booking)
    if said.people_by and not asked.people_by and asked.people not in (None, booking.people):
        raise Refused(Refusal("change.people_by_age"))
    if booking.state not in OPEN or not {*asked.wishes, *asked.used} <= {x.id for x in lines}:
        raise Refused(Refusal("change.unknown"))
    touched = [x for x in lines if _is_touched(x, asked, booking)]
    before = {x.id: shape_of(x, booking) for x in touched}
    share = _allowed(catalogue, touched, times=times, is_paid=is_paid, by_staff=by_staff, now=now)
    lock_person(session, booking.account_id)
    leaving, halls = _floor_of(catalogue, touched), [x.facility_id for x in touched]
    days = {x.id: _rewrite(catalogue, x, asked) for x in touched}
    booking.people = asked.people or booking.people
    if asked.people_by:
        booking.answers = {**booking.answers, "people_by": dict(asked.people_by)}
    session.flush()
    ready = _judged(catalogue, booking, lines, touched, days, by_staff=by_staff, now=now)
    if not by_staff:
        check_quotas(session, catalogue, ready, applicant_of(booking), now=now)
        _check_permits(ready, before, booking)
    _beside_own(catalogue, ready, [x for x in lines if x not in touched])
    _take(session, ready, leaving, now=now)  # floor before equipment, as whoever applies does
    _equip(session, ready, booking, catalogue)
    for one in ready:
        _write(one, booking, catalogue)
    occupancy.moved(session, [*halls, *(x.facility_id for x in touched)], now=now)
    made = [made_of(x, before[x.id], shape_of(x, booking), share[x.id]) for x in touched]
    booking.fee_yen += sum(one.more_yen for one in made)
    session.flush()
    if not by_staff and any(one.more_yen < 0 and one.share.percent is None for one in made):
        raise Refused(Refusal("change.refund_open"))
    return [one for one in made if one.after != one.before]


def _is_touched(line: BookingLine, asked: Asked, booking: Booking) -> bool:
    changes_people = asked.people is not None and asked.people != booking.people
    if asked.people_by and dict(asked.people_by) != dict(said_in(booking).people_by):
        changes_people = True
    return changes_people or line.id in asked.wishes or line.id in asked.used


def _allowed(
    catalogue: Catalogue,
    lines: Sequence[BookingLine],
    *,
    times: int,
    is_paid: bool,
    by_staff: bool,
    now: datetime,
) -> dict[int, Share]:
    """Return by line how much of what is paid too much comes back.

    Raises Refused for lines that can't be changed any more.
    """
    refused, found = [], {}
    for line in lines:
        facility, room = catalogue.known_room(line.room_id)
        terms = terms_agreed(facility, line.terms_version_id, line.on_date)
        place = Place(catalogue, facility)
        no = change_refusal(
            terms, place, day=line.on_date, starts_at=line.starts_at, ends_at=line.ends_at,
            times=times, now=now, by_staff=by_staff,
        )  # fmt: skip
        refused += [no] if no else []
        found[line.id] = share_back(
            terms, place, use_day=line.on_date, today=now.astimezone(catalogue.zone).date(),
            room=room.slug, is_paid=is_paid,
        )  # fmt: skip
    if refused:
        raise Refused(*refused)
    return found


def _floor_of(catalogue: Catalogue, lines: Sequence[BookingLine]) -> set[int]:
    """Return the pieces of floor that lines have."""
    return {space for line in lines for space in catalogue.known_room(line.room_id)[1].space_ids}


def _rewrite(catalogue: Catalogue, line: BookingLine, asked: Asked) -> RoomDay:
    """Bring a line to what was asked; raises Refused when there is no such room or time."""
    if (wish := asked.wishes.get(line.id)) is not None:
        try:
            facility, _room = catalogue.room(wish.room_id)
        except LookupError:
            raise Refused(Refusal("room.unknown")) from None
        line.facility_id, line.room_id, line.on_date = facility.id, wish.room_id, wish.on
        line.starts_at = instant(wish.on, wish.from_minute, catalogue.zone)
        line.ends_at = instant(wish.on, wish.to_minute, catalogue.zone)
        if line.starts_at >= line.ends_at:
            raise Refused(Refusal("slot.backwards"))
    if (used := asked.used.get(line.id)) is not None:
        write_used(line, used)
    line.state = LineState.HELD  # until it is certain: it counts for no quota meanwhile
    facility, room = catalogue.known_room(line.room_id)
    return room_day(catalogue, facility, room, line.on_date)


def _judged(
    catalogue: Catalogue,
    booking: Booking,
    all_lines: Sequence[BookingLine],
    lines: Sequence[BookingLine],
    days: Mapping[int, RoomDay],
    *,
    by_staff: bool,
    now: datetime,
) -> list[Ready]:
    """Return lines with their new fee; raises Refused with every reason against them."""
    ready, refused = [], []
    answers = replace(said_in(booking), people=booking.people or 1)
    for line in lines:
        beside = {x.room_id for x in all_lines if x.on_date == line.on_date}
        one, found = _judge(
            catalogue, booking, line, days[line.id], answers, beside, by_staff=by_staff, now=now
        )
        may_stay_open = booking.state == State.REQUESTED
        if isinstance(one.quote, Undetermined) and not may_stay_open:
            facts = {"because": one.quote.because, "phone": one.day.place.facility.phone}
            found.append(Refusal("fee.undetermined", facts))
        kept = [x for x in found if not (by_staff and x.code.startswith(FOR_RESIDENTS))]
        refused += kept
        ready.append(one)
    if refused:
        raise Refused(*(no for n, no in enumerate(refused) if no not in refused[:n]))
    return ready


def _judge(
    catalogue: Catalogue,
    booking: Booking,
    line: BookingLine,
    day: RoomDay,
    answers: Answers,
    beside: set[int],
    *,
    by_staff: bool,
    now: datetime,
) -> tuple[Ready, list[Refusal]]:
    """Return a line with its fee by the tariff of its request, and the rules against it."""
    assert booking.submitted_at is not None
    requested_on = booking.submitted_at.astimezone(catalogue.zone).date()
    had = frozenset(line.waivers or ())
    granted = Granted(had, frozenset(limited(day.tariff(requested_on).document)) - had)
    applicant = applicant_of(booking)
    facts = facts_of(applicant, answers, line, granted, requested_on=requested_on)
    quote, found = judge(
        day, line, catalogue, applicant, answers, day.place.facility.named(beside), granted,
        now=now, facts=facts.with_(settled=readings_of(line)), may_have_begun=by_staff,
    )  # fmt: skip
    if quote is None:
        raise Refused(*found)
    return Ready(line, day, quote, granted), found


def _check_permits(ready: Sequence[Ready], before: Mapping[int, Shape], booking: Booking) -> None:
    """Raise Refused where what was permitted, or needed no permit, would become another use."""
    if booking.state == State.REQUESTED:
        return  # staff have not answered yet: they answer what it is by then
    for one in ready:
        was, line = before[one.line.id], one.line
        is_within = (was.room_id, was.on) == (line.room_id, line.on_date) and (
            was.starts_at <= line.starts_at and line.ends_at <= was.ends_at
        )
        if not is_within and permit_rule(one.day, booking.applicant_class, booking.purpose):
            phone = one.day.place.facility.phone
            raise Refused(Refusal("change.needs_permit", {"phone": phone}))


def _equip(
    session: Session, ready: Sequence[Ready], booking: Booking, catalogue: Catalogue
) -> None:
    """Raise Refused when not enough of a piece of equipment is left."""
    assert booking.submitted_at is not None
    on = booking.submitted_at.astimezone(catalogue.zone).date()
    asked = [(x.line, x.day.tariff(on).document.extras) for x in ready if x.line.extras]
    short = equipment.short(session, asked)
    if short:
        raise Refused(*(no for refusals in short.values() for no in refusals))


def _beside_own(
    catalogue: Catalogue, ready: Sequence[Ready], standing: Sequence[BookingLine]
) -> None:
    """Raise Refused when a use would lie on another of the same booking that stays."""
    spaces = {line.id: set(catalogue.known_room(line.room_id)[1].space_ids) for line in standing}
    for one in ready:
        for line in standing:
            is_same_time = one.line.starts_at < line.ends_at and line.starts_at < one.line.ends_at
            if is_same_time and spaces[line.id] & set(one.day.room.space_ids):
                raise Refused(Refusal("change.overlaps_own"))


def _take(session: Session, ready: Sequence[Ready], leaving: set[int], *, now: datetime) -> None:
    """Take the new floor for the old; raises Refused when somebody else has it."""
    claims = []
    for one in ready:
        ends = one.line.ends_at + timedelta(minutes=one.day.room.buffer_minutes)
        claims += [
            Claim(space, one.line.starts_at, ends, line_id=one.line.id)
            for space in one.day.room.space_ids
        ]
    if occupancy.move(session, claims, leaving=leaving, now=now) != set(claims):
        raise Refused(Refusal("slot.taken"))


def _write(one: Ready, booking: Booking, catalogue: Catalogue) -> None:
    """Freeze what a line costs now, and under which rules."""
    assert booking.submitted_at is not None
    line = one.line
    requested_on = booking.submitted_at.astimezone(catalogue.zone).date()
    minutes = [minute_of(x, line.on_date, catalogue) for x in (line.starts_at, line.ends_at)]
    run = one.day.run(*minutes)
    line.slots = len(run.slots) if run else line.slots
    line.fees_version_id = one.day.tariff(requested_on).id
    line.state = LineState.ACTIVE
    line.fee_yen = one.yen
    line.quote = frozen(one.quote)
    line.waivers = granted_to(one.quote, one.granted)
    if one.day.terms.document.payment.payee != line.payee:
        raise Refused(Refusal("change.other_payee"))
    line.terms_version_id = one.day.terms.id
