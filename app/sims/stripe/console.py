"""The simulator's own page: what there is, and a button for all that can happen to it."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.sims.stripe.errors import NotPossible, StripeError
from app.sims.stripe.provider import Stripe
from app.sims.stripe.telling import in_words, local
from app.sims.stripe.world import Body

MOST_SHOWN = 50


def blueprint(sim: Stripe) -> Blueprint:
    """Return the page and its buttons."""
    bp = Blueprint("console", __name__)
    doing = buttons(sim)

    @bp.get("/")
    def console() -> ResponseReturnValue:
        return console_page(sim)

    @bp.post("/do/<action>")
    def press(action: str) -> ResponseReturnValue:
        try:
            doing[action](request.form.get("id", ""))
        except KeyError:
            return console_page(sim, "そのようなボタンはありません。", 404)
        except (NotPossible, StripeError, ValueError) as no:
            return console_page(sim, str(no), 422)
        return redirect("/", code=303)

    return bp


def buttons(sim: Stripe) -> dict[str, Callable[[str], object]]:
    """Return what each button does with the id it is pressed for."""
    return {
        "pay-konbini": sim.pay_konbini,
        "lapse-konbini": sim.lapse_konbini,
        "expire": sim.expire_session,
        "refund": lambda ident: sim.dashboard_refund(ident, wished_yen()),
        "dispute": sim.open_dispute,
        "win-dispute": lambda ident: sim.close_dispute(ident, won=True),
        "lose-dispute": lambda ident: sim.close_dispute(ident, won=False),
        "settle-refund": sim.settle_refund,
        "fail-refund": sim.fail_refund,
        "hour": lambda _: sim.clock.advance(hours=1),
        "day": lambda _: sim.clock.advance(days=1),
        "hold": lambda _: sim.hold_deliveries(),
        "release": lambda _: sim.release_deliveries(),
        "again": sim.deliver,
    }


def wished_yen() -> int | None:
    """Return the yen that were typed, or None for all that is left."""
    typed = request.form.get("yen", "").strip()
    return int(typed) if typed else None


def console_page(sim: Stripe, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    """Show everything, the newest first."""
    page = render_template(
        "console.html",
        now=local(sim.clock.epoch()),
        moved=bool(sim.clock.offset),
        holding=sim.world.holding,
        sessions=[with_intent(sim, one) for one in newest(sim.sessions())],
        refunds=newest(sim.refunds()),
        disputes=newest(sim.disputes()),
        events=newest(sim.events()),
        deliveries=newest(sim.deliveries()),
        in_words=in_words,
        local=local,
        wrong=wrong,
    )
    return page, status


def newest(found: list[Body]) -> list[Body]:
    """Return the newest first, as many as a page holds."""
    return found[: -MOST_SHOWN - 1 : -1]


def with_intent(sim: Stripe, session: Body) -> Body:
    """Return a session with what its buttons depend on."""
    ident = session["payment_intent"]
    with sim.world.lock:
        intent = sim.world.find("payment_intent", ident) if ident else {"status": None}
        names = sim.world.aside(session)["names"]
        account = sim.world.account_of(session)
    return session | {"intent": dict(intent), "names": names, "account": account}
