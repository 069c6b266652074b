"""What stands outside the service's reach: Stripe's Dashboard, banks, the network."""

from collections.abc import Iterable
from datetime import datetime

from app.sims.posting import post_raw
from app.sims.stripe import disputes, refunds
from app.sims.stripe.accounts import Caller
from app.sims.stripe.courier import Courier
from app.sims.stripe.customer import intent
from app.sims.stripe.desk import Desk
from app.sims.stripe.endpoints import Endpoint
from app.sims.stripe.errors import NotPossible, StripeError
from app.sims.stripe.events import emit, event
from app.sims.stripe.signing import signed
from app.sims.stripe.sweeping import acting
from app.sims.stripe.world import Body, World, shown


class Operator:
    """The hands of Stripe and of fate."""

    world: World
    desk: Desk
    courier: Courier

    def dashboard_refund(self, session_id: str, yen: int | None = None) -> Body:
        """Refund in the Dashboard, past the service; return the refund."""
        with acting(self.world) as world:
            paid = intent(world, session_id)
            asked = {"payment_intent": paid["id"], "instructions_email": mail_of(world, session_id)}
            asked |= {} if yen is None else {"amount": yen}
            caller = Caller(world.account_of(paid), connected=False)
            try:
                return shown(refunds.create(world, caller, asked))
            except StripeError as no:
                raise NotPossible(str(no)) from no

    def settle_refund(self, refund_id: str) -> None:
        """Let a refund on its way arrive."""
        with acting(self.world) as world:
            refunds.settle(world, world.find("refund", refund_id))

    def fail_refund(self, refund_id: str, reason: str = "unknown") -> None:
        """Let a refund come back from the bank."""
        with acting(self.world) as world:
            refunds.fail(world, world.find("refund", refund_id), reason)

    def open_dispute(self, session_id: str) -> Body:
        """Let the cardholder dispute a payment; return the dispute."""
        with acting(self.world) as world:
            charge = intent(world, session_id)["latest_charge"]
            if charge is None:
                raise NotPossible("この支払いは、まだ終わっていません。")
            return shown(disputes.open_one(world, world.find("charge", charge)))

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        """Decide a dispute."""
        with acting(self.world) as world:
            disputes.close(world, world.find("dispute", dispute_id), won=won)

    def set_methods(self, account: str, methods: Iterable[str]) -> None:
        """Let an account gain or lose ways of being paid, and tell."""
        with acting(self.world) as world:
            world.accounts.active[account] = set(methods)
            body = world.accounts.shown(account)
            emit(world, "account.updated", world.keep(account, body))

    def fault(
        self, method: str, path_regex: str, kind: str, *, times: int = 1, seconds: float = 0
    ) -> None:
        """Let the next calls fail: 500, 500_after, 429, slow, drop, drop_after.

        What ends in `_after` was done, and its answer is lost; the idempotency key remembers
        the answer. Before that nothing was done and the key is free.
        """
        self.desk.faults.order(method, path_regex, kind, times=times, seconds=seconds)

    def hold_deliveries(self) -> None:
        """Keep back every delivery from now on, until they are released."""
        with self.world.lock:
            self.world.holding = True

    def delay_deliveries(self, seconds: float) -> None:
        """Let deliveries from now on set out later."""
        self.courier.delay = seconds

    def release_deliveries(self, order: list[str] | None = None) -> None:
        """Send what was held: these events first, the others as they happened."""
        self.courier.release(order)

    def discard_deliveries(self) -> None:
        """Lose what was held."""
        self.courier.discard()

    def wait_for_deliveries(self, timeout: float = 10) -> bool:
        """Wait until nothing is under way; say whether that came. Held ones do not count."""
        return self.courier.wait(timeout)

    def deliver(
        self,
        event_id: str,
        *,
        times: int = 1,
        secret: str | None = None,
        at: datetime | None = None,
        livemode: bool | None = None,
        account: str | None = None,
    ) -> int:
        """Deliver an event at once, true or forged; return the last answer's status, 0 for none.

        A wrong `secret`, an old `at`, the other `livemode` or an `account` nobody knows make a
        forgery. What the courier does with the event is not changed.
        """
        with self.world.lock:
            takers, told = self._telling(event_id, livemode=livemode, account=account)
        status = 0
        for _ in range(times):
            for taker in takers:
                status = post_raw(taker.url, *signed(taker.shape(told), secret or taker.secret, at))
        return status

    def sealed(
        self,
        event_id: str,
        secret: str,
        *,
        at: datetime | None = None,
        livemode: bool | None = None,
        account: str | None = None,
    ) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of a delivery, for a receiver that listens nowhere."""
        with self.world.lock:
            _, told = self._telling(event_id, livemode=livemode, account=account)
        return signed(told, secret, at)

    def _telling(
        self, event_id: str, *, livemode: bool | None, account: str | None
    ) -> tuple[list[Endpoint], Body]:
        found = event(self.world, event_id)
        if found is None:
            raise NotPossible(f"no such event: {event_id}")
        told = shown(found)
        owner = next(o["account"] for o in self.world.events if o["body"]["id"] == event_id)
        takers = self.world.takers(owner)
        if livemode is not None:
            told["livemode"] = livemode
        if account is not None:
            told["account"] = account
            takers = [one for one in self.world.endpoints if one.kind == "connect"]
        return takers, told


def mail_of(world: World, session_id: str) -> str:
    """Return where the Dashboard asks for a bank account."""
    details = world.find("checkout.session", session_id)["customer_details"] or {}
    return details.get("email") or "nobody@example.jp"
