"""Money at the counter: entered once, receipts without a gap, taken back, the day closed."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.booking.models import Booking
from app.booking.service.submitting import Submitted
from app.booking.states import State
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refused
from app.payments import receipts, till
from app.payments.models import CashDay, LedgerEntry, Receipt
from app.payments.service import Entry, balance_of, enter
from app.payments.till import Count
from app.tenants.models import PolicyVersion
from app.usecases import receiving
from app.usecases.cancelling import cancel_at_once
from app.usecases.closing_till import close_till
from app.usecases.lapsing import lapse_overdue
from app.usecases.receiving import Taken
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.db import proof
from tests.racing import race
from tests.reports.situations import a_booking, clerk, working
from tests.usecases import steps
from tests.usecases.steps import CLERK
from tests.web.situations import a_third_hall

TODAY = MONDAY_9AM.date()
HOURS = [(hour, hour + 1) for hour in range(9, 21)]


def a_clerk(app: Flask) -> Actor:
    """Somebody who works here: who closes a day is kept with their account."""
    clerk(app)
    with app.app_context():
        account = db.session.scalar(text("select id from account where email='clerk@example.jp'"))
    return Actor("staff", account)


def has_payees(app: Flask, *payees: dict[str, Any]) -> None:
    """Publish a policy of みどり市 that names payees."""
    with app.app_context():
        tenant_id = builders.tenant_id_of("midori")
        document = {**builders.POLICY, "payees": payees}
        with tenant_scope(tenant_id):
            in_transaction(
                lambda session: session.execute(
                    insert(PolicyVersion).values(
                        tenant_id=tenant_id, effective_from=builders.FROM + timedelta(days=1),
                        published_at=MONDAY_9AM, document=document,
                    )
                ),
                as_owner=True,
            )  # fmt: skip


def seen(made: Submitted) -> Any:
    """Return what threads may read of a booking: its session is another's."""
    return SimpleNamespace(id=made.booking.id, fee_yen=made.booking.fee_yen)


def receive(found: Catalogue, booking: Any, **more: Any) -> list[int]:
    told = {"counter_id": None, "city": "みどり市", **more.pop("taken", {})}
    values = {"yen": booking.fee_yen, "actor": CLERK, "now": MONDAY_9AM, **more}
    return receiving.receive_payment(found, booking.id, Taken(**told), **values)


def cancel_by_hall(found: Catalogue, booking_id: int, line_ids: list[int]) -> None:
    in_transaction(
        lambda session: cancel_at_once(
            session, found, booking_id, line_ids, actor=CLERK, now=MONDAY_9AM, by_facility=True
        )
    )


def take_back(found: Catalogue, receipt_id: int, **more: Any) -> int:
    values = {"reason": "ちがう予約でした", "actor": CLERK, "now": MONDAY_9AM, **more}
    return receiving.take_back(found, receipt_id, **values)


def every(table: type[Any]) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(select(table).order_by(table.id)))


def close(on: date = TODAY, yen: int = 0, remark: str = "", **more: Any) -> None:
    values = {"actor": CLERK, "today": TODAY, "now": MONDAY_9AM, **more}
    close_till(values.pop("counter_id", None), on, Count(yen, remark), **values)


