"""Letters as they arrive at a real mail server, sent by the real worker."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import jobs
from app.booking.service.application import Applicant
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.notify.models import Delivery
from app.notify.service import MOST_TRIES
from app.usecases.cancelling import cancel_lines
from app.usecases.lapsing import lapse_overdue
from tests import builders
from tests.pages import Visitor
from tests.usecases import steps
from tests.usecases.mailbox import MailBox
from tests.web.situations import has_booked, is_signed_in

TWO = (
    ("room-1", builders.NEXT_MONDAY, (10, 12)),
    ("room-2", builders.NEXT_MONDAY + timedelta(days=7), (13, 15)),
)
STAFF = Actor("staff", 99)
NOW = builders.MONDAY_9AM


@pytest.fixture
def hanako(visitor: Visitor) -> Applicant:
    return is_signed_in(visitor)


def works(app: Flask) -> None:
    """Let a worker do all there is to do, also what waits for its next try."""
    with app.app_context():
        in_transaction(lambda s: s.execute(text("update procrastinate_jobs set scheduled_at=null")))
    jobs.run_worker(app, wait=False)


def delivered(app: Flask) -> list[tuple[str, str, int]]:
    """Return what became of each letter: template, state, tries."""
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        rows = db.session.execute(
            select(Delivery.template, Delivery.state, Delivery.tries).order_by(Delivery.id)
        )
        return [tuple(row) for row in rows]


def read(letter: EmailMessage) -> str:
    return letter.get_content().replace("\r\n", "\n")


def last(mailbox: MailBox, app: Flask, about: str = "") -> EmailMessage:
    """Return the letter with this in its subject; letters of one moment come in any order."""
    works(app)
    return next(one for one in reversed(mailbox.letters) if about in one["Subject"])


class TestACode:
    def test_arrives_and_signs_in(self, visitor: Visitor, app: Flask, mailbox: MailBox):
        visitor.visit("/midori/sign-in").fill("メールアドレス", "hanako@example.jp")
        visitor.press("確認の番号を送る")
        letter = last(mailbox, app)

        assert letter["To"] == "hanako@example.jp"
        assert letter["Subject"] == "みどり市 施設予約 確認の番号"
        first = read(letter).splitlines()[0]
        assert first.startswith("確認の番号：")
        visitor.fill("確認の番号", first.removeprefix("確認の番号：")).press("番号を確かめる")
        assert visitor.path == "/midori/bookings"

    def test_is_told_until_when_it_is_good_and_to_tell_nobody(
        self, visitor: Visitor, app: Flask, mailbox: MailBox
    ):
        visitor.post("/midori/sign-in", {"email": "hanako@example.jp"})
        body = read(last(mailbox, app))

        assert "番号は、9時15分まで使えます。" in body
        assert "だれにも、この番号を教えないでください。" in body


class TestABooking:
    def test_is_told_once_however_many_rooms_it_has(
        self, app: Flask, hanako: Applicant, mailbox: MailBox
    ):
        made = has_booked(app, hanako, TWO)
        works(app)
        works(app)

        (letter,) = mailbox.letters
        assert letter["Subject"] == "みどり市 中央会館 予約の申し込みを受け付けました"
        number = made.booking.number
        for said in (
            "山田 花子様",
            f"予約番号：{number[:4]}-{number[4:]}",
            "・2027年3月8日（月）\n　10時から12時まで（2時間）\n　中央会館 第1会議室",
            "・2027年3月15日（月）\n　13時から15時まで（2時間）\n　中央会館 第2会議室",
            "2027年3月7日（日）までに、1,400円（税込）をはらってください。",
            "はらうところ：会館の受付",
            f"https://yoyaku.example/midori/bookings/{number}",
            "お問い合わせ：中央会館 電話 00-0000-0002",
        ):
            assert said in read(letter)
        assert delivered(app) == [("booking_made", "sent", 1)]

    def test_that_is_free_is_certain(self, app: Flask, hanako: Applicant, mailbox: MailBox):
        has_booked(app, hanako, [("lobby", builders.NEXT_MONDAY, (10, 12))])

        body = read(last(mailbox, app))

        assert "予約は確定しました。料金は0円です。" in body
        assert "はらってください" not in body

    def test_that_was_paid(self, app: Flask, hanako: Applicant, mailbox: MailBox):
        made = has_booked(app, hanako)
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            steps.pay(made.booking)

        letter = last(mailbox, app, "料金")

        assert letter["Subject"] == "みどり市 中央会館 料金を受け取りました"
        assert "予約は確定しました。" in read(letter)

    def test_of_which_a_part_was_cancelled(self, app: Flask, hanako: Applicant, mailbox: MailBox):
        made = has_booked(app, hanako, TWO)
        cancels(app, made.booking.id, [made.lines[0].id])

        letter = last(mailbox, app, "取り消し")

        assert letter["Subject"] == "みどり市 中央会館 予約の一部を取り消しました"
        gone, left = read(letter).split("次の予約は、そのまま残っています。")
        assert "第1会議室" in gone
        assert "第2会議室" in left
        assert "600円（税込）をはらってください。" in left

    def test_that_was_paid_and_cancelled(self, app: Flask, hanako: Applicant, mailbox: MailBox):
        made = has_booked(app, hanako)
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            steps.pay(made.booking)
        cancels(app, made.booking.id, [made.lines[0].id])

        assert "400円を返します。" in read(last(mailbox, app, "取り消しました"))
        for about in ("受け付けました", "受け取りました"):
            body = read(last(mailbox, app, about))
            assert "この予約は、そのあと取り消しになりました。" in body
            assert "確定" not in body

    def test_that_lapsed(self, app: Flask, hanako: Applicant, mailbox: MailBox):
        made = has_booked(app, hanako)
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            lapse_overdue(now=NOW + timedelta(days=7))

        letter = last(mailbox, app, "期限切れ")

        assert letter["Subject"] == "みどり市 中央会館 予約は期限切れで取り消しになりました"
        assert "期限までに支払いがなかったので" in read(letter)

    def test_names_that_need_more_than_plain_letters(
        self, visitor: Visitor, app: Flask, mailbox: MailBox
    ):
        has_booked(app, is_signed_in(visitor, name="𠮷田 😀"))

        assert "𠮷田 😀様" in read(last(mailbox, app))


class TestAServerThatRefuses:
    def test_is_asked_again_and_takes_it_once(
        self, app: Flask, hanako: Applicant, mailbox: MailBox
    ):
        mailbox.refusing = 1
        has_booked(app, hanako)

        works(app)
        assert delivered(app) == [("booking_made", "promised", 1)]
        works(app)

        assert len(mailbox.letters) == 1
        assert delivered(app) == [("booking_made", "sent", 2)]

    def test_in_the_end_the_letter_is_failed_for_staff_to_see(
        self, app: Flask, hanako: Applicant, mailbox: MailBox
    ):
        mailbox.refusing = 100
        has_booked(app, hanako)

        for _ in range(MOST_TRIES + 1):
            works(app)

        assert mailbox.letters == []
        assert delivered(app) == [("booking_made", "failed", MOST_TRIES)]


def test_sentences_are_short(app: Flask, hanako: Applicant, mailbox: MailBox):
    made = has_booked(app, hanako, TWO)
    cancels(app, made.booking.id, [made.lines[0].id])
    works(app)

    lines = [line for letter in mailbox.letters for line in read(letter).splitlines()]
    long = [line for line in lines if len(line) > 50 and not line.startswith("https://")]
    assert long == []
    assert not any("\n\n\n" in read(letter) for letter in mailbox.letters)


def cancels(app: Flask, booking_id: int, line_ids: list[int]) -> None:
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            cancel_lines(found, booking_id, line_ids, actor=STAFF, now=NOW)
