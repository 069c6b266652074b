"""Choosing together: several days and rooms, or the whole building, in one press."""

import pytest

from tests import builders
from tests.pages import Visitor
from tests.web.situations import holds, statements
from tests.web.swaps import words

CHOOSE = "/midori/facilities/chuo/choose"
MONDAY, WEDNESDAY = "3月8日", "3月10日"
PERIODS = [{"slug": "big", "name": "大ホール", "capacity": 300, "spaces": ["a", "b"]},
           {"slug": "small", "name": "小ホール", "capacity": 100, "spaces": ["a"]}]  # fmt: skip


def a_hall_in_periods(app):
    """Give みどり市 a hall whose rooms all share their periods."""
    periods = builders.CALENDAR["divisions"][1]["periods"]
    fees = {"prices": [
        {"kind": "per_period", "id": "all", "rooms": ["big", "small"],
         "yen": {"am": 1000, "pm": 2000, "night": 3000}, "citation": builders.CITED},
    ]}  # fmt: skip
    with app.app_context():
        builders.a_facility(
            builders.tenant_id_of("midori"), "nishi", "西会館", position=3, rooms=PERIODS,
            calendar={"divisions": [{"kind": "periods", "periods": periods}]}, fees=fees,
        )  # fmt: skip


def asked(visitor, *ticks, begins="600", ends="720", status=200, path=CHOOSE):
    visitor.visit(path)
    for label in ticks:
        visitor.choose(label)
    if visitor.page.select_one("[name=begins]") is not None:
        visitor.fill("何時から", begins).fill("何時まで", ends)
    return visitor.press("空いているところをえらぶ", status=status)


def test_holds_several_rooms_on_several_days_in_one_press(visitor):
    asked(visitor, MONDAY, WEDNESDAY, "第1会議室", "第2会議室")

    assert visitor.path == "/midori/basket"
    assert len(words(visitor.page, ".rows > li")) == 4
    assert "合計 2,800円（税込）" in visitor.text


def test_a_room_in_periods_is_held_for_the_periods_that_the_time_lies_in(visitor):
    asked(visitor, MONDAY, "ホール東側", begins="600", ends="840")  # 10:00 to 14:00

    (line,) = words(visitor.page, ".rows > li")
    assert "9時から17時まで" in line  # am and pm, the gap between them included


def test_the_whole_building_takes_all_floor_and_none_twice(visitor):
    asked(visitor, MONDAY, "すべての部屋（建物ぜんぶ）")

    lines = words(visitor.page, ".rows > li")
    assert len(lines) == 5
    assert any("ホール全面" in line for line in lines)
    assert not any("ホール東側" in line for line in lines)
    assert "とれていない枠" not in visitor.text


def test_what_could_not_be_had_is_told_line_by_line(app, visitor):
    holds(Visitor(app), [("room-2", builders.NEXT_MONDAY, (11, 12))])

    asked(visitor, MONDAY, "第1会議室", "第2会議室")

    assert "1つの枠は、とれていません" in visitor.text
    held, gone = visitor.page.select("ul.rows")
    assert "第1会議室" in held.get_text()
    assert "第2会議室" in gone.get_text()
    assert "ほかの方が手続き中です。" in gone.get_text()
    assert "かわりに、次の枠が空いています" in gone.get_text()
    visitor.press("この枠を消す")
    assert "とれていない枠" not in visitor.text
    assert "第1会議室" in visitor.text


def test_what_became_free_since_can_be_had_from_there(app, visitor, clock):
    holds(Visitor(app), [("room-2", builders.NEXT_MONDAY, (11, 12))])
    asked(visitor, MONDAY, "第1会議室", "第2会議室")
    clock.now += 14 * builders.HOUR / 60
    visitor.press("15分延ばす（1回だけ）")
    clock.now += 2 * builders.HOUR / 60

    visitor.visit("/midori/basket").press("もう一度おさえる")

    assert len(words(visitor.page, ".rows > li")) == 2
    assert "とれていない枠" not in visitor.text


