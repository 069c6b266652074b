"""Several bookings paid at once: which, of which hall, how much; and what is due once more."""

from typing import Any

import pytest
from flask import Flask

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.sims.stripe import StripeSim
from tests.builders import CALENDAR, NEXT_MONDAY
from tests.online.test_pages import comes_back, pays
from tests.online.test_paths import sends
from tests.online.town import Town
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, chromium, faults, served
from tests.reports.situations import working
from tests.usecases.mailbox import MailBox
from tests.usecases.steps import pay
from tests.web.situations import a_third_hall, has_booked
from tests.web.test_mail import last, read

ROOM_2 = ("room-2", NEXT_MONDAY, (13, 15))


def spoken(booking: Booking) -> str:
    return f"{booking.number[:4]}-{booking.number[4:]}"


def of_two_halls(town: Town, person: Applicant) -> tuple[Booking, Booking]:
    """Book at 中央会館, and at 西会館, which wants its money sooner and at another counter."""
    payment = {"days_after_request": 3, "where": "西会館の事務室"}
    a_third_hall(town.app, terms={"payment": payment}, calendar=CALENDAR)
    first = town.books(person)
    made = has_booked(
        town.app, person, [ROOM_2], facility="nishi", key="second", now=town.clock.now
    )
    return first, made.booking


