"""Checks that no use has two prices of the same rank: which one holds would be a guess."""

from collections.abc import Iterator
from itertools import combinations

from app.fees.policy import PeriodPrice, Price, TogetherPrice
from app.packs.checks.subject import AboutFacility
from app.packs.problems import Problem


def facility(about: AboutFacility) -> Iterator[Problem]:
    """Yield a problem for each price that another one contradicts."""
    for place, tariff in enumerate(about.one.fees):
        for (_, one), (second, other) in combinations(enumerate(tariff.prices), 2):
            if one.id != other.id and _meet(one, other):
                message = (
                    f"「{other.id}」と「{one.id}」は同じ使い方の料金です。"
                    "部屋・区分・曜日・利用者区分のどれかで分けるか、片方にしてください。"
                )
                yield about.problem(("fees", place, "prices", second), message)


def _meet(one: Price, other: Price) -> bool:
    """Say whether a use exists for which neither price is the more particular."""
    return (
        bool(set(one.rooms) & set(other.rooms))
        and one.days == other.days  # a price for weekdays goes before one for any day
        and _same_classes(one, other)
        and _same_time(one, other)
    )


def _same_classes(one: Price, other: Price) -> bool:
    if not one.classes or not other.classes:
        return one.classes == other.classes  # one that names the class goes before
    return bool(set(one.classes) & set(other.classes))


def _same_time(one: Price, other: Price) -> bool:
    if isinstance(one, PeriodPrice) and isinstance(other, PeriodPrice):
        return bool(set(one.yen) & set(other.yen))
    if isinstance(one, TogetherPrice) and isinstance(other, TogetherPrice):
        return one.periods == other.periods
    return one.kind == other.kind
