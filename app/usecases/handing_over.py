"""Staff of a hall and of the city leave each other notes, and mark them as seen to."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.counter import notes
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.kernel.refusals import Refusal, Refused

MOST_CHARACTERS = 1000


def write_note(facility_id: int, body: str, *, form_key: str, actor: Actor, now: datetime) -> None:
    """Leave a note for a hall; the same form sent twice leaves one.

    Raises Refused when nothing was written, or too much.
    """
    text = body.strip()
    if not text:
        raise Refused(Refusal("note.empty"))
    if len(text) > MOST_CHARACTERS:
        raise Refused(Refusal("note.too_long", {"most": MOST_CHARACTERS}))
    assert actor.account_id is not None
    account_id = actor.account_id

    def work(session: Session) -> None:
        note_id = notes.write(
            session, facility_id=facility_id, body=text, form_key=form_key,
            account_id=account_id, now=now,
        )  # fmt: skip
        if note_id is not None:
            _note(session, "note.written", facility_id, note_id, actor=actor, now=now)

    in_transaction(work)


def see_to_note(
    facility_id: int, note_id: int, *, is_done: bool, actor: Actor, now: datetime
) -> None:
    """Mark a note as seen to, or bring it back; asked again nothing differs.

    Raises Refused when the hall has no such note.
    """

    def work(session: Session) -> None:
        by = actor.account_id if is_done else None
        if notes.see_to(session, note_id, facility_id=facility_id, account_id=by, now=now):
            action = "note.seen_to" if is_done else "note.brought_back"
            _note(session, action, facility_id, note_id, actor=actor, now=now)

    in_transaction(work)


def _note(
    session: Session, action: str, facility_id: int, note_id: int, *, actor: Actor, now: datetime
) -> None:
    audit.note(
        session, actor, action, subject="facility", subject_id=facility_id, now=now,
        facts={"note": note_id},
    )  # fmt: skip
