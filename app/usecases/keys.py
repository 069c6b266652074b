"""Codes as people deal with them: the applicant sees one, staff make it anew or take it away."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.service.ending import is_own
from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.identity.proofs.sealing import unseal
from app.kernel.refusals import Refusal, Refused
from app.locks import plans, tasks
from app.locks.leases import URL, is_active, pin_of
from app.locks.models import AccessGrant, AccessGrantLine, LockAccount
from app.locks.ports import BOX
from app.locks.queries import doors_behind
from app.locks.states import SETTLED, GrantState, is_over
from app.usecases.door_news import settle
from app.usecases.door_watch import SHOWN_BEFORE
from app.usecases.planning_doors import opens, plan_bookings


def shown(
    booking_id: int, *, secret: str, actor: Actor, now: datetime,
    only: Collection[int] | None = None,
) -> dict[int, tuple[str | None, str | None]]:  # fmt: skip
    """Return number and address of each code of a booking that may be shown now, by grant.

    Every look is written down; what staff look at they tell the applicant. Nothing comes of a
    booking that does not stand, is not paid where it is to be, whose use is more than a day
    away, or whose time has gone. `only` these codes.
    """

    def work(session: Session) -> dict[int, tuple[str | None, str | None]]:
        booking = session.scalar(
            select(Booking).where(Booking.tenant_id == current_tenant(), Booking.id == booking_id)
        )
        if booking is None or not opens(booking.state, booking.due_at, now=now):
            return {}
        found = {}
        for grant in of_booking(session, booking_id):
            if not may_show(grant, now=now) or not has_code(grant):
                continue
            if only is not None and grant.id not in only:
                continue
            grant.shown_at = grant.shown_at or now
            url = None if grant.sealed_url is None else unseal(secret, URL, grant.sealed_url)
            found[grant.id] = (pin_of(grant, secret=secret), url)
        if found:
            audit.note(
                session, actor, "key.seen", subject="booking", subject_id=booking_id, now=now,
                facts={"grants": sorted(found)},
            )  # fmt: skip
        return found

    return in_transaction(work)


def may_show(grant: AccessGrant, *, now: datetime) -> bool:
    """Say whether a code is one to be shown now: made, standing, and within a day of its use."""
    if not is_active(grant) or grant.state not in (GrantState.PENDING, GrantState.READY):
        return False
    is_gone = is_over(grant.ends_at, grant.effective_to, now=now)
    return grant.starts_at - SHOWN_BEFORE <= now and not is_gone


def has_code(grant: AccessGrant) -> bool:
    """Say whether there is anything to show of a code yet."""
    return grant.sealed_pin is not None or grant.sealed_url is not None


def of_booking(session: Session, booking_id: int) -> Sequence[AccessGrant]:
    """Return the codes of a booking that are or were wanted last, in the order of their times."""
    return session.scalars(
        select(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.booking_id == booking_id,
            AccessGrant.is_wanted,
        )
        .order_by(AccessGrant.starts_at, AccessGrant.id)
    ).all()


def make_anew(grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a code be taken away and another made; also where staff had handed over a key.

    Raises Refused when there is no such code, its time has gone, or it is staff's own.
    """

    def work(session: Session) -> None:
        grant = _locked(session, grant_id, actor, now=now)
        plans.unwant(grant, now=now)
        grant.is_blocked = grant.is_by_hand = False
        _note(session, grant, "key.again", actor, now=now)
        settle(session, grant, now=now)
        session.flush()
        plan_bookings(session, [grant.booking_id], now=now)
        _say_instead_of(session, grant)

    in_transaction(work)


