"""What follows from a booking: when its fee is due, and what cancelling brings back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.booking.policy import Payment, Terms
from app.booking.rules.days import Place, closing, shifted
from app.booking.rules.refunds import refund
from app.kernel.calendar_jp import day_of_month_before
from app.kernel.refusals import Refusal
from app.kernel.spans import instant


def due_at(
    payment: Payment,
    *,
    requested_on: date,
    first_use: datetime,
    zone: ZoneInfo,
    place: Place | None = None,
) -> datetime:
    """Return the instant before which the fee is to be paid (the end of the due day).

    The earlier of "n days after the request" and "n days before the use" holds, but never a
    moment that has already gone when the request is made: then it is the day of the request,
    and in no case later than the use begins. `place` tells which days are closed; a last day on
    which it is may move to the next open one.
    """
    use_day = first_use.astimezone(zone).date()
    days = []
    if payment.days_after_request is not None:
        days.append(requested_on + timedelta(days=payment.days_after_request))
    if payment.days_before_use is not None:
        days.append(use_day - timedelta(days=payment.days_before_use))
    day = max(min(days), requested_on) if days else use_day
    if payment.if_closed == "next_open_day" and place is not None:
        day = shifted(
            day, timedelta(days=1), lambda one: place.is_closed(one, payment.closed_means)
        )
    return min(instant(day + timedelta(days=1), 0, zone), first_use)


def debited_on(payment: Payment, use_day: date) -> date | None:
    """Return the day on which a fee is taken from an account; None when it is not."""
    if payment.debit is None:
        return None
    return day_of_month_before(use_day, -payment.debit.months_after, payment.debit.day)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What cancelling a line now would do, said before it is pressed."""

    refund_percent: int | None  # None: the rule leaves it open, staff decide
    refund_yen: int  # of what was paid; 0 when nothing was
    released_yen: int  # what is no longer owed
    citation: str
    is_kept_as_fee: bool = True  # what does not come back; False: it becomes a cancellation fee
    is_silent: bool = False  # no rule of refunds was published at all

    @property
    def is_undecided(self) -> bool:
        """Say whether no rule says what comes back: then staff decide."""
        return self.refund_percent is None or self.is_silent


def consequence(
    terms: Terms,
    *,
    fee_yen: int,
    is_paid: bool,
    use_day: date,
    today: date,
    room: str = "",
    place: Place | None = None,
) -> Consequence:
    """Return what cancelling one line brings back; fractions of a yen are dropped."""
    found = refund(terms.cancellation, use_day=use_day, today=today, room=room, place=place)
    back = fee_yen * (found.percent or 0) // 100 if is_paid else 0
    return Consequence(
        refund_percent=found.percent,
        refund_yen=back,
        released_yen=0 if is_paid else fee_yen,
        citation=found.citation,
        is_kept_as_fee=terms.cancellation.kept_as == "fee",
        is_silent=not terms.cancellation.refunds,
    )


def whole(fee_yen: int, *, is_paid: bool) -> Consequence:
    """Return what a use brings back that the hall itself has to cancel: all of it."""
    return Consequence(
        refund_percent=100,
        refund_yen=fee_yen if is_paid else 0,
        released_yen=0 if is_paid else fee_yen,
        citation="",
    )


def cancel_refusal(
    terms: Terms,
    place: Place,
    *,
    day: date,
    starts_at: datetime,
    now: datetime,
    is_open: bool = False,
) -> Refusal | None:
    """Return why the applicant can't cancel by themselves, or None.

    `is_open`: they paid, and the rule leaves open what comes back.
    """
    if now >= starts_at:
        return Refusal("cancel.started")
    until = closing(terms.cancellation.until, day, starts_at, place)
    if now >= until:
        return Refusal("cancel.too_late", {"until": until, "phone": place.facility.phone})
    if is_open:
        return Refusal("cancel.refund_open", {"phone": place.facility.phone})
    return None
