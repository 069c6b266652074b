"""この料金の理由: each line of a fee with its arithmetic and the article it comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, g, redirect, url_for
from flask.typing import ResponseReturnValue

from app.booking.queries import booking_numbered, lines_of
from app.booking.states import State
from app.db import db
from app.web import context, journey
from app.web.access import Access, access
from app.web.answers import asking
from app.web.booked import Booked, BookedLine, booked
from app.web.offer import Offered
from app.web.rendering import page
from app.web.sentences import sentences

bp = Blueprint("reasons", __name__)


UNSAID = ("room.other_purpose", "room.too_few")  # of what was not said yet


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a reckoning."""

    label: str
    how: str
    yen: int
    citation: str


@dataclass(frozen=True, slots=True)
class Reason:
    """The fee of one use, step by step, or why it is not known."""

    on: date
    starts_at: Any  # an instant
    ends_at: Any
    room: str
    hall: str
    steps: Sequence[Step]
    because: Sequence[str] = ()
    readings: Sequence[tuple[str, int | None]] = ()  # ways to read the rule, and what each costs

    @property
    def yen(self) -> int:
        """Return what the use costs."""
        return sum(step.yen for step in self.steps)


@bp.get("/basket/fee")
@access(Access.PUBLIC)
def of_basket() -> ResponseReturnValue:
    """Explain the fee of what is chosen, with what was said about it so far."""
    found = asking()
    if found is None:
        return redirect(journey.without_basket(), code=303)
    reasons = [
        _of_offered(one, said=bool(found.values.get("purpose")))
        for one in found.offered()
        if one.facility and one.room
    ]
    back = journey.check_url() if found.open() is None else url_for(journey.BASKET)
    return _page(reasons, back=back, is_made=False)


@bp.get("/bookings/<string(length=8):number>/fee")
@access(Access.SIGNED_IN)
def of_booking(number: str) -> ResponseReturnValue:
    """Explain the fee of one's own booking as it was frozen when it was made."""
    booking = booking_numbered(db.session(), number)
    if booking is None or booking.state == State.DRAFT or not _is_own(booking.account_id):
        abort(404)
    found = booked(booking, lines_of(db.session(), booking.id))
    reasons = [_of_booked(one) for one in _explained(found)]
    back = url_for("bookings.detail", number=number)
    return _page(reasons, back=back, is_made=True)


def _page(reasons: Sequence[Reason], *, back: str, is_made: bool) -> ResponseReturnValue:
    return page(
        "fees/reasons.html",
        reasons=reasons,
        total_yen=None if all(one.because for one in reasons) else sum(one.yen for one in reasons),
        is_open=any(one.because for one in reasons),
        is_made=is_made,
        back=back,
    )


def _is_own(account_id: int | None) -> bool:
    return account_id is not None and account_id == g.viewer.account_id


def _explained(found: Booked) -> list[BookedLine]:
    return found.standing or list(found.lines)


def _of_offered(one: Offered, *, said: bool) -> Reason:
    assert one.facility is not None
    assert one.room is not None
    line, quote = one.line, one.quote
    steps = [Step(x.label, x.arithmetic, x.yen, x.citation) for x in (quote.lines if quote else ())]
    told = [no for no in one.refusals if said or no.code not in UNSAID]
    because = () if quote else tuple(sentences(told))
    if one.left_open:
        because = (one.left_open.because, *because)
    zone = context.catalogue().zone
    return Reason(
        line.on_date,
        line.starts_at.astimezone(zone),
        line.ends_at.astimezone(zone),
        one.room.name,
        one.facility.name,
        steps,
        because,
        [(x.name, x.yen) for x in one.left_open.readings] if one.left_open else (),
    )


def _of_booked(one: BookedLine) -> Reason:
    zone = context.catalogue().zone
    kept = one.line.quote or {}
    return Reason(
        one.line.on_date,
        one.line.starts_at.astimezone(zone),
        one.line.ends_at.astimezone(zone),
        one.room,
        one.hall,
        list(_frozen(kept)),
        tuple(filter(None, [kept.get("because", "")])),
        [(x["name"], x["yen"]) for x in kept.get("readings", ())],
    )


def _frozen(quote: Mapping[str, Any] | None) -> Iterable[Step]:
    for part in (quote or {}).get("lines", ()):
        yield Step(part["label"], part["arithmetic"], part["yen"], part["citation"])
