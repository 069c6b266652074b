"""Papers of a booking as files: which there are, issued when asked for, the same each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Response, abort, g, url_for

from app.booking.models import Booking
from app.booking.states import State
from app.db import db
from app.db.audit import Actor
from app.identity.staff.members import names_of
from app.issued import keys
from app.issued.models import Paper
from app.issued.service import standing_of
from app.papers.documents import Permit, Sheet, read, title_of
from app.papers.printing import render_many
from app.payments.models import Receipt
from app.payments.service import entry_with
from app.reports.till import receipts_of
from app.usecases.issuing import issue_papers
from app.web import context, paper_loose
from app.web.booked import Booked
from app.web.downloads import FileName, pdf
from app.web.paper_drafts import KINDS, drafts, due_kinds
from app.web.paper_notices import ended_of
from app.web.paper_stamps import stamp_of
from app.web.paper_words import number_of, office_day
from app.web.receipt_words import marks_of

UNPAID = (State.REQUESTED, State.PROVISIONAL)  # nothing was received yet


@dataclass(frozen=True, slots=True)
class PapersFor:
    """Which papers there are for a booking now."""

    kinds: frozenset[str]  # numbered ones that are due
    receipts: Sequence[Receipt]  # those that count
    has_estimate: bool
    is_of_refund: bool = False  # the notice is of no cancelled use


def papers_for(found: Booked) -> PapersFor:
    """Return which papers there are for a booking now."""
    return PapersFor(
        frozenset(due_kinds(found)), _receipts(found), has_estimate(found), not ended_of(found)
    )


def _receipts(found: Booked) -> list[Receipt]:
    if found.booking.state in UNPAID:
        return []
    receipts = receipts_of(db.session(), found.booking.id)
    return [one for one in receipts if one.voided_at is None]


def has_estimate(found: Booked) -> bool:
    """Say whether there is something to estimate: a fee that is not paid."""
    is_before = found.booking.state in UNPAID
    return is_before and any(one.line.fee_yen is not None for one in found.standing)


def check_kind(kind: str) -> str:
    """Return a kind of numbered papers; another does not exist (404)."""
    return kind if kind in KINDS else abort(404)


def issue(kind: str, booking: Booking, *, actor: Actor) -> list[Paper]:
    """Issue the papers of a kind that are due for a booking; asked twice it is done once."""
    return issue_papers(
        booking.id, partial(drafts, kind), actor=actor, today=context.today(), now=context.now()
    )


def standing(kind: str, booking: Booking) -> list[Paper]:
    """Return the papers that stand for a booking and rest on what it is now; else none at all."""
    due = {one.payee: one.facts for one in drafts(kind, booking)}
    papers = standing_of(db.session(), booking.id, kind)
    good = [one for one in papers if due.get(one.payee) == one.facts]
    return good if len(good) == len(due) else []


def sheet_of(paper: Paper) -> Sheet:
    """Return a paper as it was issued, with what happened to it since."""
    stamp, remark = stamp_of(paper)
    return Sheet(
        read(paper.kind, paper.document),
        office_day(paper.issued_at),
        number_of(paper.fiscal_year, paper.number),
        stamp,
        remark,
        check_address(paper) if paper.kind == Permit.kind else "",
    )


def check_address(paper: Paper) -> str:
    """Return where anybody who holds a permit may check it."""
    settings = context.settings()
    path = url_for(
        "permit_check.show", municipality=g.municipality.slug, paper_id=paper.id,
        key=keys.key_of(settings.secret_key, paper),
    )  # fmt: skip
    return settings.base_url + path


def receipt_sheet(found: Booked, row: Receipt, *, as_file: bool) -> Sheet:
    """Return a receipt as it goes on paper, or as the file of whoever paid."""
    names = names_of(db.session(), {row.issued_by})
    method = entry_with(db.session(), row.entry_id).method or ""
    make = paper_loose.receipt_as_file if as_file else paper_loose.receipt
    return make(found, row, names, method=method, gone_back=marks_of(row))


def answer(sheets: Sequence[Sheet], *, of: str = "") -> Response:
    """Return sheets as one PDF, named after what they are, their number, or what they are of."""
    if not sheets:
        abort(404)
    first = sheets[0]
    mark = of or first.number or context.today().isoformat()
    name = FileName(f"{first.document.kind}-{mark}", f"{title_of(first.document)}_{mark}")
    return pdf(render_many(sheets), name)
