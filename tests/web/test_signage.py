"""Screens in halls: what is on, never who; kept when the network goes; revoked in one press."""

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, chromium, served
from tests.reports.situations import a_booking, goes_on_until, staff, working
from tests.reports.test_usage import shut
from tests.usecases import steps

SCREENS = "/midori/desk/chuo/screens"
TEN = MONDAY_9AM + timedelta(days=7, hours=1)  # next Monday, 10:00


def a_screen(app: Flask, *rooms: str, kind: str = "screen") -> str:
    """Staff make an address; return it."""
    desk = staff(app).visit(SCREENS).fill("名前", "玄関の画面")
    if kind == "calendar":
        desk.choose("カレンダー（iCal）")
    for room in rooms:
        desk.choose(room)
    desk.press("アドレスを作る")
    return str(desk.page.select("ul.rows a")[-1]["href"]).split("example.jp", 1)[-1]


def shown(app: Flask, address: str, *, status: int = 200) -> str:
    visitor = Visitor(app)
    answer = visitor.client.get(path_of(address))
    assert answer.status_code == status, answer.text
    return " ".join(answer.text.split())


def path_of(address: str) -> str:
    return "/" + address.split("://")[-1].split("/", 1)[1] if "://" in address else address


@pytest.fixture
def monday(app: Flask, clock: Clock) -> None:
    """Next Monday at ten; three uses, one of them without a name, and what nobody is to see."""
    with working(app) as found:
        a_booking(found, ("room-1", NEXT_MONDAY, (10, 12)), paid=True, shown_name="俳句の会")
        a_booking(
            found, ("room-2", NEXT_MONDAY, (13, 15)), shown_name="", email="taro@example.jp",
            name="佐藤 太郎",
        )  # fmt: skip
        a_booking(
            found, ("hall", NEXT_MONDAY, (18, 22)), shown_name="コーラス", email="j@example.jp"
        )
        gone = a_booking(
            found, ("lobby", NEXT_MONDAY, (10, 12)), shown_name="取り消した会", email="k@example.jp"
        )
        steps.cancel(found, gone)
        shut(found, "kitchen", NEXT_MONDAY, (9, 12), "public_use")
    goes_on_until(app, clock, TEN)


