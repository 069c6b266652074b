"""Staff close a counter's day: what they counted against what was entered (日計表)."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.payments import till
from app.payments.till import Count


def close_till(
    counter_id: int | None, on: date, count: Count, *, actor: Actor, today: date, now: datetime
) -> None:
    """Close a counter's day; closed again nothing differs. Raises Refused."""
    assert actor.account_id is not None
    account_id = actor.account_id

    def work(session: Session) -> None:
        day = till.close(
            session, counter_id, on, count, account_id=account_id, today=today, now=now
        )
        if day is None:
            return
        audit.note(
            session, actor, "till.closed", subject="till",
            subject_id=counter_id or current_tenant(), now=now,
            facts={
                "counter": counter_id, "on": on.isoformat(), "expected_yen": day.expected_yen,
                "counted_yen": day.counted_yen, "reason": day.remark,
            },
        )  # fmt: skip

    in_transaction(work)
