"""A booking as its owner reads it: what it is now, what to do next and by when, who touched it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import url_for

from app.booking.history import names_of_rooms
from app.booking.models import Booking, BookingLine
from app.booking.numbers import spoken
from app.booking.policy import Terms
from app.booking.states import OPEN, WAITING, LineState, Review, State
from app.booking.terms import terms_agreed
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.payments.service import owed_yen
from app.web import context, formats
from app.web.outcomes import UseAt, deadline, places_to_pay
from app.web.words import _


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One room and time of a booking, with the names of its day."""

    line: BookingLine
    hall: str
    room: str
    facility: FacilityInfo | None  # None: no longer listed
    terms: Terms | None

    @property
    def stands(self) -> bool:
        """Say whether it was neither cancelled nor lapsed."""
        return self.line.state == LineState.ACTIVE

    @property
    def how(self) -> str:
        """Return how its fee was worked out, in one line."""
        parts = (self.line.quote or {}).get("lines", ())
        return "、".join(part["arithmetic"] for part in parts if part["arithmetic"])

    @property
    def use(self) -> UseAt | None:
        """Return what its outcomes depend on."""
        if self.facility is None or self.terms is None:
            return None
        line = self.line
        rooms = self.facility.rooms
        room = next((one.slug for one in rooms if one.id == line.room_id), "")
        return UseAt(
            self.facility, self.terms, line.on_date, line.starts_at, line.fee_yen or 0, room
        )


@dataclass(frozen=True)
class Booked:
    """A booking with its lines."""

    booking: Booking
    lines: Sequence[BookedLine]

    @property
    def number(self) -> str:
        """Return its number as it is read aloud."""
        return spoken(self.booking.number or "")

    @property
    def standing(self) -> list[BookedLine]:
        """Return the lines that stand."""
        return [one for one in self.lines if one.stands]

    @property
    def coming(self) -> list[BookedLine]:
        """Return the lines that stand and are not over."""
        is_open = self.booking.state in OPEN
        return [one for one in self.standing if is_open and one.line.ends_at > context.now()]

    @property
    def status(self) -> str:
        """Return the code of its status word (ui/status.html)."""
        if self.booking.state in (State.CANCELLED, State.LAPSED):
            return "cancelled"
        if self.booking.state == State.USED or not self.coming:
            return "used"
        if self.booking.state == State.REQUESTED:
            return "review"
        return "unpaid" if self.booking.state == State.PROVISIONAL else "confirmed"

    @property
    def to_pay_yen(self) -> int:
        """Return what an unpaid booking costs; what was cancelled is no longer owed."""
        if self.booking.state != State.PROVISIONAL:
            return 0
        return sum(one.line.fee_yen or 0 for one in self.standing)

    @property
    def is_due_again(self) -> bool:
        """Say whether something is due of a booking that stands: it became dearer once paid."""
        return self.status == "confirmed" and self.booking.due_at is not None

    @cached_property
    def left_yen(self) -> int:
        """Return what is left to pay of a booking that became dearer."""
        return max(0, owed_yen(db.session(), self.booking.id)) if self.is_due_again else 0

    @property
    def halls(self) -> list[FacilityInfo]:
        """Return the halls of what stands, each once; of a booking that ended, of all of it."""
        lines = self.standing or self.lines
        found = {one.facility.id: one.facility for one in lines if one.facility}
        return list(found.values())

    @property
    def uses(self) -> list[UseAt]:
        """Return what outcomes of the standing lines depend on."""
        return [use for one in self.standing for use in [one.use] if use]

    @property
    def places(self) -> list[str]:
        """Return where the fee is paid."""
        return places_to_pay(self.uses)

    @property
    def notes(self) -> list[str]:
        """Return what the halls say to everybody who comes."""
        return list(dict.fromkeys(use.terms.notes for use in self.uses if use.terms.notes))

    @property
    def next_step(self) -> str:
        """Return what its owner does next, with the day; empty when there is nothing to do."""
        if self.status == "unpaid" and self.booking.due_at:
            return _to_pay(self)
        if self.status == "review" and self.booking.review in WAITING:
            return _permit_step(self.booking)
        if self.status == "review":
            return _("料金が決まるのを、お待ちください。決まったら、メールでお知らせします。")
        if self.is_due_again:
            return _left_to_pay(self)
        if self.status == "confirmed":
            first = self.coming[0]
            when = formats.ja_moment(first.line.starts_at)
            return _("%(when)sに、%(hall)sへおこしください。", when=when, hall=first.hall)
        return ""


