"""Accepting an invitation: see what it is, choose proofs, keep the recovery codes."""

from typing import Any

from flask import Blueprint, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.db import db
from app.identity.proofs import authenticator, passkeys
from app.identity.queries import account_of
from app.identity.staff.invitations import invitation_with
from app.identity.staff.members import read
from app.identity.staff.models import Invitation
from app.kernel.refusals import Refusal, Refused
from app.usecases import inviting
from app.usecases.inviting import NewProofs
from app.web import context, proving
from app.web.access import Access, access
from app.web.rendering import page
from app.web.role_words import roles_said
from app.web.sentences import sentences
from app.web.staff_entry_forms import NewPasswordForm, SecondForm

bp = Blueprint("staff_invitation", __name__)
PASSKEY_OF_THE_FIRST = "はじめのパスキー"


@bp.get("/invitations/<int:invitation_id>/<string:key>")
@access(Access.PUBLIC)
def show(invitation_id: int, key: str) -> ResponseReturnValue:
    """Show what one is invited to, and how to accept."""
    one = _open(invitation_id, key)
    return page("staff/invitation.html", **_values(one, key))


@bp.get("/invitations/<int:invitation_id>/<string:key>/password")
@access(Access.PUBLIC)
def ask_password(invitation_id: int, key: str) -> ResponseReturnValue:
    """Ask for a password."""
    one = _open(invitation_id, key)
    return page("staff/new_password.html", form=NewPasswordForm(), **_values(one, key))


@bp.post("/invitations/<int:invitation_id>/<string:key>/password")
@access(Access.PUBLIC)
def keep_password(invitation_id: int, key: str) -> ResponseReturnValue:
    """Keep the password for the next step, with a new secret for the app."""
    one = _open(invitation_id, key)
    form = NewPasswordForm(request.form)
    if not form.judge(one.email):
        return page("staff/new_password.html", status=422, form=form, **_values(one, key))
    told = {
        "invitation": one.id,
        "password": form.password.data,
        "secret": authenticator.new_secret(),
    }
    proving.keep("joining", told)
    return redirect(url_for(".ask_app", invitation_id=invitation_id, key=key), code=303)


@bp.get("/invitations/<int:invitation_id>/<string:key>/app")
@access(Access.PUBLIC)
def ask_app(invitation_id: int, key: str) -> ResponseReturnValue:
    """Show the QR code for the app, and ask for its first six digits."""
    return _app_page(_open(invitation_id, key), key, SecondForm())


@bp.get("/invitations/<int:invitation_id>/<string:key>/qr")
@access(Access.PUBLIC)
def qr(invitation_id: int, key: str) -> ResponseReturnValue:
    """Send the QR code as an image."""
    one, told = _open(invitation_id, key), proving.kept("joining")
    if told is None or told["invitation"] != one.id:
        abort(404)
    issuer = f"{g.municipality.name} 施設予約"
    image = authenticator.qr_svg(
        authenticator.address(told["secret"], email=one.email, issuer=issuer)
    )
    headers = {"Content-Type": "image/svg+xml", "Cache-Control": "private, no-store"}
    return image, 200, headers


@bp.post("/invitations/<int:invitation_id>/<string:key>/app")
@access(Access.PUBLIC)
def join_with_app(invitation_id: int, key: str) -> ResponseReturnValue:
    """Join with password and app, and show the recovery codes this once."""
    one, told = _open(invitation_id, key), proving.kept("joining")
    form = SecondForm(request.form)
    if told is None or told["invitation"] != one.id:
        return redirect(url_for(".ask_password", invitation_id=invitation_id, key=key), code=303)
    if not form.validate():
        return _app_page(one, key, form, status=422)
    digits = form.code.data.replace(" ", "").replace("-", "")
    if authenticator.step_of(told["secret"], digits, now=context.now()) is None:
        form.code.errors = sentences([Refusal("sign_in.digits_wrong")])
        return _app_page(one, key, form, status=409)
    proofs = NewProofs(password=told["password"], authenticator_secret=told["secret"])
    return _joined(invitation_id, key, one.email, proofs)


