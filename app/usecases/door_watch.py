"""What is watched by the clock: codes not ready in time, wrong numbers tried, letters."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.db.session import current_tenant, in_transaction
from app.locks import tasks
from app.locks.models import AccessGrant, AccessGrantDoor, Door, LockNotice
from app.locks.outcomes import LAST_LOOK
from app.locks.states import SETTLED, GrantState
from app.usecases.door_news import ABOUT_READY, ask_about, tell_of_code

URGENT: Final = timedelta(minutes=30)
GRACE: Final = timedelta(minutes=2)  # in which a new code usually gets ready
SHOWN_BEFORE: Final = timedelta(hours=24)  # a use, its code is shown
KEPT: Final = timedelta(days=7)  # after its end, a number is kept
WRONG_TRIES, WRONG_WITHIN, MANY_WRONG = 5, timedelta(minutes=10), 20


def warn(*, now: datetime) -> int:
    """Make tasks of codes that are not ready although their use is near; return how many.

    Tasks about codes that came right, or that nobody needs any more, are ended.
    """

    def work(session: Session) -> int:
        tasks.settle_grants(session, _needing_nobody(now=now), ABOUT_READY, now=now)
        tasks.settle_grants(session, _opening_nothing(now=now), (tasks.CHANGED,), now=now)
        tasks.settle_ended(session, now=now)
        return _warn(session, now=now)

    return in_transaction(work)


def open_letters(*, now: datetime) -> int:
    """Promise the letters that say that a code can be seen now; return how many."""

    def work(session: Session) -> int:
        rows = session.scalars(
            select(AccessGrant).where(
                AccessGrant.tenant_id == current_tenant(),
                AccessGrant.is_wanted,
                ~AccessGrant.is_blocked,
                ~AccessGrant.is_by_hand,
                AccessGrant.state == GrantState.READY,
                AccessGrant.starts_at <= now + SHOWN_BEFORE,
                AccessGrant.ends_at > now,
                ~_tells_of_change(),
            )
        ).all()
        for grant in rows:
            tell_of_code(session, grant, now=now)
        return len(rows)

    return in_transaction(work)


def forget(*, now: datetime) -> int:
    """Forget the numbers and addresses of codes that ended a week ago; return how many."""

    def work(session: Session) -> int:
        gone = session.execute(
            update(AccessGrant)
            .where(
                AccessGrant.tenant_id == current_tenant(),
                or_(AccessGrant.sealed_pin.is_not(None), AccessGrant.sealed_url.is_not(None)),
                AccessGrant.ends_at < now - KEPT,
            )
            .values(sealed_pin=None, sealed_url=None, pin_mark=None)
            .returning(AccessGrant.id)
        ).all()
        return len(gone)

    return in_transaction(work)


def count_wrong(session: Session, door: Door, *, at: datetime, now: datetime) -> None:
    """Make a task when many wrong numbers were tried at a door within the minutes up to `at`.

    A lock that was offline tells late: what counts is when they were tried.
    """
    wrong = session.scalar(
        select(func.count())
        .select_from(LockNotice)
        .where(
            LockNotice.tenant_id == current_tenant(),
            LockNotice.door_id == door.id,
            LockNotice.kind == "denied",
            LockNotice.at > at - WRONG_WITHIN,
            LockNotice.at <= at,
        )
    )
    if (wrong or 0) >= WRONG_TRIES:
        kind = "very_wrong" if (wrong or 0) >= MANY_WRONG else "wrong_tries"
        hour = at.strftime("%Y%m%d%H")
        tasks.ask_staff(
            session, kind, f"{kind}:{door.id}:{hour}", facility_id=door.facility_id,
            door_id=door.id, facts={"tries": wrong}, now=now,
        )  # fmt: skip


def _needing_nobody(*, now: datetime) -> Select[int]:
    """Return the codes that are ready, are not wanted, or whose time has gone."""
    return select(AccessGrant.id).where(
        AccessGrant.tenant_id == current_tenant(),
        or_(_opens_nothing(now), AccessGrant.state.in_((*SETTLED, GrantState.READY))),
    )


def _opening_nothing(*, now: datetime) -> Select[int]:
    """Return the codes that nobody is to open a door with any more."""
    return select(AccessGrant.id).where(
        AccessGrant.tenant_id == current_tenant(), _opens_nothing(now)
    )


def _opens_nothing(now: datetime) -> ColumnElement[bool]:
    return or_(
        ~AccessGrant.is_wanted,
        AccessGrant.is_blocked,
        AccessGrant.is_by_hand,
        AccessGrant.ends_at <= now,
    )


def _tells_of_change() -> ColumnElement[bool]:
    """Return the condition that a code came instead of one that was seen: it has a letter of it."""
    before = aliased(AccessGrant)
    return (
        select(before.id)
        .where(
            before.tenant_id == AccessGrant.tenant_id,
            before.id == AccessGrant.replaces_id,
            before.shown_at.is_not(None),
        )
        .exists()
    )


def _warn(session: Session, *, now: datetime) -> int:
    lead = func.make_interval(
        0, 0, 0, 0, 0, 0,
        select(func.coalesce(func.max(Door.lead_seconds), 0))
        .join(
            AccessGrantDoor,
            (AccessGrantDoor.tenant_id == Door.tenant_id) & (AccessGrantDoor.door_id == Door.id),
        )
        .where(
            AccessGrantDoor.tenant_id == AccessGrant.tenant_id,
            AccessGrantDoor.grant_id == AccessGrant.id,
        )
        .scalar_subquery(),
    )  # fmt: skip
    rows = session.scalars(
        select(AccessGrant).where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.is_wanted,
            ~AccessGrant.is_blocked,
            ~AccessGrant.is_by_hand,
            AccessGrant.state.not_in((*SETTLED, GrantState.READY)),
            AccessGrant.ends_at > now,
            AccessGrant.made_at < now - GRACE,
            AccessGrant.starts_at - func.greatest(lead, LAST_LOOK) <= now,
        )
    ).all()
    told = 0
    for grant in rows:
        kind = "urgent" if grant.starts_at - URGENT <= now else "late"
        told += ask_about(session, grant, kind, now=now)
        if kind == "urgent":  # it says all that the earlier one says
            tasks.settle_grants(session, [grant.id], ("late",), now=now)
    return told
