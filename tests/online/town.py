"""みどり市 as it is paid over the network: an account that two people agreed to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from app.adapters.stripe_checkout import StripeGateway
from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.payments.models import LedgerEntry, Receipt
from app.payments.online import accounts
from app.payments.online.accounts import Proposal
from app.payments.online.models import PaymentAttempt, PaymentPart
from app.payments.refunds.models import Refund
from app.payments.tasks import MoneyTask
from app.sims.stripe import StripeSim
from app.usecases import at_provider, online_accounts, paid_online, paying_online
from app.usecases.at_provider import Provider
from app.usecases.paying_online import Choice
from tests import builders
from tests.conftest import SECRET as SERVICE_SECRET
from tests.conftest import Clock
from tests.web.situations import ONE_ROOM, Room, has_booked

KEY, ACCOUNT, SECRET = "sk_test_platform", "acct_city", "whsec_of_the_platform"
PAGES = "http://localhost/midori"


@dataclass(frozen=True)
class Town:
    """What a test does in the town: books, goes to pay, and reads what came of it."""

    app: Flask
    sim: StripeSim
    clock: Clock

    @property
    def provider(self) -> Provider:
        return Provider(StripeGateway(KEY, self.sim.base_url), SERVICE_SECRET, PAGES)

    def paid_town(self) -> paid_online.Town:
        return paid_online.Town(builders.catalogue_of("midori"), "みどり市")

    def books(self, person: Applicant, *rooms: Room, key: str = "earlier") -> Booking:
        """Make a booking that is to be paid."""
        made = has_booked(self.app, person, rooms or ONE_ROOM, key=key, now=self.clock.now)
        return made.booking

    def goes(self, person: Applicant, *bookings: Booking, way: str = "card") -> int:
        """Go to pay for bookings; return the attempt, whose page is open."""
        with self.app.app_context(), tenant_scope(1):
            yen = sum(one.fee_yen for one in bookings)
            chosen = Choice([one.id for one in bookings], "city", way, yen)
            who = Actor("resident", person.account_id)
            found = builders.catalogue_of("midori")
            attempt_id = paying_online.begin(found, chosen, actor=who, now=self.clock.now)
            at_provider.open_page(self.provider, self.paid_town(), attempt_id, now=self.clock.now)
            return attempt_id

    def asks(self, attempt_id: int) -> str:
        """Ask the provider how an attempt stands."""
        with self.app.app_context(), tenant_scope(1):
            return at_provider.refresh(
                self.provider, self.paid_town(), attempt_id, now=self.clock.now
            )

    def session_of(self, attempt_id: int) -> str:
        return str(self.attempt(attempt_id).session_ref)

    def attempt(self, attempt_id: int) -> PaymentAttempt:
        return self.rows(PaymentAttempt, PaymentAttempt.id == attempt_id)[0]

    def parts(self, attempt_id: int) -> list[PaymentPart]:
        return self.rows(PaymentPart, PaymentPart.attempt_id == attempt_id)

    def booking(self, booking: Booking) -> Booking:
        return self.rows(Booking, Booking.id == booking.id)[0]

    def ledger(self, booking: Booking) -> list[tuple[str, int]]:
        """Return kind and yen of each entry, in order."""
        found = self.rows(LedgerEntry, LedgerEntry.booking_id == booking.id)
        return [(one.kind, one.yen) for one in found]

    def owed(self, booking: Booking) -> int:
        return sum(yen for _kind, yen in self.ledger(booking))

    def receipts(self, booking: Booking) -> list[Receipt]:
        return self.rows(Receipt, Receipt.booking_id == booking.id)

    def refunds(self, booking: Booking) -> list[Refund]:
        return self.rows(Refund, Refund.booking_id == booking.id)

    def tasks(self) -> list[str]:
        return [one.kind for one in self.rows(MoneyTask)]

    def letters(self) -> list[str]:
        with self.app.app_context(), tenant_scope(1):
            return list(db.session.scalars(text("select template from delivery order by id")))

    def moves(self, **later: float) -> datetime:
        """Let time pass here and at the provider."""
        self.clock.now += timedelta(**later)
        self.sim.clock.stand_still(self.clock.now)
        return self.clock.now

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        with self.app.app_context(), tenant_scope(1):
            query = select(table).where(table.tenant_id == 1, *conditions).order_by(table.id)
            found = list(db.session.scalars(query.execution_options(populate_existing=True)))
            db.session.expunge_all()
            return found


def a_town(app: Flask, sim: StripeSim, clock: Clock, *, payee: str = "city") -> Town:
    """Let somebody propose the account and another agree."""
    with app.app_context():
        tenant_id = builders.tenant_id_of("midori")
        assert tenant_id == 1
        with tenant_scope(tenant_id):
            gives_account(app, sim, payee, now=clock.now)
    return Town(app, sim, clock)


def gives_account(app: Flask, sim: StripeSim, payee: str, *, now: datetime) -> int:
    """Put an account in force; call in the scope of the municipality."""
    wanted = Proposal(
        payee, accounts.CONNECT, ACCOUNT, "designated_agent", "令和8年告示第12号",
        frozenset({"card", "konbini", "paypay"}),
    )  # fmt: skip

    def work(session: Any) -> int:
        return accounts.propose(
            session, wanted, secret=SERVICE_SECRET, account_id=900_002, now=now
        ).id

    made: int = in_transaction(work)
    online_accounts.approve(made, actor=Actor("staff", 900_003), now=now)
    return made
