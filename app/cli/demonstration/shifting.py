"""The demonstration's bookings moved by whole weeks, so that today is full again."""

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.service.ending import cancel, locked
from app.booking.states import LineState
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.facilities.rules import day_of
from app.kernel.refusals import Refused

# The order matters: floor that is not live can be moved past other floor.
_MOVE = (
    "create temp table live_ones on commit drop as"
    " select id from occupancy where tenant_id = :tenant and live",
    "update occupancy set live = false where tenant_id = :tenant and live",
    "update occupancy set starts_at = starts_at + :by, ends_at = ends_at + :by,"
    " expires_at = expires_at + :by where tenant_id = :tenant",
    "update booking_line set on_date = (on_date + :by)::date, starts_at = starts_at + :by,"
    " ends_at = ends_at + :by, ended_at = ended_at + :by where tenant_id = :tenant",
    "update booking set touched_at = touched_at + :by, submitted_at = submitted_at + :by,"
    " due_at = due_at + :by, ended_at = ended_at + :by, extended_at = extended_at + :by"
    " where tenant_id = :tenant",
    "update occupancy set live = true where tenant_id = :tenant"
    " and id in (select id from live_ones)",
)


def weeks_behind(session: Session, today: date) -> int:
    """Return how many weeks lie between the newest request and today."""
    newest = session.scalar(
        text("select max(submitted_at) from booking where tenant_id = :tenant"),
        {"tenant": current_tenant()},
    )
    return max((today - newest.date()).days // 7, 0) if newest else 0


def move(catalogue: Catalogue, *, today: date, now: datetime) -> int:
    """Move everything booked to today; return by how many weeks."""

    def work(session: Session) -> int:
        weeks = weeks_behind(session, today)
        if weeks:
            for statement in _MOVE:
                by = f"interval '{weeks * 7} days'"
                moved = text(statement.replace(":by", by))
                session.execute(moved, {"tenant": current_tenant()})
        return weeks

    weeks = in_transaction(work)
    if weeks:
        in_transaction(lambda session: _end_on_closed_days(session, catalogue, today, now))
    return weeks


def _end_on_closed_days(session: Session, catalogue: Catalogue, today: date, now: datetime) -> None:
    """Cancel what has come to lie on a closing day."""
    lines = session.scalars(
        select(BookingLine).where(
            BookingLine.tenant_id == current_tenant(),
            BookingLine.on_date > today,
            BookingLine.state == LineState.ACTIVE,
        )
    ).all()
    for line in lines:
        facility = catalogue.facility(line.facility_id)
        calendar = facility.calendar_on(line.on_date)
        if not day_of(calendar, line.on_date, catalogue.holidays_on(line.on_date)).is_open:
            booking = locked(session, line.booking_id)
            try:
                cancel(
                    session, catalogue, booking, [line.id], is_paid=False, by_staff=True, now=now
                )
            except Refused:
                continue
