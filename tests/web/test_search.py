"""The search: what people type, what they get, and what is offered when nothing fits."""

import pytest

from tests import builders
from tests.pages import Visitor
from tests.web.situations import holds, statements
from tests.web.swaps import words

ON = "on=2027-03-08"
ALL_DAY = (9, 22)


def searched(visitor: Visitor, **typed: str) -> Visitor:
    visitor.visit("/midori/")
    for label, value in typed.items():
        visitor.fill(label, value)
    return visitor.press("空きをさがす")


def rooms(visitor: Visitor) -> list[str]:
    return words(visitor.page, "main .room-name a")


def test_by_day_people_and_purpose_finds_the_rooms_that_would_do(visitor):
    searched(visitor, 日にち="2027-03-08", 人数="30", 何に使いますか="meeting")

    assert visitor.page.h1.get_text() == "空いている部屋"
    assert "会議・話し合い、30人" in visitor.text
    assert rooms(visitor)[:3] == ["第1会議室", "ホール東側", "ホール西側"]  # the nearest in size
    assert "第2会議室" not in visitor.text
    assert "中央会館の部屋をすべて見る（あと2室）" in visitor.text


@pytest.mark.parametrize("typed", ["１２人", "12", " 12 名 ", "１２"])
def test_numbers_of_people_may_be_typed_in_any_width(visitor, typed):
    searched(visitor, 人数=typed)

    assert "12人" in visitor.text


@pytest.mark.parametrize("typed", ["2027/3/8", "2027年3月8日", "２０２７-０３-０８", "2027.3.8"])
def test_days_may_be_typed_in_any_usual_way(visitor, typed):
    searched(visitor, 日にち=typed)

    assert "2027年3月8日（月）" in visitor.title


@pytest.mark.parametrize(
    ("field", "label", "typed", "said"),
    [
        ("people", "人数", "abc", "数字で入力してください。"),
        ("people", "人数", "1000000000", "99,999人までの数を入力してください。"),
        ("people", "人数", "0", "1人以上の数を入力してください。"),
        ("on", "日にち", "2027-02-30", "日にちは、2027年4月1日のように入力してください。"),
        ("on", "日にち", "きょう", "日にちは、2027年4月1日のように入力してください。"),
        ("on", "日にち", "2027-02-28", "日にちは、今日か、今日より後の日を入力してください。"),
        ("on", "日にち", "9999-12-31", "先すぎる日です。来年までの日を入力してください。"),
        ("part", "時間帯", "dawn", "一覧からえらんでください。"),
        ("purpose", "何に使いますか", "war", "一覧からえらんでください。"),
        ("facility", "施設", "attic", "一覧からえらんでください。"),
    ],
)
def test_what_can_not_be_meant_is_shown_again_with_what_to_do(visitor, field, label, typed, said):
    visitor.visit(f"/midori/search?{field}={typed}", status=422)

    assert visitor.title.startswith("エラー：")
    (summary,) = visitor.page.select("[data-error-summary] a")
    assert summary.get_text() == said
    assert visitor.page.select_one(summary["href"])["name"] == field
    if field in ("people", "on"):
        assert visitor.field(label)["value"] == typed


def test_for_a_part_of_the_day_shows_only_that_part(visitor):
    searched(visitor, 日にち="2027-03-08", 時間帯="evening", 施設="chuo")

    first = words(visitor.page, '[id="r-chuo-room-1"] .hours button')
    assert [cell.split()[0] for cell in first] == ["17時", "18時", "19時", "20時", "21時"]
    assert len(words(visitor.page, '[id="r-chuo-hall"] .slots > li')) == 1


def test_without_a_day_shows_the_first_on_which_anything_is_free(app, visitor, clock):
    clock.now = builders.MONDAY_9AM + 12 * builders.HOUR  # Monday evening; Tuesday is closed

    searched(visitor, 人数="10")

    assert "2027年3月3日（水）" in visitor.title
    assert "日にちが入っていないので、いちばん早く空いている日です。" in visitor.text


