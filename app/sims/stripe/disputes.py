"""Disputes (チャージバック): a cardholder takes a payment back through the card's issuer."""

from app.sims.stripe.errors import NotPossible
from app.sims.stripe.events import emit
from app.sims.stripe.world import Body, World, new_id

ANSWER_WITHIN = 7 * 24 * 60 * 60  # seconds to hand in evidence


def open_one(world: World, charge: Body) -> Body:
    """Dispute a card charge; stores and PayPay know no disputes."""
    if charge["payment_method_details"]["type"] != "card" or charge["status"] != "succeeded":
        raise NotPossible("異議の申し立ては、カードの支払いだけにできます。")
    if charge["disputed"]:
        raise NotPossible("この支払いには、もう申し立てがあります。")
    body = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.clock.epoch(),
        "currency": "jpy",
        "evidence_details": {
            "due_by": world.clock.epoch() + ANSWER_WITHIN,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
    charge["disputed"] = True
    world.keep(world.account_of(charge), body)
    emit(world, "charge.dispute.created", body)
    emit(world, "charge.dispute.funds_withdrawn", body)
    return body


def close(world: World, dispute: Body, *, won: bool) -> None:
    """Decide a dispute; a won one gives the money back."""
    if dispute["status"] not in ("needs_response", "under_review"):
        raise NotPossible("この申し立ては、もう終わっています。")
    dispute["status"] = "won" if won else "lost"
    emit(world, "charge.dispute.closed", dispute)
    if won:
        emit(world, "charge.dispute.funds_reinstated", dispute)
