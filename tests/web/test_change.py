"""A booking is changed on the screen: seen first, both sides, then done; by residents and staff."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.booking.models import BookingChange, BookingLine
from app.db import db
from tests import builders
from tests.conftest import Clock
from tests.pages import ORIGIN, Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, staff, working
from tests.web.situations import is_signed_in


def number_of(app: Flask, *uses: Any, **more: Any) -> str:
    with working(app) as found:
        made = a_booking(found, *uses, **more)
        assert made.booking.number
        return made.booking.number


@pytest.fixture
def hanako(app: Flask) -> Visitor:
    visitor = Visitor(app)
    is_signed_in(visitor)
    return visitor


@pytest.fixture(params=["resident", "staff"])
def somebody(app: Flask, request: pytest.FixtureRequest, hanako: Visitor) -> tuple[Visitor, str]:
    if request.param == "resident":
        return hanako, "/midori/bookings"
    return staff(app), "/midori/desk/bookings"


def test_the_change_is_seen_before_it_is_done(app: Flask, somebody: tuple[Visitor, str]):
    visitor, base = somebody
    number = number_of(app)
    visitor.visit(f"{base}/{number}").press("予約の内容を変える")
    visitor.fill("おわり", "840").fill("人数", "１５人").press("変えるとどうなるか見る")

    assert "800円 1,600円" in visitor.text
    assert "10時から12時まで（2時間） 10時から14時まで（4時間）" in visitor.text
    assert "10人 15人" in visitor.text
    assert "800円 高くなります。" in visitor.text
    assert "部屋 中央会館 第1会議室 同じ" in visitor.text
    visitor.press("この内容に変える")

    assert visitor.path.split("?")[0] == f"{base}/{number}"
    assert "10時から14時まで" in visitor.text or "10時〜14時" in visitor.text
    assert "変え" in visitor.text
    assert "15人" in visitor.text


def test_times_of_another_room_and_day_are_shown_without_any_script(
    app: Flask, somebody: tuple[Visitor, str]
):
    visitor, base = somebody
    number = number_of(app)
    visitor.visit(f"{base}/{number}/change")
    hall = next(
        x for x in visitor.page.select("#room option") if x.get_text().startswith("ホール全面")
    )

    visitor.fill("部屋", str(hall["value"])).fill("日にち", "2027-03-10")
    visitor.press("この部屋と日の時間を出す")

    begins = [x.get_text() for x in visitor.page.select("#from option")]
    assert begins == ["えらんでください", "9時", "13時", "18時"]
    visitor.fill("はじまり", "540").fill("おわり", "1020").press("変えるとどうなるか見る")
    assert "6,200円 高くなります。" in visitor.text


@pytest.mark.parametrize(
    ("on", "people", "said"),
    [
        ("きのう", "10", "日にちを、2026年12月5日のように"),
        ("2027-03-09", "10", "この日は休館です"),
        ("2027-03-08", "たくさん", "人数を、数字で"),
        ("2027-03-08", "0", "人数を、数字で"),
        ("2027-03-08", "31", "定員は30人です"),
    ],
)
def test_what_is_wrong_is_told_and_kept(
    app: Flask, somebody: tuple[Visitor, str], on: str, people: str, said: str
):
    visitor, base = somebody
    number = number_of(app)

    visitor.visit(f"{base}/{number}/change?check=y&on={on}&people={people}", status=422)

    assert said in visitor.text
    assert visitor.title.startswith("エラー：")
    assert visitor.page.select_one("#people")["value"] == people
    assert visitor.page.select_one("#on")["value"] == on


@pytest.mark.parametrize("room", ["999", "x", ""])
def test_a_room_that_is_none_is_not_taken_for_the_present_one(
    app: Flask, somebody: tuple[Visitor, str], room: str
):
    visitor, base = somebody
    number = number_of(app)
    form = {
        "room": room,
        "on": "2027-03-08",
        "from": "720",
        "to": "840",
        "people": "10",
        "seen": "0",
    }

    visitor.visit(f"{base}/{number}/change?check=y&room={room}&from=720&to=840", status=422)
    assert "部屋を、一覧からえらびなおしてください。" in visitor.text
    visitor.post(f"{base}/{number}/change", form, status=422)
    with working(app):
        assert db.session.scalars(select(BookingChange)).all() == []


def test_taken_meanwhile_changes_nothing(app: Flask, somebody: tuple[Visitor, str]):
    visitor, base = somebody
    number = number_of(app)
    visitor.visit(f"{base}/{number}/change?check=y&to=840")
    number_of(app, ("room-1", builders.NEXT_MONDAY, (13, 14)), email="b@example.jp")

    visitor.press("この内容に変える", status=409)

    assert "ほかの方の予約が入っています" in visitor.text
    assert "まだ変えていません" in visitor.text


def test_pressed_twice_it_is_done_once(app: Flask, somebody: tuple[Visitor, str]):
    visitor, base = somebody
    number = number_of(app)
    visitor.visit(f"{base}/{number}/change?check=y&to=780")
    form = {x["name"]: x["value"] for x in visitor.page.select("form[method=post] [name]")}
    form.pop("size", None)
    for _ in range(2):
        answer = visitor.client.post(
            f"{base}/{number}/change", data=form, headers={"Origin": ORIGIN}
        )
        assert answer.status_code in (303, 409)

    with working(app):
        assert db.session.scalar(text("select count(*) from booking_change")) == 1


def test_nothing_changed_is_told(app: Flask, somebody: tuple[Visitor, str]):
    visitor, base = somebody

    visitor.visit(f"{base}/{number_of(app)}/change?check=y")

    assert "いまの予約と同じです" in visitor.text


def test_a_resident_sees_when_it_is_too_late_and_whom_to_call(
    app: Flask, hanako: Visitor, clock: Clock
):
    number = number_of(app)
    clock.now = builders.MONDAY_9AM + timedelta(days=7)

    hanako.visit(f"/midori/bookings/{number}/change?check=y&to=780", status=422)

    assert "ご自分での変更は" in hanako.text
    assert "00-0000-0002" in hanako.text

    hanako.visit(f"/midori/bookings/{number}/cancel")
    assert "ご自分での取り消しは2027年3月7日（日）まででした。" in hanako.text


def test_each_of_several_uses_is_changed_by_itself(app: Flask, somebody: tuple[Visitor, str]):
    visitor, base = somebody
    following = builders.NEXT_MONDAY + timedelta(days=7)
    number = number_of(
        app, ("room-1", builders.NEXT_MONDAY, (10, 12)), ("room-2", following, (13, 14))
    )
    visitor.visit(f"{base}/{number}").press("予約の内容を変える")
    assert visitor.page.select_one(".which [aria-current]").get_text().startswith("3月8日")

    visitor.press("3月15日（月） 13時から14時まで")
    assert visitor.page.select_one(".which [aria-current]").get_text().startswith("3月15日")
    visitor.fill("おわり", "900").press("変えるとどうなるか見る")
    assert "300円 高くなります。" in visitor.text
    assert "予約全体では、1,100円 から 1,400円 になります。" in visitor.text
    visitor.press("この内容に変える")
    with working(app):
        hours = [
            (x.ends_at - x.starts_at) / timedelta(hours=1)
            for x in db.session.scalars(select(BookingLine).order_by(BookingLine.id))
        ]
    assert hours == [2, 2]


def test_who_comes_is_of_all_uses_and_each_is_named(app: Flask, somebody: tuple[Visitor, str]):
    visitor, base = somebody
    following = builders.NEXT_MONDAY + timedelta(days=7)
    number = number_of(
        app, ("room-1", builders.NEXT_MONDAY, (10, 12)), ("room-2", following, (13, 14))
    )
    visitor.visit(f"{base}/{number}/change").press("3月15日（月）")
    assert "人数は、この予約の全部の枠に共通です。" in visitor.text
    visitor.fill("人数", "11").fill("おわり", "900").press("変えるとどうなるか見る")

    sides = visitor.page.select_one(".sides").get_text(" ", strip=True)
    assert "2027年3月15日（月）" in sides
    assert "13時から15時まで" in sides
    assert (
        "3月8日（月） 第1会議室 の枠も変わります（10人から11人）。料金は同じです。" in visitor.text
    )


def test_onto_another_use_of_the_same_booking_is_told_so(app: Flask, hanako: Visitor):
    on = builders.NEXT_MONDAY
    number = number_of(app, ("room-1", on, (10, 12)), ("room-1", on, (13, 14)))

    hanako.visit(f"/midori/bookings/{number}/change?check=y&to=840", status=422)
    assert "この予約の、ほかの枠と重なっています。" in hanako.text
    assert "ほかの方" not in hanako.text


def test_in_another_hall_its_rules_are_told(app: Flask, hanako: Visitor):
    number = number_of(app)
    with working(app) as found:
        room = builders.room_id(found, "room-1", facility="kita")

    hanako.visit(f"/midori/bookings/{number}/change?check=y&room={room}&from=600&to=660")

    assert "取り消しなどの決まりは、北会館のものに変わります。" in hanako.text


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "800円 安くなり、はらった分から 400円（差額の半分）を返します。"),
        (3, "800円 安くなりますが、はらった料金は返りません。"),
    ],
)
def test_what_comes_back_is_told_as_a_share(
    app: Flask, hanako: Visitor, clock: Clock, days: int, said: str
):
    on = builders.NEXT_MONDAY + timedelta(days=2)
    number = number_of(app, ("room-1", on, (10, 14)), paid=True)
    clock.now = builders.MONDAY_9AM + timedelta(days=days)

    hanako.visit(f"/midori/bookings/{number}/change?check=y&to=720")

    assert said in hanako.text


def test_others_bookings_are_not_there(app: Flask, hanako: Visitor):
    number = number_of(app, email="b@example.jp")

    for path in (f"/midori/bookings/{number}/change", "/midori/bookings/12345678/change"):
        hanako.visit(path, status=404)
    staff(app, facility="kita").visit(f"/midori/desk/bookings/{number}/change", status=404)


def test_what_was_paid_and_costs_more_waits_at_the_desk(app: Flask):
    number = number_of(app, paid=True)
    desk = staff(app).visit(f"/midori/desk/bookings/{number}/change?check=y&to=840")
    desk.press("この内容に変える")

    assert "代金 800円 を受け取った" in desk.text
    today = staff(app).visit("/midori/desk/chuo/days/2027-03-08").text
    assert "残りを受け取っていません" in today
    assert "受け取りずみ" not in today
    listed = staff(app, role="clerk", facility=None, email="c@example.jp")
    month = "/midori/office/bookings?from=2027-03-01&to=2027-03-31"
    assert number[:4] in listed.visit(f"{month}&paid=unpaid").text
    assert number[:4] not in listed.visit(f"{month}&paid=paid").text
    assert "代金を受け取っていない予約" in today
    assert "800円" in today.split("代金を受け取っていない予約")[-1]
    desk.press("代金 800円 を受け取った").press("受け取った")
    assert "代金の受け取りを記録しました" in desk.text
    assert "第1会議室 3月8日（月）10時〜12時 10人 から 第1会議室" in desk.text


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, hanako: Visitor):
    number = number_of(app)

    assert not faults(
        app, hanako, f"/midori/bookings/{number}/change",
        f"/midori/bookings/{number}/change?check=y&to=840",
    )  # fmt: skip
    assert not faults(
        app, staff(app), f"/midori/desk/bookings/{number}/change?check=y&to=840&people=x",
        f"/midori/desk/bookings/{number}/change?check=y&to=840",
    )  # fmt: skip
