"""The reckoning of one fee: amounts by part with exact fractions, line by line."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from app.fees.policy import Citation, Part
from app.fees.rules.quotes import Quote, QuoteLine, cited

Amount = int | Fraction


@dataclass(frozen=True, slots=True)
class Entry:
    """One line before rounding to whole yen."""

    part: Part
    rule: str
    label: str
    arithmetic: str
    amount: Amount
    citation: str
    is_waiver: bool = False
    is_surcharge: bool = False


@dataclass(slots=True)
class Sheet:
    """The lines so far; `units` is how many units of time the base price was counted in."""

    entries: list[Entry] = field(default_factory=list)
    units: int = 1
    last_period_yen: Amount = 0  # of the last named period, for overtime

    def add(
        self,
        part: Part,
        rule: str,
        label: str,
        arithmetic: str,
        amount: Amount,
        citation: Citation | None,
        *,
        is_waiver: bool = False,
        is_surcharge: bool = False,
    ) -> None:
        """Write a line."""
        self.entries.append(
            Entry(part, rule, label, arithmetic, amount, cited(citation), is_waiver, is_surcharge)
        )

    def sum(self, parts: Collection[str] = ()) -> Amount:
        """Return what the lines of these parts come to; of all parts when none is named."""
        return sum((one.amount for one in self.entries if not parts or one.part in parts), start=0)

    def parts(self, wanted: Iterable[Part]) -> list[Part]:
        """Return those of the wanted parts that have lines."""
        have = {one.part for one in self.entries}
        return [part for part in wanted if part in have]

    def quote(self) -> Quote:
        """Return the lines in whole yen; each differs from its exact amount by less than one."""
        lines, before, exact = [], 0, Fraction(0)
        for one in self.entries:
            exact += one.amount
            yen = floor(exact) - before
            before += yen
            lines.append(
                QuoteLine(
                    one.rule,
                    one.label,
                    one.arithmetic,
                    yen,
                    one.citation,
                    one.is_waiver,
                    one.is_surcharge,
                )
            )
        return Quote(tuple(lines))


def yen_text(amount: Amount) -> str:
    """Return an amount as people read it; a fraction of a yen with one decimal."""
    if isinstance(amount, Fraction) and amount.denominator != 1:
        return f"{float(amount):,.1f}円"
    return f"{int(amount):,}円"
