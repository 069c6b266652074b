"""What a tariff has to know of a use before its fee can be told: nothing else is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.fees.policy import (
    FOR_PROFIT,
    Conditional,
    Extra,
    PersonPrice,
    ShareOfPrice,
    Tariff,
    UnitPrice,
    UsePrice,
)
from app.fees.rules.readings import ByIdentity, readings_of


@dataclass(frozen=True, slots=True)
class Needs:
    """What the fee of a room may depend on for one class, beyond the time and the purpose."""

    admission: bool = False
    for_profit: bool = False
    attributes: frozenset[str] = frozenset()  # yes-or-no questions that move the fee
    extras: tuple[Extra, ...] = ()  # equipment, heating and lights that can be asked for
    people: tuple[tuple[str, str], ...] = ()  # (category, name) of a price for each person
    items: bool = False  # is it charged by table, lane or court?


def needs(tariff: Tariff, room: str, applicant_class: str) -> Needs:
    """Return what has to be asked of somebody of a class who uses a room; worked out once."""
    return _needs(ByIdentity(tariff), room, applicant_class)


@lru_cache(maxsize=4_096)
def _needs(key: ByIdentity, room: str, applicant_class: str) -> Needs:
    tariff = key.tariff
    rules = list(_rules(tariff, room, applicant_class))
    open_ones = [
        one
        for one in tariff.open_questions
        if (not one.rooms or room in one.rooms)
        and (not one.classes or applicant_class in one.classes)
    ]
    said = {name for rule in rules for name in (*rule.attributes, *rule.without)}
    said |= {one.attribute for one in open_ones if one.attribute}
    when = {one.when for one in open_ones}
    extras = {one.id: one for one in rules if isinstance(one, Extra) and not one.is_automatic}
    people = {
        category: price.names.get(category, category)
        for price in rules
        if isinstance(price, PersonPrice)
        for category in price.yen
    }
    return Needs(
        admission=any(rule.admission for rule in rules) or "admission_from" in when,
        for_profit=FOR_PROFIT in said or "for_profit" in when,
        attributes=frozenset(said - {FOR_PROFIT}),
        extras=tuple(one for one in extras.values() if _is_priced(one, room)),
        people=tuple(people.items()),
        items=any(isinstance(one, UnitPrice | UsePrice) and one.per_item for one in rules),
    )


def mentioned(tariff: Tariff) -> frozenset[str]:
    """Return every attribute that a tariff speaks of, whatever the room or class."""
    return _mentioned(ByIdentity(tariff))


@lru_cache(maxsize=512)
def _mentioned(key: ByIdentity) -> frozenset[str]:
    tariff = key.tariff
    rules = [rule for one in _read(tariff) for rule in _all(one)]
    said = {name for rule in rules for name in (*rule.attributes, *rule.without)}
    return frozenset(said | {one.attribute for one in tariff.open_questions if one.attribute})


def _rules(tariff: Tariff, room: str, applicant_class: str) -> Iterator[Conditional]:
    """Yield every rule that can touch a use of the room, in any reading."""
    for one in _read(tariff):
        rooms = _with_shared(one, room)
        for rule in _all(one):
            if rule.rooms and rooms.isdisjoint(rule.rooms):
                continue
            if not rule.classes or applicant_class in rule.classes:
                yield rule


def _read(tariff: Tariff) -> list[Tariff]:
    return [table.tariff for table in readings_of(tariff).tables.values()]


def _all(tariff: Tariff) -> Iterator[Conditional]:
    yield from tariff.prices
    yield from tariff.gaps
    yield from tariff.surcharges
    yield from tariff.extras
    yield from tariff.overtime
    yield from tariff.waivers


def _with_shared(tariff: Tariff, room: str) -> set[str]:
    """Return the room and those whose price it costs a share of."""
    found, new = {room}, {room}
    while new:
        new = {
            one.of
            for one in tariff.prices
            if isinstance(one, ShareOfPrice) and not new.isdisjoint(one.rooms)
        } - found
        found |= new
    return found


def _is_priced(extra: Extra, room: str) -> bool:
    return not extra.yen_by_room or room in extra.yen_by_room
