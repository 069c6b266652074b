"""Signing in with a code by mail, saying who one is, signing out."""

from email.utils import parseaddr
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.kernel.refusals import Refused
from app.usecases.signing_in import ask_for_code, say_who
from app.web import context, device, entrance, journey, way_back
from app.web.access import Access, access
from app.web.account_forms import CodeForm, EmailForm, declarable, kept_class, profile_form
from app.web.device_copies import let_go
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("account", __name__)
bp.record_once(entrance.keep_cookies_long)


@bp.get("/sign-in")
@access(Access.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Ask for an e-mail address."""
    following = request.args.get("next")
    if g.viewer.is_signed_in:
        return redirect(way_back.or_home(following), code=303)
    return _email_page(EmailForm(data={"next": way_back.safe(following)}))


@bp.post("/sign-in")
@access(Access.PUBLIC)
def send_code() -> ResponseReturnValue:
    """Send a code; the answer is the same whether or not the address is known."""
    form = EmailForm(request.form)
    if not form.validate():
        return _email_page(form, status=422)
    email = str(form.email.data)
    try:
        attempt = ask_for_code(email=email, browser=device.browser(email), now=context.now())
    except Refused as no:
        form.email.errors = sentences(no.refusals)
        return _email_page(form, status=409)
    entrance.wait_for_code(attempt, email, way_back.safe(form.next.data))
    return redirect(url_for("account.code"), code=303)


@bp.get("/sign-in/code")
@access(Access.PUBLIC)
def code() -> ResponseReturnValue:
    """Ask for the code that was sent."""
    if g.viewer.is_signed_in or not entrance.awaited():
        return redirect(url_for("account.sign_in"), code=303)
    return _code_page(CodeForm())


@bp.post("/sign-in/code")
@access(Access.PUBLIC)
def check_code() -> ResponseReturnValue:
    """Sign in when the code is right."""
    if g.viewer.is_signed_in or not entrance.awaited():
        return redirect(url_for("account.sign_in"), code=303)
    form = CodeForm(request.form)
    if not form.validate():
        return _code_page(form, status=422)
    try:
        return entrance.enter(form.code.digits, is_own_device=form.own_device.data)
    except Refused as no:
        form.code.errors = sentences(no.refusals)
        return _code_page(form, status=409, is_dead=True)


@bp.post("/sign-in/again")
@access(Access.PUBLIC)
def send_again() -> ResponseReturnValue:
    """Send another code to the same address; the earlier ones stay good for their time."""
    awaited = entrance.awaited()
    if awaited is None:
        return redirect(url_for("account.sign_in"), code=303)
    email = awaited["email"]
    try:
        attempt = ask_for_code(email=email, browser=device.browser(email), now=context.now())
    except Refused as no:
        form = CodeForm()
        form.code.errors = sentences(no.refusals)
        return _code_page(form, status=409)
    entrance.wait_for_code(attempt, email, awaited["next"])
    flash(_("番号をもう一度送りました。"))
    return redirect(url_for("account.code"), code=303)


@bp.get("/profile")
@access(Access.SIGNED_IN)
def profile() -> ResponseReturnValue:
    """Ask who this person is."""
    return _profile_page(profile_form())


@bp.post("/profile")
@access(Access.SIGNED_IN)
def keep_profile() -> ResponseReturnValue:
    """Keep who this person is, then go on to what they came for."""
    form = profile_form(request.form)
    if not form.validate():
        return _profile_page(form, status=422)
    given = kept_class() or next(
        iter(declarable(context.policy())), context.policy().default_class()
    )
    say_who(
        g.viewer.account_id,
        name=form.name.data,
        kana=form.kana.data,
        phone=form.phone.data,
        applicant_class=form.applicant_class.data if "applicant_class" in form else given.id,
        now=context.now(),
    )
    following = way_back.safe(request.args.get("next"))
    if not following:
        flash(_("お名前と連絡先を保存しました。"))
    return redirect(following or url_for("bookings.mine"), code=303)


@bp.post("/sign-out")
@access(Access.PUBLIC)
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    entrance.leave()
    return let_go(make_response(redirect(url_for("account.signed_out"), code=303)))


@bp.get("/signed-out")
@access(Access.PUBLIC)
def signed_out() -> ResponseReturnValue:
    """Say that nobody is signed in any more."""
    return page("account/signed_out.html")


def _email_page(form: Form, *, status: int = 200) -> ResponseReturnValue:
    following = way_back.safe(form.next.data)
    on_the_way = following.startswith(url_for("apply.start"))
    return page(
        "account/sign_in.html",
        status=status,
        form=form,
        position=journey.position(journey.SIGN_IN) if on_the_way else None,
        back=journey.before(journey.SIGN_IN) if on_the_way else url_for("public.home"),
    )


def code_page(
    form: Form, *, status: int, is_dead: bool, action: str, again: str, back: str
) -> ResponseReturnValue:
    """Ask for the awaited code; `action` takes it, `again` sends another."""
    awaited: dict[str, Any] = session["sign_in"]
    return page(
        "account/code.html",
        status=status,
        form=form,
        email=awaited["email"],
        until=None if is_dead else entrance.until(),
        sender_domain=parseaddr(context.settings().mail_from)[1].partition("@")[2],
        action=action,
        again=again,
        back=back,
    )


def _code_page(form: Form, *, status: int = 200, is_dead: bool = False) -> ResponseReturnValue:
    following = session["sign_in"]["next"] or None
    return code_page(
        form, status=status, is_dead=is_dead, action=url_for(".check_code"),
        again=url_for(".send_again"), back=url_for(".sign_in", next=following),
    )  # fmt: skip


def _profile_page(form: Form, *, status: int = 200) -> ResponseReturnValue:
    following = way_back.safe(request.args.get("next"))
    on_the_way = following.startswith(url_for("apply.start"))
    return page(
        "account/profile.html",
        status=status,
        form=form,
        given=kept_class(),
        is_first=g.viewer.resident_id is None,
        following=following or None,
        position=journey.position(journey.SIGN_IN) if on_the_way else None,
        back=journey.before(journey.SIGN_IN) if on_the_way else url_for("bookings.mine"),
    )
