"""Letters to staff about applications that nobody answered by their day (標準処理期間).

They go each morning to those who may permit the use, and to the administrators above them, until
it is answered: an application that is overlooked does not stay so.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking.states import Review
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.permissions import EVERYWHERE, Permission, RoleKind, Scope, Viewer, scope_of
from app.identity.staff.members import Member, members
from app.notify.service import promise
from app.reports.models import ReviewReminder
from app.reports.reviews import Application, applications

_DAY = text(
    "insert into review_reminder (tenant_id, account_id, on_date)"
    " values (:tenant, :account, :day) on conflict do nothing returning id"
)


def promise_late(*, today: date, now: datetime) -> int:
    """Promise today's letters about late applications, one to each reader; return how many.

    Told again on the same day, nobody gets a second one.
    """

    def work(session: Session) -> int:
        if not _late(session, EVERYWHERE, today=today, now=now):
            return 0
        return sum(
            _promise(session, who, today=today, now=now)
            for who, scope in _readers(session)
            if _late(session, scope, today=today, now=now)
        )

    return in_transaction(work)


def letter(
    session: Session, reminder_id: int, catalogue: Catalogue, *, now: datetime
) -> dict[str, Any]:
    """Return what the letter says: what is still late where its reader may answer."""
    reminder = session.get_one(ReviewReminder, (current_tenant(), reminder_id))
    scopes = {who.account_id: scope for who, scope in _readers(session)}
    scope = scopes.get(reminder.account_id, Scope())
    today = now.astimezone(catalogue.zone).date()
    return {"late": _late(session, scope, today=today, now=now), "today": today}


def _readers(session: Session) -> Iterator[tuple[Member, Scope]]:
    """Yield those who work here with where late applications are their business."""
    for one in members(session):
        if one.ended_at is not None:
            continue
        is_above = any(role.kind == RoleKind.ADMINISTRATOR for role in one.roles)
        scope = EVERYWHERE if is_above else scope_of(Viewer(roles=one.roles), Permission.APPROVE)
        if scope != Scope():
            yield one, scope


def _late(session: Session, scope: Scope, *, today: date, now: datetime) -> list[Application]:
    found = applications(session, scope=scope, now=now)
    return [one for one in found if one.state == Review.ASKED and one.answer_by < today]


def _promise(session: Session, who: Member, *, today: date, now: datetime) -> bool:
    told = {"tenant": current_tenant(), "account": who.account_id, "day": today}
    reminder = session.scalar(_DAY, told)
    if reminder is None:
        return False
    promise(session, "reviews_late", subject_id=reminder, email=who.email, now=now)
    return True
