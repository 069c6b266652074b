"""What about doors a person has to see to, as far as it lies where they work."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, false, func, or_, select
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.db.session import current_tenant
from app.facilities.models import Facility, Room
from app.identity.permissions import Scope
from app.locks.models import AccessGrant, AccessGrantLine, Door, DoorRoom, LockAccount
from app.locks.tasks import DoorTask

MOST = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task with what it is about, as far as it is about that."""

    task: DoorTask
    number: str | None
    name: str
    shown_name: str
    phone: str
    door: str
    hall: str
    account: str
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def is_urgent(self) -> bool:
        """Say whether somebody stands before a door that does not open, or soon will."""
        return self.task.kind == "urgent" or bool(self.task.facts.get("urgent"))


def tasks_left(
    session: Session, scope: Scope, *, sees_accounts: bool, task_id: int | None = None
) -> list[Waiting]:
    """Return what waits where somebody works, what is needed soonest first; or one task of it."""
    one = [] if task_id is None else [DoorTask.id == task_id]
    statement: Select[*tuple[Any, ...]] = (
        select(
            DoorTask,
            Booking.number,
            func.coalesce(Booking.applicant_name, ""),
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.applicant_phone, ""),
            func.coalesce(Door.name, ""),
            func.coalesce(Facility.name, ""),
            func.coalesce(LockAccount.name, ""),
            AccessGrant.starts_at,
            AccessGrant.ends_at,
        )
        .outerjoin(Booking, _its(Booking, DoorTask.booking_id))
        .outerjoin(Door, _its(Door, DoorTask.door_id))
        .outerjoin(Facility, _its(Facility, DoorTask.facility_id))
        .outerjoin(AccessGrant, _its(AccessGrant, DoorTask.grant_id))
        .outerjoin(
            LockAccount, _its(LockAccount, cast(DoorTask.facts["account"].astext, BigInteger))
        )
        .where(*_open(scope, sees_accounts=sees_accounts), *one)
        .order_by(
            _is_urgent().desc(), (DoorTask.kind == "late").desc(), DoorTask.made_at, DoorTask.id
        )
        .limit(MOST)
    )
    return [Waiting(*row) for row in session.execute(statement)]


def seen_to(
    session: Session, scope: Scope, kinds: Collection[str], *, since: datetime
) -> list[tuple[DoorTask, Door, str]]:
    """Return what of these kinds somebody saw to lately, with its door and its hall's name."""
    rows = session.execute(
        select(DoorTask, Door, Facility.name)
        .join(Door, _its(Door, DoorTask.door_id))
        .join(Facility, _its(Facility, DoorTask.facility_id))
        .where(
            DoorTask.tenant_id == current_tenant(),
            DoorTask.kind.in_(kinds),
            DoorTask.done_by.is_not(None),
            DoorTask.done_at > since,
            Door.ended_at.is_(None),
            _within(scope),
        )
        .order_by(DoorTask.done_at, DoorTask.id)
    )
    return [(task, door, hall) for task, door, hall in rows]


def how_many_wait(session: Session, scope: Scope, *, sees_accounts: bool) -> tuple[int, int]:
    """Return how many tasks about doors wait where somebody works, and how many urgently."""
    statement = select(func.count(), func.count().filter(_is_urgent())).select_from(DoorTask)
    found = session.execute(statement.where(*_open(scope, sees_accounts=sees_accounts))).one()
    return int(found[0]), int(found[1])


def _is_urgent() -> ColumnElement[bool]:
    return or_(DoorTask.kind == "urgent", DoorTask.facts["urgent"].astext.is_not(None))


def _open(scope: Scope, *, sees_accounts: bool) -> list[ColumnElement[bool]]:
    about_account = DoorTask.facility_id.is_(None) if sees_accounts else false()
    return [
        DoorTask.tenant_id == current_tenant(),
        DoorTask.done_at.is_(None),
        or_(about_account, _within(scope)),
    ]


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.is_everywhere:
        return DoorTask.facility_id.is_not(None)
    of_halls = DoorTask.facility_id.in_(scope.facility_ids)
    if not scope.room_ids:
        return of_halls
    return or_(of_halls, _about_use_of(scope), _about_door_to(scope))


def _about_use_of(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a task is about the code of a use of one of these rooms."""
    return (
        select(AccessGrantLine.grant_id)
        .join(BookingLine, _its(BookingLine, AccessGrantLine.line_id))
        .where(
            AccessGrantLine.tenant_id == DoorTask.tenant_id,
            AccessGrantLine.grant_id == DoorTask.grant_id,
            BookingLine.room_id.in_(scope.room_ids),
        )
        .exists()
    )


def _about_door_to(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a task is about a door that leads to one of these rooms."""
    leads = select(DoorRoom.door_id).where(
        DoorRoom.tenant_id == DoorTask.tenant_id, DoorRoom.door_id == DoorTask.door_id
    )
    halls = select(Room.facility_id).where(
        Room.tenant_id == current_tenant(), Room.id.in_(scope.room_ids)
    )
    to_all = and_(DoorTask.door_id.is_not(None), ~leads.exists(), DoorTask.facility_id.in_(halls))
    return or_(leads.where(DoorRoom.room_id.in_(scope.room_ids)).exists(), to_all)


def _its(table: Any, row_id: ColumnElement[Any] | Any) -> ColumnElement[bool]:
    return and_(table.tenant_id == current_tenant(), table.id == row_id)
