"""Doors of the viewer's halls: what waits for a person, today's and tomorrow's codes, locks."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission, Scope, may_somewhere
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.locks.models import Door
from app.locks.tasks import ENDED, DoorTask
from app.reports.broken_uses import BrokenUse, broken_uses, uses_named
from app.reports.door_tasks import Waiting, how_many_wait, seen_to, tasks_left
from app.reports.doors import DoorUse, DoorView, doors_at, uses
from app.usecases import keys
from app.usecases.lock_watch import AHEAD, AILMENTS, PATIENCE, WEAK_BATTERY, ailment
from app.web import context, door_words, halls, staff_words
from app.web.access import access
from app.web.door_task_words import Said, task_said
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import printable
from app.web.words import _

bp = Blueprint("desk_doors", __name__)
bp.context_processor(staff_words.in_templates)

MOST_IN_A_REMARK = 300
ASKED_EVERY = timedelta(minutes=5)  # locks, at the least


@bp.get("/doors")
@access(Permission.KEYS)
def every() -> ResponseReturnValue:
    """Show what waits for a person, the codes of today and tomorrow, and how the locks are."""
    return _page()


@bp.post("/doors/tasks/<int:task_id>")
@access(Permission.KEYS)
def done(task_id: int) -> ResponseReturnValue:
    """Write that somebody saw to a task, and how; pressed twice it is written once."""
    remark = text_ja.tidy(printable(request.form.get("remark", "")))[:MOST_IN_A_REMARK]
    is_theirs = task_id < 2**63 and tasks_left(
        db.session(), halls.scope(Permission.KEYS), sees_accounts=sees_accounts(), task_id=task_id
    )
    try:
        if is_theirs and keys.see_to(
            task_id, remark, actor=context.actor("staff"), now=context.now()
        ):
            flash(_("すませました。だれがどうしたかは、操作の記録に残ります。"))
        else:
            flash(_("この確認は、もうすんでいます。"))
    except Refused as no:
        return _page(wrong=task_id, problems=sentences(no.refusals), typed=remark, status=422)
    return redirect(url_for(".every"), code=303)


def sees_accounts() -> bool:
    """Say whether what is wrong with an account at a vendor is for the viewer to mend."""
    return may_somewhere(g.viewer, Permission.SET_DOORS)


def doors_waiting() -> tuple[int, int]:
    """Return how many tasks about doors wait for the viewer, and how many of them urgently."""
    if not may_somewhere(g.viewer, Permission.KEYS):
        return 0, 0
    scope = halls.scope(Permission.KEYS)
    return how_many_wait(db.session(), scope, sees_accounts=sees_accounts())


def halls_with_doors() -> set[int]:
    """Return the halls with doors that the viewer lets people in by."""
    if not may_somewhere(g.viewer, Permission.KEYS):
        return set()
    mine = halls.seen(Permission.KEYS)
    doors = doors_at(db.session(), [one.id for one in mine])
    return {one.door.facility_id for one in doors if _is_theirs(one, mine)}


def _page(
    *, wrong: int | None = None, problems: Sequence[str] = (), typed: str = "", status: int = 200
) -> ResponseReturnValue:
    session, scope = db.session(), halls.scope(Permission.KEYS)
    mine = halls.seen(Permission.KEYS)
    doors = [one for one in doors_at(session, [x.id for x in mine]) if _is_theirs(one, mine)]
    today = context.today()
    coming = uses(session, doors, today, today + timedelta(days=1), scope)
    waiting = tasks_left(session, scope, sees_accounts=sees_accounts())
    return page(
        "desk/doors.html", status=status, wrong=wrong, problems=problems, typed=typed,
        tasks=_said(waiting, scope),
        days=[(day, _by_hall(mine, coming, day)) for day in (today, today + timedelta(days=1))],
        halls=[(hall, theirs) for hall in mine if (theirs := _at(hall, doors))],
        room_names={room.id: room.name for hall in mine for room in hall.rooms},
        words=door_words, weak=WEAK_BATTERY, healing=_healing(scope), now=context.now(),
    )  # fmt: skip


def _healing(scope: Scope) -> list[tuple[DoorTask, Door, str]]:
    """Return what somebody saw to, of locks that ail all the same: it comes back if they do on."""
    now = context.now()
    lately = seen_to(db.session(), scope, AILMENTS, since=now - PATIENCE - ASKED_EVERY)
    return [one for one in lately if ailment(one[1], now=now)]


def _said(waiting: Sequence[Waiting], scope: Scope) -> list[tuple[Waiting, Said]]:
    """Return tasks in words; of a lock that ails with those whom it keeps out, if near enough."""
    now = context.now()
    ailing = [one.task.door_id for one in waiting if one.task.door_id and _keeps_out(one)]
    broken = broken_uses(db.session(), ailing, scope, now=now, until=now + AHEAD)

    def kept_out(one: Waiting) -> Sequence[BrokenUse]:
        if one.task.kind == ENDED:
            lines = one.task.facts.get("lines") or []
            return uses_named(db.session(), lines, scope, now=now)
        return broken.get(one.task.door_id or 0, ()) if _keeps_out(one) else ()

    return [(one, task_said(one, kept_out(one), now=now)) for one in waiting]


def _keeps_out(one: Waiting) -> bool:
    return one.task.kind in ("offline", "gone") or (one.task.kind == "battery" and one.is_urgent)


def _by_hall(
    mine: Sequence[FacilityInfo], coming: Sequence[DoorUse], day: date
) -> list[tuple[FacilityInfo, list[tuple[DoorUse, list[Any]]]]]:
    """Return a day's uses behind doors by hall; of each its codes with their states."""
    found = []
    for hall in mine:
        theirs = [one for one in coming if one.facility_id == hall.id and one.on_date == day]
        if theirs:
            found.append((hall, [(one, _states(one)) for one in theirs]))
    return found


def _states(use: DoorUse) -> list[Any]:
    return [(code, door_words.state_of(code, now=context.now())) for code in use.codes]


def _is_theirs(view: DoorView, mine: Sequence[FacilityInfo]) -> bool:
    """Say whether a door leads to a room that the viewer works for."""
    return any(view.leads_to(hall.id, room.id) for hall in mine for room in hall.rooms)


def _at(hall: FacilityInfo, doors: Sequence[DoorView]) -> list[DoorView]:
    return [one for one in doors if one.door.facility_id == hall.id]
