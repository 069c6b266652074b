"""A tariff made ready for reckoning: its prices by room, in the order in which they hold."""

from collections import defaultdict
from fractions import Fraction

from app.fees.policy import Price, Tariff
from app.fees.rules.conditions import holds, rank
from app.fees.rules.facts import Use
from app.fees.rules.sheet import Amount


class Table:
    """One reading of a tariff."""

    def __init__(self, tariff: Tariff) -> None:
        self.tariff = tariff
        self.kinds = tariff.day_kinds
        self._by_room: dict[str, list[Price]] = defaultdict(list)
        for price in sorted(tariff.prices, key=rank):  # stable: else as they are written
            for room in price.rooms:
                self._by_room[room].append(price)

    def prices(self, use: Use) -> list[Price]:
        """Return the prices that hold for a use, the most particular first."""
        found = self._by_room.get(use.room, ())
        return [price for price in found if holds(price, use, self.kinds)]

    @staticmethod
    def exact(amount: Amount, percent: int) -> Amount:
        """Return a percentage of an amount, exactly."""
        found = Fraction(amount) * percent / 100
        return int(found) if found.denominator == 1 else found
