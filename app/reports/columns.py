"""A table on its way into a file: headings, and what kind of value stands below each."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Row = TypeVar("Row")
Value = object  # str, int, float, date, datetime or None, as the kind says


class Kind(StrEnum):
    """What a column holds; it decides how each kind of file writes it."""

    TEXT = "text"
    NUMBER = "number"  # int
    YEN = "yen"  # int
    PART = "part"  # of a whole, 0 to 1
    DAY = "day"  # date
    MINUTE = "minute"  # int, of a local day: 24:00 is a legal end
    MOMENT = "moment"  # datetime of the municipality's clock, without zone
    HOURS = "hours"  # int, a length in minutes


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its heading, its kind, and where its value comes from."""

    heading: str
    kind: Kind
    value: Callable[[Row], Value]
    width: int = 12  # in characters, for workbooks
