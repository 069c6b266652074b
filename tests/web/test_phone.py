"""A caller is found and booked for: what they usually book in two presses, anybody in a few."""

import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import ORIGIN
from tests.racing import race
from tests.reports.browsing import NOT_OURS, chromium, faults, served
from tests.reports.situations import a_booking, goes_on_until, staff, working

PHONE = "/midori/desk/chuo/phone"
NEW = f"{PHONE}/booking?name=島田&kana=シマダ&phone=0425551234&purpose=meeting&people=8"


def regular(app: Flask, weeks: int = 3) -> None:
    """Hanako booked 第1会議室 on three Mondays from 10 to 12."""
    with working(app) as found:
        for n in range(weeks):
            a_booking(found, ("room-1", NEXT_MONDAY + timedelta(days=7 * n), (10, 12)))


def rows(app: Flask, query: str) -> list[Any]:
    with working(app):
        return list(db.session.execute(text(query)))


def use_of(app: Flask, room: str = "room-1", day: str = "2027-03-12", hours=(10, 12)) -> str:
    with working(app) as found:
        return f"{builders.room_id(found, room)}.{day}.{hours[0] * 60}.{hours[1] * 60}"


@pytest.mark.parametrize(
    "words", ["やまだ", "ヤマダ ハナコ", "090-0000-0000", "0000", "みどりの会"]
)
def test_a_caller_is_found_by_what_they_say(app: Flask, words: str):
    regular(app, 1)
    desk = staff(app).visit(PHONE).fill("どなたから", words).press("さがす")

    assert len(desk.page.select(".callers li")) == 1
    assert "山田 花子" in desk.text


def test_the_usual_is_booked_with_two_presses(app: Flask):
    regular(app)
    desk = staff(app).visit(f"{PHONE}?q=やまだ")
    desk.press("みどりの会")
    assert "月曜日 10時から12時まで 第1会議室" in desk.text
    taken = [x.get_text(" ", strip=True) for x in desk.page.select(".usual .taken")]
    assert taken == [f"3月{n}日（月） 空いていません" for n in (8, 15, 22)]

    desk.press("3月29日（月）")
    assert "全部で 800円 （税込）" in desk.text
    desk.press("この内容で予約する")

    assert "予約を入れました" in desk.text
    desk.press("控えを印刷する")
    assert "予約の控え" in desk.text
    assert "2027年3月29日（月）" in desk.text.replace(" ", "")
    made = rows(app, "select is_by_staff, account_id, purpose, people, fee_yen from booking"
                     " order by id desc limit 1")[0]  # fmt: skip
    assert made.is_by_staff is True
    assert made.account_id is not None
    assert (made.purpose, made.people, made.fee_yen) == ("meeting", 10, 800)
    letters = "select count(*) from delivery where template = 'booking_made'"
    assert rows(app, letters)[0][0] == 4


def test_what_is_booked_elsewhere_does_not_crowd_out_this_hall(app: Flask):
    with working(app) as found:
        for n in range(2):
            on = NEXT_MONDAY + timedelta(days=7 * n)
            for hour in (9, 13, 17):
                a_booking(found, ("room-1", on, (hour, hour + 1)), facility="kita")
        a_booking(found, ("room-2", NEXT_MONDAY, (10, 12)))
    desk = staff(app, facility=None).visit(f"{PHONE}?q=やまだ").press("みどりの会")

    assert [x.get_text() for x in desk.page.select("h3")] == ["月曜日 10時から12時まで 第2会議室"]


def test_what_was_typed_stays_when_a_day_is_added_or_taken_off(app: Flask):
    regular(app)
    desk = staff(app).visit(f"{PHONE}?q=やまだ").press("みどりの会").press("3月29日（月）")
    desk.fill("人数", "21").fill("会館に伝えること", "いす").fill("何に使うか", "music")
    desk.press("4月5日（月）")
    desk.fill("人数", "22").press("やめる 2027年4月5日（月）")

    assert desk.page.select_one("#people")["value"] == "22"
    assert desk.page.select_one("#notes")["value"] == "いす"
    assert desk.page.select_one("#purpose option[selected]")["value"] == "music"
    assert len(desk.page.select(".noted li")) == 1


