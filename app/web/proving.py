"""What pages of proofs share: what is kept between two steps, the site of passkeys, going in."""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, g, jsonify, request, session

from app.db import db
from app.identity.proofs.passkeys import Site
from app.identity.proofs.sealing import seal, unseal
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.usecases.staff_signing_in import Visit
from app.web import context, device, entrance, way_back

KEPT_SECONDS = 15 * 60


def visit(email: str) -> Visit:
    """Return who asks to be let in, and from where."""
    secret = context.settings().secret_key
    return Visit(device.browser(email), secret, g.request_id, context.now())


def keep(name: str, told: dict[str, Any]) -> None:
    """Keep something between two steps in the browser, sealed: it can't be read or changed."""
    session[name] = seal(context.settings().secret_key, name, json.dumps(told))


def kept(name: str) -> dict[str, Any] | None:
    """Return what was kept in the last quarter of an hour."""
    try:
        text = unseal(
            context.settings().secret_key, name, session.get(name, ""), within_seconds=KEPT_SECONDS
        )
    except ValueError:
        return None
    found: dict[str, Any] = json.loads(text)
    return found


def forget(name: str) -> None:
    """Forget what was kept."""
    session.pop(name, None)


def site() -> Site:
    """Return the site whose passkeys are good here: the host that pages are called by."""
    host = urlsplit(request.host_url)
    return Site(host.hostname or "", request.host_url.rstrip("/"), "Kaikan 施設予約 職員用")


def answered() -> tuple[dict[str, Any], str]:
    """Return a browser's answer and the challenge it answers; each is good once."""
    told = request.get_json(silent=True)
    waiting = kept("challenge")
    forget("challenge")
    if not isinstance(told, dict) or waiting is None:
        raise Refused(Refusal("passkey.too_late"))
    return told, waiting["challenge"]


def let_in(token: str, email: str, following: str) -> Response:
    """Carry the session of staff from now on, and go to what was asked for."""
    response = entrance.entered(token, email, following or "")
    response.headers["Location"] = way_back.or_home(following)
    return response


def told_where(response: Response) -> Response:
    """Return an answer for a program in place of one that sends a browser on, cookies and all."""
    told = jsonify(next=response.headers["Location"])
    for cookie in response.headers.getlist("Set-Cookie"):
        told.headers.add("Set-Cookie", cookie)
    return told


def email(account_id: int) -> str:
    """Return the address of an account."""
    return email_of(db.session(), account_id)
