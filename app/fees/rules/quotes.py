"""A fee as people read it: lines that add up, or which rule leaves it open."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.fees.policy import Citation


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a fee: what for, how it was worked out, how much, and where that is written."""

    rule: str
    label: str
    arithmetic: str
    yen: int
    citation: str
    is_waiver: bool = False
    is_surcharge: bool = field(default=False, compare=False)  # in the ledger it stands by itself


@dataclass(frozen=True, slots=True)
class Quote:
    """A fee whose lines add up to its total; tax is included."""

    lines: tuple[QuoteLine, ...]

    @property
    def total_yen(self) -> int:
        """Return what is to be paid."""
        return sum(line.yen for line in self.lines)

    @property
    def waived(self) -> dict[str, int]:
        """Return how many yen each waiver took off, by its id."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line.is_waiver:
                found[line.rule] = found.get(line.rule, 0) - line.yen
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a rule, and what the use would cost then; None: open that way too."""

    name: str
    yen: int | None


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The rule does not decide this fee; `because` says what is missing, for people."""

    rule: str
    because: str
    readings: tuple[Reading, ...] = ()


def total(quotes: Sequence[Quote]) -> Quote:
    """Return one quote with the lines of all."""
    return Quote(tuple(line for one in quotes for line in one.lines))


def cited(citation: Citation | None) -> str:
    """Return a citation as one text: the source, then the place in it."""
    if citation is None:
        return ""
    return " ".join(part for part in (citation.source, citation.place) if part)
