"""A simulated Stripe with a platform and two cities, a vendor of locks, somebody who listens."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from app.sims.locks import IGLOO, Account, Door, LockSim
from app.sims.stripe import StripeSim
from tests.sims import locking
from tests.sims.locking import Vendor

KEY, CITY, TOWN = "sk_test_platform", "acct_city", "acct_town"
NOON = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo
SECRET = "whsec_tests"


class Listener:
    """Stands for the service's webhook endpoint; answers as it is told and keeps what came."""

    def __init__(self) -> None:
        self.status: list[int] = []  # of the next answers; afterwards 200
        self.heard: list[tuple[bytes, str]] = []
        outer = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((body, self.headers["Stripe-Signature"]))
                self.send_response(outer.status.pop(0) if outer.status else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.heard]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.stop()


@pytest.fixture
def sim() -> Iterator[StripeSim]:
    every = {"card", "konbini", "paypay"}
    with StripeSim(keys={KEY: None}, accounts={CITY: every, TOWN: {"card"}}) as one:
        one.clock.stand_still(NOON)
        yield one


@pytest.fixture
def client(sim: StripeSim) -> stripe.StripeClient:
    return client_of(sim)


def client_of(sim: StripeSim, key: str = KEY) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": sim.base_url}, max_network_retries=0)


def params(yen: int = 1200, **changed: Any) -> dict[str, Any]:
    """What the service sends to open a session in which nothing is wrong."""
    item = {"currency": "jpy", "unit_amount": yen, "product_data": {"name": "第1会議室"}}
    told = {"tenant": "t_1", "attempt": "a_1"}
    return {
        "mode": "payment",
        "locale": "ja",
        "currency": "jpy",
        "client_reference_id": "a_1",
        "success_url": "http://hall.example/pay/return?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://hall.example/pay/cancelled",
        "customer_email": "someone@example.jp",
        "line_items": [{"quantity": 1, "price_data": item}],
        "payment_intent_data": {"metadata": told},
        "metadata": told,
    } | changed


Opens = Callable[..., stripe.checkout.Session]


@pytest.fixture
def opened(client: stripe.StripeClient) -> Opens:
    """Open a session on the city's account."""

    def open_one(
        yen: int = 1200, *, account: str | None = CITY, key: str | None = None, **changed: Any
    ) -> stripe.checkout.Session:
        options: Any = {"stripe_account": account} if account else {}
        options |= {"idempotency_key": key} if key else {}
        asked: Any = params(yen, **changed)
        return client.v1.checkout.sessions.create(params=asked, options=options)

    return open_one


AT_CITY: Any = {"stripe_account": CITY}
AT_TOWN: Any = {"stripe_account": TOWN}


FOUR_HOURS = 4 * 3600


def accounts() -> list[Account]:
    """A city with two applications and four doors, and a town with one of each."""
    doors = [
        Door("正面入口"),
        Door("集会室", heartbeat=900),
        Door("ホール", heartbeat=FOUR_HOURS, place="ホール棟"),
        Door("倉庫", kind=IGLOO),
    ]
    apps = {locking.CITY_APP: locking.WORD, locking.OTHER_APP: locking.WORD}
    return [
        Account("city", apps, doors),
        Account("town", {locking.TOWN_APP: locking.WORD}, [Door("町の入口")]),
    ]


@pytest.fixture
def locks() -> Iterator[LockSim]:
    with LockSim(*accounts()) as one:
        one.clock.stand_still(locking.NOON)
        one.heartbeat()  # heartbeats are counted from here
        yield one


@pytest.fixture
def vendor(locks: LockSim) -> Vendor:
    return Vendor(locks)
