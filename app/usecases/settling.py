"""Staff decide a fee that the published rule leaves open, with a reason that stays on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.plan import RoomDay, room_day
from app.booking.queries import lines_of
from app.booking.service.application import applicant_of, facts_of, readings_of, said_in
from app.booking.service.basket_plan import minute_of
from app.booking.service.ending import is_own, locked, looks_other
from app.booking.service.pricing import frozen, price
from app.booking.service.waivers import limited
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.rules import Quote, QuoteLine, Undetermined
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.usecases.applying import charge

BY_STAFF = "settled"  # the rule of a line whose sum staff wrote themselves
MOST_YEN = 100_000_000


@dataclass(frozen=True, slots=True)
class Decision:
    """How staff decide one line: one of the readings of the rule, or a sum of their own."""

    reason: str
    reading: str | None = None
    yen: int | None = None


def settle(
    catalogue: Catalogue,
    booking_id: int,
    line_id: int,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> Booking:
    """Decide the open fee of a line; when no line is open any more, the booking is charged.

    Asked again with the same decision it changes nothing. A reading may lead to another rule
    that is open; then the line stays open with that one. Raises Refused.
    """

    def work(session: Session) -> Booking:
        booking = locked(session, booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("fee.own"))
        lines = lines_of(session, booking.id)
        line = next((one for one in lines if one.id == line_id), None)
        if line is None or line.state != LineState.ACTIVE:
            raise Refused(Refusal("booking.unknown"))
        if line.fee_yen is not None:
            if line.settled and line.settled.get("last") == _told(decision):
                return booking
            raise Refused(Refusal("fee.settled_before"))
        before = dict(line.quote or {})
        _decide(catalogue, booking, line, decision)
        facts = {
            "lines": [line.id],
            "rule": before.get("rule"),
            "readings": before.get("readings", []),
            **_told(decision),
            "line_yen": line.fee_yen,
        }
        audit.note(
            session, actor, "fee.settled", subject="booking", subject_id=booking.id, now=now,
            facts=facts,
        )  # fmt: skip
        close_when_decided(session, catalogue, booking, lines, actor=actor, now=now)
        return booking

    return in_transaction(work)


def close_when_decided(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    lines: list[BookingLine],
    *,
    actor: Actor,
    now: datetime,
    is_told: bool = True,
) -> None:
    """Charge a booking that waited, once every line that stands has a fee and it is permitted."""
    standing = [line for line in lines if line.state == LineState.ACTIVE]
    if booking.state != State.REQUESTED or not standing:
        return
    price(booking, [(day_of(catalogue, one), one) for one in standing], catalogue, now=now)
    if booking.state == State.REQUESTED:
        return
    charge(session, booking.id, standing, actor=actor, now=now)
    looks_other(session, booking, now=now)
    if is_told and booking.account_id is not None:
        email = email_of(session, booking.account_id)
        promise(session, "fee_settled", subject_id=booking.id, email=email, now=now)


def day_of(catalogue: Catalogue, line: BookingLine) -> RoomDay:
    """Return the room's day of a booked line; raises LookupError when it is no longer listed."""
    facility, room = catalogue.known_room(line.room_id)
    return room_day(catalogue, facility, room, line.on_date)


def quote_again(
    catalogue: Catalogue, booking: Booking, line: BookingLine, **changes: Any
) -> Quote | Undetermined:
    """Return the fee of a booked line by the tariff it was made under, with facts changed."""
    day = day_of(catalogue, line)
    run = day.run(
        minute_of(line.starts_at, line.on_date, catalogue),
        minute_of(line.ends_at, line.on_date, catalogue),
    )
    if run is None:
        return Undetermined("slot", "申し込みのあとで、時間の区切りが変わりました。")
    assert booking.submitted_at is not None
    requested_on = booking.submitted_at.astimezone(catalogue.zone).date()
    facts = facts_of(applicant_of(booking), said_in(booking), line, requested_on=requested_on)
    had = frozenset(line.waivers or ())
    spent = frozenset(limited(day.tariff(requested_on).document)) - had
    told = {"waivers": had, "spent": spent, "settled": readings_of(line), **changes}
    return day.quote(run, facts.with_(**told), version_id=line.fees_version_id)


def _decide(catalogue: Catalogue, booking: Booking, line: BookingLine, decision: Decision) -> None:
    """Write the fee that follows from a decision on the line, or the next open rule."""
    kept: Mapping[str, Any] = line.quote or {}
    read = dict(readings_of(line))
    found: Quote | Undetermined
    if decision.reading is not None:
        if decision.reading not in {one["name"] for one in kept.get("readings", ())}:
            raise Refused(Refusal("fee.no_such_reading"))
        read[kept["rule"]] = decision.reading
        found = quote_again(catalogue, booking, line, settled=tuple(sorted(read.items())))
    else:
        yen = decision.yen or 0
        found = Quote((QuoteLine(BY_STAFF, "職員が決めた料金", decision.reason, yen, ""),))
    line.quote = frozen(found)
    line.fee_yen = found.total_yen if isinstance(found, Quote) else None
    line.settled = {"readings": read, "last": _told(decision)}


def _told(decision: Decision) -> dict[str, Any]:
    return {"reading": decision.reading, "yen": decision.yen, "reason": decision.reason}
