"""A "no" is a value: a stable code and the facts of its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason to say no: a stable code for programs, facts for the sentence."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - a refusal is expected, not an error
    """Carries every reason to say no out of a use case; the caller turns it into sentences."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in the order they were found."""
        return tuple(refusal.code for refusal in self.refusals)
