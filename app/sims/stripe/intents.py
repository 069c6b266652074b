"""Payment intents and charges: what a customer's tries to pay leave behind."""

from typing import Any

from app.sims.stripe.events import emit
from app.sims.stripe.world import Body, World, new_id


def intent_of(world: World, session: Body) -> Body:
    """Return the intent of a session, made at the first try."""
    if session["payment_intent"] is not None:
        return world.find("payment_intent", session["payment_intent"])
    given = world.aside(session)["intent_data"]
    ident = new_id("pi")
    body = {
        "id": ident,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "application_fee_amount": given.get("application_fee_amount"),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{ident}_secret"),
        "confirmation_method": "automatic",
        "created": world.clock.epoch(),
        "currency": "jpy",
        "customer": None,
        "description": given.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": session["payment_method_options"],
        "payment_method_types": session["payment_method_types"],
        "receipt_email": None,
        "status": "requires_payment_method",
    }
    world.keep(world.account_of(session), body, session=session["id"])
    session["payment_intent"] = ident
    emit(world, "payment_intent.created", body)
    return body


def session_of(world: World, intent: Body) -> Body:
    """Return the session an intent came from."""
    return world.find("checkout.session", world.aside(intent)["session"])


def succeed(world: World, intent: Body, details: Body, billing: Body) -> Body:
    """Let the money of an intent arrive; return the charge."""
    charge = charge_for(world, intent, details, billing)
    charge |= {
        "amount_captured": intent["amount"],
        "balance_transaction": new_id("txn"),
        "captured": True,
        "outcome": {"network_status": "approved_by_network", "type": "authorized"},
        "paid": True,
        "status": "succeeded",
    }
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "next_action": None,
        "status": "succeeded",
    }
    emit(world, "charge.succeeded", charge)
    emit(world, "payment_intent.succeeded", intent)
    return charge


def decline(world: World, intent: Body, details: Body, billing: Body, error: Body) -> None:
    """Leave a failed charge behind; the customer may try again."""
    charge = charge_for(world, intent, details, billing)
    charge |= {
        "failure_code": error["code"],
        "failure_message": error["message"],
        "outcome": {"network_status": "declined_by_network", "type": "issuer_declined"},
        "status": "failed",
    }
    emit(world, "charge.failed", charge)
    fail(world, intent, error | {"charge": charge["id"]})


def fail(world: World, intent: Body, error: Body) -> None:
    """Send an intent back to where a customer must choose again, and tell why."""
    intent |= {
        "last_payment_error": error,
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    emit(world, "payment_intent.payment_failed", intent)


def charge_for(world: World, intent: Body, details: Body, billing: dict[str, Any]) -> Body:
    """Return a new charge of an intent, of which nothing is decided yet."""
    ident = new_id("ch")
    method = intent["payment_method"] or new_id("pm")
    intent |= {"latest_charge": ident, "payment_method": method}
    body = {
        "id": ident,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None} | billing,
        "captured": False,
        "created": world.clock.epoch(),
        "currency": "jpy",
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method,
        "payment_method_details": details,
        "receipt_url": None,
        "refunded": False,
        "status": "pending",
    }
    return world.keep(world.account_of(intent), body)
