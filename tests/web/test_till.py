"""The counter on the screen: money in, change, receipts, mistakes, the day's sheet."""

from datetime import timedelta

import pytest
from flask import Flask

from app.db import db
from app.payments.models import CashDay
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, clerk, goes_on_until, staff, working
from tests.usecases.mailbox import MailBox
from tests.web.test_mail import last, read

SHEET = "/midori/desk/chuo/till/2027-03-01"


def unpaid(app: Flask, hour: int = 10, **more: object) -> str:
    with working(app) as found:
        made = a_booking(found, ("room-1", NEXT_MONDAY, (hour, hour + 2)), **more)
        assert made.booking.number
        return made.booking.number


def pays(desk: Visitor, number: str, **typed: str) -> Visitor:
    desk.visit(f"/midori/desk/bookings/{number}/payment")
    for label, value in typed.items():
        desk.fill(label, value)
    return desk.press("800円を受け取った")


def test_the_change_is_worked_out_and_the_receipt_printed(app: Flask):
    desk = pays(staff(app), unpaid(app), お預かり="１，０００円", 領収書の宛名="みどりの会 会計")
    assert "おつりは 200円 です。" in desk.text
    assert desk.text.index("おつりは") < desk.text.index("代金の受け取りを記録しました")
    assert "おつりは 200円 です。" in desk.visit(desk.path).text  # looked at again
    desk.press("2026-000001")

    for said in (
        "みどりの会 会計 様", "800円", "10％対象 800円（うち消費税等 72円）", "みどり市",
        "中央会館 第1会議室", "たしかに受け取りました",
    ):  # fmt: skip
        assert said in desk.text
    assert desk.page.select_one(".stamp") is None
    desk.press("再発行する")
    assert desk.page.select_one(".stamp").get_text() == "再発行"


@pytest.mark.parametrize(
    ("handed", "said"), [("500", "お預かりが300円足りません。"), ("たくさん", "お預かりは、数字で")]
)
def test_too_little_is_not_taken_and_what_was_typed_stays(app: Flask, handed: str, said: str):
    number = unpaid(app)
    desk = staff(app).visit(f"/midori/desk/bookings/{number}/payment")
    desk.fill("お預かり", handed).fill("領収書の宛名", "会計係").press("受け取った", status=422)

    assert said in desk.text
    assert desk.page.select_one("#handed")["value"] == handed
    assert desk.page.select_one("#addressee")["value"] == "会計係"


def test_a_mistake_is_taken_back_with_its_reason_and_the_applicant_is_told(
    app: Flask, mailbox: MailBox
):
    number = unpaid(app)
    desk = pays(staff(app), number).press("2026-000001").press("受け取りの記録を取り消す")
    assert "お金を返す手続きではありません。" in desk.text
    desk.press("取り消す", status=422)
    assert "取り消すわけを入力してください。" in desk.text
    desk.fill("取り消すわけ", "となりの予約でした").press("取り消す")

    assert "受け取りの記録を取り消しました。" in desk.text
    assert "代金 800円 を受け取った" in desk.text
    assert "2026-000001 2027年3月1日（月） 800円 みどりの会 取消" in desk.text
    sheet = desk.visit(SHEET).text
    assert "受け取りの取り消し" in sheet
    assert "-800円" in sheet or "−800円" in sheet
    body = read(last(mailbox, app, "受け取りの記録を直しました"))
    assert "予約はそのままです。" in body
    assert "800円（税込）をはらってください。" in body
    audit = clerk(app, role="auditor", email="kansa@example.jp").visit("/midori/office/audit")
    assert "理由：となりの予約でした" in audit.text
    pays(desk, number)
    assert "2026-000002" in desk.text


def test_the_day_is_counted_and_closed(app: Flask, clock: Clock):
    desk = pays(staff(app), unpaid(app))
    goes_on_until(app, clock, MONDAY_9AM + timedelta(hours=8))
    desk.visit("/midori/desk/chuo/days/2027-03-01").press("日計表")
    assert "記録では、現金は 800円 です。" in desk.text
    desk.press("この日を締める", status=422)
    assert "数えた現金を、数字で" in desk.text
    desk.fill("数えた現金", "７００").press("この日を締める", status=422)
    assert "記録では800円、数えた現金は700円です。" in desk.text
    assert desk.page.select_one("#counted")["value"] == "７００"
    desk.fill("数えた現金", "800").press("この日を締める")

    assert "この日は締めました" in desk.text
    with working(app):
        assert [(x.expected_yen, x.counted_yen) for x in db.session.query(CashDay)] == [(800, 800)]
    pays(desk, unpaid(app, 13))
    assert "800円" not in desk.visit(SHEET).page.select_one("tbody").get_text()[60:]
    assert "13時" not in desk.text
    assert "2026-000002" in desk.visit("/midori/desk/chuo/till/2027-03-02").text


def test_each_sees_the_counters_they_work_at(app: Flask):
    number = unpaid(app)
    at_hall = staff(app).visit(f"/midori/desk/bookings/{number}/payment")
    assert at_hall.page.select_one("select#place") is None
    in_town = clerk(app).visit(f"/midori/desk/bookings/{number}/payment")
    assert [x.get_text() for x in in_town.page.select("#place option")][:2] == [
        "市役所の窓口", "中央会館"
    ]  # fmt: skip
    in_town.press("800円を受け取った")
    assert "2026-000001" in in_town.visit("/midori/desk/till/2027-03-01").text
    assert "2026-000001" not in at_hall.visit(SHEET).text
    at_hall.visit("/midori/desk/till/2027-03-01", status=404)
    at_hall.visit("/midori/desk/kita/till/2027-03-01", status=404)


def test_a_receipt_is_seen_by_those_who_take_its_money(app: Flask):
    pays(staff(app), unpaid(app))
    receipt = "/midori/desk/receipts/1"
    for who in (
        staff(app, facility="kita", email="k@example.jp"),
        staff(app, role="attendance", email="a@example.jp"),
    ):
        assert who.client.get(receipt).status_code in (403, 404)
        assert who.client.post(f"{receipt}/again").status_code in (400, 403, 404)
    staff(app, slug="aoba", email="x@example.jp").visit("/aoba/desk/receipts/1", status=404)


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_the_pages_are_accessible(app: Flask):
    number = unpaid(app, 13)
    desk = pays(staff(app), unpaid(app))
    assert not faults(
        app, desk, f"/midori/desk/bookings/{number}/payment", SHEET, "/midori/desk/receipts/1",
        "/midori/desk/receipts/1/take-back",
    )  # fmt: skip
