"""The base of a fee: the price of the table that holds, and how it is counted."""

from collections.abc import Sequence
from dataclasses import replace

from app.fees.policy import (
    PersonPrice,
    Price,
    ShareOfPrice,
    SpanPrice,
    TogetherPrice,
    UnitPrice,
    UsePrice,
)
from app.fees.policy.prices import PeriodPrice
from app.fees.rules.conditions import rank
from app.fees.rules.facts import Use
from app.fees.rules.periods import by_periods
from app.fees.rules.quotes import Undetermined
from app.fees.rules.sheet import Sheet, yen_text
from app.fees.rules.tables import Table
from app.fees.rules.units import by_units

NO_PRICE = Undetermined("no-price", "この使い方の料金は、表に定めがありません。")


def base(table: Table, use: Use) -> Sheet | Undetermined:
    """Return the lines of the base price; a cell printed for just these hours beats a formula."""
    prices = table.prices(use)
    if not prices:
        return NO_PRICE
    for price in prices:
        if isinstance(price, SpanPrice) and _is_exact(price, use) and not _is_beaten(price, prices):
            return _one_line(price, price.name, price.yen)
    if use.periods and any(isinstance(one, PeriodPrice | TogetherPrice) for one in prices):
        return by_periods(table, prices, use)
    for price in prices:
        found = _by(table, price, use)
        if found is not None:
            return found
    return NO_PRICE


def _by(table: Table, price: Price, use: Use) -> Sheet | Undetermined | None:
    if isinstance(price, UnitPrice):
        return by_units(price, use)
    if isinstance(price, UsePrice):
        many = use.items if price.per_item else 1
        return _one_line(price, "", price.yen * many, f"{price.yen:,}円 × {many}")
    if isinstance(price, PersonPrice):
        return _by_person(price, use)
    if isinstance(price, ShareOfPrice):
        return _share(table, price, use)
    return None


def _is_exact(price: SpanPrice, use: Use) -> bool:
    return (use.from_minute, use.to_minute) == (price.from_, price.to)


def _is_beaten(price: SpanPrice, prices: Sequence[Price]) -> bool:
    """Say whether a price for just this applicant, purpose or admission goes before it."""
    return any(rank(one)[:3] < rank(price)[:3] for one in prices)


def _one_line(price: Price, name: str, yen: int, arithmetic: str = "") -> Sheet:
    sheet = Sheet()
    label = f"基本（{name}）" if name else "基本"
    sheet.add("base", price.id, label, arithmetic or f"{yen:,}円", yen, price.citation)
    sheet.last_period_yen = yen
    return sheet


def _by_person(price: PersonPrice, use: Use) -> Sheet | Undetermined:
    if not use.people:
        return Undetermined("people", "人数の内わけ（大人・子どもなど）がまだわかりません。")
    times = {"hour": -(-use.minutes // 60), "use": 1, "period": len(use.periods) or 1}[price.per]
    sheet = Sheet()
    for category, count in use.people:
        if category not in price.yen:
            return NO_PRICE
        each = price.yen[category]
        text = f"{each:,}円 × {count}人" + (f" × {times}" if price.per != "use" else "")
        name = price.names.get(category, category)
        sheet.add("base", price.id, f"基本（{name}）", text, each * count * times, price.citation)
    return sheet


def _share(table: Table, price: ShareOfPrice, use: Use) -> Sheet | Undetermined:
    whole = base(table, replace(use, room=price.of))
    if isinstance(whole, Undetermined):
        return whole
    amount = whole.sum()
    sheet = Sheet(units=whole.units)
    text = f"{yen_text(amount)} × {price.percent}%"
    share = table.exact(amount, price.percent)
    sheet.add("base", price.id, "基本", text, share, price.citation)
    sheet.last_period_yen = table.exact(whole.last_period_yen, price.percent)
    return sheet
