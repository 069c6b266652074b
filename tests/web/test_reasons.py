"""この料金の理由: before applying and ever after, each step with its article."""

import pytest

from tests import builders
from tests.pages import Visitor
from tests.web.situations import has_booked, holds, is_signed_in, statements

FEE = "/midori/basket/fee"


def words(visitor: Visitor, selector: str) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in visitor.page.select(selector)]


def test_of_what_is_chosen_is_told_to_anybody(app, visitor):
    holds(visitor)

    visitor.visit("/midori/basket").press("この料金の理由")

    assert visitor.path == FEE
    assert words(visitor, ".reasons li") == [
        "基本 800円 400円 × 2時間 決まり：みどり市会館条例 別表"
    ]
    assert "この枠の料金 800円（税込）" in visitor.text


def test_without_anything_chosen_leads_to_the_basket(visitor):
    visitor.visit(FEE)

    assert visitor.path == "/midori/basket"


def test_of_ones_own_booking_is_what_was_agreed_then(app, visitor):
    person = is_signed_in(visitor)
    number = has_booked(app, person).booking.number

    visitor.visit(f"/midori/bookings/{number}").press("この料金の理由")

    assert visitor.path == f"/midori/bookings/{number}/fee"
    assert "あとで決まりが変わっても、この料金は変わりません" in visitor.text
    assert words(visitor, ".reasons li")[0].startswith("基本 800円 400円 × 2時間")


def test_of_somebody_elses_booking_is_not_there(app, visitor):
    with app.app_context():
        other = builders.a_resident("midori", "other@example.jp")
    number = has_booked(app, other).booking.number
    is_signed_in(visitor)

    visitor.visit(f"/midori/bookings/{number}/fee", status=404)


@pytest.mark.parametrize(("path", "so_many"), [(FEE, 5)])
def test_statements(app, visitor, path, so_many):
    holds(visitor)

    with statements(app) as sent:
        visitor.visit(path)

    assert len(sent) <= so_many, sent
