"""Accounts at vendors of locks (鍵の会社): added, mended, ended; where they tell us."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.models import LockAccount
from app.locks.ports import BOX
from app.locks.queries import accounts
from app.usecases import doors
from app.usecases.lock_accounts import Locks
from app.web import context, staff_words
from app.web.access import access
from app.web.door_forms import BoxAccountForm, SecretForm, remote_form
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_locks", __name__)
bp.context_processor(staff_words.in_templates)

REMOTE, KEY_BOX = "remotelock", "key-box"
PROVIDERS = {REMOTE: _l("RemoteLOCK"), KEY_BOX: _l("キーボックス")}


@bp.get("/doors/accounts/new/<slug:provider>")
@access(Permission.SET_DOORS, recent=True)
def ask(provider: str) -> ResponseReturnValue:
    """Ask how a vendor's account is reached, or what key boxes are called."""
    return _form(provider, form_of(provider))


@bp.post("/doors/accounts/new/<slug:provider>")
@access(Permission.SET_DOORS, recent=True)
def add(provider: str) -> ResponseReturnValue:
    """Add an account, once the vendor lets us in."""
    form = form_of(provider, request.form)
    if not form.validate():
        return _form(provider, form, status=422)
    try:
        account_id = doors.add_account(
            locks(), form.wanted(), actor=context.actor("staff"), now=context.now()
        )
    except Refused as no:
        return _form(provider, form, refused=sentences(no.refusals), status=422)
    flash(_("「%(name)s」を加えました。次に、ドアを加えてください。", name=form.name.data))
    return redirect(url_for("office_new_door.ask", account=account_id), code=303)


@bp.get("/doors/accounts/<int:account_row>/secret")
@access(Permission.SET_DOORS, recent=True)
def ask_secret(account_row: int) -> ResponseReturnValue:
    """Ask for another secret of an account."""
    account = _remote(account_row)
    return page("office/lock_secret.html", account=account, form=SecretForm(), refused=())


@bp.post("/doors/accounts/<int:account_row>/secret")
@access(Permission.SET_DOORS, recent=True)
def renew(account_row: int) -> ResponseReturnValue:
    """Keep another secret of an account, and say whether the vendor lets us in with it."""
    account, form = _remote(account_row), SecretForm(request.form)
    if not form.validate():
        return page(
            "office/lock_secret.html", status=422, account=account, form=form, refused=()
        )  # fmt: skip
    actor, now = context.actor("staff"), context.now()
    try:
        doors.renew_account(locks(), account_row, form.secret.data, actor=actor, now=now)
        doors.devices(locks(), account_row)
    except Refused as no:
        refused = [_("秘密鍵は書きかえました。"), *sentences(no.refusals)]
        return page(
            "office/lock_secret.html", status=422, account=account, form=SecretForm(),
            refused=refused,
        )  # fmt: skip
    flash(_("秘密鍵を書きかえました。鍵の会社につながりました。"))
    return redirect(url_for("office_doors.every"), code=303)


@bp.get("/doors/accounts/<int:account_row>/hook")
@access(Permission.SET_DOORS, recent=True)
def hook(account_row: int) -> ResponseReturnValue:
    """Show the address under which a vendor tells us things; the look is written down."""
    account = _remote(account_row)
    actor, now = context.actor("staff"), context.now()
    key = doors.hook_of(locks(), account_row, actor=actor, now=now) or abort(404)
    address = f"{context.settings().base_url}{url_for('hooks.locks', key=key)}"
    response: Response = page("office/lock_hook.html", account=account, address=address)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/doors/accounts/<int:account_row>/end")
@access(Permission.SET_DOORS, recent=True)
def ask_end(account_row: int) -> ResponseReturnValue:
    """Say what ending an account means, before it is done."""
    return page("office/lock_end.html", account=_account(account_row))


@bp.post("/doors/accounts/<int:account_row>/end")
@access(Permission.SET_DOORS, recent=True)
def end(account_row: int) -> ResponseReturnValue:
    """Use an account no more; refused while doors need it."""
    account = _account(account_row)
    try:
        doors.end_account(account_row, actor=context.actor("staff"), now=context.now())
        flash(_("「%(name)s」とのつながりを切りました。", name=account.name))
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    return redirect(url_for("office_doors.every"), code=303)


def locks() -> Locks:
    """Return how locks are reached."""
    return current_app.extensions["locks"]  # type: ignore[no-any-return]


def form_of(provider: str, sent: Any = None) -> BoxAccountForm:
    """Return the form of an account; of a vendor that is not known there is none."""
    if provider == KEY_BOX:
        return BoxAccountForm(sent)
    if provider != REMOTE:
        abort(404)
    return remote_form(context.settings().lock_sites, sent)


def _form(
    provider: str, form: BoxAccountForm, *, refused: Any = (), status: int = 200
) -> ResponseReturnValue:
    return page(
        "office/lock_account.html", status=status, form=form, provider=provider,
        vendor=PROVIDERS[provider], refused=refused,
    )  # fmt: skip


def _account(account_row: int) -> LockAccount:
    found = (one for one in accounts(db.session()) if one.id == account_row)
    return next(found, None) or abort(404)


def _remote(account_row: int) -> LockAccount:
    account = _account(account_row)
    return account if account.provider != BOX else abort(404)
