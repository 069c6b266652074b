"""How staff come in: a password and six digits, or a passkey; and proving it again."""

from flask import Blueprint, g, jsonify, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.identity.proofs import passkeys
from app.kernel.refusals import Refused
from app.usecases import staff_signing_in
from app.web import entrance, proving, way_back
from app.web.access import Access, access
from app.web.device_copies import let_go
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_entry_forms import PasswordForm, SecondForm

bp = Blueprint("staff_entry", __name__)


@bp.get("/sign-in")
@access(Access.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Ask for a passkey where the browser has them, else for address and password."""
    following = way_back.safe(request.args.get("next"))
    if g.viewer.staff is not None:
        return redirect(way_back.or_home(following), code=303)
    return _password_page(PasswordForm(data={"next": following}))


@bp.post("/sign-in")
@access(Access.PUBLIC)
def check_password() -> ResponseReturnValue:
    """Go on to the second proof when the password is right."""
    form = PasswordForm(request.form)
    if not form.validate():
        return _password_page(form, status=422)
    email = str(form.email.data)
    try:
        account_id = staff_signing_in.check_password(
            email, form.password.data or "", proving.visit(email)
        )
    except Refused as no:
        form.password.errors = sentences(no.refusals)
        return _password_page(form, status=409)
    following = way_back.safe(form.next.data)
    proving.keep("half_in", {"account": account_id, "email": email, "next": following})
    return redirect(url_for(".second"), code=303)


@bp.get("/sign-in/second")
@access(Access.PUBLIC)
def second() -> ResponseReturnValue:
    """Ask for the six digits of the app, or a code on paper."""
    if proving.kept("half_in") is None:
        return redirect(url_for(".sign_in"), code=303)
    return page("staff/second.html", form=SecondForm(), back=url_for(".sign_in"))


@bp.post("/sign-in/second")
@access(Access.PUBLIC)
def check_second() -> ResponseReturnValue:
    """Let in whoever gave both proofs."""
    half = proving.kept("half_in")
    if half is None:
        return redirect(url_for(".sign_in"), code=303)
    form = SecondForm(request.form)
    status = 422
    if form.validate():
        try:
            token = staff_signing_in.check_second(
                half["account"], form.code.data, proving.visit(half["email"])
            )
        except Refused as no:
            form.code.errors, status = sentences(no.refusals), 409
        else:
            return proving.let_in(token, half["email"], half["next"])
    return page("staff/second.html", status=status, form=form, back=url_for(".sign_in"))


@bp.post("/passkey/options")
@access(Access.PUBLIC)
def passkey_options() -> ResponseReturnValue:
    """Tell the browser what to sign with a passkey."""
    told, challenge = passkeys.to_sign_in(proving.site())
    proving.keep("challenge", {"challenge": challenge})
    return jsonify(told)


@bp.post("/passkey")
@access(Access.PUBLIC)
def enter_with_passkey() -> ResponseReturnValue:
    """Let in whoever's passkey signed; the answer says where to go."""
    try:
        answer, challenge = proving.answered()
        account_id, token = staff_signing_in.enter_with_passkey(
            proving.site(), answer, challenge, proving.visit("")
        )
    except Refused as no:
        return jsonify(problem=sentences(no.refusals)[0]), 409
    following = way_back.safe(request.args.get("next"))
    return proving.told_where(proving.let_in(token, proving.email(account_id), following))


@bp.get("/again")
@access(Access.STAFF)
def again() -> ResponseReturnValue:
    """Ask for a proof again, before something that many names or rights hang on."""
    return _again_page(SecondForm())


@bp.post("/again")
@access(Access.STAFF)
def prove_again() -> ResponseReturnValue:
    """Go on when the proof is right."""
    form = SecondForm(request.form)
    if not form.validate():
        return _again_page(form, status=422)
    try:
        staff_signing_in.prove_again(
            g.viewer.account_id,
            entrance.token_hash(),
            form.code.data,
            proving.visit(g.viewer.email),
        )
    except Refused as no:
        form.code.errors = sentences(no.refusals)
        return _again_page(form, status=409)
    return redirect(way_back.or_home(request.args.get("next")), code=303)


@bp.post("/again/passkey")
@access(Access.STAFF)
def prove_again_with_passkey() -> ResponseReturnValue:
    """Go on when a passkey of the same person signed."""
    try:
        answer, challenge = proving.answered()
        staff_signing_in.prove_again_with_passkey(
            g.viewer.account_id,
            entrance.token_hash(),
            proving.site(),
            answer,
            challenge,
            proving.visit(g.viewer.email),
        )
    except Refused as no:
        return jsonify(problem=sentences(no.refusals)[0]), 409
    return jsonify(next=way_back.or_home(request.args.get("next")))


@bp.post("/sign-out")
@access(Access.PUBLIC)
def sign_out() -> ResponseReturnValue:
    """Leave; the desk is closed for whoever comes next."""
    entrance.leave()
    return let_go(make_response(redirect(url_for(".sign_in"), code=303)))


def _password_page(form: Form, *, status: int = 200) -> ResponseReturnValue:
    following = way_back.safe(form.next.data)
    is_over = bool(session.get("_user_id")) and not g.viewer.is_signed_in
    return page(
        "staff/sign_in.html", status=status, form=form, following=following, is_over=is_over
    )


def _again_page(form: Form, *, status: int = 200) -> ResponseReturnValue:
    following = way_back.safe(request.args.get("next")) or None
    return page("staff/again.html", status=status, form=form, following=following)
