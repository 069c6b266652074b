"""Staff say whom to call about a hall's doors when nobody answers there."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.locks import contacts


def set_contact(
    facility_id: int, *, name: str, phone: str, hours: str, actor: Actor, now: datetime
) -> None:
    """Keep whom to call; said again, it is the same."""

    def work(session: Session) -> None:
        facts = {
            "before": _told(session, facility_id),
            "after": {"name": name, "phone": phone, "hours": hours},
        }
        contacts.keep(session, facility_id, name=name, phone=phone, hours=hours, now=now)
        _note(session, "door.contact_set", facility_id, actor, now=now, facts=facts)

    in_transaction(work)


def remove_contact(facility_id: int, *, actor: Actor, now: datetime) -> None:
    """Let nobody be called but the hall; asked again, nothing happens."""

    def work(session: Session) -> None:
        facts = {"before": _told(session, facility_id)}
        if contacts.forget(session, facility_id):
            _note(session, "door.contact_removed", facility_id, actor, now=now, facts=facts)

    in_transaction(work)


def _told(session: Session, facility_id: int) -> dict[str, Any] | None:
    kept = contacts.contacts_of(session, [facility_id]).get(facility_id)
    return {"name": kept.name, "phone": kept.phone, "hours": kept.hours} if kept else None


def _note(
    session: Session, action: str, facility_id: int, actor: Actor, *, now: datetime,
    facts: dict[str, Any],
) -> None:  # fmt: skip
    audit.note(
        session, actor, action, subject="facility", subject_id=facility_id, now=now, facts=facts
    )  # fmt: skip
