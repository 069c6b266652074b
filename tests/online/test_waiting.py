"""A number to pay at a shop is out, or was: what the page and the letters say to do."""

from datetime import timedelta

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.booking.states import State
from app.db.session import tenant_scope
from app.sims.stripe import StripeSim
from app.usecases import lapsing
from tests.builders import NEXT_MONDAY
from tests.db import proof
from tests.online.town import Town
from tests.pages import Visitor
from tests.reports.situations import clerk
from tests.usecases.mailbox import MailBox
from tests.web.test_mail import last, read, works

LATER = NEXT_MONDAY + timedelta(days=7)
ROOM_2 = ("room-2", LATER, (10, 12))


def has_number(town: Town, sim: StripeSim, person: Applicant, *bookings: Booking) -> int:
    attempt = town.goes(person, *bookings, way="konbini")
    sim.choose_konbini(town.session_of(attempt))
    assert town.asks(attempt) == "waiting"
    return attempt


def runs_out(town: Town, sim: StripeSim, attempt: int) -> None:
    """Let the number's last moment pass, and the provider say so."""
    until = town.attempt(attempt).voucher_until
    town.moves(seconds=(until - town.clock.now).total_seconds() + 60)
    sim.lapse_konbini(town.session_of(attempt))
    assert town.asks(attempt) == "failed"


def test_a_way_out_is_said_with_the_telephone_of_the_hall(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    key = town.attempt(has_number(town, sim, hanako, booking)).key

    for path in (f"/midori/pay/{key}", f"/midori/bookings/{booking.number}"):
        visitor.visit(path)
        assert "この番号ではらわずに期限まで待つか、会館に電話してください。" in visitor.text
        links = [one["href"] for one in visitor.page.select("main a[href^='tel:']")]
        assert links == ["tel:0000000002"]


def test_a_number_that_ran_out_is_told_with_what_to_do_and_until_when(
    town: Town, sim: StripeSim, hanako: Applicant, mailbox: MailBox
):
    soon = town.books(hanako)
    town.moves(days=3)
    later = town.books(hanako, ROOM_2, key="second")
    attempt = has_number(town, sim, hanako, soon, later)
    told = read(last(mailbox, town.app, "コンビニでのはらい方"))
    for one in (soon, later):
        assert f"・予約番号 {one.number[:4]}-{one.number[4:]}　{one.fee_yen}円" in told
    assert "合計 1,400円" in told

    runs_out(town, sim, attempt)

    letter = read(last(mailbox, town.app, "コンビニの番号の期限がすぎました"))
    number = later.number
    for said in (
        "コンビニではらう番号は、期限がすぎて使えなくなりました。", "お金は動いていません。",
        f"予約番号：{number[:4]}-{number[4:]}",
        "この予約は、2027年3月11日（木）までとってあります。",
        "それまでに、600円（税込）をはらってください。", f"/midori/pay?b={number}",
        "窓口でもはらえます。", "はらうところ：会館の受付",
    ):  # fmt: skip
        assert said in letter, letter
    assert all(len(line) <= 50 for line in letter.splitlines() if "://" not in line)


def test_of_what_lapses_with_its_number_one_letter_tells(
    town: Town, sim: StripeSim, hanako: Applicant, mailbox: MailBox
):
    booking = town.books(hanako)
    attempt = has_number(town, sim, hanako, booking)
    runs_out(town, sim, attempt)
    with town.app.app_context(), tenant_scope(1):
        lapsing.lapse_overdue(now=town.clock.now)
    works(town.app)

    assert town.booking(booking).state == State.LAPSED
    assert "payment_number_ended" not in town.letters()
    said = read(last(mailbox, town.app, "期限切れ"))
    assert "コンビニの番号は、もう使わないでください。" in said


def test_an_ordinary_page_that_closed_promises_no_such_letter(
    town: Town, sim: StripeSim, hanako: Applicant
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking)
    sim.expire_session(town.session_of(attempt))

    assert town.asks(attempt) == "expired"
    assert "payment_number_ended" not in town.letters()


def test_who_pays_two_together_reads_which_of_them_is_under_way(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    first = town.books(hanako)
    second = town.books(hanako, ROOM_2, key="second")
    has_number(town, sim, hanako, second)
    numbers = [first.number, second.number]
    named = f"予約 {second.number[:4]}-{second.number[4:]}"

    form = {"b": numbers, "yen": "1400", "way": "card"}
    visitor.post("/midori/pay", form, status=409)
    assert f"{named}は、ほかの支払いが途中です。" in visitor.text
    assert first.number[:4] not in visitor.page.select_one(".errors").get_text()
    assert "コンビニでお支払い" in visitor.press(f"{named}の支払いを見る").text


def test_a_letter_about_money_that_did_not_arrive_leads_to_its_own_booking(
    town: Town, sim: StripeSim, hanako: Applicant
):
    town.books(hanako)
    booking = town.books(hanako, ROOM_2, key="second")
    attempt = has_number(town, sim, hanako, booking)
    sim.pay_konbini(town.session_of(attempt))
    assert town.asks(attempt) == "paid"
    with proof.as_superuser_of(town.app) as connection:
        connection.execute(
            "update delivery set state = 'failed', done_at = now()"
            " where template in ('payment_waiting', 'payment_received')"
        )

    office = clerk(town.app)
    rows = office.visit("/midori/office/letters").page.select("tbody tr")

    said = [" ".join(row.get_text(" ").split()) for row in rows]
    assert len(said) == 2
    assert all(f"{booking.number[:4]}-{booking.number[4:]}" in one for one in said), said
