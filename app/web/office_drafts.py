"""A draft of rules in forms: each rule by its fields, the check, publishing by a second person."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.facilities.models import RuleDraft
from app.identity.permissions import Permission
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.packs import drafting
from app.packs.draft_checks import judged
from app.packs.drafting import MODELS
from app.packs.rule_said import citation_of, heading
from app.packs.rule_shapes import shapes_of
from app.packs.rule_words import SUBJECTS, label
from app.reports.waived import names_of_staff
from app.web import context
from app.web.access import access
from app.web.rendering import page
from app.web.rule_controls import Control, controls, with_errors
from app.web.rule_desk import REST, Mistakes, Names, mistakes, model_at, rest_of, sections
from app.web.rule_reading import read
from app.web.sentences import sentences
from app.web.staff_forms import as_day
from app.web.words import _

bp = Blueprint("office_drafts", __name__)

MOST_DIFFERENCES = 30  # bookings that are listed; all are counted
MOST_DAYS_BACK = timedelta(days=366)  # for an ordinance that holds backwards; no typing slip
At = tuple[str | int, ...]


@bp.get("/drafts/<int:draft_id>")
@access(Permission.SET_RULES)
def show(draft_id: int) -> ResponseReturnValue:
    """Show a draft rule by rule."""
    return _page(_draft(draft_id))


@bp.get("/drafts/<int:draft_id>/rule")
@access(Permission.SET_RULES)
def rule(draft_id: int) -> ResponseReturnValue:
    """Show one rule as a form; with `kind` a new one."""
    draft = _draft(draft_id)
    section, place = _asked()
    value = _value(draft, section, place)
    return _form(draft, section, place, value, Mistakes({}, []))


@bp.post("/drafts/<int:draft_id>/rule")
@access(Permission.SET_RULES)
def keep(draft_id: int) -> ResponseReturnValue:
    """Keep what was typed of a rule; what is wrong is said beside its field."""
    draft = _draft(draft_id)
    section, place = _asked()
    value = _typed(draft, section)
    document, at = _put(draft, section, place, value)
    wrong = mistakes(draft, document, at)
    if wrong:
        return _form(draft, section, place, value, wrong, status=422)
    return _change(draft, _("下書きに入れました。"), document=document)


@bp.post("/drafts/<int:draft_id>/places")
@access(Permission.SET_RULES)
def move(draft_id: int) -> ResponseReturnValue:
    """Take a rule out, or move it up: of two that fit alike the upper one holds."""
    draft = _draft(draft_id)
    section, place = _asked(request.form.get("at", ""))
    rules = list(draft.document.get(section, ()))
    if not isinstance(place, int) or place >= len(rules):
        abort(404)
    if request.form.get("to") == "up" and place:
        rules[place - 1], rules[place] = rules[place], rules[place - 1]
        done = _("1つ上に移しました。")
    elif request.form.get("to") == "out":
        rules.pop(place)
        done = _("下書きから外しました。元の決まりは、公開するまで変わりません。")
    else:
        return redirect(url_for(".show", draft_id=draft.id), code=303)
    return _change(draft, done, document={**draft.document, section: rules})


@bp.post("/drafts/<int:draft_id>/day")
@access(Permission.SET_RULES)
def set_day(draft_id: int) -> ResponseReturnValue:
    """Set from which day the draft is to hold, and say why."""
    draft = _draft(draft_id)
    typed = request.form.get("effective_from", "")
    day = as_day(typed)
    if day is None:
        text = _("「%(typed)s」は日付として読めません。2027-03-31 のように入れてください。")
        return _page(draft, status=422, day_error=text % {"typed": typed[:40]}, day=typed)
    if day < context.today() - MOST_DAYS_BACK:
        text = _("1年より前の日からの決まりは作れません。")
        return _page(draft, status=422, day_error=text, day=typed)
    note = text_ja.tidy_lines(request.form.get("note", ""))[:1000]
    return _change(draft, _("下書きに入れました。"), effective_from=day, note=note)


@bp.get("/drafts/<int:draft_id>/check")
@access(Permission.SET_RULES)
def check(draft_id: int) -> ResponseReturnValue:
    """Show what publishing would mean: worked examples, differences, bookings ahead."""
    return _checked(_draft(draft_id))


@bp.post("/drafts/<int:draft_id>/publish")
@access(Permission.SET_RULES)
def publish(draft_id: int) -> ResponseReturnValue:
    """Publish a draft that somebody else wrote."""
    draft = _draft(draft_id)
    try:
        drafting.publish(draft.id, seen_at=_seen(), actor=context.actor("staff"), now=context.now())
    except Refused as no:
        return _checked(draft, status=409, refused=sentences(no.refusals))
    current_app.extensions["municipalities"].read_again()  # other processes do within a second
    flash(_("公開しました。"))
    return redirect(_place_of(draft), code=303)


@bp.post("/drafts/<int:draft_id>/discard")
@access(Permission.SET_RULES)
def discard(draft_id: int) -> ResponseReturnValue:
    """Put a draft away."""
    draft = _draft(draft_id)
    try:
        drafting.discard(draft.id, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        return _page(draft, status=409, refused=sentences(no.refusals))
    flash(_("下書きをやめました。決まりは変わっていません。"))
    return redirect(url_for("office_rules.home"), code=303)


def _draft(draft_id: int) -> RuleDraft:
    found = drafting.draft_with(db.session(), draft_id) if draft_id < 2**63 else None
    return found or abort(404)


def _hall(draft: RuleDraft) -> FacilityInfo | None:
    return context.catalogue().facility(draft.facility_id) if draft.facility_id else None


def _names(draft: RuleDraft) -> Names:
    return Names(_hall(draft), draft.document, context.today())


def _place_of(draft: RuleDraft) -> str:
    hall = _hall(draft)
    if hall is None:
        return url_for("office_rules.of_municipality")
    return url_for("office_rules.of_hall", facility=hall.slug, subject=draft.subject)


def _asked(typed: str | None = None) -> tuple[str, int | None]:
    """Return which rule is asked for: its section and its place; None: a new one."""
    section, _dot, place = (request.args.get("at", "") if typed is None else typed).partition(".")
    if place and not (place.isascii() and place.isdecimal() and len(place) < 5):
        abort(404)
    return section, int(place) if place else None


def _value(draft: RuleDraft, section: str, place: int | None) -> dict[str, Any]:
    if section == REST:
        return dict(draft.document)
    rules = draft.document.get(section, ())
    if place is None:
        kind = request.args.get("kind")
        return {"kind": kind} if kind else {}
    return dict(rules[place]) if place < len(rules) else abort(404)


def _model(draft: RuleDraft, section: str, value: dict[str, Any]) -> Any:
    if section == REST:
        return MODELS[draft.subject]
    kind = value.get("kind") or request.args.get("kind")
    return model_at(draft.subject, section, kind) or abort(404)


def _typed(draft: RuleDraft, section: str) -> dict[str, Any]:
    """Return what was typed of a rule; its id is made up where nobody wrote one."""
    _section, place = _asked()
    model = _model(draft, section, _value(draft, section, place))
    found = read(model, request.form)
    if section == REST:
        kept = {one.name for one in rest_of(model)}
        return {name: one for name, one in found.items() if name in kept}
    if any(one.name == "id" for one in shapes_of(model)) and not found.get("id"):
        used = {one.get("id") for one in draft.document.get(section, ())}
        number = next(n for n in range(1, len(used) + 2) if f"{section}-{n}" not in used)
        found["id"] = f"{section}-{number}".replace("_", "-")
    return found


def _put(
    draft: RuleDraft, section: str, place: int | None, value: dict[str, Any]
) -> tuple[dict[str, Any], At]:
    """Return the document with a rule in its place, and the path to it."""
    document = deepcopy(draft.document)
    if section == REST:
        lists = {k: v for k, v in document.items() if k not in _rest_names(draft)}
        return {**lists, **value}, ()
    rules = document.setdefault(section, [])
    if place is None:
        rules.append(value)
        return document, (section, len(rules) - 1)
    rules[place] = value
    return document, (section, place)


def _rest_names(draft: RuleDraft) -> set[str]:
    return {one.name for one in rest_of(MODELS[draft.subject])}


def _change(draft: RuleDraft, done: str, **changes: Any) -> ResponseReturnValue:
    if "document" in changes:  # as it is kept: with everything that holds unless said
        wrong = mistakes(draft, changes["document"], ())
        if wrong:  # such as the last opening hours taken out
            said = [*wrong.by_field.values(), *wrong.elsewhere]
            return _page(draft, status=422, refused=said)
        model = MODELS[draft.subject].model_validate(changes["document"])
        changes["document"] = model.model_dump(mode="json", by_alias=True)
    try:
        drafting.change(
            draft.id, seen_at=_seen(), actor=context.actor("staff"), now=context.now(), **changes
        )
    except Refused as no:
        return _page(draft, status=409, refused=sentences(no.refusals))
    flash(done)
    return redirect(url_for(".show", draft_id=draft.id), code=303)


def _seen() -> datetime:
    try:
        return datetime.fromisoformat(request.form.get("seen_at", ""))
    except ValueError:
        abort(400)


def _form(
    draft: RuleDraft,
    section: str,
    place: int | None,
    value: dict[str, Any],
    wrong: Mistakes,
    *,
    status: int = 200,
) -> ResponseReturnValue:
    model = _model(draft, section, value)
    found = controls(model, value, _names(draft))
    if section == REST:
        found = [one for one in found if one.path in _rest_names(draft)]
    shown = with_errors(found, wrong.by_field)
    placed = {text for one in shown for text in _errors(one)}
    elsewhere = [*(t for t in wrong.by_field.values() if t not in placed), *wrong.elsewhere]
    citation, text = citation_of(value)
    return page(
        "office/rule.html",
        status=status,
        draft=draft,
        hall=_hall(draft),
        title=_("そのほか") if section == REST else label(MODELS[draft.subject].__name__, section),
        name=heading(model, value) if section != REST else "",
        at=section if place is None else f"{section}.{place}",
        kind=value.get("kind") if place is None else None,
        controls=shown,
        errors=[(one, text) for one in _flat(shown) for text in one.errors],
        elsewhere=elsewhere,
        citation=citation,
        text=text,
    )


def _flat(found: Sequence[Control]) -> list[Control]:
    return [x for one in found for x in (one, *_flat(one.children))]


def _errors(one: Control) -> set[str]:
    return {text for x in _flat([one]) for text in x.errors}


def _page(
    draft: RuleDraft,
    *,
    status: int = 200,
    refused: Sequence[str] = (),
    day_error: str = "",
    day: str | None = None,
) -> ResponseReturnValue:
    return page(
        "office/draft.html",
        status=status,
        draft=draft,
        hall=_hall(draft),
        word=SUBJECTS[draft.subject],
        place_url=_place_of(draft),
        sections=sections(draft.subject, draft.document, _names(draft)),
        editors=list(names_of_staff(db.session(), draft.editors).values()),
        refused=list(refused),
        day=day or draft.effective_from.isoformat(),
        day_error=day_error,
        is_open=draft.state == "open",
    )


def _checked(
    draft: RuleDraft, *, status: int = 200, refused: Sequence[str] = ()
) -> ResponseReturnValue:
    found = judged(db.session(), draft, today=context.today())
    return page(
        "office/draft_check.html",
        status=status,
        draft=draft,
        hall=_hall(draft),
        word=SUBJECTS[draft.subject],
        found=found,
        is_open=draft.state == "open",
        is_editor=g.viewer.account_id in draft.editors,
        is_past=draft.effective_from < context.today(),
        most=MOST_DIFFERENCES,
        refused=list(refused),
    )
