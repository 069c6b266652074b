"""What an attribute may be: each reader turns JSON into a value, or says what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from app.sims.kept import Body
from app.sims.locks.errors import general, invalid

Reader: TypeAlias = Callable[[object], Any]


def text(raw: object) -> str:
    """Read words that say something."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("is empty")
    return raw


def some_text(raw: object) -> str | None:
    """Read words, or nothing."""
    return None if raw is None else text(raw)


def boolean(raw: object) -> bool:
    """Read true or false."""
    if not isinstance(raw, bool):
        raise ValueError("is not a boolean")
    return raw


def local_time(raw: object) -> str:
    """Read a time without zone, which is the lock's own."""
    if not isinstance(raw, str) or not re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", raw
    ):
        raise ValueError("is not an ISO 8601 timestamp without time zone")
    try:
        return datetime.fromisoformat(raw).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        raise ValueError("is not a time that exists") from None


def pin(raw: object) -> str:
    """Read a number of the keypad."""
    if not isinstance(raw, str) or not re.fullmatch("[0-9]{4,10}", raw):
        raise ValueError("must be 4 to 10 digits")
    return raw


def address(raw: object) -> str:
    """Read an absolute web address."""
    if not isinstance(raw, str) or not re.match(r"https?://[^/\s]+", raw):
        raise ValueError("is not a valid URL")
    return raw


def choice(*allowed: str) -> Reader:
    """Return a reader of one word out of a list."""

    def read(raw: object) -> str:
        if raw not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(raw)

    return read


def attributes_of(body: object) -> Body:
    """Return the attributes of a request as they came; raises 400 when there are none."""
    found = body.get("attributes") if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise general(400, "The request has no attributes.", "malformed_request")
    return found


def read(raw: Body, knows: Mapping[str, Reader], *needs: str) -> Body:
    """Return what was asked; raises 422 that names everything that is wrong."""
    wrong: list[tuple[str | None, str]] = [
        (name, "is not an attribute of this resource") for name in raw if name not in knows
    ]
    wrong += [(name, "is empty") for name in needs if raw.get(name) is None]
    asked: Body = {}
    for name, reader in knows.items():
        if name in raw and not (raw[name] is None and name in needs):
            try:
                asked[name] = reader(raw[name])
            except ValueError as no:
                wrong.append((name, str(no)))
    if wrong:
        raise invalid(raw, wrong)
    return asked
