"""What publishing a draft would mean: problems, worked examples, differences, bookings ahead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.facilities.models import Facility, RuleDraft
from app.packs.cases import run_cases
from app.packs.checker import Report
from app.packs.checks import problems_of
from app.packs.differences import differences
from app.packs.exporter import cases_of, standing
from app.packs.format import (
    CalendarEdition,
    Pack,
    PolicyEdition,
    TariffEdition,
    TermsEdition,
)
from app.packs.memory import catalogue_of
from app.packs.problems import Problem
from app.packs.reader import CASES, FACILITIES, MUNICIPALITY, Reading
from app.packs.repricing import Repriced, reprice
from app.packs.tree import Tree
from app.tenants.policy import Document

EDITIONS: dict[str, type[Document]] = {
    "calendar": CalendarEdition,
    "terms": TermsEdition,
    "fees": TariffEdition,
    "policy": PolicyEdition,
}
AHEAD = timedelta(days=800)  # bookings further ahead than any reception opens


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that is to be known before a draft is published."""

    report: Report
    differences: Sequence[str]
    ahead: Repriced | None  # bookings ahead at the fees of the draft; None: it can't be worked out


def judged(session: Session, draft: RuleDraft, *, today: date) -> Judged:
    """Check a draft as if it were published now; nothing is written."""
    municipality, facilities = standing(session)
    cases = cases_of(session)
    before = Pack(municipality, tuple(facilities), cases)
    slug = _slug(session, draft)
    try:
        after = _with(before, slug, draft)
    except (ValidationError, ValueError) as error:
        problem = Problem("", 0, "", f"この下書きは、決まりとして読めません（{error}）。")
        return Judged(Report(None, [problem], []), [], None)
    report = _report(after, before)
    told = differences(before, after)
    first = max(draft.effective_from, today)
    ahead = None
    if not report.errors:
        last = first + AHEAD
        ahead = reprice(session, catalogue_of(after), first=first, last=last, facility=slug)
    return Judged(report, told, ahead)


def _slug(session: Session, draft: RuleDraft) -> str | None:
    if draft.facility_id is None:
        return None
    return session.get_one(Facility, (draft.tenant_id, draft.facility_id)).slug


def _with(pack: Pack, slug: str | None, draft: RuleDraft) -> Pack:
    """Return the pack with the draft as the edition of its day."""
    told = {**draft.document, "effective_from": draft.effective_from.isoformat()}
    edition: Any = EDITIONS[draft.subject].model_validate(told)
    if slug is None:
        policy = _dated(pack.municipality.policy, edition)
        return replace(pack, municipality=_changed(pack.municipality, policy=policy))
    facilities = tuple(
        _changed(one, **{draft.subject: _dated(getattr(one, draft.subject), edition)})
        if one.facility.slug == slug
        else one
        for one in pack.facilities
    )
    return replace(pack, facilities=facilities)


def _dated(editions: Sequence[Any], new: Any) -> tuple[Any, ...]:
    others = [one for one in editions if one.effective_from != new.effective_from]
    return tuple(sorted([*others, new], key=lambda one: one.effective_from))


def _changed(one: Any, **fields: Any) -> Any:
    return one.model_copy(update=fields)


def _report(after: Pack, before: Pack) -> Report:
    """Return the report of the pack after; what was wrong before too is not the draft's."""
    known = {(one.file, one.message) for one in problems_of(_reading(before))}
    problems = [one for one in problems_of(_reading(after)) if (one.file, one.message) not in known]
    has_errors = any(one.level == "error" for one in problems)
    return Report(after, problems, [] if has_errors else run_cases(after))


def _reading(pack: Pack) -> Reading:
    files = {f"{FACILITIES}/{one.facility.slug}.yaml": one for one in pack.facilities}
    names = [MUNICIPALITY, CASES, *files]
    return Reading(
        pack=pack,
        municipality=pack.municipality,
        facilities=files,
        cases=pack.cases,
        trees={name: Tree(name) for name in names},
    )
