"""Checkout sessions: opened by the service, completed by a customer, ended by time or asked to."""

from typing import Any

from app.sims.stripe.accounts import METHODS, Caller
from app.sims.stripe.errors import invalid
from app.sims.stripe.events import emit
from app.sims.stripe.methods import offered
from app.sims.stripe.params import address, choice, email, integer, many, metadata, record, text
from app.sims.stripe.world import Body, World, new_id

SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60  # seconds a session may stay open

PRODUCT = record({"name": text, "description": text}, required=("name",))
PRICE = record(
    {"currency": choice("jpy"), "unit_amount": integer(0), "product_data": PRODUCT},
    required=("currency", "unit_amount", "product_data"),
)
LINE = record({"quantity": integer(1), "price_data": PRICE}, required=("quantity", "price_data"))
KONBINI = record({"expires_after_days": integer(1, 60)})
CREATE = {
    "mode": choice("payment"),
    "locale": choice("auto", "ja", "en"),
    "currency": choice("jpy"),
    "client_reference_id": text,
    "success_url": address,
    "cancel_url": address,
    "customer_email": email,
    "expires_at": integer(),
    "line_items": many(LINE),
    "allowed_payment_method_types": many(choice(*METHODS)),
    "payment_method_options": record({"konbini": KONBINI}),
    "payment_intent_data": record(
        {"metadata": metadata, "application_fee_amount": integer(0), "description": text}
    ),
    "metadata": metadata,
}
CREATE_NEEDS = ("mode", "success_url", "line_items")
SHOWN_AS_GIVEN = (
    "allowed_payment_method_types",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "locale",
    "success_url",
)


def create(world: World, caller: Caller, asked: dict[str, Any]) -> Body:
    """Open a session; raises 400 for what Stripe would not open."""
    now = world.clock.epoch()
    yen = sum(one["quantity"] * one["price_data"]["unit_amount"] for one in asked["line_items"])
    intent_data = asked.get("payment_intent_data", {})
    check_fee(caller, intent_data.get("application_fee_amount"), yen)
    ident = new_id("cs_test")
    body = {
        "id": ident,
        "object": "checkout.session",
        "amount_subtotal": yen,
        "amount_total": yen,
        "created": now,
        "currency": "jpy",
        "customer": None,
        "customer_details": None,
        "expires_at": ending(now, asked.get("expires_at")),
        "livemode": False,
        "metadata": asked.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,  # made when the customer first tries to pay
        "payment_method_options": asked.get("payment_method_options", {}),
        "payment_method_types": offered(
            yen,
            allowed=asked.get("allowed_payment_method_types"),
            active=world.accounts.active[caller.account],
        ),
        "payment_status": "unpaid",
        "status": "open",
        "ui_mode": "hosted_page",
        "url": f"{world.base_url}/pay/{ident}",
    } | {name: asked.get(name) for name in SHOWN_AS_GIVEN}
    names = [one["price_data"]["product_data"]["name"] for one in asked["line_items"]]
    return world.keep(caller.account, body, intent_data=intent_data, names=names)


def ending(now: int, asked: int | None) -> int:
    """Return when a session ends by itself."""
    if asked is None:
        return now + LONGEST
    if not SHORTEST <= asked - now <= LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from"
            " Checkout Session creation.",
            param="expires_at",
        )
    return asked


def check_fee(caller: Caller, fee: int | None, yen: int) -> None:
    """Refuse a platform's fee where no platform acts, or one that is more than is paid."""
    if fee is not None and not caller.connected:
        raise invalid(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a"
            " direct payment (using an OAuth key or Stripe-Account header) or destination payment.",
            param="payment_intent_data[application_fee_amount]",
        )
    if fee is not None and fee > yen:
        raise invalid(
            "The application fee amount cannot be greater than the amount.",
            param="payment_intent_data[application_fee_amount]",
        )


def expire(world: World, body: Body) -> Body:
    """End an open session on request; raises 400 for any other."""
    if body["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{body['status']}`."
        )
    end(world, body)
    return body


def end(world: World, body: Body) -> None:
    """Mark a session as expired and tell."""
    body |= {"status": "expired", "url": None}
    emit(world, "checkout.session.expired", body)


def end_those_due(world: World) -> bool:
    """End every open session whose time is over; say whether there was one."""
    now = world.clock.epoch()
    due = [
        one
        for one in world.every("checkout.session")
        if one["status"] == "open" and one["expires_at"] <= now
    ]
    for one in due:
        end(world, one)
    return bool(due)


def complete(world: World, body: Body, *, paid: bool, customer: Body) -> None:
    """Mark a session as complete, paid or waiting for its money, and tell."""
    body |= {
        "status": "complete",
        "payment_status": "paid" if paid else "unpaid",
        "customer_details": {"email": body["customer_email"], "name": None, "phone": None}
        | customer,
        "url": None,
    }
    emit(world, "checkout.session.completed", body)
