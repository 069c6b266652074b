"""A door is used no more: who came through it and has no other way in is called by staff."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.db.session import current_tenant
from app.locks import tasks
from app.locks.models import AccessGrant, AccessGrantLine, Door
from app.locks.queries import doors_of


def ask_about_ended(
    session: Session, door: Door, losing: Sequence[AccessGrant], *, now: datetime
) -> None:
    """Make the task that names the uses to which no other door of its kind leads, if any."""
    others = [
        one
        for one in doors_of(session, [door.facility_id])
        if one.id != door.id and one.is_shared == door.is_shared
    ]
    lines = [
        line
        for line in _uses(session, [grant.id for grant in losing])
        if not any(not one.rooms or line.room_id in one.rooms for one in others)
    ]
    if not lines:
        return
    until = max(line.ends_at for line in lines)
    tasks.ask_staff(
        session, tasks.ENDED, f"{tasks.ENDED}:{door.id}", facility_id=door.facility_id,
        door_id=door.id, now=now,
        facts={"lines": [line.id for line in lines], "until": until.isoformat()},
    )  # fmt: skip


def _uses(session: Session, grant_ids: Sequence[int]) -> Sequence[BookingLine]:
    of_codes = select(AccessGrantLine.line_id).where(
        AccessGrantLine.tenant_id == current_tenant(), AccessGrantLine.grant_id.in_(grant_ids)
    )
    return session.scalars(
        select(BookingLine)
        .where(BookingLine.tenant_id == current_tenant(), BookingLine.id.in_(of_codes))
        .order_by(BookingLine.starts_at, BookingLine.id)
    ).all()
