"""What somebody has already counts: quotas hold for two requests at once too."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.booking.models import BookingLine
from app.booking.plan import RoomDay
from app.booking.queries import counted, standing_uses
from app.booking.rules import quotas
from app.booking.service.application import Applicant
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.identity.models import Resident
from app.kernel.refusals import Refused


class OnADay(Protocol):
    """A use as far as it counts: its line and its room's day."""

    @property
    def line(self) -> BookingLine:
        """Return the line."""
        ...

    @property
    def day(self) -> RoomDay:
        """Return the room's day."""
        ...


def come_in_turn(session: Session, applicant: Applicant) -> None:
    """Lock the applicant's row, so that what they ask for at once counts one after the other.

    Of somebody without an account nothing is counted: nobody knows what else is theirs.
    """
    if applicant.account_id is None:
        return
    if lock_person(session, applicant.account_id) is None:
        # Nothing was locked, so two requests at once would count the same.
        raise LookupError(f"account {applicant.account_id} is not known to the municipality")


def lock_person(session: Session, account_id: int | None) -> int | None:
    """Lock what a person is to the municipality and return its id; None: they are not known."""
    return session.scalar(
        select(Resident.id)
        .where(Resident.tenant_id == current_tenant(), Resident.account_id == account_id)
        .with_for_update(key_share=True)
    )


def check_quotas(
    session: Session,
    catalogue: Catalogue,
    ready: Sequence[OnADay],
    applicant: Applicant,
    *,
    now: datetime,
) -> None:
    """Refuse when a quota would be exceeded; the applicant's row was locked before counting."""
    if applicant.account_id is None:
        return
    today = now.astimezone(catalogue.zone).date()
    general = catalogue.policy_on(today).quotas
    by_facility = {one.day.place.facility.id: one.day.terms.document.quotas for one in ready}
    if not general and not any(by_facility.values()):
        return
    days = [one.line.on_date for one in ready]
    year = timedelta(days=366)
    standing = standing_uses(
        session,
        catalogue,
        account_id=applicant.account_id,
        from_day=min(days) - year,
        to_day=max(days) + year,
    )
    asked = [
        (
            one.line.facility_id,
            counted(catalogue, one.line.room_id, one.line.on_date, one.line.slots),
        )
        for one in ready
    ]
    found = []
    for facility_id, rules in [(None, general), *by_facility.items()]:
        found += quotas.refusals(
            rules,
            applicant_class=applicant.applicant_class,
            asked=[use for where, use in asked if facility_id in (None, where)],
            standing=[use for where, use in standing if facility_id in (None, where)],
            today=today,
        )
    if found:
        raise Refused(*found)
