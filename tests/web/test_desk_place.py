"""The hall whose desk one works at: pages lead back to it, money is taken at its counter."""

from flask import Flask

from tests.builders import MONDAY_9AM, TODAY
from tests.reports.situations import a_booking, clerk, staff, working
from tests.web.doors import FRONT, House

DAY = "/midori/desk/chuo/days/2027-03-01"
PAGES = ("/midori/desk/doors", "/midori/desk/approvals", "/midori/desk/bookings?q=xx")


def unpaid(app: Flask, facility: str = "chuo") -> str:
    with working(app) as found:
        made = a_booking(found, ("room-1", TODAY, (13, 15)), facility=facility, now=MONDAY_9AM)
        return str(made.booking.number)


def place(page) -> str:
    return str(page.page.select_one("#place option[selected]").get_text())


class TestTheWayBack:
    def test_leads_to_the_hall_one_came_from(self, app: Flask):
        town = clerk(app)
        for path in PAGES:
            town.visit(DAY).visit(path).press("中央会館の受付に戻る")
            assert town.path == DAY

    def test_leads_to_all_halls_for_who_came_from_there(self, app: Flask):
        town = clerk(app).visit(DAY).visit("/midori/desk/")
        town.visit("/midori/desk/doors").press("会館の受付に戻る")
        assert town.path == "/midori/desk/"

    def test_of_the_telephone_leads_to_its_hall(self, app: Flask):
        town = clerk(app).visit("/midori/desk/kita/phone").press("の受付に戻る")
        assert town.path == "/midori/desk/kita/days/2027-03-01"

    def test_leads_nowhere_where_one_does_not_work_any_more(self, app: Flask):
        page = staff(app, facility="kita", email="k@example.jp")
        with page.client.session_transaction() as session:
            session["desk"] = {"midori": "chuo"}
        page.visit("/midori/desk/bookings?q=xx")
        assert "中央会館" not in page.text
        assert "会館の受付に戻る" in page.text


class TestCash:
    def test_at_a_hall_s_desk_is_in_its_drawer(self, app: Flask):
        number = unpaid(app)
        town = clerk(app).visit(DAY).visit(f"/midori/desk/bookings/{number}/payment")
        assert place(town) == "中央会館"
        town.press("円を受け取った")
        assert "2026-000001" in town.visit("/midori/desk/chuo/till/2027-03-01").text

    def test_of_another_hall_s_booking_is_in_the_drawer_one_stands_at(self, app: Flask):
        number = unpaid(app, "kita")
        town = clerk(app).visit(DAY).visit(f"/midori/desk/bookings/{number}/payment")
        assert place(town) == "中央会館"

    def test_at_the_town_hall_is_in_the_town_hall_s(self, app: Flask):
        number = unpaid(app)
        town = clerk(app)
        for path in ("/midori/office/bookings", "/midori/desk/till/2027-03-01", "/midori/desk/"):
            town.visit(DAY).visit(path).visit(f"/midori/desk/bookings/{number}/payment")
            assert place(town) == "市役所の窓口"

    def test_a_place_that_was_chosen_stays(self, app: Flask):
        number = unpaid(app)
        town = clerk(app).visit(DAY).visit(f"/midori/desk/bookings/{number}/payment")
        town.fill("受け取った場所", "office").fill("お預かり", "1").press("受け取った", status=422)
        assert place(town) == "市役所の窓口"


def test_halls_with_doors_lead_to_them(app: Flask, house: House):
    house.door(house.account(), FRONT, shared=True)
    town = clerk(app).visit("/midori/desk/")
    linked = [x.get_text(" ", strip=True) for x in town.page.select(".halls a[href$=doors]")]
    assert linked == ["ドア 中央会館"]
    town.press("ドア")
    assert town.path == "/midori/desk/doors"
    cashier = clerk(app, role="cashier", email="cash@example.jp").visit("/midori/desk/")
    assert cashier.page.select_one(".halls a[href$=doors]") is None
