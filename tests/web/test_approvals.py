"""Applications that need a permit, on the screens of both sides: asked, queued, answered."""

import functools
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.booking.models import Booking
from app.booking.states import Review
from app.db import db
from app.jobs import letters, places
from app.usecases.lapsing import lapse_overdue
from app.usecases.reviewing import Answer, decide
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, goes_on_until, staff, working
from tests.usecases.mailbox import MailBox
from tests.usecases.steps import CLERK
from tests.usecases.test_reviewing import WITH_PERMIT
from tests.web.situations import a_third_hall, holds, is_signed_in, searched_for
from tests.web.test_mail import last, read, works

QUEUE = "/midori/desk/approvals"


@pytest.fixture(autouse=True)
def a_hall_that_permits(app: Flask) -> None:
    a_third_hall(app, terms=WITH_PERMIT)


def applied(app: Flask, *, room: str = "room-1", hour: int = 10, **more: Any) -> str:
    """Somebody applies for a room of 西会館; return the number."""
    with working(app) as found:
        use = (room, NEXT_MONDAY, (hour, hour + 2))
        number = a_booking(found, use, facility="nishi", **more).booking.number
    assert number
    return number


def test_a_resident_sees_where_it_stands_from_the_first_page_on(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    visitor.visit("/midori/facilities/nishi")
    assert "第1会議室は、会館の許可がいります。申し込みから5日以内にお答えします。" in visitor.text
    searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
    assert "会館の許可がいります。申し込みから5日以内に" in visitor.visit("/midori/basket").text
    visitor.visit("/midori/apply").press("次へ進む").press("次へ進む")
    assert "会館の許可がいります。2027年3月6日（土）までに、メールでお答えします。" in visitor.text
    visitor.press("この内容で申し込む")

    assert "審査中" in visitor.text
    assert (
        "会館の許可をお待ちください。2027年3月6日（土）までに、メールでお答えします。"
        in visitor.text
    )
    visitor.press("この予約を見る")
    assert "許可されるまで、はらう必要はありません。" in visitor.text
    assert "使用の許可" in visitor.text


def test_returned_answered_and_permitted_on_both_sides(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    number = applied(app)
    desk = staff(app, facility="nishi").visit(f"{QUEUE}/{number}")
    desk.choose("問い合わせる（差し戻し）").press("この答えを送る", status=422)
    assert "たずねることを入力してください。" in desk.text
    desk.choose("問い合わせる（差し戻し）").fill("申し込んだ人への言葉", "何人が出ますか。")
    desk.press("この答えを送る")
    assert "返事を待っている 1件" in desk.visit(QUEUE).text

    visitor.visit(f"/midori/bookings/{number}")
    assert "何人が出ますか。" in visitor.text
    visitor.fill("会館への返事", "5人です。").press("返事を送る")
    assert "返事を送りました。" in visitor.text
    assert "返事を送る" not in visitor.text.replace("返事を送りました", "")

    desk.visit(QUEUE)
    assert "答えを待っている 1件" in desk.text
    desk.visit(f"{QUEUE}/{number}")
    assert "5人です。" in desk.text
    desk.choose("許可する").press("この答えを送る")
    assert "許可ずみ" in desk.text
    assert "支払い待ち" in visitor.visit(f"/midori/bookings/{number}").text


def test_refused_the_applicant_reads_the_ground_and_its_article(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    number = applied(app)
    desk = staff(app, facility="nishi").visit(f"{QUEUE}/{number}")
    desk.choose("許可しない").press("この答えを送る", status=422)
    assert "許可しない事由をえらんでください。" in desk.text
    desk.choose("許可しない").choose("公の秩序を乱すおそれがあるとき（条例第7条第1号）")
    desk.press("この答えを送る")

    assert "不許可" in desk.text
    visitor.visit(f"/midori/bookings/{number}")
    assert "公の秩序を乱すおそれがあるとき （条例第7条第1号）" in visitor.text
    assert "空いていません" not in visitor.text


def test_several_are_permitted_at_once_after_one_look(app: Flask):
    numbers = [
        applied(app, hour=hour, email=f"h{hour}@example.jp", name=f"山田 {hour}")
        for hour in (9, 13, 17)
    ]
    desk = staff(app, facility="nishi").visit(QUEUE)
    assert "答えを待っている 3件" in desk.text
    desk.press("えらんだ申請をまとめて許可する")
    assert "チェックを入れてください" in desk.text

    desk.visit(f"{QUEUE}/several?number={numbers[0]}&number={numbers[2]}&number=12345678")
    assert "2件をまとめて許可しますか" in desk.text
    assert "まだ許可していません。" in desk.text
    desk.press("2件を許可する")
    assert "2件を許可しました。" in desk.text
    assert "答えを待っている 1件" in desk.text


@pytest.mark.parametrize("seen", ["", "abc", None])
def test_nobody_permits_without_saying_what_they_saw(app: Flask, seen: str | None):
    number = applied(app)
    desk = staff(app, facility="nishi")
    sent = {"state": "granted", **({} if seen is None else {"seen": seen})}
    desk.post(f"{QUEUE}/{number}", sent, status=409)
    desk.post(f"{QUEUE}/several", {"number": number if seen is None else f"{number}:{seen}"})

    assert "答えを待っている 1件" in desk.visit(QUEUE).text
    desk.visit(f"{QUEUE}/several?number=%00&number=1%00")


def test_the_sum_and_its_deadline_are_told_before_the_press(app: Flask):
    number = applied(app)
    desk = staff(app, facility="nishi")
    for path in (f"{QUEUE}/{number}", f"{QUEUE}/several?number={number}"):
        text = desk.visit(path).text
        assert "許可すると、800円 を 3月7日（日）まで に、はらっていただきます。" in text.replace(
            "2027年", ""
        ), text
        assert "電話でもお知らせください" not in text


def test_hardly_any_time_to_pay_is_said_in_red(app: Flask, clock: Clock):
    number = applied(app)
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=5))
    desk = staff(app, facility="nishi").visit(f"{QUEUE}/{number}")

    assert "日にちがないので、電話でもお知らせください。" in desk.text


def test_of_several_those_answered_meanwhile_are_told(app: Flask):
    number = applied(app)
    desk = staff(app, facility="nishi").visit(f"{QUEUE}/several?number={number}&number=12345678")

    assert "えらんだうち1件は、もう答えが出たか" in desk.text


def test_a_ground_that_is_none_is_refused_in_japanese(app: Flask):
    number = applied(app)
    desk = staff(app, facility="nishi")
    desk.post(f"{QUEUE}/{number}", {"state": "refused", "grounds": "x", "seen": "0"}, status=422)

    assert "一覧からえらんでください。" in desk.text
    assert "valid choice" not in desk.text


def test_late_ones_come_first_and_are_counted_where_staff_begin(app: Flask, clock: Clock):
    applied(app, hour=9, name="山田 早い", email="a@example.jp")
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=6))
    clerk = staff(app, role="clerk", facility=None).visit("/midori/desk/")
    assert "審査を待つ申請 1件（期限をすぎたもの 1件）" in clerk.text
    clerk.press("審査を待つ申請")
    assert "1日すぎています" in clerk.text
    assert "3月1日（月） 6日前" in clerk.text


