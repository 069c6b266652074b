"""What payment providers tell us: checked, kept and answered at once; a job does the work."""

import logging
from collections.abc import Sequence

from flask import Blueprint, Response, abort, current_app, g, request

from app.db import db
from app.payments.online import accounts
from app.payments.ports import Forged, Gateway
from app.usecases.noticing import Whose, receive
from app.web import context
from app.web.access import Access, access

bp = Blueprint("hooks", __name__, url_prefix="/hooks")

log = logging.getLogger("kaikan.hooks")


@bp.post("/stripe")
@access(Access.MACHINE)
def connected() -> Response:
    """Take a notice about an account that is connected to ours."""
    return _taken(context.settings().stripe_secrets, None)


@bp.post("/stripe/<slug:municipality>/<int:account_row>")
@access(Access.MACHINE)
def own(account_row: int) -> Response:
    """Take a notice about a payee's own account, signed with that account's secret."""
    account = accounts.known(db.session(), account_row) if account_row < 2**63 else None
    if account is None or account.mode != accounts.OWN_KEY or account.approved_at is None:
        abort(404)
    secrets = accounts.secrets_of(account, secret=context.settings().secret_key)
    return _taken(secrets, Whose(g.municipality.id, account.account))


def _taken(secrets: Sequence[str], whose: Whose | None) -> Response:
    gateway: Gateway = current_app.extensions["gateway"]
    signature = request.headers.get("Stripe-Signature", "")
    try:
        told = gateway.notice(request.get_data(), signature, secrets)
    except Forged as no:
        log.warning("notice refused", extra={"why": str(no)})
        return Response("no", status=400, mimetype="text/plain")
    receive(told, whose=whose, now=context.now())
    return Response("ok", mimetype="text/plain")
