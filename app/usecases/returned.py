"""Refunds as the provider has them are brought together with ours, also those begun there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.booking.queries import lines_of
from app.booking.service.ending import locked
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import SERVICE
from app.db.session import current_tenant, in_transaction
from app.payments.online import accounts, attempts
from app.payments.online.models import PaymentAttempt, PaymentPart
from app.payments.ports import Door, Returned
from app.payments.refunds import planning
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.payments.service import owed_yen
from app.payments.tasks import ask_staff
from app.usecases.at_provider import Provider
from app.usecases.in_turn import each
from app.usecases.sending_refunds import note, send

ASKED_AGAIN = timedelta(minutes=30)


def sync(provider: Provider, intent_ref: str, *, now: datetime) -> bool:
    """Write down every refund of a payment; False when the payment is not one of ours.

    One that was begun by hand at the provider is entered as it is, and staff are told.
    """
    found = in_transaction(lambda session: _door(session, provider, intent_ref))
    if found is None:
        return False
    attempt_id, door = found
    for one in provider.gateway.all_returned(door, intent_ref):
        in_transaction(lambda session, one=one: _write(session, attempt_id, one, now=now))  # type: ignore[misc]
    return True


def refresh_refunds(provider: Provider, *, now: datetime) -> int:
    """Send what was not sent and ask about what is on its way; return about how many."""
    ids: Sequence[int] = in_transaction(
        lambda session: refunds.on_their_way(session, asked_before=now - ASKED_AGAIN)
    )

    def ask(refund_id: int) -> bool:
        send(provider, refund_id, now=now)
        return True

    return each(ids, ask)


def _is_due_again(session: Session, booking_id: int, *, now: datetime) -> None:
    """Let a booking that stands be paid again until its use: staff may let it be, or cancel."""
    booking = locked(session, booking_id)
    uses = [x.starts_at for x in lines_of(session, booking_id) if x.state == LineState.ACTIVE]
    if booking.state == State.CONFIRMED and uses and owed_yen(session, booking_id) > 0:
        booking.due_at = max(min(uses), now)


def _door(session: Session, provider: Provider, intent_ref: str) -> tuple[int, Door] | None:
    attempt = attempts.with_intent(session, intent_ref)
    if attempt is None:
        return None
    account = accounts.known(session, attempt.payee_account_id)
    assert account is not None
    door = accounts.door_of(account, platform_key=provider.gateway.key, secret=provider.secret)
    return attempt.id, door


def _write(session: Session, attempt_id: int, one: Returned, *, now: datetime) -> None:
    parts = attempts.parts_of(session, attempt_id)
    for part in parts:
        locked(session, part.booking_id)
    attempt = attempts.locked(session, attempt_id)
    ours = refunds.with_provider_ref(session, one.provider_ref)
    if ours is None and one.mark is not None and one.mark.isdecimal() and len(one.mark) < 19:
        ours = refunds.known(session, int(one.mark))
        if ours is not None and ours.provider_ref not in (None, one.provider_ref):
            return  # an earlier round of ours, failed and told of then
    if ours is not None and ours.attempt_id == attempt_id:
        note(session, ours.id, one, now=now)
    elif ours is None and one.state == "done":
        _from_outside(session, attempt, parts, one, now=now)


def _from_outside(
    session: Session,
    attempt: PaymentAttempt,
    parts: Sequence[PaymentPart],
    one: Returned,
    *,
    now: datetime,
) -> None:
    """Enter money that somebody sent back at the provider itself, part by part."""
    left = one.yen
    for part in parts:
        if part.entry_id is None or left <= 0:
            continue
        taken = min(left, planning.left_of(session, part.booking_id, part.entry_id))
        if taken <= 0:
            continue
        left -= taken
        refund = Refund(
            tenant_id=current_tenant(), booking_id=part.booking_id, payee=attempt.payee,
            yen=taken, payment_id=part.entry_id, attempt_id=attempt.id,
            method=attempt.method or attempt.way, reason="outside", citation="", state="sent",
            provider_ref=one.provider_ref if left + taken == one.yen else None, tries=0, round=0,
            asked_at=now, remark="",
        )  # fmt: skip
        session.add(refund)
        session.flush()
        refunds.pay_out(session, refund, actor=SERVICE, now=now)
        _is_due_again(session, part.booking_id, now=now)
        audit.note(
            session, SERVICE, "refund.outside", subject="booking", subject_id=part.booking_id,
            now=now, facts={"refund": refund.id, "yen": taken},
        )  # fmt: skip
    ask_staff(
        session, "outside_refund", f"outside:{one.provider_ref}",
        booking_id=parts[0].booking_id, yen=one.yen, facts={"refund": one.provider_ref}, now=now,
    )  # fmt: skip
