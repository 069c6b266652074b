"""Those who work for the current municipality: read and kept, with their roles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.models import Account, SignedIn
from app.identity.permissions import Role, RoleKind
from app.identity.staff.models import Staff, StaffRole


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here, or did."""

    staff_id: int
    account_id: int
    email: str
    name: str
    ended_at: datetime | None
    roles: tuple[Role, ...]


def members(session: Session) -> list[Member]:
    """Return everybody who works or worked here, in the order they came."""
    roles: dict[int, list[Role]] = {}
    mine = select(StaffRole).where(StaffRole.tenant_id == current_tenant())
    for one in session.scalars(mine.order_by(StaffRole.id)):
        roles.setdefault(one.staff_id, []).append(Role(one.role, one.facility_id, one.room_id))
    rows = session.execute(
        select(Staff, Account.email)
        .join(Account, Account.id == Staff.account_id)
        .where(Staff.tenant_id == current_tenant())
        .order_by(Staff.ended_at.is_not(None), Staff.id)
    )
    return [
        Member(one.id, one.account_id, email, one.name, one.ended_at, tuple(roles.get(one.id, ())))
        for one, email in rows
    ]


def member(session: Session, staff_id: int) -> Member | None:
    """Return one of them."""
    return next((one for one in members(session) if one.staff_id == staff_id), None)


def lock_all(session: Session) -> None:
    """Let changes of who works here come one by one: the last administrator must stay."""
    locked = select(Staff.id).where(Staff.tenant_id == current_tenant()).order_by(Staff.id)
    session.execute(locked.with_for_update())


def employ(
    session: Session, account_id: int, *, name: str, roles: Sequence[Role], now: datetime
) -> int:
    """Let a person work here with these roles, whatever they had before; return the member."""
    values = {"name": name, "ended_at": None}
    staff_id = session.scalars(
        insert(Staff)
        .values(tenant_id=current_tenant(), account_id=account_id, created_at=now, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "account_id"], set_=values)
        .returning(Staff.id)
    ).one()
    give(session, staff_id, roles)
    return staff_id


def give(session: Session, staff_id: int, roles: Sequence[Role]) -> None:
    """Let a member have exactly these roles."""
    mine = (StaffRole.tenant_id == current_tenant(), StaffRole.staff_id == staff_id)
    session.execute(delete(StaffRole).where(*mine))
    tenant = current_tenant()
    if roles:
        rows = [{"tenant_id": tenant, "staff_id": staff_id, **told(one)} for one in roles]
        session.execute(insert(StaffRole).values(rows).on_conflict_do_nothing())
    session.flush()


def end(session: Session, who: Member, *, now: datetime) -> None:
    """Let a member work here no longer; they are signed out everywhere at once."""
    session.get_one(Staff, (current_tenant(), who.staff_id)).ended_at = now
    give(session, who.staff_id, ())
    sign_out_everywhere(session, who.account_id)


def sign_out_everywhere(session: Session, account_id: int) -> None:
    """End every session of an account."""
    session.execute(delete(SignedIn).where(SignedIn.account_id == account_id))


def is_administered(found: Sequence[Member]) -> bool:
    """Say whether somebody is left who may change who works here."""
    return any(
        role.kind == RoleKind.ADMINISTRATOR and role.facility_id is None
        for one in found
        if one.ended_at is None
        for role in one.roles
    )


def told(role: Role) -> dict[str, Any]:
    """Return a role as a document, for the audit and for invitations."""
    return {"role": str(role.kind), "facility_id": role.facility_id, "room_id": role.room_id}


def read(document: dict[str, Any]) -> Role:
    """Return the role that a document tells."""
    return Role(document["role"], document["facility_id"], document["room_id"])


def names_of(session: Session, account_ids: Collection[int | None]) -> dict[int, str]:
    """Return by account the names of those who work or worked here."""
    rows = session.execute(
        select(Staff.account_id, Staff.name).where(
            Staff.tenant_id == current_tenant(), Staff.account_id.in_(account_ids)
        )
    )
    return {account_id: name for account_id, name in rows}
