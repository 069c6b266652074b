"""When a booking may be changed in place, and what comes back when it costs less. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from app.booking.policy import Terms
from app.booking.rules.days import Place, closing
from app.booking.rules.refunds import refund
from app.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what is too much comes back, in percent, and by which rule."""

    percent: int | None  # None: the rule leaves it open
    is_undecided: bool  # no rule says it, so staff decide
    citation: str


def change_refusal(
    terms: Terms,
    place: Place,
    *,
    day: date,
    starts_at: datetime,
    ends_at: datetime,
    times: int,
    now: datetime,
    by_staff: bool = False,
) -> Refusal | None:
    """Return why a use can't be changed any more, or None. `times` it was changed before.

    Staff change it until it is over: a group that stays longer tells them while it is there.
    """
    phone = place.facility.phone
    if by_staff:
        return Refusal("change.over") if now >= ends_at else None
    if now >= starts_at:
        return Refusal("change.started", {"phone": phone})
    until = closing(terms.changes.until or terms.cancellation.until, day, starts_at, place)
    if now >= until:
        return Refusal("change.too_late", {"until": until, "phone": phone})
    if terms.changes.most is not None and times >= terms.changes.most:
        return Refusal("change.too_often", {"most": terms.changes.most, "phone": phone})
    return None


def share_back(
    terms: Terms, place: Place, *, use_day: date, today: date, room: str, is_paid: bool
) -> Share:
    """Return how much of what is too much comes back.

    What was not paid yet need not be paid. Of what was paid as much comes back as when the use
    were cancelled today: who shortens a use is treated like who cancels a part of it.
    """
    if not is_paid:
        return Share(100, is_undecided=False, citation="")
    citation = citation_of(terms)
    if not terms.changes.gives_back:
        return Share(0, is_undecided=False, citation=citation)
    found = refund(terms.cancellation, use_day=use_day, today=today, room=room, place=place)
    is_undecided = found.percent is None or not terms.cancellation.refunds
    return Share(found.percent, is_undecided, citation)


def citation_of(terms: Terms) -> str:
    """Return the rule by which money comes back, or does not, when a use becomes cheaper."""
    own, cancelling = terms.changes.citation, terms.cancellation.citation
    return (cancelling or own) if terms.changes.gives_back else (own or cancelling)


def back_of(before_yen: int | None, after_yen: int | None, percent: int | None) -> int:
    """Return what comes back, in whole yen; fractions are dropped as when cancelling."""
    less = (before_yen or 0) - (after_yen or 0)
    return max(less, 0) * (percent or 0) // 100
