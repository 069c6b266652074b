"""Paying at a convenience store: a voucher first, the money days later or never."""

import secrets
from datetime import datetime, time, timedelta

from app.kernel.clock import TOKYO
from app.sims.stripe import intents, sessions
from app.sims.stripe.cards import check_offered
from app.sims.stripe.errors import NotPossible
from app.sims.stripe.events import emit
from app.sims.stripe.world import Body, World, new_id

STORES = {
    "familymart": "ファミリーマート",
    "lawson": "ローソン",
    "ministop": "ミニストップ",
    "seicomart": "セイコーマート",
}
USUAL_DAYS = 3
GRACE = timedelta(minutes=30)  # a slip printed at the till's terminal stays payable a while


def choose(
    world: World, session: Body, *, store: str = "lawson", name: str = "", phone: str = ""
) -> Body:
    """Hand out a voucher; return the intent, which waits for its money."""
    check_offered(session, "konbini")
    if store not in STORES:
        raise NotPossible("お店を選んでください。")
    intent = intents.intent_of(world, session)
    options = session["payment_method_options"].get("konbini", {})
    ends = last_moment(world.clock.now(), options.get("expires_after_days", USUAL_DAYS))
    confirmation = phone or digits(11)
    intent |= {
        "last_payment_error": None,
        "latest_charge": None,
        "next_action": {
            "type": "konbini_display_details",
            "konbini_display_details": {
                "expires_at": int(ends.timestamp()),
                "hosted_voucher_url": f"{world.base_url}/voucher/{intent['id']}",
                "stores": {
                    one: {"confirmation_number": confirmation, "payment_code": digits(6)}
                    for one in STORES
                },
            },
        },
        "payment_method": new_id("pm"),
        "status": "requires_action",
    }
    world.aside(intent)["store"] = store
    emit(world, "payment_intent.requires_action", intent)
    customer = {"name": name or None, "phone": phone or None}
    sessions.complete(world, session, paid=False, customer=customer)
    return intent


def last_moment(chosen: datetime, days: int) -> datetime:
    """Return the end of the last day on which a voucher can be paid."""
    day = chosen.astimezone(TOKYO).date() + timedelta(days=days)
    return datetime.combine(day, time(23, 59, 59), TOKYO)


def digits(count: int) -> str:
    """Return random digits that do not begin with a nought."""
    return str(secrets.randbelow(9) + 1) + "".join(
        str(secrets.randbelow(10)) for _ in range(count - 1)
    )


def pay(world: World, intent: Body) -> None:
    """Pay a voucher at the store; until half an hour after its end the till still takes it."""
    check_waiting(intent)
    session = intents.session_of(world, intent)
    store = {"store": {"chain": world.aside(intent)["store"]}}
    customer = session["customer_details"]
    billing = {name: customer[name] for name in ("email", "name", "phone")}
    intents.succeed(world, intent, {"type": "konbini", "konbini": store}, billing)
    session["payment_status"] = "paid"
    emit(world, "checkout.session.async_payment_succeeded", session)


def lapse(world: World, intent: Body) -> None:
    """Let a voucher end without its money."""
    check_waiting(intent)
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_payment_attempt_expired",
        "message": "The payment attempt for this PaymentIntent has expired.",
    }
    intents.fail(world, intent, error)
    emit(world, "checkout.session.async_payment_failed", intents.session_of(world, intent))


def check_waiting(intent: Body) -> None:
    """Raise unless an intent waits for money from a store."""
    if intent["status"] != "requires_action":
        raise NotPossible("この払込票では、もう払えません。")


def lapse_those_due(world: World) -> bool:
    """Let every voucher lapse that no till takes any more; say whether there was one."""
    last = (world.clock.now() - GRACE).timestamp()
    due = [
        one
        for one in world.every("payment_intent")
        if one["status"] == "requires_action"
        and one["next_action"]["konbini_display_details"]["expires_at"] < last
    ]
    for one in due:
        lapse(world, one)
    return bool(due)
