"""The pages after the payment page: the voucher, and where a refund shall go."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.sims.stripe.errors import NotPossible, StripeError
from app.sims.stripe.konbini import STORES
from app.sims.stripe.pages import session_by, status_of, success
from app.sims.stripe.provider import Stripe
from app.sims.stripe.telling import in_words, local


def blueprint(sim: Stripe) -> Blueprint:
    """Return the pages."""
    bp = Blueprint("later", __name__)

    @bp.get("/voucher/<intent_id>")
    def voucher(intent_id: str) -> ResponseReturnValue:
        return voucher_page(sim, intent_id)

    @bp.post("/voucher/<intent_id>/<action>")
    def at_the_store(intent_id: str, action: str) -> ResponseReturnValue:
        session = session_of(sim, intent_id)
        try:
            (sim.pay_konbini if action == "pay" else sim.lapse_konbini)(session["id"])
        except NotPossible as no:
            return voucher_page(sim, intent_id, str(no))
        return redirect(f"/voucher/{intent_id}", code=303)

    @bp.route("/refund/<refund_id>", methods=["GET", "POST"])
    def bank_account(refund_id: str) -> ResponseReturnValue:
        wrong = ""
        if request.method == "POST":
            try:
                sim.give_bank_details(refund_id)
                return redirect(f"/refund/{refund_id}", code=303)
            except NotPossible as no:
                wrong = str(no)
        refund = next((one for one in sim.refunds() if one["id"] == refund_id), None)
        page = render_template("refund.html", refund=refund, wrong=wrong, in_words=in_words)
        return page, status_of(refund, wrong)

    @bp.errorhandler(StripeError)
    def not_there(no: StripeError) -> ResponseReturnValue:
        return render_template("pay.html", session=None), no.status

    return bp


def session_of(sim: Stripe, intent_id: str) -> dict[str, Any]:
    """Return the session of an intent; raises 404."""
    with sim.world.lock:
        intent = sim.world.find("payment_intent", intent_id)
        return session_by(sim, sim.world.aside(intent)["session"])


def voucher_page(sim: Stripe, intent_id: str, wrong: str = "") -> ResponseReturnValue:
    """Show the codes of a voucher, and what became of it."""
    session = session_of(sim, intent_id)
    with sim.world.lock:
        intent = dict(sim.world.find("payment_intent", intent_id))
        chosen = sim.world.aside(intent).get("store", "lawson")
    waiting = (intent["next_action"] or {}).get("konbini_display_details")
    page = render_template(
        "voucher.html",
        intent=intent,
        waiting=waiting,
        codes=waiting["stores"][chosen] if waiting else None,
        store=STORES[chosen],
        until=local(waiting["expires_at"]) if waiting else "",
        success=success(session),
        wrong=wrong,
    )
    return page, status_of(intent, wrong)
