"""What payment providers and vendors of locks tell us: kept and answered at once; a job works."""

import logging
from collections.abc import Sequence

from flask import Blueprint, Response, abort, current_app, g, request

from app.db import db
from app.db.session import tenant_scope
from app.locks.ports import LockError
from app.payments.online import accounts
from app.payments.ports import Forged, Gateway
from app.usecases import door_notices
from app.usecases.lock_accounts import Locks
from app.usecases.noticing import Whose, receive
from app.web import context
from app.web.access import Access, access

bp = Blueprint("hooks", __name__, url_prefix="/hooks")

log = logging.getLogger("kaikan.hooks")

MOST_OF_A_LOCK = 64 * 1024  # bytes; an event has a few hundred


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


@bp.post("/locks/<string:key>")
@access(Access.MACHINE)
def locks(key: str) -> Response:
    """Take a notice about a lock. Its address is all that it proves, so only its id is kept."""
    request.max_content_length = MOST_OF_A_LOCK
    raw = request.get_data()
    found = door_notices.account_with(key)
    if found is None:
        log.warning("lock notice refused", extra={"why": "unknown address"})
        return Response("no", status=404, mimetype="text/plain")
    tenant_id, account_id = found
    reached: Locks = current_app.extensions["locks"]
    with tenant_scope(tenant_id):
        try:
            with reached.reached(account_id) as provider:
                refs = provider.hints(dict(request.headers), raw)
        except LockError as no:
            log.warning("lock notice refused", extra={"why": no.code, "account": account_id})
            return Response("no", status=400, mimetype="text/plain")
        door_notices.note_ids(account_id, refs, now=context.now())
    return Response("ok", mimetype="text/plain")


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
