"""Stripe as a payment provider: hosted Checkout, refunds, accounts (API 2026-10-28.endive)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

import stripe

from app.adapters import stripe_words as words
from app.kernel import clock
from app.payments.ports import (
    Declined,
    Dispute,
    Door,
    Forged,
    Order,
    Return,
    Returned,
    Seen,
    Unreachable,
)

VERSION: Final = "2026-10-28.endive"  # of the library's types, of our calls and of the notices
PATIENCE_SECONDS: Final = 6  # somebody may be waiting; the worker asks again
TOLERANCE: Final = timedelta(seconds=stripe.Webhook.DEFAULT_TOLERANCE)
CAPABILITIES: Final = {
    "card_payments": "card", "konbini_payments": "konbini", "paypay_payments": "paypay"
}  # fmt: skip
_WHOLE: Final = ["payment_intent", "payment_intent.latest_charge"]
# Asked again a moment later these may go well.
_PASSING: Final = (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError)
_BUSY: Final = ("idempotency_key_in_use", "lock_timeout")

Answer = TypeVar("Answer")


class StripeGateway:
    """Implements payments.ports.Gateway; `base` is where the API is, empty for Stripe's own."""

    def __init__(self, key: str, base: str) -> None:
        self.key = key
        self._base = base

    def open(self, door: Door, order: Order) -> Seen:
        """Make a Checkout Session; the same key gives the same one (Idempotency-Key)."""
        return words.seen(
            _asked(
                lambda: self._sessions(door).create(
                    params=words.session(order), options=_options(door, f"cs:{order.key}")
                )
            )
        )

    def look(self, door: Door, session_ref: str) -> Seen:
        """Return a session with its payment."""
        return words.seen(
            _asked(
                lambda: self._sessions(door).retrieve(
                    session_ref, params={"expand": _WHOLE}, options=_options(door)
                )
            )
        )

    def withdraw(self, door: Door, session_ref: str) -> None:
        """Expire a session that is still open."""
        _asked(
            lambda: self._sessions(door).expire(
                session_ref, options=_options(door, f"expire:{session_ref}")
            )
        )

    def give_back(self, door: Door, wanted: Return) -> Returned:
        """Refund a payment in part or whole."""
        params: Any = {
            "payment_intent": wanted.intent_ref, "amount": wanted.yen,
            "reason": "requested_by_customer", "metadata": dict(wanted.marks),
        }  # fmt: skip
        if wanted.email:
            params["instructions_email"] = wanted.email
        made = _asked(
            lambda: self._client(door).v1.refunds.create(
                params=params, options=_options(door, wanted.key)
            )
        )
        return words.returned(made)

    def returned(self, door: Door, provider_ref: str) -> Returned:
        """Return a refund."""
        found = _asked(
            lambda: self._client(door).v1.refunds.retrieve(provider_ref, options=_options(door))
        )
        return words.returned(found)

    def all_returned(self, door: Door, intent_ref: str) -> Sequence[Returned]:
        """Return all refunds of a payment."""
        params: Any = {"payment_intent": intent_ref, "limit": 100}
        found = _asked(
            lambda: self._client(door).v1.refunds.list(params=params, options=_options(door))
        )
        return [words.returned(one) for one in found.data]

    def marks_of(self, door: Door, intent_ref: str) -> Mapping[str, str]:
        """Return the metadata of a payment."""
        found = _asked(
            lambda: self._client(door).v1.payment_intents.retrieve(
                intent_ref, options=_options(door)
            )
        )
        return words.plain(found.metadata)

    def dispute(self, door: Door, dispute_ref: str) -> Dispute:
        """Return a dispute with the day its evidence is due by."""
        found = _asked(
            lambda: self._client(door).v1.disputes.retrieve(dispute_ref, options=_options(door))
        )
        return words.dispute(found)

    def ways(self, door: Door) -> tuple[str, frozenset[str]]:
        """Return the account and what it may take, by its capabilities."""
        found = _asked(lambda: self._account(door))
        able = words.plain(found.capabilities)
        return found.id, frozenset(
            way for name, way in CAPABILITIES.items() if able.get(name) == "active"
        )

    def notice(self, raw: bytes, signature: str, secrets: Sequence[str]) -> Mapping[str, Any]:
        """Check Stripe-Signature on the raw bytes, by any of the secrets; 300 s off at most."""
        if not signature.isascii():
            raise Forged("no signature of theirs")
        for secret in secrets:
            try:
                stripe.WebhookSignature.verify_header(
                    raw.decode(), signature, secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE
                )
            except (stripe.SignatureVerificationError, UnicodeDecodeError):
                continue
            if words.made_at(signature) > clock.now() + TOLERANCE:  # the library takes it
                raise Forged("made in the future")
            return words.notice(raw)
        raise Forged("no secret of ours made this signature")

    def _account(self, door: Door) -> stripe.Account:
        accounts = self._client(door).v1.accounts
        if door.account:
            return accounts.retrieve(door.account)
        return accounts.retrieve_current()

    def _sessions(self, door: Door) -> Any:
        return self._client(door).v1.checkout.sessions

    def _client(self, door: Door) -> stripe.StripeClient:
        if not door.key:
            raise Declined("no_key")
        return stripe.StripeClient(
            door.key,
            stripe_version=VERSION,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=PATIENCE_SECONDS),
            base_addresses={"api": self._base} if self._base else {},
        )


def _asked(question: Callable[[], Answer]) -> Answer:
    """Return the answer; raises Unreachable for what passes, Declined for what does not."""
    try:
        return question()
    except _PASSING as error:
        raise Unreachable(type(error).__name__) from error
    except stripe.StripeError as error:
        if error.code in _BUSY or error.http_status == 409:
            raise Unreachable(str(error.code)) from error
        code = str(error.code or type(error).__name__)
        raise Declined(code, error.user_message or "") from error


def _options(door: Door, key: str | None = None) -> Any:
    options: dict[str, Any] = {}
    if door.account:
        options["stripe_account"] = door.account
    if key:
        options["idempotency_key"] = key
    return options