def test_who_has_no_hand_in_it_sees_and_answers_nothing(app: Flask):
    number = applied(app)
    elsewhere = staff(app, facility="chuo", email="chuo@example.jp")
    assert "山田" not in elsewhere.visit(QUEUE).text
    elsewhere.visit(f"{QUEUE}/{number}", status=404)
    elsewhere.visit(f"{QUEUE}/several?number={number}")
    assert "まとめて許可しますか" not in elsewhere.text
    other_city = staff(app, slug="aoba", facility="chuo", email="aoba@example.jp")
    other_city.visit(f"/aoba/desk/approvals/{number}", status=404)


def test_the_letter_says_what_was_answered_and_what_comes_next(app: Flask, mailbox: MailBox):
    number = applied(app)
    desk = staff(app, facility="nishi").visit(f"{QUEUE}/{number}")
    desk.choose("許可する").fill("申し込んだ人への言葉", "火気は使えません。")
    desk.press("この答えを送る")

    letter = last(mailbox, app, "許可されました")
    body = read(letter)
    assert "火気は使えません。" in body
    assert "までに、800円（税込）をはらってください。" in body


def test_what_it_will_cost_is_told_and_nothing_is_called_lost(
    app: Flask, visitor: Visitor, mailbox: MailBox
):
    is_signed_in(visitor)
    searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
    visitor.visit("/midori/apply").press("次へ進む").press("次へ進む")
    visitor.press("この内容で申し込む")
    assert "料金は、許可されたとき 800円（税込）です。" in visitor.text
    letter = read(last(mailbox, app, "受け付けました"))
    assert "料金は、許可されたとき 800円（税込）です。" in letter

    visitor.press("この予約を見る").press("この予約を取り消す").press("の予約を取り消す")
    assert "800円は、はらわなくてよくなりました。" in visitor.text
    assert "返りません" not in visitor.text.split("これまでのこと")[0]
    assert "合計 800円 （税込）" in visitor.text


