"""What the rules say to each line of an application: its fee, or every reason against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.plan import Facts, RoomDay, room_day
from app.booking.rules import reception
from app.booking.rules.runs import length_refusals
from app.booking.service.application import Answers, Applicant, facts_of
from app.booking.service.basket_plan import minute_of
from app.booking.service.waivers import NOTHING, Granted, Monthly, entitled, limited
from app.booking.terms import terms_on
from app.facilities.catalogue import Catalogue
from app.fees.queries import tariff_on
from app.fees.rules import Quote, Undetermined
from app.kernel.refusals import Refusal

# What residents are refused and staff may look past: periods, lengths, the fewest people.
FOR_RESIDENTS = ("reception.", "slot.too_", "room.too_few")


@dataclass(frozen=True, slots=True)
class LineRefusal:
    """Why one line of a basket can't be booked."""

    line_id: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A line that the rules allow, with its fee."""

    line: BookingLine
    day: RoomDay
    quote: Quote | Undetermined
    granted: Granted

    @property
    def yen(self) -> int | None:
        """Return the fee; None while it is for staff to decide."""
        return self.quote.total_yen if isinstance(self.quote, Quote) else None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for besides the lines, and by whom."""

    session: Session
    catalogue: Catalogue
    applicant: Applicant
    answers: Answers
    may_stay_open: bool
    now: datetime
    by_staff: bool = False

    @property
    def today(self) -> date:
        return self.now.astimezone(self.catalogue.zone).date()

    def takes_turns(self, lines: Sequence[BookingLine]) -> bool:
        """Say whether what this person has already counts: quotas, waivers of so many a month."""
        if self.catalogue.policy_on(self.today).quotas:
            return True
        for line in lines:
            hall = self.catalogue.facility(line.facility_id)
            if terms_on(hall, line.on_date).document.quotas:
                return True
            if limited(tariff_on(hall, line.on_date, requested_on=self.today).document):
                return True
        return False


def judged(request: Request, lines: Sequence[BookingLine]) -> tuple[list[Ready], list[LineRefusal]]:
    """Sort lines into those that the rules allow, with their fee, and those they refuse."""
    ready, refused = [], []
    catalogue, applicant = request.catalogue, request.applicant
    monthly = Monthly(request.session, applicant.account_id)
    for line in lines:
        try:
            facility, room = catalogue.room(line.room_id)
        except LookupError:  # taken off the list since it was chosen
            refused.append(LineRefusal(line.id, (Refusal("room.unknown"),)))
            continue
        day = room_day(catalogue, facility, room, line.on_date)
        beside = facility.named({other.room_id for other in lines if other.on_date == line.on_date})
        tariff = day.tariff(request.today).document
        granted = Granted(
            entitled(applicant.entitlements, line), monthly.spent(tariff, line.on_date)
        )
        quote, found = judge(
            day, line, catalogue, applicant, request.answers, beside, granted, now=request.now
        )
        if request.by_staff:
            found = [no for no in found if not no.code.startswith(FOR_RESIDENTS)]
        if isinstance(quote, Undetermined) and not request.may_stay_open:
            phone = facility.phone
            found.append(Refusal("fee.undetermined", {"because": quote.because, "phone": phone}))
        if found or quote is None:
            refused.append(LineRefusal(line.id, tuple(found)))
        else:
            ready.append(Ready(line, day, quote, granted))
            if isinstance(quote, Quote):
                monthly.count(quote.waived, line.on_date)
    return ready, refused


def standing_alone(request: Request, ready: list[Ready]) -> tuple[list[Ready], list[LineRefusal]]:
    """Return what the rules still allow without the lines that were lost, and what they don't.

    A room that could be had only together with a hall goes when the hall goes.
    """
    refused: list[LineRefusal] = []
    while ready:
        found = judged(request, [one.line for one in ready])
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
    granted: Granted = NOTHING,
    *,
    now: datetime,
    facts: Facts | None = None,
    may_have_begun: bool = False,
) -> tuple[Quote | Undetermined | None, list[Refusal]]:
    """Return a line's fee and every reason against it, as far as rules alone can tell.

    `facts` of the fee, where they are others than those of a use that is asked for now;
    `may_have_begun`: it is refused only when it is over already. A fee that the rules leave open
    is no reason by itself: whether it may stay so, callers say.
    """
    run = day.run(
        minute_of(line.starts_at, line.on_date, catalogue),
        minute_of(line.ends_at, line.on_date, catalogue),
    )
    if run is None:
        return None, [Refusal("slot.unknown")]
    if (line.ends_at if may_have_begun else line.starts_at) <= now:
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
    today = now.astimezone(catalogue.zone).date()
    facts = facts or facts_of(applicant, answers, line, granted, requested_on=today)
    quote = day.quote(run, facts)
    return quote, [no for no in found if no]


def _size_refusal(day: RoomDay, answers: Answers) -> Refusal | None:
    room = day.room
    if room.capacity is not None and answers.people > room.capacity:
        return Refusal("room.over_capacity", {"room": room.name, "capacity": room.capacity})
    if answers.people < room.min_people:
        return Refusal("room.too_few", {"room": room.name, "least": room.min_people})
    if room.purposes and answers.purpose not in room.purposes:
        return Refusal("room.other_purpose", {"room": room.name})
    return None
