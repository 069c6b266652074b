"""What is taken off: waivers, and the odd yen by the rounding of the tariff."""

from fractions import Fraction
from math import ceil, floor

from app.fees.policy import Rounding, Waiver
from app.fees.rules.conditions import holds
from app.fees.rules.facts import Use
from app.fees.rules.sheet import Amount, Sheet, yen_text
from app.fees.rules.tables import Table

HOW = {"down": "未満切り捨て", "up": "未満切り上げ", "nearest": "未満四捨五入"}


def add_waivers(table: Table, use: Use, sheet: Sheet, *, order: str) -> bool:
    """Write the waivers that were granted or hold by themselves; say whether there were any."""
    fitting = [
        one
        for one in table.tariff.waivers
        if one.order == order
        and one.id not in use.spent
        and (one.is_automatic or one.id in use.waivers)
        and holds(one, use, table.kinds)
    ]
    if table.tariff.waivers_together == "highest" and fitting:
        fitting = [max(fitting, key=lambda one: one.percent)]
    for one in fitting:
        _add_waiver(table, one, sheet)
    return bool(fitting)


def _add_waiver(table: Table, one: Waiver, sheet: Sheet) -> None:
    for part in sheet.parts(one.on):
        of = sheet.sum((part,))
        text = "全額免除" if one.percent == 100 else f"{yen_text(of)} × {one.percent}%"
        off = -table.exact(of, one.percent)
        name = f"減免（{one.name}）"
        sheet.add(part, one.id, name, text, off, one.citation, is_waiver=True)


def round_at(table: Table, sheet: Sheet, at: str) -> None:
    """Round what the tariff rounds at this place, each group of parts by itself."""
    for rule in table.tariff.rounding:
        if rule.at == at and sheet.parts(rule.on or ("base",)):
            _round(rule, sheet)


def _round(rule: Rounding, sheet: Sheet) -> None:
    exact = sheet.sum(rule.on)
    if rule.at == "unit":
        rounded = rounded_to(Fraction(exact) / sheet.units, rule) * sheet.units
    else:
        rounded = rounded_to(exact, rule)
    if rounded != exact:
        part = rule.on[0] if rule.on else "base"
        text = f"{yen_text(exact)}の{rule.to}円{HOW[rule.how]}"
        off = Fraction(rounded) - Fraction(exact)
        sheet.add(part, "rounding", "端数", text, off, rule.citation)


def rounded_to(amount: Amount, rule: Rounding) -> int:
    """Return an amount rounded as a rule says; a half goes up (四捨五入)."""
    steps = Fraction(amount) / rule.to
    whole = {"down": floor(steps), "up": ceil(steps), "nearest": floor(steps + Fraction(1, 2))}
    return whole[rule.how] * rule.to
