"""Calendars by secret addresses: of a hall, of a room, of a person; changes rise, secrets stay."""

from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar, Event

from app.booking.queries import lines_of
from app.booking.service.basket_plan import Wish
from app.booking.service.changing import Asked
from app.db import db
from app.db.audit import Actor
from app.usecases.cancelling import cancel_lines
from app.usecases.changing import change
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, goes_on_until, staff, working
from tests.web.situations import is_signed_in
from tests.web.test_signage import a_screen, path_of

OWN = "/midori/bookings/calendars"


def events(app: Flask, address: str, *, status: int = 200) -> list[Event]:
    answer = Visitor(app).client.get(path_of(address))
    assert answer.status_code == status
    if status != 200:
        return []
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def own_address(visitor: Visitor) -> str:
    visitor.visit(OWN).press("アドレスを作る")
    return visitor.page.select_one("a[href^=webcal]").get_text()  # type: ignore[union-attr]


def test_a_person_s_bookings_come_by_themselves(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    address = own_address(visitor)
    with working(app) as found:
        a_booking(found)
        a_booking(found, ("room-2", NEXT_MONDAY, (10, 12)), email="taro@example.jp")

    (one,) = events(app, address)
    assert str(one["SUMMARY"]) == "第1会議室（中央会館）"
    assert one["DTSTART"].to_ical() == b"20270308T100000"
    assert "bookings/" in str(one["URL"])


def test_each_change_rises_and_what_was_cancelled_stays_a_month(
    app: Flask, visitor: Visitor, clock: Clock
):
    is_signed_in(visitor)
    address = own_address(visitor)
    seen = []
    with working(app) as found:
        made = a_booking(found, paid=False)
        line = lines_of(db.session(), made.booking.id)[0]
        booking_id, me = made.booking.id, Actor("resident", account_id=made.booking.account_id)
        room_id, line_id = line.room_id, line.id
    seen += events(app, address)
    with working(app) as found:
        longer = Asked({line_id: Wish(room_id, NEXT_MONDAY, 600, 840)})
        change(found, booking_id, longer, actor=me, now=MONDAY_9AM + timedelta(minutes=5))
    seen += events(app, address)
    with working(app) as found:
        cancel_lines(found, booking_id, [line_id], actor=me, now=MONDAY_9AM + timedelta(minutes=9))
    seen += events(app, address)

    assert len({str(one["UID"]) for one in seen}) == 1
    numbers = [int(one["SEQUENCE"]) for one in seen]
    assert numbers == sorted(set(numbers)), "strictly rising"
    stamps = [one["LAST-MODIFIED"].dt for one in seen]
    assert stamps == sorted(set(stamps))
    assert str(seen[-1]["STATUS"]) == "CANCELLED"
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=20))
    assert len(events(app, address)) == 1
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=45))
    assert events(app, address) == []


def test_of_a_hall_it_says_what_a_board_says(app: Flask):
    with working(app) as found:
        a_booking(found, shown_name="俳句の会")
        a_booking(found, ("room-2", NEXT_MONDAY, (10, 12)), shown_name="", email="taro@example.jp")
        a_booking(found, facility="kita", email="jiro@example.jp")
    address = a_screen(app, kind="calendar")

    found_events = events(app, address)
    assert [str(one["SUMMARY"]) for one in found_events] == [
        "第1会議室　俳句の会", "第2会議室　貸切",
    ]  # fmt: skip
    whole = Visitor(app).client.get(path_of(address)).text
    for secret in ("山田", "090-", "example.jp\r", "予約番号", "/bookings/"):
        assert secret not in whole, secret
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in whole
    assert [
        str(x["SUMMARY"]) for x in events(app, a_screen(app, "第2会議室", kind="calendar"))
    ] == ["第2会議室　貸切"]


def test_nothing_changed_nothing_is_sent_again(app: Flask):
    address = path_of(a_screen(app, kind="calendar"))
    client = Visitor(app).client
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    with working(app) as found:
        a_booking(found)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_revoked_it_leads_nowhere_and_only_its_owner_revokes_it(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    address = own_address(visitor)
    another = Visitor(app)
    is_signed_in(another, "taro@example.jp")
    end = str(visitor.page.select_one("form[action$='/end']")["action"])  # type: ignore[index]
    another.post(end, {}, status=404)
    assert events(app, address) == []

    visitor.press("このアドレスを止める")
    assert "アドレスを止めました" in visitor.text
    events(app, address, status=404)
    another.post(end, {"back": "1"}, status=404)
    visitor.press("もとに戻す")
    assert "アドレスをもとに戻しました。" in visitor.text
    events(app, address)


def test_a_screen_s_key_opens_no_calendar(app: Flask):
    _municipality, link, key = path_of(a_screen(app)).removeprefix("/signage/").split(".")
    events(app, f"/midori/calendars/{link}.{key}.ics", status=404)


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, visitor: Visitor):
    is_signed_in(visitor)
    own_address(visitor)
    assert not faults(app, visitor, OWN)
    screen = path_of(a_screen(app))

    assert not faults(app, staff(app), "/midori/desk/chuo/screens", screen)
