"""A refund is sent by the provider, once, and what it says of it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.audit import SERVICE
from app.db.session import current_tenant, in_transaction
from app.identity.queries import email_of
from app.payments.online import accounts, attempts
from app.payments.ports import Declined, Door, Return, Returned
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.payments.tasks import ask_staff
from app.usecases.at_provider import Provider
from app.usecases.refund_deeds import deed, locked_refund, tell


@dataclass(frozen=True, slots=True)
class _Sending:
    door: Door
    wanted: Return
    provider_ref: str | None
    is_first: bool


def send(provider: Provider, refund_id: int, *, now: datetime) -> str:
    """Send a planned refund, or ask how one that was sent stands; return its state.

    Sent again after a kill it goes once: the key is the refund's, and from the second try on the
    provider is asked first whether it has it already. Raises Unreachable.
    """
    sending = in_transaction(lambda session: _begin(session, provider, refund_id))
    if sending is None:
        return "settled"
    try:
        found = _sent(provider, sending, refund_id)
    except Declined as error:
        code = error.code
        return in_transaction(lambda session: _refused(session, refund_id, code, now=now))
    return in_transaction(lambda session: note(session, refund_id, found, now=now))


def note(session: Session, refund_id: int, found: Returned, *, now: datetime) -> str:
    """Write down how the provider says a refund stands; money in the ledger once it went."""
    refund = locked_refund(session, refund_id)
    before = refund.state
    if found.yen != refund.yen:  # somebody's hand at the provider, under our mark
        ask_staff(
            session, "odd_sum", f"refund:{refund.id}:{found.provider_ref}", yen=found.yen,
            booking_id=refund.booking_id, facts={"asked_yen": refund.yen}, now=now,
        )  # fmt: skip
        return refund.state
    refund.provider_ref = refund.provider_ref or found.provider_ref
    if found.state == "done":
        refunds.pay_out(session, refund, actor=SERVICE, now=now)
        if before != "done":
            deed(session, refund, "refund.sent", SERVICE, now=now, method=refund.method)
            tell(session, refund, now=now)
    elif found.state == "failed":
        _failed(session, refund, found.failure or "failed", now=now)
    elif before in ("due", "sent", "details"):
        refund.state = found.state
        if found.state == "details" and before != "details":
            tell(session, refund, now=now)
    session.flush()
    return refund.state


def _begin(session: Session, provider: Provider, refund_id: int) -> _Sending | None:
    refund = locked_refund(session, refund_id)
    if refund.attempt_id is None or refund.state not in ("due", "sent", "details"):
        return None
    attempt = attempts.known(session, refund.attempt_id)
    account = accounts.known(session, attempt.payee_account_id)
    assert account is not None
    assert attempt.intent_ref is not None
    door = accounts.door_of(account, platform_key=provider.gateway.key, secret=provider.secret)
    refund.tries += 1
    marks: Mapping[str, str] = {"tenant": str(current_tenant()), "refund": str(refund.id)}
    wanted = Return(
        key=f"re:{current_tenant()}:{refund.id}:{refund.round}", intent_ref=attempt.intent_ref,
        yen=refund.yen, email=email_of(session, attempt.account_id), marks=marks,
    )  # fmt: skip
    return _Sending(door, wanted, refund.provider_ref, refund.tries == 1)


def _sent(provider: Provider, sending: _Sending, refund_id: int) -> Returned:
    gateway = provider.gateway
    if sending.provider_ref is not None:
        return gateway.returned(sending.door, sending.provider_ref)
    if not sending.is_first:
        for one in gateway.all_returned(sending.door, sending.wanted.intent_ref):
            if one.mark == str(refund_id) and one.state != "failed":
                return one
    return gateway.give_back(sending.door, sending.wanted)


def _refused(session: Session, refund_id: int, code: str, *, now: datetime) -> str:
    refund = locked_refund(session, refund_id)
    if refund.state in ("due", "sent", "details"):
        _failed(session, refund, code, now=now)
    return refund.state


def _failed(session: Session, refund: Refund, why: str, *, now: datetime) -> None:
    """Leave a refund to staff; one that was in the ledger already comes back into it."""
    if refund.state == "failed":
        return
    if refund.entry_id is not None:
        refunds.came_again(session, refund, actor=SERVICE, now=now)
    refund.state, refund.error = "failed", why
    refund.round += 1
    deed(session, refund, "refund.failed", SERVICE, now=now, method=refund.method)
    ask_staff(
        session, "refund_failed", f"refund:{refund.id}:{refund.round}",
        booking_id=refund.booking_id, yen=refund.yen, facts={"refund": refund.id, "why": why},
        now=now,
    )  # fmt: skip
