"""Staff write down which doors there are, and what is behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction, tenant_scope
from app.identity.proofs.sealing import seal, unseal
from app.kernel.refusals import Refusal, Refused
from app.locks import tasks
from app.locks.models import Door, DoorRoom, LockAccount
from app.locks.ports import BOX
from app.locks.queries import grants_through, rooms_behind
from app.usecases.ended_doors import ask_about_ended
from app.usecases.lock_accounts import CODE, Locks, live_account
from app.usecases.planning_doors import wake_all
from app.usecases.turning_boxes import settle, turned


@dataclass(frozen=True, slots=True)
class DoorForm:
    """A door as staff describe it; `rooms` empty: it leads to every room of the hall."""

    facility_id: int
    account_id: int
    device_ref: str
    name: str
    place: str = ""
    is_shared: bool = False
    is_alone: bool = False
    before_minutes: int = 10
    after_minutes: int = 10
    position: int = 0
    rooms: frozenset[int] = frozenset()


def add_door(form: DoorForm, *, others: Iterable[int] = (), actor: Actor, now: datetime) -> int:
    """Write a door down; bookings that need it get codes by themselves.

    `others` are the other municipalities: two may share an account at a vendor, never a lock.
    Raises Refused when a lock is somebody's already.
    """
    if form.device_ref and any(_is_used_in(one, form.device_ref) for one in others):
        raise Refused(Refusal("door.taken"))

    def work(session: Session) -> int:
        live_account(session, form.account_id)
        if _has_device(session, form):
            raise Refused(Refusal("door.taken"))
        door = Door(tenant_id=current_tenant(), **_columns(form))
        session.add(door)
        session.flush()
        _lead_to(session, door, form)
        _note(session, "door.added", door.id, actor, now=now, facts={"after": _told(form)})
        wake_all(session, form.facility_id, now=now)
        return door.id

    return in_transaction(work)


def change_door(door_id: int, form: DoorForm, *, actor: Actor, now: datetime) -> None:
    """Change what a door is called, leads to, and how early it opens; its lock stays.

    Another lock is another door. Raises Refused when there is no such door.
    """

    def work(session: Session) -> None:
        door = _door(session, door_id)
        before = _as_it_is(session, door)
        door.name, door.place, door.is_shared = form.name, form.place, form.is_shared
        door.before_minutes, door.after_minutes = form.before_minutes, form.after_minutes
        door.position = form.position
        _lead_to(session, door, form)
        facts = {"before": before, "after": _told(form)}
        _note(session, "door.changed", door.id, actor, now=now, facts=facts)
        wake_all(session, door.facility_id, now=now)

    in_transaction(work)


def end_door(door_id: int, *, actor: Actor, now: datetime) -> None:
    """Use a door no more: its codes are taken away, those for other doors are made anew."""

    def work(session: Session) -> None:
        door = _door(session, door_id)
        wake_all(session, door.facility_id, now=now)  # while it still counts
        losing = grants_through(session, door_id, now=now)
        for grant in losing:
            audit.note(
                session, actor, "key.door_ended", subject="booking", subject_id=grant.booking_id,
                now=now, facts={"grant": grant.id, "door": door.name},
            )  # fmt: skip
        door.ended_at = now
        _settle_tasks(session, door, now=now)
        ask_about_ended(session, door, losing, now=now)
        facts = {"before": _as_it_is(session, door)}
        _note(session, "door.ended", door.id, actor, now=now, facts=facts)

    in_transaction(work)


def set_code(locks: Locks, door_id: int, code: str, *, actor: Actor, now: datetime) -> None:
    """Write the number that a key box has been turned to; whoever has seen the old one is told.

    Raises Refused for the number that it has: nobody would know another one.
    """

    def work(session: Session) -> None:
        door = _door(session, door_id)
        if door.sealed_code and unseal(locks.secret, CODE, door.sealed_code) == code:
            raise Refused(Refusal("door.same_code"))
        door.sealed_code, door.code_set_at = seal(locks.secret, CODE, code), now
        turned(session, door, now=now)
        _note(session, "door.code_set", door.id, actor, now=now, facts={"door": door.name})

    in_transaction(work)


def _settle_tasks(session: Session, door: Door, *, now: datetime) -> None:
    tasks.settle_door(session, door.id, now=now)
    account = session.get_one(LockAccount, (current_tenant(), door.account_id))
    if account.provider == BOX:
        settle(session, door, now=now)


def _columns(form: DoorForm) -> dict[str, object]:
    return {
        "facility_id": form.facility_id, "account_id": form.account_id,
        "device_ref": form.device_ref, "name": form.name, "place": form.place,
        "is_shared": form.is_shared, "is_alone": form.is_alone,
        "before_minutes": form.before_minutes,
        "after_minutes": form.after_minutes, "position": form.position,
    }  # fmt: skip


def _lead_to(session: Session, door: Door, form: DoorForm) -> None:
    session.execute(
        delete(DoorRoom).where(DoorRoom.tenant_id == current_tenant(), DoorRoom.door_id == door.id)
    )
    for room_id in sorted(form.rooms):
        session.add(DoorRoom(tenant_id=current_tenant(), door_id=door.id, room_id=room_id))
    session.flush()


def _has_device(session: Session, form: DoorForm) -> bool:
    return _device_row(session, form.device_ref) is not None


def _is_used_in(tenant_id: int, device_ref: str) -> bool:
    with tenant_scope(tenant_id):
        return in_transaction(lambda session: _device_row(session, device_ref)) is not None


def _device_row(session: Session, device_ref: str) -> int | None:
    return session.scalar(
        select(Door.id)
        .join(
            LockAccount,
            (LockAccount.tenant_id == Door.tenant_id) & (LockAccount.id == Door.account_id),
        )
        .where(
            Door.tenant_id == current_tenant(),
            Door.device_ref == device_ref,
            Door.ended_at.is_(None),
            LockAccount.provider != BOX,
        )
    )


def _door(session: Session, door_id: int) -> Door:
    found = session.scalar(
        select(Door)
        .where(Door.tenant_id == current_tenant(), Door.id == door_id, Door.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("door.unknown"))
    return found


def _told(form: DoorForm) -> dict[str, Any]:
    """Return a door as staff describe it, for the audit."""
    return {
        "name": form.name, "place": form.place, "device": form.device_ref,
        "is_shared": form.is_shared, "before_minutes": form.before_minutes,
        "after_minutes": form.after_minutes, "rooms": sorted(form.rooms),
    }  # fmt: skip


def _as_it_is(session: Session, door: Door) -> dict[str, Any]:
    """Return a door as it stands, for the audit."""
    return {
        "name": door.name, "place": door.place, "device": door.device_ref,
        "is_shared": door.is_shared, "before_minutes": door.before_minutes,
        "after_minutes": door.after_minutes,
        "rooms": sorted(rooms_behind(session, [door.id])[door.id]),
    }  # fmt: skip


def _note(
    session: Session, action: str, door_id: int, actor: Actor, *, now: datetime,
    facts: dict[str, Any],
) -> None:  # fmt: skip
    audit.note(
        session, actor, action, subject="door", subject_id=door_id, now=now, facts=facts
    )  # fmt: skip
