"""Last year's bookings under a draft: what each would have cost, and what the year would bring."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.plan import Facts, room_day
from app.booking.service.application import Answers, Applicant, facts_of
from app.booking.service.waivers import Granted
from app.booking.states import LineState
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.facilities.models import Facility, Room
from app.fees.rules import Quote, Undetermined
from app.kernel.spans import clock_text

PRICED = (LineState.ACTIVE,)
AT_ONCE = 2_000  # rows held in memory


@dataclass(frozen=True, slots=True)
class Difference:
    """One use whose fee the draft changes; `new_yen` None: the draft leaves it open."""

    number: str
    place: str
    on: date
    times: str
    old_yen: int
    new_yen: int | None
    because: str


@dataclass(slots=True)
class Repriced:
    """What a year would have come to."""

    uses: int = 0
    old_yen: int = 0
    new_yen: int = 0
    left_open: int = 0
    unknown: int = 0  # the draft has no such room or no such time
    differences: list[Difference] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """Return each difference, then the sums."""
        told = [
            f"{one.number} {one.on} {one.times} {one.place}: {one.old_yen:,}円 → "
            + (f"{one.new_yen:,}円（{one.because}）" if one.new_yen is not None else one.because)
            for one in self.differences
        ]
        change = self.new_yen - self.old_yen
        told.append(
            f"利用 {self.uses:,}件、違うもの {len(self.differences):,}件、"
            f"定めなし {self.left_open:,}件、部屋や区分がないもの {self.unknown:,}件"
        )
        told.append(f"合計 {self.old_yen:,}円 → {self.new_yen:,}円（{change:+,}円）")
        return told


def reprice(
    session: Session, draft: Catalogue, *, first: date, last: date, facility: str | None = None
) -> Repriced:
    """Price the standing uses from `first` to `last` under a draft; nothing is written.

    Of one facility, by its slug, or of all.

    Sums hold the uses that both price; what the draft leaves open is counted by itself.
    """
    found = Repriced()
    for row in _rows(session, first, last, facility):
        _add(found, draft, row)
    return found


def _rows(session: Session, first: date, last: date, facility: str | None) -> Iterator[Any]:
    statement = (
        select(
            Booking.number,
            Booking.account_id,
            Booking.applicant_class,
            Booking.purpose,
            Booking.people,
            Booking.answers,
            Booking.submitted_at,
            BookingLine.on_date,
            BookingLine.starts_at,
            BookingLine.ends_at,
            BookingLine.fee_yen,
            BookingLine.extras,
            BookingLine.items,
            BookingLine.waivers,
            Facility.slug.label("facility"),
            Room.slug.label("room"),
        )
        .join(
            BookingLine,
            (BookingLine.tenant_id == Booking.tenant_id) & (BookingLine.booking_id == Booking.id),
        )
        .join(Room, (Room.tenant_id == BookingLine.tenant_id) & (Room.id == BookingLine.room_id))
        .join(Facility, (Facility.tenant_id == Room.tenant_id) & (Facility.id == Room.facility_id))
        .where(
            Booking.tenant_id == current_tenant(),
            BookingLine.on_date.between(first, last),
            BookingLine.state.in_(PRICED),
            *([Facility.slug == facility] if facility else []),
        )
        .order_by(BookingLine.on_date, BookingLine.id)
        .execution_options(yield_per=AT_ONCE)
    )
    yield from session.execute(statement)


def _add(found: Repriced, draft: Catalogue, row: Any) -> None:
    hall = draft.facility_named(row.facility)
    room = hall.room_named(row.room) if hall else None
    quote = _quote(draft, hall, room, row) if hall and room else None
    old = row.fee_yen or 0
    found.uses += 1
    if quote is None or hall is None or room is None:
        found.unknown += 1
        return
    if isinstance(quote, Undetermined):
        found.left_open += 1
        found.differences.append(_difference(draft, hall, room, row, None, quote.because))
        return
    found.old_yen += old
    found.new_yen += quote.total_yen
    if quote.total_yen != old:
        why = "、".join(line.arithmetic for line in quote.lines)
        found.differences.append(_difference(draft, hall, room, row, quote.total_yen, why))


def _quote(
    draft: Catalogue, hall: FacilityInfo, room: RoomInfo, row: Any
) -> Quote | Undetermined | None:
    day = room_day(draft, hall, room, row.on_date)
    begins, ends = (_minute(draft, row.on_date, x) for x in (row.starts_at, row.ends_at))
    run = day.run(begins, ends)
    return day.quote(run, _facts(draft, row)) if run else None


def _facts(draft: Catalogue, row: Any) -> Facts:
    own = dict(row.answers)
    admission, is_for_profit = own.pop("admission_yen", 0), own.pop("is_for_profit", False)
    who = Applicant(row.account_id or 0, row.applicant_class or "", "", "", "")
    by = own.pop("people_by", {})
    said = Answers(row.purpose or "", row.people or 1, "", "", admission, is_for_profit, own, by)
    requested_on = row.submitted_at.astimezone(draft.zone).date()
    granted = Granted(frozenset(row.waivers or ()))
    return facts_of(who, said, row, granted, requested_on=requested_on)


def _minute(draft: Catalogue, on: date, instant: datetime) -> int:
    local = instant.astimezone(draft.zone)
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def _difference(
    draft: Catalogue, hall: FacilityInfo, room: RoomInfo, row: Any, yen: int | None, why: str
) -> Difference:
    begins, ends = (_minute(draft, row.on_date, x) for x in (row.starts_at, row.ends_at))
    times = f"{clock_text(begins)}-{clock_text(ends)}"
    place = f"{hall.name} {room.name}"
    return Difference(row.number or "", place, row.on_date, times, row.fee_yen or 0, yen, why)
