"""What is used beside a room is changed with the booking: seen, priced, no more than there is."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.booking.models import BookingChange
from app.db import db
from app.db.session import in_transaction, tenant_scope
from tests import builders
from tests.pages import Visitor
from tests.reports.situations import a_booking, staff, working
from tests.web.situations import a_third_hall, is_signed_in
from tests.web.test_equipment import EXTRAS, booked


def the_form(app: Flask, who: str, **more: Any) -> Visitor:
    """Return the form of a change of 第1会議室 of 西会館, Monday from 10 to 12."""
    hanako = Visitor(app)
    is_signed_in(hanako)
    with working(app) as found:
        number = a_booking(found, facility="nishi", **more).booking.number
    if who == "resident":
        return hanako.visit(f"/midori/bookings/{number}/change")
    return staff(app, facility="nishi").visit(f"/midori/desk/bookings/{number}/change")


@pytest.fixture(params=["resident", "staff"])
def form(app: Flask, request: pytest.FixtureRequest) -> Visitor:
    a_third_hall(app, fees={"extras": EXTRAS})
    return the_form(app, request.param)


def test_equipment_is_added_seen_and_priced_and_taken_back(form: Visitor, app: Flask):
    assert form.press("変えるとどうなるか見る").text.count("いまの予約と同じです")
    form.fill("ピアノ", "１").fill("補助いす", "20").choose("冷暖房").press(
        "変えるとどうなるか見る"
    )

    assert "備品・設備 使わない 補助いす 20、冷暖房、ピアノ" in form.text
    assert "1,530円 高くなります。" in form.text, "1,030 + 200 + 2 hours of 150"
    form.press("この内容に変える")
    assert booked(app).extras == {"chairs": 20, "heating": 1, "piano": 1}
    assert booked(app).fee_yen == 2330
    assert "補助いす 20" in form.text

    form.press("予約の内容を変える")
    assert form.field("補助いす")["value"] == "20"
    form.fill("ピアノ", "").fill("補助いす", "").press("変えるとどうなるか見る")
    assert "備品・設備 補助いす 20、冷暖房、ピアノ 冷暖房" in form.text
    assert "1,230円 安くなります。" in form.text
    form.press("この内容に変える")
    assert booked(app).extras == {"heating": 1}
    assert booked(app).fee_yen == 1100


def test_what_is_wrong_or_more_than_there_is_is_told_and_kept(form: Visitor, app: Flask):
    form.fill("補助いす", "いっぱい").press("変えるとどうなるか見る", status=422)
    assert "補助いす：数字で入力してください。" in form.text
    assert form.field("補助いす")["value"] == "いっぱい"

    form.fill("補助いす", "31").press("変えるとどうなるか見る", status=422)
    assert "補助いすは、この時間にはあと30です。" in form.text
    assert booked(app).fee_yen == 800


def test_what_the_other_room_has_not_is_left_behind(app: Flask):
    only_there = {"id": "screen", "name": "映写幕", "yen": 500, "rooms": ["room-1"],
                  "citation": builders.CITED}  # fmt: skip
    a_third_hall(app, fees={"extras": [only_there]})
    desk = the_form(app, "staff")
    desk.fill("映写幕", "1").press("変えるとどうなるか見る").press("この内容に変える")
    assert booked(app).extras == {"screen": 1}

    desk.press("予約の内容を変える").fill("部屋", _room(app, "room-2"))
    desk.press("変えるとどうなるか見る")
    assert "備品・設備 映写幕 使わない" in desk.text
    desk.press("この内容に変える")
    assert booked(app).extras == {}


def test_people_who_pay_by_age_are_counted_again(app: Flask):
    price = {
        "kind": "per_person", "id": "lobby-people", "rooms": ["lobby"], "per": "use",
        "yen": {"adult": 500, "child": 200}, "names": {"adult": "大人", "child": "子ども"},
        "citation": builders.CITED,
    }  # fmt: skip
    others = [one for one in builders.FEES["prices"] if one["id"] != "lobby"]
    a_third_hall(app, fees={"prices": [price, *others]})
    hanako = Visitor(app)
    is_signed_in(hanako)
    with working(app) as found:
        use = ("lobby", builders.NEXT_MONDAY, (10, 12))
        number = a_booking(
            found, use, facility="nishi", people=5, people_by={"adult": 3, "child": 2}
        ).booking.number
    hanako.visit(f"/midori/bookings/{number}/change")
    assert (hanako.field("大人")["value"], hanako.field("子ども")["value"]) == ("3", "2")

    hanako.fill("大人", "たくさん").press("変えるとどうなるか見る", status=422)
    assert "区分ごとに数字で入力してください" in hanako.text
    hanako.fill("大人", "４").fill("子ども", "").press("変えるとどうなるか見る")
    assert "人数 5人 4人" in hanako.text
    assert "100円 高くなります。" in hanako.text
    hanako.press("この内容に変える")
    assert booked(app).fee_yen == 2000


def test_what_the_form_does_not_ask_is_not_dropped_unseen(app: Flask):
    """A piece that has no price in this room was settled by staff: the change tells of it."""
    board = {
        "id": "board",
        "name": "白板",
        "yen_by_room": {"hall": 100},
        "citation": builders.CITED,
    }
    a_third_hall(app, fees={"extras": [*EXTRAS, board]})
    desk = the_form(app, "staff")
    with working(app):
        boarded = text("update booking_line set extras = '{\"board\": 1}'")
        in_transaction(lambda session: session.execute(boarded))
    desk.visit(desk.path).fill("おわり", "780").press("変えるとどうなるか見る", status=422)

    assert "「白板」の、この部屋での料金は、定めがありません。" in desk.text
    assert booked(app).extras == {"board": 1}


def test_the_audit_says_what_was_used_before_and_after(app: Flask):
    a_third_hall(app, fees={"extras": EXTRAS})
    desk = the_form(app, "staff")
    desk.fill("補助いす", "3").press("変えるとどうなるか見る").press("この内容に変える")

    assert "使わない から 第1会議室" in desk.text
    assert "10人 補助いす 3 へ" in desk.text
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        (kept,) = db.session.scalars(select(BookingChange))
        assert kept.lines[0]["after"]["extras"] == {"chairs": 3}


def _room(app: Flask, slug: str) -> str:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = text("select r.id from room r join facility f on f.id = r.facility_id"
                     " where f.slug = 'nishi' and r.slug = :slug")  # fmt: skip
        return str(db.session.scalar(found, {"slug": slug}))
