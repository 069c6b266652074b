"""Prices by named periods: a printed combination goes before its parts; gaps between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.fees.policy import GapPrice, PeriodPrice, Price, TogetherPrice
from app.fees.rules.conditions import holds, rank
from app.fees.rules.facts import Use
from app.fees.rules.quotes import Undetermined
from app.fees.rules.sheet import Amount, Sheet
from app.fees.rules.tables import Table


@dataclass(frozen=True, slots=True)
class _Piece:
    """Periods that one price covers, from the `first` of a use up to before `until`."""

    first: int
    until: int
    price: Price
    label: str
    yen: int


def by_periods(table: Table, prices: Sequence[Price], use: Use) -> Sheet | Undetermined:
    """Return the lines of a use of named periods."""
    ways = list(_ways(prices, use, 0))
    if not ways:
        return Undetermined("no-price", "この使い方の料金は、表に定めがありません。")
    fewest = min(len(way) for way in ways)
    widest = [way for way in ways if len(way) == fewest]
    if len({sum(piece.yen for piece in way) for way in widest}) > 1:
        return Undetermined(
            "several-prices", "この組み合わせには、料金の読み方がいくつかあります。"
        )
    sheet = Sheet()
    for piece in widest[0]:
        label, text = f"基本（{piece.label}）", f"{piece.yen:,}円"
        sheet.add("base", piece.price.id, label, text, piece.yen, piece.price.citation)
    sheet.last_period_yen = _period_yen(prices, use, len(use.periods) - 1) or widest[0][-1].yen
    between = [gap for gap in use.gaps if any(gap == piece.until - 1 for piece in widest[0])]
    return _add_gaps(table, prices, use, between, sheet)


def _ways(prices: Sequence[Price], use: Use, first: int) -> Iterator[tuple[_Piece, ...]]:
    """Yield every way to cover the periods from `first` on with prices of the table."""
    if first == len(use.periods):
        yield ()
        return
    for piece in _pieces(prices, use, first):
        for rest in _ways(prices, use, piece.until):
            yield (piece, *rest)


def _pieces(prices: Sequence[Price], use: Use, first: int) -> Iterator[_Piece]:
    period, name = use.periods[first]
    seen: set[int] = set()  # of several prices for the same periods the most particular holds
    for price in prices:
        label, yen, until = name, 0, first + 1
        if isinstance(price, PeriodPrice) and period in price.yen:
            yen = price.yen[period]
        elif isinstance(price, TogetherPrice) and _is_printed_for(price, prices, use, first):
            label, yen, until = price.name, price.yen, first + len(price.periods)
        else:
            continue
        if until not in seen:
            seen.add(until)
            yield _Piece(first, until, price, label, yen)


def _is_printed_for(price: TogetherPrice, prices: Sequence[Price], use: Use, first: int) -> bool:
    """Say whether a combination begins here, and is of the table that holds for its parts.

    A whole day printed for everybody does not go before the parts printed for this applicant.
    """
    following = tuple(period for period, _ in use.periods[first : first + len(price.periods)])
    return following == price.periods and not any(
        isinstance(one, PeriodPrice)
        and rank(one)[:3] < rank(price)[:3]
        and any(period in one.yen for period in following)
        for one in prices
    )


def _period_yen(prices: Sequence[Price], use: Use, place: int) -> int | None:
    period = use.periods[place][0]
    for price in prices:
        if isinstance(price, PeriodPrice) and period in price.yen:
            return price.yen[period]
    return None


def _add_gaps(
    table: Table, prices: Sequence[Price], use: Use, between: Sequence[int], sheet: Sheet
) -> Sheet | Undetermined:
    by_division = 0  # gaps that no rule of the tariff prices
    for gap in between:
        rule = _gap_rule(table, use, gap)
        if rule is None:
            by_division += 1
        else:
            amount, text = _gap_amount(table, prices, use, gap, rule, sheet)
            sheet.add("base", rule.id, rule.name, text, amount, rule.citation)
    if by_division and use.gap_yen is None:
        because = "区分と区分の間の時間の料金は、公表された表に定めがありません。"
        return Undetermined("gap", because)
    if by_division and use.gap_yen:
        text = f"{use.gap_yen:,}円 × {by_division}回"
        sheet.add("base", "gap", "続けて使う間の時間", text, use.gap_yen * by_division, None)
    return sheet


def _gap_rule(table: Table, use: Use, gap: int) -> GapPrice | None:
    period = use.periods[gap][0]
    for one in table.tariff.gaps:
        if (not one.after or period in one.after) and holds(one, use, table.kinds):
            return one
    return None


def _gap_amount(
    table: Table, prices: Sequence[Price], use: Use, gap: int, rule: GapPrice, sheet: Sheet
) -> tuple[Amount, str]:
    if rule.yen is not None:
        return rule.yen, f"{rule.yen:,}円"
    if rule.of == "whole":
        of: Amount = sheet.sum()
    else:
        of = _period_yen(prices, use, gap if rule.of == "previous" else gap + 1) or 0
    return table.exact(of, rule.percent or 0), f"{int(of):,}円 × {rule.percent}%"