class TestAReceipt:
    def test_says_what_was_paid_to_whom_and_for_whom(self, app: Flask):
        with working(app) as found:
            booking = a_booking(found).booking
            (receipt_id,) = receive(found, booking, taken={"addressee": "みどりの会"})

            (one,) = every(Receipt)
            assert one.id == receipt_id
            assert (one.payee, one.fiscal_year, one.number) == ("city", 2026, 1)
            assert (one.yen, one.tax_percent) == (800, 10)
            assert receipts.tax_of(one.yen, one.tax_percent) == 72
            assert (one.addressee, one.issuer, one.invoice_number) == (
                "みどりの会", "みどり市", None
            )  # fmt: skip
            (payment,) = [x for x in every(LedgerEntry) if x.kind == "payment"]
            assert (one.entry_id, payment.yen, payment.method) == (payment.id, -800, "cash")
            assert payment.business_on == TODAY

    def test_numbers_begin_anew_with_the_fiscal_year(self, app: Flask):
        with working(app) as found:
            late, early = (a_booking(found, ("room-1", date(2027, 4, 12), h)) for h in HOURS[:2])
            receive(found, late.booking)
            receive(found, early.booking, now=MONDAY_9AM + timedelta(days=31))
            assert [(x.fiscal_year, x.number) for x in every(Receipt)] == [(2026, 1), (2027, 1)]

    def test_of_each_payee_has_its_own_numbers_and_issuer(self, app: Flask):
        manager = {
            "id": "manager", "name": "指定管理者", "issuer": "株式会社みどり会館",
            "legal_basis": "manager_income", "invoice_number": "T1234567890123",
        }  # fmt: skip
        has_payees(app, manager)
        a_third_hall(app, terms={"payment": {"where": "受付", "payee": "manager"}})
        with working(app) as found:
            both = a_booking(found, ("room-1", NEXT_MONDAY, (10, 12)), facility="nishi").booking
            own = a_booking(found, email="b@example.jp").booking
            receive(found, own)
            receive(found, both)

            made = every(Receipt)
            assert [(x.payee, x.number, x.issuer) for x in made] == [
                ("city", 1, "みどり市"), ("manager", 1, "株式会社みどり会館")
            ]  # fmt: skip
            assert made[1].invoice_number == "T1234567890123"
            charged = [x.payee for x in every(LedgerEntry) if x.booking_id == both.id]
            assert charged == ["manager", "manager"]

    def test_what_one_payee_owes_back_is_not_set_against_another(self, app: Flask):
        """Two purses: nobody's money pays for the other's room."""
        with working(app) as found:
            made = a_booking(found)
            receive(found, made.booking)
            rows = (("release", -500, "city"), ("charge", 900, "manager"))
            in_transaction(
                lambda session: enter(
                    session, [Entry(kind, yen, payee=payee) for kind, yen, payee in rows],
                    booking_id=made.booking.id, actor=CLERK, now=MONDAY_9AM,
                )
            )  # fmt: skip
            db.session.execute(text("update booking set due_at = now()"))
            db.session.commit()
            with pytest.raises(Refused, match=r"payment\.owed_both_ways"):
                receive(found, made.booking, yen=400)
            assert len(every(Receipt)) == 1

    @pytest.mark.race
    def test_many_at_once_leave_no_gap(self, app: Flask):
        with working(app) as found:
            made = [seen(a_booking(found, ("room-1", NEXT_MONDAY, hour))) for hour in HOURS]

            raced = race(lambda booking: receive(found, booking), *made)

            assert raced.refusals == []
            assert sorted(x.number for x in every(Receipt)) == list(range(1, len(made) + 1))

    def test_one_that_fails_gives_its_number_back(self, app: Flask):
        with working(app) as found:
            first, second = (
                a_booking(found, ("room-1", NEXT_MONDAY, h)).booking for h in HOURS[:2]
            )

            def fails(session: Any) -> None:
                receipts.issue(
                    session, receiving.issuer_of(found, "city", "", now=MONDAY_9AM),
                    booking_id=first.id, entry_id=0, yen=1, addressee="", uses=[],
                    today=TODAY, actor=CLERK, now=MONDAY_9AM,
                )  # fmt: skip

            with pytest.raises(DBAPIError):
                in_transaction(fails)
            receive(found, second)
            assert [x.number for x in every(Receipt)] == [1]

    @pytest.mark.race
    def test_sixteen_presses_are_one_payment(self, app: Flask):
        with working(app) as found:
            booking = seen(a_booking(found))
            raced = race(lambda _: receive(found, booking), *range(16))

            assert len(raced.refusals) == 15
            assert len(every(Receipt)) == 1
            assert balance_of(db.session(), booking.id).paid_yen == 800
        with proof.as_superuser_of(app) as connection:
            proof.assert_whole(connection)

    def test_is_issued_again_with_a_mark_and_counted(self, app: Flask):
        with working(app) as found:
            (receipt_id,) = receive(found, a_booking(found).booking)
            for _ in range(2):
                receiving.issue_anew(receipt_id, actor=CLERK, now=MONDAY_9AM)
            (one,) = every(Receipt)
            assert (one.copies, one.number) == (2, 1)
            deeds = "select facts->>'copies' from audit_entry where action = 'receipt.anew'"
            assert list(db.session.scalars(text(deeds))) == ["1", "2"]