def test_somebody_new_is_told_about_what_it_costs_at_once(app: Flask):
    desk = staff(app).visit(f"{PHONE}/booking?use={use_of(app)}")
    assert "めやす 全部で 800円 （税込）" in desk.text
    desk.fill("お名前", "島田").fill("はじまり", "780").fill("おわり", "840")
    desk.press("この枠を加える")
    assert desk.page.select_one("#name")["value"] == "島田"
    assert "めやす 全部で 1,200円" in desk.text


def test_who_calls_stands_in_no_address(app: Flask):
    desk = staff(app).visit(PHONE).fill("どなたから", "042-555-9999").press("さがす")
    seen = []
    desk.press("はじめての人の予約を入れる")
    seen.append(desk.path)
    desk.fill("日にち", "2027-03-12").press("この部屋と日の時間を出す")
    seen.append(desk.path)
    desk.fill("はじまり", "600").fill("おわり", "660").press("この枠を加える")
    seen.append(desk.path)
    desk.fill("お名前", "島田 ウメ").fill("ふりがな", "しまだ うめ")
    desk.fill("はじまり", "780").fill("おわり", "840").press("この枠を加える")
    seen.append(desk.path)
    desk.press("やめる 2027年3月12日（金） 13時")
    seen.append(desk.path)

    assert set(seen) == {f"{PHONE}/booking"}
    kept = {name: desk.page.select_one(f"#{name}")["value"] for name in ("name", "kana", "phone")}
    assert kept == {"name": "島田 ウメ", "kana": "しまだ うめ", "phone": "042-555-9999"}
    assert len(desk.page.select(".noted li")) == 1
    assert "エラー" not in desk.title


def test_what_is_past_is_refused_when_it_is_added_and_marked_before(app: Flask, clock: Clock):
    goes_on_until(app, clock, MONDAY_9AM + timedelta(hours=2))
    desk = staff(app).visit(f"{PHONE}/booking")
    assert desk.page.select_one("#on")["value"] == str(MONDAY_9AM.date())
    desk.fill("はじまり", "600").fill("おわり", "720").press("この枠を加える")

    assert "もうすぎた時刻です。" in desk.text
    assert desk.page.select(".noted li") == []
    marked = [x["value"] for x in desk.page.select("#from option") if "空いていません" in x.text]
    assert marked == ["540", "600", "660"]


def test_when_today_is_over_the_next_open_day_is_offered(app: Flask, clock: Clock):
    goes_on_until(app, clock, MONDAY_9AM + timedelta(hours=13))
    desk = staff(app).visit(f"{PHONE}/booking")

    assert desk.page.select_one("#on")["value"] > str(MONDAY_9AM.date())


def test_the_times_of_a_day_say_which_are_taken(app: Flask):
    regular(app, 1)
    desk = staff(app).visit(f"{PHONE}/booking?on={NEXT_MONDAY}")

    for name, taken in (("from", ["600", "660"]), ("to", ["660", "720"])):
        options = desk.page.select(f"#{name} option")
        assert [x["value"] for x in options if "空いていません" in x.text] == taken


def test_several_dates_in_one_go_are_one_booking(app: Flask):
    regular(app)
    desk = staff(app).visit(f"{PHONE}?q=やまだ").press("みどりの会")
    desk.press("3月29日（月）").press("4月5日（月）").press("4月12日（月）")
    assert "全部で 2,400円" in desk.text
    desk.press("やめる 2027年4月5日（月）")
    assert "全部で 1,600円" in desk.text

    desk.press("この内容で予約する")

    assert [x[0] for x in rows(app, "select count(*) from booking_line group by booking_id"
                                    " order by booking_id desc limit 1")] == [2]  # fmt: skip


def test_somebody_without_account_or_mail_is_booked_and_found_again(app: Flask):
    desk = staff(app).visit(PHONE).press("はじめての人の予約を入れる")
    hall = next(x for x in desk.page.select("#room option") if x.get_text() == "第2会議室")
    desk.fill("部屋", str(hall["value"])).fill("日にち", "2027-03-12")
    desk.press("この部屋と日の時間を出す")
    desk.fill("はじまり", "600").fill("おわり", "720").press("この枠を加える")
    desk.press("料金を確かめる", status=422)
    assert "お名前を入力してください。" in desk.text
    desk.fill("お名前", "島田 ウメ").fill("ふりがな", "しまだ うめ").fill(
        "電話番号", "０４２-５５５-１２３４"
    )
    desk.fill("人数", "８").fill("何に使うか", "meeting").press("料金を確かめる")
    assert "全部で 600円" in desk.text
    assert rows(app, "select 1 from booking") == []
    desk.press("この内容で予約する")

    assert "島田 ウメ" in desk.text
    made = rows(app, "select account_id, state, applicant_phone from booking")[0]
    assert tuple(made) == (None, "provisional", "042-555-1234")
    assert rows(app, "select count(*) from delivery")[0][0] == 0
    again = staff(app, email="b@example.jp").visit(f"{PHONE}?q=しまだ").press("島田 ウメ")
    assert "金曜日 10時から12時まで 第2会議室" in again.text


