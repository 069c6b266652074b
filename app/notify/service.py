"""Promises letters with the change they tell of, and keeps what became of each."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.outbox import enqueue
from app.db.session import current_tenant
from app.notify.models import Delivery

DELIVER = "deliver_letter"
MOST_TRIES = 8  # with pauses that double from half a minute: about an hour


def promise(session: Session, template: str, *, subject_id: int, email: str, now: datetime) -> None:
    """Promise one letter about a subject; told again, it is still one letter."""
    delivery_id = session.scalar(
        insert(Delivery)
        .values(
            tenant_id=current_tenant(),
            template=template,
            subject_id=subject_id,
            email=email,
            state="promised",
            tries=0,
            promised_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Delivery.id)
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
