"""The days of a lottery: from when to when one applies, when it is drawn and confirmed. Pure."""

from dataclasses import dataclass
from datetime import date

from app.booking.policy import LotteryCalendar, Terms
from app.kernel.calendar_jp import day_of_month_before


@dataclass(frozen=True, slots=True)
class LotteryDays:
    """The days of the lottery for a use; all inclusive."""

    apply_from: date
    apply_to: date
    draw: date
    confirm_from: date | None
    confirm_to: date | None
    first_come: date | None
    rule: LotteryCalendar


def lottery_days(
    terms: Terms, *, room: str, applicant_class: str, use_day: date
) -> LotteryDays | None:
    """Return the lottery of a room for a day; None when there is none this class may enter."""
    for rule in terms.lotteries:
        if rule.rooms and room not in rule.rooms:
            continue
        if rule.classes and applicant_class not in rule.classes:
            continue
        return _days(rule, use_day)
    return None


def _days(rule: LotteryCalendar, use_day: date) -> LotteryDays:
    def on(day: int) -> date:
        return day_of_month_before(use_day, rule.months, day)

    first = rule.first_come
    return LotteryDays(
        apply_from=on(rule.apply_from),
        apply_to=on(rule.apply_to),
        draw=on(rule.draw),
        confirm_from=on(rule.confirm_from) if rule.confirm_from else None,
        confirm_to=on(rule.confirm_to) if rule.confirm_to else None,
        first_come=day_of_month_before(use_day, first.months, first.day) if first else None,
        rule=rule,
    )
