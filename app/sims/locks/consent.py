"""The token desk, and the page where an account lets an application in."""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlencode

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.sims.kept import Body
from app.sims.locks import tokens
from app.sims.locks.errors import NotPossible, VendorError
from app.sims.locks.vendor import Vendor

Work: TypeAlias = Callable[[dict[str, str]], Body]

SECRETS = ("client_secret", "code", "refresh_token", "token")


def blueprint(sim: Vendor) -> Blueprint:
    """Return what is under /oauth."""
    bp = Blueprint("oauth", __name__, url_prefix="/oauth")

    @bp.post("/token")
    def token() -> ResponseReturnValue:
        return told(sim, lambda form: tokens.granted(sim.world, form))

    @bp.post("/revoke")
    def revoke() -> ResponseReturnValue:
        return told(sim, lambda form: tokens.revoke(sim.world, form))

    @bp.get("/authorize")
    def ask() -> ResponseReturnValue:
        return consent_page(sim)

    @bp.post("/authorize")
    def consent() -> ResponseReturnValue:
        return consented(sim)

    return bp


def told(sim: Vendor, work: Work) -> ResponseReturnValue:
    """Answer a call of the token desk; secrets do not get into the log."""
    form = request.form.to_dict()
    if basic := request.authorization:
        form |= {"client_id": basic.username or "", "client_secret": basic.password or ""}
    seen = {name: "…" if name in SECRETS else value for name, value in form.items()}
    line = sim.desk.logged("POST", request.path, seen)
    try:
        with sim.world.changing():
            body, status = work(form), 200
    except VendorError as no:
        body, status = no.body, no.status
    line.update(status=status, client=form.get("client_id"))
    return jsonify(body), status


def consent_page(sim: Vendor, wrong: str = "") -> ResponseReturnValue:
    """Ask whether an application may see an account's doors."""
    given = request.values
    known = sim.world.directory.knows_client(given.get("client_id", ""))
    if not known or given.get("response_type") != "code":
        wrong = "このアプリは、登録されていません。"
    page = render_template(
        "consent.html",
        accounts=sim.world.directory.accounts.values(),
        given=given,
        wrong=wrong,
        can=known,
    )
    return page, 422 if wrong else 200


def consented(sim: Vendor) -> ResponseReturnValue:
    """Send the browser back with a code, or with a no."""
    given = request.form
    back, state = given.get("redirect_uri", ""), given.get("state", "")
    if not sim.world.directory.knows_client(given.get("client_id", "")):
        return consent_page(sim)
    if not back.startswith(("http://", "https://")):
        return consent_page(sim, "もどり先のアドレスがありません。")
    try:
        answer = {"code": sim.code(given["client_id"], given["account"], back)}
    except (KeyError, NotPossible):
        return consent_page(sim, "アカウントをえらんでください。")
    if given.get("answer") == "no":
        answer = {"error": "access_denied"}
    answer |= {"state": state} if state else {}
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode(answer)}", code=303)
