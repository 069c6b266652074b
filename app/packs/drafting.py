"""Drafts of rules: begun from what holds, changed, published by a second person, or discarded."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.policy import Terms
from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.facilities import service
from app.facilities.models import Facility, RuleDraft
from app.facilities.policy import FacilityCalendar
from app.fees.policy import Tariff
from app.kernel.refusals import Refusal, Refused
from app.packs.draft_checks import judged
from app.tenants.models import PolicyVersion
from app.tenants.policy import Document, MunicipalityPolicy

MODELS: dict[str, type[Document]] = {
    "calendar": FacilityCalendar,
    "terms": Terms,
    "fees": Tariff,
    "policy": MunicipalityPolicy,
}


def begin(
    facility_id: int | None,
    subject: str,
    *,
    effective_from: date,
    document: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> int:
    """Begin a draft from a document and return its id."""

    def work(session: Session) -> int:
        draft = RuleDraft(
            tenant_id=current_tenant(),
            facility_id=facility_id,
            subject=subject,
            effective_from=effective_from,
            document=document,
            state="open",
            note="",
            editors=[actor.account_id or 0],
            created_at=now,
            changed_at=now,
        )
        session.add(draft)
        session.flush()
        _note(session, draft, "rules.drafted", actor, now=now)
        return draft.id

    return in_transaction(work)


def change(
    draft_id: int,
    *,
    seen_at: datetime,
    document: dict[str, Any] | None = None,
    effective_from: date | None = None,
    note: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change an open draft; whoever does is one of its editors from then on.

    `seen_at` is when it was last changed as far as they know: Refused when somebody else has
    changed it since, so that nobody's work is lost.
    """

    def work(session: Session) -> None:
        draft = _locked(session, draft_id)
        if draft.changed_at != seen_at:
            raise Refused(Refusal("rules.changed_meanwhile"))
        if document is not None:
            draft.document = document
        draft.effective_from = effective_from or draft.effective_from
        draft.note = draft.note if note is None else note
        draft.editors = sorted({*draft.editors, actor.account_id or 0})
        draft.changed_at = max(now, seen_at + timedelta(microseconds=1))
        _note(session, draft, "rules.changed", actor, now=now)

    in_transaction(work)


def discard(draft_id: int, *, actor: Actor, now: datetime) -> None:
    """Put an open draft away; asked twice it is done once."""

    def work(session: Session) -> None:
        draft = _find(session, draft_id)
        if draft.state == "discarded":
            return
        draft = _locked(session, draft_id)
        _close(draft, "discarded", actor, now=now)
        _note(session, draft, "rules.discarded", actor, now=now)

    in_transaction(work)


def publish(draft_id: int, *, seen_at: datetime, actor: Actor, now: datetime) -> None:
    """Let a draft hold from its day on; asked twice it is published once.

    Raises Refused for one of its editors, for a draft changed since it was looked at, and when
    its check does not pass: rules, names and worked examples are gone through once more.
    """

    def work(session: Session) -> None:
        if _find(session, draft_id).state == "published":
            return
        draft = _locked(session, draft_id)
        if actor.account_id is None or actor.account_id in draft.editors:
            raise Refused(Refusal("rules.second_person"))
        if draft.changed_at != seen_at:
            raise Refused(Refusal("rules.changed_meanwhile"))
        if not judged(session, draft, today=now.date()).report.ok:
            raise Refused(Refusal("rules.not_passed"))
        _publish(session, draft, actor, now=now)
        _close(draft, "published", actor, now=now)
        _note(session, draft, "rules.published", actor, now=now)

    in_transaction(work)


def draft_with(session: Session, draft_id: int) -> RuleDraft | None:
    """Return a draft of the municipality."""
    return session.scalar(
        select(RuleDraft).where(RuleDraft.tenant_id == current_tenant(), RuleDraft.id == draft_id)
    )


def open_drafts(session: Session) -> list[RuleDraft]:
    """Return the drafts that are under way, the last changed first."""
    return list(
        session.scalars(
            select(RuleDraft)
            .where(RuleDraft.tenant_id == current_tenant(), RuleDraft.state == "open")
            .order_by(RuleDraft.changed_at.desc())
        )
    )


def _publish(session: Session, draft: RuleDraft, actor: Actor, *, now: datetime) -> None:
    told: dict[str, Any] = {
        "effective_from": draft.effective_from,
        "document": draft.document,
        "published_by": actor.account_id,
        "draft_id": draft.id,
    }
    if draft.facility_id is None:
        session.add(PolicyVersion(tenant_id=current_tenant(), published_at=now, **told))
        halls = list(
            session.scalars(select(Facility.id).where(Facility.tenant_id == current_tenant()))
        )
    else:
        service.publish(session, draft.facility_id, draft.subject, now=now, **told)
        halls = [draft.facility_id]
    session.execute(
        text("update tenant set catalogue_revision = catalogue_revision + 1 where id = :id"),
        {"id": current_tenant()},
    )
    occupancy.moved(session, halls, now=now)


def _find(session: Session, draft_id: int) -> RuleDraft:
    found = draft_with(session, draft_id)
    if found is None:
        raise Refused(Refusal("rules.unknown"))
    return found


def _locked(session: Session, draft_id: int) -> RuleDraft:
    found = session.scalar(
        select(RuleDraft)
        .where(RuleDraft.tenant_id == current_tenant(), RuleDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("rules.unknown"))
    if found.state != "open":
        raise Refused(Refusal("rules.closed"))
    return found


def _close(draft: RuleDraft, state: str, actor: Actor, *, now: datetime) -> None:
    draft.state, draft.closed_at, draft.closed_by = state, now, actor.account_id


def _note(session: Session, draft: RuleDraft, action: str, actor: Actor, *, now: datetime) -> None:
    facts = {
        "facility": draft.facility_id,
        "rules": draft.subject,
        "from": draft.effective_from.isoformat(),
    }
    audit.note(session, actor, action, subject="rules", subject_id=draft.id, now=now, facts=facts)
