"""A key box gets another number: who is to know it does, who is not to knows none any more."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.locks import tasks
from app.locks.leases import is_active
from app.locks.models import AccessGrantDoor, Door
from app.locks.outcomes import IRREVOCABLE, put_away
from app.locks.plans import touch
from app.locks.queries import grants_left


def turned(session: Session, door: Door, *, now: datetime) -> None:
    """Let the codes of a box be told anew; those taken away open nothing from now on."""
    for grant in grants_left(session, door.id, now=now):
        if is_active(grant):
            touch(grant, now=now)
        else:
            put_away(grant, now=now)
            grant.lease = grant.lease_until = None  # what a worker just found of it is past
    settle(session, door, now=now)


def settle(session: Session, door: Door, *, now: datetime) -> None:
    """Write that nobody has to turn a box any more."""
    tasks.settle_beginning(session, [f"{tasks.TURN}:{door.id}"], now=now)
    through = select(AccessGrantDoor.grant_id).where(
        AccessGrantDoor.tenant_id == current_tenant(), AccessGrantDoor.door_id == door.id
    )
    tasks.settle_grants(session, through, (IRREVOCABLE,), now=now)
