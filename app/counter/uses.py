"""What was noted of a use is written; the caller has locked the booking."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.counter.models import ActualUse
from app.counter.rules import Mark, Marks, marked, taken_back
from app.db.session import current_tenant
from app.kernel.refusals import Refusal, Refused

FIELDS = tuple(Marks.__dataclass_fields__)
NOTHING = Marks()


@dataclass(frozen=True, slots=True)
class Noted:
    """A use as it really was: marks, people counted, a remark; and how often it was written."""

    marks: Marks = NOTHING
    people: int | None = None
    remark: str = ""
    version: int = 0


def noted_of(session: Session, line_id: int) -> Noted:
    """Return what was noted of a line."""
    row = _row(session, line_id)
    return _as_noted(row) if row else Noted()


def set_mark(
    session: Session, line_id: int, mark: Mark, *, starts_at: datetime, now: datetime
) -> tuple[Noted, Noted]:
    """Set a mark; return what was noted before and now, the same when it was set already.

    Raises Refused when the mark can't follow what was noted.
    """
    row = _row(session, line_id)
    before = _as_noted(row) if row else Noted()
    return before, _write(
        session, line_id, row, before, marked(before.marks, mark, starts_at=starts_at, now=now)
    )


def take_back(session: Session, line_id: int, mark: Mark) -> tuple[Noted, Noted]:
    """Take a mark back; return what was noted before and now. Raises Refused as `set_mark`."""
    row = _row(session, line_id)
    before = _as_noted(row) if row else Noted()
    return before, _write(session, line_id, row, before, taken_back(before.marks, mark))


def put_right(
    session: Session, line_id: int, wanted: Noted, *, seen_version: int
) -> tuple[Noted, Noted]:
    """Write times, people and remark as they really were; return what was noted before and now.

    Raises Refused when somebody else wrote since it was seen, or when the times can't be.
    """
    row = _row(session, line_id)
    before = _as_noted(row) if row else Noted()
    if before.version != seen_version:
        raise Refused(Refusal("use.changed_meanwhile"))
    marks = wanted.marks
    if marks.left_at and (marks.came_at is None or marks.left_at < marks.came_at):
        raise Refused(Refusal("use.left_before_came"))
    if marks.came_at and marks.no_show_at:
        raise Refused(Refusal("use.came_already"))
    after = _write(session, line_id, row, before, marks, people=wanted.people, remark=wanted.remark)
    return before, after


def facts_of(noted: Noted) -> dict[str, Any]:
    """Return what the audit keeps of it: moments and figures, no free text."""
    marks = {name: at.isoformat() for name, at in asdict(noted.marks).items() if at}
    return {**marks, "people": noted.people, "has_remark": bool(noted.remark)}


def _row(session: Session, line_id: int) -> ActualUse | None:
    return session.scalar(
        select(ActualUse)
        .where(ActualUse.tenant_id == current_tenant(), ActualUse.booking_line_id == line_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _as_noted(row: ActualUse) -> Noted:
    marks = Marks(*(getattr(row, name) for name in FIELDS))
    return Noted(marks, row.people, row.remark, row.version)


def _write(
    session: Session,
    line_id: int,
    row: ActualUse | None,
    before: Noted,
    marks: Marks | Refusal,
    **more: Any,
) -> Noted:
    if isinstance(marks, Refusal):
        raise Refused(marks)
    wanted = {"people": before.people, "remark": before.remark, **more}
    if marks == before.marks and wanted == {"people": before.people, "remark": before.remark}:
        return before
    if row is None:
        row = ActualUse(tenant_id=current_tenant(), booking_line_id=line_id, version=0)
        session.add(row)
    for name in FIELDS:
        setattr(row, name, getattr(marks, name))
    row.people, row.remark, row.version = wanted["people"], wanted["remark"], before.version + 1
    session.flush()
    return _as_noted(row)
