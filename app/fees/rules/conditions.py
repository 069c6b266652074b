"""Does a rule hold for a use, and which of several that hold is the most particular."""

from collections.abc import Sequence

from app.fees.policy import Conditional, DayKind
from app.fees.rules.facts import Use
from app.tenants.policy import WEEKDAY_ORDER

Rank = tuple[bool, bool, bool, bool, bool]


def holds(rule: Conditional, use: Use, kinds: Sequence[DayKind] = ()) -> bool:
    """Say whether everything that the rule names is so."""
    said = use.said
    return (
        (not rule.rooms or use.room in rule.rooms)
        and (not rule.classes or use.applicant_class in rule.classes)
        and (rule.days == "any" or is_of_kind(rule.days, use, kinds))
        and (not rule.purposes or use.purpose in rule.purposes)
        and said.issuperset(rule.attributes)
        and said.isdisjoint(rule.without)
        and (rule.admission is None or rule.admission.holds(use.admission_yen))
        and (not rule.seasons or _in_season(rule, use))
        and (rule.periods_at_least is None or len(use.periods) >= rule.periods_at_least)
        and (rule.periods_at_most is None or len(use.periods) <= rule.periods_at_most)
        and (rule.people_at_least is None or use.head_count >= rule.people_at_least)
    )


def rank(rule: Conditional) -> Rank:
    """Return how general a rule is: what names the class goes before what names the day only."""
    return (
        not rule.classes,
        not (rule.attributes or rule.purposes),
        rule.admission is None,
        not rule.seasons,
        rule.days == "any",
    )


def is_of_kind(days: str, use: Use, kinds: Sequence[DayKind]) -> bool:
    """Say whether the day of the use is of a kind; the first two kinds are everywhere."""
    if days == "weekend_or_holiday":
        return use.is_weekend_or_holiday
    if days == "weekday":
        return not use.is_weekend_or_holiday
    kind = next((one for one in kinds if one.id == days), None)
    if kind is None or use.on is None:
        return False
    if use.is_holiday and kind.holidays != "by_weekday":
        return kind.holidays == "belong"
    return WEEKDAY_ORDER[use.on.weekday()] in kind.weekdays


def _in_season(rule: Conditional, use: Use) -> bool:
    if use.on is None:
        return False
    day = use.on.strftime("%m-%d")
    return any(
        one.from_ <= day <= one.to if one.from_ <= one.to else day >= one.from_ or day <= one.to
        for one in rule.seasons
    )
