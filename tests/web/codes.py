"""Doors with locks, and codes that bookings were given, written as a worker would have."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.service.submitting import Submitted
from app.db import db
from app.db.audit import AuditEntry
from app.db.session import in_transaction, tenant_scope
from app.identity.proofs.sealing import seal
from app.locks import plans
from app.locks.leases import URL, keep_pin
from app.locks.models import AccessGrant, Door, DoorRoom, LockAccount
from app.locks.queries import doors_of, grant_doors, live_grants
from app.locks.states import GrantState
from app.locks.visits import Visit
from tests import builders

PIN = "482913"
SOON = timedelta(minutes=10)  # before and after a use


def a_door(
    app: Flask,
    name: str = "第1会議室のドア",
    *,
    rooms: Iterable[str] = ("room-1",),
    is_shared: bool = False,
    provider: str = "manual",
    place: str = "",
    slug: str = "midori",
) -> int:
    """Give 中央会館 a door with a lock of an account of its own; return the door's id."""
    with app.app_context():
        found = builders.catalogue_of(slug)
        hall = found.facility_named("chuo")
        assert hall is not None

        def work(session: Session) -> int:
            account = LockAccount(
                tenant_id=found.tenant_id, provider=provider, name=name, mode="", site="",
                client_ref="", zone="Asia/Tokyo", made_at=builders.MONDAY_9AM,
            )  # fmt: skip
            session.add(account)
            session.flush()
            door = Door(
                tenant_id=found.tenant_id, facility_id=hall.id, account_id=account.id,
                device_ref=f"lock-{account.id}", name=name, place=place, is_shared=is_shared,
                is_alone=account.provider == "manual", before_minutes=10, after_minutes=10,
                position=0,
            )  # fmt: skip
            session.add(door)
            session.flush()
            for room in rooms:
                room_id = builders.room_id(found, room)
                session.add(DoorRoom(tenant_id=found.tenant_id, door_id=door.id, room_id=room_id))
            return door.id

        with tenant_scope(found.tenant_id):
            return in_transaction(work)


def a_code(
    app: Flask,
    made: Submitted,
    *,
    pin: str | None = PIN,
    state: GrantState = GrantState.READY,
    line: int = 0,
    url: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    **more: Any,
) -> int:
    """Give a line of a booking a code for all doors of its hall; return the grant's id."""
    secret = app.config["KAIKAN"].secret_key
    with app.app_context(), tenant_scope(made.booking.tenant_id):
        use = made.lines[line]

        def work(session: Session) -> int:
            doors = tuple(doors_of(session, [use.facility_id]))
            now = builders.MONDAY_9AM
            visit = Visit(
                use.facility_id, doors[0].account_id, use.on_date, (use.id,), doors,
                starts_at or use.starts_at - SOON, ends_at or use.ends_at + SOON,
            )  # fmt: skip
            held = live_grants(session, [made.booking.id], now=now)[made.booking.id]
            kept = [visit_of(session, one.grant, doors) for one in held]
            plans.plan(session, made.booking.id, [*kept, visit], held, now=now)
            grant = session.scalars(
                select(AccessGrant)
                .where(AccessGrant.booking_id == made.booking.id)
                .order_by(AccessGrant.id.desc())
                .limit(1)
            ).one()
            if pin:
                keep_pin(grant, pin, secret=secret)
            grant.sealed_url = seal(secret, URL, url) if url else None
            grant.state, grant.told_version, grant.next_at = state, grant.version, None
            for name, value in more.items():
                setattr(grant, name, value)
            for one in grant_doors(session, [grant.id])[grant.id]:
                one.state = "ready" if state == GrantState.READY else "pending"
            return grant.id

        return in_transaction(work)


def visit_of(session: Session, grant: AccessGrant, doors: tuple[Any, ...]) -> Visit:
    """Return a visit that a grant fits as it is."""
    held = live_grants(session, [grant.booking_id], now=builders.MONDAY_9AM)[grant.booking_id]
    lines = next(one.lines for one in held if one.grant.id == grant.id)
    return Visit(
        grant.facility_id, grant.account_id, grant.on_date, tuple(lines), doors,
        grant.starts_at, grant.ends_at,
    )  # fmt: skip


def changed(app: Flask, made: Submitted, grant_id: int, **values: Any) -> None:
    """Write something else of a grant; a `pin` is sealed."""
    secret = app.config["KAIKAN"].secret_key
    with app.app_context(), tenant_scope(made.booking.tenant_id):

        def work(session: Session) -> None:
            grant = session.get_one(AccessGrant, (made.booking.tenant_id, grant_id))
            if pin := values.pop("pin", None):
                keep_pin(grant, pin, secret=secret)
            for name, value in values.items():
                setattr(grant, name, value)

        in_transaction(work)


def looks(app: Flask, made: Submitted) -> list[tuple[str, int | None, Any]]:
    """Return which looks at codes of a booking were written down: whose kind, who, at which."""
    with app.app_context(), tenant_scope(made.booking.tenant_id):
        rows = db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.action == "key.seen", AuditEntry.subject_id == made.booking.id)
            .order_by(AuditEntry.id)
        )
        return [(one.actor_kind, one.account_id, one.facts["grants"]) for one in rows]
