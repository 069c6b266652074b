"""A problem of a pack: where it is, what was found, what is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Path = tuple[str | int, ...]
Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right (error) or to look at again (warning)."""

    file: str
    line: int
    field: str
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        mark = "注意 " if self.level == "warning" else ""
        return (
            f"{mark}{where}: {self.field}: {self.message}"
            if self.field
            else (f"{mark}{where}: {self.message}")
        )


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as people read it: rooms[3].capacity, counted from 1.

    >>> dotted(("rooms", 2, "capacity"))
    'rooms[3].capacity'
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text
