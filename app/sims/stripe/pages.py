"""The page where a customer pays."""

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel.clock import TOKYO
from app.sims.stripe.errors import NotPossible, StripeError
from app.sims.stripe.konbini import STORES
from app.sims.stripe.provider import Stripe
from app.sims.stripe.telling import fields, local


def blueprint(sim: Stripe) -> Blueprint:
    """Return the payment page."""
    bp = Blueprint("pay", __name__)

    @bp.get("/pay/<session_id>")
    def pay(session_id: str) -> ResponseReturnValue:
        return pay_page(sim, session_id)

    @bp.post("/pay/<session_id>/<method>")
    def pay_by(session_id: str, method: str) -> ResponseReturnValue:
        try:
            wrong = tried(sim, session_id, method)
        except NotPossible as no:
            wrong = str(no)
        if wrong:
            return pay_page(sim, session_id, method, wrong)
        return redirect(after_paying(sim, session_id, method), code=303)

    @bp.errorhandler(StripeError)
    def not_there(no: StripeError) -> ResponseReturnValue:
        return render_template("pay.html", session=None), no.status

    return bp


def tried(sim: Stripe, session_id: str, method: str) -> str | None:
    """Do what a customer asked for; return what is wrong with it."""
    name = request.form.get("name", "").strip()
    if method == "paypay":
        sim.pay_paypay(session_id)
        return None
    if method == "konbini":
        phone = fields.digits(request.form.get("phone", ""))
        if wrong := fields.konbini(name, phone):
            return wrong
        sim.choose_konbini(session_id, request.form.get("store", ""), name=name, phone=phone)
        return None
    number = fields.digits(request.form.get("number", ""))
    expiry = fields.expiry(request.form.get("expiry", ""))
    now = sim.clock.now().astimezone(TOKYO)
    if expiry is None or (wrong := fields.card(number, expiry, request.form.get("cvc", ""), now)):
        return wrong if expiry else "期限を「月/年」で入れてください。例：12/30"
    return sim.pay_card(session_id, number, name=name, expiry=expiry)


def after_paying(sim: Stripe, session_id: str, method: str) -> str:
    """Return where a customer goes next: to the voucher, or back to the hall."""
    session = session_by(sim, session_id)
    if method == "konbini":
        return f"/voucher/{session['payment_intent']}"
    return success(session)


def success(session: dict[str, Any]) -> str:
    """Return the address of success with the session's id in it."""
    filled = re.compile(r"\{CHECKOUT_SESSION_ID\}|%7BCHECKOUT_SESSION_ID%7D", re.IGNORECASE)
    return filled.sub(str(session["id"]), str(session["success_url"]))


def session_by(sim: Stripe, session_id: str) -> dict[str, Any]:
    """Return a session; raises 404."""
    with sim.world.lock:
        return dict(sim.world.find("checkout.session", session_id))


def pay_page(
    sim: Stripe, session_id: str, method: str = "", wrong: str = ""
) -> ResponseReturnValue:
    """Show how to pay, or that it is over."""
    sim.sessions()  # lets a session end whose time is over
    session = session_by(sim, session_id)
    page = render_template(
        "pay.html",
        session=session,
        names=sim.world.aside(session)["names"],
        stores=STORES,
        typed=request.form,
        method=method or session["payment_method_types"][0],
        wrong=wrong,
        success=success(session),
        until=local(session["expires_at"]),
    )
    return page, status_of(session, wrong)


def status_of(found: object, wrong: str) -> int:
    """Return the status of a page."""
    if found is None:
        return 404
    return 422 if wrong else 200
