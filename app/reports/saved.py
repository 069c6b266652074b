"""Questions to the usage reports that somebody keeps, and the letters about them each month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.permissions import Permission, Scope, Viewer, scope_of
from app.identity.staff.members import Member, members
from app.kernel.calendar_jp import fiscal_year, months_before
from app.kernel.text_ja import tidy
from app.notify.service import promise
from app.reports.models import ReportMailing, SavedReport
from app.reports.usage.asked import Asked, place_of
from app.reports.usage.figures import Figures
from app.reports.usage.report import report

MOST = 30  # of one person
MOST_IN_A_NAME = 40
PERIODS = ("days", "month", "last_month", "year", "last_year")
_MONTH = text(
    "insert into report_mailing (tenant_id, report_id, month) values (:tenant, :report, :month)"
    " on conflict do nothing returning id"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is kept: under which name, which question, of which days, and whether it is mailed."""

    name: str
    question: Mapping[str, Any]
    period: str
    is_mailed: bool


def save(session: Session, account_id: int, wish: Wish, *, now: datetime) -> bool:
    """Keep a question; one of the same name is replaced. Return False when there are too many."""
    name = tidy(wish.name)[:MOST_IN_A_NAME]
    found = session.scalar(
        select(SavedReport)
        .where(
            SavedReport.tenant_id == current_tenant(),
            SavedReport.account_id == account_id,
            SavedReport.name == name,
        )
        .with_for_update()
    )
    if found is None:
        if len(saved_by(session, account_id)) >= MOST:
            return False
        found = SavedReport(tenant_id=current_tenant(), account_id=account_id, name=name)
        session.add(found)
    if not found.is_mailed or found.ended_at is not None:
        found.saved_at = now  # of one that is mailed already, no month is left out
    found.question, found.period = dict(wish.question), wish.period
    found.is_mailed, found.ended_at = wish.is_mailed, None
    session.flush()
    return True


def saved_by(session: Session, account_id: int) -> Sequence[SavedReport]:
    """Return what a person keeps, by name."""
    return session.scalars(
        select(SavedReport)
        .where(
            SavedReport.tenant_id == current_tenant(),
            SavedReport.account_id == account_id,
            SavedReport.ended_at.is_(None),
        )
        .order_by(SavedReport.name)
    ).all()


def one_of(session: Session, report_id: int, account_id: int) -> SavedReport | None:
    """Return what a person keeps or kept; another's is as unknown as one that never was."""
    return session.scalar(
        select(SavedReport).where(
            SavedReport.tenant_id == current_tenant(),
            SavedReport.id == report_id,
            SavedReport.account_id == account_id,
        )
    )


def days_of(period: str, question: Mapping[str, Any], today: date) -> tuple[str, str]:
    """Return the first and the last day of a period as seen from today, as they are typed."""
    if period not in PERIODS or period == "days":
        return str(question.get("from", "")), str(question.get("to", ""))
    if period in ("month", "last_month"):
        first = months_before(today.replace(day=1), 1 if period == "last_month" else 0)
        last = months_before(first, -1) - timedelta(days=1)
    else:
        year = fiscal_year(today) - (period == "last_year")
        first, last = date(year, 4, 1), date(year + 1, 3, 31)
    return first.isoformat(), last.isoformat()


def promise_monthly(*, month: date, ended_at: datetime, now: datetime) -> int:
    """Promise the letters about a month that ended, as far as they were not promised yet.

    About what was saved before it ended: nobody gets a letter the minute they save. Returns how
    many.
    """

    def work(session: Session) -> int:
        staff = {one.account_id: one for one in members(session) if one.ended_at is None}
        wanted = session.scalars(
            select(SavedReport).where(
                SavedReport.tenant_id == current_tenant(),
                SavedReport.is_mailed,
                SavedReport.ended_at.is_(None),
                SavedReport.saved_at < ended_at,
            )
        )
        return sum(
            _promise(session, one, staff[one.account_id], month, now=now)
            for one in wanted
            if one.account_id in staff
        )

    return in_transaction(work)


def letter(session: Session, mailing_id: int, catalogue: Catalogue) -> dict[str, Any]:
    """Return what the letter about a month says: the whole, and each hall its reader sees."""
    mailing = session.get_one(ReportMailing, (current_tenant(), mailing_id))
    kept = session.get_one(SavedReport, (current_tenant(), mailing.report_id))
    who = next((one for one in members(session) if one.account_id == kept.account_id), None)
    first = mailing.month
    last = months_before(first, -1) - timedelta(days=1)
    question = kept.question
    facility_id, room_id = place_of(catalogue, str(question.get("place", "")))
    asked = Asked(
        first, last, _scope(who), facility_id, room_id,
        question.get("purpose") or None, question.get("applicant") or None,
    )  # fmt: skip
    found = report(session, catalogue, asked)
    halls: list[tuple[str, Figures]] = [
        (one.name, found.groups["facility"][one.id])
        for one in catalogue.facilities
        if one.id in found.groups["facility"]
    ]
    told = {"name": kept.name, "report_id": kept.id, "total": found.total}
    return {**told, "halls": halls, "first": first, "last": last}


def _promise(
    session: Session, kept: SavedReport, who: Member, month: date, *, now: datetime
) -> bool:
    told = {"tenant": current_tenant(), "report": kept.id, "month": month}
    mailing = session.scalar(_MONTH, told)
    if mailing is None:
        return False
    promise(session, "monthly_report", subject_id=mailing, email=who.email, now=now)
    return True


def _scope(who: Member | None) -> Scope:
    roles = who.roles if who and who.ended_at is None else ()
    return scope_of(Viewer(roles=roles), Permission.REPORTS)
