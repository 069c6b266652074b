"""The calendar: what it shows to whom, where a press leads, and three ways to move that are one."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import text

from app.db import db
from app.web import desk_change
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.pages import ORIGIN, Visitor
from tests.racing import race
from tests.reports.browsing import NOT_OURS, chromium, faults, served
from tests.reports.situations import a_booking, clerk, staff, statements, working
from tests.usecases import steps
from tests.web.situations import is_signed_in

DAY = "/midori/desk/calendar/day/2027-03-08"
WEEK = "/midori/desk/calendar/week/2027-03-08"
MONTH = "/midori/desk/calendar/month/2027-03-08"
MOST_STATEMENTS = 6


def made_in(app: Flask, *uses: Any, **more: Any) -> str:
    with working(app) as found:
        return str(a_booking(found, *uses, **more).booking.number)


def rows(app: Flask, query: str) -> list[Any]:
    with working(app):
        return list(db.session.execute(text(query)))


def lines(app: Flask) -> list[tuple[str, str, str, int]]:
    """Return where every use stands: room, day and hours in Japan, fee."""
    return [tuple(row) for row in rows(app, """
        select r.slug, to_char(l.starts_at at time zone 'Asia/Tokyo', 'MM-DD HH24:MI'),
               to_char(l.ends_at at time zone 'Asia/Tokyo', 'HH24:MI'), l.fee_yen
          from booking_line l join room r on r.tenant_id = l.tenant_id and r.id = l.room_id
         where l.state = 'active' order by l.id""")]  # fmt: skip


def cell(visitor: Visitor, room: str, column: int) -> str:
    """Return what stands in a room's cell of a day, counted from 0."""
    row = next(tr for tr in visitor.page.select(".cal tbody tr") if tr.th.get_text() == room)
    return " ".join(row.select("td")[column].get_text(" ").split())


class TestShows:
    def test_each_state_by_sign_and_word(self, app: Flask):
        made_in(app)
        made_in(app, ("room-2", NEXT_MONDAY, (10, 12)), paid=True, email="b@example.jp")
        with working(app) as found:
            steps.choose(found, "a browser", builders.a_wish(found, "kitchen", hours=(10, 12)))
        desk = staff(app).visit(WEEK)

        assert "△ 10:00–12:00 みどりの会 支払い待ち" in cell(desk, "第1会議室", 0)
        assert "● 10:00–12:00 みどりの会 確定" in cell(desk, "第2会議室", 0)
        assert "… 10:00–12:00 手続き中" in cell(desk, "調理室", 0)
        assert "休館" in cell(desk, "第1会議室", 1)

    def test_the_same_in_the_hours_of_a_day_and_in_a_month(self, app: Flask):
        made_in(app)

        day = staff(app).visit(DAY)
        spans = [td["colspan"] for td in day.page.select(".cal tbody tr")[0].select("td")]
        assert spans[:3] == ["1", "2", "1"]
        assert "△ 10:00–12:00" in cell(day, "第1会議室", 1)
        month = staff(app).visit(MONTH)
        assert len(month.page.select(".cal thead th")) == 32
        assert "10:00–12:00 みどりの会 支払い待ち" in cell(month, "第1会議室", 7)

    def test_the_parts_of_a_hall_say_that_the_whole_is_used(self, app: Flask):
        made_in(app, ("hall", NEXT_MONDAY, (9, 12)))
        desk = staff(app).visit(DAY)

        assert "↔ 9:00–12:00 ホール全面 ほかの部屋で使用" in cell(desk, "ホール東側", 0)

    def test_halves_that_are_used_at_once_are_one_piece_of_the_whole(self, app: Flask):
        made_in(app, ("hall-east", NEXT_MONDAY, (9, 12)))
        made_in(app, ("hall-west", NEXT_MONDAY, (9, 12)), email="b@example.jp")
        desk = staff(app).visit(DAY)

        row = next(x for x in desk.page.select(".cal tbody tr") if x.th.get_text() == "ホール全面")
        assert sum(int(td["colspan"]) for td in row.select("td")) == 13
        assert "ほかの部屋で使用" in cell(desk, "ホール全面", 0)

    def test_all_halls_or_one_and_single_rooms_and_states(self, app: Flask):
        made_in(app)
        made_in(app, ("room-2", NEXT_MONDAY, (10, 12)), paid=True, email="b@example.jp")
        every = clerk(app).visit(WEEK)
        assert "中央会館" in every.text
        assert "北会館" in every.text
        one = clerk(app).visit(f"{WEEK}?hall=kita")
        assert "北会館 カレンダー" in one.text
        assert one.page.select(".cal .hall") == []
        with working(app) as found:
            room = builders.room_id(found, "room-2")
        alone = staff(app).visit(f"{WEEK}?room={room}")
        assert [x.get_text() for x in alone.page.select(".cal tbody th")] == ["第2会議室"]
        unpaid = staff(app).visit(f"{WEEK}?state=unpaid")
        assert "みどりの会" in cell(unpaid, "第1会議室", 0)
        assert "みどりの会" not in cell(unpaid, "第2会議室", 0)
        assert "ほかの予約" in cell(unpaid, "第2会議室", 0)

    def test_who_has_one_room_learns_nothing_of_the_others(self, app: Flask):
        made_in(app, ("hall", NEXT_MONDAY, (9, 12)))
        desk = staff(app, room="hall-east").visit(DAY)

        assert "ほかの部屋で使用" in desk.text
        assert "みどりの会" not in desk.text
        assert "山田" not in desk.text
        staff(app, room="hall-east").visit(f"{DAY}?hall=kita")

    def test_a_day_that_is_typed(self, app: Flask):
        desk = staff(app).visit(DAY).fill("日にち", "2027-03-10").press("しぼりこむ")
        assert desk.path.startswith("/midori/desk/calendar/day/2027-03-10")
        desk.visit("/midori/desk/calendar?on=あした&view=day", status=422)
        assert "「あした」という日は見つかりません" in desk.text
        desk.visit("/midori/desk/calendar/day/9999-12-31", status=404)


