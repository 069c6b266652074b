"""Prices by units of time: hours, half hours, with other prices at other hours, and caps."""

from collections.abc import Iterator
from itertools import pairwise

from app.fees.policy import UnitPrice
from app.fees.rules.facts import Use
from app.fees.rules.quotes import Undetermined
from app.fees.rules.sheet import Sheet
from app.kernel.spans import clock_text

Stretch = tuple[int, int, int, str]  # minutes, units, yen of a unit, what is said of it


def by_units(price: UnitPrice, use: Use) -> Sheet | Undetermined:
    """Return the lines of a use; a part of a unit counts as one (1時間未満は1時間とする)."""
    left = _left_over(price, use)
    stretches = list(_stretches(price, use, left))
    units = sum(one[1] for one in stretches)
    whole = -(-sum(one[0] for one in stretches) // price.minutes)
    if units > whole and len({one[2] for one in stretches}) > 1:
        because = "料金の変わる時刻をまたぐ、1単位に満たない時間の数え方の定めがありません。"
        return Undetermined("band-split", because)
    sheet = Sheet(units=max(units, 1))
    many = use.items if price.per_item else 1
    for _, count, yen, said in stretches:
        text = f"{yen:,}円 × {_counted(price, count)}{said}"
        text += f" × {many}" if price.per_item else ""
        sheet.add("base", price.id, "基本", text, yen * count * many, price.citation)
    _first_block(price, use, sheet)
    if left and price.extension:
        yen = price.extension.yen
        sheet.add("overtime", price.id, "延長", f"{yen:,}円", yen * many, price.citation)
    _cap(price, use, sheet, many)
    return sheet


def _left_over(price: UnitPrice, use: Use) -> int:
    """Return the minutes beyond whole units that an extension covers; else none."""
    rest = use.minutes % price.minutes
    covers = price.extension and use.minutes > price.minutes and rest <= price.extension.minutes
    return rest if covers else 0


def _stretches(price: UnitPrice, use: Use, left: int) -> Iterator[Stretch]:
    minutes = max(use.minutes - left, price.at_least_minutes)
    if price.first:
        minutes = max(minutes - price.first.minutes, 0)
        if minutes == 0:
            return
    if not price.bands or use.from_minute is None or use.to_minute is None:
        yield minutes, -(-minutes // price.minutes), price.yen, ""
        return
    begins, ends = use.from_minute, use.from_minute + minutes
    edges = {m for band in price.bands for m in (band.from_, band.to) if begins < m < ends}
    cuts = [begins, *sorted(edges), ends]
    for one, other in pairwise(cuts):
        yen = next((b.yen for b in price.bands if b.from_ <= one and other <= b.to), price.yen)
        said = f"（{clock_text(one)}から{clock_text(other)}まで）" if len(cuts) > 2 else ""
        yield other - one, -(-(other - one) // price.minutes), yen, said


def _counted(price: UnitPrice, count: int) -> str:
    if price.minutes % 60 == 0:
        return f"{count * price.minutes // 60}時間" if price.minutes == 60 else f"{count}回"
    return f"{count}（{price.minutes}分ごと）"


def _first_block(price: UnitPrice, use: Use, sheet: Sheet) -> None:
    if price.first:
        text = f"最初の{price.first.minutes}分 {price.first.yen:,}円"
        sheet.add("base", price.id, "基本", text, price.first.yen, price.citation)
        sheet.entries.insert(0, sheet.entries.pop())


def _cap(price: UnitPrice, use: Use, sheet: Sheet, many: int) -> None:
    over = _over_bands(price, use) * many
    if over:
        sheet.add("base", price.id, "上限", "区分の料金を超えた分を引く", -over, price.citation)
    if price.cap_yen is not None and sheet.sum() > price.cap_yen * many:
        above = sheet.sum() - price.cap_yen * many
        sheet.add("base", price.id, "上限", f"1回 {price.cap_yen:,}円まで", -above, price.citation)


def _over_bands(price: UnitPrice, use: Use) -> int:
    if use.from_minute is None or use.to_minute is None:
        return 0
    over = 0
    for cap in price.caps:
        inside = min(use.to_minute, cap.to) - max(use.from_minute, cap.from_)
        if inside > 0:
            over += max(-(-inside // price.minutes) * price.yen - cap.yen, 0)
    return over