def test_refused_the_booking_at_the_desk_names_the_ground(app: Flask):
    number = applied(app)
    desk = staff(app, facility="nishi").visit(f"{QUEUE}/{number}")
    desk.choose("許可しない").choose("公の秩序を乱すおそれがあるとき")
    desk.fill("申し込んだ人への言葉", "ほかの会館をご案内します。").press("この答えを送る")

    desk.visit(f"/midori/desk/bookings/{number}")
    told = desk.page.select_one(".deeds").get_text(" ", strip=True)
    assert "不許可" in told
    assert "公の秩序を乱すおそれがあるとき （条例第7条第1号）" in told
    assert "ほかの会館をご案内します。" in told


def mornings(app: Flask, monkeypatch: pytest.MonkeyPatch, *at: datetime) -> None:
    """Let the clock's job about late applications run at these moments."""
    for now in at:
        monkeypatch.setattr(letters.clock, "now", lambda now=now: now)
        with app.app_context():
            places.for_each(functools.partial(letters.by_day, "x", letters.LETTERS["late_reviews"]))
        works(app)


def test_silence_is_told_each_morning_to_those_who_answer_and_above_them(
    app: Flask, mailbox: MailBox, monkeypatch: pytest.MonkeyPatch
):
    number = applied(app)  # to be answered by the sixth
    for email, role, hall in (
        ("nishi@example.jp", "manager", "nishi"), ("chuo@example.jp", "manager", "chuo"),
        ("kanri@example.jp", "administrator", None),
    ):  # fmt: skip
        staff(app, email=email, role=role, facility=hall)
    seventh = MONDAY_9AM + timedelta(days=6)
    mornings(app, monkeypatch, seventh - timedelta(days=1), seventh - timedelta(hours=4))
    assert [one for one in mailbox.letters if "期限をすぎた" in one["Subject"]] == []

    mornings(app, monkeypatch, seventh, seventh + timedelta(hours=5))
    letters = [one for one in mailbox.letters if "期限をすぎた" in one["Subject"]]
    assert sorted(one["To"] for one in letters) == ["kanri@example.jp", "nishi@example.jp"]
    body = read(letters[0])
    assert f"{number[:4]}-{number[4:]}　1日すぎています" in body
    assert "西会館 第1会議室" in body
    assert "山田" not in body, "whose application it is stands on the page only"

    mornings(app, monkeypatch, seventh + timedelta(days=1))
    assert len([one for one in mailbox.letters if "期限をすぎた" in one["Subject"]]) == 4
    with working(app) as found:
        (booking,) = db.session.scalars(select(Booking))
        decide(found, booking.id, Answer(Review.GRANTED), actor=CLERK, now=seventh)
    mornings(app, monkeypatch, seventh + timedelta(days=2))
    assert len([one for one in mailbox.letters if "期限をすぎた" in one["Subject"]]) == 4


def test_an_applicant_whom_nobody_answered_is_told_so(
    app: Flask, visitor: Visitor, mailbox: MailBox
):
    is_signed_in(visitor)
    number = applied(app)
    with working(app):
        assert lapse_overdue(now=MONDAY_9AM + timedelta(days=7, hours=3)) == 1

    body = read(last(mailbox, app, "許可されないまま終わりました"))
    assert "会館がお答えしないまま" in body
    assert "支払い" not in body
    visitor.visit(f"/midori/bookings/{number}")
    assert "許可されないまま使う時間がすぎたので" in visitor.text
    assert "支払いがなかった" not in visitor.text


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    number = applied(app)
    desk = staff(app, facility="nishi")
    assert not faults(app, desk, QUEUE, f"{QUEUE}/{number}", f"{QUEUE}/several?number={number}")
    desk.visit(f"{QUEUE}/{number}").choose("問い合わせる（差し戻し）")
    desk.fill("申し込んだ人への言葉", "何人ですか。").press("この答えを送る")
    assert not faults(app, visitor, f"/midori/bookings/{number}")
