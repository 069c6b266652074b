"""Refunds: at once to a card or PayPay; a konbini's waits until the customer names a bank."""

from typing import Any

from app.sims.stripe.accounts import Caller
from app.sims.stripe.errors import NotPossible, invalid
from app.sims.stripe.events import emit
from app.sims.stripe.params import boolean, choice, email, integer, metadata, text
from app.sims.stripe.world import Body, World, new_id

ANSWER_WITHIN = 45 * 24 * 60 * 60  # seconds a customer has to name a bank account
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
CREATE = {
    "payment_intent": text,
    "charge": text,
    "amount": integer(1),
    "reason": choice(*REASONS),
    "instructions_email": email,
    "metadata": metadata,
    "refund_application_fee": boolean,
}


def create(world: World, caller: Caller, asked: dict[str, Any]) -> Body:
    """Refund a charge, or what is left of it; raises 400 as Stripe does."""
    charge = charge_of(world, caller.account, asked)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["disputed"]:
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    yen = asked.get("amount", left)
    if yen > left:
        raise invalid(
            f"Refund amount (¥{yen:,}) is greater than unrefunded amount on charge (¥{left:,})",
            code="amount_too_large",
            param="amount",
        )
    by_mail = charge["payment_method_details"]["type"] == "konbini"
    if by_mail and "instructions_email" not in asked:
        raise invalid(
            "`instructions_email` is required to refund a charge paid by konbini.",
            code="parameter_missing",
            param="instructions_email",
        )
    refund = kept(world, charge, asked, yen)
    if by_mail:
        refund |= waiting(world, asked["instructions_email"])
    give_back(charge, yen)
    emit(world, "refund.created", refund)
    emit(world, "charge.refunded", charge)
    return refund


def charge_of(world: World, account: str, asked: dict[str, Any]) -> Body:
    """Return the charge to refund; raises 400 unless one charge is named and it succeeded."""
    if ("charge" in asked) == ("payment_intent" in asked):
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
            code=None if "charge" in asked else "parameter_missing",
        )
    if "charge" in asked:
        charge = world.find("charge", asked["charge"], account)
        if charge["status"] != "succeeded":
            raise invalid(
                f"Charge {charge['id']} has not succeeded and can not be refunded.",
                code="charge_not_refundable",
            )
        return charge
    intent = world.find("payment_intent", asked["payment_intent"], account)
    if intent["status"] != "succeeded":
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    return world.find("charge", intent["latest_charge"])


def kept(world: World, charge: Body, asked: dict[str, Any], yen: int) -> Body:
    """Keep a new refund that has succeeded."""
    method = charge["payment_method_details"]["type"]
    body = {
        "id": new_id("re"),
        "object": "refund",
        "amount": yen,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": world.clock.epoch(),
        "currency": "jpy",
        "destination_details": {"type": method, method: {}},
        "instructions_email": asked.get("instructions_email"),
        "metadata": asked.get("metadata", {}),
        "next_action": None,
        "payment_intent": charge["payment_intent"],
        "pending_reason": None,
        "reason": asked.get("reason"),
        "receipt_number": None,
        "status": "succeeded",
    }
    return world.keep(world.account_of(charge), body)


def waiting(world: World, to: str) -> Body:
    """Return how a refund looks whose customer is being asked for a bank account."""
    now = world.clock.epoch()
    sent = {"email_sent_at": now, "email_sent_to": to}
    return {
        "balance_transaction": None,
        "next_action": {
            "type": "display_details",
            "display_details": {"email_sent": sent, "expires_at": now + ANSWER_WITHIN},
        },
        "status": "requires_action",
    }


def give_back(charge: Body, yen: int) -> None:
    """Count what is refunded of a charge; a refund that failed counts back."""
    charge["amount_refunded"] += yen
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def give_bank_details(world: World, refund: Body) -> None:
    """Take the customer's bank account: the money is on its way."""
    check_state(refund, "requires_action")
    update(world, refund, status="pending", pending_reason="processing", next_action=None)


def settle(world: World, refund: Body) -> None:
    """Let a refund on its way arrive."""
    check_state(refund, "pending")
    update(
        world, refund, status="succeeded", pending_reason=None, balance_transaction=new_id("txn")
    )


def fail(world: World, refund: Body, reason: str) -> None:
    """Let a refund fail, even one that looked as if it had arrived, as banks do."""
    check_state(refund, "requires_action", "pending", "succeeded")
    give_back(world.find("charge", refund["charge"]), -refund["amount"])
    changed = {"status": "failed", "failure_reason": reason, "pending_reason": None}
    update(world, refund, **changed, next_action=None)
    emit(world, "refund.failed", refund)


def update(world: World, refund: Body, **changed: Any) -> None:
    """Change a refund and tell, in the new event and in the old one."""
    refund |= changed
    emit(world, "refund.updated", refund)
    emit(world, "charge.refund.updated", refund)


def check_state(refund: Body, *allowed: str) -> None:
    """Raise unless a refund stands where it must."""
    if refund["status"] not in allowed:
        raise NotPossible("この返金には、もうできません。")


def fail_those_due(world: World) -> bool:
    """Let every refund fail whose customer never named a bank; say whether there was one."""
    now = world.clock.epoch()
    due = [
        one
        for one in world.every("refund")
        if one["status"] == "requires_action"
        and one["next_action"]["display_details"]["expires_at"] <= now
    ]
    for one in due:
        fail(world, one, "unknown")
    return bool(due)
