"""What the desk is told of money: what came, what went back, what is left, and on which papers."""

import pytest
from flask import Flask

from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.issued.models import Paper
from app.sims.stripe import StripeSim
from app.usecases.returned import sync
from tests.builders import NEXT_MONDAY
from tests.db import proof
from tests.online.test_crediting import paid
from tests.online.test_paths import sends
from tests.online.town import Town
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import clerk, staff
from tests.usecases import steps
from tests.web.situations import a_third_hall, has_booked, is_signed_in
from tests.web.test_papers import words


def refunds_in_the_dashboard(town: Town, sim: StripeSim, yen: int | None = None) -> None:
    """Let somebody give money back at the provider itself, and let it be heard of."""
    (*_, session) = sim.sessions()
    sim.dashboard_refund(session["id"], yen)
    with town.app.app_context(), tenant_scope(1):
        assert sync(town.provider, session["payment_intent"], now=town.clock.now)


def sums(desk: Visitor) -> tuple[str | None, ...]:
    """Return what a page says was received, went back, is to be paid, is to be given back."""
    rows = {row.dt.get_text(strip=True): row.dd.get_text(strip=True)
            for row in desk.page.select("dl.sum > div")}  # fmt: skip
    labels = ("受け取った額", "返した額", "これから受け取る額", "これから返す額")
    return tuple(rows.get(one) for one in labels)


def paid_twice(town: Town, sim: StripeSim, person: Applicant):
    """Somebody pays at the counter while their page at the provider stands open, and there too."""
    booking = town.books(person)
    attempt = town.goes(person, booking)
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, booking.id, yen=booking.fee_yen, now=town.clock.now, despite=True)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    return booking


