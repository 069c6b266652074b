"""Somebody went to pay: attempts with their parts, at most one under way for a booking."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.session import current_tenant
from app.payments.online.models import PayeeAccount, PaymentAttempt, PaymentPart
from app.payments.online.ways import BREATHER, GRACE, SESSION

GOING_ON: Final = ("begun", "open", "waiting")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody sets out to pay: to whom, in which way, how much for which booking."""

    account: PayeeAccount
    way: str
    parts: Mapping[int, int]  # yen by booking
    told: Mapping[str, Any]  # lines and address, for the provider
    konbini_days: int | None = None


def begin(session: Session, wanted: Wanted, *, account_id: int, now: datetime) -> PaymentAttempt:
    """Write an attempt; raises IntegrityError when one of the bookings has another under way."""
    made = PaymentAttempt(
        tenant_id=current_tenant(),
        key=secrets.token_urlsafe(16),
        payee=wanted.account.payee,
        payee_account_id=wanted.account.id,
        account_id=account_id,
        way=wanted.way,
        yen=sum(wanted.parts.values()),
        konbini_days=wanted.konbini_days,
        told=dict(wanted.told),
        state="begun",
        begun_at=now,
        ends_at=now + SESSION + GRACE,
        looked_at=now,
    )
    session.add(made)
    session.flush()
    for booking_id, yen in sorted(wanted.parts.items()):
        session.add(
            PaymentPart(
                tenant_id=current_tenant(), attempt_id=made.id, booking_id=booking_id, yen=yen,
                is_open=True,
            )
        )  # fmt: skip
    session.flush()
    return made


def parts_of(session: Session, attempt_id: int) -> Sequence[PaymentPart]:
    """Return what an attempt is for, by booking."""
    return session.scalars(
        select(PaymentPart)
        .where(PaymentPart.tenant_id == current_tenant(), PaymentPart.attempt_id == attempt_id)
        .order_by(PaymentPart.booking_id)
        .execution_options(populate_existing=True)
    ).all()


def locked(session: Session, attempt_id: int) -> PaymentAttempt:
    """Return an attempt, locked; its bookings were locked before, in the order of their ids."""
    return session.scalars(
        select(PaymentAttempt)
        .where(PaymentAttempt.tenant_id == current_tenant(), PaymentAttempt.id == attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def known(session: Session, attempt_id: int) -> PaymentAttempt:
    """Return an attempt of the municipality."""
    return session.get_one(PaymentAttempt, (current_tenant(), attempt_id), populate_existing=True)


def with_key(session: Session, key: str) -> PaymentAttempt | None:
    """Return the attempt that an applicant's browser knows by this key."""
    return session.scalar(
        select(PaymentAttempt).where(
            PaymentAttempt.tenant_id == current_tenant(), PaymentAttempt.key == key
        )
    )


def with_intent(session: Session, intent_ref: str) -> PaymentAttempt | None:
    """Return the attempt of a payment at the provider."""
    return session.scalar(
        select(PaymentAttempt).where(
            PaymentAttempt.tenant_id == current_tenant(), PaymentAttempt.intent_ref == intent_ref
        )
    )


def with_session(session: Session, session_ref: str) -> PaymentAttempt | None:
    """Return the attempt of a page to pay on at the provider."""
    return session.scalar(
        select(PaymentAttempt).where(
            PaymentAttempt.tenant_id == current_tenant(), PaymentAttempt.session_ref == session_ref
        )
    )


def under_way(session: Session, booking_ids: Collection[int]) -> dict[int, PaymentAttempt]:
    """Return by booking the attempt that may still be paid."""
    rows = session.execute(
        select(PaymentPart.booking_id, PaymentAttempt)
        .join(
            PaymentAttempt,
            (PaymentAttempt.tenant_id == PaymentPart.tenant_id)
            & (PaymentAttempt.id == PaymentPart.attempt_id),
        )
        .where(
            PaymentPart.tenant_id == current_tenant(),
            PaymentPart.booking_id.in_(booking_ids),
            PaymentPart.is_open,
        )
    )
    return {booking_id: attempt for booking_id, attempt in rows}


def is_under_way(booking_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that somebody may still pay for a booking just now."""
    return exists().where(
        PaymentPart.tenant_id == current_tenant(),
        PaymentPart.booking_id == booking_id,
        PaymentPart.is_open,
    )


def unsure(
    session: Session, *, now: datetime, asked_before: datetime, limit: int = 50
) -> list[int]:
    """Return attempts of which nobody has heard for a while, the longest unasked first.

    One that waits for a shop is asked about only from its end on; the provider tells before.
    """
    going_on = PaymentAttempt.state.in_(("begun", "open")) | (
        (PaymentAttempt.state == "waiting") & (PaymentAttempt.ends_at <= now)
    )
    return list(
        session.scalars(
            select(PaymentAttempt.id)
            .where(
                PaymentAttempt.tenant_id == current_tenant(),
                going_on,
                PaymentAttempt.looked_at <= asked_before,
            )
            .order_by(PaymentAttempt.looked_at)
            .limit(limit)
        )
    )


def may_ask(session: Session, attempt_id: int, *, now: datetime) -> bool:
    """Say whether whoever looks at an attempt may ask about it now, and count it as asked.

    Of two at once one may. Nobody who looked for the first time since it began is kept waiting.
    """
    found = session.scalar(
        update(PaymentAttempt)
        .where(
            PaymentAttempt.tenant_id == current_tenant(),
            PaymentAttempt.id == attempt_id,
            PaymentAttempt.state.in_(GOING_ON),
            (PaymentAttempt.looked_at <= now - BREATHER)
            | (PaymentAttempt.looked_at <= PaymentAttempt.begun_at),
        )
        .values(looked_at=now)
        .returning(PaymentAttempt.id)
    )
    return found is not None


def close(session: Session, attempt: PaymentAttempt, state: str, *, now: datetime) -> None:
    """End a locked attempt; its bookings may be paid for otherwise."""
    attempt.state, attempt.ended_at = state, now
    session.execute(
        update(PaymentPart)
        .where(PaymentPart.tenant_id == current_tenant(), PaymentPart.attempt_id == attempt.id)
        .values(is_open=False)
    )
