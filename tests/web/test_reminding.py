"""Whoever has not paid is reminded once, near the deadline and never for nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.booking.models import Booking
from app.db import db
from app.facilities.catalogue import Catalogue
from app.usecases.reminding import remind_unpaid
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.racing import race
from tests.reports.situations import a_booking, working
from tests.usecases import steps
from tests.usecases.mailbox import MailBox
from tests.web.situations import a_third_hall
from tests.web.test_mail import last, read

USE = ("room-1", NEXT_MONDAY + timedelta(days=21), (10, 12))


def due(found: Catalogue, **more: Any) -> tuple[Any, datetime]:
    made = a_booking(found, USE, **more)
    assert made.booking.due_at is not None
    return made, made.booking.due_at


def letters() -> int:
    query = "select count(*) from delivery where template = 'payment_due'"
    return int(db.session.scalar(text(query)) or 0)


def test_once_two_days_before_and_with_all_that_is_needed(app: Flask, mailbox: MailBox):
    with working(app) as found:
        _made, deadline = due(found)
        early = deadline - timedelta(days=2, seconds=1)
        counts = [remind_unpaid(found, now=at) for at in (early, early + timedelta(minutes=10))]
        counts += [remind_unpaid(found, now=deadline - timedelta(hours=1))]
        assert counts == [0, 1, 0]

    body = read(last(mailbox, app, "支払いの期限が近づいています"))
    assert "800円（税込）をはらってください。" in body
    assert "はらうところ：" in body
    assert "期限までに支払いがないと" in body


@pytest.mark.parametrize("what", ["paid", "cancelled", "over", "no account", "just made"])
def test_nobody_is_reminded_for_nothing(app: Flask, what: str):
    with working(app) as found:
        made, deadline = due(found)
        now = deadline - timedelta(hours=1)
        if what == "paid":
            steps.pay(made.booking)
        elif what == "cancelled":
            steps.cancel(found, made)
        elif what == "over":
            now = deadline
        elif what == "no account":
            db.session.execute(text("update booking set account_id = null, is_by_staff = true"))
            db.session.commit()
        elif what == "just made":
            db.session.execute(text("update booking set submitted_at = :at"), {"at": now})
            db.session.commit()
        assert remind_unpaid(found, now=now) == 0
        assert letters() == 0


@pytest.mark.parametrize(("days", "reminded"), [(0, 0), (5, 1)])
def test_how_long_before_is_the_halls_rule(app: Flask, days: int, reminded: int):
    payment = {"days_after_request": 14, "where": "受付", "remind_days": days}
    a_third_hall(app, terms={"payment": payment})
    with working(app) as found:
        _made, deadline = due(found, facility="nishi")
        assert remind_unpaid(found, now=deadline - timedelta(days=4)) == reminded


@pytest.mark.race
def test_many_workers_and_a_payment_at_once(app: Flask):
    with working(app) as found:
        made, deadline = due(found)
        now, booking_id, yen = deadline - timedelta(hours=1), made.booking.id, made.booking.fee_yen

        def act(what: str) -> Any:
            if what == "pay":
                booking = db.session.get_one(Booking, (found.tenant_id, booking_id))
                return steps.pay(booking, yen=yen, now=now)
            return remind_unpaid(found, now=now)

        race(act, "remind", "pay", *["remind"] * 6)

        assert letters() <= 1
        assert remind_unpaid(found, now=now) == 0
    assert now > MONDAY_9AM


def test_of_another_municipality_nobody_is(app: Flask):
    with working(app) as found:
        _made, deadline = due(found)
    with working(app, "aoba") as other:
        assert remind_unpaid(other, now=deadline - timedelta(hours=1)) == 0
