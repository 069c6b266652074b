"""The ways to say no: to a program in Stripe's envelope, to a person in a sentence."""

from typing import Any


class StripeError(Exception):
    """An answer that is an error, as Stripe words it.

    `began` tells whether the work had begun: Stripe keeps such an answer under its
    idempotency key, and forgets one that failed before (a parameter it does not know).
    """

    def __init__(self, status: int, error: dict[str, Any], *, began: bool) -> None:
        super().__init__(error["message"])
        self.status = status
        self.error = {name: value for name, value in error.items() if value is not None}
        self.began = began


class NotPossible(Exception):  # noqa: N818 - it is a no, not a fault
    """What a customer or a clerk asked of the simulator's own pages can not be done now."""


def invalid(
    message: str, *, code: str | None = None, param: str | None = None, status: int = 400
) -> StripeError:
    """Return the error of a request that can not be carried out as things stand."""
    error = {"type": "invalid_request_error", "code": code, "message": message, "param": param}
    return StripeError(status, error, began=True)


def malformed(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    """Return the error of a request whose parameters are wrong in themselves."""
    error = {"type": "invalid_request_error", "code": code, "message": message, "param": param}
    return StripeError(400, error, began=False)


def refused(status: int, message: str, *, code: str | None = None) -> StripeError:
    """Return the error of a caller who is turned away at the door."""
    error = {"type": "invalid_request_error", "code": code, "message": message}
    return StripeError(status, error, began=False)


def missing(kind: str, ident: str, param: str) -> StripeError:
    """Return the error of something that is not there, or not there for this account."""
    return invalid(f"No such {kind}: '{ident}'", code="resource_missing", param=param, status=404)


def broken() -> StripeError:
    """Return the error of a fault on Stripe's own side."""
    message = "An unknown error occurred. (The simulator was told to fail.)"
    return StripeError(500, {"type": "api_error", "message": message}, began=False)


def too_many() -> StripeError:
    """Return the error of too many requests at once."""
    error = {
        "type": "invalid_request_error",
        "code": "rate_limit",
        "message": "Testmode request rate limit exceeded. (The simulator was told to say so.)",
    }
    return StripeError(429, error, began=False)
