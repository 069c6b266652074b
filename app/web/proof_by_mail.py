"""Proving again who one is, with a code by mail, while one stays signed in."""

from typing import Any

from flask import Blueprint, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.kernel.refusals import Refusal, Refused
from app.usecases.signing_in import ask_for_code, prove_again
from app.web import account, context, device, entrance, way_back
from app.web.access import Access, access
from app.web.account_forms import CodeAgainForm
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("proof_by_mail", __name__)


@bp.get("/sign-in/once-more")
@access(Access.SIGNED_IN)
def why() -> ResponseReturnValue:
    """Say why it is asked for, and where the code would go."""
    return _why_page(request.args.get("next"))


@bp.post("/sign-in/once-more")
@access(Access.SIGNED_IN)
def send_code() -> ResponseReturnValue:
    """Send a code to the viewer's own address."""
    awaited = _awaited() or {}
    following = way_back.safe(request.form.get("next")) or awaited.get("next", "")
    email = g.viewer.email
    try:
        attempt = ask_for_code(email=email, browser=device.browser(email), now=context.now())
    except Refused as no:
        return _why_page(following, status=409, refused=sentences(no.refusals))
    if awaited:
        flash(_("番号をもう一度送りました。"))
    entrance.wait_for_code(attempt, email, following)
    return redirect(url_for(".code"), code=303)


@bp.get("/sign-in/once-more/code")
@access(Access.SIGNED_IN)
def code() -> ResponseReturnValue:
    """Ask for the code that was sent."""
    if _awaited() is None:
        return redirect(url_for(".why"), code=303)
    return _code_page(CodeAgainForm())


@bp.post("/sign-in/once-more/code")
@access(Access.SIGNED_IN)
def check_code() -> ResponseReturnValue:
    """Go on to what was asked for when the code is right."""
    awaited = _awaited()
    if awaited is None:
        return redirect(url_for(".why"), code=303)
    form = CodeAgainForm(request.form)
    if not form.validate():
        return _code_page(form, status=422)
    try:
        _prove(awaited["attempts"], form.code.digits)
    except Refused as no:
        form.code.errors = sentences(no.refusals)
        return _code_page(form, status=409, is_dead=True)
    session.pop("sign_in", None)
    return redirect(way_back.or_home(awaited["next"]), code=303)


def _prove(attempts: list[int], typed: str) -> None:
    """Prove it with one of the awaited codes; raises Refused with what is wrong with the last."""
    refused = Refused(Refusal("sign_in.code_expired"))
    for attempt in reversed(attempts):
        try:
            prove_again(
                account_id=g.viewer.account_id, token_hash=entrance.token_hash(),
                attempt_id=attempt, code=typed, secret=context.settings().secret_key,
                request_id=g.request_id, now=context.now(),
            )  # fmt: skip
        except Refused as no:
            refused = no
        else:
            return
    raise refused


def _awaited() -> dict[str, Any] | None:
    """Return what this person awaits; what was awaited for another address is theirs no more."""
    found = entrance.awaited()
    return found if found and found["email"] == g.viewer.email else None


def _why_page(
    following: str | None, *, status: int = 200, refused: list[str] | None = None
) -> ResponseReturnValue:
    return page(
        "account/once_more.html",
        status=status,
        following=way_back.safe(following),
        refused=refused or [],
        back=way_back.safe(following).removesuffix("/key") or url_for("bookings.mine"),
    )


def _code_page(form: Form, *, status: int = 200, is_dead: bool = False) -> ResponseReturnValue:
    return account.code_page(
        form, status=status, is_dead=is_dead, action=url_for(".check_code"),
        again=url_for(".send_code"), back=url_for(".why", next=session["sign_in"]["next"] or None),
    )  # fmt: skip