class TestIsFresh:
    def test_a_second_look_costs_the_database_next_to_nothing(self, app: Flask):
        made_in(app)
        desk = staff(app).visit(WEEK)
        with statements(app) as sent:
            desk.visit(WEEK)
        assert [one for one in sent if "occupancy" in one] == []

    @pytest.mark.parametrize("path", [DAY, WEEK, MONTH])
    def test_it_takes_few_statements(self, app: Flask, path: str):
        made_in(app)
        desk = clerk(app)
        desk.visit("/midori/desk/")
        with statements(app) as sent:
            desk.visit(path)
        assert len(sent) <= MOST_STATEMENTS, sent

    def test_what_anybody_does_is_seen_at_once(self, app: Flask):
        desk = staff(app).visit(WEEK)
        number = made_in(app)
        assert "△ 10:00–12:00" in cell(desk.visit(WEEK), "第1会議室", 0)

        clerk(app).visit(f"/midori/desk/bookings/{number}/payment").press("800円を受け取った")
        assert "● 10:00–12:00" in cell(desk.visit(WEEK), "第1会議室", 0)

    def test_nobody_is_given_what_was_kept_for_another(self, app: Flask):
        made_in(app)
        assert "みどりの会" in staff(app).visit(WEEK).text
        other = staff(app, facility="kita", email="kita@example.jp").visit(WEEK)
        assert "みどりの会" not in other.text
        assert "閉める" in staff(app).visit(WEEK).text
        cashier = staff(app, role="cashier", email="kane@example.jp").visit(WEEK)
        assert "予約を動かす" not in cashier.text


