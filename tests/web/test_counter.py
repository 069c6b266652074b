"""Today at the desk: who came, left, never came; keys, people counted; notes for the next shift."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.booking.service.submitting import Submitted
from app.counter.rules import Mark
from app.db import db
from app.db.audit import Actor
from app.kernel.clock import TOKYO
from app.usecases import attending
from tests.builders import NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import ORIGIN, Visitor
from tests.racing import race
from tests.reports.browsing import NOT_OURS, SIDEWAYS, chromium, faults, served
from tests.reports.situations import a_booking, clerk, goes_on_until, staff, working

DAY = "/midori/desk/chuo/days/2027-03-08"
TEN = datetime(2027, 3, 8, 10, 5, tzinfo=TOKYO)
STAFF = Actor("staff", account_id=1)


def today(app: Flask, clock: Clock, *uses: Any, now: datetime = TEN, **changes: Any) -> Submitted:
    """It is the day of use, five past ten; by default 第1会議室 is booked from 10 to 12."""
    with working(app) as found:
        made = a_booking(found, *uses, paid=True, **changes)
    goes_on_until(app, clock, now)
    return made


def noted(app: Flask) -> list[Any]:
    with working(app):
        return list(db.session.execute(text(
            "select came_at is not null as came, left_at is not null as gone,"
            " no_show_at is not null as no_show, key_out_at is not null as key_out,"
            " key_back_at is not null as key_back, people, remark, version from actual_use"
        )))  # fmt: skip


def deeds(app: Flask) -> list[str]:
    with working(app):
        return list(db.session.scalars(text(
            "select action from audit_entry where action like 'use.%' or action like 'note.%'"
            " order by id"
        )))  # fmt: skip


def test_one_tap_each_and_back_again(app: Flask, clock: Clock):
    today(app, clock)
    desk = staff(app, role="attendance").visit(DAY)
    assert "まだ記録がありません" not in desk.text

    desk.press("鍵をわたした").press("入室")
    assert "利用中 入室10時05分" in desk.text
    assert "返っていない鍵 1本" in desk.text
    goes_on_until(app, clock, TEN + timedelta(hours=1, minutes=50))
    desk.press("退室").press("鍵が返った")
    assert "入室10時05分 退室11時55分" in desk.text
    assert "返っていない鍵" not in desk.text

    desk.press("退室を取り消す").press("入室を取り消す")
    assert tuple(noted(app)[0])[:5] == (False, False, False, True, True)
    desk.press("不来場")
    assert "来ませんでした" in desk.text
    desk.press("不来場を取り消す").press("入室")
    assert "利用中 入室11時55分" in desk.text
    assert deeds(app) == ["use.marked"] * 4 + ["use.unmarked"] * 2 + [
        "use.marked", "use.unmarked", "use.marked"
    ]  # fmt: skip


def test_of_yesterday_the_booked_times_are_noted(app: Flask, clock: Clock):
    today(app, clock)
    goes_on_until(app, clock, TEN + timedelta(days=1))
    desk = staff(app, role="attendance").visit(DAY)
    desk.press("入室").press("退室")
    assert "入室10時00分 退室12時00分" in desk.text
    desk.press("人数・時刻をなおす")
    assert desk.field("入室した時刻")["value"] == "10:00"
    desk.fill("実際の人数", "7").press("この内容で残す")
    assert "実際7人" in desk.text


def test_nobody_is_noted_as_absent_before_the_time(app: Flask, clock: Clock):
    made = today(app, clock, now=TEN.replace(hour=9))
    desk = staff(app).visit(DAY)
    assert "不来場" not in desk.text

    url = f"/midori/desk/bookings/{made.booking.number}/uses/{made.lines[0].id}/marks"
    desk.post(url, {"mark": "no_show"}, status=409)
    assert "まだ始まっていません" in desk.text
    assert noted(app) == []
    desk.post(url, {"mark": "nonsense"}, status=404)


def test_tomorrow_is_not_ticked_today(app: Flask, clock: Clock):
    made = today(app, clock, ("room-1", NEXT_MONDAY + timedelta(days=4), (10, 12)))
    desk = staff(app).visit("/midori/desk/chuo/days/2027-03-12")
    assert "入室" not in desk.text

    url = f"/midori/desk/bookings/{made.booking.number}/uses/{made.lines[0].id}/marks"
    desk.post(url, {"mark": "came"}, status=409)
    assert "使う日になってからつけます" in desk.text


def test_people_and_times_are_put_right(app: Flask, clock: Clock):
    today(app, clock)
    desk = staff(app).visit(DAY).press("人数・時刻をなおす")
    desk.fill("入室した時刻", "１０時").fill("退室した時刻", "9:30").fill("実際の人数", "7人")
    desk.press("この内容で残す", status=409)
    assert "退室の時刻は、入室の時刻よりあとに" in desk.text
    assert desk.field("実際の人数")["value"] == "7人"
    desk.fill("入室した時刻", "おひる").press("この内容で残す", status=422)
    assert "9:05 のように" in desk.text
    desk.fill("入室した時刻", "950").fill("退室した時刻", "11:40").fill("気づいたこと", "いす1脚")
    desk.press("この内容で残す")

    assert "入室9時50分 退室11時40分 実際7人" in desk.text
    assert "気づいたこと：いす1脚" in desk.text
    assert (noted(app)[0].people, noted(app)[0].remark) == (7, "いす1脚")
    with working(app):
        facts = str(db.session.scalar(text(
            "select facts from audit_entry where action = 'use.put_right'"
        )))  # fmt: skip
    assert "いす" not in facts


def test_nobody_overwrites_what_they_did_not_see(app: Flask, clock: Clock):
    today(app, clock)
    first, second = staff(app).visit(DAY), staff(app, email="b@example.jp").visit(DAY)
    first.press("人数・時刻をなおす").fill("実際の人数", "5")
    second.press("人数・時刻をなおす").fill("実際の人数", "6").press("この内容で残す")

    first.press("この内容で残す", status=409)
    assert "ほかの職員が先に直しました" in first.text
    assert first.field("実際の人数")["value"] == "5"
    first.press("この内容で残す")
    assert noted(app)[0].people == 5


def test_another_halls_attendant_ticks_nothing(app: Flask, clock: Clock):
    made = today(app, clock)
    url = f"/midori/desk/bookings/{made.booking.number}/uses/{made.lines[0].id}/marks"
    for changes, status in (
        ({"facility": "kita"}, 404),
        ({"room": "room-2"}, 404),
        ({"role": "cashier"}, 403),
        ({"role": "auditor"}, 403),
        ({"slug": "aoba"}, 403),
    ):
        who = staff(app, **{"role": "attendance", **changes, "email": f"{status}@example.jp"})
        answer = who.client.post(url, data={"mark": "came"}, headers={"Origin": ORIGIN})
        assert answer.status_code == status, changes
    assert noted(app) == []


@pytest.mark.race
def test_many_taps_at_once_are_one(app: Flask, clock: Clock):
    made = today(app, clock)

    def tap(_number: int) -> None:
        attending.set_mark(
            found, made.booking.id, made.lines[0].id, Mark.CAME, actor=STAFF, now=TEN
        )

    with working(app) as found:
        race(tap, *range(8))

    assert [row.version for row in noted(app)] == [1]
    assert deeds(app) == ["use.marked"]


@pytest.mark.race
def test_coming_and_never_coming_at_once_leaves_one(app: Flask, clock: Clock):
    made = today(app, clock)

    def tap(mark: Mark) -> None:
        attending.set_mark(found, made.booking.id, made.lines[0].id, mark, actor=STAFF, now=TEN)

    with working(app) as found:
        came = race(tap, *[Mark.CAME, Mark.NO_SHOW] * 4)

    assert noted(app)[0].came is True  # whoever comes late has come
    assert noted(app)[0].no_show is False
    assert set(came.refusals) <= {("use.came_already",)}


def test_the_database_knows_that_one_came_or_not(app: Flask, clock: Clock):
    made = today(app, clock)
    with working(app), pytest.raises(Exception, match="came_or_not"):
        db.session.execute(text(
            "insert into actual_use (tenant_id, booking_line_id, came_at, no_show_at, remark,"
            " version) select tenant_id, id, now(), now(), '', 1 from booking_line where id = :id"
        ), {"id": made.lines[0].id})  # fmt: skip


def test_the_history_says_what_differs(app: Flask, clock: Clock):
    made = today(app, clock)
    desk = staff(app).visit(DAY).press("入室")
    desk.visit(f"/midori/desk/bookings/{made.booking.number}")

    assert "来館の記録" in desk.text
    assert "入室 なし から 10時05分 へ" in desk.text


class TestNotes:
    def test_written_seen_to_and_brought_back(self, app: Flask):
        manager = staff(app).visit("/midori/desk/chuo/days/2027-03-01")
        assert "引き継ぎはありません" in manager.text
        manager.press("引き継ぎを書く").press("引き継ぎを残す", status=422)
        assert "伝えることを入力してください" in manager.text
        manager.fill("伝えること", "和室の電球が切れています").press("引き継ぎを残す")
        assert "和室の電球が切れています" in manager.text

        city = clerk(app).visit("/midori/desk/")
        city.press("引き継ぎ 1件")
        city.press("済みにする")
        assert re.search(r"が9時00分に済みにしました", city.text)
        assert "引き継ぎ 1件" not in clerk(app, email="c@example.jp").visit("/midori/desk/").text
        city.press("もとに戻す")
        assert "済みにしました" not in city.text
        assert deeds(app) == ["note.written", "note.seen_to", "note.brought_back"]

    def test_a_form_sent_twice_leaves_one_note(self, app: Flask):
        who = staff(app)
        who.visit("/midori/desk/chuo/notes/new")
        form = {"key": str(who.page.select_one("[name=key]")["value"]), "body": "鍵を金庫へ"}
        for _ in range(2):
            who.post("/midori/desk/chuo/notes/new", form)

        assert who.text.count("鍵を金庫へ") == 2  # the note, and the name of its button
        assert deeds(app) == ["note.written"]

    def test_what_is_said_of_a_hall_stays_there(self, app: Flask):
        staff(app).post("/midori/desk/chuo/notes/new", {"key": "k", "body": "ひみつ"})

        room = staff(app, room="room-1", email="r@example.jp")
        assert "ひみつ" not in room.visit("/midori/desk/chuo/days/2027-03-01").text
        room.visit("/midori/desk/chuo/notes/new", status=404)
        kita = staff(app, facility="kita", email="k@example.jp")
        kita.post("/midori/desk/kita/notes/1", {}, status=404)
        reader = staff(app, role="auditor", email="u@example.jp")
        assert "ひみつ" in reader.visit("/midori/desk/chuo/days/2027-03-01").text
        assert "引き継ぎを書く" not in reader.text

    def test_too_much_is_refused_and_kept(self, app: Flask):
        who = staff(app).visit("/midori/desk/chuo/notes/new")
        who.fill("伝えること", "あ" * 1001).press("引き継ぎを残す", status=422)

        assert "1,000文字まで" in who.text
        assert "あ" * 1001 in who.text


def test_the_book_has_every_room_and_rows_for_a_pen(app: Flask, clock: Clock):
    today(app, clock)
    desk = staff(app).visit(DAY).press("使用簿を印刷する")

    heads = [x.get_text() for x in desk.page.select("tbody th")]
    with working(app) as found:
        hall = found.facility_named("chuo")
        assert hall is not None
        assert heads == [room.name for room in hall.rooms]
    assert "山田 花子" in desk.text
    for body in desk.page.select("tbody"):
        assert any(not row.get_text(strip=True) for row in body.select("tr")), body


@pytest.mark.filterwarnings(NOT_OURS)
@pytest.mark.browser
def test_the_book_fits_its_paper(app: Flask, clock: Clock):
    today(app, clock)
    who = staff(app)
    cookie = who.client.get_cookie("kaikan")
    assert cookie is not None
    papers = {
        f"{DAY}/ledger": (842, 595),
        "/midori/desk/chuo/weeks/2027-03-08/ledger?paper=a3": (1191, 842),
        "/midori/desk/chuo/weeks/2027-03-08/ledger?paper=a4": (842, 595),
    }
    with served(app) as url, chromium() as browser:
        context = browser.new_context()
        context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
        page = context.new_page()
        for path, size in papers.items():
            page.goto(url + path)
            printed = page.pdf(prefer_css_page_size=True)
            boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
            assert {(round(float(w)), round(float(h))) for w, h in boxes} == {size}, path
            assert len(boxes) == 1, path


@pytest.mark.filterwarnings(NOT_OURS)
@pytest.mark.browser
def test_a_tap_changes_its_row_in_place(app: Flask, clock: Clock):
    today(app, clock)
    who = staff(app)
    cookie = who.client.get_cookie("kaikan")
    assert cookie is not None
    with served(app) as url, chromium() as browser:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
        page = context.new_page()
        page.goto(url + DAY)
        page.wait_for_function("window.htmx")
        page.get_by_role("button", name=re.compile("^入室")).click()
        page.get_by_role("button", name=re.compile("^退室")).wait_for()
        assert page.url == url + DAY  # no page was left
        assert page.locator("#so-far").inner_text().startswith("全部で1件")
        assert "利用中 1" in page.locator("#so-far").inner_text()
        page.get_by_role("button", name=re.compile("^入室を取り消す")).click()
        page.get_by_role("button", name=re.compile("^入室")).wait_for()
        assert page.evaluate(SIDEWAYS) <= 0
    assert noted(app)[0].came is False


@pytest.mark.filterwarnings(NOT_OURS)
@pytest.mark.browser
def test_the_pages_are_accessible(app: Flask, clock: Clock):
    made = today(app, clock)
    who: Visitor = staff(app)
    who.visit(DAY).press("入室")
    who.post("/midori/desk/chuo/notes/new", {"key": "k", "body": "電球"})
    use = f"/midori/desk/bookings/{made.booking.number}/uses/{made.lines[0].id}"

    found = faults(app, who, DAY, use, "/midori/desk/chuo/notes/new", f"{DAY}/ledger",
                   "/midori/desk/chuo/weeks/2027-03-08/ledger")  # fmt: skip

    assert found == []
