"""A resident's own bookings: the list, one of them, its calendar file, its paper, cancelling."""

from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.booking.service.submitting import Submitted
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.usecases.cancelling import cancel_lines
from app.usecases.lapsing import lapse_overdue
from tests import builders
from tests.pages import Visitor
from tests.usecases import steps
from tests.web.situations import (
    a_third_hall,
    bookings_by,
    has_booked,
    is_signed_in,
    lines_in,
    statements,
    surcharged,
)

SOON = builders.NEXT_MONDAY
LATER = SOON + timedelta(days=14)
TWO = (("room-1", SOON, (10, 12)), ("room-2", LATER, (13, 15)))
STAFF = Actor("staff", 99)


@pytest.fixture
def hanako(visitor: Visitor) -> Applicant:
    """A resident who is signed in."""
    return is_signed_in(visitor)


def opens(visitor: Visitor, made: Submitted, page: str = "", *, status: int = 200) -> Visitor:
    return visitor.visit(f"/midori/bookings/{made.booking.number}{page}", status=status)


def pays(app: Flask, made: Submitted, *, now=builders.MONDAY_9AM) -> None:
    with app.app_context(), tenant_scope(made.booking.tenant_id):
        steps.pay(made.booking, now=now)


class TestTheList:
    def test_says_what_comes_first_first_and_what_to_do(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        has_booked(app, hanako, [("room-2", LATER, (13, 15))], key="k1")
        paid = has_booked(app, hanako, [("room-1", SOON, (10, 12))], key="k2")
        pays(app, paid)

        visitor.visit("/midori/bookings")

        rows = [" ".join(row.get_text(" ").split()) for row in visitor.page.select("article")]
        assert ["第1会議室" in rows[0], "第2会議室" in rows[1]] == [True, True]
        assert "予約確定" in rows[0]
        assert "2027年3月8日（月）10時に、中央会館へおこしください。" in rows[0]
        assert "支払い待ち" in rows[1]
        assert "2027年3月8日（月）までに、600円をはらってください。" in rows[1]

    def test_what_is_over_stands_below(
        self, visitor: Visitor, app: Flask, hanako: Applicant, clock
    ):
        used = has_booked(app, hanako, [("room-1", SOON, (10, 12))], key="k1")
        pays(app, used)
        has_booked(app, hanako, [("room-2", LATER, (13, 15))], key="k2")
        clock.now += timedelta(days=7, hours=4)

        visitor.visit("/midori/bookings")

        coming, over = visitor.text.split("終わった予約と、取り消した予約")
        assert "第2会議室" in coming
        assert "第1会議室" in over
        assert "利用ずみ" in over

    def test_of_several_uses_names_the_next(
        self, visitor: Visitor, app: Flask, hanako: Applicant, clock
    ):
        has_booked(app, hanako, TWO)

        assert "中央会館（ほかに1枠）" in visitor.visit("/midori/bookings").text
        clock.now += timedelta(days=8)
        assert "ほかに" not in visitor.visit("/midori/bookings").text
        assert "第2会議室" in visitor.text

    def test_teaches_when_it_is_empty(self, visitor: Visitor, hanako: Applicant):
        visitor.visit("/midori/bookings")

        assert "これからの予約はありません" in visitor.text
        assert visitor.page.select_one("main a.primary")["href"] == "/midori/"

    def test_shows_nobody_elses_and_no_other_municipalitys(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        with app.app_context():
            taro = builders.a_resident(email="taro@example.jp")
            here_too = builders.a_resident("aoba")
        has_booked(app, taro)
        has_booked(app, here_too, slug="aoba")

        assert not visitor.visit("/midori/bookings").page.select("article")
        assert len(visitor.visit("/aoba/bookings").page.select("article")) == 1


class TestWhoSeesOne:
    PAGES = ("", "/done", "/print", "/cancel", "/calendar.ics")

    @pytest.mark.parametrize("page", PAGES)
    def test_nobody_but_its_owner(self, visitor: Visitor, app: Flask, page: str):
        with app.app_context():
            taro = builders.a_resident(email="taro@example.jp")
        made = has_booked(app, taro)
        is_signed_in(visitor)

        opens(visitor, made, page, status=404)

    @pytest.mark.parametrize("page", PAGES)
    def test_not_in_another_municipality(
        self, visitor: Visitor, app: Flask, hanako: Applicant, page: str
    ):
        made = has_booked(app, hanako)

        visitor.visit(f"/aoba/bookings/{made.booking.number}{page}", status=404)

    def test_nobody_elses_is_cancelled(self, visitor: Visitor, app: Flask):
        with app.app_context():
            taro = builders.a_resident(email="taro@example.jp")
        made = has_booked(app, taro)
        is_signed_in(visitor)

        path = f"/midori/bookings/{made.booking.number}/cancel"
        visitor.post(path, {"line": str(made.lines[0].id)}, status=404)

    @pytest.mark.parametrize(
        "number", ["12345678", "abcdefgh", "1234", "1234%00 8", "１２３４５６７８"]
    )
    def test_a_number_that_is_none_is_a_clear_page(
        self, visitor: Visitor, hanako: Applicant, number: str
    ):
        visitor.visit(f"/midori/bookings/{number}", status=404)

        assert "見つかりません" in visitor.text


class TestOne:
    def test_tells_all_of_itself(self, visitor: Visitor, app: Flask, hanako: Applicant):
        said = builders.some_answers(notes="いすを10脚\n使います")
        made = has_booked(app, hanako, answers=said)

        opens(visitor, made)

        number = made.booking.number
        for words in (
            f"予約 {number[:4]}-{number[4:]}",
            "支払い待ち",
            "はらうところ：会館の受付",
            "400円 × 2時間",
            "料金の決まり：みどり市会館条例 別表",
            "800円を、まだはらっていません。",
            "会議・話し合い",
            "10人",
            "みどりの会",
            "いすを10脚",
            "2027年3月1日（月） 9時00分 あなた：申し込みました。",
        ):
            assert words in visitor.text

    def test_says_who_touched_it(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako, TWO)
        pays(app, made)
        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                cancel_lines(
                    found, made.booking.id, [made.lines[0].id],
                    actor=STAFF, now=builders.MONDAY_9AM,
                )  # fmt: skip

        history = opens(visitor, made).text.split("これまでのこと")[1]

        assert "あなた：申し込みました。" in history
        assert "職員：料金 1,400円を受け取りました（窓口で現金）。" in history
        assert "職員：1枠を取り消しました。" in history

    def test_what_lapsed_is_explained(self, visitor: Visitor, app: Flask, hanako: Applicant, clock):
        made = has_booked(app, hanako, [("room-1", LATER, (10, 12))])
        clock.now += timedelta(days=8)
        assert "支払いの期限（2027年3月8日（月））を過ぎました。" in opens(visitor, made).text
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            lapse_overdue(now=clock.now)

        opens(visitor, made)

        assert "期限までに支払いがなかったので、この予約は取り消しになりました。" in visitor.text
        assert "はじめから申し込んでください。" in visitor.text
        assert "自動の手続き：" in visitor.text
        assert "この予約を取り消す" not in visitor.text

    def test_a_paid_one_says_so(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako)
        pays(app, made)

        opens(visitor, made)

        assert "予約確定" in visitor.text
        assert "800円をはらいました。" in visitor.text

    def test_answers_of_the_hall_are_shown_by_their_questions(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        keys = {"id": "keys", "label": "かぎを開ける人"}
        fees = surcharged(percent=50, admission={"from": 100})
        a_third_hall(app, terms={"questions": [keys], "asks_admission": True}, fees=fees)
        said = builders.some_answers(others={"keys": "田中"}, admission_yen=500)
        made = has_booked(app, hanako, facility="nishi", answers=said)

        assert "かぎを開ける人 田中" in opens(visitor, made).text
        assert "入場料 500円" in visitor.text

    def test_its_paper_has_no_navigation(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako, TWO)

        opens(visitor, made, "/print")

        assert "予約の控え" in visitor.text
        assert "2027年3月22日（月） 第2会議室 13時から15時まで（2時間）" in visitor.text
        assert not visitor.page.select("nav, footer")


class TestItsCalendarFile:
    def read(self, visitor: Visitor, made: Submitted) -> Calendar:
        response = visitor.client.get(f"/midori/bookings/{made.booking.number}/calendar.ics")
        assert response.mimetype == "text/calendar"
        assert f"booking-{made.booking.number}.ics" in response.headers["Content-Disposition"]
        assert all(len(line) <= 75 for line in response.data.split(b"\r\n"))
        return Calendar.from_ical(response.data)

    def test_has_an_event_for_each_use(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako, TWO)

        found = self.read(visitor, made)

        assert [zone["TZID"] for zone in found.walk("VTIMEZONE")] == ["Asia/Tokyo"]
        events = found.walk("VEVENT")
        assert [str(event["SUMMARY"]) for event in events] == [
            "第1会議室（中央会館）",
            "第2会議室（中央会館）",
        ]
        assert events[0]["DTSTART"].params["TZID"] == "Asia/Tokyo"
        assert [event.start for event in events] == [line.starts_at for line in made.lines]
        assert [event.end for event in events] == [line.ends_at for line in made.lines]
        assert {str(event["STATUS"]) for event in events} == {"TENTATIVE"}

    def test_moves_on_with_the_booking(
        self, visitor: Visitor, app: Flask, hanako: Applicant, clock
    ):
        made = has_booked(app, hanako)
        (first,) = self.read(visitor, made).walk("VEVENT")
        pays(app, made)
        (second,) = self.read(visitor, made).walk("VEVENT")
        opens(visitor, made, "/cancel").press("の予約を取り消す")
        (third,) = self.read(visitor, made).walk("VEVENT")

        events = (first, second, third)
        assert len({str(event["UID"]) for event in events}) == 1
        assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
        states = ["TENTATIVE", "CONFIRMED", "CANCELLED"]
        assert [str(event["STATUS"]) for event in events] == states

    def test_says_nothing_of_the_person(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako, answers=builders.some_answers(notes="秘密の集まり"))

        text = self.read(visitor, made).to_ical().decode()

        for private in ("山田", "花子", "example.jp", "090-", "みどりの会", "秘密", "会議・話"):
            assert private not in text


class TestCancelling:
    def test_says_before_pressing_what_it_brings(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        made = has_booked(app, hanako)

        opens(visitor, made, "/cancel")

        assert "800円は、はらわなくてよくなります。" in visitor.text
        assert "ご自分で取り消せるのは、2027年3月7日（日）までです。" in visitor.text
        assert "みどり市会館条例施行規則 第8条" in visitor.text
        assert state(app, hanako) == "provisional"

    def test_pressed_it_is_done_and_said(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako)

        opens(visitor, made, "/cancel").press("3月8日（月）の予約を取り消す")

        assert visitor.path == f"/midori/bookings/{made.booking.number}"
        assert "この予約を、すべて取り消しました。" in visitor.text
        assert "800円は、はらわなくてよくなりました。" in visitor.text
        assert "はらうお金はありません。" in visitor.text
        assert state(app, hanako) == "cancelled"
        assert "すべて取り消しました" not in opens(visitor, made).text.split("これまでのこと")[0]

    @pytest.mark.parametrize(
        ("days", "before", "after"),
        [
            (0, "はらった800円は、全部返します。", "800円を返します。"),
            (8, "はらった800円のうち、400円を返します。", "400円を返します。"),
            (15, "はらった800円は、返りません。", "はらった料金は、返りません。"),
        ],
    )
    def test_what_was_paid_comes_back_as_the_rule_says(
        self, visitor: Visitor, app: Flask, hanako: Applicant, clock, days, before, after
    ):
        made = has_booked(app, hanako, [("room-1", LATER, (10, 12))])
        pays(app, made)
        clock.now += timedelta(days=days)

        assert before in opens(visitor, made, "/cancel").text
        visitor.press("の予約を取り消す")

        assert after in visitor.text

    def test_of_several_uses_those_are_cancelled_that_are_ticked(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        made = has_booked(app, hanako, TWO)

        opens(visitor, made, "/cancel").choose("第2会議室を取り消す")
        visitor.press("えらんだ枠を取り消す")

        assert "1枠を取り消しました。" in visitor.text
        assert "800円を、まだはらっていません。" in visitor.text
        assert state(app, hanako) == "provisional"

    def test_of_several_uses_one_must_be_ticked(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        made = has_booked(app, hanako, TWO)

        opens(visitor, made, "/cancel").press("えらんだ枠を取り消す", status=422)

        assert "取り消す部屋と時間をえらんでください。" in visitor.text
        assert visitor.title.startswith("エラー：")
        assert visitor.page.select_one(f"#line-{made.lines[0].id}") is not None

    def test_asked_again_it_was_done_before(self, visitor: Visitor, app: Flask, hanako: Applicant):
        made = has_booked(app, hanako)
        form = {"line": str(made.lines[0].id)}
        path = f"/midori/bookings/{made.booking.number}/cancel"

        visitor.post(path, form).post(path, form)

        assert "この枠は、すでに取り消してあります。" in visitor.text
        visitor.visit(path)
        assert "この予約は、すでに取り消してあります。" in visitor.text

    def test_too_late_it_says_whom_to_call(
        self, visitor: Visitor, app: Flask, hanako: Applicant, clock
    ):
        made = has_booked(app, hanako)
        pays(app, made)
        clock.now += timedelta(days=6, hours=20)
        path = f"/midori/bookings/{made.booking.number}/cancel"

        assert "00-0000-0002" in visitor.visit(path).text
        assert not visitor.page.select("main form button.danger")
        visitor.post(path, {"line": str(made.lines[0].id)}, status=409)

        assert "まだ取り消していません" in visitor.text
        assert state(app, hanako) == "confirmed"

    @pytest.mark.parametrize("line", ["0", "x", "9" * 30, "-1"])
    def test_a_line_that_is_not_there_cancels_nothing(
        self, visitor: Visitor, app: Flask, hanako: Applicant, line: str
    ):
        made = has_booked(app, hanako)
        path = f"/midori/bookings/{made.booking.number}/cancel"

        visitor.post(path, {"line": line}, status=409 if line == "0" else 422)

        assert state(app, hanako) == "provisional"

    def test_a_line_of_somebody_else_cancels_nothing(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        with app.app_context():
            taro = builders.a_resident(email="taro@example.jp")
        others = has_booked(app, taro, [("room-2", SOON, (10, 12))], key="taro")
        made = has_booked(app, hanako)
        path = f"/midori/bookings/{made.booking.number}/cancel"

        both = [str(made.lines[0].id), str(others.lines[0].id)]
        visitor.post(path, {"line": both}, status=409)

        assert (state(app, hanako), state(app, taro)) == ("provisional", "provisional")

    def test_where_no_rule_was_published_nothing_is_claimed(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        silent = {"until": {"kind": "before", "days": 1}, "refunds": [], "citation": ""}
        a_third_hall(app, terms={"cancellation": silent})
        made = has_booked(app, hanako, facility="nishi")
        pays(app, made)

        opens(visitor, made, "/cancel")

        assert "返りません" not in visitor.text
        assert "会館（00-0000-0002）におたずねください。" in visitor.text


def test_each_page_sends_as_many_statements_as_written_here(
    visitor: Visitor, app: Flask, hanako: Applicant
):
    made = has_booked(app, hanako, TWO)
    has_booked(app, hanako, [("room-1", LATER, (9, 10))], key="another")
    pages = {"list": "", **{name: f"/{made.booking.number}{path}" for name, path in (
        ("one", ""), ("done", "/done"), ("paper", "/print"), ("cancel", "/cancel"),
        ("file", "/calendar.ics"),
    )}}  # fmt: skip
    visitor.visit("/midori/bookings")  # the catalogue is read once

    counts = {}
    for name, path in pages.items():
        with statements(app) as seen:
            visitor.visit(f"/midori/bookings{path}")
        counts[name] = len(seen)

    # who, the bookings, their lines, and whether two that are due may be paid at once; of one
    # then how its money stands, who touched it; is somebody paying, in which ways one may, and
    # what goes back (where it was just made, only the ways). The list, the one, the new one
    # and what is to be cancelled also ask for the number of a door; but for the list they first ask
    # whether it is to be planned anew. The paper and the file ask whether a door opens by number.
    assert counts == {"list": 5, "one": 11, "done": 6, "paper": 5, "cancel": 6, "file": 5}


def state(app: Flask, person: Applicant) -> str:
    (booking,) = bookings_by(app, person)
    assert isinstance(booking, Booking)
    assert lines_in(app, booking)
    return booking.state