class TestPressing:
    def test_an_empty_place_is_booked_for_whoever_calls(self, app: Flask):
        desk = staff(app).visit(DAY)
        place = next(a for a in desk.page.select("a.f") if "第1会議室 9:00–10:00" in a.get_text())
        desk.visit(place["href"])
        assert "2027年3月8日（月） 9時から10時まで 第1会議室" in desk.text
        desk.press("はじめての人の予約を入れる")
        assert "2027年3月8日（月） 9時から10時まで 第1会議室" in desk.text

    def test_a_day_of_a_room_is_taken_along(self, app: Flask):
        desk = staff(app).visit(WEEK)
        place = next(a for a in desk.page.select("a.f") if "第2会議室 10日" in a.get_text())
        desk.visit(place["href"]).press("はじめての人の予約を入れる")
        assert desk.page.select_one("#on")["value"] == "2027-03-10"
        assert desk.page.select_one("#room option[selected]").get_text() == "第2会議室"

    def test_two_presses_close_a_place(self, app: Flask):
        desk = staff(app).visit(f"{DAY}?mode=close")
        place = next(a for a in desk.page.select("a.f") if "第1会議室 9:00–10:00" in a.get_text())
        desk.visit(place["href"]).press("この内容で閉める")
        kept = "select kind, extract(hour from ends_at - starts_at)::int from occupancy where live"
        assert [tuple(x) for x in rows(app, kept)] == [("closure", 1)]

    def test_who_may_only_look_is_led_nowhere_else(self, app: Flask):
        made_in(app)
        desk = staff(app, role="auditor", facility="chuo", email="a@example.jp").visit(DAY)
        assert desk.page.select("a.f") == []
        assert desk.page.select("[data-line]") == []
        assert desk.page.select("a.e")


def moved_by_pressing(app: Flask, what: str, visitor: Visitor, day: str = DAY) -> None:
    """Choose a use in the calendar, then its new place, then say yes: no script is needed."""
    visitor.visit(f"{day}?mode=move")
    chosen = visitor.page.select_one("a.e.unpaid")
    visitor.visit(chosen["href"])
    places = [a for a in visitor.page.select("a.f, .ends a") if what in a.get_text()]
    visitor.visit(places[0]["href"]).press("この内容に変える")


def moved_in_the_form(visitor: Visitor, number: str, **fields: str) -> None:
    visitor.visit(f"/midori/desk/bookings/{number}/change")
    for label, value in fields.items():
        visitor.fill(label, value)
    visitor.press("変えるとどうなるか見る").press("この内容に変える")


class TestMoving:
    def test_the_price_is_shown_first_and_nothing_is_done_before(self, app: Flask):
        made_in(app)
        desk = staff(app).visit(f"{DAY}?mode=move")
        desk.visit(desk.page.select_one("a.e.unpaid")["href"])
        assert (
            "動かす予約：3月8日（月） 10時から12時まで（2時間） 第1会議室 みどりの会" in desk.text
        )
        place = next(a for a in desk.page.select("a.f") if "ホール全面 9:00–12:00" in a.get_text())
        desk.visit(place["href"])
        assert "800円" in desk.text
        assert "高くなります。" in desk.text
        assert lines(app) == [("room-1", "03-08 10:00", "12:00", 800)]

    def test_a_closed_day_says_so(self, app: Flask):
        made_in(app)
        [[line]] = rows(app, "select id from booking_line")
        desk = staff(app)
        desk.visit(f"/midori/desk/calendar/drop?line={line}&on=2027-03-09", status=422)
        assert "休館です" in desk.text

    @pytest.mark.parametrize("given", ["line=1&room=999", "line=99", "line=x", "line=1&on=x", ""])
    def test_what_is_no_use_or_no_room_is_not_found(self, app: Flask, given: str):
        made_in(app)
        staff(app).visit(f"/midori/desk/calendar/drop?{given}", status=404)

    def test_of_another_hall_is_not_found(self, app: Flask):
        made_in(app)
        other = staff(app, facility="kita", email="kita@example.jp")
        other.visit("/midori/desk/calendar/drop?line=1&on=2027-03-10", status=404)
        assert "動かす予約：" not in other.visit(f"{DAY}?mode=move&move=1").text


