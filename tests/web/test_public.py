"""The first page, a hall's page, larger text, pages that are not there."""

from tests import builders
from tests.pages import ORIGIN, Visitor
from tests.web.situations import has_booked, is_signed_in, statements


def test_the_first_page_asks_one_question_and_lists_the_halls(visitor):
    visitor.visit("/midori/")

    assert visitor.page.h1.get_text() == "空いている部屋をさがす"
    assert "中央会館" in visitor.text
    assert "北会館" in visitor.text
    assert "町民会館" not in visitor.text  # another town's
    assert "7室（12人から200人まで） 中央1-1 1時間 0円から" in visitor.text


def test_the_first_page_needs_no_database_once_the_catalogue_is_known(app, visitor):
    visitor.visit("/midori/")

    with statements(app) as seen:
        visitor.visit("/midori/?people=3")

    assert [one for one in seen if "FROM tenant" not in one] == []


def test_who_has_a_booking_ahead_sees_it_on_the_first_page(app, visitor):
    booked = has_booked(app, is_signed_in(visitor))

    visitor.visit("/midori/")

    assert "次のご利用 3月8日（月） 10時から12時まで（2時間） 中央会館 第1会議室" in visitor.text
    link = visitor.page.find("a", string=lambda text: text and "第1会議室" in text)
    assert booked.booking.number in link["href"]


def test_a_booking_that_is_over_is_not_the_next_one(app, visitor, clock):
    has_booked(app, is_signed_in(visitor))
    clock.now = builders.MONDAY_9AM + 8 * 24 * builders.HOUR

    visitor.visit("/midori/")

    assert "次のご利用" not in visitor.text


def test_a_hall_says_where_it_is_when_it_opens_and_what_it_has(visitor):
    visitor.visit("/midori/").press("中央会館")

    for words in (
        "中央1-1",
        "00-0000-0002",
        "駅から歩いて5分",
        "9時から22時まで",
        "毎週火曜日（祝日のときは開館します）",
        "12月28日から1月4日まで（年末年始）",
        "第1会議室 30人まで 1時間 400円から（税込）",
        "ホール全面 200人まで 1区分 3,000円から（税込）",
    ):
        assert words in visitor.text
    assert visitor.title == "中央会館｜みどり市"


def test_a_hall_made_up_to_try_the_service_says_so(visitor):
    visitor.visit("/midori/facilities/chuo")

    assert "見本の施設です" in visitor.text


def test_a_hall_of_another_town_is_not_found(visitor):
    visitor.visit("/aoba/facilities/kita", status=404)

    assert "ページが見つかりません" in visitor.text


def larger(visitor, size, came_from):
    headers = {"Origin": ORIGIN, "Referer": came_from}
    return visitor.client.post("/midori/text-size", data={"size": size}, headers=headers)


def test_larger_text_stays_and_leads_back_to_the_same_page(visitor):
    answer = larger(visitor, "large", f"{ORIGIN}/midori/facilities/chuo?x=1")

    assert answer.location == "/midori/facilities/chuo?x=1"
    assert visitor.visit("/midori/").page.html["class"] == ["large"]
    larger(visitor, "normal", f"{ORIGIN}/midori/")
    assert not visitor.visit("/midori/").page.html.get("class")


def test_larger_text_leads_to_no_other_site_or_municipality(visitor):
    for elsewhere in ("https://evil.example/midori/", f"{ORIGIN}/aoba/", f"{ORIGIN}//evil.example"):
        assert larger(visitor, "large", elsewhere).location == "/midori/"


def test_a_page_that_is_not_there_looks_like_the_municipalitys(visitor):
    for path in ("/midori/nothing", "/midori/facilities/chuo/days/2027-02-30"):
        visitor.visit(path, status=404)

        assert "ページが見つかりません" in visitor.text
        assert "みどり市" in visitor.title


def test_a_municipality_that_is_not_there_is_a_page_in_japanese(app):
    Visitor(app).visit("/nowhere/", status=404)