@bp.post("/invitations/<int:invitation_id>/<string:key>/passkey/options")
@access(Access.PUBLIC)
def passkey_options(invitation_id: int, key: str) -> ResponseReturnValue:
    """Tell the browser what passkey to make."""
    one = _open(invitation_id, key)
    told, challenge = passkeys.to_register(proving.site(), account_id=-one.id, email=one.email)
    proving.keep("challenge", {"challenge": challenge})
    return jsonify(told)


@bp.post("/invitations/<int:invitation_id>/<string:key>/passkey")
@access(Access.PUBLIC)
def join_with_passkey(invitation_id: int, key: str) -> ResponseReturnValue:
    """Keep the passkey that was made until the person has joined with it."""
    one = _open(invitation_id, key)
    try:
        answer, challenge = proving.answered()
        made = passkeys.registered(
            proving.site(), answer, challenge, name=PASSKEY_OF_THE_FIRST, now=context.now()
        )
        response = _joined(invitation_id, key, one.email, NewProofs(passkey=made))
    except Refused as no:
        return jsonify(problem=sentences(no.refusals)[0]), 409
    return proving.told_where(response)  # type: ignore[arg-type]


@bp.post("/invitations/<int:invitation_id>/<string:key>/accept")
@access(Access.PUBLIC)
def accept_signed_in(invitation_id: int, key: str) -> ResponseReturnValue:
    """Accept with the proofs that one has, in a session of staff."""
    one = _open(invitation_id, key)
    if g.viewer.staff is None:
        following = url_for(".show", invitation_id=invitation_id, key=key)
        return redirect(url_for("staff_entry.sign_in", next=following), code=303)
    try:
        inviting.accept_signed_in(
            one.id, key, g.viewer.account_id, g.viewer.email, proving.visit(one.email)
        )
    except Refused as no:
        values = _values(one, key)
        return page("staff/invitation.html", status=409,
                    **{**values, "problems": sentences(no.refusals)})  # fmt: skip
    return redirect(url_for("staff_account.show"), code=303)


def _joined(invitation_id: int, key: str, email: str, proofs: NewProofs) -> ResponseReturnValue:
    """Join, be let in, and go to the codes on paper; they are kept sealed until they were seen."""
    done = inviting.accept(invitation_id, key, proofs, proving.visit(email))
    response = proving.let_in(done.token, email, "")
    proving.forget("joining")
    proving.keep("recovery", {"codes": list(done.recovery_codes)})
    response.headers["Location"] = url_for("staff_account.recovery_codes")
    return response


def _app_page(one: Invitation, key: str, form: Form, *, status: int = 200) -> ResponseReturnValue:
    told = proving.kept("joining")
    if told is None or told["invitation"] != one.id:
        return redirect(url_for(".ask_password", invitation_id=one.id, key=key), code=303)
    secret = told["secret"]
    grouped = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    values = _values(one, key)
    return page("staff/new_app.html", status=status, form=form, secret=grouped, **values)


def _open(invitation_id: int, key: str) -> Invitation:
    """Return an open invitation; a page that says why when it can't be accepted any more."""
    secret = context.settings().secret_key
    found = None
    if invitation_id < 2**63:
        found = invitation_with(db.session(), invitation_id, key, secret=secret, now=context.now())
    return found or abort(page("staff/invitation_gone.html", status=410))


def _values(one: Invitation, key: str) -> dict[str, Any]:
    halls = context.catalogue().facilities
    return {
        "one": one,
        "key": key,
        "roles": roles_said([read(role) for role in one.roles], halls),
        "has_proofs": not one.is_anew and _has_proofs(one.email),
        "is_theirs": g.viewer.staff is not None and g.viewer.email == one.email,
        "problems": [],
    }


def _has_proofs(email: str) -> bool:
    session = db.session()
    known = account_of(session, email)
    return known is not None and inviting.has_proofs(session, known)
