"""A fee that the rule leaves open: asked for all the same, decided by a clerk with a reason."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.booking.models import Booking
from app.db import db
from app.db.session import tenant_scope
from app.kernel.refusals import Refused
from app.usecases.settling import Decision, settle
from tests import builders
from tests.builders import CITED, MONDAY_9AM
from tests.db import proof
from tests.pages import Visitor
from tests.racing import race
from tests.usecases import steps
from tests.web.situations import a_third_hall, holds, is_signed_in, searched_for

UNCLEAR = {
    "surcharges": [
        {"id": "big", "name": "多人数", "percent": 50, "people_at_least": 5, "citation": CITED}
    ],
    "unclear": [
        {
            "id": "big-group", "because": "多人数の割増が、時間ごとか1回ごとかの定めがありません。",
            "readings": [
                {"name": "料金の5割を足す", "change": {}},
                {"name": "1回500円を足す", "change": {"big": {"percent": None, "yen": 500}}},
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def asked(visitor: Visitor, app: Flask) -> Visitor:
    """Somebody who applied for two hours (800円 before the surcharge) with eight people."""
    a_third_hall(app, fees=UNCLEAR)
    is_signed_in(visitor)
    searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
    visitor.visit("/midori/apply").press("次へ進む").press("次へ進む")
    assert "読み方" not in visitor.text
    return visitor.press("この内容で申し込む")


def test_a_fee_that_is_open_is_nowhere_a_sum(asked: Visitor):
    assert "料金は、まだ決まっていません。" in asked.text
    assert "0円" not in asked.text
    asked.press("この予約を見る")
    assert "合計 未定" in asked.text
    asked.press("印刷する")
    assert "合計 未定" in asked.text


@pytest.fixture
def clerk(app: Flask) -> Visitor:
    """A clerk of the municipality."""
    with app.app_context():
        account = builders.a_staff_member(role="clerk", facility=None, email="clerk@example.jp")
        token = builders.a_session_token(app, account, is_staff=True)
    return Visitor(app).sign_in_as(token)


def booking_in(app: Flask) -> Booking:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = db.session.scalars(select(Booking)).one()
        db.session.expunge_all()
        return found


def test_the_check_says_what_is_open_and_nothing_is_owed(asked: Visitor, app: Flask):
    assert "審査中" in asked.text
    assert "料金が決まるのを、お待ちください。" in asked.text
    booking = booking_in(app)
    assert (booking.state, booking.fee_yen, booking.due_at) == ("requested", 0, None)

    asked.press("この予約を見る").press("この料金の理由")

    assert "多人数の割増が、時間ごとか1回ごとかの定めがありません。" in asked.text
    assert "料金の5割を足す：1,200円" in asked.text
    assert "1回500円を足す：1,300円" in asked.text
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


def test_a_clerk_decides_by_a_reading_and_both_sides_read_why(
    asked: Visitor, clerk: Visitor, app: Flask
):
    number = booking_in(app).number

    clerk.visit(f"/midori/desk/bookings/{number}")
    assert "料金が決まっていません" in clerk.text
    clerk.press("料金を決める").choose("1回500円を足す：1,300円")
    clerk.fill("理由", "生涯学習課に確認。1回ごととした。").press("この料金に決める")

    assert "料金を決めました" in clerk.text
    assert "読み方「1回500円を足す」、料金 1,300円、理由：生涯学習課に確認。" in clerk.text
    booking = booking_in(app)
    assert (booking.state, booking.fee_yen) == ("provisional", 1300)
    assert booking.due_at is not None
    asked.visit(f"/midori/bookings/{number}")
    assert "支払い待ち" in asked.text
    assert "料金を決めました。" in asked.text
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)
    clerk.visit("/midori/office/audit")
    assert "料金の決定" in clerk.text


def test_a_clerk_may_write_a_sum_of_their_own(asked: Visitor, clerk: Visitor, app: Flask):
    number = booking_in(app).number
    clerk.visit(f"/midori/desk/bookings/{number}/fee").choose("金額を自分で決める")
    clerk.fill("金額（", "０円").fill("理由", "市長が特に認めた。").press("この料金に決める")

    booking = booking_in(app)
    assert (booking.state, booking.fee_yen) == ("confirmed", 0)
    asked.visit(f"/midori/bookings/{number}/fee")
    assert "職員が決めた料金" in asked.text
    assert "市長が特に認めた。" in asked.text


@pytest.mark.parametrize(
    ("choice", "yen", "reason", "said"),
    [
        (None, "", "理由", "料金の決め方をえらんでください。"),
        ("金額を自分で決める", "", "理由", "金額を入力してください。"),
        ("金額を自分で決める", "千円", "理由", "数字で入力してください。"),
        ("金額を自分で決める", "-5", "理由", "0円以上の数を入力してください。"),
        ("料金の5割を足す", "", "", "理由を入力してください。"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    asked: Visitor, clerk: Visitor, app: Flask, choice, yen, reason, said
):
    clerk.visit(f"/midori/desk/bookings/{booking_in(app).number}/fee")
    if choice:
        clerk.choose(choice)
    clerk.fill("金額（", yen).fill("理由", reason).press("この料金に決める", status=422)

    assert said in clerk.text
    assert clerk.field("理由").get_text().strip() == reason
    assert booking_in(app).state == "requested"


def test_decided_by_somebody_else_meanwhile_is_told(asked: Visitor, clerk: Visitor, app: Flask):
    number = booking_in(app).number
    path = f"/midori/desk/bookings/{number}/fee"
    line = clerk.visit(path).page.select_one("[name=line]")["value"]
    form = {"line": line, "reading": "own", "yen": "0", "reason": "x"}
    clerk.post(path, form)

    clerk.post(path, {**form, "yen": "500"}, status=409)

    assert "ほかの職員がもう決めました" in clerk.text


def test_managers_and_strangers_may_not(asked: Visitor, app: Flask):
    number = booking_in(app).number
    with app.app_context():
        account = builders.a_staff_member(facility="nishi")
        token = builders.a_session_token(app, account, is_staff=True)
    manager = Visitor(app).sign_in_as(token)

    manager.visit(f"/midori/desk/bookings/{number}")
    assert "料金を決める" not in manager.text
    manager.visit(f"/midori/desk/bookings/{number}/fee", status=403)
    form = {"line": "1", "reading": "own", "yen": "0", "reason": "x"}
    manager.post(f"/midori/desk/bookings/{number}/fee", form, status=403)
    asked.post(f"/midori/desk/bookings/{number}/fee", form)
    assert asked.path.startswith("/midori/staff/sign-in")
    assert booking_in(app).state == "requested"


def test_cancelled_before_it_was_decided_nothing_was_ever_owed(
    asked: Visitor, clerk: Visitor, app: Flask
):
    number = booking_in(app).number

    asked.visit(f"/midori/bookings/{number}/cancel").press("取り消す", within="main form")

    assert booking_in(app).state == "cancelled"
    clerk.visit(f"/midori/desk/bookings/{number}/fee")
    assert clerk.path == f"/midori/desk/bookings/{number}?told="
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


class TestTogether:
    @pytest.fixture
    def open_line(self, asked: Visitor, app: Flask) -> tuple[Booking, int]:
        booking = booking_in(app)
        with proof.as_superuser_of(app) as connection:
            return booking, proof.one(connection, "select id from booking_line")

    def decide(self, app: Flask, booking: Booking, line: int, *decisions: Decision):
        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                return race(
                    lambda one: (
                        settle(
                            found, booking.id, line, one, actor=steps.CLERK, now=MONDAY_9AM
                        ).fee_yen
                    ),
                    *decisions,
                )

    def test_two_clerks_decide_otherwise_and_one_is_told(self, app: Flask, open_line):
        came = self.decide(
            app, *open_line, *(Decision("理由", yen=yen) for yen in (100, 200, 300, 400))
        )

        assert len(came.results) == 1
        assert came.refusals == [("fee.settled_before",)] * 3
        assert booking_in(app).fee_yen == came.results[0]
        with proof.as_superuser_of(app) as connection:
            proof.assert_whole(connection)

    def test_the_same_decision_pressed_four_times_is_one(self, app: Flask, open_line):
        came = self.decide(app, *open_line, *[Decision("理由", reading="料金の5割を足す")] * 4)

        assert came.results == [1200] * 4
        with proof.as_superuser_of(app) as connection:
            charges = "select count(*) from ledger_entry where kind = 'charge'"
            assert proof.one(connection, charges) == 1
            letters = "select count(*) from delivery where template = 'fee_settled'"
            assert proof.one(connection, letters) == 1

    def test_a_reading_that_is_none_is_refused(self, app: Flask, open_line):
        with pytest.raises(Refused, match=r"fee\.no_such_reading"):
            self.settled_as(app, *open_line)

    def settled_as(self, app: Flask, booking: Booking, line: int) -> None:
        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                decision = Decision("理由", reading="ない")
                settle(found, booking.id, line, decision, actor=steps.CLERK, now=MONDAY_9AM)
