"""What a program's token may do, as words that stand on the token."""

from collections.abc import Collection
from enum import StrEnum


class Right(StrEnum):
    """Something that a program may do in one municipality."""

    CREATE = "bookings:create"
    READ = "bookings:read"
    CANCEL = "bookings:cancel"


def rights_in(words: str) -> frozenset[Right]:
    """Return the rights written in `words`; raises ValueError when a word is none."""
    return frozenset(Right(word) for word in words.split())


def written(rights: Collection[Right]) -> str:
    """Return rights as they are kept on a token."""
    return " ".join(sorted(rights))
