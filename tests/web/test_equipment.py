"""Equipment, heating and people by age in an application: asked where they cost, shown, priced."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.booking.models import BookingLine
from app.db import db
from app.db.session import tenant_scope
from tests import builders
from tests.pages import Visitor
from tests.reports.situations import staff
from tests.web.situations import a_third_hall, bookings_by, holds, is_signed_in, searched_for

CITED = builders.CITED
EXTRAS = [
    {"id": "piano", "name": "ピアノ", "yen": 1030, "stock": 1, "citation": CITED},
    {"id": "chairs", "name": "補助いす", "yen": 10, "stock": 30, "citation": CITED},
    {"id": "heating", "name": "冷暖房", "part": "heating", "unit": "hour", "yen": 150,
     "citation": CITED},
    {"id": "lights", "name": "舞台照明", "part": "lighting", "yen_by_room": {"hall": 3000},
     "citation": CITED},
]  # fmt: skip


@pytest.fixture
def hanako(visitor: Visitor, app: Flask) -> Visitor:
    """Somebody signed in who holds 第1会議室 of a hall with equipment, from 10 to 12."""
    a_third_hall(app, fees={"extras": EXTRAS})
    is_signed_in(visitor)
    return searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")


def rest(visitor: Visitor) -> Visitor:
    return visitor.press("次へ進む").press("次へ進む")


def booked(app: Flask) -> BookingLine:
    """Return the one line that stands."""
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = db.session.scalars(select(BookingLine).where(BookingLine.state == "active")).one()
        db.session.expunge_all()
        return found


def spoken_number(app: Flask) -> str:
    with app.app_context():
        return str(bookings_by(app, builders.a_resident())[0].number)


def test_only_what_the_room_can_have_is_asked_with_its_price(hanako: Visitor):
    hanako.visit("/midori/apply")

    assert hanako.path == "/midori/apply/equipment"
    assert "ピアノ" in hanako.text
    assert "1回 1,030円。あと1" in hanako.text
    assert "冷暖房（1時間 150円）" in hanako.text
    assert "舞台照明" not in hanako.text


def test_using_nothing_is_one_press(hanako: Visitor, app: Flask):
    hanako.visit("/midori/apply").press("次へ進む")
    rest(hanako)

    assert "備品・設備 使わない" in hanako.text
    assert "合計 800円" in hanako.text
    hanako.press("この内容で申し込む")
    assert booked(app).extras == {}


def test_what_is_used_is_priced_kept_and_shown_to_both_sides(hanako: Visitor, app: Flask):
    hanako.visit("/midori/apply").fill("ピアノ", "１").fill("補助いす", "20").choose("冷暖房")
    rest(hanako.press("次へ進む"))

    assert "備品・設備 補助いす 20、冷暖房、ピアノ" in hanako.text
    assert "合計 2,330円" in hanako.text, "800 + 1,030 + 200 + 300"
    hanako.press("この内容で申し込む").press("この予約を見る")
    assert "備品・設備 補助いす 20、冷暖房、ピアノ" in hanako.text
    assert booked(app).extras == {"chairs": 20, "heating": 1, "piano": 1}
    assert booked(app).fee_yen == 2330
    manager = staff(app, facility="nishi")
    number = spoken_number(app)
    assert "補助いす 20" in manager.visit(f"/midori/desk/bookings/{number}").text


def test_the_basket_shows_the_fee_with_what_was_answered(hanako: Visitor):
    hanako.visit("/midori/apply").fill("ピアノ", "1").press("次へ進む").visit("/midori/basket")

    assert "合計 1,830円" in hanako.text


def test_a_number_that_is_none_is_told_beside_the_field_and_kept(hanako: Visitor):
    hanako.visit("/midori/apply").fill("補助いす", "たくさん").press("次へ進む", status=422)

    assert hanako.text.count("数字で入力してください。") == 2
    assert hanako.field("補助いす")["value"] == "たくさん"


def test_more_than_the_hall_has_is_refused_at_the_check_with_what_is_left(hanako: Visitor):
    hanako.visit("/midori/apply").fill("補助いす", "31").press("次へ進む")

    rest(hanako).press("この内容で申し込む", status=409)

    assert "補助いすは、この時間にはあと30です。" in hanako.text


def test_what_others_use_at_the_same_time_is_not_offered(visitor: Visitor, app: Flask):
    a_third_hall(app, fees={"extras": EXTRAS})
    first = is_signed_in(visitor)
    assert first
    searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
    visitor.visit("/midori/apply").fill("補助いす", "25").press("次へ進む")
    rest(visitor).press("この内容で申し込む")

    other, room_2 = Visitor(app), [("room-2", builders.NEXT_MONDAY, (11, 13))]
    is_signed_in(other, "taro@example.jp")
    searched_for(
        holds(other, room_2, facility="nishi", token="another"), purpose="meeting", people="8"
    )
    other.visit("/midori/apply")

    assert "1回 10円。あと5" in other.text


def test_a_line_added_later_is_asked_for_too(hanako: Visitor):
    hanako.visit("/midori/apply").fill("ピアノ", "1").press("次へ進む")
    holds(hanako, [("room-2", builders.NEXT_MONDAY, (13, 15))], facility="nishi")

    hanako.visit("/midori/apply")

    assert hanako.path == "/midori/apply/equipment"
    assert "第2会議室" in hanako.text
    assert hanako.page.select_one("input[name$='-piano']")["value"] == "1"


class TestPeopleByCategory:
    @pytest.fixture
    def swimmer(self, visitor: Visitor, app: Flask) -> Visitor:
        price = {
            "kind": "per_person", "id": "lobby-people", "rooms": ["lobby"], "per": "use",
            "yen": {"adult": 500, "child": 200}, "names": {"adult": "大人", "child": "子ども"},
            "citation": CITED,
        }  # fmt: skip
        others = [one for one in builders.FEES["prices"] if one["id"] != "lobby"]
        a_third_hall(app, fees={"prices": [price, *others]})
        is_signed_in(visitor)
        wish = [("lobby", builders.NEXT_MONDAY, (10, 12))]
        return searched_for(holds(visitor, wish, facility="nishi"), purpose="meeting", people="8")

    def test_they_are_counted_and_priced(self, swimmer: Visitor):
        swimmer.visit("/midori/apply")
        assert swimmer.path == "/midori/apply/people"

        swimmer.fill("大人", "3").fill("子ども", "２").press("次へ進む")
        rest(swimmer)

        assert "5人（大人3、子ども2）" in swimmer.text
        assert "合計 1,900円" in swimmer.text

    def test_nobody_at_all_is_told(self, swimmer: Visitor):
        swimmer.visit("/midori/apply").press("次へ進む", status=422)

        assert "人数を入力してください。" in swimmer.text
