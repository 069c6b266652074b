"""Events as they go over the wire: raw bytes with a signature."""

import json
from datetime import datetime
from typing import Any

from stripe import WebhookSignature

from app.kernel import clock


def signed(
    event: dict[str, Any], secret: str, at: datetime | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a delivery.

    The signature's time is the real one and not the simulator's: the receiver
    compares it with its own clock.
    """
    body = json.dumps(event, ensure_ascii=False, indent=2)
    moment = int((at or clock.now()).timestamp())
    header = WebhookSignature.generate_signature_header(body, secret, moment)
    return body.encode(), {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": header,
        "User-Agent": "Stripe/1.0 (simulator)",
    }