WAYS: dict[str, tuple[str, dict[str, str], Callable[[Page], tuple[str, str]], Any]] = {
    "other hour": (
        "第1会議室 14:00–15:00", {"はじまり": "840", "おわり": "960"},
        lambda page: ("a.e.unpaid", "td[data-at$='.840.900']:has(a)"),
        ("room-1", "03-08 14:00", "16:00", 800),
    ),
    "other room": (
        "ホール全面 13:00–17:00", {"部屋": "hall", "はじまり": "780", "おわり": "1020"},
        lambda page: ("a.e.unpaid", "tr:has(th:text-is('ホール全面')) td[data-at$='.780.1020']"),
        ("hall", "03-08 13:00", "17:00", 4000),
    ),
    "longer": (
        "14時", {"おわり": "840"},
        lambda page: ("edge", "tr:has(th:text-is('第1会議室')) td[data-at$='.780.840']"),
        ("room-1", "03-08 10:00", "14:00", 1600),
    ),
}  # fmt: skip


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("hand", ["mouse", "keyboard", "pressing", "form"])
def test_dragging_keys_pressing_and_the_form_do_the_same(app: Flask, way: str, hand: str):
    number, desk = made_in(app), staff(app)
    words, fields, drag, expected = WAYS[way]
    if hand == "pressing":
        moved_by_pressing(app, words, desk)
    elif hand == "form":
        in_form(app, desk, number, fields)
    else:
        in_browser(
            app,
            desk,
            lambda page: by_mouse(page, drag) if hand == "mouse" else by_keys(page, words),
        )

    assert lines(app)[0][:3] == expected[:3]
    assert lines(app) == [expected]
    assert [
        x[0] for x in rows(app, "select action from audit_entry where action = 'booking.changed'")
    ]


def in_form(app: Flask, desk: Visitor, number: str, fields: dict[str, str]) -> None:
    desk.visit(f"/midori/desk/bookings/{number}/change")
    if "部屋" in fields:
        with working(app) as found:
            desk.fill("部屋", str(builders.room_id(found, fields["部屋"])))
        desk.press("この部屋と日の時間を出す")
    for label in ("はじまり", "おわり"):
        if label in fields:
            desk.fill(label, fields[label])
    desk.press("変えるとどうなるか見る").press("この内容に変える")


def in_browser(app: Flask, desk: Visitor, do: Callable[[Page], None]) -> None:
    with served(app) as url, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        cookie = desk.client.get_cookie("kaikan")
        context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
        page = context.new_page()
        page.goto(url + DAY)
        do(page)
        page.wait_for_url("**/bookings/*told=*")
        context.close()


def by_mouse(page: Page, drag: Callable[[Page], tuple[str, str]]) -> None:
    what, where = drag(page)
    box = page.locator("a.e.unpaid").bounding_box()
    goal = page.locator(where).first.bounding_box()
    assert box
    assert goal
    x = box["x"] + (box["width"] - 4 if what == "edge" else 30)
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(goal["x"] + 20, goal["y"] + goal["height"] / 2, steps=8)
    page.mouse.up()
    page.wait_for_url("**/change?*")
    page.get_by_role("button", name="この内容に変える").click()


