"""A promised letter goes once, is written from what is true then, and is never forgotten."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from app.adapters.mail_smtp import SmtpPost
from app.booking.service.application import Applicant
from app.db import db
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.identity.service import Browser
from app.notify.service import MOST_TRIES, not_delivered, promise
from app.usecases import signing_in
from app.usecases.delivering import TryAgainLater, deliver
from tests import builders
from tests.builders import MONDAY_9AM
from tests.conftest import SECRET
from tests.db.proof import one
from tests.usecases import steps
from tests.usecases.mailbox import MailBox, open_mailbox


@pytest.fixture
def mailbox() -> Iterator[MailBox]:
    with open_mailbox() as box:
        yield box


def write(template: str, facts: dict[str, Any]) -> tuple[str, str]:
    assert not db.session().in_transaction(), "a letter is written outside of transactions"
    if template == "sign_in_code":
        return "番号", str(facts["code"])
    lines = "、".join(line["room"].name for line in facts["lines"])
    return template, f"{facts['booking'].number} {facts['booking'].state} {lines}"


def send(found: Catalogue, mailbox: MailBox, delivery_id: int = 1) -> None:
    deliver(
        delivery_id,
        catalogue=found,
        secret=SECRET,
        write=write,
        post=SmtpPost(mailbox.url, "会館 <no-reply@kaikan.example>"),
        now=MONDAY_9AM,
    )


def delivery(database: psycopg.Connection) -> Any:
    return database.execute("select state, tries, error, done_at from delivery").fetchone()


def test_a_letter_goes_to_the_applicant_and_says_what_was_booked(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, mailbox: MailBox
):
    made = steps.book(midori, hanako, builders.a_wish(midori))

    send(midori, mailbox)

    (letter,) = mailbox.letters
    assert (letter["To"], letter["Subject"]) == ("hanako@example.jp", "booking_made")
    assert letter.get_content().strip() == f"{made.booking.number} provisional 第1会議室"
    assert delivery(sound) == ("sent", 1, None, MONDAY_9AM)


def test_told_again_it_does_not_go_again(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, mailbox: MailBox
):
    made = steps.book(midori, hanako, builders.a_wish(midori))
    in_transaction(
        lambda session: promise(
            session, "booking_made", subject_id=made.booking.id, email="x@y.jp", now=MONDAY_9AM
        )
    )

    send(midori, mailbox)
    send(midori, mailbox)

    assert len(mailbox.letters) == 1
    assert one(sound, "select count(*) from delivery") == 1
    assert one(sound, "select count(*) from procrastinate_jobs") == 1


def test_a_mail_server_that_refuses_is_asked_again_with_the_same_letter(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, mailbox: MailBox
):
    steps.book(midori, hanako, builders.a_wish(midori))
    mailbox.refusing = 1

    with pytest.raises(TryAgainLater):
        send(midori, mailbox)
    assert delivery(sound) == ("promised", 1, "SMTPDataError", None)

    send(midori, mailbox)
    assert delivery(sound) == ("sent", 2, None, MONDAY_9AM)
    assert mailbox.letters[0]["Message-ID"] == f"<{midori.tenant_id}.1@kaikan.example>"


def test_a_mail_server_that_is_away_is_asked_again(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
):
    steps.book(midori, hanako, builders.a_wish(midori))
    with open_mailbox() as gone:
        pass

    with pytest.raises(TryAgainLater):
        send(midori, gone)

    assert delivery(sound) == ("promised", 1, "ConnectionRefusedError", None)


def test_after_the_last_try_staff_see_it(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, mailbox: MailBox
):
    steps.book(midori, hanako, builders.a_wish(midori))
    mailbox.refusing = MOST_TRIES

    for _ in range(MOST_TRIES):
        with pytest.raises(TryAgainLater):
            send(midori, mailbox)
    send(midori, mailbox)

    assert delivery(sound) == ("failed", MOST_TRIES, "SMTPDataError", MONDAY_9AM)
    assert mailbox.letters == []
    failed = [letter.email for letter in not_delivered(db.session())]
    db.session.rollback()
    assert failed == ["hanako@example.jp"]


def test_a_letter_tells_what_is_true_when_it_is_written(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, mailbox: MailBox
):
    made = steps.book(midori, hanako, builders.a_wish(midori))
    steps.pay(made.booking)

    send(midori, mailbox)

    assert "confirmed" in mailbox.letters[0].get_content()


def test_a_code_in_a_letter_signs_in(
    midori: Catalogue, sound: psycopg.Connection, mailbox: MailBox
):
    attempt = signing_in.ask_for_code(
        email="hanako@example.jp", browser=Browser("home"), now=MONDAY_9AM
    )
    send(midori, mailbox)

    code = mailbox.letters[0].get_content().strip()

    assert signing_in.sign_in(
        attempt_id=attempt, code=code, secret=SECRET, request_id="", now=MONDAY_9AM
    )


def test_each_step_of_a_cancellation_has_its_own_letter(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant, mailbox: MailBox
):
    made = steps.book(midori, hanako, builders.a_wish(midori), builders.a_wish(midori, "room-2"))
    for line in made.lines:
        steps.cancel(midori, made, line.id, now=MONDAY_9AM + timedelta(hours=1))

    for (delivery_id,) in sound.execute("select id from delivery order by id").fetchall():
        send(midori, mailbox, delivery_id)

    assert [letter["Subject"] for letter in mailbox.letters] == [
        "booking_made",
        "booking_cancelled",
        "booking_cancelled",
    ]
