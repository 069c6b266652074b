"""quote(): (facts, tariff) -> lines that add up, or what the rule leaves open. Pure."""

from fractions import Fraction

from app.fees.policy import Membership, OpenQuestion, Tariff
from app.fees.rules.base import base
from app.fees.rules.charges import add_extras, add_overtime, add_surcharges
from app.fees.rules.facts import Use
from app.fees.rules.quotes import Quote, QuoteLine, Reading, Undetermined, cited
from app.fees.rules.readings import Choice, Readings, readings_of
from app.fees.rules.reductions import add_waivers, round_at
from app.fees.rules.tables import Table

Found = Quote | Undetermined


def quote(tariff: Tariff, use: Use) -> Found:
    """Return the fee of one use, or which rule leaves it open; it never guesses."""
    for question in tariff.open_questions:
        if _applies(question, use) and question.id not in dict(use.settled):
            return Undetermined(question.id, question.because)
    readings = readings_of(tariff)
    if not readings.unclear:
        return _by(readings.tables[()], use)
    return _where_readings_agree(readings, use)


def pass_quote(tariff: Tariff, membership_id: str, category: str) -> Found:
    """Return what a pass (定期券・会員券) costs a person of a category."""
    for one in tariff.memberships:
        if one.id == membership_id and category in one.yen:
            return Quote((_pass_line(one, category),))
    return Undetermined("no-price", "この定期券の料金は、表に定めがありません。")


def _pass_line(one: Membership, category: str) -> QuoteLine:
    yen = one.yen[category]
    return QuoteLine(one.id, one.name, f"{yen:,}円", yen, cited(one.citation))


def _applies(question: OpenQuestion, use: Use) -> bool:
    if question.rooms and use.room not in question.rooms:
        return False
    if question.classes and use.applicant_class not in question.classes:
        return False
    if question.when == "always":
        return True
    if question.when == "for_profit":
        return use.is_for_profit
    if question.when == "overtime":
        return use.overtime_minutes > 0
    if question.when in ("said", "not_said"):
        return (question.attribute in use.said) == (question.when == "said")
    return use.admission_yen >= max(question.admission_yen, 1)


def _where_readings_agree(readings: Readings, use: Use) -> Found:
    settled = dict(use.settled)
    left = {
        choice: _by(table, use)
        for choice, table in readings.tables.items()
        if all(settled.get(rule, name) == name for rule, name in choice)
    }
    first = next(iter(left.values()))
    if all(_yen(one) == _yen(first) for one in left.values()):
        return first
    for unclear in readings.unclear:
        by_name = _alone(left, unclear.id)
        if len({_yen(one) for one in by_name.values()}) > 1:
            told = tuple(Reading(name, _yen(one)) for name, one in by_name.items())
            return Undetermined(unclear.id, unclear.because, told)
    unclear = readings.unclear[0]  # only together do they make a difference
    told = tuple(Reading("・".join(n for _, n in c), _yen(one)) for c, one in left.items())
    return Undetermined(unclear.id, unclear.because, told)


def _alone(left: dict[Choice, Found], rule: str) -> dict[str, Found]:
    """Return the fees by the readings of one rule, the other rules read in their first way."""
    base_choice = dict(next(iter(left)))
    found: dict[str, Found] = {}
    for choice, one in left.items():
        read = dict(choice)
        if all(read[other] == base_choice[other] for other in read if other != rule):
            found[read[rule]] = one
    return found


def _yen(found: Found) -> int | None:
    return found.total_yen if isinstance(found, Quote) else None


def _by(table: Table, use: Use) -> Found:
    sheet = base(table, use)
    if isinstance(sheet, Undetermined):
        return sheet
    no = add_extras(table, use, sheet)
    if no is not None:
        return no
    waived = add_waivers(table, use, sheet, order="before_surcharges")
    before = sheet.sum(("base",))
    add_surcharges(table, use, sheet)
    round_at(table, sheet, "unit")
    round_at(table, sheet, "surcharged")
    no = add_overtime(table, use, sheet, base_before=before)
    if no is not None:
        return no
    if add_waivers(table, use, sheet, order="after_surcharges") or waived:
        round_at(table, sheet, "waiver")
    round_at(table, sheet, "waived")
    round_at(table, sheet, "total")
    exact = Fraction(sheet.sum())
    if exact.denominator != 1:
        down = int(exact)
        told = (Reading("1円未満切り捨て", down), Reading("1円未満切り上げ", down + 1))
        return Undetermined("fraction", "1円に満たない端数の扱いの定めがありません。", told)
    return sheet.quote()
