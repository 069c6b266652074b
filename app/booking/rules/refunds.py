"""What comes back of a fee when a use is cancelled: tiers, causes, days that shift. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.booking.policy import Cancellation, RefundTier
from app.booking.rules.days import Place, shifted
from app.kernel.calendar_jp import months_before


@dataclass(frozen=True, slots=True)
class Refund:
    """So many percent come back, by which rule; None: the published rule leaves it open."""

    percent: int | None
    citation: str


def refund(
    rule: Cancellation,
    *,
    use_day: date,
    today: date,
    room: str = "",
    cause: str | None = None,
    place: Place | None = None,
) -> Refund:
    """Return what comes back when a use on `use_day` is cancelled on `today`.

    `cause` is one of the rule's causes, for which the days do not matter. `place` tells which
    days are closed; without it no last day is shifted. Later than every tier nothing comes back.
    """
    for one in rule.causes:
        if one.id == cause:
            return Refund(one.percent, one.citation)
    for day, percent in steps(rule, use_day=use_day, room=room, place=place):
        if today <= day:
            return Refund(percent, rule.citation)
    return Refund(0, rule.citation)


def steps(
    rule: Cancellation, *, use_day: date, room: str = "", place: Place | None = None
) -> list[tuple[date, int | None]]:
    """Return each last day with what comes back until its end, the earliest first."""
    found = [
        (_last_day(rule, tier, use_day, place), tier.percent)
        for tier in rule.refunds
        if not tier.rooms or room in tier.rooms
    ]
    return sorted(found, key=lambda one: one[0])


def _last_day(rule: Cancellation, tier: RefundTier, use_day: date, place: Place | None) -> date:
    """Return the last day on which the tier holds."""
    if tier.months_before is not None:
        day = months_before(use_day, tier.months_before)
    else:
        day = use_day - timedelta(days=tier.days_before or 0)
    if rule.if_closed == "keep" or place is None:
        return day
    return shifted(day, timedelta(days=1), lambda one: place.is_closed(one, "facility"))
