"""Staff give a door a photo, or take it away."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.kernel.refusals import Refusal, Refused
from app.locks import photos
from app.locks.models import Door


def set_photo(door_id: int, raw: bytes, *, actor: Actor, now: datetime) -> None:
    """Keep a photo of a door, made small. Raises Refused for what is no photo, or no door."""
    jpeg = photos.made_small(raw)

    def work(session: Session) -> None:
        _check(session, door_id)
        photos.keep(session, door_id, jpeg, by=actor.account_id, now=now)
        audit.note(session, actor, "door.photo_set", subject="door", subject_id=door_id, now=now)

    in_transaction(work)


def remove_photo(door_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the photo of a door away; asked again, nothing happens. Raises Refused: no door."""

    def work(session: Session) -> None:
        _check(session, door_id)
        if photos.forget(session, door_id):
            audit.note(
                session, actor, "door.photo_removed", subject="door", subject_id=door_id, now=now
            )

    in_transaction(work)


def _check(session: Session, door_id: int) -> None:
    """Hold the door, so that it is not ended meanwhile."""
    found = session.scalar(
        select(Door.id)
        .where(Door.tenant_id == current_tenant(), Door.id == door_id, Door.ended_at.is_(None))
        .with_for_update()
    )
    if found is None:
        raise Refused(Refusal("door.unknown"))
