"""A hall's day, week and month, a room's day, and what is near, as people see them."""

import pytest

from app.booking import occupancy
from app.booking.floor import Closure
from app.booking.occupancy import Claim
from app.db.session import in_transaction, tenant_scope
from app.kernel.spans import day_span
from tests import builders
from tests.pages import Visitor
from tests.web.situations import holds, is_signed_in, statements
from tests.web.swaps import follow_with_htmx, words

DAY = "/midori/facilities/chuo/days/2027-03-08"
ROOM_DAY = "/midori/facilities/chuo/rooms/room-1/days/2027-03-08"
WEEK = "/midori/facilities/chuo/weeks/2027-03-08"
MONTH = "/midori/facilities/chuo/months/2027-03"
HALL_ROW = '[id="r-chuo-hall"]'
ROOM_1 = '[id="r-chuo-room-1"]'


def in_rows(visitor: Visitor, selector: str) -> list[str]:
    return words(visitor.page, f"{selector} .slots > li")


class TestADay:
    def test_shows_a_room_in_periods_as_rows_with_prices(self, visitor):
        visitor.visit(DAY)

        rows = in_rows(visitor, HALL_ROW)
        assert len(rows) == 3
        assert "9時から12時まで" in rows[0]
        assert "空いています 3,000円 えらぶ" in rows[0]

    def test_shows_a_room_by_the_hour_as_a_grid(self, visitor):
        visitor.visit(DAY)

        cells = words(visitor.page, f"{ROOM_1} .hours button")
        assert len(cells) == 13
        assert cells[1] == "10時 ○ から11時まで 空いています 第1会議室"
        assert in_rows(visitor, ROOM_1) == []

    def test_says_why_hours_are_not_to_be_had_once_for_all_of_them(self, app, visitor):
        holds(Visitor(app), [("room-1", builders.NEXT_MONDAY, (13, 16))])

        visitor.visit(DAY)

        (row,) = in_rows(visitor, ROOM_1)
        assert row.startswith("× 13時から16時まで")
        assert "ほかの方が手続き中です。9時15分を過ぎると空くことがあります。" in row
        assert "近い空きを見る" in row
        assert len(words(visitor.page, f"{ROOM_1} .hours button")) == 10

    def test_a_half_that_is_taken_takes_the_whole_but_not_the_other_half(self, app, visitor):
        holds(Visitor(app), [("hall-east", builders.NEXT_MONDAY, (9, 12))])

        visitor.visit(DAY)

        assert in_rows(visitor, HALL_ROW)[0].startswith("×")
        assert in_rows(visitor, '[id="r-chuo-hall-east"]')[0].startswith("×")
        assert in_rows(visitor, '[id="r-chuo-hall-west"]')[0].startswith("○")

    def test_clean_up_after_a_use_is_not_free(self, app, visitor):
        holds(Visitor(app), [("kitchen", builders.NEXT_MONDAY, (10, 11))])

        visitor.visit(DAY)

        free = words(visitor.page, '[id="r-chuo-kitchen"] .hours button')
        assert [cell.split()[0] for cell in free][:2] == ["12時", "13時"]

    def test_says_once_for_all_rooms_when_reception_opens(self, visitor):
        visitor.visit("/midori/facilities/chuo/days/2027-06-07")

        assert visitor.text.count("2027年4月1日（木）9時から申し込めます。") == 1
        assert visitor.page.select("main button") == []
        visitor.press("第1会議室")
        assert "2027年4月1日（木）9時から申し込めます。" in in_rows(visitor, ROOM_1)[0]

    def test_reads_the_window_of_whoever_looks(self, app, visitor):
        visitor.visit("/midori/facilities/chuo/days/2027-03-22")
        assert in_rows(visitor, ROOM_1) == []

        is_signed_in(visitor, "soto@example.jp", applicant_class="outsider")
        visitor.visit("/midori/facilities/chuo/days/2027-03-22")

        assert "2027年3月8日（月）9時から申し込めます。" in visitor.text

    def test_on_which_the_hall_is_closed_says_why_and_when_it_opens(self, visitor):
        visitor.visit("/midori/facilities/chuo/days/2027-03-09")

        assert "この日は休館です（定休日）。" in visitor.text
        visitor.press("次の開館日 3月10日（水） の空きを見る")
        assert visitor.path.endswith("/days/2027-03-10")

    def test_has_links_to_the_days_around_but_not_to_what_is_over(self, visitor):
        visitor.visit("/midori/facilities/chuo/days/2027-03-02")

        days = [a["href"][-10:] for a in visitor.page.select(".days a[href*='/days/']")]
        assert days == [f"2027-03-0{n}" for n in range(1, 8)]

    def test_marks_the_days_on_which_the_hall_is_closed(self, visitor):
        visitor.visit("/midori/facilities/chuo/days/2027-03-08")

        shut = [a["href"][-10:] for a in visitor.page.select(".days a.shut")]
        assert shut == ["2027-03-09"]
        assert "休館" in visitor.page.select_one(".days a.shut").get_text()

    def test_costs_one_query(self, app, visitor):
        holds(visitor)  # who has a basket is shown no kept page
        visitor.visit(DAY)

        with statements(app) as seen:
            visitor.visit(DAY)

        told = [one for one in seen if "FROM tenant" not in one]
        assert len(told) == 3, told  # the basket, the floor, and for the head what it holds

    @pytest.mark.parametrize("on", ["2027-02-30", "1999-01-01", "2027-3-8", "9999-12-31"])
    def test_that_no_calendar_has_is_no_page(self, visitor, on):
        visitor.visit(f"/midori/facilities/chuo/days/{on}", status=404)

    def test_far_ahead_or_long_ago_is_a_page(self, visitor):
        visitor.visit("/midori/facilities/chuo/days/2099-12-31")
        visitor.visit("/midori/facilities/chuo/days/2000-01-01")


