"""Promises letters with the change they tell of, and keeps what became of each."""

from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.db.outbox import enqueue
from app.db.session import current_tenant
from app.notify.models import Delivery

DELIVER = "deliver_letter"
MOST_TRIES = 8  # with pauses that double from half a minute: about an hour


_PROMISE = text(
    "insert into delivery (tenant_id, template, subject_id, email, state, tries, promised_at)"
    " values (:tenant, :template, :subject, :email, 'promised', 0, :now)"
    " on conflict do nothing returning id"
)


def promise(session: Session, template: str, *, subject_id: int, email: str, now: datetime) -> None:
    """Promise one letter about a subject; told again, it is still one letter."""
    delivery_id = session.scalar(
        _PROMISE,
        {
            "tenant": current_tenant(),
            "template": template,
            "subject": subject_id,
            "email": email,
            "now": now,
        },
    )
    if delivery_id is not None:
        enqueue(session, DELIVER, delivery_id=delivery_id)


def begin_try(session: Session, delivery_id: int) -> Delivery | None:
    """Count a try and return the letter, or None when it went out or was given up."""
    delivery = session.scalar(
        select(Delivery)
        .where(Delivery.tenant_id == current_tenant(), Delivery.id == delivery_id)
        .with_for_update()
    )
    if delivery is None or delivery.state != "promised":
        return None
    delivery.tries += 1
    return delivery


def end_try(
    session: Session, delivery_id: int, *, error: str | None, tries: int, now: datetime
) -> None:
    """Write down whether the letter went; after the last try it is failed, for staff to see."""
    failed = error is not None and tries >= MOST_TRIES
    state = "sent" if error is None else "failed" if failed else "promised"
    session.execute(
        update(Delivery)
        .where(Delivery.tenant_id == current_tenant(), Delivery.id == delivery_id)
        .values(state=state, error=error, done_at=now if state != "promised" else None)
    )


def not_delivered(session: Session) -> list[Delivery]:
    """Return the letters that could not be delivered, the newest first."""
    return list(
        session.scalars(
            select(Delivery)
            .where(Delivery.tenant_id == current_tenant(), Delivery.state == "failed")
            .order_by(Delivery.promised_at.desc())
            .limit(200)
        )
    )
