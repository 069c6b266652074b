"""Checks of a tariff as a whole: names in every rule, readings that can be read, legal bases."""

from collections.abc import Iterator

from pydantic import ValidationError

from app.fees.policy import FOR_PROFIT, Conditional, ShareOfPrice, Tariff
from app.fees.rules.readings import read_as, readings_of
from app.packs.checks.subject import AboutFacility
from app.packs.problems import Path, Problem

RULES = ("prices", "gaps", "surcharges", "extras", "overtime", "waivers")
DAYS = ("any", "weekday", "weekend_or_holiday")


def facility(about: AboutFacility) -> Iterator[Problem]:
    """Yield what a tariff names in vain, and readings that say nothing that could be read."""
    for place, tariff in enumerate(about.one.fees):
        here: Path = ("fees", place)
        for field in RULES:
            for number, rule in enumerate(getattr(tariff, field)):
                yield from _names(about, tariff, (*here, field, number), rule)
        yield from about.repeated((*here, "surcharges"), [one.id for one in tariff.surcharges])
        yield from about.repeated((*here, "extras"), [one.id for one in tariff.extras])
        yield from about.repeated((*here, "waivers"), [one.id for one in tariff.waivers])
        yield from about.repeated((*here, "unclear"), [one.id for one in tariff.unclear])
        yield from _readings(about, here, tariff)
        yield from _asked(about, tariff, here)
    yield from _refunds(about)


def _names(
    about: AboutFacility, tariff: Tariff, path: Path, rule: Conditional
) -> Iterator[Problem]:
    if path[2] != "prices":  # told with the prices themselves
        yield from about.unknown((*path, "rooms"), rule.rooms, about.rooms, "部屋")
        if about.policies:
            yield from about.unknown((*path, "classes"), rule.classes, about.classes, "利用者区分")
    kinds = [*DAYS, *(one.id for one in tariff.day_kinds)]
    for problem in about.unknown((*path, "days"), [rule.days], kinds, "曜日の種類"):
        yield about.problem((*path, "days"), problem.message)
    yield from _attributes(about, path, rule)
    if isinstance(rule, ShareOfPrice):
        for problem in about.unknown((*path, "of"), [rule.of], about.rooms, "部屋"):
            yield about.problem((*path, "of"), problem.message)


def _asked(about: AboutFacility, tariff: Tariff, here: Path) -> Iterator[Problem]:
    """A surcharge that hangs on an answer nobody is asked for would never be charged."""
    rules = [rule for field in RULES for rule in getattr(tariff, field)]
    terms = about.one.terms
    if any(rule.admission for rule in rules) and not all(one.asks_admission for one in terms):
        message = "入場料で変わる料金があります。terms に asks_admission: true と書きます。"
        yield about.problem(here, message)
    needs_profit = any(FOR_PROFIT in (*rule.attributes, *rule.without) for rule in rules)
    if needs_profit and not all(one.asks_for_profit for one in terms):
        message = "営利で変わる料金があります。terms に asks_for_profit: true と書きます。"
        yield about.problem(here, message)


def _attributes(about: AboutFacility, path: Path, rule: Conditional) -> Iterator[Problem]:
    asked = {question.id for terms in about.one.terms for question in terms.questions}
    known = [FOR_PROFIT, *sorted(asked)]
    for field in ("attributes", "without"):
        for name in getattr(rule, field):
            if name not in known:
                message = (
                    f"「{name}」は尋ねられていません。terms の questions に、はい・いいえで"
                    f"答える質問として書きます。いま言えること: {', '.join(known)}。"
                )
                yield about.warning((*path, field), message)


def _readings(about: AboutFacility, here: Path, tariff: Tariff) -> Iterator[Problem]:
    for number, unclear in enumerate(tariff.unclear):
        for place, option in enumerate(unclear.readings):
            path = (*here, "unclear", number, "readings", place)
            try:
                read_as(tariff, option)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                yield about.problem(path, f"この読み方の {where} は使えません（{first['msg']}）。")
            except ValueError as error:
                yield about.problem(path, str(error))
    try:
        readings_of(tariff)
    except ValidationError:
        return  # told above
    except ValueError as error:
        yield about.problem((*here, "unclear"), str(error))


def _refunds(about: AboutFacility) -> Iterator[Problem]:
    """Keeping a fee that was paid needs a legal basis (根拠のない取消料はとれない)."""
    for place, terms in enumerate(about.one.terms):
        rule = terms.cancellation
        if any(tier.percent != 100 for tier in rule.refunds) and not rule.citation:
            message = "返さない分の根拠（条例・規則）を citation に書きます。"
            yield about.problem(("terms", place, "cancellation"), message)
