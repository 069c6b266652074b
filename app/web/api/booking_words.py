"""What the API says about a booking, as plain values."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.queries import lines_of
from app.booking.service.basket_plan import minute_of
from app.booking.service.ending import LineEnd, line_ends
from app.facilities.catalogue import Catalogue
from app.kernel.spans import clock_text
from app.payments.service import balance_of
from app.web.api.problems import moment, refusal

# Of the answers; told by themselves.
_BESIDE = frozenset({"admission_yen", "is_for_profit", "people_by"})


def standing(
    session: Session, catalogue: Catalogue, booking: Booking, lines: Sequence[BookingLine]
) -> dict[str, Any]:
    """Return how a booking stands, with nothing about the person: it may be kept as an answer."""
    assert booking.submitted_at is not None
    balance = balance_of(session, booking.id)
    return {
        "number": booking.number,
        "state": str(booking.state),
        "submitted_at": moment(booking.submitted_at),
        "due_at": moment(booking.due_at) if booking.due_at else None,
        "ended_at": moment(booking.ended_at) if booking.ended_at else None,
        "fee_yen": booking.fee_yen,
        "owed_yen": balance.owed_yen,
        "paid_yen": balance.paid_yen,
        "lines": [_line(catalogue, line) for line in lines],
    }


def whole(
    session: Session, catalogue: Catalogue, booking: Booking, *, now: datetime
) -> dict[str, Any]:
    """Return a booking with what was said in the application and what cancelling would do."""
    lines = lines_of(session, booking.id)
    said = standing(session, catalogue, booking, lines)
    is_paid = said["paid_yen"] > 0
    ends = line_ends(catalogue, booking, lines, is_paid=is_paid, now=now)
    return {
        **said,
        "applicant": {
            "name": booking.applicant_name,
            "kana": booking.applicant_kana,
            "phone": booking.applicant_phone,
            "applicant_class": booking.applicant_class,
        },
        "purpose": booking.purpose,
        "people": booking.people,
        "people_by": booking.answers.get("people_by", {}),
        "shown_name": booking.shown_name,
        "notes": booking.notes,
        "admission_yen": booking.answers.get("admission_yen", 0),
        "is_for_profit": booking.answers.get("is_for_profit", False),
        "answers": {key: said for key, said in booking.answers.items() if key not in _BESIDE},
        "cancelling": [
            {
                **one,
                "is_possible": end.refusal is None,
                "reason": refusal(end.refusal) if end.refusal else None,
            }
            for one, end in zip(brought_by(ends), ends, strict=True)
        ],
    }


def brought_by(ends: Iterable[LineEnd]) -> list[dict[str, Any]]:
    """Return what cancelling lines brings."""
    return [
        {
            "line": end.line.id,
            "refund_yen": end.consequence.refund_yen,
            "released_yen": end.consequence.released_yen,
            "citation": end.consequence.citation,
        }
        for end in ends
    ]


def _line(catalogue: Catalogue, line: BookingLine) -> dict[str, Any]:
    facility, room = _place(catalogue, line.room_id)
    return {
        "id": line.id,
        "facility": facility,
        "room": room,
        "date": line.on_date.isoformat(),
        "from": clock_text(minute_of(line.starts_at, line.on_date, catalogue)),
        "to": clock_text(minute_of(line.ends_at, line.on_date, catalogue)),
        "starts_at": moment(line.starts_at),
        "ends_at": moment(line.ends_at),
        "state": str(line.state),
        "equipment": line.extras or {},
        "items": line.items or 1,
        "fee_yen": line.fee_yen or 0,
        "fee_lines": (line.quote or {}).get("lines", []),
    }


def _place(catalogue: Catalogue, room_id: int) -> tuple[str | None, str | None]:
    try:
        facility, room = catalogue.room(room_id)
    except LookupError:  # no longer listed; the booking stays
        return None, None
    return facility.slug, room.slug
