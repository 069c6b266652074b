"""Refunds as the desk and the owner see them: asked once more, in plain words, by which law."""

import pytest

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.payments.refunds.models import Refund
from app.sims.stripe import StripeSim
from app.usecases.returned import sync
from tests.db import proof
from tests.online.test_crediting import paid
from tests.online.test_desk_money import paid_twice
from tests.online.test_paths import cancels, sends
from tests.online.town import Town
from tests.pages import Visitor
from tests.reports.situations import clerk, staff
from tests.usecases import steps


@pytest.fixture
def cash(town: Town, hanako: Applicant) -> Refund:
    """400 yen that wait at the counter: paid in cash, and cancelled."""
    booking = town.books(hanako)
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, booking.id, yen=booking.fee_yen, now=town.clock.now)
    cancels(town, hanako, booking)
    (refund,) = town.refunds(booking)
    return refund


@pytest.fixture
def failed(town: Town, sim: StripeSim, hanako: Applicant) -> Refund:
    """400 yen that the provider could not give back, and does not say why."""
    booking = paid(town, sim, hanako)
    cancels(town, hanako, booking)
    (refund,) = town.refunds(booking)
    sends(town, refund.id)
    (made,) = sim.refunds()
    sim.fail_refund(made["id"], "unknown")
    with town.app.app_context(), tenant_scope(1):
        sync(town.provider, made["payment_intent"], now=town.clock.now)
    (refund,) = town.refunds(booking)
    assert (refund.state, refund.error) == ("failed", "unknown")
    return refund


def of(refund: Refund) -> str:
    return f"/midori/desk/refunds/{refund.id}"


class TestByHand:
    def test_cash_is_entered_only_when_it_was_said_twice(self, town: Town, cash: Refund):
        desk = clerk(town.app).visit(of(cash)).fill("受け取りの証", "還付請求書に受領印")
        desk.press("400円を返した")
        heading = desk.page.h1.get_text(strip=True)
        assert heading == "山田 花子さんに400円を現金で渡しました。よろしいですか"
        assert "市役所の窓口" in desk.text
        assert "還付請求書に受領印" in desk.text
        assert town.rows(Refund)[0].state == "due"

        desk.press("いいえ、直す")
        assert desk.field("受け取りの証")["value"] == "還付請求書に受領印"
        desk.press("400円を返した").press("はい、記録する")

        assert "返金を記録しました。" in desk.text
        (refund,) = town.rows(Refund)
        assert (refund.state, refund.method, refund.remark) == (
            "done", "cash", "還付請求書に受領印"
        )  # fmt: skip

    def test_pressed_twice_it_is_entered_once(self, town: Town, cash: Refund):
        form = {"method": "cash", "place": "office", "remark": "印", "yen": "400", "sure": "1"}
        desk = clerk(town.app)
        for _ in range(2):
            assert "返金を記録しました。" in desk.post(of(cash), form).text
        assert sum(one.yen for one in town.rows(Refund)) == 400

    def test_a_transfer_is_asked_about_as_one(self, town: Town, cash: Refund):
        desk = clerk(town.app).visit(of(cash)).choose("口座に振り込んだ")
        desk.fill("受け取りの証", "3月2日 第5号").press("400円を返した")
        heading = desk.page.h1.get_text(strip=True)
        assert heading == "山田 花子さんの口座に400円を振り込みました。よろしいですか"

    def test_without_proof_nothing_is_asked(self, town: Town, cash: Refund):
        desk = clerk(town.app).visit(of(cash)).press("400円を返した", status=422)
        assert "受け取りの印をもらった紙か" in desk.text

    def test_another_sum_than_was_asked_about_is_not_entered(self, town: Town, cash: Refund):
        form = {"method": "cash", "place": "office", "remark": "印", "yen": "300", "sure": "1"}
        desk = clerk(town.app).post(of(cash), form, status=409)
        assert "返す額が400円に変わりました。" in desk.text
        assert town.rows(Refund)[0].state == "due"


class TestOneThatFailed:
    def test_is_told_to_its_owner_in_plain_words(
        self, town: Town, failed: Refund, visitor: Visitor
    ):
        (booking,) = town.rows(Booking, Booking.id == failed.booking_id)
        detail = visitor.visit(f"/midori/bookings/{booking.number}")

        assert "まだ返せていません。職員が確かめて、お返しします" in detail.text
        assert "お金をまだお返しできていません。職員が確かめています。" in detail.text
        assert "unknown" not in detail.response.text

    def test_shows_staff_no_word_of_the_providers(self, town: Town, failed: Refund):
        desk = clerk(town.app).visit(of(failed))
        assert "決済会社から、わけの知らせはありません。" in desk.text
        assert "返金ができませんでした。返し方を決めてください" in desk.text
        for path in (of(failed), "/midori/office/money"):
            assert "unknown" not in desk.visit(path).response.text

    def test_is_sent_again_and_that_is_told_too(self, town: Town, failed: Refund, visitor: Visitor):
        desk = clerk(town.app).visit(of(failed)).press("もう一度送る")
        assert "もう一度送ります。" in desk.text
        assert [one.state for one in town.rows(Refund)] == ["due"]

    def test_is_not_sent_again_by_whom_it_is_for(self, town: Town, failed: Refund):
        desk = clerk(town.app, email="hanako@example.jp").visit(of(failed))
        desk.press("もう一度送る")

        assert "自分の予約のお金は、ほかの職員があつかいます。" in desk.text
        assert [one.state for one in town.rows(Refund)] == ["failed"]


class TestByWhichLaw:
    def test_what_came_twice_goes_back(self, town: Town, sim: StripeSim, hanako: Applicant):
        booking = paid_twice(town, sim, hanako)
        (refund,) = town.refunds(booking)

        desk = clerk(town.app).visit(of(refund))

        assert "二重納付：過誤納金の払戻し（地方自治法施行令165条の7）" in desk.text

    def test_what_was_cancelled_goes_back_by_the_halls_rule(self, town: Town, cash: Refund):
        assert "みどり市会館条例施行規則 第8条" in clerk(town.app).visit(of(cash)).text

    def test_one_that_is_not_owed_any_more_says_so(self, town: Town, cash: Refund):
        with proof.as_superuser_of(town.app) as connection:
            connection.execute("update refund set state = 'dropped'")
        desk = staff(town.app).visit(of(cash))
        assert "取りやめ（返す必要がなくなりました）" in desk.text
        assert "決済会社が返します" not in desk.text
