"""How a customer may pay: what is allowed, active, and possible for the amount."""

from collections.abc import Collection, Iterable

from app.sims.stripe.accounts import METHODS
from app.sims.stripe.errors import StripeError, invalid

LIMITS_YEN = {"card": (50, 99_999_999), "konbini": (120, 300_000), "paypay": (50, 1_000_000)}


def offered(yen: int, *, allowed: Iterable[str] | None, active: Collection[str]) -> list[str]:
    """Return the methods to offer; raises 400 if none is left."""
    if yen < min(least for least, _ in LIMITS_YEN.values()):
        raise too_small()
    wanted = list(METHODS if allowed is None else allowed)
    found = [
        method
        for method in wanted
        if method in active and LIMITS_YEN[method][0] <= yen <= LIMITS_YEN[method][1]
    ]
    if not found:
        raise invalid(
            "No valid payment method types for this Checkout Session. Please ensure that you have"
            " activated payment methods compatible with your chosen currency in your dashboard,"
            " and that the amount is within their limits.",
            param="allowed_payment_method_types",
        )
    return found


def too_small() -> StripeError:
    """Return the error of an amount nobody can pay."""
    return invalid(
        "The Checkout Session's total amount due must add up to at least ¥50 jpy",
        code="amount_too_small",
    )
