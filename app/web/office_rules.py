"""The rules of halls and of the municipality: what holds, since when, and how it came to be."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.facilities.models import RuleVersion
from app.identity.permissions import Permission
from app.packs import drafting
from app.packs.differences import changes
from app.packs.editions import normal
from app.packs.rule_words import SUBJECTS
from app.reports.waived import names_of_staff
from app.tenants.models import PolicyVersion
from app.web import context
from app.web.access import access
from app.web.rendering import page
from app.web.rule_desk import Names, sections

bp = Blueprint("office_rules", __name__)
Version = RuleVersion | PolicyVersion


@bp.get("/rules")
@access(Permission.SET_RULES)
def home() -> ResponseReturnValue:
    """Show the halls with their rules, and the drafts under way."""
    halls = context.catalogue().facilities
    return page(
        "office/rules.html",
        halls=halls,
        subjects={key: name for key, name in SUBJECTS.items() if key != "policy"},
        drafts=drafting.open_drafts(db.session()),
        names={one.id: one.name for one in halls},
        words=SUBJECTS,
    )


@bp.get("/rules/municipality")
@access(Permission.SET_RULES)
def of_municipality() -> ResponseReturnValue:
    """Show what holds for all halls."""
    return _standing(None, "policy")


@bp.get("/rules/<slug:facility>/<slug:subject>")
@access(Permission.SET_RULES)
def of_hall(facility: str, subject: str) -> ResponseReturnValue:
    """Show one kind of rules of a hall."""
    hall = context.catalogue().facility_named(facility) or abort(404)
    if subject not in SUBJECTS or subject == "policy":
        abort(404)
    return _standing(hall, subject)


@bp.post("/rules/drafts")
@access(Permission.SET_RULES)
def begin() -> ResponseReturnValue:
    """Begin a draft from a version: the one that holds, or an older one to go back to it."""
    subject = request.form.get("subject", "")
    slug = request.form.get("facility", "")
    hall = context.catalogue().facility_named(slug) if slug else None
    if subject not in SUBJECTS or (hall is None) != (subject == "policy"):
        abort(404)
    asked = request.form.get("version", "")
    versions = _versions(hall, subject)
    version = next((one for one in versions if str(one.id) == asked), None) or abort(404)
    model = drafting.MODELS[subject]
    document = model.model_validate(version.document).model_dump(mode="json", by_alias=True)
    is_back = request.form.get("back") == "1"
    draft_id = drafting.begin(
        hall.id if hall else None,
        subject,
        # To go back is to publish what was before over what was published last, from its day on.
        effective_from=versions[-1].effective_from if is_back else _next_month(),
        document=document,
        actor=context.actor("staff"),
        now=context.now(),
    )
    return redirect(url_for("office_drafts.show", draft_id=draft_id), code=303)


def _standing(hall: FacilityInfo | None, subject: str) -> ResponseReturnValue:
    versions = _versions(hall, subject)
    current = _holds(hall, subject)
    document = current.document
    who = [one.published_by for one in versions if one.published_by]
    return page(
        "office/rules_of.html",
        hall=hall,
        subject=subject,
        word=SUBJECTS[subject],
        current=current,
        sections=sections(subject, document, Names(hall, document, context.today())),
        last=versions[-1],
        versions=list(reversed(_history(versions, subject))),
        staff=names_of_staff(db.session(), who),
    )


def _history(versions: list[Version], subject: str) -> list[tuple[Version, list[str]]]:
    """Return each version, as published, with what it changed against what held on its day."""
    found: list[tuple[Version, list[str]]] = []
    for n, one in enumerate(versions):
        earlier = [x for x in versions[:n] if x.effective_from <= one.effective_from]
        before = max(earlier, key=lambda x: (x.effective_from, x.published_at), default=None)
        told = list(changes(_normal(before, subject), _normal(one, subject))) if before else []
        found.append((one, told))
    return found


def _normal(version: Version, subject: str) -> dict[str, Any]:
    """Return a kept document as it would be kept today, so that only changes are told."""
    return normal(version.document, drafting.MODELS[subject]) or version.document


def _versions(hall: FacilityInfo | None, subject: str) -> list[Version]:
    """Return every version, in the order in which they were published."""
    if hall is None:
        rows: Any = select(PolicyVersion).order_by(PolicyVersion.published_at, PolicyVersion.id)
    else:
        rows = (
            select(RuleVersion)
            .where(RuleVersion.facility_id == hall.id, RuleVersion.subject == subject)
            .order_by(RuleVersion.published_at, RuleVersion.id)
        )
    return list(db.session().scalars(rows))


def _holds(hall: FacilityInfo | None, subject: str) -> Version:
    """Return the version that holds today; before the first day, the first."""
    versions = sorted(
        _versions(hall, subject), key=lambda one: (one.effective_from, one.published_at, one.id)
    )
    until = [one for one in versions if one.effective_from <= context.today()]
    return (until or versions or abort(404))[-1 if until else 0]


def _next_month() -> date:
    """Return the first day of the next month: from when a change holds unless said."""
    return (context.today().replace(day=1) + timedelta(days=32)).replace(day=1)
