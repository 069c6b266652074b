"""What the service needs of the outside world to send letters."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it goes out; `reference` is the same each time it is tried."""

    to: str
    subject: str
    body: str
    reference: str


class NotDelivered(Exception):  # noqa: N818 - says what happened
    """The carrier did not take the letter; trying again later may help."""


class Post(Protocol):
    """Carries letters."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises NotDelivered. Sending twice does not harm."""
        ...
