"""Invitations to work for a municipality: made, found by the key in the letter, used once."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity import codes
from app.identity.permissions import Role
from app.identity.staff.members import told
from app.identity.staff.models import Invitation

VALID = timedelta(days=7)


def invite(
    session: Session,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    by: int | None,
    is_anew: bool = False,
    now: datetime,
) -> Invitation:
    """Make an invitation; those made to the same address before no longer work."""
    withdraw(session, email, now=now)
    made = Invitation(
        tenant_id=current_tenant(),
        email=email,
        name=name,
        roles=[told(one) for one in roles],
        salt=codes.new_salt(),
        is_anew=is_anew,
        invited_by=by,
        created_at=now,
        expires_at=now + VALID,
    )
    session.add(made)
    session.flush()
    return made


def withdraw(session: Session, email: str, *, now: datetime) -> None:
    """Let open invitations to an address work no longer."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.tenant_id == current_tenant(),
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def open_invitations(session: Session, *, now: datetime) -> list[Invitation]:
    """Return the invitations that can still be accepted, the newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.tenant_id == current_tenant(),
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
                Invitation.expires_at > now,
            )
            .order_by(Invitation.id.desc())
        )
    )


def invitation_with(
    session: Session,
    invitation_id: int,
    key: str,
    *,
    secret: str,
    now: datetime,
    is_locked: bool = False,
) -> Invitation | None:
    """Return an open invitation whose key this is; None when there is none any more.

    `is_locked`: against everybody else who would accept it.
    """
    statement = select(Invitation).where(
        Invitation.tenant_id == current_tenant(), Invitation.id == invitation_id
    )
    found = session.scalar(statement.with_for_update() if is_locked else statement)
    if found is None:
        return None
    right = codes.key_of_invitation(secret, found.id, found.salt)
    is_open = found.accepted_at is None and found.withdrawn_at is None and found.expires_at > now
    return found if is_open and hmac.compare_digest(right.encode(), key.encode()) else None
