"""Between Stripe's objects and the words of our port."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from app.payments.ports import Dispute, Forged, Order, Returned, Seen

# A session that is complete and unpaid, by what its payment waits for.
_WAITING: Final = ("requires_action", "processing", "requires_confirmation")
MOST_IN_A_NAME: Final = 255
_STRANGE: Final = (
    ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError
)  # fmt: skip
_RETURNED: Final = {
    "pending": "sent", "requires_action": "details", "succeeded": "done", "failed": "failed",
    "canceled": "failed",
}  # fmt: skip


def session(order: Order) -> Any:
    """Return the parameters of a Checkout Session."""
    lines = [
        {
            "quantity": 1,
            "price_data": {"currency": "jpy", "unit_amount": yen, "product_data": {"name": name}},
        }
        for name, yen in order.lines
    ]
    params: dict[str, Any] = {
        "mode": "payment",
        "locale": "ja",
        "currency": "jpy",
        "client_reference_id": order.key,
        "success_url": order.return_url,
        "cancel_url": order.back_url,
        "expires_at": int(order.until.timestamp()),
        "line_items": lines,
        "allowed_payment_method_types": [order.way],
        "metadata": dict(order.marks),
        "payment_intent_data": {"metadata": dict(order.marks)},
    }
    if order.email:
        params["customer_email"] = order.email
    if order.konbini_days is not None:
        params["payment_method_options"] = {"konbini": {"expires_after_days": order.konbini_days}}
    return params


def seen(found: Any) -> Seen:
    """Return how a session stands; its payment is known once somebody used the page."""
    intent = found.payment_intent
    whole = intent if intent is not None and not isinstance(intent, str) else None
    charge = whole.latest_charge if whole else None
    details = charge.payment_method_details if charge and not isinstance(charge, str) else None
    slip = _slip(whole)
    return Seen(
        session_ref=found.id,
        state=_state(found, whole),
        url=found.url,
        intent_ref=id_of(intent),
        charge_ref=id_of(charge),
        method=details.type if details else None,
        yen=int(whole.amount_received or 0) if whole else 0,
        voucher_url=slip.hosted_voucher_url if slip else None,
        voucher_until=datetime.fromtimestamp(slip.expires_at, UTC) if slip else None,
    )


def _state(found: Any, intent: Any) -> str:
    if found.payment_status == "paid":
        return "paid"
    if found.status != "complete":
        return "expired" if found.status == "expired" else "open"
    if intent is None or intent.status in _WAITING:
        return "waiting"
    return "failed"


def _slip(intent: Any) -> Any:
    action = intent.next_action if intent else None
    return getattr(action, "konbini_display_details", None) if action else None


def returned(found: Any) -> Returned:
    """Return how a refund stands."""
    return Returned(
        provider_ref=found.id,
        state=_RETURNED.get(str(found.status), "sent"),
        yen=found.amount,
        intent_ref=id_of(found.payment_intent),
        failure=getattr(found, "failure_reason", None),
        mark=plain(found.metadata).get("refund"),
    )


def dispute(found: Any) -> Dispute:
    """Return what somebody disputes, and until when evidence is taken."""
    details = getattr(found, "evidence_details", None)
    due_by = getattr(details, "due_by", None)
    return Dispute(
        id_of(found.payment_intent) or "",
        found.amount,
        datetime.fromtimestamp(due_by, UTC) if due_by else None,
    )


def id_of(value: Any) -> str | None:
    """Return the id of an object that may be given whole or by its id."""
    if value is None or isinstance(value, str):
        return value
    return str(value.id)


def plain(found: Any) -> dict[str, str]:
    """Return an object of Stripe's as a plain mapping; nothing is an empty one."""
    return dict(found.to_dict()) if found else {}


def notice(raw: bytes) -> Mapping[str, Any]:
    """Return a notice as it was told; raises Forged when it is none."""
    try:
        told = json.loads(raw)
        about = told["data"]["object"]
        _check(told["id"], told["type"], about.get("id", ""), told.get("account") or "")
        intent = about.get("payment_intent") or ""
        _check("" if isinstance(intent, dict) else intent)  # it may be told whole
        datetime.fromtimestamp(told["created"], UTC)
        marks = about.get("metadata") or {}
        if not isinstance(told["livemode"], bool) or not isinstance(marks, dict):
            raise ValueError("not as theirs are")
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        OSError,
        RecursionError,
    ):
        raise Forged("signed, but no notice") from None
    return told  # type: ignore[no-any-return]


def made_at(signature: str) -> datetime:
    """Return the moment that a signature is over, the first it names; raises Forged for none."""
    parts = [one.partition("=") for one in signature.split(",")]
    try:
        moment = next((value for name, _sign, value in parts if name == "t"), "")
        return datetime.fromtimestamp(int(moment), UTC)
    except _STRANGE:
        raise Forged("signed at no moment") from None


def _check(*names: object) -> None:
    """Raise ValueError for what is no name of theirs."""
    for one in names:
        if not isinstance(one, str) or len(one) > MOST_IN_A_NAME or not one.isascii():
            raise ValueError("no name")
        if one and not one.isprintable():
            raise ValueError("no name")
