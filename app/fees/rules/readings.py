"""A tariff that can be read in several ways, as one table for each combination of readings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from app.fees.policy import ReadingOption, Tariff, Unclear
from app.fees.rules.tables import Table

MOST_COMBINATIONS = 64
Choice = tuple[tuple[str, str], ...]  # (unclear rule, name of the reading)


@dataclass(frozen=True, slots=True)
class Readings:
    """The unclear rules nobody settled, and the table for every way to read them together."""

    unclear: tuple[Unclear, ...]
    tables: Mapping[Choice, Table]


class ByIdentity:
    """A tariff as a cache key; a document never changes."""

    def __init__(self, tariff: Tariff) -> None:
        self.tariff = tariff

    def __hash__(self) -> int:
        return id(self.tariff)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other.tariff is self.tariff


def readings_of(tariff: Tariff) -> Readings:
    """Return the readings of a tariff, worked out once; raises ValueError for too many."""
    return _readings_of(ByIdentity(tariff))


@lru_cache(maxsize=512)
def _readings_of(key: ByIdentity) -> Readings:
    settled = key.tariff
    for one in key.tariff.unclear:
        if one.settled:
            chosen = next(o for o in one.readings if o.name == one.settled.reading)
            settled = read_as(settled, chosen)
    open_ones = tuple(one for one in key.tariff.unclear if one.settled is None)
    options = [[(one.id, option) for option in one.readings] for one in open_ones]
    tables: dict[Choice, Table] = {}
    for combination in product(*options):
        if len(tables) >= MOST_COMBINATIONS:
            raise ValueError("読み方の組み合わせが多すぎます。settled で決めてください。")
        tariff = settled
        for _, option in combination:
            tariff = read_as(tariff, option)
        tables[tuple((rule, option.name) for rule, option in combination)] = Table(tariff)
    return Readings(open_ones, tables)


def read_as(tariff: Tariff, option: ReadingOption) -> Tariff:
    """Return what the tariff says when it is read so; raises pydantic's ValidationError."""
    told = tariff.model_dump(mode="json", by_alias=True)
    told.update(option.set)
    for rule_id, fields in option.change.items():
        for rule in _rules(told, rule_id):
            rule.update(fields)
    return type(tariff).model_validate(told)  # an edition of a pack stays one


def _rules(told: dict[str, Any], rule_id: str) -> list[dict[str, Any]]:
    found = [
        rule
        for value in told.values()
        if isinstance(value, list)
        for rule in value
        if isinstance(rule, dict) and rule.get("id") == rule_id
    ]
    if not found:
        raise ValueError(f"「{rule_id}」という決まりはありません。")
    return found