class TestTakenBack:
    def test_it_is_owed_again_and_the_booking_stands(self, app: Flask):
        with working(app) as found:
            booking = a_booking(found).booking
            (receipt_id,) = receive(found, booking)
            take_back(found, receipt_id)

            (one,) = every(Receipt)
            assert one.void_reason == "ちがう予約でした"
            kinds = [(x.kind, x.yen) for x in every(LedgerEntry)]
            assert kinds == [("charge", 800), ("payment", -800), ("reversal", 800)]
            (stands,) = every(Booking)
            assert stands.state == State.CONFIRMED
            assert stands.due_at is not None
            balance = balance_of(db.session(), booking.id)
            assert (balance.owed_yen, balance.paid_yen) == (800, 0)
            assert lapse_overdue(now=stands.due_at) == 0, "our mistake costs nobody their room"

            (again,) = receive(found, booking, yen=800)
            assert [x.number for x in every(Receipt)] == [1, 2]
            assert every(Booking)[0].due_at is None
            with pytest.raises(Refused, match=r"receipt\.void"):
                receiving.issue_anew(receipt_id, actor=CLERK, now=MONDAY_9AM)
            assert again != receipt_id

    def test_once_however_often_and_not_without_a_reason(self, app: Flask):
        with working(app) as found:
            (receipt_id,) = receive(found, a_booking(found).booking)
            with pytest.raises(Refused, match=r"receipt\.no_reason"):
                take_back(found, receipt_id, reason="")
            raced = race(lambda _: take_back(found, receipt_id), *range(8))
            assert raced.refusals == []
            assert [x.kind for x in every(LedgerEntry)].count("reversal") == 1
            letters = "select count(*) from delivery where template = 'payment_taken_back'"
            assert db.session.scalar(text(letters)) == 1

    def test_each_payment_has_its_letter(self, app: Flask):
        with working(app) as found:
            booking = a_booking(found).booking
            (receipt_id,) = receive(found, booking)
            take_back(found, receipt_id)
            receive(found, booking, yen=800)
            sent = "select template from delivery where template like 'payment%' order by id"
            assert list(db.session.scalars(text(sent))) == [
                "payment_received", "payment_taken_back", "payment_received"
            ]  # fmt: skip

    @pytest.mark.parametrize("by", ["applicant", "hall"])
    def test_of_a_booking_that_ended_nothing_is_owed_or_given_back(self, app: Flask, by: str):
        """It was cancelled as if it were paid; then it comes out that nothing ever was."""
        with working(app) as found:
            made = a_booking(found)
            (receipt_id,) = receive(found, made.booking)
            if by == "hall":
                ids = [one.id for one in made.lines]
                cancel_by_hall(found, made.booking.id, ids)
            else:
                steps.cancel(found, made)
            assert balance_of(db.session(), made.booking.id).owed_yen < 0
            take_back(found, receipt_id)

            balance = balance_of(db.session(), made.booking.id)
            assert (balance.owed_yen, balance.paid_yen) == (0, 0)
            assert every(Booking)[0].state == State.CANCELLED
        with proof.as_superuser_of(app) as connection:
            proof.assert_whole(connection)

    def test_the_database_itself_reverses_once(self, app: Flask):
        """Negative control of the lock: two entries against one payment can't be written."""
        with working(app) as found:
            (receipt_id,) = receive(found, a_booking(found).booking)
            take_back(found, receipt_id)
            again = (
                "insert into ledger_entry"
                " (tenant_id, booking_id, kind, yen, entered_at, payee, reverses_id)"
                " select tenant_id, booking_id, kind, yen, entered_at, payee, reverses_id"
                " from ledger_entry where kind = 'reversal'"
            )
            with pytest.raises(DBAPIError, match="uq_ledger_entry_tenant_id_reverses_id"):
                in_transaction(lambda session: session.execute(text(again)))

    def test_of_another_municipality_it_is_not_there(self, app: Flask):
        with working(app) as found:
            (receipt_id,) = receive(found, a_booking(found).booking)
        with working(app, "aoba") as other, pytest.raises(Refused, match=r"receipt\.unknown"):
            take_back(other, receipt_id)


