"""Checks that no use has two prices of the same rank: which one holds would be a guess."""

from collections.abc import Iterator
from itertools import combinations

from app.fees.policy import PeriodPrice, Price, SpanPrice, TogetherPrice
from app.fees.rules.conditions import rank
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
        and rank(one) == rank(other)
        and _same_said(one, other)
        and _same_time(one, other)
    )


def _same_said(one: Price, other: Price) -> bool:
    """Say whether one applicant, purpose and admission can fit both."""
    if one.classes and not set(one.classes) & set(other.classes):
        return False
    if one.purposes and other.purposes and not set(one.purposes) & set(other.purposes):
        return False
    if set(one.attributes) & set(other.without) or set(other.attributes) & set(one.without):
        return False
    return one.admission is None or other.admission is None or _overlap(one, other)


def _overlap(one: Price, other: Price) -> bool:
    """Say whether some charge lies in both bands: one of their edges does, if any."""
    bands = [price.admission for price in (one, other) if price.admission]
    edges = {0}
    for band in bands:
        for edge in (band.from_, band.over, band.to, band.under):
            if edge is not None:
                edges |= {max(edge - 1, 0), edge, edge + 1}
    return any(all(band.holds(yen) for band in bands) for yen in edges)


def _same_time(one: Price, other: Price) -> bool:
    if isinstance(one, PeriodPrice) and isinstance(other, PeriodPrice):
        return bool(set(one.yen) & set(other.yen))
    if isinstance(one, TogetherPrice) and isinstance(other, TogetherPrice):
        return one.periods == other.periods
    if isinstance(one, SpanPrice) and isinstance(other, SpanPrice):
        return (one.from_, one.to) == (other.from_, other.to)
    return one.kind == other.kind
