"""Accounts at vendors of locks (鍵の会社) and key boxes: added, mended, ended."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.ports import BOX
from app.usecases import connecting_locks
from app.usecases.lock_hooks import silence
from app.usecases.lock_secrets import renew_account
from app.web import context, staff_words
from app.web.access import access
from app.web.door_forms import BoxAccountForm, SecretForm, remote_form
from app.web.lock_reaching import account_with, locks, remote
from app.web.office_lock_hooks import address_of, tell
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
        account_id = connecting_locks.add_account(
            locks(), form.wanted(), actor=context.actor("staff"), now=context.now()
        )
    except Refused as no:
        return _form(provider, form, refused=sentences(no.refusals), status=422)
    flash(_("「%(name)s」を加えました。", name=form.name.data))
    if form.wanted().is_by_consent:
        return redirect(url_for("office_lock_consent.show", account_row=account_id), code=303)
    if provider == REMOTE:
        tell(account_id)
    flash(_("次に、ドアを加えてください。"))
    return redirect(url_for("office_new_door.ask", account=account_id), code=303)


@bp.get("/doors/accounts/<int:account_row>/secret")
@access(Permission.SET_DOORS, recent=True)
def ask_secret(account_row: int) -> ResponseReturnValue:
    """Ask for another secret of an account."""
    account = remote(account_row)
    return page("office/lock_secret.html", account=account, form=SecretForm(), refused=())


@bp.post("/doors/accounts/<int:account_row>/secret")
@access(Permission.SET_DOORS, recent=True)
def renew(account_row: int) -> ResponseReturnValue:
    """Keep another secret of an account, once the vendor lets us in with it."""
    account, form = remote(account_row), SecretForm(request.form)
    if not form.validate():
        return page(
            "office/lock_secret.html", status=422, account=account, form=form, refused=()
        )  # fmt: skip
    actor, now = context.actor("staff"), context.now()
    try:
        renew_account(locks(), account_row, form.secret.data, actor=actor, now=now)
    except Refused as no:
        return page(
            "office/lock_secret.html", status=422, account=account, form=SecretForm(),
            refused=[*sentences(no.refusals), *_unchanged(no)],
        )  # fmt: skip
    flash(_("秘密鍵を書きかえました。"))
    return redirect(url_for("office_doors.every"), code=303)


@bp.get("/doors/accounts/<int:account_row>/end")
@access(Permission.SET_DOORS, recent=True)
def ask_end(account_row: int) -> ResponseReturnValue:
    """Say what ending an account means, before it is done."""
    account = account_with(account_row)
    return page("office/lock_end.html", account=account, is_box=account.provider == BOX)


@bp.post("/doors/accounts/<int:account_row>/end")
@access(Permission.SET_DOORS, recent=True)
def end(account_row: int) -> ResponseReturnValue:
    """Use an account no more; refused while doors need it."""
    account = account_with(account_row)
    try:
        connecting_locks.end_account(account_row, actor=context.actor("staff"), now=context.now())
        is_silent = silence(locks(), account_row, address_of)
        is_box = account.provider == BOX
        flash(
            _("「%(name)s」を使うのをやめました。", name=account.name)
            if is_box
            else _("「%(name)s」とのつながりを切りました。", name=account.name)
        )
        if not is_silent:
            flash(_("お知らせの届け先は、鍵の会社に残っています。鍵の会社の画面で消してください。"))
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    return redirect(url_for("office_doors.every"), code=303)


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


def _unchanged(no: Refused) -> list[str]:
    return [] if "lock.only_secret" in no.codes else [_("秘密鍵は、前のままです。")]