def test_does_not_show_rooms_that_are_taken_for_the_part_asked_for(app, visitor):
    holds(Visitor(app), [("room-1", builders.NEXT_MONDAY, (9, 12))])

    visitor.visit(f"/midori/search?{ON}&part=morning&facility=chuo")

    assert "第1会議室" not in rooms(visitor)
    assert "第2会議室" in rooms(visitor)


class TestWhenNothingFits:
    def test_parts_days_and_halls_are_offered(self, app, visitor):
        one_room = [{"slug": "barn", "name": "納屋", "capacity": 40, "spaces": ["barn"]}]
        with app.app_context():
            tenant = builders.tenant_id_of("midori")
            builders.a_facility(tenant, "nishi", "西会館", position=3, rooms=one_room)
        holds(Visitor(app), [("barn", builders.NEXT_MONDAY, (9, 12))], facility="nishi")

        visitor.visit(f"/midori/search?{ON}&part=morning&people=30&facility=nishi")

        assert "この条件で空いている部屋はありません。" in visitor.text
        assert words(visitor.page, ".alts li") == [
            "午後", "夜間", "2027年3月10日（水）", "2027年3月11日（木）", "2027年3月12日（金）",
        ]  # fmt: skip
        visitor.press("ほかの施設もふくめて、同じ日をさがす")
        assert "第1会議室" in rooms(visitor)

    def test_more_people_than_any_room_holds_are_told_the_largest(self, app, visitor):
        one_room = [{"slug": "barn", "name": "納屋", "capacity": 40, "spaces": ["barn"]}]
        with app.app_context():
            town = builders.a_tenant("moriguchi", "272094", "もり市")
            builders.a_facility(town, "nishi", "西会館", rooms=one_room)

        visitor.visit(f"/moriguchi/search?{ON}&people=41")

        assert "いちばん大きい部屋は40人までです。" in visitor.text
        visitor.press("人数と目的を入れずに、同じ日をさがす")
        assert rooms(visitor) == ["納屋"]

    def test_on_a_closed_day_the_next_days_are_offered(self, visitor):
        visitor.visit("/midori/search?on=2027-03-09")

        assert "この日は休館です。" in visitor.text
        assert "中央会館は休館です（定休日）。" in visitor.text
        assert words(visitor.page, ".alts li")[0] == "2027年3月10日（水）"
        visitor.press("2027年3月10日（水）")
        assert rooms(visitor)


def test_long_before_the_reception_it_says_when_that_opens(visitor):
    visitor.visit("/midori/search?on=2028-03-20&facility=chuo")

    assert "から申し込めます。" in visitor.text
    assert words(visitor.page, ".room-name a") == []


def test_shows_a_few_halls_and_where_the_others_are(app, visitor):
    with app.app_context():
        tenant = builders.tenant_id_of("midori")
        for n in range(3, 8):
            builders.a_facility(tenant, f"hall-{n}", f"第{n}会館", position=n)

    visitor.visit(f"/midori/search?{ON}")
    assert words(visitor.page, "h2.hall") == ["中央会館", "北会館", "第3会館", "第4会館", "第5会館"]

    visitor.press("ほかの施設も見る")
    assert words(visitor.page, "h2.hall") == ["第6会館", "第7会館"]
    assert visitor.page.find("a", string="ほかの施設も見る") is None


def test_what_was_searched_for_is_remembered_for_the_questions(visitor):
    searched(visitor, 人数="１２", 何に使いますか="meeting")

    with visitor.client.session_transaction() as session:
        assert session["said"] == {"midori": {"people": "12", "purpose": "meeting"}}


def test_the_search_can_be_changed_with_its_answers_kept(visitor):
    searched(visitor, 日にち="2027-03-08", 人数="12").press("条件を変える")

    assert visitor.field("日にち")["value"] == "2027-03-08"
    assert visitor.field("人数")["value"] == "12"


def test_costs_one_query(app, visitor):
    visitor.visit("/midori/")

    with statements(app) as seen:
        visitor.visit(f"/midori/search?{ON}&people=10")

    assert len([one for one in seen if "FROM tenant" not in one]) == 1


def test_for_the_first_free_day_costs_two_queries(app, visitor):
    visitor.visit("/midori/")

    with statements(app) as seen:
        visitor.visit("/midori/search?people=10")

    assert len([one for one in seen if "FROM tenant" not in one]) == 2