def test_what_came_what_went_back_and_what_is_left_are_three_sums(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = paid(town, sim, hanako)
    page = f"/midori/desk/bookings/{booking.number}"
    desk = staff(town.app).visit(page)
    assert sums(desk) == ("800円", "0円", "0円", None)

    refunds_in_the_dashboard(town, sim, 300)

    assert sums(desk.visit(page)) == ("800円", "300円", "300円", None)
    asked = desk.press("代金 300円 を受け取った")
    assert sums(asked) == ("800円", "300円", "300円", None)
    asked.press("300円を受け取った")
    assert sums(desk.visit(page)) == ("1,100円", "300円", "0円", None)


def test_what_was_paid_twice_is_to_be_given_back(town: Town, sim: StripeSim, hanako: Applicant):
    booking = paid_twice(town, sim, hanako)
    page = f"/midori/desk/bookings/{booking.number}"
    desk = staff(town.app).visit(page)
    assert sums(desk) == ("1,600円", "0円", None, "800円")

    (refund,) = town.refunds(booking)
    sends(town, refund.id)

    assert sums(desk.visit(page)) == ("1,600円", "800円", "0円", None)


def test_a_permit_whose_money_went_back_is_not_issued_and_says_so(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = paid(town, sim, hanako)
    page = f"/midori/desk/bookings/{booking.number}"
    desk = staff(town.app).visit(page).press("使用許可書（PDF）")
    assert "受け取りずみ" in words(desk)
    (paper,) = town.rows(Paper)
    refunds_in_the_dashboard(town, sim, 300)

    assert "使用許可書（PDF）" not in desk.visit(page).text
    assert "未納使用料が300円未納です。" in words(desk.visit(f"/midori/desk/papers/{paper.id}"))
    desk.post(f"/midori/desk/papers/{paper.id}/again", {})
    assert "使用料が 300円 未納です。はらうまで使えません。再発行はできません。" in desk.text
    assert [(one.copies, one.replaced_at) for one in town.rows(Paper)] == [(0, None)]
    desk.press("代金 300円 を受け取った").press("300円を受け取った")
    again = words(desk.press("使用許可書（PDF）"))
    assert "未納" not in again
    assert len(town.rows(Paper)) == 1


def test_one_that_owes_without_a_day_to_pay_by_is_not_permitted_either(
    town: Town, sim: StripeSim, hanako: Applicant
):
    """As were bookings whose money went back before they were given such a day."""
    booking = paid(town, sim, hanako)
    refunds_in_the_dashboard(town, sim)
    with proof.as_superuser_of(town.app) as connection:
        connection.execute("update booking set due_at = null where id = %s", [booking.id])

    desk = staff(town.app).visit(f"/midori/desk/bookings/{booking.number}")
    assert "使用許可書（PDF）" not in desk.text
    desk.post(f"/midori/desk/bookings/{booking.number}/papers/permit", {})
    assert town.rows(Paper) == []


def test_what_is_debited_later_is_permitted_and_says_so(app: Flask, visitor: Visitor):
    payment = {"where": "口座振替", "debit": {"months_after": 1, "day": 27}}
    a_third_hall(app, terms={"payment": payment})
    made = has_booked(app, is_signed_in(visitor), facility="nishi")
    with proof.as_superuser_of(app) as connection:
        connection.execute("update booking set due_at = null, state = 'confirmed'")

    desk = clerk(app).visit(f"/midori/desk/bookings/{made.booking.number}")

    assert "800円（あとで引き落とし）" in words(desk.press("使用許可書（PDF）"))


class TestReceipts:
    def test_of_a_booking_paid_twice_are_all_there_to_choose_from(
        self, town: Town, sim: StripeSim, hanako: Applicant
    ):
        booking = paid_twice(town, sim, hanako)
        page = f"/midori/desk/bookings/{booking.number}"
        desk = staff(town.app).visit(page)
        assert rows(desk) == [
            ["2026-000001", "2027年3月1日（月）", "800円", "山田 花子", "有効"],
            ["2026-000002", "2027年3月1日（月）", "800円", "山田 花子", "有効"],
        ]
        link = desk.page.find("a", string="領収書を出す（2枚からえらぶ）")
        assert link["href"] == "#receipts"
        (refund,) = town.refunds(booking)
        sends(town, refund.id)

        assert [row[-1] for row in rows(desk.visit(page))] == ["有効", "返金済み"]
        said = "この領収書の金額は、すべて（800円）返金しました（2027年3月1日（月））。"
        assert said not in desk.press("2026-000001").text
        assert said not in words(desk.press("領収書（PDF）"))
        assert said in desk.visit(page).press("2026-000002").text
        assert said in words(desk.press("領収書（PDF）"))

    def test_bear_each_part_that_went_back_also_in_the_owners_file(
        self, town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
    ):
        booking = paid(town, sim, hanako)
        refunds_in_the_dashboard(town, sim, 300)
        town.moves(days=2)
        refunds_in_the_dashboard(town, sim, 100)

        desk = clerk(town.app).visit(f"/midori/desk/bookings/{booking.number}")

        assert [row[-1] for row in rows(desk)] == ["一部返金（400円）"]
        said = (
            "この領収書の金額のうち300円は返金しました（2027年3月1日（月））。",
            "この領収書の金額のうち100円は返金しました（2027年3月3日（水））。",
        )
        receipt = desk.press("領収書を出す")
        assert all(one in receipt.text for one in said)
        visitor.visit(f"/midori/bookings/{booking.number}").press("領収書（PDF）")
        assert all(one in words(visitor) for one in said)


def rows(desk: Visitor) -> list[list[str]]:
    """Return the receipts that a booking's page lists."""
    found = desk.page.select("#receipts tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("th,td")] for row in found]


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_pages_of_money_fit_a_phone_and_axe_finds_nothing(
    town: Town, sim: StripeSim, hanako: Applicant
):
    twice = paid_twice(town, sim, hanako)
    part = town.books(hanako, ("room-2", NEXT_MONDAY, (10, 12)), key="part")
    attempt = town.goes(hanako, part)
    sim.pay_card(town.session_of(attempt))
    town.asks(attempt)
    refunds_in_the_dashboard(town, sim, 300)
    (refund,) = town.refunds(twice)
    newest = town.receipts(part)[-1]
    desk = clerk(town.app)
    desk.visit("/midori/office/accounts").press("この口座を止める").press("この口座を止める")

    assert not faults(
        town.app, desk, "/midori/desk/money/?month=2027-03",
        f"/midori/desk/bookings/{twice.number}", f"/midori/desk/bookings/{part.number}/payment",
        f"/midori/desk/receipts/{newest.id}", f"/midori/desk/refunds/{refund.id}",
        "/midori/desk/chuo/closures/new?first=2027-03-08", "/midori/office/money",
        "/midori/office/accounts", "/midori/office/staff/roles",
        "/midori/desk/chuo/days/2027-03-08/permits/parts",
    )  # fmt: skip