def take_away(grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a code open nothing any more, and no other be made, until staff make it anew.

    Pressed twice it is taken away once. Raises Refused.
    """
    _without_code(grant_id, "key.taken", is_by_hand=False, actor=actor, now=now)


def hand_over(grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Write that staff hand over a key; the code is taken away. Raises Refused."""
    _without_code(grant_id, "key.by_hand", is_by_hand=True, actor=actor, now=now)


def see_to(task_id: int, remark: str, *, actor: Actor, now: datetime) -> bool:
    """Write that somebody saw to a task about doors, and how; False when it was before.

    Raises Refused without a word about how.
    """

    def work(session: Session) -> bool:
        if not remark:
            raise Refused(Refusal("task.no_remark"))
        is_done = tasks.see_to(
            session, task_id, remark=remark, account_id=actor.account_id, now=now
        )
        if is_done:
            audit.note(
                session, actor, "door.task_done", subject="task", subject_id=task_id, now=now,
                facts={"reason": remark},
            )  # fmt: skip
        return is_done

    return in_transaction(work)


def _without_code(
    grant_id: int, action: str, *, is_by_hand: bool, actor: Actor, now: datetime
) -> None:
    def work(session: Session) -> None:
        grant = _locked(session, grant_id, actor, now=now)
        if (grant.is_blocked and not is_by_hand) or (grant.is_by_hand and is_by_hand):
            return
        was_active = is_active(grant)
        grant.is_blocked, grant.is_by_hand = not is_by_hand, is_by_hand
        if was_active:
            plans.touch(grant, now=now)
        if grant.state == GrantState.PLANNED and grant.asked_at is None:
            grant.state, grant.revoked_at, grant.next_at = GrantState.REVOKED, now, None
        settle(session, grant, now=now)
        _ask_to_turn(session, grant, now=now)
        _note(session, grant, action, actor, now=now)

    in_transaction(work)


def _ask_to_turn(session: Session, grant: AccessGrant, *, now: datetime) -> None:
    """Ask at once for what only a person can do: whoever knows a box's number opens it."""
    account = session.get_one(LockAccount, (current_tenant(), grant.account_id))
    if account.provider != BOX or grant.shown_at is None:
        return
    for box in doors_behind(session, grant.id):
        if box.ended_at is None:
            tasks.ask_to_turn(session, box, now=now)


def _say_instead_of(session: Session, grant: AccessGrant) -> None:
    """Write into the codes that came instead of one which it was, so that who knew it is told."""
    lines = select(AccessGrantLine.line_id).where(
        AccessGrantLine.tenant_id == current_tenant(), AccessGrantLine.grant_id == grant.id
    )
    session.execute(
        update(AccessGrant)
        .where(
            AccessGrant.tenant_id == current_tenant(),
            AccessGrant.account_id == grant.account_id,
            AccessGrant.is_wanted,
            AccessGrant.replaces_id.is_(None),
            AccessGrant.state == GrantState.PLANNED,
            AccessGrant.id.in_(
                select(AccessGrantLine.grant_id).where(
                    AccessGrantLine.tenant_id == current_tenant(),
                    AccessGrantLine.line_id.in_(lines),
                )
            ),
        )
        .values(replaces_id=grant.id)
    )


def _locked(session: Session, grant_id: int, actor: Actor, *, now: datetime) -> AccessGrant:
    grant = session.scalar(
        select(AccessGrant)
        .where(AccessGrant.tenant_id == current_tenant(), AccessGrant.id == grant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if grant is None or not grant.is_wanted:
        raise Refused(Refusal("key.unknown"))
    if is_own(session.get_one(Booking, (current_tenant(), grant.booking_id)), actor):
        raise Refused(Refusal("key.own"))
    is_without = grant.is_blocked or grant.is_by_hand
    if grant.ends_at <= now or (grant.state in SETTLED and not is_without):
        raise Refused(Refusal("key.over"))
    return grant


def _note(
    session: Session, grant: AccessGrant, action: str, actor: Actor, *, now: datetime
) -> None:
    audit.note(
        session, actor, action, subject="booking", subject_id=grant.booking_id, now=now,
        facts={"grant": grant.id},
    )  # fmt: skip
