"""What a parameter may be: each reader turns raw fields into values, or says what is wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from app.sims.stripe.errors import malformed
from app.sims.stripe.form import Raw

Reader: TypeAlias = Callable[[str, Raw], Any]

MOST_METADATA, LONGEST_NAME, LONGEST_VALUE = 50, 40, 500


def text(path: str, raw: Raw) -> str:
    """Read a string that says something."""
    if not isinstance(raw, str):
        raise malformed(f"Invalid string: {raw}", param=path)
    if not raw:
        raise malformed(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to"
            f" unset a parameter; however '{path}' cannot be unset.",
            code="parameter_invalid_empty",
            param=path,
        )
    return raw


def email(path: str, raw: Raw) -> str:
    """Read an e-mail address."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", said := text(path, raw)):
        raise malformed(f"Invalid email address: {said}", code="email_invalid", param=path)
    return said


def address(path: str, raw: Raw) -> str:
    """Read an absolute web address."""
    if not re.match(r"https?://[^/\s]+", said := text(path, raw)):
        raise malformed("Not a valid URL", code="url_invalid", param=path)
    return said


def integer(least: int = 0, most: int | None = None) -> Reader:
    """Return a reader of whole numbers within bounds."""

    def read(path: str, raw: Raw) -> int:
        said = text(path, raw)
        if not re.fullmatch(r"-?[0-9]{1,18}", said):
            raise malformed(
                f"Invalid integer: {said}", code="parameter_invalid_integer", param=path
            )
        if not least <= int(said) <= (int(said) if most is None else most):
            bound = f"greater than or equal to {least}" if int(said) < least else f"at most {most}"
            raise malformed(
                f"This value must be {bound}.", code="parameter_invalid_integer", param=path
            )
        return int(said)

    return read


def boolean(path: str, raw: Raw) -> bool:
    """Read true or false."""
    if (said := text(path, raw)) not in ("true", "false"):
        raise malformed(f"Invalid boolean: {said}", param=path)
    return said == "true"


def choice(*allowed: str) -> Reader:
    """Return a reader of one word out of a list."""

    def read(path: str, raw: Raw) -> str:
        if (said := text(path, raw)) not in allowed:
            raise malformed(f"Invalid {path}: must be one of {', '.join(allowed)}", param=path)
        return said

    return read


def metadata(path: str, raw: Raw) -> dict[str, str]:
    """Read names with values, within Stripe's limits."""
    if not isinstance(raw, dict):
        raise malformed(f"Invalid hash: {raw}", param=path)
    if len(raw) > MOST_METADATA:
        raise malformed(f"Metadata can have up to {MOST_METADATA} keys.", param=path)
    for name, value in raw.items():
        if len(name) > LONGEST_NAME or len(text(f"{path}[{name}]", value)) > LONGEST_VALUE:
            raise malformed(
                f"Metadata keys can have up to {LONGEST_NAME} characters and values up to"
                f" {LONGEST_VALUE}.",
                param=f"{path}[{name}]",
            )
    return {name: str(value) for name, value in raw.items()}


def many(one: Reader) -> Reader:
    """Return a reader of a list."""

    def read(path: str, raw: Raw) -> list[Any]:
        if not isinstance(raw, dict) or not all(key.isdecimal() for key in raw):
            raise malformed("Invalid array", param=path)
        return [one(f"{path}[{key}]", raw[key]) for key in sorted(raw, key=int)]

    return read


def record(fields: Mapping[str, Reader], *, required: tuple[str, ...] = ()) -> Reader:
    """Return a reader of named fields that knows no others."""

    def named(path: str, name: str) -> str:
        return f"{path}[{name}]" if path else name

    def read(path: str, raw: Raw) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise malformed("Invalid object", param=path)
        if unknown := [named(path, name) for name in raw if name not in fields]:
            raise malformed(
                f"Received unknown parameter{'s'[: len(unknown) > 1]}: {', '.join(unknown)}",
                code="parameter_unknown",
                param=unknown[0],
            )
        for name in required:
            if name not in raw:
                raise malformed(
                    f"Missing required param: {named(path, name)}.",
                    code="parameter_missing",
                    param=named(path, name),
                )
        return {name: fields[name](named(path, name), value) for name, value in raw.items()}

    return read
