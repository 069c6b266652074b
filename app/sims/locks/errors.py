"""The ways to say no: to a program in the vendor's shapes, to a person in a sentence."""

from collections.abc import Iterable
from typing import Any, TypeAlias

Wrong: TypeAlias = tuple[str | None, str]  # an attribute, and what is wrong with it


class VendorError(Exception):
    """An answer that is an error, as the vendor words it."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers or {}


class NotPossible(Exception):  # noqa: N818 - it is a no, not a fault
    """What a person or a test asked of the simulator can not be done now."""


def general(status: int, message: str, kind: str) -> VendorError:
    """Return an error about the request as a whole."""
    return VendorError(status, {"message": message, "type": kind})


def missing(kind: str, ident: str) -> VendorError:
    """Return the error of something that is not there, or not there for this account."""
    return general(404, f"Couldn't find {kind} with 'id'={ident}", "resource_not_found")


def invalid(attributes: object, wrong: Iterable[Wrong]) -> VendorError:
    """Return the error of attributes that can not be accepted, each named with its fault."""
    found: dict[str | None, list[str]] = {}
    for name, message in wrong:
        found.setdefault(name, []).append(message)
    errors = [
        {
            "attribute": name,
            "messages": messages,
            "full_messages": [f"{name} {one}" if name else one for one in messages],
        }
        for name, messages in found.items()
    ]
    return VendorError(422, {"attributes": attributes, "errors": errors})


def oauth(status: int, code: str, description: str = "") -> VendorError:
    """Return an error of the token desk."""
    body = {"error": code} | ({"error_description": description} if description else {})
    return VendorError(status, body)
