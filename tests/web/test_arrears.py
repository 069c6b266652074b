"""未納の一覧 and reminders: who owes, who is told how, once a day, never for nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.booking.models import Booking
from app.db import db
from app.db.audit import SERVICE, Actor
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refused
from app.usecases import demanding, waiving
from app.usecases.demanding import demand
from app.web import arrears as page_of_arrears
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.racing import race
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, goes_on_until, staff, statements, working
from tests.usecases import steps
from tests.usecases.mailbox import MailBox
from tests.usecases.test_receiving import receive, seen, take_back
from tests.web.test_mail import last, read, works
from tests.web.test_office import clerk, table

ARREARS = "/midori/desk/money/arrears"
REMINDER = f"{ARREARS}/reminder"
LATER = NEXT_MONDAY + timedelta(days=21)
LATE = MONDAY_9AM + timedelta(days=20)  # past the deadline of a week, before the use


def owing(found: Catalogue, hour: int = 10, **more: Any) -> Any:
    """Somebody paid, and it was entered for the wrong booking: owed again, and it never lapses."""
    made = a_booking(found, ("room-1", LATER, (hour, hour + 2)), **more)
    (receipt,) = receive(found, made.booking)
    take_back(found, receipt)
    return made


def number_of(made: Any) -> str:
    return str(made.booking.number)


def letters() -> int:
    query = "select count(*) from delivery where template = 'payment_overdue'"
    return int(db.session.scalar(text(query)) or 0)


def listed(page: Visitor) -> list[str]:
    return [one.get_text(strip=True).replace("-", "") for one in page.page.select("td.nowrap a")]


@pytest.fixture
def debt(app: Flask, clock: Clock) -> str:
    """The number of a booking whose money is late."""
    with working(app) as found:
        number = number_of(owing(found))
    clock.now = LATE
    return number


def test_who_owes_since_when_and_what_was_sent(app: Flask, debt: str):
    page = clerk(app).visit(ARREARS)

    assert listed(page) == [debt]
    for said in (
        "みどりの会",
        "山田 花子",
        "090-0000-0000",
        "中央会館",
        "800円",
        "13日すぎました",
        "まだ",
    ):
        assert said in page.text, said
    assert "件数 1件 未納の合計 800円" in page.text


def test_soon_all_and_nothing(app: Flask, clock: Clock):
    page = clerk(app).visit(ARREARS)
    assert "未納はありません" in page.text
    with working(app) as found:
        number = number_of(a_booking(found, ("room-1", LATER, (10, 12))))
        a_booking(found, ("room-2", LATER, (10, 12)), paid=True)
    assert listed(page.visit(ARREARS)) == []
    assert listed(page.visit(f"{ARREARS}?which=soon&days=8")) == [number]
    assert listed(page.visit(f"{ARREARS}?which=soon&days=６")) == []
    assert listed(page.visit(f"{ARREARS}?which=all")) == [number]
    assert "あと7日" in page.text
    assert listed(page.visit(f"{ARREARS}?which=all&place=kita")) == []
    assert listed(page.visit(f"{ARREARS}?which=all&payee=city&place=chuo&sort=yen")) == [number]


def test_the_sum_of_all_is_what_the_statement_calls_unpaid(app: Flask, debt: str):
    with working(app) as found:
        a_booking(found, ("hall", NEXT_MONDAY + timedelta(days=35), (9, 12)), now=LATE)
    page = clerk(app).visit(f"{ARREARS}?which=all")
    assert "2件 未納の合計 3,800円" in page.text
    assert "おわりの未納 3,800円" in page.visit("/midori/desk/money/?month=2027-03").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("days=x", "1から365までの数字で"),
        ("days=0", "1から365までの数字で"),
        ("which=x", "一覧からえらんでください。"),
        ("sort=x", "一覧からえらんでください。"),
        ("place=x", "一覧からえらんでください。"),
        ("payee=x", "一覧からえらんでください。"),
    ],
)
def test_what_is_wrong_is_told_and_kept(app: Flask, query: str, said: str):
    page = clerk(app).visit(f"{ARREARS}?{query}", status=422)
    assert said in page.text
    page.visit(f"{ARREARS}/csv?{query}", status=422)
    assert said in page.text
    if query.startswith("days"):
        assert page.field("何日以内")["value"] == query.partition("=")[2]
    page.visit(f"{ARREARS}?page=7", status=404)


def test_a_letter_is_sent_after_it_was_shown_to_whom(app: Flask, debt: str, mailbox: MailBox):
    page = staff(app).visit(ARREARS)
    page.press("催促のメールを送る", status=422)
    assert "催促する予約をえらんでください。" in page.text
    page.choose("に催促する").press("催促のメールを送る")
    assert "メールを送る相手 1件" in page.text
    page.press("この内容でメールを送る")

    assert "催促のメールを1件送りました。" in page.text
    assert "催促のメール" in page.page.select_one("tbody").get_text()
    body = read(last(mailbox, app, "期限がすぎています"))
    assert "800円（税込）がまだ支払われていません。" in body
    assert "支払いの期限は 2027年3月8日（月）" in body
    assert "はらうところ：会館の受付" in body
    booking = page.visit(f"/midori/desk/bookings/{debt}").text
    assert "支払いの催促" in booking
    assert "催促のメール 800円" in booking
    audit = clerk(app, role="auditor", email="kansa@example.jp").visit("/midori/office/audit").text
    assert "支払いの催促" in audit


def test_nobody_reminds_themselves(app: Flask, debt: str):
    page = staff(app, email="hanako@example.jp")
    page.post(REMINDER, {"number": debt})

    assert "1件は自分の予約です。ほかの職員が催促します。" in page.text
    with working(app):
        assert letters() == 0
    assert "催促のメールを1件送りました。" in staff(app).post(REMINDER, {"number": debt}).text


def test_pressed_twice_and_on_another_day(app: Flask, debt: str, clock: Clock):
    page = staff(app)
    for _ in range(2):
        page.post(REMINDER, {"number": debt})
    assert "1件は、きょう催促したか、もう未納ではありません。" in page.text
    page.visit(f"{REMINDER}?number={debt}")
    assert "きょう催促した相手 1件" in page.text
    assert not page.page.select(f'form[action$="{REMINDER}"]')
    goes_on_until(app, clock, LATE + timedelta(days=1))
    page.visit(ARREARS)
    staff(app).post(REMINDER, {"number": debt})
    with working(app):
        assert letters() == 2


def test_whoever_has_no_mail_is_called_or_written_to(app: Flask, debt: str):
    with working(app):
        db.session.execute(text("update booking set account_id = null, is_by_staff = true"))
        db.session.commit()
    page = staff(app).visit(ARREARS)
    assert "メールなし" in page.text
    page.choose("に催促する").press("催促のメールを送る")
    assert "メールがない相手 1件" in page.text
    page.press("手紙を印刷する")
    for said in (
        "山田 花子 様",
        "800円",
        "期限をすぎても",
        "中央会館（中央1-1）",
        "00-0000-0002",
        "みどり市",
    ):
        assert said in page.text, said
    page.visit(f"{REMINDER}?number={debt}").press("電話か手紙で催促したと記録する")
    assert "1件はメールがありません。" in page.text
    assert "電話・手紙" in page.text
    with working(app):
        assert letters() == 0
    assert "電話・手紙 800円" in page.visit(f"/midori/desk/bookings/{debt}").text


@pytest.mark.parametrize("what", ["paid", "cancelled", "waiver", "by others"])
def test_nobody_is_reminded_for_nothing(app: Flask, clock: Clock, what: str):
    with working(app) as found:
        made = owing(found)
        booking, number = seen(made), number_of(made)
        if what == "paid":
            receive(found, booking)
        elif what == "cancelled":
            steps.cancel(found, made, actor=steps.CLERK)
        elif what == "waiver":
            waiving.ask_waiver(
                account_id=made.booking.account_id, waiver="x", name="減免", reason="子ども会です",
                paper=None, booking_id=booking.id, actor=SERVICE, now=MONDAY_9AM,
            )  # fmt: skip
        if what != "by others":
            with pytest.raises(Refused, match=r"payment\.no_reminder"):
                demand(found, booking.id, actor=steps.CLERK, now=LATE)
    clock.now = LATE
    who = staff(app, facility="kita") if what == "by others" else staff(app)
    who.visit(ARREARS)
    assert not who.page.select('input[name="number"]')
    assert ("減免の審査中" in who.text) == (what == "waiver")
    who.post(REMINDER, {"number": number}, status=422)
    assert "催促する予約をえらんでください。" in who.text
    with working(app):
        assert letters() == 0


def test_paid_before_the_letter_goes_it_says_so(app: Flask, debt: str, mailbox: MailBox):
    staff(app).post(REMINDER, {"number": debt})
    with working(app) as found:
        booking = db.session.scalars(select(Booking)).one()
        receive(found, seen(type("Made", (), {"booking": booking})), now=LATE)
    works(app)
    body = read(last(mailbox, app, "料金のお知らせ"))
    assert "いま、はらう必要のあるお金はありません。" in body


def test_who_may(app: Flask, debt: str):
    auditor = clerk(app, role="auditor", email="kansa@example.jp").visit(ARREARS)
    assert listed(auditor) == [debt]
    assert not auditor.page.select('input[name="number"]')
    auditor.visit(f"{REMINDER}?number={debt}", status=403)
    auditor.post(REMINDER, {"number": debt}, status=403)
    auditor.visit(f"{ARREARS}/letters?number={debt}", status=403)
    other = staff(app, facility="kita", email="k@example.jp").visit(f"{ARREARS}?which=all")
    assert "みどりの会" not in other.text
    for path in (f"{REMINDER}?number={debt}", f"{ARREARS}/letters?number={debt}"):
        other.visit(path, status=422)
        assert "みどりの会" not in other.text
    neighbour = clerk(app, slug="aoba", email="n@example.jp")
    neighbour.visit("/aoba/desk/money/arrears?which=all")
    assert listed(neighbour) == []
    neighbour.post("/aoba/desk/money/arrears/reminder", {"number": debt}, status=422)
    with working(app):
        assert letters() == 0


def test_the_file_has_what_the_page_has_and_is_written_down(app: Flask, debt: str):
    staff(app).post(REMINDER, {"number": debt})
    page = clerk(app).visit(ARREARS).press("CSV")
    (row,) = table(page)
    assert row["予約番号"].replace("-", "") == debt
    assert (row["申込者"], row["電話"], row["未納額"]) == ("山田 花子", "090-0000-0000", "800")
    assert (row["すぎた日数"], row["催促"]) == ("13", "2027-03-21 催促のメール")
    assert "未納一覧の書き出し" in page.visit("/midori/office/audit").text


class TestAtOnce:
    """Two of the staff press in the same moment."""

    def sent(self, found: Catalogue, booking_id: int, now: datetime) -> int:
        def act(account: int) -> Any:
            return demand(found, booking_id, actor=Actor("staff", account), now=now)

        race(act, 900_001, 900_002)
        return letters()

    @pytest.mark.race
    def test_one_letter_is_sent(self, app: Flask, debt: str):
        with working(app) as found:
            booking = db.session.scalars(select(Booking.id)).one()
            db.session.rollback()
            assert self.sent(found, booking, LATE) == 1

    @pytest.mark.race
    def test_without_the_lock_it_would_be_two(
        self, app: Flask, debt: str, monkeypatch: pytest.MonkeyPatch
    ):
        """The negative control."""

        def unlocked(session: Any, booking_id: int) -> Booking:
            return session.get_one(Booking, (current_tenant(), booking_id))

        was_told = demanding._was_told

        def slowly(session: Any, *asked: Any) -> bool:
            found = was_told(session, *asked)
            session.execute(text("select pg_sleep(0.5)"))
            return found

        monkeypatch.setattr(demanding, "locked", unlocked)
        monkeypatch.setattr(demanding, "_was_told", slowly)
        with working(app) as found:
            booking = db.session.scalars(select(Booking.id)).one()
            db.session.rollback()
            assert self.sent(found, booking, LATE) == 2


def test_many_are_on_several_pages(app: Flask, debt: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_of_arrears, "ROWS", 1)
    with working(app) as found:
        other = number_of(owing(found, 13, email="t@example.jp"))
    page = clerk(app).visit(ARREARS)
    first = listed(page)
    assert first + listed(page.press("次のページ")) == [debt, other]


def test_statements(app: Flask, debt: str):
    page = clerk(app).visit(ARREARS)
    with statements(app) as sent:
        page.visit(ARREARS)
    assert len(sent) == 4, sent  # who looks, sums, rows, what was sent


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, debt: str):
    assert not faults(
        app, staff(app), ARREARS, f"{ARREARS}?days=x", f"{REMINDER}?number={debt}",
        f"{ARREARS}/letters?number={debt}",
    )  # fmt: skip
