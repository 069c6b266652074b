"""The way into a booking: the door from the basket, then one question at a time."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.kernel.refusals import Refused
from app.usecases.choosing import answer, use_equipment
from app.web import context, journey
from app.web.access import Access, access
from app.web.answers import Asked, Asking, asking
from app.web.equipment_form import groups, used_in
from app.web.outcomes import deadline
from app.web.questions import fits_rooms, form_for, hint_for, said_in
from app.web.rendering import page
from app.web.sentences import sentences

bp = Blueprint("apply", __name__)
bp.add_app_template_filter(sentences)
bp.add_app_template_filter(deadline)


@bp.get("/apply")
@access(Access.PUBLIC)
def start() -> ResponseReturnValue:
    """Go to the first question that is open, or to the check at once."""
    found = asking()
    if found is None:
        return redirect(journey.without_basket(), code=303)
    journey.begin(found)
    return redirect(journey.following(found), code=303)


@bp.get("/apply/<slug:question>")
@access(Access.PUBLIC)
def ask(question: str) -> ResponseReturnValue:
    """Show one question with what is known of its answer."""
    found = asking()
    if found is None:
        return redirect(journey.without_basket(), code=303)
    asked = found.question(question) or abort(404)
    return _question(asked, found, form_for(asked, found))


@bp.post("/apply/<slug:question>")
@access(Access.PUBLIC)
def keep(question: str) -> ResponseReturnValue:
    """Keep an answer and go on to the next question."""
    found = asking()
    if found is None:
        return redirect(journey.without_basket(), code=303)
    asked = found.question(question) or abort(404)
    form = form_for(asked, found, request.form)
    if not form.validate() or not fits_rooms(asked, form, found):
        return _question(asked, found, form, status=422)
    try:
        _keep(asked, form, found)
    except Refused as no:
        return _question(asked, found, form, status=409, refused=sentences(no.refusals))
    return redirect(journey.following(found, asked), code=303)


def _keep(asked: Asked, form: Form, asking: Asking) -> None:
    key, now = context.basket_key() or "", context.now()
    if asked.id == "equipment":
        use_equipment(key, used_in(form, asking.equipped), now=now)
    else:
        answer(key, said_in(asked, form, asking), now=now)


def _question(
    asked: Asked, asking: Asking, form: Form, *, status: int = 200, refused: list[str] | None = None
) -> ResponseReturnValue:
    changes = request.args.get("change") or None  # came from the check, and goes back to it
    return page(
        "apply/question.html",
        status=status,
        asked=asked,
        form=form,
        hint=hint_for(asked, asking),
        groups=groups(form, asking.equipped) if asked.id == "equipment" else (),
        hall=asking.hall,
        refused=refused or [],
        position=journey.position(asked.id),
        is_first=journey.steps()[:1] == [asked.id],
        back=journey.check_url() if changes else journey.before(asked.id),
        action=url_for("apply.keep", question=asked.id, change=changes),
    )
