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
    return _taken([(context.settings().stripe_secrets, None)])


@bp.post("/stripe/<slug:municipality>/<slug:payee>")
@access(Access.MACHINE)
def own(payee: str) -> Response:
    """Take a notice about an account of a payee's own, signed with that account's secret."""
    rows = accounts.with_own_key(db.session(), payee)
    if not rows:
        abort(404)
    secret = context.settings().secret_key
    known = [(one, accounts.secrets_of(one, secret=secret)) for one in rows]
    tenant_id = g.municipality.id
    return _taken([(secrets, Whose(tenant_id, one.account)) for one, secrets in known])


def _taken(known: Sequence[tuple[Sequence[str], Whose | None]]) -> Response:
    """Keep a notice that one of these secrets signed, for whom the secret belongs to."""
    gateway: Gateway = current_app.extensions["gateway"]
    signature = request.headers.get("Stripe-Signature", "")
    for secrets, whose in known:
        try:
            told = gateway.notice(request.get_data(), signature, secrets)
        except Forged as no:
            log.warning("notice refused", extra={"why": str(no)})
            continue
        receive(told, whose=whose, now=context.now())
        return Response("ok", mimetype="text/plain")
    return Response("no", status=400, mimetype="text/plain")
