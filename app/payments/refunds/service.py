"""Refunds looked up, and written in the ledger as paid out; planning.py says what is owed back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.audit import Actor
from app.db.session import current_tenant
from app.kernel.refusals import Refusal, Refused
from app.payments.refunds.models import Refund
from app.payments.refunds.shares import shares_of, shares_returned
from app.payments.service import Counter, Entry, enter_one


def locked(session: Session, refund_id: int) -> Refund:
    """Return a refund, locked; its booking was locked before. Raises Refused for none."""
    found = session.scalar(
        select(Refund)
        .where(Refund.tenant_id == current_tenant(), Refund.id == refund_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("refund.unknown"))
    return found


def known(session: Session, refund_id: int) -> Refund | None:
    """Return a refund of the municipality."""
    return session.get(Refund, (current_tenant(), refund_id))


def with_provider_ref(session: Session, provider_ref: str) -> Refund | None:
    """Return the refund that the provider knows by this id."""
    return session.scalar(
        select(Refund).where(
            Refund.tenant_id == current_tenant(), Refund.provider_ref == provider_ref
        )
    )


def has_begun(session: Session, payment_id: int) -> bool:
    """Say whether something of a payment went back, or is about to."""
    found = select(Refund.id).where(
        Refund.tenant_id == current_tenant(),
        Refund.payment_id == payment_id,
        (Refund.state.in_(("sent", "details", "done", "failed"))) | (Refund.tries > 0),
        Refund.state != "dropped",
    )
    return session.scalar(found.limit(1)) is not None


def on_their_way(session: Session, *, asked_before: datetime, limit: int = 50) -> list[int]:
    """Return refunds through the provider that are not settled, the oldest first."""
    return list(
        session.scalars(
            select(Refund.id)
            .where(
                Refund.tenant_id == current_tenant(),
                Refund.state.in_(("due", "sent", "details")),
                Refund.attempt_id.is_not(None),
                Refund.asked_at <= asked_before,
            )
            .order_by(Refund.asked_at)
            .limit(limit)
        )
    )


def of_booking(session: Session, booking_id: int) -> Sequence[Refund]:
    """Return the refunds of a booking that were not dropped, the first first."""
    return session.scalars(
        select(Refund)
        .where(
            Refund.tenant_id == current_tenant(),
            Refund.booking_id == booking_id,
            Refund.state != "dropped",
        )
        .order_by(Refund.id)
    ).all()


def pay_out(
    session: Session,
    refund: Refund,
    *,
    actor: Actor,
    now: datetime,
    counter: Counter | None = None,
    remark: str = "",
) -> int:
    """Enter a locked refund in the ledger as paid out, once; return its first entry."""
    if refund.entry_id is not None:
        return refund.entry_id
    entry_id = 0
    for line_id, yen in shares_of(session, refund.booking_id, refund.payee, refund.yen):
        entry = Entry("refund", yen, line_id, refund.method, refund.payee, counter=counter)
        made = enter_one(session, entry, booking_id=refund.booking_id, actor=actor, now=now)
        entry_id = entry_id or made
    refund.entry_id, refund.state, refund.error = entry_id, "done", None
    refund.done_at, refund.done_by = now, actor.account_id
    refund.remark = remark or refund.remark
    session.flush()
    return entry_id


def came_again(session: Session, refund: Refund, *, actor: Actor, now: datetime) -> None:
    """Enter that a refund which was paid out came back; it is owed again."""
    for line_id, yen in shares_returned(session, refund.booking_id, refund.payee, refund.yen):
        entry = Entry("refund_return", -yen, line_id, refund.method, refund.payee)
        enter_one(session, entry, booking_id=refund.booking_id, actor=actor, now=now)
    refund.entry_id, refund.done_at, refund.done_by = None, None, None
