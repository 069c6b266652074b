"""Whoever takes a file with people's names is written down: who, when, which rows, how many."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.reports.lines import totals
from app.reports.selection import Filters


def note_bookings(
    filters: Filters, asked: Mapping[str, Any], *, actor: Actor, now: datetime
) -> int:
    """Write down that somebody takes these bookings along; return how many lines there are.

    Before the file is sent: a download that breaks off has shown rows too.
    """

    def work(session: Session) -> int:
        rows = totals(session, filters).lines
        _note(session, "bookings.exported", asked, rows, actor=actor, now=now)
        return rows

    return in_transaction(work)


def note_usage(
    asked: Mapping[str, Any], rows: int, *, actor: Actor, now: datetime, has_names: bool = False
) -> None:
    """Write down that somebody takes figures of usage along, or lists with people's names."""
    action = "uses.exported" if has_names else "usage.exported"
    in_transaction(lambda session: _note(session, action, asked, rows, actor=actor, now=now))


def note_money(
    asked: Mapping[str, Any], rows: int, *, actor: Actor, now: datetime, has_names: bool = False
) -> None:
    """Write down that somebody takes a statement of money along, or the list of arrears."""
    action = "arrears.exported" if has_names else "money.exported"
    in_transaction(lambda session: _note(session, action, asked, rows, actor=actor, now=now))


def _note(
    session: Session,
    action: str,
    asked: Mapping[str, Any],
    rows: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    audit.note(
        session,
        actor,
        action,
        subject="export",
        subject_id=current_tenant(),
        now=now,
        facts={**asked, "rows": rows},
    )
