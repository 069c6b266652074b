"""What does not come back is named with its reason: on the page, in letters, on the notice."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.booking.models import Booking
from app.usecases.crediting import Off, credit
from tests.builders import CALENDAR, MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.papers.reading import pages_of
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import staff, working
from tests.usecases.mailbox import MailBox
from tests.usecases.steps import CLERK, pay
from tests.web.situations import a_third_hall, has_booked, is_signed_in, lines_in
from tests.web.test_mail import last, read

RULE = "みどり市会館条例施行規則 第8条"
OPEN = {"refunds": [{"days_before": 0, "percent": None}], "citation": RULE}
BY_STAFF = "返す額は会館が決めて、お知らせします。"


def terms(**changed: Any) -> dict[str, Any]:
    """Return terms whose cancelling is changed so, or their other parts."""
    cancellation = {
        "until": {"kind": "before", "days": 1},
        "refunds": [{"days_before": 7, "percent": 50}],
        "citation": RULE,
    }
    own = changed.pop("cancellation", {})
    return {"cancellation": {**cancellation, **own}, **changed}


@pytest.fixture
def me(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.person = is_signed_in(visitor)
    return visitor


def paid(me: Visitor, *, rooms: Any = None, **changed: Any) -> Booking:
    """Book 第1会議室 next Monday from 10 to 12 for 800円 in a hall with such terms, and pay."""
    a_third_hall(me.app, terms=terms(**changed), calendar=CALENDAR)
    rooms = rooms or [("room-1", NEXT_MONDAY, (10, 12))]
    made = has_booked(me.app, me.person, rooms, facility="nishi")
    with working(me.app):
        pay(made.booking)
    return made.booking


def page_of(booking: Booking) -> str:
    return f"/midori/bookings/{booking.number}"


def ends_at(me: Visitor, booking: Booking, minute: int) -> Visitor:
    """Let the use end at another time."""
    me.visit(page_of(booking)).press("予約の内容を変える")
    return me.fill("おわり", str(minute)).press("変えるとどうなるか見る").press("この内容に変える")


def cancels_at_the_desk(me: Visitor, booking: Booking) -> None:
    desk = staff(me.app, facility="nishi")
    desk.visit(f"/midori/desk/bookings/{booking.number}/cancellation").press("の予約を取り消す")


def notice(me: Visitor, booking: Booking, name: str = "取消・還付通知書（PDF）") -> str:
    """Return the words of the notice that the page offers."""
    me.visit(page_of(booking)).press(name)
    assert me.response is not None
    return "".join(pages_of(me.response.data))


class TestWhereStaffDecide:
    def test_no_letter_page_or_paper_names_a_sum(self, me: Visitor, clock: Clock, mailbox: MailBox):
        booking = paid(me, cancellation=OPEN)
        clock.now += timedelta(hours=1)
        cancels_at_the_desk(me, booking)

        letter = read(last(mailbox, me.app, "取り消しました"))
        assert BY_STAFF in letter
        assert "0円" not in letter.split("お問い合わせ")[0].replace("800円", "")
        assert "はらうお金はありません" not in letter
        assert BY_STAFF in me.visit(page_of(booking)).text
        said = notice(me, booking)
        assert f"お返しする額受け取った額800円{BY_STAFF}" in said
        assert "会館が決めます" in said
        assert "800円0円" not in said

    def test_once_they_did_the_sum_stands_on_a_new_paper(self, me: Visitor, clock: Clock):
        booking = paid(me, cancellation=OPEN)
        cancels_at_the_desk(me, booking)
        assert "2026-000001" in notice(me, booking)
        clock.now += timedelta(hours=1)
        (line,) = lines_in(me.app, booking)
        with working(me.app):
            credit(booking.id, Off(line, 300, "会館の判断", 800), actor=CLERK, now=clock.now)

        said = notice(me, booking)

        assert "2026-000002" in said
        assert "受け取った額800円300円" in said
        assert "800円500円300円" in said
        assert BY_STAFF not in said
        assert BY_STAFF not in me.visit(page_of(booking)).text
        assert "800円のうち、500円は規則により返りません" in me.text

    def test_where_no_rule_was_published_it_is_the_same_and_a_task(
        self, me: Visitor, mailbox: MailBox
    ):
        booking = paid(me, cancellation={"refunds": [], "citation": ""})
        me.visit(f"{page_of(booking)}/cancel").press("の予約を取り消す")

        assert me.text.count(BY_STAFF) == 2  # what was done, and how it stands
        assert BY_STAFF in read(last(mailbox, me.app, "取り消しました"))
        office = staff(me.app, role="clerk", facility=None, email="shi@example.jp")
        assert "返す額が決まりにない取り消し" in office.visit("/midori/office/money").text

    def test_of_a_change_at_the_desk_too(self, me: Visitor, mailbox: MailBox):
        booking = paid(me, cancellation=OPEN)
        desk = staff(me.app, facility="nishi")
        desk.visit(f"/midori/desk/bookings/{booking.number}").press("予約の内容を変える")
        desk.fill("おわり", "660").press("変えるとどうなるか見る").press("この内容に変える")

        assert BY_STAFF in read(last(mailbox, me.app, "変更しました"))
        assert BY_STAFF in me.visit(page_of(booking)).text


class TestWhatBecameCheaper:
    def test_and_gives_nothing_back_is_named(self, me: Visitor, mailbox: MailBox):
        booking = paid(me, changes={"gives_back": False, "citation": "規則第9条"})
        ends_at(me, booking, 660)

        said = (
            "はらった額 800円、いまの使用料 400円、差額 400円は規則により返りません（規則第9条）。"
        )
        assert said in me.visit(page_of(booking)).text
        assert said in me.visit(f"{page_of(booking)}/print").text
        letter = read(last(mailbox, me.app, "変更しました")).replace("\n", "")
        assert said in letter
        assert "還付通知書" not in me.visit(page_of(booking)).text

    def test_and_cancelled_later_adds_up_on_the_notice(self, me: Visitor, clock: Clock):
        booking = paid(me, changes={"gives_back": False, "citation": "規則第9条"})
        ends_at(me, booking, 660)
        clock.now += timedelta(hours=1)

        me.visit(f"{page_of(booking)}/cancel")
        assert "はらった800円のうち、200円を返します。" in me.text
        assert "返すのは、いまの料金 400円の半分です。" in me.text
        me.press("の予約を取り消す")
        assert "200円を返します。" in me.text

        said = notice(me, booking)
        assert "受け取った額800円200円" in said
        assert "変更のときに返らなかった400円を、ふくみます。800円600円200円" in said

    def test_and_gives_a_part_back_has_a_notice_of_its_own(
        self, me: Visitor, clock: Clock, mailbox: MailBox
    ):
        booking = paid(me)
        clock.now += timedelta(hours=1)
        ends_at(me, booking, 660)

        said = (
            "はらった額 800円、いまの使用料 400円、差額 400円のうち200円を返します。"
            f"のこり200円は規則により返りません（{RULE}）。"
        )
        assert said in me.visit(page_of(booking)).text
        assert f"返金の決まり：{RULE}" in me.text
        assert said in read(last(mailbox, me.app, "変更しました")).replace("\n", "")
        paper = notice(me, booking, "還付通知書（PDF）")
        for one in (
            "還付通知書", "次のとおりお返ししますので、通知します。", "受け取った額800円200円",
            "予約の変更2027年3月1日（月）", "10時から12時まで（2時間）→",
            "10時から11時まで（1時間）（800円→400円）", "みどり市会館条例施行規則第8条",
            "会館か市役所の窓口でお返しします。", "このまま使える使用",
        ):  # fmt: skip
            assert one in paper, paper
        assert "取消" not in paper
        name = me.response.headers["Content-Disposition"]
        assert "%E5%8F%96%E6%B6%88" not in name  # 取消

    def test_and_then_cancelled_both_stand_on_one_notice(self, me: Visitor, clock: Clock):
        booking = paid(me)
        clock.now += timedelta(hours=1)
        ends_at(me, booking, 660)
        clock.now += timedelta(hours=1)

        me.visit(f"{page_of(booking)}/cancel")
        assert "先に返す分をのぞいた600円のうち、200円を返します。" in me.text
        assert "返すのは、いまの料金 400円の半分です。" in me.text
        me.press("の予約を取り消す")

        said = notice(me, booking)
        assert "受け取った額800円400円" in said
        assert "600円400円200円" in said
        assert "ほかにお返しする額わけお返しする額予約の変更2027年3月1日（月）" in said


class TestWhatIsKept:
    @pytest.mark.parametrize(
        ("kept_as", "named"),
        [
            ("fee", "取り消した枠の料金 800円のうち、400円は規則により返りません"),
            ("cancellation_fee", "取消料は400円です"),
        ],
    )
    def test_of_a_cancelled_use_is_in_the_letter_with_its_rule(
        self, me: Visitor, mailbox: MailBox, kept_as: str, named: str
    ):
        booking = paid(me, cancellation={"kept_as": kept_as})
        me.visit(f"{page_of(booking)}/cancel").press("の予約を取り消す")

        letter = read(last(mailbox, me.app, "取り消しました"))
        assert f"{named}\n（{RULE}）。" in letter
        assert "400円を返します。" in letter
        assert f"{named}（{RULE}）。" in me.visit(page_of(booking)).text
        assert all(len(line) <= 50 for line in letter.splitlines() if "://" not in line)

    def test_of_two_uses_each_letter_speaks_of_its_own(
        self, me: Visitor, clock: Clock, mailbox: MailBox
    ):
        rooms = [("room-1", NEXT_MONDAY, (10, 12)), ("room-2", NEXT_MONDAY, (13, 15))]
        booking = paid(me, rooms=rooms)
        me.visit(f"{page_of(booking)}/cancel").choose("第1会議室を取り消す")
        me.press("えらんだ枠を取り消す")
        assert "800円のうち、400円は" in read(last(mailbox, me.app, "一部を取り消しました"))
        clock.now += timedelta(hours=1)
        me.visit(f"{page_of(booking)}/cancel").press("の予約を取り消す")

        assert "600円のうち、300円は" in read(last(mailbox, me.app, "予約を取り消しました"))
        assert "1,400円のうち、700円は" in me.visit(page_of(booking)).text

    def test_what_became_dearer_and_is_not_paid_is_told_before_it_is_cancelled(
        self, me: Visitor, clock: Clock
    ):
        booking = paid(me)
        clock.now += timedelta(hours=1)
        ends_at(me, booking, 840)

        me.visit(f"{page_of(booking)}/cancel")

        # 1,600円 of which 800円 was paid: half is 800円, and that is what was paid.
        assert "はらった800円は、返りません。" in me.text
        assert "まだはらっていない800円は、はらわなくてよくなります。" in me.text
        me.press("の予約を取り消す")
        assert "取り消した枠の800円は、はらわなくてよくなりました。" in me.text


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_pages_can_be_used_by_everybody_at_every_width(me: Visitor, clock: Clock):
    booking = paid(me)
    clock.now = MONDAY_9AM + timedelta(hours=1)
    ends_at(me, booking, 660)

    assert not faults(me.app, me, page_of(booking), f"{page_of(booking)}/cancel")