def by_keys(page: Page, words: str) -> None:
    """Tab to the use, m, go to the place, Enter; then Enter on the button."""
    page.locator("a.e.unpaid").focus()
    page.keyboard.press("m")
    page.wait_for_url("**move=*")
    goal = page.get_by_role("link", name=words).first
    for _ in range(200):
        page.keyboard.press("Tab")
        if goal.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/change?*")
    button = page.get_by_role("button", name="この内容に変える")
    for _ in range(200):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_a_stretch_of_empty_places_is_closed_with_one_drag(app: Flask):
    def do(page: Page) -> None:
        page.goto(page.url + "?mode=close")
        first = page.locator(
            "tr:has(th:text-is('第1会議室')) td[data-at$='.540.600']"
        ).bounding_box()
        last = page.locator(
            "tr:has(th:text-is('第2会議室')) td[data-at$='.660.720']"
        ).bounding_box()
        assert first
        assert last
        page.mouse.move(first["x"] + 10, first["y"] + 10)
        page.mouse.down()
        page.mouse.move(last["x"] + 20, last["y"] + 10, steps=8)
        page.mouse.up()
        page.wait_for_url("**/closures/new?*")
        page.get_by_role("button", name="この内容で閉める").click()
        page.wait_for_url("**/closures/*")
        page.goto(page.url + "?told=1")

    in_browser_only(app, staff(app), do)
    assert [tuple(x) for x in rows(app, """
        select s.slug, to_char(o.starts_at at time zone 'Asia/Tokyo', 'HH24:MI'),
               to_char(o.ends_at at time zone 'Asia/Tokyo', 'HH24:MI')
          from occupancy o join space s on s.tenant_id = o.tenant_id and s.id = o.space_id
         where o.live order by 1""")] == [
        ("room-1", "09:00", "12:00"), ("room-2", "09:00", "12:00")
    ]  # fmt: skip


def in_browser_only(app: Flask, desk: Visitor, do: Callable[[Page], None]) -> None:
    with served(app) as url, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        cookie = desk.client.get_cookie("kaikan")
        context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
        page = context.new_page()
        page.goto(url + DAY)
        do(page)
        context.close()


class TestTwoAtOnce:
    def send(self, visitor: Visitor, path: str, form: dict[str, str]) -> int:
        return visitor.client.post(path, data=form, headers={"Origin": ORIGIN}).status_code

    def form(
        self, visitor: Visitor, path: str, to: int, *, is_guarded: bool = True
    ) -> dict[str, str]:
        visitor.visit(f"{path}?check=y&to={to}")
        fields = {
            x["name"]: str(x["value"]) for x in visitor.page.select("form[method=post] [name]")
        }
        fields.pop("size", None)
        if not is_guarded:
            del fields["seen"]
        return fields

    @pytest.mark.parametrize("other", ["clerk", "resident"])
    def test_only_one_moves_it_and_the_other_is_told(self, app: Flask, other: str):
        number = made_in(app)
        first, path = staff(app), f"/midori/desk/bookings/{number}/change"
        if other == "clerk":
            second, theirs = clerk(app), path
        else:
            second, theirs = Visitor(app), f"/midori/bookings/{number}/change"
            is_signed_in(second)
        sent = [(first, path, self.form(first, path, 780)),
                (second, theirs, self.form(second, theirs, 840))]  # fmt: skip

        with working(app):
            found = race(lambda one: self.send(*one), *sent)

        assert sorted(found.results) == [303, 409]
        end = "13:00" if found.results[0] == 303 else "14:00"
        assert [x[2] for x in lines(app)] == [end]
        assert rows(app, "select count(*) from booking_change")[0][0] == 1

    def test_without_the_guard_the_later_undoes_the_earlier_unseen(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ):
        """The negative control: what `seen` in the form is for, if it might be left out."""
        monkeypatch.setattr(desk_change, "carried_number", lambda typed: None)
        number = made_in(app)
        path = f"/midori/desk/bookings/{number}/change"
        sent = []
        for visitor, to in ((staff(app), 780), (clerk(app), 840)):
            form = self.form(visitor, path, to, is_guarded=False)
            form.pop("more_yen")
            sent.append((visitor, path, form))

        with working(app):
            found = race(lambda one: self.send(*one), *sent)

        assert found.results == [303, 303]
        assert rows(app, "select count(*) from booking_change")[0][0] == 2


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask):
    made_in(app)
    made_in(app, ("hall", date(2027, 3, 10), (9, 12)), paid=True, email="b@example.jp")
    paths = [DAY, WEEK, MONTH, f"{DAY}?mode=close", f"{DAY}?mode=move&move=1",
             "/midori/desk/chuo/phone?use=1.2027-03-08.540.600"]  # fmt: skip
    assert faults(app, clerk(app), *paths) == []