class TestARoomsDay:
    def test_shows_its_hours_and_a_way_to_take_several(self, visitor):
        visitor.visit(ROOM_DAY)

        assert visitor.page.h1.get_text() == "第1会議室"
        assert visitor.page.select_one("details[open] select[name=from]") is not None
        assert len(visitor.page.select("main section.room")) == 1

    def test_of_a_room_that_is_not_there_is_no_page(self, visitor):
        visitor.visit("/midori/facilities/chuo/rooms/attic/days/2027-03-08", status=404)


class TestAWeek:
    def test_is_a_table_of_rooms_and_days_with_symbol_and_word(self, app, visitor):
        holds(Visitor(app), [("room-1", builders.NEXT_MONDAY, (9, 12))])

        visitor.visit(WEEK)

        assert len(visitor.page.select(".week tbody th[scope=row]")) == 7
        first = words(visitor.page, ".week tbody tr:first-child td")
        assert first[0].startswith(
            "× 午前 空いていません ○ 3月8日月曜日 午後 第1会議室 空いています"
        )
        assert first[1] == "休 休館 定休日"

    def test_shows_a_part_of_the_day_that_is_partly_free(self, app, visitor):
        holds(Visitor(app), [("room-1", builders.NEXT_MONDAY, (9, 11))])

        visitor.visit(WEEK)

        first = visitor.page.select_one(".week tbody tr:first-child td a.partly")
        assert first["href"] == ROOM_DAY
        assert "一部空いています" in words(visitor.page, ".legend")[0]

    def test_the_next_week_by_htmx_reads_like_a_fresh_visit(self, visitor):
        visitor.visit(WEEK)
        link = visitor.page.find("a", string="次の週")

        swapped = follow_with_htmx(visitor, link)

        fresh = visitor.visit(link["href"]).page
        assert str(swapped.select_one("#week")) == str(fresh.select_one("#week"))

    def test_leads_to_no_week_that_is_over(self, visitor):
        visitor.visit("/midori/facilities/chuo/weeks/2027-03-04").press("前の週")
        assert visitor.path.endswith("/weeks/2027-03-01")

        assert visitor.page.find("a", string="前の週") is None

    def test_costs_one_query_and_one_look_whether_anything_changed(self, app, visitor):
        visitor.visit("/midori/")

        with statements(app) as seen:
            visitor.visit(WEEK)

        assert len([one for one in seen if "FROM tenant" not in one]) == 2