def test_a_use_that_can_not_be_had_is_not_noted(app: Flask):
    """Said at once, with the times as they were picked, before anything else is typed."""
    regular(app, 1)
    desk = staff(app).visit(f"{PHONE}/booking?on={NEXT_MONDAY}")
    for ends, said in (("540", "おわりは、はじまりより後"), ("660", "この時間は空いていません")):
        desk.fill("はじまり", "600").fill("おわり", ends).press("この枠を加える")
        assert said in desk.text
        assert desk.page.select(".noted li") == []
        assert desk.page.select_one("#from option[selected]")["value"] == "600"
        assert "エラー" in desk.page.title.get_text()

    taken = use_of(app, day=str(NEXT_MONDAY), hours=(11, 13))
    desk.visit(f"{PHONE}/booking?use={taken}")
    assert "この時間は空いていません" in desk.page.select_one(".noted li.bad").get_text()


@pytest.mark.parametrize(
    ("words", "field"), [("０４２－５５５－９９９９", "phone"), ("しまだ うめ", "kana")]
)
def test_what_was_looked_for_is_not_typed_again(app: Flask, words: str, field: str):
    desk = staff(app).visit(f"{PHONE}?room=1&on=2027-03-12").fill("どなたから", words)
    desk.press("さがす").press("はじめての人の予約を入れる")
    desk.fill("はじまり", "600").fill("おわり", "660").press("この枠を加える")

    kept = desk.page.select_one(f"#{field}")["value"]
    assert kept in {"042-555-9999", "しまだ うめ"}


def test_the_list_of_callers_says_what_is_past_and_what_is_to_come(app: Flask, clock: Clock):
    regular(app, 1)
    desk = staff(app).visit(f"{PHONE}?q=やまだ")
    assert "予約は2027年3月8日" in desk.text
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=9))
    assert "前は2027年3月8日" in staff(app).visit(f"{PHONE}?q=やまだ").text


def test_staff_look_past_the_reception_but_not_past_floor(app: Flask):
    regular(app, 1)
    desk = staff(app).visit(f"{NEW}&use={use_of(app, day='2028-01-14')}")
    assert "全部で 800円" in desk.text

    desk.visit(f"{NEW}&use={use_of(app, day='2027-03-08')}&use={use_of(app)}")
    assert "ほかの方の予約が入っています" in desk.text
    desk.press("料金を確かめる", status=409)
    assert len(rows(app, "select 1 from booking where state <> 'draft'")) == 1
    assert rows(app, "select 1 from booking where state = 'draft'") == []


def test_no_letter_is_promised_to_whom_none_goes(app: Flask):
    desk = staff(app).visit(f"{NEW}&use={use_of(app)}").press("この内容で予約する")
    number = rows(app, "select number from booking")[0][0]
    for path in ("change", "payment"):
        desk.visit(f"/midori/desk/bookings/{number}/{path}")
        assert "申込者にメール" not in desk.text
        assert "メールのない人です。" in desk.text


