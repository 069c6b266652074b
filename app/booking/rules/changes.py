"""When a booking may be changed in place, and what comes back when it costs less. Pure."""

from datetime import date, datetime

from app.booking.policy import Terms
from app.booking.rules.days import Place, closing
from app.booking.rules.refunds import refund
from app.kernel.refusals import Refusal


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


def percent_back(
    terms: Terms, place: Place, *, use_day: date, today: date, room: str, is_paid: bool
) -> int | None:
    """Return how much of what is too much comes back, in percent; None: the rule leaves it open.

    What was not paid yet need not be paid. Of what was paid as much comes back as when the use
    were cancelled today: who shortens a use is treated like who cancels a part of it.
    """
    if not is_paid:
        return 100
    if not terms.changes.gives_back:
        return 0
    found = refund(terms.cancellation, use_day=use_day, today=today, room=room, place=place)
    return found.percent


def back_of(before_yen: int | None, after_yen: int | None, percent: int | None) -> int:
    """Return what comes back, in whole yen; fractions are dropped as when cancelling."""
    less = (before_yen or 0) - (after_yen or 0)
    return max(less, 0) * (percent or 0) // 100
