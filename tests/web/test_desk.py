"""The desk of a hall: who may see what, today, the booking on the telephone, money, cancelling."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.booking.service.submitting import Submitted
from app.db import db
from app.db.audit import AuditEntry
from app.kernel.clock import TOKYO
from app.payments.models import LedgerEntry
from app.web.context import Directory
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import (
    a_booking,
    clerk,
    goes_on_until,
    staff,
    statements,
    working,
)
from tests.usecases import steps

DAY = "/midori/desk/chuo/days/2027-03-08"
NOON = datetime(2027, 3, 8, 12, tzinfo=TOKYO)


def made_in(app: Flask, *uses: Any, **changes: Any) -> Submitted:
    with working(app) as found:
        return a_booking(found, *uses, **changes)


def at(made: Submitted, *more: str) -> str:
    return "/".join(["/midori/desk/bookings", str(made.booking.number), *more])


def entries(app: Flask, kind: str) -> list[int]:
    with working(app):
        statement = select(LedgerEntry.yen).where(LedgerEntry.kind == kind)
        return list(db.session.scalars(statement))


class TestWhoMaySeeWhat:
    """A role × route table; another hall's and another municipality's pages do not exist."""

    ROUTES = (
        "/midori/desk/",
        DAY,
        "/midori/desk/chuo/days?on=2027-03-08",
        "/midori/desk/chuo/weeks/2027-03-08",
        "/midori/desk/bookings?q=山田",
        "/midori/desk/bookings/{number}",
        "/midori/desk/bookings/{number}/payment",
        "/midori/desk/bookings/{number}/cancellation",
    )
    OFFICE = (
        "/midori/office/bookings",
        "/midori/office/bookings/csv",
        "/midori/office/bookings/excel",
        "/midori/office/letters",
        "/midori/office/audit",
    )
    NOT_SIGNED_IN, NO_STAFF = (303,) * 8, (403,) * 8
    OTHER_HALL = (303, 404, 404, 404, 200, 404, 404, 404)

    def visitor(self, app: Flask, who: str) -> Visitor:
        if who == "nobody":
            return Visitor(app)
        if who == "resident":
            with app.app_context():
                person = builders.a_resident(email="taro@example.jp")
                return Visitor(app).sign_in_as(builders.a_session_token(app, person.account_id))
        role, slug, facility = who.split()
        named = {"role": role, "slug": slug, "facility": None if facility == "all" else facility}
        return staff(app, **named)

    @pytest.mark.parametrize(
        ("who", "desk", "office"),
        [
            ("nobody", NOT_SIGNED_IN, 303),
            ("resident", NOT_SIGNED_IN, 303),  # a code by mail is no proof of staff
            ("manager midori chuo", (303, 200, 303, 200, 303, 200, 200, 200), 403),
            ("manager midori kita", OTHER_HALL, 403),
            ("clerk midori all", (200, 200, 303, 200, 303, 200, 200, 200), 200),
            ("clerk midori kita", OTHER_HALL, 403),
            ("manager aoba chuo", NO_STAFF, 403),
            ("clerk aoba all", NO_STAFF, 403),
        ],
    )
    def test_routes(self, app: Flask, who: str, desk: tuple[int, ...], office: int):
        number = made_in(app).booking.number
        client = self.visitor(app, who).client

        def status(route: str) -> int:
            response = client.get(route.format(number=number))
            response.close()
            return response.status_code

        assert tuple(status(route) for route in self.ROUTES) == desk
        assert {status(route) for route in self.OFFICE} == {office}

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("nobody", 303),
            ("resident", 303),
            ("manager midori kita", 404),
            ("clerk aoba all", 403),
        ],
    )
    def test_nobody_else_changes_anything(self, app: Flask, who: str, expected: int):
        made = made_in(app)
        client = self.visitor(app, who).client
        headers = {"Origin": "http://localhost"}

        paid = client.post(at(made, "payment"), data={"yen": "800"}, headers=headers)
        cancelled = client.post(
            at(made, "cancellation"), data={"line": str(made.lines[0].id)}, headers=headers
        )

        assert (paid.status_code, cancelled.status_code) == (expected, expected)
        assert entries(app, "payment") == entries(app, "release") == []

    def test_a_form_of_another_site_changes_nothing(self, app: Flask):
        made = made_in(app)

        answer = staff(app).client.post(
            at(made, "payment"), data={"yen": "800"}, headers={"Origin": "https://evil.example"}
        )

        assert answer.status_code == 403
        assert entries(app, "payment") == []

    def test_a_booking_does_not_exist_in_another_municipality(self, app: Flask):
        made = made_in(app)
        theirs = staff(app, slug="aoba", role="clerk", facility=None)

        theirs.visit(f"/aoba/desk/bookings/{made.booking.number}", status=404)
        assert "見つかりません" in theirs.visit(f"/aoba/desk/bookings?q={made.booking.number}").text


class TestABookingInTwoHalls:
    @pytest.fixture
    def made(self, app: Flask) -> Submitted:
        with working(app) as found:
            person = builders.a_resident()
            wishes = [builders.a_wish(found), builders.a_wish(found, "room-2", facility="kita")]
            return steps.book(found, person, *wishes)

    def test_a_manager_sees_the_rooms_of_their_hall_only(self, app: Flask, made: Submitted):
        page = staff(app).visit(at(made))

        assert "第1会議室" in page.text
        assert "第2会議室" not in page.text
        assert "ほかの会館の部屋もふくむ予約です" in page.text
        assert "1,400円" not in page.text  # the whole fee would tell of the other room

    def test_they_do_not_take_the_money_for_others(self, app: Flask, made: Submitted):
        manager = staff(app)

        assert "受け取った" not in " ".join(
            link.get_text() for link in manager.visit(at(made)).page.select("main a")
        )
        manager.visit(at(made, "payment"), status=403)
        manager.post(at(made, "payment"), {"yen": "1400"}, status=403)
        assert entries(app, "payment") == []

    def test_they_cancel_the_room_of_their_hall_and_no_other(self, app: Flask, made: Submitted):
        manager = staff(app)
        _here, there = sorted(made.lines, key=lambda line: line.facility_id)

        manager.post(at(made, "cancellation"), {"line": str(there.id)}, status=404)
        manager.visit(at(made, "cancellation")).press("の予約を取り消す")

        assert "取り消しました" in manager.text
        assert entries(app, "release") == [-800]

    def test_the_town_hall_sees_and_does_everything(self, app: Flask, made: Submitted):
        page = clerk(app).visit(at(made))

        assert "第2会議室" in page.text
        page.press("代金 1,400円 を受け取った").press("1,400円を受け取った")
        assert "記録しました" in page.text

    def test_when_the_other_hall_is_cancelled_the_money_is_theirs_to_take(
        self, app: Flask, made: Submitted
    ):
        _here, there = sorted(made.lines, key=lambda line: line.facility_id)
        with working(app) as found:
            steps.cancel(found, made, there.id)

        manager = staff(app).visit(at(made))

        manager.press("代金 800円 を受け取った").press("800円を受け取った")
        assert entries(app, "payment") == [-800]


class TestHome:
    def test_one_hall_opens_at_once(self, app: Flask, clock: Clock):
        page = staff(app).visit("/midori/desk/")

        assert page.path == "/midori/desk/chuo/days/2027-03-01"

    def test_several_halls_are_listed_with_the_uses_of_today(self, app: Flask, clock: Clock):
        made_in(app)
        goes_on_until(app, clock, NOON)

        text = clerk(app).visit("/midori/desk/").text

        assert "中央会館 1件" in text
        assert "北会館 予約はありません" in text

    def test_statements(self, app: Flask):
        page = clerk(app).visit("/midori/desk/")

        with statements(app) as sent:
            page.visit("/midori/desk/")

        # who looks, the day's bookings, notes that wait, applications that wait, doors that need
        # somebody, halls that have doors
        assert len(sent) == 6, sent


class TestADay:
    def test_who_comes_when(self, app: Flask):
        made_in(app, ("room-2", NEXT_MONDAY, (13, 14)), people=8, notes="プロジェクター")
        made_in(app, paid=True, shown_name="みどりの会")

        page = staff(app).visit(DAY)

        first, second = [
            " ".join(row.get_text(" ").split()) for row in page.page.select("main table tr")[1:3]
        ]
        assert first.startswith("10時から12時 第1会議室 みどりの会 山田 花子 090-0000-0000")
        assert "800円 受け取りずみ" in first
        assert "8人 会議・話し合い プロジェクター" in second
        assert "300円 支払い待ち" in second
        assert page.page.select_one("a[href='tel:09000000000']")

    def test_the_next_use_stands_out_today(self, app: Flask, clock: Clock):
        for room, hours in (("room-1", (9, 11)), ("room-2", (11, 13)), ("lobby", (13, 14))):
            made_in(app, (room, NEXT_MONDAY, hours))
        made_in(app, ("kitchen", NEXT_MONDAY, (15, 16)))
        goes_on_until(app, clock, NOON)

        page = staff(app).visit(DAY)

        heads = [head.get_text(" ").split()[0] for head in page.page.select("main tbody th")[:4]]
        assert heads == ["終わりました", "利用中", "次", "15時から16時"]
        assert page.title.startswith("きょうの予約｜中央会館")

    def test_what_waits_for_its_fee_stands_apart_with_its_due_date(self, app: Flask, clock: Clock):
        made_in(app, ("room-1", date(2027, 3, 22), (10, 12)))

        text = staff(app).visit("/midori/desk/chuo/days/2027-03-01").text

        assert "代金を受け取っていない予約" in text
        assert "3月8日（月）まで みどりの会 山田 花子" in text
        assert "3月22日（月） 800円" in text

    def test_what_is_held_right_now_has_no_name(self, app: Flask, clock: Clock):
        with working(app) as found:
            steps.choose(found, "a browser", builders.a_wish(found))

        text = staff(app).visit(DAY).text

        assert "いま手続き中の枠" in text
        assert "10時から12時 第1会議室 9時15分まで押さえています" in text

    def test_an_empty_day_says_when_the_next_use_is(self, app: Flask):
        made_in(app)
        page = staff(app).visit("/midori/desk/chuo/days/2027-03-07")

        assert "次に予約がある日は、2027年3月8日（月）です。" in page.text
        assert page.press("3月8日（月）を見る").path == DAY

    def test_a_closed_day_says_so(self, app: Flask):
        assert (
            "この日は休館です（定休日）"
            in staff(app).visit("/midori/desk/chuo/days/2027-03-09").text
        )

    def test_the_days_before_and_after(self, app: Flask):
        page = staff(app).visit(DAY)

        assert page.press("前の日").path.endswith("2027-03-07")
        assert page.press("次の日").path == DAY
        assert page.press("きょう").path.endswith("2027-03-01")

    @pytest.mark.parametrize("typed", ["2027-03-08", "2027/3/8", "２０２７年３月８日"])
    def test_a_day_can_be_typed(self, app: Flask, typed: str):
        page = staff(app).visit(DAY).fill("ほかの日", typed)

        assert page.press("見る", within=".pick").path == DAY

    @pytest.mark.parametrize("typed", ["2027-02-30", "24:00", "", "あした", "1999-01-01"])
    def test_what_is_no_day_is_said_so_and_kept(self, app: Flask, typed: str):
        page = (
            staff(app).visit(DAY).fill("ほかの日", typed).press("見る", status=422, within=".pick")
        )

        assert f"「{typed}」は日付として読めません" in page.text
        assert page.field("ほかの日")["value"] == typed
        assert page.title.startswith("エラー：")

    @pytest.mark.parametrize("on", ["2027-02-30", "1999-01-01", "2100-01-01", "2027-3-8"])
    def test_an_impossible_day_is_no_page(self, app: Flask, on: str):
        staff(app).visit(f"/midori/desk/chuo/days/{on}", status=404)

    def test_statements(self, app: Flask):
        for room in ("room-1", "room-2", "lobby", "kitchen"):
            made_in(app, (room, NEXT_MONDAY, (10, 12)))
        manager = staff(app).visit(DAY)

        with statements(app) as sent:
            manager.visit(DAY)

        # who looks, uses, what is kept, what is held, what is unpaid
        assert len(sent) == 5, sent


class TestAWeek:
    def test_it_begins_on_monday_and_holds_names(self, app: Flask):
        made_in(app)
        page = staff(app).visit("/midori/desk/chuo/weeks/2027-03-10")

        table = page.page.select_one("table")
        assert table
        heads = [" ".join(head.get_text("").split()) for head in table.select("thead th")]
        assert heads[1:] == [
            "8日（月）", "9日（火）休館", "10日（水）", "11日（木）", "12日（金）",
            "13日（土）", "14日（日）",
        ]  # fmt: skip
        cell = table.select_one("tbody tr td")
        assert cell
        assert cell.get_text(" ").split() == ["10時から12時", "みどりの会", "［未］"]

    def test_the_weeks_before_and_after(self, app: Flask):
        page = staff(app).visit("/midori/desk/chuo/weeks/2027-03-10")

        assert page.press("前の週").path.endswith("2027-03-01")
        assert page.press("次の週").path.endswith("2027-03-08")

    def test_statements(self, app: Flask):
        for room in ("room-1", "room-2", "hall"):
            made_in(app, (room, NEXT_MONDAY, (9, 12)))
        manager = staff(app).visit("/midori/desk/chuo/weeks/2027-03-08")

        with statements(app) as sent:
            manager.visit("/midori/desk/chuo/weeks/2027-03-08")

        assert len(sent) == 4, sent


class TestFinding:
    def test_the_only_one_that_fits_opens_at_once(self, app: Flask):
        made = made_in(app)
        page = staff(app).visit(DAY).fill("予約をさがす", "やまだ").press("さがす", within=".find")

        assert page.path == at(made)

    @pytest.mark.parametrize(
        "typed", ["%00", "%00%1B", "%E2%80%AE", "%F0%9F%8E%B5", "%FF", "a" * 500]
    )
    def test_strange_signs_find_nothing(self, app: Flask, typed: str):
        staff(app).visit(f"/midori/desk/bookings?q={typed}")
        staff(app, email="b@example.jp").visit(f"/midori/desk/chuo/days?on={typed}", status=422)

    def test_several_are_listed(self, app: Flask):
        made_in(app)
        made_in(app, ("room-2", NEXT_MONDAY, (13, 14)))

        page = staff(app).visit("/midori/desk/bookings?q=0000")

        assert "2件見つかりました" in page.text
        assert len(page.page.select("tbody tr")) == 2

    def test_nothing_found_says_what_can_be_typed(self, app: Flask):
        text = staff(app).visit("/midori/desk/bookings?q=<すずき>").text

        assert "「<すずき>」に合う予約は見つかりません" in text
        assert "最後の4けた" in text

    def test_too_few_digits(self, app: Flask):
        page = staff(app).visit("/midori/desk/bookings?q=１２", status=422)

        assert "4けた以上" in page.text
        assert page.field("予約をさがす")["value"] == "１２"

    def test_statements(self, app: Flask):
        made_in(app)
        made_in(app, ("room-2", NEXT_MONDAY, (13, 14)))
        manager = staff(app).visit("/midori/desk/bookings?q=0000")

        with statements(app) as sent:
            manager.visit("/midori/desk/bookings?q=0000")

        assert len(sent) == 2, sent


class TestABooking:
    def test_everything_a_caller_may_ask(self, app: Flask):
        made = made_in(app, people=12, purpose="dance", notes="いす20脚", shown_name="みどりの会")

        text = staff(app).visit(at(made)).text

        number = str(made.booking.number)
        for said in (
            f"予約番号 {number[:4]}-{number[4:]}", "みどりの会", "山田 花子", "ヤマダ ハナコ",
            "090-0000-0000", "市内の方", "体操・ダンス", "12人", "いす20脚", "2027年3月8日（月）",
            "10時から12時", "第1会議室", "支払い待ち", "800円", "3月7日（日）まで", "申込者本人",
        ):  # fmt: skip
            assert said in text, said

    @pytest.mark.parametrize("form", ["{0}-{1}", "{0}{1}", "{0}－{1}"])
    def test_the_number_in_any_form(self, app: Flask, form: str):
        number = str(made_in(app).booking.number)

        staff(app).visit(f"/midori/desk/bookings/{form.format(number[:4], number[4:])}")

    @pytest.mark.parametrize("number", ["00000000", "x", "99999999999999999999", "%00"])
    def test_a_number_that_is_none(self, app: Flask, number: str):
        staff(app).visit(f"/midori/desk/bookings/{number}", status=404)

    def test_what_was_answered_to_the_questions_of_the_hall(self, app: Flask):
        asked = {"questions": [{"id": "piano", "label": "ピアノを使いますか", "kind": "yes_no"}]}
        with app.app_context():
            tenant_id = builders.tenant_id_of("midori")
            builders.a_facility(tenant_id, "minami", "南会館", position=3, terms=asked)
        app.extensions["municipalities"] = Directory()
        made = made_in(app, facility="minami", others={"piano": "はい"})

        text = staff(app, facility="minami").visit(at(made)).text

        assert "ピアノを使いますか はい" in text

    def test_once_the_use_is_over_it_was_used(self, app: Flask, clock: Clock):
        made = made_in(app, paid=True)
        goes_on_until(app, clock, NOON)

        page = staff(app).visit(at(made))

        assert [one.get_text() for one in page.page.select(".status")] == ["利用ずみ"] * 2
        assert "この予約を取り消す" not in page.text

    def test_the_address_alone_does_not_make_the_page_say_something_untrue(self, app: Flask):
        made = made_in(app)

        text = staff(app).visit(f"{at(made)}?told=received").text

        assert "記録しました" not in text

    def test_statements(self, app: Flask):
        with working(app) as found:
            wishes = [builders.a_wish(found, room) for room in ("room-1", "room-2", "kitchen")]
            made = steps.book(found, builders.a_resident(), *wishes)
        manager = staff(app).visit(at(made))

        with statements(app) as sent:
            manager.visit(at(made))

        # who looks, booking, lines, receipts, history, papers issued, the lines they speak of,
        # whether somebody is just paying, the codes of its doors, what went back, what staff are to
        # see to
        assert len(sent) == 11, sent


class TestMoney:
    def test_the_sum_is_shown_confirmed_and_entered(self, app: Flask):
        made = made_in(app)
        manager = staff(app).visit(at(made)).press("代金 800円 を受け取った")
        assert "代金を受け取りましたか" in manager.text
        assert entries(app, "payment") == []

        manager.press("800円を受け取った")

        assert "代金の受け取りを記録しました" in manager.text
        assert "予約確定" in manager.text
        assert "代金の受け取り 管理 太郎" in manager.text
        assert entries(app, "payment") == [-800]

    def test_pressed_twice_it_is_entered_once_and_said_so(self, app: Flask):
        made = made_in(app)
        manager = staff(app)
        manager.post(at(made, "payment"), {"yen": "800"})

        manager.post(at(made, "payment"), {"yen": "800"})

        assert "もう受け取りずみです" in manager.text
        assert entries(app, "payment") == [-800]
        assert "もう受け取りずみです" in manager.visit(at(made, "payment")).text

    def test_two_desks_at_once_enter_it_once(self, app: Flask):
        made = made_in(app)
        first = staff(app).visit(at(made, "payment"))
        second = clerk(app).visit(at(made, "payment"))

        first.press("800円を受け取った")
        second.press("800円を受け取った")

        assert "もう受け取りずみです" in second.text
        assert entries(app, "payment") == [-800]

    def test_a_sum_that_changed_meanwhile_is_shown_again(self, app: Flask):
        with working(app) as found:
            wishes = [builders.a_wish(found, room) for room in ("room-1", "room-2")]
            made = steps.book(found, builders.a_resident(), *wishes)
        manager = staff(app).visit(at(made, "payment"))
        with working(app) as found:
            steps.cancel(found, made, made.lines[1].id)

        manager.press("1,400円を受け取った", status=409)

        assert "受け取る金額は800円です" in manager.text
        manager.press("800円を受け取った")
        assert entries(app, "payment") == [-800]

    @pytest.mark.parametrize("yen", ["", "0", "-800", "８００", "800000000000000000", "abc"])
    def test_only_the_sum_that_is_owed(self, app: Flask, yen: str):
        made = made_in(app)

        staff(app).post(at(made, "payment"), {"yen": yen}, status=200 if yen == "８００"
                        else 409)  # fmt: skip

        assert entries(app, "payment") == ([-800] if yen == "８００" else [])

    @pytest.mark.race
    def test_pressed_at_four_desks_at_once_it_is_entered_once(self, app: Flask):
        made = made_in(app)
        desks = [clerk(app, email=f"clerk-{n}@example.jp").client for n in range(4)]
        gate, answers = Barrier(4), []

        def press(client: Any) -> None:
            gate.wait()
            headers = {"Origin": "http://localhost"}
            answer = client.post(at(made, "payment"), data={"yen": "800"}, headers=headers)
            answers.append((answer.status_code, answer.headers["Location"].split("told=")[1]))

        threads = [Thread(target=press, args=[client]) for client in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answers) == [(303, "received"), *[(303, "received-before")] * 3]
        assert entries(app, "payment") == [-800]

    def test_statements(self, app: Flask):
        made = made_in(app)
        manager = staff(app).visit(at(made, "payment"))

        with statements(app) as sent:
            manager.visit(at(made, "payment"))

        # who looks, booking, lines, what was received and went back, is somebody paying
        assert len(sent) == 5, sent

    def test_a_free_booking_asks_for_nothing(self, app: Flask):
        made = made_in(app, ("lobby", NEXT_MONDAY, (10, 12)))

        page = staff(app).visit(at(made))

        assert "を受け取った" not in page.text
        assert page.visit(at(made, "payment")).path.startswith(at(made))

    def test_a_cancelled_booking_takes_no_money(self, app: Flask):
        made = made_in(app)
        with working(app) as found:
            steps.cancel(found, made)

        staff(app).post(at(made, "payment"), {"yen": "800"})

        assert entries(app, "payment") == []


class TestCancelling:
    def test_what_follows_is_said_before_it_is_done(self, app: Flask):
        made = made_in(app, paid=True)
        manager = staff(app).visit(at(made)).press("この予約を取り消す")

        assert "受け取った 800円 のうち、 400円 を返します（50％）" in manager.text
        assert "みどり市会館条例施行規則 第8条" in manager.text
        manager.press("3月8日（月）の予約を取り消す")

        assert "取り消しました" in manager.text
        assert "返すお金が 400円 あります" in manager.text
        with working(app):
            kinds = list(db.session.scalars(select(AuditEntry.actor_kind).order_by(AuditEntry.id)))
        assert kinds[-1] == "staff"

    def test_an_unpaid_fee_is_released(self, app: Flask):
        made = made_in(app)

        text = staff(app).visit(at(made, "cancellation")).text

        assert "代金 800円 は、まだ受け取っていません。" in text

    def test_later_than_residents_until_the_use_begins(self, app: Flask, clock: Clock):
        made = made_in(app, paid=True)
        manager = staff(app)
        goes_on_until(app, clock, datetime(2027, 3, 8, 9, 59, tzinfo=TOKYO))

        manager.visit(at(made, "cancellation"))
        assert "自分で取り消せる期限は過ぎています" in manager.text
        manager.press("の予約を取り消す")

        assert "取り消しました" in manager.text

    def test_not_once_the_use_has_begun(self, app: Flask, clock: Clock):
        made = made_in(app, paid=True)
        manager = staff(app)
        said = manager.visit(at(made, "cancellation")).page.select_one("[name=said]")
        assert said
        goes_on_until(app, clock, datetime(2027, 3, 8, 10, tzinfo=TOKYO))

        assert "この予約を取り消す" not in manager.visit(at(made)).text
        data = {"line": str(made.lines[0].id), "said": f"{made.lines[0].id}:0:0"}
        manager.post(at(made, "cancellation"), data, status=409)

        assert "利用が始まった" in manager.text
        assert entries(app, "release") == []

    def test_pressed_twice_it_is_done_once(self, app: Flask):
        made = made_in(app)
        manager = staff(app)
        data = {"line": str(made.lines[0].id), "said": f"{made.lines[0].id}:0:800"}
        manager.post(at(made, "cancellation"), data)

        manager.post(at(made, "cancellation"), data)

        assert "もう取り消してあります" in manager.text
        assert entries(app, "release") == [-800]
        assert "もう取り消してあります" in manager.visit(at(made, "cancellation")).text

    def test_what_changed_meanwhile_is_said_again(self, app: Flask):
        made = made_in(app)
        manager = staff(app).visit(at(made, "cancellation"))
        with working(app):
            steps.pay(made.booking)

        manager.press("の予約を取り消す", status=409)

        assert "返る金額が変わりました" in manager.text
        assert entries(app, "release") == []
        manager.press("の予約を取り消す")
        assert entries(app, "release") == [-400]

    def test_some_rooms_of_several(self, app: Flask):
        with working(app) as found:
            wishes = [builders.a_wish(found, room) for room in ("room-1", "room-2")]
            made = steps.book(found, builders.a_resident(), *wishes)
        manager = staff(app).visit(at(made, "cancellation"))

        manager.press("えらんだ枠を取り消す", status=422)
        assert "取り消す部屋と時間をえらんでください" in manager.text
        manager.choose("第2会議室").press("えらんだ枠を取り消す")

        assert entries(app, "release") == [-600]
        assert "代金 800円 を受け取った" in manager.text

    def test_a_line_of_another_booking_is_no_line(self, app: Flask):
        made = made_in(app)
        other = made_in(app, ("room-2", NEXT_MONDAY, (10, 12)))

        manager = staff(app)

        for line in (str(other.lines[0].id), "x", "1" * 30, ""):
            manager.post(at(made, "cancellation"), {"line": line}, status=404)

    def test_statements(self, app: Flask):
        made = made_in(app, paid=True)
        manager = staff(app).visit(at(made, "cancellation"))

        with statements(app) as sent:
            manager.visit(at(made, "cancellation"))

        # who looks, booking, lines with names, lines for the rules, what was paid, in which ways,
        # and what of it is still held
        assert len(sent) == 7, sent


def test_a_session_that_ran_out_leads_to_the_sign_in_page_and_back(app: Flask, clock: Clock):
    client = staff(app).client
    clock.now = NOON + timedelta(days=100)

    answer = client.get(DAY)

    assert answer.status_code == 303
    assert "next=" in answer.headers["Location"]


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, clock: Clock):
    goes_on_until(app, clock, NOON)
    made = made_in(app, ("room-1", NEXT_MONDAY, (13, 15)), now=builders.MONDAY_9AM)
    paid = made_in(app, ("room-2", NEXT_MONDAY, (9, 11)), paid=True)
    with working(app) as found:
        steps.choose(found, "holding", builders.a_wish(found, "kitchen", hours=(18, 20)), now=NOON)

    assert not faults(
        app,
        staff(app, facility=None),
        "/midori/desk/",
        DAY,
        "/midori/desk/chuo/days/2027-03-21",
        "/midori/desk/chuo/days?on=x",
        "/midori/desk/chuo/weeks/2027-03-08",
        "/midori/desk/bookings?q=0000",
        "/midori/desk/bookings?q=9",
        at(made),
        at(paid),
        at(made, "payment"),
        at(made, "cancellation"),
    )
