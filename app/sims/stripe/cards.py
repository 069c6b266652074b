"""Paying at once: by card with Stripe's test numbers, or by PayPay."""

from app.sims.stripe import intents, sessions
from app.sims.stripe.errors import NotPossible
from app.sims.stripe.world import Body, World

GOOD = {  # number: brand, country
    "4242424242424242": ("visa", "US"),
    "4000003920000003": ("visa", "JP"),
    "5555555555554444": ("mastercard", "US"),
    "3566002020360505": ("jcb", "JP"),
}
DECLINED = {  # number: code, decline code, what the customer reads
    "4000000000000002": ("card_declined", "generic_decline", "カードが使えませんでした。"),
    "4000000000009995": ("card_declined", "insufficient_funds", "カードの残高が足りません。"),
    "4000000000000069": ("expired_card", None, "カードの期限が切れています。"),
}
WRONG = ("incorrect_number", None, "カード番号を確かめてください。")


def pay(
    world: World, session: Body, *, number: str, name: str = "", expiry: tuple[int, int]
) -> str | None:
    """Try a card (expiry is month and year); return what is wrong, or None when it is paid."""
    check_offered(session, "card")
    intent = intents.intent_of(world, session)
    brand, country = GOOD.get(number, ("visa", "US"))
    details = {
        "type": "card",
        "card": {
            "brand": brand,
            "country": country,
            "exp_month": expiry[0],
            "exp_year": expiry[1],
            "last4": number[-4:],
        },
    }
    billing = {"email": session["customer_email"], "name": name or None}
    if number not in GOOD:
        code, why, said = DECLINED.get(number, WRONG)
        error = {"type": "card_error", "code": code, "decline_code": why, "message": said}
        intents.decline(world, intent, details, billing, error)
        return said
    intents.succeed(world, intent, details, billing)
    sessions.complete(world, session, paid=True, customer={"name": name or None})
    return None


def pay_paypay(world: World, session: Body) -> None:
    """Pay by PayPay."""
    check_offered(session, "paypay")
    intent = intents.intent_of(world, session)
    billing = {"email": session["customer_email"]}
    intents.succeed(world, intent, {"type": "paypay", "paypay": {}}, billing)
    sessions.complete(world, session, paid=True, customer={})


def check_offered(session: Body, method: str) -> None:
    """Raise unless a session is open and offers a method."""
    if session["status"] != "open":
        raise NotPossible("このお支払いの手続きは、もう終わっています。")
    if method not in session["payment_method_types"]:
        raise NotPossible("この方法では払えません。")
