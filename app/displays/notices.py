"""Words that staff put on all screens of a hall at once, until a moment."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.displays.models import ScreenNotice

MOST_WORDS = 60  # characters: read from across a lobby


def put(
    session: Session, facility_id: int, words: str, *, until: datetime, put_by: int, now: datetime
) -> None:
    """Put words on the screens of a hall, in place of others that are there."""
    take_away(session, facility_id, now=now)
    session.add(
        ScreenNotice(
            tenant_id=current_tenant(), facility_id=facility_id, words=words, until=until,
            put_at=now, put_by=put_by,
        )
    )  # fmt: skip
    session.flush()


def take_away(session: Session, facility_id: int, *, now: datetime) -> None:
    """Take away what is on the screens of a hall."""
    session.execute(
        update(ScreenNotice)
        .where(
            ScreenNotice.tenant_id == current_tenant(),
            ScreenNotice.facility_id == facility_id,
            ScreenNotice.until > now,
        )
        .values(until=now)
    )


def shown(session: Session, facility_id: int, *, now: datetime) -> ScreenNotice | None:
    """Return what is on the screens of a hall now."""
    return session.scalar(
        select(ScreenNotice)
        .where(
            ScreenNotice.tenant_id == current_tenant(),
            ScreenNotice.facility_id == facility_id,
            ScreenNotice.until > now,
        )
        .order_by(ScreenNotice.id.desc())
        .limit(1)
    )
