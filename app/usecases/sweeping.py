"""Clears away baskets nobody comes back to, and what else is kept only for a while."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.booking.service.ending import sweep_drafts
from app.db.idempotency import IdempotentAnswer
from app.db.session import current_tenant, in_transaction
from app.facilities.models import FacilityChange
from app.identity.proofs import tries
from app.identity.service import forget_old

DRAFTS_KEPT = timedelta(hours=12)
CHANGES_KEPT = timedelta(hours=2)  # far longer than any page is kept in memory
ANSWERS_KEPT = timedelta(days=7)  # to programs that send a request again


def sweep(*, now: datetime) -> int:
    """Clear away old baskets and changes of the current municipality; return the baskets."""

    def work(session: Session) -> int:
        session.execute(
            delete(FacilityChange).where(
                FacilityChange.tenant_id == current_tenant(),
                FacilityChange.changed_at < now - CHANGES_KEPT,
            )
        )
        session.execute(
            delete(IdempotentAnswer).where(
                IdempotentAnswer.tenant_id == current_tenant(),
                IdempotentAnswer.asked_at < now - ANSWERS_KEPT,
            )
        )
        return sweep_drafts(session, untouched_since=now - DRAFTS_KEPT)

    return in_transaction(work)


def forget(*, now: datetime) -> None:
    """Delete sign-in attempts and sessions that ended; these belong to no municipality."""

    def work(session: Session) -> None:
        forget_old(session, now=now)
        tries.forget_old(session, now=now)

    in_transaction(work)
