"""What comes on top of the base: equipment and heating, surcharges, overtime."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from app.fees.policy import Extra, Overtime, Part, Surcharge
from app.fees.policy.conditions import PARTS
from app.fees.rules.conditions import holds
from app.fees.rules.facts import Use
from app.fees.rules.quotes import Undetermined
from app.fees.rules.sheet import Amount, Sheet, yen_text
from app.fees.rules.tables import Table


def add_extras(table: Table, use: Use, sheet: Sheet) -> Undetermined | None:
    """Write what is used beside the room, and what is charged by itself in its season."""
    asked = dict(use.extras)
    room_fee = sheet.sum(("base",))
    for extra in table.tariff.extras:
        count = 1 if extra.is_automatic else asked.pop(extra.id, 0)
        if not count:
            continue
        if not holds(extra, use, table.kinds):
            if extra.is_automatic:
                continue
            return Undetermined(
                "extra", f"「{extra.name}」のこの使い方の料金は、定めがありません。"
            )
        found = _extra(table, extra, use, count, room_fee)
        if found is None:
            return _unknown(f"「{extra.name}」の、この部屋での")
        sheet.add(extra.part, extra.id, extra.name, found[1], found[0], extra.citation)
    if asked:
        return _unknown(f"「{'」「'.join(asked)}」の")
    return None


def _unknown(what: str) -> Undetermined:
    return Undetermined("extra", f"{what}料金は、定めがありません。")


def _extra(
    table: Table, extra: Extra, use: Use, count: int, room_fee: Amount
) -> tuple[Amount, str] | None:
    if extra.percent is not None:
        return table.exact(room_fee, extra.percent), f"{yen_text(room_fee)} × {extra.percent}%"
    if extra.yen_by_period:
        if any(period not in extra.yen_by_period for period, _ in use.periods):
            return None
        each = sum(extra.yen_by_period[period] for period, _ in use.periods)
        return each * count, f"{each:,}円 × {count}"
    yen = extra.yen_by_room.get(use.room) if extra.yen_by_room else extra.yen
    if yen is None:
        return None
    times = _times(extra, use)
    return yen * times * count, f"{yen:,}円 × {times * count}"


def _times(extra: Extra, use: Use) -> int:
    if extra.unit == "hour":
        return -(-use.whole_minutes // 60)
    if extra.unit == "period":
        return len(use.periods) or 1
    if extra.unit == "person":
        return use.head_count
    if extra.unit == "use" and extra.minutes_of_a_use:
        return -(-use.whole_minutes // extra.minutes_of_a_use)
    return 1


def add_surcharges(table: Table, use: Use, sheet: Sheet) -> None:
    """Write the surcharges that hold, in the order of the tariff, stacked as it says."""
    fitting = [one for one in table.tariff.surcharges if holds(one, use, table.kinds)]
    replaced = {other for one in fitting for other in one.instead_of}
    fitting = [one for one in fitting if one.id not in replaced]
    before = {part: sheet.sum((part,)) for part in PARTS}
    highest = _highest(table, fitting, before)
    for one in fitting:
        stacks = one.stacks or table.tariff.stacking
        if stacks == "highest" and one is not highest:
            continue
        for part in sheet.parts(one.on):
            of = sheet.sum((part,)) if stacks == "multiply" else before[part]
            _add_surcharge(table, one, part, of, sheet)


def _add_surcharge(table: Table, one: Surcharge, part: Part, of: Amount, sheet: Sheet) -> None:
    if one.yen is not None:
        sheet.add(part, one.id, one.name, f"{one.yen:,}円", one.yen, one.citation,
                  is_surcharge=True)  # fmt: skip
        return
    percent = one.percent or 0
    text = f"{yen_text(of)} × {percent}%"
    sheet.add(
        part, one.id, one.name, text, table.exact(of, percent), one.citation, is_surcharge=True
    )


def _highest(
    table: Table, fitting: Sequence[Surcharge], before: Mapping[Part, Amount]
) -> Surcharge | None:
    def size(one: Surcharge) -> Amount:
        if one.yen is not None:
            return one.yen
        return sum((table.exact(before[part], one.percent or 0) for part in one.on), start=0)

    ones = [one for one in fitting if (one.stacks or table.tariff.stacking) == "highest"]
    return max(ones, key=size, default=None)


def add_overtime(
    table: Table, use: Use, sheet: Sheet, *, base_before: Amount
) -> Undetermined | None:
    """Write what the time beyond the booked one costs."""
    if not use.overtime_minutes:
        return None
    rule = next((one for one in table.tariff.overtime if holds(one, use, table.kinds)), None)
    units = _overtime_units(rule, use.overtime_minutes) if rule else None
    if rule is None or units is None:
        return Undetermined("overtime", "この長さの時間の延長は、料金の定めがありません。")
    if rule.yen is not None:
        amount: Amount = rule.yen * units
        text = f"{rule.yen:,}円 × {units}"
    else:
        of = _overtime_base(rule, use, sheet, base_before)
        amount = table.exact(of, (rule.percent or 0) * units)
        text = f"{yen_text(of)} × {rule.percent}% × {units}"
    sheet.add("overtime", rule.id, rule.name, text, amount, rule.citation)
    return None


def _overtime_units(rule: Overtime, minutes: int) -> int | None:
    if rule.count == "up":
        units = -(-minutes // rule.minutes)
    elif rule.count == "down":
        units = minutes // rule.minutes
    else:
        units = (minutes + rule.minutes // 2) // rule.minutes
    return None if rule.at_most is not None and units > rule.at_most else units


def _overtime_base(rule: Overtime, use: Use, sheet: Sheet, base_before: Amount) -> Amount:
    of: Amount = sheet.last_period_yen or base_before
    if rule.of == "hourly":
        hours = max(-(-use.minutes // 60), 1)
        of = base_before if hours == 1 else _divided(base_before, hours)
    if rule.with_surcharges and base_before:
        return _divided(of * sheet.sum(("base",)), base_before)
    return of


def _divided(amount: Amount, by: Amount) -> Amount:
    found = Fraction(amount) / Fraction(by)
    return int(found) if found.denominator == 1 else found