class TestWhich:
    def test_shows_when_where_number_sum_and_deadline_of_each(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        first, second = town.books(hanako), town.books(hanako, ROOM_2, key="second")

        visitor.visit("/midori/pay")

        said = [" ".join(x.get_text(" ").split()) for x in visitor.page.select("label")]
        assert said == [
            "3月8日（月） 10時から12時まで（2時間） 中央会館 第1会議室"
            f" 予約 {spoken(first)}・800円 2027年3月7日（日）まで",
            "3月8日（月） 13時から15時まで（2時間） 中央会館 第2会議室"
            f" 予約 {spoken(second)}・600円 2027年3月7日（日）まで",
        ]
        assert "合計は、次のページに出ます。" in visitor.text
        assert "1,400円" in visitor.press("はらい方をえらぶ").text

    def test_of_two_halls_stands_hall_by_hall(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        of_two_halls(town, hanako)

        visitor.visit("/midori/pay")

        assert [x.get_text() for x in visitor.page.select("form h2")] == ["西会館", "中央会館"]
        how = visitor.press("はらい方をえらぶ").text
        assert "西会館の分 600円" in how
        assert "中央会館の分 800円" in how
        parts = how.split("の分")
        assert "支払いの期限：2027年3月4日（木）" in parts[1]
        assert "支払いの期限：2027年3月7日（日）" in parts[2]
        counters = how.split("窓口ではらうとき")[1]
        assert "西会館 西会館の事務室（2027年3月4日（木）まで）" in counters
        assert "中央会館 会館の受付（2027年3月7日（日）まで）" in counters

    def test_is_asked_again_when_nothing_is_ticked(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        town.books(hanako)
        town.books(hanako, ROOM_2, key="second")

        visitor.visit("/midori/pay?which=1", status=422)

        assert "はらう予約を、1つはえらんでください。" in visitor.text
        assert visitor.title.startswith("エラー：")
        assert not visitor.page.select("input[checked]")

    def test_sets_apart_what_is_being_paid_already(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        first, second = town.books(hanako), town.books(hanako, ROOM_2, key="second")
        town.goes(hanako, second)

        visitor.visit("/midori/pay")

        assert [x["value"] for x in visitor.page.select("[name=b]")] == [first.number]
        assert "支払いの途中の予約" in visitor.text
        assert "支払いは、まだ途中です" in visitor.press("この支払いの続きへ").text

    @pytest.mark.browser
    @pytest.mark.filterwarnings(NOT_OURS)
    def test_adds_up_what_is_ticked_while_one_ticks(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        first, _second = town.books(hanako), town.books(hanako, ROOM_2, key="second")
        cookie = visitor.client.get_cookie("kaikan")
        with served(town.app) as url, chromium() as browser:
            context = browser.new_context()
            context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
            page = context.new_page()
            page.goto(f"{url}/midori/pay")
            total = page.locator("output")
            assert total.text_content() == "えらんだ2件の合計　1,400円"
            page.uncheck(f"#b-{first.number}-city")
            assert total.text_content() == "えらんだ1件の合計　600円"


class TestTheListOfBookings:
    def test_offers_to_pay_two_at_once(self, town: Town, hanako: Applicant, visitor: Visitor):
        town.books(hanako)
        assert "まとめてはらう" not in visitor.visit("/midori/bookings").text
        town.books(hanako, ROOM_2, key="second")

        visitor.visit("/midori/bookings")

        assert "2件・1,400円を、インターネットで1回ではらえます。" in visitor.text
        assert "はらう予約をえらんでください" in visitor.press("まとめてはらう").text

    def test_offers_nothing_where_nothing_is_paid_over_the_network(
        self, app: Flask, visitor: Visitor, hanako: Applicant, town: Town
    ):
        first, second = town.books(hanako), town.books(hanako, ROOM_2, key="second")
        with working(app):
            pay(first)
        assert "まとめてはらう" not in visitor.visit("/midori/bookings").text
        town.goes(hanako, second)
        assert "まとめてはらう" not in visitor.visit("/midori/bookings").text


def test_the_letter_says_how_when_and_for_which_bookings(
    town: Town, sim: StripeSim, hanako: Applicant, mailbox: MailBox
):
    first, second = town.books(hanako), town.books(hanako, ROOM_2, key="second")
    attempt = town.goes(hanako, first, second, way="paypay")
    sim.pay_paypay(town.session_of(attempt))
    assert town.asks(attempt) == "paid"

    letter = read(last(mailbox, town.app, "料金を受け取りました"))
    for said in (
        "受け取った日：2027年3月1日（月）", "はらい方：PayPay",
        f"・予約番号 {spoken(first)}　800円", f"・予約番号 {spoken(second)}　600円",
        "合計 1,400円",
    ):  # fmt: skip
        assert said in letter, letter


@pytest.mark.parametrize(
    ("way", "named"), [("card", "クレジットカード"), ("counter", "窓口で現金")]
)
def test_the_history_and_the_letter_tell_sum_and_way(
    town: Town,
    sim: StripeSim,
    hanako: Applicant,
    visitor: Visitor,
    mailbox: MailBox,
    way: str,
    named: str,
):
    booking = town.books(hanako)
    if way == "card":
        attempt = town.goes(hanako, booking)
        sim.pay_card(town.session_of(attempt))
        assert town.asks(attempt) == "paid"
    else:
        with working(town.app):
            pay(booking)

    letter = read(last(mailbox, town.app, "料金を受け取りました"))
    assert f"はらい方：{named}" in letter
    assert "いっしょにはらう予約" not in letter
    history = visitor.visit(f"/midori/bookings/{booking.number}").text.split("これまでのこと")[1]
    assert f"料金 800円を受け取りました（{named}）。" in history


def test_what_went_back_stands_in_the_history_with_its_sum(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    pays(visitor, booking.number, "クレジットカード")
    sim.pay_card(sim.sessions()[0]["id"])
    comes_back(visitor, sim)
    visitor.visit(f"/midori/bookings/{booking.number}/cancel").press("の予約を取り消す")
    (refund,) = town.refunds(booking)
    assert sends(town, refund.id) == "done"

    history = visitor.visit(f"/midori/bookings/{booking.number}").text.split("これまでのこと")[1]

    assert "自動の手続き：400円をお返ししました（クレジットカード）。" in history


class TestWhatBecameDearer:
    def dearer(self, town: Town, visitor: Visitor, person: Applicant, **more: Any) -> Booking:
        booking = town.books(person, **more)
        with working(town.app):
            pay(booking)
        town.moves(hours=1)
        visitor.visit(f"/midori/bookings/{booking.number}").press("予約の内容を変える")
        visitor.fill("おわり", "780").press("変えるとどうなるか見る").press("この内容に変える")
        return booking

    def test_says_at_its_top_how_much_is_left_until_when(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        booking = self.dearer(town, visitor, hanako)

        visitor.visit(f"/midori/bookings/{booking.number}")
        head = " ".join(visitor.page.select_one(".page-head").get_text(" ").split())
        assert "予約確定 あと400円、2027年3月7日（日）まで" in head
        assert "あと400円を、2027年3月7日（日）までにはらってください。" in visitor.text
        assert "窓口ではらうとき：会館の受付" in visitor.text
        assert "使用許可書は、あと400円をはらうと、また出せます。" in visitor.text
        assert "あと400円を" in visitor.visit("/midori/bookings").text
        assert "はらうところ" in visitor.visit(f"/midori/bookings/{booking.number}/print").text

    def test_and_is_paid_says_nothing_of_it_any_more(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = self.dearer(town, visitor, hanako)
        pays(visitor, booking.number, "クレジットカード")
        sim.pay_card(sim.sessions()[0]["id"])
        comes_back(visitor, sim)

        visitor.visit(f"/midori/bookings/{booking.number}")
        assert "あと400円" not in visitor.text
        assert "使用許可書（PDF）" in visitor.text

    def test_and_is_late_says_that_the_day_is_over(
        self, town: Town, hanako: Applicant, visitor: Visitor
    ):
        booking = self.dearer(town, visitor, hanako)
        town.moves(days=6, hours=14, minutes=30)

        visitor.visit(f"/midori/bookings/{booking.number}")
        assert "支払いの期限（2027年3月7日（日））を過ぎました。" in visitor.text
        assert "あと400円をはらってください。" in visitor.text
        assert (
            "取り消しになります" not in visitor.text.split("次にすること")[1].split("申し込み")[0]
        )


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_pages_can_be_used_by_everybody_at_every_width(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    first, second = of_two_halls(town, hanako)
    third = town.books(hanako, ("room-2", NEXT_MONDAY, (17, 19)), key="third")
    attempt = town.goes(hanako, third, way="konbini")
    sim.choose_konbini(town.session_of(attempt))
    dearer = town.books(hanako, ("room-2", NEXT_MONDAY, (9, 10)), key="fourth")
    with working(town.app):
        pay(dearer)

    assert not faults(
        town.app, visitor, "/midori/pay", "/midori/pay?which=1", "/midori/bookings",
        f"/midori/pay?b={first.number}&b={second.number}",
        f"/midori/pay/{town.attempt(attempt).key}", f"/midori/bookings/{third.number}",
        f"/midori/bookings/{dearer.number}",
    )  # fmt: skip
