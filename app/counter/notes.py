"""Hand-over notes: written once, seen to by somebody, and back on the list when it was too soon."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.counter.models import HandOverNote
from app.db.session import current_tenant
from app.kernel.refusals import Refusal, Refused

STILL_SHOWN = timedelta(hours=24)  # a note that was seen to can be brought back for this long


def write(
    session: Session, *, facility_id: int, body: str, form_key: str, account_id: int, now: datetime
) -> int | None:
    """Write a note and return its id; None: this form was sent before, and its note is there."""
    return session.scalar(
        insert(HandOverNote)
        .values(
            tenant_id=current_tenant(),
            facility_id=facility_id,
            body=body,
            form_key=form_key,
            written_at=now,
            written_by=account_id,
        )
        .on_conflict_do_nothing(constraint="uq_hand_over_note_tenant_id_form_key")
        .returning(HandOverNote.id)
    )


def see_to(
    session: Session, note_id: int, *, facility_id: int, account_id: int | None, now: datetime
) -> bool:
    """Mark a note as seen to, or with no `account_id` as not; say whether that was news.

    Raises Refused when the hall has no such note.
    """
    note = session.scalar(
        select(HandOverNote)
        .where(
            HandOverNote.tenant_id == current_tenant(),
            HandOverNote.facility_id == facility_id,
            HandOverNote.id == note_id,
        )
        .with_for_update()
    )
    if note is None:
        raise Refused(Refusal("note.unknown"))
    if (note.done_by is not None) == (account_id is not None):
        return False
    note.done_by, note.done_at = account_id, now if account_id is not None else None
    session.flush()
    return True


def shown(session: Session, facility_id: int, *, now: datetime) -> list[HandOverNote]:
    """Return the notes of a hall that are open, oldest first, then those just seen to."""
    recently = HandOverNote.done_at > now - STILL_SHOWN
    return list(
        session.scalars(
            select(HandOverNote)
            .where(
                HandOverNote.tenant_id == current_tenant(),
                HandOverNote.facility_id == facility_id,
                or_(HandOverNote.done_at.is_(None), recently),
            )
            .order_by(HandOverNote.done_at.isnot(None), HandOverNote.written_at, HandOverNote.id)
        )
    )


def how_many_open(session: Session, facility_ids: list[int]) -> dict[int, int]:
    """Return how many notes wait at each hall; a hall without any is not there."""
    rows = session.execute(
        select(HandOverNote.facility_id, func.count())
        .where(
            and_(
                HandOverNote.tenant_id == current_tenant(),
                HandOverNote.facility_id.in_(facility_ids),
                HandOverNote.done_at.is_(None),
            )
        )
        .group_by(HandOverNote.facility_id)
    )
    return {facility_id: count for facility_id, count in rows}
