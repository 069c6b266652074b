"""Form fields with nested keys, as Stripe's libraries send them."""

import re
from collections.abc import Iterable
from typing import TypeAlias

from app.sims.stripe.errors import malformed

Raw: TypeAlias = "str | dict[str, Raw]"
KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Raw]:
    """Return `a[b][0]=c` as {"a": {"b": {"0": "c"}}}; `a[]` counts up."""
    found: dict[str, Raw] = {}
    for key, value in pairs:
        steps = steps_of(key)
        here = found
        for step in steps[:-1]:
            below = here.setdefault(step or str(len(here)), {})
            if isinstance(below, str):
                raise malformed(f"Invalid hash: {key}", param=key)
            here = below
        here[steps[-1] or str(len(here))] = value
    return found


def steps_of(key: str) -> list[str]:
    """Return the parts of a nested key."""
    read = KEY.fullmatch(key)
    if read is None:
        raise malformed(f"Invalid parameter name: {key}", param=key)
    return [read[1], *re.findall(r"\[([^\[\]]*)\]", read[2])]