class TestTheDay:
    def test_closed_what_comes_later_stands_on_the_next(self, app: Flask):
        actor = a_clerk(app)
        with working(app) as found:
            first, second = (
                a_booking(found, ("room-1", NEXT_MONDAY, h)).booking for h in HOURS[:2]
            )
            receive(found, first)
            (receipt_id,) = [x.id for x in every(Receipt)]
            close(yen=400, actor=actor)
            receive(found, second)
            take_back(found, receipt_id)

            (day,) = every(CashDay)
            assert (day.expected_yen, day.counted_yen, day.remark) == (400, 400, "")
            days = [(x.kind, x.business_on) for x in every(LedgerEntry) if x.business_on]
            tomorrow = TODAY + timedelta(days=1)
            assert days == [("payment", TODAY), ("payment", tomorrow), ("reversal", tomorrow)]
            assert till.cash_of(db.session(), None, TODAY) == 400
            assert till.cash_of(db.session(), None, tomorrow) == 0

    def test_a_difference_needs_a_reason_and_the_card_is_not_in_the_drawer(self, app: Flask):
        actor = a_clerk(app)
        with working(app) as found:
            cash, card = (a_booking(found, ("room-1", NEXT_MONDAY, h)).booking for h in HOURS[:2])
            receive(found, cash)
            receive(found, card, taken={"method": "card_terminal"})
            with pytest.raises(Refused, match=r"till\.differs"):
                close(yen=800, actor=actor)
            close(yen=390, remark="10円足りない", actor=actor)
            close(yen=1, actor=actor)
            (day,) = every(CashDay)
            assert (day.expected_yen, day.counted_yen, day.remark) == (400, 390, "10円足りない")

    def test_each_counter_has_its_own_and_tomorrow_is_not_closed_today(self, app: Flask):
        actor = a_clerk(app)
        with working(app) as found:
            hall = found.facility_named("chuo")
            assert hall
            receive(found, a_booking(found).booking, taken={"counter_id": hall.id})
            assert till.cash_of(db.session(), hall.id, TODAY) == 800
            assert till.cash_of(db.session(), None, TODAY) == 0
            with pytest.raises(Refused, match=r"till\.not_yet"):
                close(TODAY + timedelta(days=1), actor=actor)
            assert till.open_days(db.session(), hall.id, before=TODAY + timedelta(days=1)) == [
                TODAY
            ]
            close(yen=800, counter_id=hall.id, actor=actor)
            assert till.open_days(db.session(), hall.id, before=TODAY + timedelta(days=1)) == []

    @pytest.mark.race
    def test_closing_and_receiving_at_once_lose_nothing(self, app: Flask):
        """Whatever order they come in, the closed sum is what stands on the day."""
        actor = a_clerk(app)
        with working(app) as found:
            made = [seen(a_booking(found, ("room-1", NEXT_MONDAY, hour))) for hour in HOURS[:6]]

            def act(what: Any) -> None:
                if isinstance(what, str):
                    close(yen=0, remark="数えていない", actor=actor)
                else:
                    receive(found, what)

            raced = race(act, "close", *made)

            assert raced.refusals == []
            (day,) = every(CashDay)
            assert day.expected_yen == till.cash_of(db.session(), None, TODAY)
            both = [till.cash_of(db.session(), None, TODAY + timedelta(days=n)) for n in (0, 1)]
            assert sum(both) == 6 * 400
