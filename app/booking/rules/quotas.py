"""How many uses an applicant may have in a day, week, month or year (枠上限)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.calendar_jp import fiscal_year
from app.kernel.refusals import Refusal
from app.tenants.policy import Quota


@dataclass(frozen=True, slots=True)
class Counted:
    """One use of an applicant, as far as a quota looks at it."""

    room: str
    day: date
    slots: int
    is_weekend_or_holiday: bool


def refusals(
    quotas: Sequence[Quota],
    *,
    applicant_class: str,
    asked: Sequence[Counted],
    standing: Sequence[Counted],
    today: date,
) -> list[Refusal]:
    """Return a refusal for each quota that the asked uses and the standing ones exceed."""
    found = []
    for quota in quotas:
        if quota.classes and applicant_class not in quota.classes:
            continue
        new = [use for use in asked if _counts(quota, use, today)]
        for stretch in sorted({_stretch(quota, use.day) for use in new}):
            over = quota.per == "outstanding"  # 未利用分: what is past no longer counts
            old = [u for u in standing if _counts(quota, u, today) and not (over and u.day < today)]
            inside = [use for use in [*old, *new] if _stretch(quota, use.day) == stretch]
            if _amount(quota, inside) > quota.limit:
                found.append(Refusal("quota.reached", {"name": quota.name, "limit": quota.limit}))
                break
    return found


def _counts(quota: Quota, use: Counted, today: date) -> bool:
    if quota.rooms and use.room not in quota.rooms:
        return False
    if quota.not_within_days is not None and (use.day - today).days <= quota.not_within_days:
        return False
    if quota.days == "any":
        return True
    return use.is_weekend_or_holiday == (quota.days == "weekend_or_holiday")


def _amount(quota: Quota, uses: Sequence[Counted]) -> int:
    if quota.counts == "slots":
        return sum(use.slots for use in uses)
    if quota.counts == "days":
        return len({use.day for use in uses})
    return len(uses)


def _stretch(quota: Quota, day: date) -> str:
    if quota.per == "day":
        return day.isoformat()
    if quota.per == "week":
        return (day - timedelta(days=day.weekday())).isoformat()
    if quota.per == "month":
        return day.strftime("%Y-%m")
    return str(fiscal_year(day)) if quota.per == "fiscal_year" else "outstanding"