def test_another_month_keeps_what_was_chosen(app, visitor):
    visitor.visit("/midori/facilities/chuo/choose")
    visitor.choose("日（3月8日）").choose("第1会議室").choose("第2会議室")
    visitor.fill("何時から", "780").fill("何時まで", "960").press("次の月").press("次の月")
    assert "ほかの月でえらんだ日： 3月8日（月）" in visitor.text
    visitor.choose("日（5月10日）").press("空いているところをえらぶ")

    assert visitor.path == "/midori/basket"
    assert len(words(visitor.page, ".rows > li")) == 4
    assert "13時から16時まで" in visitor.text


def test_all_or_nothing_holds_nothing_when_one_can_not_be_had(app, visitor):
    holds(Visitor(app), [("room-2", builders.NEXT_MONDAY, (11, 12))])

    asked(visitor, MONDAY, "第1会議室", "第2会議室", "1つでもとれないときは", status=409)

    assert "1つもとれませんでした" in visitor.text
    assert visitor.field("第1会議室").has_attr("checked")
    assert words(visitor.page, "#basket-link") == ["えらんだ枠"]


def test_when_nothing_can_be_had_each_line_says_why(app, visitor):
    holds(Visitor(app), [("room-1", builders.NEXT_MONDAY, (12, 13))])

    asked(visitor, MONDAY, "第1会議室", "ホール全面", begins="720", ends="780", status=409)

    first, second = words(visitor.page, ".notice li")
    assert first.startswith("3月8日（月） 12時から13時まで 第1会議室：この時間は、ほかの方の")
    assert second.startswith("3月8日（月） 12時から13時まで ホール全面：この時間の区切りは")


def test_a_hall_in_periods_is_asked_for_periods(app, visitor):
    a_hall_in_periods(app)

    asked(visitor, MONDAY, "午前", "夜間", "大ホール", path="/midori/facilities/nishi/choose")

    lines = words(visitor.page, ".rows > li")
    assert "9時から12時まで" in lines[0]
    assert "18時から22時まで" in lines[1]


@pytest.mark.parametrize(
    ("ticks", "times", "said"),
    [
        (["第1会議室"], {}, "日にちを1つ以上えらんでください。"),
        ([MONDAY], {}, "部屋を1つ以上えらんでください。"),
        (
            [MONDAY, "第1会議室"],
            {"begins": "720", "ends": "600"},
            "終わりの時刻を、始まりの時刻より後にしてください。",
        ),
    ],
)
def test_what_is_missing_is_said_with_all_ticks_kept(visitor, ticks, times, said):
    asked(visitor, *ticks, **times, status=422)

    assert visitor.title.startswith("エラー：")
    assert words(visitor.page, "[data-error-summary] li") == [said]
    assert all(visitor.field(one).has_attr("checked") for one in ticks)


def test_more_than_a_basket_holds_is_refused_whole(visitor):
    visitor.visit(CHOOSE)
    days = [box["value"] for box in visitor.page.select("[name=days]")][:20]
    rooms = ["room-1", "room-2", "lobby", "kitchen"]

    visitor.post(
        CHOOSE,
        {"days": days, "rooms": rooms, "begins": "600", "ends": "660", "from": "2027-03"},
        status=409,
    )

    assert "一度に申し込めるのは60枠までです。" in visitor.text


def test_days_that_are_over_or_closed_can_not_be_ticked(visitor):
    visitor.visit(CHOOSE)

    days = [box["value"] for box in visitor.page.select("[name=days]")]
    assert days[:3] == ["2027-03-01", "2027-03-03", "2027-03-04"]  # Tuesdays are closed


def test_later_months_are_a_link_away_and_nonsense_is_this_month(visitor):
    visitor.visit(CHOOSE).press("次の月")
    assert visitor.page.select_one("[name=days]")["value"] == "2027-04-01"

    for nonsense in ("x", "2027-13", "1999-01", "９９９９-01"):
        visitor.visit(f"{CHOOSE}?from={nonsense}")
        assert visitor.page.select_one("[name=days]")["value"] == "2027-03-01"


def test_the_form_costs_no_query(app, visitor):
    visitor.visit("/midori/")

    with statements(app) as seen:
        visitor.visit(CHOOSE)

    assert [one for one in seen if "FROM tenant" not in one] == []
