"""One's own page as staff: roles, passkeys, recovery codes."""

from flask import Blueprint, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.db import db
from app.identity.proofs import passkeys, recovery
from app.kernel.refusals import Refused
from app.usecases import staffing
from app.web import context, proving, way_back
from app.web.access import Access, access
from app.web.rendering import page
from app.web.role_words import roles_said
from app.web.sentences import sentences
from app.web.staff_entry_forms import PasskeyNameForm

bp = Blueprint("staff_account", __name__)


@bp.get("/account")
@access(Access.STAFF)
def show() -> ResponseReturnValue:
    """Show one's roles and proofs."""
    return _page(PasskeyNameForm())


@bp.post("/account/passkeys/options")
@access(Access.STAFF, recent=True)
def passkey_options() -> ResponseReturnValue:
    """Tell the browser what passkey to make."""
    known = passkeys.of_account(db.session(), g.viewer.account_id)
    told, challenge = passkeys.to_register(
        proving.site(), account_id=g.viewer.account_id, email=g.viewer.email, known=known
    )
    proving.keep("challenge", {"challenge": challenge})
    return jsonify(told)


@bp.post("/account/passkeys")
@access(Access.STAFF, recent=True)
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that a browser made."""
    name = " ".join(request.args.get("name", "").split())[:40]
    try:
        answer, challenge = proving.answered()
        now = context.now()
        made = passkeys.registered(proving.site(), answer, challenge, name=name or "-", now=now)
        staffing.add_passkey(g.viewer.account_id, made, actor=context.actor("staff"), now=now)
    except Refused as no:
        return jsonify(problem=sentences(no.refusals)[0]), 409
    return jsonify(next=url_for(".show"))


@bp.post("/account/passkeys/<int:passkey_id>/remove")
@access(Access.STAFF, recent=True)
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Take away a passkey, unless nothing else would be left."""
    if passkey_id >= 2**63:
        abort(404)
    try:
        staffing.remove_passkey(
            g.viewer.account_id, passkey_id, actor=context.actor("staff"), now=context.now()
        )
    except Refused as no:
        return _page(PasskeyNameForm(), status=409, problems=sentences(no.refusals))
    return redirect(url_for(".show"), code=303)


@bp.get("/account/recovery-codes")
@access(Access.STAFF)
def recovery_codes() -> ResponseReturnValue:
    """Show the codes that were just made; a quarter of an hour later they are shown no more."""
    told = proving.kept("recovery")
    if told is None:
        return redirect(url_for(".show"), code=303)
    return page("staff/recovery_codes.html", codes=told["codes"])


@bp.post("/account/recovery-codes/kept")
@access(Access.STAFF)
def codes_kept() -> ResponseReturnValue:
    """Forget the codes: the person has them on paper now."""
    proving.forget("recovery")
    return redirect(way_back.or_home(None), code=303)


@bp.post("/account/recovery-codes")
@access(Access.STAFF, recent=True)
def new_codes() -> ResponseReturnValue:
    """Make new codes; those from before no longer work."""
    codes = staffing.new_recovery_codes(
        g.viewer.account_id,
        secret=context.settings().secret_key,
        actor=context.actor("staff"),
        now=context.now(),
    )
    proving.keep("recovery", {"codes": codes})
    return redirect(url_for(".recovery_codes"), code=303)


def _page(
    form: Form, *, status: int = 200, problems: list[str] | None = None
) -> ResponseReturnValue:
    session, account_id = db.session(), g.viewer.account_id
    return page(
        "staff/account.html",
        status=status,
        form=form,
        problems=problems or [],
        roles=roles_said(g.viewer.roles, context.catalogue().facilities),
        passkeys=passkeys.of_account(session, account_id),
        codes_left=recovery.left(session, account_id),
    )