@pytest.mark.usefixtures("monday")
class TestAScreen:
    def test_says_what_is_on_and_nobody_s_name(self, app: Flask):
        text = shown(app, a_screen(app))

        assert "10:00〜12:00" in text
        assert "俳句の会" in text
        assert "ただいま" in text
        assert "貸切" in text
        for secret in ("山田", "佐藤", "090", "example", "取り消した会", "公用"):
            assert secret not in text, secret

    def test_forgets_what_is_over(self, app: Flask, clock: Clock):
        address = a_screen(app)
        clock.now = TEN + timedelta(hours=6)

        text = shown(app, address)
        assert "俳句の会" not in text
        assert "コーラス" in text
        clock.now = TEN + timedelta(hours=13)
        assert "このあと、本日の催し物はありません" in shown(app, address)

    def test_of_one_room_says_now_and_next(self, app: Flask, clock: Clock):
        address = a_screen(app, "第1会議室")
        assert "ただいま" in shown(app, address)
        assert "俳句の会" in shown(app, address)
        assert "コーラス" not in shown(app, address)
        clock.now = TEN - timedelta(minutes=30)
        assert "空いています" in shown(app, address)
        assert "このあと" in shown(app, address)

    def test_of_a_part_shows_the_whole_that_takes_its_floor(self, app: Flask):
        assert "コーラス" in shown(app, a_screen(app, "ホール東側"))

    def test_shows_the_halls_own_events_once(self, app: Flask):
        with working(app) as found:
            shut(found, "lobby", NEXT_MONDAY, (14, 16), "event")
            db.session.execute(text("update closure set name = '文化祭' where kind = 'event'"))
            db.session.commit()

        assert shown(app, a_screen(app)).count("文化祭") == 1

    def test_is_known_again_until_something_changes(self, app: Flask, clock: Clock):
        address = path_of(a_screen(app))
        client = Visitor(app).client
        first = client.get(address)
        again = {"If-None-Match": first.headers["ETag"]}
        clock.now = TEN + timedelta(minutes=5)
        assert client.get(address, headers=again).status_code == 304
        clock.now = TEN + timedelta(hours=3)
        assert client.get(address, headers=again).status_code == 200

    def test_is_the_same_as_json(self, app: Flask):
        address = path_of(a_screen(app))
        told = json.loads(Visitor(app).client.get(f"{address}.json").text)

        assert (told["facility"], told["date"]) == ("中央会館", "2027-03-08")
        assert [one["name"] for one in told["uses"]] == ["俳句の会", "貸切", "コーラス"]
        assert told["uses"][0] == {
            "room": "第1会議室", "starts_at": "2027-03-08T10:00:00+09:00",
            "ends_at": "2027-03-08T12:00:00+09:00", "name": "俳句の会", "is_on": True,
        }  # fmt: skip

    def test_revoked_it_leads_nowhere(self, app: Flask):
        address = a_screen(app)
        desk = staff(app).visit(SCREENS).press("このアドレスを止める")
        assert "アドレスを止めました。" in desk.text
        shown(app, address, status=404)

    def test_revoked_by_mistake_it_comes_back(self, app: Flask):
        address = a_screen(app)
        desk = staff(app).visit(SCREENS).press("このアドレスを止める").press("もとに戻す")
        assert "アドレスをもとに戻しました。" in desk.text
        assert "俳句の会" in shown(app, address)

    def test_what_staff_did_stands_in_the_audit(self, app: Flask):
        a_screen(app)
        staff(app).visit(SCREENS).press("このアドレスを止める")
        clerk = staff(app, role="clerk", facility=None, email="c@example.jp")
        for deed in ("link.made", "link.ended"):
            found = clerk.visit(f"/midori/office/audit?deed={deed}").page.select("main tbody tr")
            assert len(found) == 1, deed

    def test_a_wrong_key_leads_nowhere(self, app: Flask):
        address = path_of(a_screen(app))
        wrong = ("0" if address[-1] != "0" else "1") + ""
        shown(app, address[:-1] + wrong, status=404)
        shown(app, address.replace("midori", "aoba"), status=404)
        shown(app, address.replace(".1.", ".2."), status=404)

    def test_words_of_staff_stand_above_everything_until_they_are_over(
        self, app: Flask, clock: Clock
    ):
        address = a_screen(app)
        desk = staff(app).visit(SCREENS)
        desk.press("画面に出す", status=422)
        desk.post(f"{SCREENS}/notice", {"words": "避難所", "hours": "99"}, status=422)
        assert "いつまで出すかをえらんでください。" in desk.text
        assert "画面に出す言葉を入れてください。" not in desk.text
        desk.fill("言葉", "避難所を開設しています").fill("いつまで出すか", "3").press("画面に出す")
        assert "避難所を開設しています" in shown(app, address)
        clock.now = TEN + timedelta(hours=3, minutes=1)
        assert "避難所" not in shown(app, address)

    def test_words_are_taken_away(self, app: Flask):
        address = a_screen(app)
        desk = staff(app).visit(SCREENS).fill("言葉", "まちがい").press("画面に出す")
        desk.press("画面から消す")
        assert "まちがい" not in shown(app, address)

    def test_staff_see_when_it_was_last_asked_for(self, app: Flask):
        address = a_screen(app)
        assert "まだ一度も読まれていません" in staff(app).visit(SCREENS).text
        shown(app, address)
        assert "最後に読まれたのは" in staff(app).visit(SCREENS).text


def test_on_a_closed_day_it_says_so(app: Flask, clock: Clock):
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=1))
    assert "本日は休館です" in shown(app, a_screen(app))


def test_only_who_may_close_rooms_of_the_whole_hall_makes_screens(app: Flask):
    staff(app, room="room-1", email="r@example.jp").visit(SCREENS, status=404)
    staff(app, facility="kita", email="k@example.jp").visit(SCREENS, status=404)


def test_a_screen_without_a_name_is_not_made(app: Flask):
    desk = staff(app).visit(SCREENS).press("アドレスを作る", status=422)
    assert "名前を入れてください。" in desk.text


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
@pytest.mark.usefixtures("monday")
def test_the_last_good_page_stays_when_the_network_goes(app: Flask):
    address = path_of(a_screen(app))
    with served(app) as base, chromium() as browser:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.clock.install(time=datetime.now())  # noqa: DTZ005, TID251 - the device's own clock
        page.goto(base + address)
        page.wait_for_selector("text=俳句の会")
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('main *, footer p')]"
            ".filter(e => e.textContent.trim() && !e.classList.contains('vh')"
            " && !e.closest('.vh')).map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= 1080 * 0.035
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080
        page.set_viewport_size({"width": 1080, "height": 1920})
        assert page.evaluate("document.documentElement.scrollHeight") <= 1920
        assert page.evaluate("document.documentElement.scrollWidth") <= 1080
        page.context.set_offline(True)
        page.clock.fast_forward(5 * 60_000)
        assert page.is_visible("text=俳句の会")
        assert not page.is_visible("#stale")
        page.clock.fast_forward(7 * 60_000)
        page.wait_for_selector("#stale:visible")
        assert page.is_visible("text=俳句の会")
