"""Bookings of a few weeks around a day, always the same for the same day."""

import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.booking.plan import RoomDay, room_day
from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish
from app.booking.service.baskets import Chooser
from app.booking.service.submitting import Submitted
from app.booking.states import State
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.kernel.refusals import Refused
from app.kernel.spans import instant
from app.notify.models import Delivery
from app.usecases.applying import apply_at_once
from app.usecases.lapsing import lapse_overdue
from app.usecases.receiving import Taken, receive_payment

PAST, FUTURE = 14, 35  # days
USES = (
    ("俳句の会 ことのは", "lesson", 9),
    ("健康体操クラブ", "exercise", 22),
    ("コーラス 秋の風", "music", 28),
    ("町内会 役員会", "meeting", 12),
    ("子育てサロン ひだまり", "children", 15),
    ("料理サークル たけのこ", "cooking", 14),
    ("卓球同好会", "table-tennis", 10),
    ("書道教室", "lesson", 11),
    ("手話の会", "meeting", 8),
    ("絵手紙の会", "exhibition", 10),
)


@dataclass(frozen=True, slots=True)
class _Idea:
    """A use somebody might book."""

    room: RoomInfo
    day: RoomDay
    wish: Wish
    shown_name: str
    purpose: str
    people: int


@dataclass(frozen=True, slots=True)
class _Payment:
    """What somebody paid for a booking, at the counter of its hall."""

    at: datetime
    booking_id: int
    facility_id: int
    yen: int


def fill(
    catalogue: Catalogue,
    applicants: Sequence[Applicant],
    *,
    city: str,
    today: date,
    now: datetime,
) -> int:
    """Book what the applicants might have booked around `today`; return how many bookings.

    `city` is the municipality's name, as it stands on receipts.
    """
    dice = random.Random(f"{catalogue.tenant_id}-{today}")  # noqa: S311 - a demonstration
    made = 0
    paid: list[_Payment] = []
    for facility in catalogue.facilities:
        for idea in _ideas(catalogue, facility, today, dice):
            made += _book(catalogue, idea, dice.choice(applicants), dice, paid, now=now)
    for one in sorted(paid, key=lambda one: (one.at, one.booking_id)):
        receive_payment(
            catalogue, one.booking_id, Taken(one.facility_id, city),
            yen=one.yen, actor=Actor("service"), now=one.at,
        )  # fmt: skip
    lapse_overdue(now=now)
    in_transaction(_keep_quiet)
    return made


def _ideas(
    catalogue: Catalogue, facility: FacilityInfo, today: date, dice: random.Random
) -> Iterator[_Idea]:
    for back in range(-PAST, FUTURE):
        on = today + timedelta(days=back)
        for room in facility.rooms:
            # The nearer the day, the fuller: most people book two weeks ahead.
            if dice.random() > (0.28 if back < 14 else 0.14):
                continue
            day = room_day(catalogue, facility, room, on)
            idea = _idea(room, day, dice)
            if idea is not None:
                yield idea


def _idea(room: RoomInfo, day: RoomDay, dice: random.Random) -> _Idea | None:
    uses = [use for use in USES if not room.purposes or use[1] in room.purposes]
    if not day.slots or not uses:
        return None
    first = dice.randrange(len(day.slots))
    named = day.slots[first].name
    last = first if named else min(first + dice.randint(0, 2), len(day.slots) - 1)
    run = day.run(day.slots[first].from_minute, day.slots[last].to_minute)
    if run is None:
        return None
    name, purpose, people = dice.choice(uses)
    wish = Wish(room.id, day.on, run.from_minute, run.to_minute)
    people = min(people, room.capacity or people)
    return _Idea(room, day, wish, name, purpose, max(people, room.min_people))


def _book(
    catalogue: Catalogue,
    idea: _Idea,
    applicant: Applicant,
    dice: random.Random,
    paid: list[_Payment],
    *,
    now: datetime,
) -> int:
    """Book as of a moment when the reception was open; note in `paid` what is paid, mostly.

    Return 1 when it was had.
    """
    asked_at = _asked_at(idea, applicant, dice, now=now)
    if asked_at is None:
        return 0
    chooser = Chooser(secrets.token_hex(16), applicant.applicant_class)
    answers = Answers(idea.purpose, idea.people, idea.shown_name)
    actor = Actor("resident", account_id=applicant.account_id)

    def work(session: Session) -> Submitted:
        return apply_at_once(
            session, catalogue, chooser, [idea.wish], applicant, answers,
            actor=actor, now=asked_at,
        )  # fmt: skip

    try:
        booking = in_transaction(work).booking
    except Refused:
        return 0
    if booking.state == State.PROVISIONAL and dice.random() < 0.8:
        paid_at = _next_day(asked_at, catalogue, dice)
        hall = idea.day.place.facility.id
        if paid_at < min(now, booking.due_at or now):
            paid.append(_Payment(paid_at, booking.id, hall, booking.fee_yen))
    return 1


def _next_day(asked_at: datetime, catalogue: Catalogue, dice: random.Random) -> datetime:
    """Return a moment of the next day at which a counter is open."""
    on = asked_at.astimezone(catalogue.zone).date() + timedelta(days=1)
    return instant(on, dice.randrange(9 * 60, 16 * 60), catalogue.zone)


def _asked_at(
    idea: _Idea, applicant: Applicant, dice: random.Random, *, now: datetime
) -> datetime | None:
    """Return a moment in the reception period that is not later than now."""
    found = idea.day.window(idea.wish.from_minute, applicant.applicant_class)
    if found is None:
        return None
    starts = instant(idea.wish.on, idea.wish.from_minute, idea.day.place.zone)
    latest = min(now, found.closes_at, starts) - timedelta(minutes=1)
    earliest = max(found.opens_at, latest - timedelta(days=12))
    if earliest >= latest:
        return None
    return earliest + (latest - earliest) * dice.random()


def _keep_quiet(session: Session) -> None:
    """Let the letters of made-up bookings count as sent, so that the mail box starts empty."""
    session.execute(
        update(Delivery)
        .where(Delivery.tenant_id == current_tenant(), Delivery.state == "promised")
        .values(state="sent")
    )