@dataclass(frozen=True, slots=True)
class Row:
    """A booking in a list, as ui/booking_row.html shows it."""

    url: str
    number: str
    start: datetime
    end: datetime
    room: str
    hall: str
    status: str
    next: str
    key_url: str | None  # where the numbers of its doors are; None: it has none


def row(found: Booked, shown: BookedLine, count: int, *, has_key: bool = False) -> Row:
    """Return a booking as a row, with one of its `count` uses shown large."""
    more = _("%(hall)s（ほかに%(n)s枠）", hall=shown.hall, n=count - 1)
    return Row(
        url=url_for("bookings.detail", number=found.booking.number),
        number=found.number,
        start=formats.local(shown.line.starts_at),
        end=formats.local(shown.line.ends_at),
        room=shown.room,
        hall=more if count > 1 else shown.hall,
        status=found.status,
        next=found.next_step,
        key_url=url_for("keys.show", number=found.booking.number) if has_key else None,
    )


def booked(booking: Booking, lines: Sequence[BookingLine]) -> Booked:
    """Return one booking to read."""
    return all_booked([booking], {booking.id: lines})[0]


def all_booked(
    bookings: Sequence[Booking], lines: Mapping[int, Sequence[BookingLine]]
) -> list[Booked]:
    """Return bookings to read; rooms that are no longer listed are looked up by one query."""
    catalogue = context.catalogue()
    listed = {room.id: (hall, room) for hall in catalogue.facilities for room in hall.rooms}
    gone = {x.room_id for some in lines.values() for x in some if x.room_id not in listed}
    names = names_of_rooms(db.session(), sorted(gone)) if gone else {}
    halls = {hall.id: hall for hall in catalogue.facilities}

    def named(line: BookingLine) -> BookedLine:
        hall = halls.get(line.facility_id)
        terms = terms_agreed(hall, line.terms_version_id, line.on_date) if hall else None
        if line.room_id in listed:
            place = (listed[line.room_id][0].name, listed[line.room_id][1].name)
        else:
            place = names.get(line.room_id, ("", ""))
        return BookedLine(line, *place, hall, terms)

    return [Booked(one, [named(line) for line in lines.get(one.id, [])]) for one in bookings]


def _to_pay(found: Booked) -> str:
    due: datetime | None = found.booking.due_at
    assert due is not None
    if due <= context.now():
        return _(
            "支払いの期限（%(day)s）を過ぎました。まもなく取り消しになります。", day=deadline(due)
        )
    return _(
        "%(day)sまでに、%(yen)sをはらってください。",
        day=deadline(due),
        yen=formats.yen(found.to_pay_yen),
    )


def _left_to_pay(found: Booked) -> str:
    due: datetime | None = found.booking.due_at
    assert due is not None
    yen, day = formats.yen(found.left_yen), deadline(due)
    if due <= context.now():
        return _(
            "支払いの期限（%(day)s）を過ぎました。あと%(yen)sをはらってください。", day=day, yen=yen
        )
    return _("あと%(yen)sを、%(day)sまでにはらってください。", yen=yen, day=day)


def _permit_step(booking: Booking) -> str:
    """Return where the permit stands, for whoever waits for it."""
    if booking.review == Review.RETURNED:
        return _("会館から、おたずねしたいことがあります。下の欄から返事をしてください。")
    assert booking.answer_by is not None
    return _(
        "会館の許可をお待ちください。%(day)sまでに、メールでお答えします。",
        day=formats.ja_date(booking.answer_by),
    )
