"""Between when a room can be applied for online, by whom (予約受付期間)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.booking.policy import Reception, Terms
from app.booking.rules.days import Place, closing, opening, shifted
from app.kernel.refusals import Refusal
from app.kernel.spans import instant


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens_at` until before `closes_at`, online; what to do afterwards."""

    opens_at: datetime
    closes_at: datetime
    afterwards: str


def window(
    terms: Terms,
    place: Place,
    *,
    room: str,
    applicant_class: str,
    day: date,
    starts_at: datetime,
    beside: Collection[str] = (),
) -> Window | None:
    """Return the reception window of a use, or None when this class can't apply online.

    `beside` are the other rooms that the same request takes on that day: a meeting room
    that goes with a hall has the hall's window. Of several rules the most particular holds.
    """
    fitting = [rule for rule in terms.reception if _fits(rule, room, applicant_class, beside)]
    if not fitting:
        return None
    rule = max(
        fitting, key=lambda one: (bool(one.together_with), bool(one.rooms), bool(one.classes))
    )
    return Window(
        opening(rule.opens, day, place),
        closing(rule.closes, day, starts_at, place),
        rule.afterwards,
    )


def refusal(found: Window | None, *, now: datetime, phone: str) -> Refusal | None:
    """Return why a use can't be applied for at `now`, and from when it can, or None."""
    if found is None:
        return Refusal("reception.not_online", {"phone": phone})
    if found.opens_at >= found.closes_at:
        return Refusal("reception.over", {"afterwards": found.afterwards, "phone": phone})
    if now < found.opens_at:
        return Refusal("reception.not_yet", {"opens_at": found.opens_at})
    if now >= found.closes_at:
        return Refusal("reception.over", {"afterwards": found.afterwards, "phone": phone})
    return None


def view_only(place: Place, now: datetime) -> Refusal | None:
    """Return why nothing can be applied for today, and from when, where the rule says so.

    On days on which the office (閉庁日) or the hall (休館日) is closed a municipality may let
    people only look; that is another thing than the days of use on which the hall is closed.
    """
    today = now.astimezone(place.zone).date()
    calendar = place.facility.calendar_on(today)
    rests = [
        means
        for means, mode in (
            ("office", calendar.web_on_office_closed_days),
            ("facility", calendar.web_on_closing_days),
        )
        if mode == "view_only"
    ]
    if not any(place.is_closed(today, means) for means in rests):
        return None
    opens = shifted(
        today, timedelta(days=1), lambda day: any(place.is_closed(day, means) for means in rests)
    )
    return Refusal("reception.view_only", {"opens_at": instant(opens, 0, place.zone)})


def _fits(rule: Reception, room: str, applicant_class: str, beside: Collection[str]) -> bool:
    if rule.rooms and room not in rule.rooms:
        return False
    if rule.classes and applicant_class not in rule.classes:
        return False
    return not rule.together_with or any(one in beside for one in rule.together_with)
