"""What a booking costs, by when it is due, and how its fee is kept for years."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.booking.models import Booking, BookingLine
from app.booking.plan import RoomDay
from app.booking.rules.outcomes import due_at
from app.booking.service.waivers import Granted
from app.booking.states import WAITING, State
from app.facilities.catalogue import Catalogue
from app.fees.rules import Quote, QuoteLine, Undetermined


def price(
    booking: Booking,
    uses: Sequence[tuple[RoomDay, BookingLine]],
    catalogue: Catalogue,
    *,
    now: datetime,
) -> None:
    """Write what a booking costs and by when it is due, by the fees of its lines.

    As long as one of them is open, or a permit is waited for, nothing is owed: the booking waits
    for staff.
    """
    booking.fee_yen = sum(line.fee_yen or 0 for _, line in uses)
    if booking.review in WAITING or any(line.fee_yen is None for _, line in uses):
        booking.state, booking.due_at = State.REQUESTED, None
        return
    booking.state = State.PROVISIONAL if booking.fee_yen else State.CONFIRMED
    booking.due_at = due(uses, catalogue, now=now) if booking.fee_yen else None


def due(
    uses: Sequence[tuple[RoomDay, BookingLine]], catalogue: Catalogue, *, now: datetime
) -> datetime:
    """Return by when the fee of these uses is to be paid, asked for now."""
    today = now.astimezone(catalogue.zone).date()
    return min(
        due_at(
            day.terms.document.payment,
            requested_on=today,
            first_use=line.starts_at,
            zone=catalogue.zone,
            place=day.place,
        )
        for day, line in uses
    )


def granted_to(found: Quote | Undetermined, granted: Granted) -> list[str] | None:
    """Return the waivers to write on a line: those that took something off, or may yet."""
    names = found.waived if isinstance(found, Quote) else granted.waivers - granted.spent
    return sorted(names) or None


def frozen(found: Quote | Undetermined) -> dict[str, Any]:
    """Return a fee, or what leaves it open, as it is kept on the booking for years."""
    if isinstance(found, Undetermined):
        readings = [{"name": one.name, "yen": one.yen} for one in found.readings]
        return {"rule": found.rule, "because": found.because, "readings": readings, "lines": []}
    return _frozen_quote(found)


def _frozen_quote(quote: Quote) -> dict[str, Any]:
    return {
        "total_yen": quote.total_yen,
        **({"waived": quote.waived} if quote.waived else {}),
        "lines": [
            {
                "rule": line.rule,
                "label": line.label,
                "arithmetic": line.arithmetic,
                "yen": line.yen,
                "citation": line.citation,
                **_marks(line),
            }
            for line in quote.lines
        ],
    }


def _marks(line: QuoteLine) -> dict[str, str]:
    """Return what kind of money a line is, where it stands in the ledger by itself."""
    if line.is_waiver:
        return {"kind": "waiver"}
    return {"kind": "surcharge"} if line.is_surcharge else {}
