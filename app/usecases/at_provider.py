"""A payment at the provider: its page made, asked about, closed; always outside a transaction.

What is killed between two steps is taken up where it stopped: the attempt was written first, and
its key makes the provider do things once.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.booking.service.ending import locked
from app.db.session import current_tenant, in_transaction
from app.kernel.refusals import Refusal, Refused
from app.payments.online import accounts, attempts
from app.payments.online.models import PaymentAttempt
from app.payments.online.ways import SESSION
from app.payments.ports import Declined, Door, Gateway, Order, Seen, Unreachable
from app.usecases.in_turn import each
from app.usecases.paid_online import Town, advance

ASKED_AGAIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Provider:
    """How the provider is reached, and where it sends people back to."""

    gateway: Gateway
    secret: str  # of the service: opens what keys were sealed with
    pages: str  # address that the municipality's pages begin with


def open_page(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> str | None:
    """Make the provider's page for an attempt, once, and return where it is.

    None when there is nothing to pay on it any more. Raises Refused when the provider can't be
    reached, or takes no such payment.
    """
    attempt, door = in_transaction(lambda session: _reached(session, provider, attempt_id))
    if attempt.state == "open":
        return attempt.url
    if attempt.state != "begun":
        return None
    try:
        seen = provider.gateway.open(door, _order(attempt, provider))
    except Unreachable as error:
        raise Refused(Refusal("pay.unreachable")) from error
    except Declined as error:
        code = error.code
        in_transaction(lambda session: _failed(session, attempt_id, code, now=now))
        raise Refused(Refusal("pay.declined")) from error
    in_transaction(lambda session: advance(session, town, attempt_id, seen, now=now))
    return seen.url


def refresh(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> str:
    """Ask the provider how an attempt stands, write it down, and return its state.

    Raises Unreachable or Declined when the provider does not say.
    """
    attempt, door = in_transaction(lambda session: _reached(session, provider, attempt_id))
    if attempt.state == "paid":
        return attempt.state
    try:
        seen = _look(provider, door, attempt)
    except Declined as error:
        if attempt.state != "begun":
            raise
        code = error.code  # never made, and too late to make it
        in_transaction(lambda session: _failed(session, attempt_id, code, now=now))
        return "failed"
    return in_transaction(lambda session: advance(session, town, attempt_id, seen, now=now))


def refresh_for_page(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> bool:
    """Ask as refresh does for somebody who looks at an attempt; False when nobody can say now.

    Who looks again a moment later is not let ask again: a provider that answers slowly would keep
    one worker after another waiting.
    """
    state, may_ask = in_transaction(lambda session: _turn(session, attempt_id, now=now))
    if state not in attempts.GOING_ON:
        return True
    if not may_ask:
        return False
    try:
        refresh(provider, town, attempt_id, now=now)
    except (Unreachable, Declined):
        return False
    return True


def stop(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> str:
    """Close the page of an attempt so that one may pay otherwise; return the attempt's state.

    One that was used meanwhile goes on: paid, or waiting for a shop.
    """
    attempt, door = in_transaction(lambda session: _reached(session, provider, attempt_id))
    if attempt.state in ("begun", "open"):
        session_ref = attempt.session_ref or _look(provider, door, attempt).session_ref
        with suppress(Declined):  # it was used, or has run out: the question below says which
            provider.gateway.withdraw(door, session_ref)
    return refresh(provider, town, attempt_id, now=now)


def let_go(provider: Provider, town: Town, booking_id: int, *, now: datetime) -> str | None:
    """Stop what is under way for a booking; return where it stands, None when nothing was.

    Nobody is kept from cancelling by a provider that does not answer: money that comes after all
    goes back.
    """
    found = in_transaction(lambda session: attempts.under_way(session, [booking_id]))
    if booking_id not in found:
        return None
    try:
        return stop(provider, town, found[booking_id].id, now=now)
    except (Unreachable, Declined):
        return found[booking_id].state


def refresh_unsure(provider: Provider, town: Town, *, now: datetime) -> int:
    """Ask about every attempt that nobody has heard of; return how many were asked about.

    One that can't be found out stops no other.
    """
    asked = now - ASKED_AGAIN
    ids: Sequence[int] = in_transaction(
        lambda session: attempts.unsure(session, now=now, asked_before=asked)
    )

    def ask(attempt_id: int) -> bool:
        refresh(provider, town, attempt_id, now=now)
        return True

    return each(ids, ask)


def _turn(session: Session, attempt_id: int, *, now: datetime) -> tuple[str, bool]:
    """Return how an attempt stands, and whether who looks at it may ask."""
    state = attempts.known(session, attempt_id).state
    return state, state in attempts.GOING_ON and attempts.may_ask(session, attempt_id, now=now)


def _look(provider: Provider, door: Door, attempt: PaymentAttempt) -> Seen:
    """Return how an attempt stands; one whose page nobody knows of is opened again, the same."""
    if attempt.session_ref is not None:
        return provider.gateway.look(door, attempt.session_ref)
    return provider.gateway.open(door, _order(attempt, provider))


def _reached(session: Session, provider: Provider, attempt_id: int) -> tuple[PaymentAttempt, Door]:
    attempt = attempts.known(session, attempt_id)
    account = accounts.known(session, attempt.payee_account_id)
    assert account is not None
    return attempt, accounts.door_of(
        account, platform_key=provider.gateway.key, secret=provider.secret
    )


def _order(attempt: PaymentAttempt, provider: Provider) -> Order:
    """Return what the provider is told: the same whenever it is told again."""
    marks = {"tenant": str(current_tenant()), "attempt": attempt.key}
    return Order(
        key=attempt.key,
        way=attempt.way,
        lines=[(str(name), int(yen)) for name, yen in attempt.told["lines"]],
        email=attempt.told["email"],
        until=attempt.begun_at + SESSION,
        konbini_days=attempt.konbini_days,
        return_url=f"{provider.pages}/pay/{attempt.key}",
        back_url=f"{provider.pages}/pay/{attempt.key}",
        marks=marks,
    )


def _failed(session: Session, attempt_id: int, code: str, *, now: datetime) -> None:
    for part in attempts.parts_of(session, attempt_id):
        locked(session, part.booking_id)
    attempt = attempts.locked(session, attempt_id)
    if attempt.state == "begun":
        attempt.error = code
        attempts.close(session, attempt, "failed", now=now)
