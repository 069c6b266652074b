"""Choosing with and without JavaScript, the basket's page, and what could not be had."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from app.db.audit import Actor
from app.db.session import tenant_scope
from app.identity.codes import keyed_hash
from app.usecases.applying import apply
from tests import builders
from tests.pages import ORIGIN, Visitor
from tests.web.situations import holds, loses, statements
from tests.web.swaps import press_with_htmx, words

DAY = "/midori/facilities/chuo/days/2027-03-08"
ROOM_DAY = "/midori/facilities/chuo/rooms/room-1/days/2027-03-08"
ROOM_1 = '[id="r-chuo-room-1"]'
EAST = '[id="r-chuo-hall-east"]'


def hour(page: BeautifulSoup, room: str, starts: str):
    """Return the button of a free hour."""
    found = [b for b in page.select(f"{room} .hours button") if b.get_text(" ").startswith(starts)]
    assert found, f"{starts} is not free"
    return found[0]


def press_hour(visitor: Visitor, starts: str, *, room: str = ROOM_1, status: int = 200) -> Visitor:
    button = hour(visitor.page, room, starts)
    return visitor._submit(button.find_parent("form"), button, status=status)


def rival_takes(app, room="room-1", hours=(10, 11)):
    """Let somebody else hold a room after the page was read."""
    holds(Visitor(app), [(room, builders.NEXT_MONDAY, hours)], token="rival")


class TestPressingASlot:
    def test_holds_it_at_once_and_shows_the_page_again(self, app, visitor):
        press_hour(visitor.visit(DAY), "10時")

        assert visitor.path == DAY
        assert visitor.response.request.path == DAY
        assert "✓ えらびました 400円" in words(visitor.page, f"{ROOM_1} .slots")[0]
        assert words(visitor.page, "#basket-link") == ["えらんだ枠 1 9時15分まで"]
        other = Visitor(app).visit(DAY)
        assert "ほかの方が手続き中です。" in words(other.page, f"{ROOM_1} .slots")[0]

    def test_comes_back_to_the_room_it_was_pressed_in(self, visitor):
        button = hour(visitor.visit(DAY).page, ROOM_1, "10時")
        data = {f["name"]: f["value"] for f in button.find_parent("form").select("input")}

        answer = visitor.client.post(
            "/midori/basket/lines", data={**data, "at": "600-660"}, headers={"Origin": ORIGIN}
        )

        assert answer.status_code == 303
        assert answer.location == f"{DAY}#r-chuo-room-1"

    def test_beside_another_makes_one_use(self, visitor):
        press_hour(press_hour(visitor.visit(DAY), "10時"), "11時")

        (row,) = words(visitor.page, f"{ROOM_1} .slots > li")
        assert "10時から12時まで" in row
        assert "800円" in row

    def test_of_a_period_holds_the_period(self, visitor):
        visitor.visit(DAY).press("えらぶ", within=EAST)

        assert "9時から12時まで" in visitor.text
        rows = words(visitor.page, '[id="r-chuo-hall"] .slots > li')
        assert "すでにえらんだ部屋と同じ場所です。どちらかをえらんでください。" in rows[0]

    def test_twice_changes_nothing(self, visitor):
        visitor.visit(DAY)
        button = hour(visitor.page, ROOM_1, "10時")
        press_hour(visitor, "10時")

        visitor._submit(button.find_parent("form"), button, status=200)

        assert words(visitor.page, "#basket-link") == ["えらんだ枠 1 9時15分まで"]

    def test_can_be_taken_back(self, app, visitor):
        press_hour(visitor.visit(DAY), "10時").press("取りやめる")

        assert visitor.path == DAY
        assert words(visitor.page, "#basket-link") == ["えらんだ枠"]
        assert hour(Visitor(app).visit(DAY).page, ROOM_1, "10時")

    def test_several_hours_can_be_had_in_one_press(self, visitor):
        visitor.visit(ROOM_DAY)
        form = visitor.page.select_one("details form")
        visitor.typed = {"from": "600", "to": "840"}

        visitor._submit(form, form.select_one("button"), status=200)

        assert visitor.path == ROOM_DAY
        assert "10時から14時まで" in visitor.text

    def test_an_end_before_the_beginning_is_explained(self, visitor):
        visitor.visit(ROOM_DAY)
        form = visitor.page.select_one("details form")
        visitor.typed = {"from": "840", "to": "600"}

        visitor._submit(form, form.select_one("button"), status=409)

        assert "終わりの時刻を、始まりの時刻より後にしてください。" in visitor.text
        assert visitor.page.h1.get_text() == "第1会議室"

    def test_from_the_search_comes_back_to_the_search(self, visitor):
        visitor.visit("/midori/search?on=2027-03-08&part=morning&people=30&facility=chuo")

        press_hour(visitor, "10時")

        assert visitor.path.startswith("/midori/search?on=2027-03-08&part=morning&people=30")
        assert "えらびました" in visitor.text

    @pytest.mark.parametrize(
        "changed",
        [
            {"facility": "attic"}, {"room": "attic"}, {"on": "2027-02-30"}, {"on": "31"},
            {"at": "abc"}, {"at": "-5-900000"}, {"at": "１-２"},
        ],
    )  # fmt: skip
    def test_that_no_page_of_ours_sends_is_refused(self, visitor, changed):
        data = {"facility": "chuo", "room": "room-1", "on": "2027-03-08", "at": "600-660"}

        answer = visitor.client.post(
            "/midori/basket/lines", data={**data, **changed}, headers={"Origin": ORIGIN}
        )

        assert answer.status_code in (400, 404)

    @pytest.mark.parametrize("back", ["https://evil.example/", "/aoba/basket", "//evil.example"])
    def test_leads_to_no_other_site_or_municipality(self, visitor, back):
        data = {"facility": "chuo", "room": "room-1", "on": "2027-03-08", "at": "600-660"}

        answer = visitor.client.post(
            "/midori/basket/lines", data={**data, "back": back}, headers={"Origin": ORIGIN}
        )

        assert answer.location.startswith("/midori/basket")

    def test_leaves_an_address_that_can_be_come_back_to(self, visitor):
        assert visitor.visit("/midori/basket/lines").path == "/midori/basket"

    def test_asked_for_by_another_site_is_refused(self, visitor):
        answer = visitor.client.post(
            "/midori/basket/lines", data={}, headers={"Origin": "https://evil.example"}
        )

        assert answer.status_code == 403


class TestPressingWhatSomebodyElseTookMeanwhile:
    def test_shows_the_page_again_with_what_is_free_instead(self, app, visitor):
        visitor.visit(DAY)
        rival_takes(app)

        press_hour(visitor, "10時", status=409)

        assert visitor.title.startswith("エラー：")
        (notice,) = words(visitor.page, "[data-error-summary]")
        assert "ほかの方が手続き中です。" in notice
        assert "11時から12時まで 400円" in notice
        assert visitor.page.h1.get_text() == "1日の空き"
        assert words(visitor.page, "#basket-link") == ["えらんだ枠"]

    def test_the_alternative_can_be_taken_from_there(self, app, visitor):
        visitor.visit(DAY)
        rival_takes(app)
        press_hour(visitor, "10時", status=409).press("こちらをえらぶ")

        assert visitor.path == DAY
        assert "えらびました" in visitor.text

    def test_with_htmx_says_so_in_the_rooms_place(self, app, visitor):
        visitor.visit(DAY)
        rival_takes(app)

        page = press_with_htmx(visitor, hour(visitor.page, ROOM_1, "10時"), status=409)

        (notice,) = words(page, f"{ROOM_1} [data-error-summary]")
        assert "ほかの方が手続き中です。" in notice
        assert "こちらをえらぶ" in notice


class TestPressingWithHtmx:
    def test_changes_the_page_to_what_a_fresh_visit_shows(self, visitor):
        visitor.visit(DAY)

        swapped = press_with_htmx(visitor, hour(visitor.page, ROOM_1, "10時"))

        fresh = visitor.visit(DAY).page
        assert words(swapped, "main") == words(fresh, "main")
        assert words(swapped, "nav") == words(fresh, "nav")

    def test_changes_the_rooms_on_the_same_floor_too(self, visitor):
        visitor.visit(DAY)

        swapped = press_with_htmx(visitor, visitor.page.select_one(f"{EAST} button.slot"))

        fresh = visitor.visit(DAY).page
        assert words(swapped, "main") == words(fresh, "main")
        assert "すでにえらんだ部屋と同じ場所です。" in words(swapped, '[id="r-chuo-hall"]')[0]

    def test_on_a_rooms_own_page_changes_it_to_what_a_fresh_visit_shows(self, visitor):
        visitor.visit(ROOM_DAY)

        swapped = press_with_htmx(visitor, hour(visitor.page, ROOM_1, "10時"))

        assert words(swapped, "main") == words(visitor.visit(ROOM_DAY).page, "main")

    def test_in_the_results_of_a_search_shows_only_the_part_asked_for(self, visitor):
        path = "/midori/search?on=2027-03-08&part=morning&people=30&facility=chuo"
        visitor.visit(path)

        swapped = press_with_htmx(visitor, hour(visitor.page, ROOM_1, "10時"))

        assert words(swapped, ROOM_1) == words(visitor.visit(path).page, ROOM_1)

    def test_taking_back_too_changes_the_page_to_what_a_fresh_visit_shows(self, visitor):
        press_hour(visitor.visit(DAY), "10時")

        swapped = press_with_htmx(visitor, visitor.page.select_one(f"{ROOM_1} .mine button"))

        fresh = visitor.visit(DAY).page
        assert words(swapped, "main") == words(fresh, "main")
        assert words(swapped, "nav") == words(fresh, "nav")


class TestTheBasketsPage:
    def test_says_what_is_held_until_when_and_for_how_much(self, visitor):
        holds(visitor, [("room-1", builders.NEXT_MONDAY, (10, 12)),
                        ("hall-east", builders.NEXT_MONDAY, (9, 12))])  # fmt: skip

        visitor.visit("/midori/basket")

        assert "9時15分 まで、とってあります" in visitor.text
        until = visitor.page.select_one("time[data-until]")["data-until"]
        assert until == (builders.MONDAY_9AM + timedelta(minutes=15)).isoformat()
        first, second = words(visitor.page, ".rows > li")
        assert "基本（午前） 1,600円 みどり市会館条例 別表による 1,600円" in first
        assert "基本 400円 × 2時間 みどり市会館条例 別表による 800円" in second
        assert "合計 2,400円（税込）" in visitor.text
        assert visitor.page.find("a", string="申し込みへ進む")["href"] == "/midori/apply"

    def test_when_empty_says_how_to_begin(self, visitor):
        visitor.visit("/midori/basket")

        assert "まだ枠をえらんでいません" in visitor.text
        visitor.press("空いている部屋をさがす")
        assert visitor.path == "/midori/"

    def test_lets_go_of_one_line(self, visitor):
        holds(visitor, [("room-1", builders.NEXT_MONDAY, (10, 12)),
                        ("room-2", builders.NEXT_MONDAY, (10, 12))])  # fmt: skip

        visitor.visit("/midori/basket").press("取りやめる 第1会議室")

        assert visitor.path == "/midori/basket"
        assert "第1会議室" not in visitor.text
        assert "第2会議室" in visitor.text

    def test_keeps_longer_once(self, visitor, clock):
        holds(visitor)
        clock.now += timedelta(minutes=10)

        visitor.visit("/midori/basket").press("15分延ばす（1回だけ）")

        assert "9時30分 まで、とってあります" in visitor.text
        assert "延長は1回だけです。" in visitor.text
        visitor.post("/midori/basket/extend", {}, status=409)
        assert "時間の延長は1回だけです。" in words(visitor.page, "[data-error-summary]")[0]

    def test_a_fee_that_no_rule_decides_is_not_in_the_total(self, app, visitor):
        questions = {"open_questions": [
            {"id": "lobby", "rooms": ["lobby"], "when": "always", "because": "表にありません。"},
        ]}  # fmt: skip
        with app.app_context():
            tenant = builders.tenant_id_of("midori")
            builders.a_facility(tenant, "nishi", "西会館", position=3, fees=questions)
        holds(visitor, [("lobby", builders.NEXT_MONDAY, (10, 11)),
                        ("room-1", builders.NEXT_MONDAY, (10, 11))], facility="nishi")  # fmt: skip

        visitor.visit("/midori/basket")

        assert "表にありません。会館（00-0000-0002）で料金をお確かめください。" in visitor.text
        assert "合計 400円（税込） 料金の決まっていない枠は、合計に入っていません。" in visitor.text

        visitor.press("取りやめる 第1会議室")
        assert "合計 まだ決まっていません" in visitor.text
        assert "このまま申し込めます。" in visitor.text
        assert "未定" in visitor.visit("/midori/basket/estimate").text

    def test_as_an_estimate_says_where_each_price_is_written(self, visitor):
        holds(visitor)

        visitor.visit("/midori/basket").press("見積を印刷する")

        assert visitor.page.h1.get_text() == "見積"
        for said in (
            "これは料金の見積です。予約ではありません。",
            "みどり市",
            "2027年3月1日（月）に作りました",
            "基本 400円 × 2時間（みどり市会館条例 別表）",
            "合計 800円",
        ):
            assert said in visitor.text

    def test_costs_two_queries_however_many_lines(self, app, visitor):
        rooms = ["room-1", "room-2", "lobby", "kitchen"]
        holds(visitor, [(one, builders.NEXT_MONDAY, (10, 12)) for one in rooms])
        visitor.visit("/midori/")

        with statements(app) as seen:
            visitor.visit("/midori/basket")

        told = [one for one in seen if "FROM tenant" not in one]
        assert len(told) == 2, told  # the basket, its lines with their holds

    def test_shows_nothing_of_a_basket_in_another_municipality(self, visitor):
        holds(visitor)

        assert "まだ枠をえらんでいません" in visitor.visit("/aoba/basket").text


class TestAHoldThatRanOut:
    def test_can_be_had_again_while_it_is_free(self, visitor, clock):
        holds(visitor)
        clock.now += timedelta(minutes=16)

        visitor.visit("/midori/basket")
        assert "とっておく時間が過ぎました。いまは空いています。" in visitor.text
        visitor.press("もう一度おさえる")

        assert "9時31分 まで、とってあります" in visitor.text
        assert "とっておく時間が過ぎました" not in visitor.text

    def test_that_somebody_took_shows_what_is_free_instead(self, visitor):
        holds(visitor)
        loses(visitor, place=0)

        visitor.visit("/midori/basket")

        assert "1つの枠は、とれていません" in visitor.text
        assert "ほかの方が手続き中です。" in visitor.text
        assert words(visitor.page, ".alts li > span")[0] == "12時から14時まで 800円"
        visitor.press("こちらをえらぶ")
        assert "12時から14時まで" in words(visitor.page, ".rows > li")[0]

    def test_can_be_taken_off_the_page(self, visitor):
        holds(visitor)
        loses(visitor, place=0)

        visitor.visit("/midori/basket").press("この枠を消す")

        assert "まだ枠をえらんでいません" in visitor.text


def test_who_applied_in_another_window_begins_a_new_basket(app, visitor):
    press_hour(visitor.visit(DAY), "10時")
    with visitor.client.session_transaction() as session:
        token = session["baskets"]["midori"]
    applies(app, token)

    press_hour(visitor.visit(DAY), "14時")

    with visitor.client.session_transaction() as session:
        assert session["baskets"]["midori"] != token
    assert words(visitor.page, "#basket-link") == ["えらんだ枠 1 9時15分まで"]


def applies(app, token):
    """Apply for a basket behind the browser's back."""
    with app.app_context():
        person = builders.a_resident()
        found = builders.catalogue_of("midori")
        key = keyed_hash(app.config["KAIKAN"].secret_key, "basket", token)
        with tenant_scope(found.tenant_id):
            apply(
                found, key, person, builders.some_answers(),
                actor=Actor("resident", person.account_id), now=builders.MONDAY_9AM,
            )  # fmt: skip
