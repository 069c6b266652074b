"""Where a vendor of locks tells us things (お知らせの届け先): told to it, shown, made anew."""

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.usecases import lock_hooks
from app.web import context, staff_words
from app.web.access import access
from app.web.lock_reaching import locks, remote
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_lock_hooks", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/doors/accounts/<int:account_row>/hook")
@access(Permission.SET_DOORS, recent=True)
def show(account_row: int) -> ResponseReturnValue:
    """Show whether the vendor has the address, and the address to be put in by hand."""
    return _shown(account_row)


@bp.post("/doors/accounts/<int:account_row>/hook")
@access(Permission.SET_DOORS, recent=True)
def register(account_row: int) -> ResponseReturnValue:
    """Tell the vendor the address; pressed twice it is one there."""
    account = remote(account_row)
    actor, now = context.actor("staff"), context.now()
    try:
        lock_hooks.register(locks(), account.id, address_of, actor=actor, now=now)
    except Refused as no:
        return _shown(account_row, refused=sentences(no.refusals), status=422)
    flash(_("お知らせの届け先を、鍵の会社に登録しました。"))
    return redirect(url_for("office_doors.every"), code=303)


@bp.get("/doors/accounts/<int:account_row>/hook/new")
@access(Permission.SET_DOORS, recent=True)
def ask_new(account_row: int) -> ResponseReturnValue:
    """Say what happens when the address is made anew."""
    return page("office/lock_hook_new.html", account=remote(account_row))


@bp.post("/doors/accounts/<int:account_row>/hook/new")
@access(Permission.SET_DOORS, recent=True)
def replace(account_row: int) -> ResponseReturnValue:
    """Make another address, which the vendor is told; the one before is refused at once."""
    account = remote(account_row)
    actor, now = context.actor("staff"), context.now()
    try:
        before = lock_hooks.replace(locks(), account.id, actor=actor, now=now)
        lock_hooks.register(
            locks(), account.id, address_of, actor=actor, now=now, instead_of=before
        )
    except Refused as no:
        return _shown(account_row, refused=sentences(no.refusals), is_new=True, status=422)
    flash(_("お知らせの届け先を新しくして、鍵の会社に登録しました。前の届け先は、もう使えません。"))
    return redirect(url_for("office_doors.every"), code=303)


def tell(account_id: int, *, aloud: bool = True) -> None:
    """Tell the vendor the address by the way, and say how it went; nothing hangs on it."""
    actor, now = context.actor("staff"), context.now()
    try:
        lock_hooks.register(locks(), account_id, address_of, actor=actor, now=now)
        if aloud:
            flash(_("お知らせの届け先も、鍵の会社に登録しました。"))
    except Refused:
        flash(
            _("お知らせの届け先は、登録できませんでした。「ドア」の画面から、あとで登録できます。")
        )


def address_of(key: str) -> str:
    """Return the whole address with this last part."""
    return f"{context.settings().base_url}{url_for('hooks.locks', key=key)}"


def _shown(
    account_row: int, *, refused: list[str] | None = None, is_new: bool = False, status: int = 200
) -> ResponseReturnValue:
    account = remote(account_row)
    actor, now = context.actor("staff"), context.now()
    key = lock_hooks.hook_of(locks(), account_row, actor=actor, now=now) or abort(404)
    response: Response = page(
        "office/lock_hook.html", status=status, account=account, address=address_of(key),
        refused=refused or (), is_new=is_new,
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response
