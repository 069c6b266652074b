"""Whom to call about a door when nobody answers at the hall: at night, on closing days."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base
from app.db.session import current_tenant


class DoorContact(Base):
    """Who helps at the doors of a hall when its own telephone is not answered."""

    __tablename__ = "door_contact"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
    )

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    hours: Mapped[str]  # when it is answered, in words; empty: always
    changed_at: Mapped[datetime]


def contacts_of(session: Session, facility_ids: Collection[int]) -> dict[int, DoorContact]:
    """Return whom to call, by hall; halls without one are left out."""
    rows = session.scalars(
        select(DoorContact).where(
            DoorContact.tenant_id == current_tenant(), DoorContact.facility_id.in_(facility_ids)
        )
    )
    return {one.facility_id: one for one in rows}


def keep(
    session: Session, facility_id: int, *, name: str, phone: str, hours: str, now: datetime
) -> None:
    """Keep whom to call instead of who was before."""
    told = {"name": name, "phone": phone, "hours": hours, "changed_at": now}
    session.execute(
        insert(DoorContact)
        .values(tenant_id=current_tenant(), facility_id=facility_id, **told)
        .on_conflict_do_update(index_elements=["tenant_id", "facility_id"], set_=told)
    )


def forget(session: Session, facility_id: int) -> bool:
    """Let nobody be called but the hall; False when nobody else was."""
    gone = session.execute(
        delete(DoorContact)
        .where(DoorContact.tenant_id == current_tenant(), DoorContact.facility_id == facility_id)
        .returning(DoorContact.facility_id)
    )
    return gone.first() is not None