class TestAMonth:
    def test_is_a_table_of_days_that_says_how_many_rooms_are_free(self, app, visitor):
        east = [("hall-east", builders.NEXT_MONDAY, (9, 12))]
        holds(Visitor(app), [*east, ("room-1", builders.NEXT_MONDAY, (9, 22))])

        visitor.visit(MONTH)

        cells = {cell.split()[0]: cell for cell in words(visitor.page, ".month td") if cell}
        assert cells["8"] == "8 日 △ 6室"
        assert cells["9"] == "9 日 休 休館"
        assert cells["10"] == "10 日 ○ 空き"
        assert visitor.page.select_one(f".month a[href='{DAY}']") is not None

    def test_leads_to_the_months_around_but_not_to_what_is_over(self, visitor):
        visitor.visit(MONTH)

        assert visitor.page.find("a", string="前の月（2月）") is None
        visitor.press("次の月（4月）")
        assert visitor.path.endswith("/months/2027-04")

    @pytest.mark.parametrize("of", ["2027-13", "2027-00", "27-03"])
    def test_that_no_calendar_has_is_no_page(self, visitor, of):
        visitor.visit(f"/midori/facilities/chuo/months/{of}", status=404)


class TestWhatIsNear:
    def test_is_another_time_another_room_another_day_another_hall(self, app, visitor):
        holds(Visitor(app))

        visitor.visit(DAY).press("近い空きを見る", within=ROOM_1)

        heads = words(visitor.page, "main section h2")
        assert heads == [
            "同じ部屋の、ほかの時間",
            "同じ時間の、ほかの部屋",
            "同じ部屋の、ほかの日",
            "同じ時間の、ほかの施設",
        ]
        assert words(visitor.page, ".alts li > span")[0] == "12時から14時まで 800円"

    def test_is_only_what_would_do_for_what_was_searched(self, app, visitor):
        holds(Visitor(app))
        visitor.visit("/midori/search?people=30&purpose=meeting")

        visitor.visit(f"{ROOM_DAY}/near?at=600-720")

        others = words(visitor.page, ".alts li > span")
        assert not any("第2会議室" in one for one in others)  # holds 12
        assert any("ホール東側" in one for one in others)

    def test_can_be_chosen_at_once(self, app, visitor):
        holds(Visitor(app))

        visitor.visit(f"{ROOM_DAY}/near?at=600-720").press("こちらをえらぶ")

        assert visitor.path == ["/midori/basket", "r-chuo-room-1"][0]
        assert "12時から14時まで" in visitor.text

    def test_may_be_nothing_and_says_whom_to_call(self, visitor):
        visitor.visit("/midori/facilities/chuo/rooms/room-1/days/2099-01-05/near?at=600-720")

        assert "近い空きがありません" in visitor.text

    @pytest.mark.parametrize("at", ["", "abc", "600", "600-720-1", "１-２"])
    def test_of_no_time_is_no_page(self, visitor, at):
        visitor.visit(f"{ROOM_DAY}/near?at={at}", status=404)


def closed_for_repairs(app, room):
    """Keep a room from booking for a day."""
    with app.app_context():
        found = builders.catalogue_of("midori")
        hall, which = found.room(builders.room_id(found, room))
        span = day_span(builders.NEXT_MONDAY, found.zone)

        def close(session):
            closure = Closure(
                tenant_id=found.tenant_id, facility_id=hall.id, kind="maintenance",
                name="床の張り替え", created_at=builders.MONDAY_9AM,
            )  # fmt: skip
            session.add(closure)
            session.flush()
            claims = [
                Claim(space, span.starts_at, span.ends_at, closure_id=closure.id)
                for space in which.space_ids
            ]
            assert occupancy.take(session, claims, kind="maintenance")

        with tenant_scope(found.tenant_id):
            in_transaction(close, as_owner=True)


def test_a_room_under_repair_says_so_on_every_page(app, visitor):
    closed_for_repairs(app, "room-2")

    visitor.visit(DAY)
    assert "点検のため使えません。" in in_rows(visitor, '[id="r-chuo-room-2"]')[0]
    visitor.visit(WEEK)
    row = visitor.page.find("a", string="第2会議室").find_parent("tr")
    assert words(row, "td")[0] == "保 午前 点検 保 午後 点検 保 夜間 点検"


@pytest.mark.parametrize("path", [DAY, ROOM_DAY, WEEK, MONTH, f"{ROOM_DAY}/near?at=600-720"])
def test_another_municipalitys_bookings_are_not_seen(app, visitor, path):
    before = visitor.visit(path).text
    with app.app_context():
        builders.catalogue_of("aoba")
    holds(Visitor(app), slug="aoba")

    assert visitor.visit(path).text == before
