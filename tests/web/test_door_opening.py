"""Whoever is on the line when a booking was made or paid hears how its doors open."""

from datetime import date

from flask import Flask

from tests import builders
from tests.builders import TODAY
from tests.pages import Visitor
from tests.reports.situations import a_booking, staff, working
from tests.web.doors import FRONT, ROOM_1, House

WEDNESDAY = date(2027, 3, 3)
PHONE = "/midori/desk/chuo/phone/booking?name=島田&kana=シマダ&phone=0425551234"


def telephones(app: Flask, on: date = WEDNESDAY, room: str = "room-1") -> Visitor:
    """Somebody without mail books from 13 to 15 by telephone."""
    with working(app) as found:
        use = f"{builders.room_id(found, room)}.{on}.780.900"
    desk = staff(app).visit(f"{PHONE}&purpose=meeting&people=8&class=resident&use={use}")
    return desk.press("この内容で予約する")


def pays(app: Flask, on: date) -> Visitor:
    with working(app) as found:
        made = a_booking(found, ("room-1", on, (13, 15)))
    desk = staff(app).visit(f"/midori/desk/bookings/{made.booking.number}/payment")
    return desk.press("円を受け取った")


def said(page: Visitor) -> str:
    found = [x for x in page.page.select(".notice") if "ドアのあけかた" in x.get_text()]
    assert len(found) < 2
    return " ".join(found[0].get_text(" ").split()) if found else ""


def test_a_booking_by_telephone_has_its_number_after_the_money(app: Flask, house: House):
    account = house.account()
    house.door(account, FRONT, name="正面入口", shared=True)
    house.door(account, ROOM_1, "room-1", name="第1会議室のドア")
    page = telephones(app)
    assert "予約を入れました" in page.text
    assert "ドア（正面入口、第1会議室のドア）は、番号であきます。" in said(page)
    assert "番号は、予約が決まってから用意します" in said(page)
    assert "番号を見る" not in said(page)

    page.press("を受け取った").press("円を受け取った")
    for words in ("番号を用意しています。", "番号は、3月2日（火）12時50分から見られます。",
                  "メールのない人です。"):  # fmt: skip
        assert words in said(page)
    house.works()
    page.visit(page.path)
    assert "番号の用意はできています。" in said(page)
    page.press("番号を見る")
    assert "番号は、まだ見られません。" in page.text


def test_paid_on_the_day_the_number_is_read_out_at_once(app: Flask, house: House):
    house.door(house.account(), ROOM_1, "room-1", name="第1会議室のドア")
    page = pays(app, TODAY)
    assert "から見られます" not in said(page)
    assert "メールのない人です。" not in said(page)
    house.works()
    page.visit(page.path).press("番号を見る")
    assert page.page.select_one(".door-pin") is not None


def test_a_key_box_and_a_key_by_hand_are_said_as_such(app: Flask, house: House):
    house.box()
    page = pays(app, TODAY)
    assert "キーボックス（裏口の箱）に番号を合わせると、なかに鍵があります。" in said(page)
    page.post(f"{page.path.split('?')[0]}/keys/1/by-hand", {})
    text = said(page.visit(page.path.split("?")[0] + "?told=received"))
    assert "鍵は、職員が手でわたします。" in text
    assert "番号" not in text


def test_a_use_far_ahead_has_its_number_later(app: Flask, house: House):
    house.door(house.account(), ROOM_1, "room-1", name="第1会議室のドア")
    assert "番号は、使う日の30日前に用意します。" in said(pays(app, date(2027, 4, 12)))


def test_a_room_behind_no_lock_says_nothing_of_it(app: Flask, house: House):
    house.door(house.account(), ROOM_1, "room-2", name="第2会議室のドア")
    page = telephones(app)
    assert "予約を入れました" in page.text
    assert said(page) == ""
    assert said(page.visit(page.path.split("?")[0])) == ""