def test_pressed_twice_it_is_booked_once(app: Flask):
    desk = staff(app).visit(f"{NEW}&use={use_of(app)}")
    form = {
        x["name"]: x.get("value", "") for x in desk.page.select("form[method=post] input[name]")
    }
    form["purpose"], form["class"] = "meeting", "resident"
    path = f"{PHONE}/booking"

    answers = [desk.client.post(path, data=form, headers={"Origin": ORIGIN}) for _ in range(2)]

    assert [x.status_code for x in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(rows(app, "select 1 from booking")) == 1


@pytest.mark.race
def test_two_managers_with_one_free_hour_book_it_once(app: Flask):
    desks = [staff(app), staff(app, email="b@example.jp")]
    use = use_of(app)
    forms = []
    for desk in desks:
        desk.visit(f"{NEW}&use={use}")
        form = {
            x["name"]: x.get("value", "") for x in desk.page.select("form[method=post] input[name]")
        }
        forms.append({**form, "purpose": "meeting", "class": "resident"})

    with working(app):
        came = race(
            lambda n: desks[n].client.post(
                f"{PHONE}/booking", data=forms[n], headers={"Origin": ORIGIN}
            ).status_code,
            0, 1,
        )  # fmt: skip

    assert sorted(came.results) == [303, 409]
    assert len(rows(app, "select 1 from booking where state <> 'draft'")) == 1


def test_nobody_leafs_through_the_town(app: Flask):
    with app.app_context():
        person = builders.a_resident(email="never@example.jp", name="秘密 太郎")
        assert person
    desk = staff(app)

    for words in ("ヤマダ", "0000", "09000000"):
        assert "秘密 太郎" not in desk.visit(f"{PHONE}?q={words}").text
    assert "秘密 太郎" in desk.visit(f"{PHONE}?q=09000000000").text
    assert "秘密 太郎" in desk.visit(f"{PHONE}?q=やまだはなこ").text
    assert "秘密" not in desk.visit(f"{PHONE}/booking?caller=r1").text
    assert "秘密" in desk.visit(f"{PHONE}/booking?caller=r1&tel=090-0000-0000").text


def test_callers_of_another_hall_are_not_shown(app: Flask):
    regular(app, 1)
    kita = staff(app, facility="kita")

    assert kita.visit("/midori/desk/kita/phone?q=みどりの会").page.select(".callers") == []
    kita.visit(PHONE, status=404)
    number = rows(app, "select number from booking")[0][0]
    kita.visit(f"/midori/desk/kita/phone/booking?caller=b{number}")
    assert "山田" not in kita.text


@pytest.mark.parametrize(
    "more",
    ["use=x", "use=1.2.3.4", "use=999.2027-03-12.600.720", "use=1.2027-03-12.-5.99999999999999",
     "people=-1", "people=９９９９９９９９９", "name=%00", "caller=b%00",
     "caller=r99999999999999999999",
     "class=nobody", "yen=abc", "room=x&on=2027-02-31&from=&to=&add=y"],
)  # fmt: skip
def test_odd_addresses_are_answered(app: Flask, more: str):
    desk = staff(app)

    answer = desk.client.get(f"{NEW}&use={use_of(app)}&{more}")

    assert answer.status_code == 200


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
class TestInABrowser:
    def test_at_most_four_taps_and_thirty_seconds(self, app: Flask, clock: Clock, record_property):
        """After the caller was found: presses are counted by the page itself."""
        regular(app)
        desk = staff(app).visit(f"{PHONE}?q=やまだ")
        cookie = desk.client.get_cookie("kaikan")
        with served(app) as url, chromium() as browser:
            context = browser.new_context(viewport={"width": 768, "height": 1024})
            context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
            page = context.new_page()
            page.goto(f"{url}{PHONE}?q=やまだ")
            begun, taps = time.monotonic(), 0
            for press in (
                page.get_by_role("link", name="みどりの会"),
                page.get_by_role("button", name="3月29日（月）"),
                page.get_by_role("button", name="この内容で予約する"),
            ):
                press.click()
                taps += 1
            page.get_by_text("予約を入れました").wait_for()
            seconds = time.monotonic() - begun
        record_property("taps", taps)
        record_property("seconds", round(seconds, 1))
        print(f"phone booking: {taps} taps, {seconds:.1f} s of waiting for pages")
        assert taps <= 4
        assert seconds < 30

    def test_axe_finds_nothing(self, app: Flask, clock: Clock):
        regular(app)
        goes_on_until(app, clock, MONDAY_9AM)
        number = rows(app, "select number from booking order by id limit 1")[0][0]
        use = use_of(app, day="2027-03-29")
        assert not faults(
            app, staff(app), f"{PHONE}?q=やまだ", f"{PHONE}/booking",
            f"{PHONE}/booking?caller=b{number}&use={use}&use={use_of(app, day='2027-03-08')}",
            f"{PHONE}/booking?use={use}&check=y",
        )  # fmt: skip
