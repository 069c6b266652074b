"""Waivers for the office: what waits for an answer, rights that stand, and what was waived why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.fees.models import WaiverRequest
from app.identity.models import Entitlement, Resident
from app.identity.staff.models import Staff
from app.reports.usage.asked import Asked


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request for a waiver with who asked."""

    request_id: int
    name: str
    state: str
    asked_at: datetime
    number: str | None
    person: str
    phone: str


@dataclass(frozen=True, slots=True)
class OpenFee:
    """A booking whose fee is for staff to decide."""

    number: str
    submitted_at: datetime | None
    person: str
    phone: str


@dataclass(frozen=True, slots=True)
class Right:
    """A right to a waiver with whose it is."""

    id: int
    name: str
    person: str
    facility_id: int | None
    valid_from: date
    valid_to: date
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waived:
    """What was waived for one reason at one hall in a period."""

    facility_id: int
    waiver: str
    uses: int
    people: int  # different applicants
    yen: int


def requests(session: Session, states: Sequence[str], *, limit: int = 200) -> list[Waiting]:
    """Return requests in these states, the one that waits longest first."""
    rows = session.execute(
        select(
            WaiverRequest.id, WaiverRequest.name, WaiverRequest.state, WaiverRequest.asked_at,
            Booking.number, Resident.name, Resident.phone,
        )
        .outerjoin(
            Booking,
            (Booking.tenant_id == WaiverRequest.tenant_id)
            & (Booking.id == WaiverRequest.booking_id),
        )
        .outerjoin(
            Resident,
            (Resident.tenant_id == WaiverRequest.tenant_id)
            & (Resident.account_id == WaiverRequest.account_id),
        )
        .where(WaiverRequest.tenant_id == current_tenant(), WaiverRequest.state.in_(states))
        .order_by(WaiverRequest.asked_at, WaiverRequest.id)
        .limit(limit)
    )  # fmt: skip
    return [Waiting(*row[:5], row[5] or "", row[6] or "") for row in rows]


def open_fees(session: Session, *, limit: int = 200) -> list[OpenFee]:
    """Return bookings that wait for a fee, the longest first."""
    rows = session.execute(
        select(
            Booking.number, Booking.submitted_at, Booking.applicant_name, Booking.applicant_phone
        )
        .where(
            Booking.tenant_id == current_tenant(),
            Booking.state == State.REQUESTED,
            exists().where(
                BookingLine.tenant_id == Booking.tenant_id,
                BookingLine.booking_id == Booking.id,
                BookingLine.state == LineState.ACTIVE,
                BookingLine.fee_yen.is_(None),
            ),
        )
        .order_by(Booking.submitted_at)
        .limit(limit)
    )
    return [OpenFee(row[0] or "", row[1], row[2] or "", row[3] or "") for row in rows]


def rights(session: Session, *, limit: int = 500) -> list[Right]:
    """Return the rights that were granted, those that stand first, by name."""
    rows = session.execute(
        select(
            Entitlement.id, Entitlement.name, Resident.name, Entitlement.facility_id,
            Entitlement.valid_from, Entitlement.valid_to, Entitlement.ended_at,
        )
        .outerjoin(
            Resident,
            (Resident.tenant_id == Entitlement.tenant_id)
            & (Resident.account_id == Entitlement.account_id),
        )
        .where(Entitlement.tenant_id == current_tenant())
        .order_by(Entitlement.ended_at.is_not(None), Entitlement.valid_to.desc(), Entitlement.id)
        .limit(limit)
    )  # fmt: skip
    return [Right(row[0], row[1], row[2] or "", *row[3:]) for row in rows]


_WAIVED = """
    select l.facility_id, w.key as waiver, count(*) as uses,
           count(distinct b.account_id) as people, sum(w.value::bigint) as yen
      from booking_line l
      join booking b on b.tenant_id = l.tenant_id and b.id = l.booking_id
     cross join lateral jsonb_each_text(l.quote -> 'waived') as w
     where l.tenant_id = :tenant and l.state = 'active' and b.state <> 'draft'
       and l.on_date between :first and :last and l.quote ? 'waived'
       {narrowed}
     group by 1, 2 order by 1, 5 desc, 2
"""


def waived(session: Session, asked: Asked) -> list[Waived]:
    """Return what was waived for the uses asked for that stand, by hall and reason."""
    narrowed, values = asked.narrowed()
    told = {"tenant": current_tenant(), "first": asked.first, "last": asked.last, **values}
    return [
        Waived(row.facility_id, row.waiver, row.uses, row.people, int(row.yen))
        for row in session.execute(text(_WAIVED.format(narrowed=narrowed)), told)
    ]


def names_of_staff(session: Session, account_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of staff by their accounts."""
    rows = session.execute(
        select(Staff.account_id, Staff.name).where(
            Staff.tenant_id == current_tenant(), Staff.account_id.in_(account_ids)
        )
    )
    return {row[0]: row[1] for row in rows}
