"""What a customer does: pays, chooses a store, goes to it or does not, names a bank account."""

from app.sims.stripe import cards, konbini, refunds, sessions
from app.sims.stripe.errors import NotPossible
from app.sims.stripe.sweeping import acting
from app.sims.stripe.world import Body, World, shown

FAR_EXPIRY = (12, 2049)


class Customer:
    """The hands of a customer; each raises NotPossible where the pages would say no."""

    world: World

    def pay_card(
        self,
        session_id: str,
        number: str = "4242424242424242",
        *,
        name: str = "",
        expiry: tuple[int, int] = FAR_EXPIRY,
    ) -> str | None:
        """Try a card; return what the customer is told when it is declined, None when paid."""
        with acting(self.world) as world:
            return cards.pay(world, session(world, session_id), number=number, name=name,
                             expiry=expiry)  # fmt: skip

    def pay_paypay(self, session_id: str) -> None:
        """Pay by PayPay."""
        with acting(self.world) as world:
            cards.pay_paypay(world, session(world, session_id))

    def choose_konbini(
        self, session_id: str, store: str = "lawson", *, name: str = "", phone: str = ""
    ) -> Body:
        """Ask for a voucher; return the payment intent with its codes."""
        with acting(self.world) as world:
            chosen = session(world, session_id)
            return shown(konbini.choose(world, chosen, store=store, name=name, phone=phone))

    def pay_konbini(self, session_id: str) -> None:
        """Pay the voucher at the store."""
        with acting(self.world) as world:
            konbini.pay(world, intent(world, session_id))

    def lapse_konbini(self, session_id: str) -> None:
        """Let the voucher end unpaid, whatever the time is."""
        with acting(self.world) as world:
            konbini.lapse(world, intent(world, session_id))

    def expire_session(self, session_id: str) -> None:
        """Let an open session end, whatever the time is."""
        with acting(self.world) as world:
            open_one = session(world, session_id)
            if open_one["status"] != "open":
                raise NotPossible("このお支払いの手続きは、もう終わっています。")
            sessions.end(world, open_one)

    def give_bank_details(self, refund_id: str) -> None:
        """Answer the mail that asks where the money of a konbini payment shall go."""
        with acting(self.world) as world:
            refunds.give_bank_details(world, world.find("refund", refund_id))


def session(world: World, session_id: str) -> Body:
    """Return a session of any account."""
    return world.find("checkout.session", session_id)


def intent(world: World, session_id: str) -> Body:
    """Return the intent of a session; raises where the customer has not yet tried to pay."""
    found = session(world, session_id)
    if found["payment_intent"] is None:
        raise NotPossible("まだ支払い方法が選ばれていません。")
    return world.find("payment_intent", found["payment_intent"])
