"""What an approved waiver does to the fees of a booking that was made."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import lines_of
from app.booking.service.counting import lock_person
from app.booking.service.ending import certain
from app.booking.service.pricing import frozen
from app.booking.service.waivers import Monthly, limited
from app.booking.states import OPEN, LineState, State
from app.db.audit import Actor
from app.facilities.catalogue import Catalogue
from app.fees.policy import Tariff
from app.fees.rules import Quote, Undetermined
from app.kernel.refusals import Refusal, Refused
from app.payments.refunds.planning import Cause, plan
from app.payments.service import Entry, enter, of_line, owed_yen
from app.usecases.settling import close_when_decided, day_of, quote_again


def waive(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    waiver: str,
    *,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Price a locked booking again with a waiver; return what changed, for the audit.

    Every use whose tariff knows the waiver has it, as often a month as it may be had. Nothing
    owed is left: the booking is certain. Raises Refused when it would change nothing.
    """
    if booking.state not in OPEN:
        raise Refused(Refusal("waiver.booking_ended"))
    lines = lines_of(session, booking.id)
    standing = [line for line in lines if line.state == LineState.ACTIVE]
    if any(limited(tariff_of(catalogue, booking, line)) for line in standing):
        lock_person(session, booking.account_id)  # what is asked for at once counts one another
    before = booking.fee_yen
    entries = _priced_again(session, catalogue, booking, standing, waiver)
    if entries is None:
        raise Refused(Refusal("waiver.no_effect"))
    if booking.state == State.REQUESTED:
        close_when_decided(session, catalogue, booking, lines, actor=actor, now=now)
    else:
        booking.fee_yen += sum(entry.yen for entry in entries)
        enter(session, entries, booking_id=booking.id, actor=actor, now=now)
        if booking.state == State.PROVISIONAL and owed_yen(session, booking.id) <= 0:
            certain(session, booking, now=now)
        plan(session, booking.id, Cause("waived"), now=now)
    return {
        "lines": [line.id for line in standing],
        "before_yen": before,
        "fee_yen": booking.fee_yen,
        "state": booking.state,
    }


def fee_with(
    catalogue: Catalogue, booking: Booking, line: BookingLine, waiver: str
) -> Quote | Undetermined:
    """Return what a booked line would cost with a waiver more."""
    had = frozenset(line.waivers or ())
    tariff = tariff_of(catalogue, booking, line)
    known = {one.id for one in tariff.waivers}
    more = {"waivers": had | ({waiver} & known)}
    if waiver in known and _limits(tariff, waiver):
        more["spent"] = frozenset(o.id for o in tariff.waivers if o.per_month) - had - {waiver}
    return quote_again(catalogue, booking, line, **more)


def tariff_of(catalogue: Catalogue, booking: Booking, line: BookingLine) -> Tariff:
    """Return the tariff that a booked line was made under."""
    assert booking.submitted_at is not None
    requested_on = booking.submitted_at.astimezone(catalogue.zone).date()
    return day_of(catalogue, line).tariff(requested_on, version_id=line.fees_version_id).document


def _priced_again(
    session: Session,
    catalogue: Catalogue,
    booking: Booking,
    standing: list[BookingLine],
    waiver: str,
) -> list[Entry] | None:
    """Write the new fees on lines and return what is taken off each; None: nothing changed."""
    monthly = Monthly(session, booking.account_id, without=[line.id for line in standing])
    entries: list[Entry] | None = None
    for line in standing:
        tariff = tariff_of(catalogue, booking, line)
        if waiver in monthly.spent(tariff, line.on_date) or _is_staffs_own(line):
            continue
        found = fee_with(catalogue, booking, line, waiver)
        before = line.fee_yen
        if isinstance(found, Quote) and waiver in found.waived:
            line.fee_yen, line.quote = found.total_yen, frozen(found)
            line.waivers = sorted({*(line.waivers or ()), *found.waived})
            monthly.count(found.waived, line.on_date)
            entries = entries or []
            if before is not None:
                entries.append(of_line("waiver", min(found.total_yen - before, 0), line))
        elif before is None and waiver in {one.id for one in tariff.waivers}:
            line.quote, entries = frozen(found), entries or []  # still for staff to decide
            line.waivers = sorted({*(line.waivers or ()), waiver})
    return entries


def _is_staffs_own(line: BookingLine) -> bool:
    """Say whether staff wrote the sum themselves; then no rule changes it."""
    last = (line.settled or {}).get("last") or {}
    return last.get("yen") is not None


def _limits(tariff: Tariff, waiver: str) -> bool:
    return any(one.id == waiver and one.per_month for one in tariff.waivers)
