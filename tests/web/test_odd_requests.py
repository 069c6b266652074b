"""What no browser sends, and what insiders should not do: answered, never an error of ours."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from tests.pages import ORIGIN, Visitor
from tests.reports.situations import a_booking, clerk, working
from tests.web.every_route import routes
from tests.web.situations import is_signed_in
from tests.web.test_neighbours import ids

BROKEN = "http://[::1"


@pytest.mark.parametrize("who", ["nobody", "resident", "clerk"])
def test_every_page_can_be_asked_for_by_a_script(app: Flask, who: str):
    """htmx asks for parts; a page that has none is sent whole."""
    with working(app) as found:
        number = a_booking(found).booking.number
    visitor = clerk(app) if who == "clerk" else Visitor(app)
    if who == "resident":
        is_signed_in(visitor)
    for method, path in routes(app, ids(number, "midori", "chuo")):
        if method == "GET":
            answer = visitor.client.get(path, headers={"HX-Request": "true"})
            answer.close()
            assert answer.status_code < 500 or path == "/readyz", path


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("GET", f"/midori/sign-in?next={BROKEN}", {}),
        ("GET", f"/midori/staff/sign-in?next={BROKEN}", {}),
        ("POST", "/midori/sign-in", {"email": "a@example.jp", "next": BROKEN}),
        ("POST", "/midori/basket/lines", {"back": BROKEN}),
        ("POST", "/midori/basket/let-go", {"back": BROKEN}),
        ("POST", "/midori/text-size", {"size": "large"}),
        ("POST", "/midori/facilities/chuo/choose",
         {"days": "2027-03-08", "rooms": "room-1", "begins": "x", "ends": "600"}),
        ("POST", "/midori/facilities/chuo/choose",
         {"days": "2027-03-08", "rooms": "room-1", "begins": "²", "ends": "600"}),
    ],
)  # fmt: skip
def test_broken_addresses_and_types(app: Flask, method: str, path: str, data: dict):
    headers = {"Sec-Fetch-Site": "same-origin", "Referer": BROKEN}

    answer = Visitor(app).client.open(path, method=method, data=data, headers=headers)

    assert answer.status_code < 500


def test_a_form_from_a_broken_origin_is_refused(app: Flask):
    answer = Visitor(app).client.post("/midori/text-size", headers={"Origin": BROKEN})

    assert answer.status_code == 403


@pytest.mark.parametrize("more", ["", "/waiver", "/fee", "/change", "/cancel", "/print"])
def test_a_number_that_is_none_is_not_there(app: Flask, more: str):
    visitor = Visitor(app)
    is_signed_in(visitor)

    for number in ("1234567%00", "１２３４５６７８", "abcdefgh"):
        assert visitor.client.get(f"/midori/bookings/{number}{more}").status_code == 404


@pytest.mark.parametrize("year", ["0000", "9999", "²²²²", "x", ""])
def test_years_that_are_none(app: Flask, year: str):
    boss = clerk(app)
    for path in ("/midori/office/waivers", "/midori/office/waivers/csv"):
        assert boss.client.get(f"{path}?year={year}").status_code in (200, 404)


def test_a_right_with_an_endless_id_is_not_there(app: Flask):
    path = f"/midori/office/entitlements/{10**22}/end"

    assert clerk(app).client.post(path, headers={"Origin": ORIGIN}).status_code == 404


class TestOnesOwnBooking:
    """Nobody takes money from themselves or decides what they owe."""

    def test_is_not_paid_to_oneself(self, app: Flask):
        boss = clerk(app, email="hanako@example.jp")
        with working(app) as found:
            number = a_booking(found).booking.number
        path = f"/midori/desk/bookings/{number}/payment"

        boss.post(path, {"yen": "800"}, status=409)

        assert "自分の予約のお金は、ほかの職員があつかいます。" in boss.text
        other = clerk(app, email="b@example.jp")
        assert "代金の受け取りを記録しました" in other.post(path, {"yen": "800"}).text

    def test_and_a_minus_is_no_plus(self, app: Flask):
        with working(app) as found:
            number = a_booking(found).booking.number
        boss = clerk(app)

        boss.post(f"/midori/desk/bookings/{number}/payment", {"yen": "-800"}, status=409)

        with working(app):
            paid = "select count(*) from ledger_entry where kind = 'payment'"
            assert db.session.scalar(text(paid)) == 0


@pytest.mark.parametrize("path", ["/midori/", "/midori/staff/sign-in", "/", "/healthz"])
def test_under_a_strange_name_nothing_is_answered(app: Flask, path: str):
    """Passkeys and forms are checked against the name of the service, so it is not the caller's."""
    client = Visitor(app).client

    strange = client.get(path, headers={"Host": "evil.example"})

    assert strange.status_code == 400
    assert b"evil.example" not in strange.data
    assert client.get(path, headers={"Host": "127.0.0.1:8124"}).status_code in (200, 302)
