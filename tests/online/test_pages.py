"""Paying on a phone, without JavaScript: which, how, there and back; stopped, refused, too late."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from app.booking.service.application import Applicant
from app.booking.states import State
from app.db.session import tenant_scope
from app.sims.stripe import StripeSim
from app.usecases import lapsing
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.online.town import ACCOUNT, Town
from tests.pages import ORIGIN, Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import clerk, staff
from tests.web.situations import has_booked, is_signed_in


def pays(visitor: Visitor, number: str, way: str) -> str:
    """Press from the booking to the provider's page; return its address."""
    visitor.visit(f"/midori/bookings/{number}").press("支払いへ進む").choose(way)
    form = {field["name"]: field["value"] for field in visitor.page.select("input[type=hidden]")}
    answer = visitor.client.post(
        "/midori/pay", data={**form, **visitor.typed}, headers={"Origin": ORIGIN}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def comes_back(visitor: Visitor, sim: StripeSim, *, status: int = 200) -> Visitor:
    """Follow the provider back to our page."""
    (*_, session) = sim.sessions()
    return visitor.visit(session["success_url"].removeprefix(ORIGIN), status=status)


class TestTheWay:
    def test_leads_from_the_booking_to_the_provider_and_back(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        url = pays(visitor, booking.number, "クレジットカード")
        (session,) = sim.sessions()
        assert url == session["url"]
        assert session["amount_total"] == booking.fee_yen
        sim.pay_card(session["id"])

        back = comes_back(visitor, sim)

        assert "支払いを受け取りました" in back.text
        assert "予約は確定しました。" in back.text
        assert town.booking(booking).state == State.CONFIRMED
        assert "800円をはらいました。" in back.press("予約を見る").text

    def test_of_a_shop_shows_the_number_until_when_and_where(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "コンビニ")
        (session,) = sim.sessions()
        sim.choose_konbini(session["id"])

        back = comes_back(visitor, sim)

        assert "コンビニでお支払い" in back.text
        assert "23時59分まで" in back.text
        assert "ミニストップ" in back.text
        link = back.page.find("a", string=re.compile("はらう番号を見る"))
        assert str(link["href"]).startswith(sim.base_url)
        detail = back.visit(f"/midori/bookings/{booking.number}").text
        assert "コンビニではらう番号が出ています。" in detail
        assert "はらう番号を見る" in detail

    def test_of_several_bookings_begins_with_which(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        town.books(hanako)
        town.books(hanako, ("room-2", NEXT_MONDAY, (10, 12)), key="second")

        visitor.visit("/midori/pay")
        assert "はらう予約をえらんでください" in visitor.text
        how = visitor.press("はらい方をえらぶ")

        assert "1,400円" in how.text
        assert "支払いの期限：2027年3月7日（日）" in how.text

    def test_nobody_owes_anything(self, town: Town, hanako: Applicant, visitor: Visitor):
        assert "いま、はらうものはありません" in visitor.visit("/midori/pay").text

    def test_stands_beside_the_counter_as_an_equal(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        how = visitor.visit(f"/midori/pay?b={booking.number}").text

        assert "窓口ではらうとき" in how
        assert "会館の受付" in how
        assert "窓口でも、料金は同じです。" in how

    def test_is_not_offered_where_no_account_is_in_force(self, app: Flask, visitor: Visitor):
        person = is_signed_in(visitor)
        made = has_booked(app, person)
        detail = visitor.visit(f"/midori/bookings/{made.booking.number}").text

        assert "支払いへ進む" not in detail
        assert "はらうところ：会館の受付" in detail
        how = visitor.visit(f"/midori/pay?b={made.booking.number}").text
        assert "インターネットではらえません。" in how

    def test_offers_only_what_the_account_knows_and_the_sum_allows(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako, ("room-1", NEXT_MONDAY, (10, 12)))
        town.moves(days=5, hours=20)  # less than a day before the deadline
        how = visitor.visit(f"/midori/pay?b={booking.number}").text

        assert "クレジットカード" in how
        assert "ファミリーマート" not in how
        assert "期限が近いので、コンビニではらうことはできません。" in how


class TestPressedAgain:
    def test_the_same_page_opens_once(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        visitor.visit(f"/midori/pay?b={booking.number}")
        form = {"b": booking.number, "yen": str(booking.fee_yen), "way": "card"}
        told = {"Origin": ORIGIN}

        urls = {
            visitor.client.post("/midori/pay", data=form, headers=told).headers["Location"]
            for _ in range(3)
        }

        assert len(urls) == 1
        assert len(sim.sessions()) == 1

    def test_from_the_booking_it_goes_on_where_it_was(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        url = pays(visitor, booking.number, "クレジットカード")

        again = visitor.visit(f"/midori/bookings/{booking.number}").press("支払いへ進む")

        assert "支払いは、まだ途中です" in again.text
        link = again.page.find("a", string=re.compile("支払いの続きをする"))
        assert link["href"] == url

    def test_another_way_closes_the_page_before(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        visitor.visit(f"/midori/bookings/{booking.number}").press("支払いへ進む")

        how = visitor.press("ほかの方法ではらう")

        assert "はらい方をえらんでください" in how.text
        assert [one["status"] for one in sim.sessions()] == ["expired"]
        pays(visitor, booking.number, "PayPay")
        sim.pay_paypay(sim.sessions()[-1]["id"])
        assert "支払いを受け取りました" in comes_back(visitor, sim).text

    def test_what_was_paid_meanwhile_is_not_closed(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        visitor.visit(f"/midori/bookings/{booking.number}").press("支払いへ進む")
        sim.pay_card(sim.sessions()[0]["id"])

        assert "支払いを受け取りました" in visitor.press("ほかの方法ではらう").text


class TestNothingIsLost:
    def test_when_no_way_was_chosen(self, town: Town, hanako: Applicant, visitor: Visitor):
        booking = town.books(hanako)
        visitor.visit(f"/midori/pay?b={booking.number}")
        said = visitor.press("支払いのページへ進む", status=422).text

        assert "はらい方をえらんでください。" in said
        assert "800円" in said

    def test_when_the_price_changed_meanwhile(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        form = {"b": booking.number, "yen": "400", "way": "card"}
        said = visitor.post("/midori/pay", form, status=409).text

        assert "料金が変わりました（800円）。" in said
        assert visitor.page.select_one("#way-card").has_attr("checked")
        assert sim.sessions() == []

    @pytest.mark.parametrize("kind", ["500", "drop", "429"])
    def test_when_the_provider_is_away(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor, kind: str
    ):
        booking = town.books(hanako)
        sim.fault("POST", "/v1/checkout/sessions", kind, times=9)
        form = {"b": booking.number, "yen": "800", "way": "card"}
        said = visitor.post("/midori/pay", form, status=409).text
        assert "決済会社につながりません。お金は動いていません。" in said
        assert town.booking(booking).state == State.PROVISIONAL

    def test_when_the_answer_of_the_provider_was_lost_it_is_the_same_page(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        sim.fault("POST", "/v1/checkout/sessions", "drop_after", times=1)
        form = {"b": booking.number, "yen": "800", "way": "card"}
        visitor.post("/midori/pay", form, status=409)

        pays_again = visitor.client.post("/midori/pay", data=form, headers={"Origin": ORIGIN})

        assert pays_again.status_code == 303
        assert len(sim.sessions()) == 1

    def test_when_it_can_not_be_asked_how_it_went(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        sim.pay_card(sim.sessions()[0]["id"])
        sim.fault("GET", "/v1/checkout/sessions/.*", "500", times=1)

        back = comes_back(visitor, sim)
        assert "支払いを確かめています" in back.text
        assert "もう一度はらわないでください。" in back.text

        assert "支払いを受け取りました" in back.press("もう一度確かめる").text

    def test_when_it_is_cancelled_with_the_page_open(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        visitor.visit(f"/midori/bookings/{booking.number}/cancel").press("の予約を取り消す")

        assert [one["status"] for one in sim.sessions()] == ["expired"]
        assert town.booking(booking).state == State.CANCELLED

    def test_when_it_was_paid_a_moment_before_cancelling(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        visitor.visit(f"/midori/bookings/{booking.number}/cancel")
        sim.pay_card(sim.sessions()[0]["id"])

        asked = visitor.press("の予約を取り消す", status=409)

        assert "支払いがいま届きました。" in asked.text
        assert town.booking(booking).state == State.CONFIRMED

    def test_and_a_refund_is_told_step_by_step(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        sim.pay_card(sim.sessions()[0]["id"])
        comes_back(visitor, sim)
        visitor.visit(f"/midori/bookings/{booking.number}/cancel").press("の予約を取り消す")
        detail = visitor.visit(f"/midori/bookings/{booking.number}").text

        assert "返金 400円" in detail
        assert "返金の手続き中" in detail
        assert "返金の決まり：みどり市会館条例施行規則 第8条" in detail


class TestOthers:
    def test_see_and_stop_nothing_of_it(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        attempt = town.attempt(town.goes(hanako, booking))
        jiro = Visitor(town.app)
        is_signed_in(jiro, "jiro@example.jp")

        jiro.visit(f"/midori/pay/{attempt.key}", status=404)
        jiro.post(f"/midori/pay/{attempt.key}/stop", {}, status=404)
        form = {"b": booking.number, "yen": "800", "way": "card"}
        assert "いま、はらうものはありません" in jiro.post("/midori/pay", form, status=409).text
        Visitor(town.app).visit(f"/midori/pay/{attempt.key}")  # to where one signs in
        assert sim.sessions()[0]["status"] == "open"

    def test_sites_begin_nothing(self, town: Town, hanako: Applicant, visitor: Visitor):
        booking = town.books(hanako)
        form = {"b": booking.number, "yen": "800", "way": "card"}
        for told in ({"Origin": "https://evil.example"}, {}):
            answer = visitor.client.post("/midori/pay", data=form, headers=told)
            assert answer.status_code == 403

    def test_the_provider_is_told_nothing_personal_but_the_address(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = town.books(hanako)
        pays(visitor, booking.number, "クレジットカード")
        (call,) = [one for one in sim.requests("POST") if one["path"].endswith("sessions")]
        said = str(call["params"])

        assert "hanako@example.jp" in said
        for secret in ("山田", "ヤマダ", "090-0000-0000", str(booking.number)):
            assert secret not in said
        assert call["account"] == ACCOUNT


def test_the_forms_of_these_pages_lead_to_the_provider_and_no_card_to_us(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    visitor.visit(f"/midori/pay?b={booking.number}")
    policy = visitor.response.headers["Content-Security-Policy"]
    assert f"form-action 'self' {sim.base_url};" in policy
    assert (
        "form-action 'self';"
        in visitor.visit("/midori/").response.headers["Content-Security-Policy"]
    )
    names = {
        str(field.get("name"))
        for rule in town.app.url_map.iter_rules()
        if rule.endpoint.startswith("pay.")
        for field in visitor.visit(f"/midori/pay?b={booking.number}").page.select("main input")
    }
    assert names == {"b", "yen", "way"}


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_pages_can_be_used_by_everybody_at_every_width(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    other = town.books(hanako, ("room-2", NEXT_MONDAY, (10, 12)), key="second")
    pays(visitor, other.number, "コンビニ")
    sim.choose_konbini(sim.sessions()[-1]["id"])
    comes_back(visitor, sim)

    found = faults(
        town.app, visitor, "/midori/pay", f"/midori/pay?b={booking.number}", visitor.path,
        f"/midori/bookings/{other.number}",
    )  # fmt: skip

    assert found == []


def test_the_desk_sees_that_somebody_is_paying_and_asks_before_taking_cash(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "クレジットカード")
    desk = staff(town.app).visit(f"/midori/desk/bookings/{booking.number}")
    assert "ネットでの支払いが途中です" in desk.text
    desk.visit(f"/midori/desk/bookings/{booking.number}/payment")
    desk.press("800円を受け取った", status=422)
    assert "本人に確かめて、下の四角をおしてください。" in desk.text

    desk.choose("本人に確かめました").press("800円を受け取った")

    assert "代金の受け取りを記録しました" in desk.text
    assert [one["status"] for one in sim.sessions()] == ["expired"]
    assert town.owed(booking) == 0


def test_the_desk_takes_no_cash_for_what_was_paid_a_moment_before(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "クレジットカード")
    desk = staff(town.app).visit(f"/midori/desk/bookings/{booking.number}/payment")
    sim.pay_card(sim.sessions()[0]["id"])
    desk.choose("本人に確かめました").press("800円を受け取った")

    assert "もう受け取りずみです" in desk.text
    assert [kind for kind, _ in town.ledger(booking)] == ["charge", "payment"]


def test_too_late_one_is_told_to_telephone(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    due = town.booking(booking).due_at
    town.clock.now = due + timedelta(seconds=1)
    with town.app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        lapsing.lapse_overdue(now=town.clock.now)

    form = {"b": booking.number, "yen": "800", "way": "card"}
    assert "いま、はらうものはありません" in visitor.post("/midori/pay", form, status=409).text


def test_a_receipt_says_what_it_was_for_also_after_a_change(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "クレジットカード")
    sim.pay_card(sim.sessions()[0]["id"])
    comes_back(visitor, sim)
    (receipt,) = town.receipts(booking)
    assert receipt.addressee == "山田 花子"
    (use,) = receipt.uses
    visitor.visit(f"/midori/bookings/{booking.number}/cancel").press("の予約を取り消す")

    desk = clerk(town.app).visit(f"/midori/desk/receipts/{receipt.id}")
    assert "3月8日" in desk.text
    assert "中央会館 第1会議室" in desk.text
    assert use["on"] == "2027-03-08"


def test_what_came_over_the_network_or_went_back_is_not_taken_back_at_the_desk(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "クレジットカード")
    sim.pay_card(sim.sessions()[0]["id"])
    comes_back(visitor, sim)
    (receipt,) = town.receipts(booking)
    desk = clerk(town.app).visit(f"/midori/desk/receipts/{receipt.id}/take-back")
    desk.fill("取り消すわけ", "まちがい").press("取り消す", status=422)

    assert "ネットで支払われたお金です。" in desk.text
    assert [kind for kind, _ in town.ledger(booking)] == ["charge", "payment"]


def test_a_booking_with_a_number_out_is_not_changed(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "コンビニ")
    sim.choose_konbini(sim.sessions()[0]["id"])
    comes_back(visitor, sim)
    visitor.visit(f"/midori/bookings/{booking.number}").press("予約の内容を変える")
    visitor.fill("おわり", "780").press("変えるとどうなるか見る")
    said = visitor.press("この内容に変える", status=409).text

    assert "コンビニの番号が出ているあいだは変えられません。" in said


def test_pressed_again_when_it_is_paid_nothing_false_is_said(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    town.books(hanako, ("room-2", NEXT_MONDAY, (10, 12)), key="second")
    pays(visitor, booking.number, "クレジットカード")
    sim.pay_card(sim.sessions()[0]["id"])
    comes_back(visitor, sim)

    said = visitor.visit(f"/midori/pay?b={booking.number}").text
    assert "この予約に、いま、はらうものはありません" in said
    assert "料金を受け取るところがちがう" not in said


def test_how_and_when_money_comes_back_is_said_before_anything_is_pressed(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "クレジットカード")
    sim.pay_card(sim.sessions()[0]["id"])
    comes_back(visitor, sim)
    said = "カードへ返します。明細にのるまで、5日から10日ほどです。"

    assert said in visitor.visit(f"/midori/bookings/{booking.number}/cancel").text
    desk = staff(town.app).visit(f"/midori/desk/bookings/{booking.number}/cancellation")
    assert said in desk.text
    visitor.visit(f"/midori/bookings/{booking.number}").press("予約の内容を変える")
    visitor.fill("おわり", "660").press("変えるとどうなるか見る")
    assert said in visitor.text
