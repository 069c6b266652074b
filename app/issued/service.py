"""Issuing papers: once for the same facts, anew for others, numbered without a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.audit import Actor
from app.db.session import current_tenant
from app.issued.models import Paper
from app.kernel.calendar_jp import fiscal_year
from app.kernel.refusals import Refusal, Refused

# Locked until the transaction ends: a number that is given back is given out again.
_NEXT = text(
    "insert into paper_count (tenant_id, kind, payee, fiscal_year, last)"
    " values (:tenant, :kind, :payee, :year, 1)"
    " on conflict (tenant_id, kind, payee, fiscal_year) do update set last = paper_count.last + 1"
    " returning last"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper as it would be issued now."""

    kind: str
    payee: str
    facts: Mapping[str, Any]
    document: Mapping[str, Any]


def issue(
    session: Session,
    draft: Draft,
    *,
    booking_id: int,
    today: date,
    actor: Actor,
    now: datetime,
) -> tuple[Paper, bool]:
    """Return the paper of a locked booking, and whether it was issued just now.

    One that was issued on the same facts stands; on others it is replaced. `today` is the local
    day.
    """
    standing = next(
        (x for x in standing_of(session, booking_id, draft.kind) if x.payee == draft.payee), None
    )
    if standing is not None and standing.facts == draft.facts:
        return standing, False
    if standing is not None:
        standing.replaced_at = now
        session.flush()
    year = fiscal_year(today)
    told = {"tenant": current_tenant(), "kind": draft.kind, "payee": draft.payee, "year": year}
    paper = Paper(
        tenant_id=current_tenant(), kind=draft.kind, payee=draft.payee, fiscal_year=year,
        number=session.scalar(_NEXT, told), booking_id=booking_id, facts=dict(draft.facts),
        document=dict(draft.document), issued_at=now, issued_by=actor.account_id, copies=0,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    return paper, True


def issue_again(session: Session, paper_id: int) -> Paper:
    """Count another copy of a paper (再発行): the same number, marked.

    Raises Refused when there is none, or when another stands in its place.
    """
    found = session.scalar(
        select(Paper)
        .where(Paper.tenant_id == current_tenant(), Paper.id == paper_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("paper.unknown"))
    if found.replaced_at is not None:
        raise Refused(Refusal("paper.replaced"))
    found.copies += 1
    return found


def standing_of(session: Session, booking_id: int, kind: str) -> Sequence[Paper]:
    """Return the papers of a kind that stand for a booking, one for each payee."""
    return session.scalars(
        select(Paper)
        .where(
            Paper.tenant_id == current_tenant(),
            Paper.booking_id == booking_id,
            Paper.kind == kind,
            Paper.replaced_at.is_(None),
        )
        .order_by(Paper.payee)
    ).all()


def papers_of(session: Session, booking_id: int) -> Sequence[Paper]:
    """Return every paper of a booking, the first first; replaced ones too."""
    return session.scalars(
        select(Paper)
        .where(Paper.tenant_id == current_tenant(), Paper.booking_id == booking_id)
        .order_by(Paper.id)
    ).all()


def paper_with(session: Session, paper_id: int) -> Paper | None:
    """Return a paper, or None."""
    return session.get(Paper, (current_tenant(), paper_id))
