"""An owner of locks lets us in at the vendor's page: off to it, and back with an answer."""

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.models import LockAccount
from app.locks.queries import accounts
from app.reports.doors import doors_at
from app.usecases.lock_consent import Answer, Asked, answered, ask
from app.web import context, staff_words
from app.web.access import access
from app.web.headers import leads_to
from app.web.lock_reaching import locks, remote
from app.web.office_lock_hooks import tell
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_lock_consent", __name__)
bp.context_processor(staff_words.in_templates)

# An answer to nothing that this browser asked, and a no at the vendor's page; else 422.
STATUS: Final = {"consent.unknown": 400, "consent.denied": 403}


@bp.get("/doors/accounts/<int:account_row>/consent")
@access(Permission.SET_DOORS, recent=True)
def show(account_row: int) -> ResponseReturnValue:
    """Say what happens at the vendor's page, before the browser goes there."""
    return _asking(remote(account_row))


@bp.post("/doors/accounts/<int:account_row>/consent")
@access(Permission.SET_DOORS, recent=True)
def go(account_row: int) -> ResponseReturnValue:
    """Send the browser to the vendor's page."""
    account = remote(account_row)
    actor, now = context.actor("staff"), context.now()
    try:
        return redirect(ask(locks(), account.id, _asked(), actor=actor, now=now), code=303)
    except Refused as no:
        return _asking(account, refused=sentences(no.refusals), status=422)


@bp.get("/doors/accounts/back")
@access(Permission.SET_DOORS)
def back() -> ResponseReturnValue:
    """Take what an owner of locks answered; it is what this browser asked for, once, or nothing."""
    if request.method == "HEAD":  # a look ahead uses nothing up
        abort(405)
    given = request.args
    answer = Answer(given.get("state", ""), given.get("code", ""), given.get("error", ""))
    actor, now = context.actor("staff"), context.now()
    try:
        account_id = answered(locks(), answer, _asked(), actor=actor, now=now)
    except Refused as no:
        return page(
            "office/lock_refused.html", status=STATUS.get(no.codes[0], 422),
            refused=sentences(no.refusals), account=_meant(answer.state),
            is_secret_wrong=no.codes[0] == "lock.not_let_in",
        )  # fmt: skip
    flash(_("ゆるしてもらいました。鍵の会社につながりました。"))
    tell(account_id)
    if any(one.door.account_id == account_id for one in doors_at(db.session())):
        return redirect(url_for("office_doors.every"), code=303)
    return redirect(url_for("office_new_door.ask", account=account_id), code=303)


def _asking(
    account: LockAccount, *, refused: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    settings = context.settings()
    has_doors = any(one.door.account_id == account.id for one in doors_at(db.session()))
    response = page(
        "office/lock_consent.html", status=status, account=account, refused=refused or (),
        back=_asked().back, has_doors=has_doors,
    )  # fmt: skip
    auth, _api = settings.lock_sites.get(account.site, ("", ""))
    found = urlsplit(auth)
    return leads_to(response, settings, f"{found.scheme}://{found.netloc}" if auth else "")


def _asked() -> Asked:
    """Return who asks, and where the vendor's page leads back: one address for all accounts."""
    return Asked(str(current_user.id), f"{context.settings().base_url}{url_for('.back')}")


def _meant(state: str) -> LockAccount | None:
    """Return the account that an answer says it is for, to begin anew with."""
    ident = state.partition("-")[0]
    return next((one for one in accounts(db.session()) if str(one.id) == ident), None)
