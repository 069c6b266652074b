"""Whom to call about a door when nobody answers at the hall: said by staff, read at the door."""

from datetime import UTC, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import jobs
from app.booking.service.application import Applicant
from app.db import db
from app.db.audit import AuditEntry
from app.db.session import tenant_scope
from app.usecases import door_watch
from tests import builders
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import clerk, staff
from tests.usecases.mailbox import MailBox
from tests.web.codes import a_code, a_door
from tests.web.situations import has_booked, is_signed_in
from tests.web.test_keys import USE, opens, pays

DOORS = "/midori/office/doors"
GUARD = {"name": "みどり警備", "phone": "００－００００－０１２０", "hours": "夜間と休館日"}


@pytest.fixture
def hanako(visitor: Visitor) -> Applicant:
    """A resident who is signed in."""
    return is_signed_in(visitor)


def page_of(app: Flask, office: Visitor) -> str:
    """Return where the contact of the hall with a door is said."""
    office.visit(DOORS).press("時間外の連絡先を入れる")
    return office.path


def deeds(app: Flask) -> list[str]:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        query = select(AuditEntry.action).where(AuditEntry.action.like("door.contact%"))
        return list(db.session.scalars(query.order_by(AuditEntry.id)))


def test_it_is_said_at_the_office_read_at_the_door_and_in_the_letter(
    app: Flask, visitor: Visitor, hanako: Applicant, clock: Clock, mailbox: MailBox
):
    booked = has_booked(app, hanako)
    pays(app, booked)
    a_door(app, provider="remotelock")
    a_code(app, booked)
    office = clerk(app)
    office.post(page_of(app, office), GUARD)
    assert "時間外の連絡先：みどり警備 00-0000-0120" in office.text
    clock.now = (USE - timedelta(hours=1)).astimezone(UTC)

    opens(visitor, booked)

    steps = visitor.page.select("ol li")
    assert "会館が電話に出ないとき：みどり警備（夜間と休館日）" in steps[-1].get_text()
    assert [one["href"] for one in steps[-1].select("a")] == ["tel:0000000002", "tel:0000000120"]
    with app.app_context(), tenant_scope(booked.booking.tenant_id):
        assert door_watch.open_letters(now=clock.now) == 1
    jobs.run_worker(app, wait=False)
    (letter,) = [one for one in mailbox.letters if "ドアをあける番号" in one["Subject"]]
    assert "みどり警備（夜間と休館日）　電話 00-0000-0120" in letter.get_content()


def test_it_is_changed_and_taken_away(app: Flask):
    a_door(app)
    office = clerk(app)
    path = page_of(app, office)
    office.post(path, GUARD)
    office.visit(DOORS).press("時間外の連絡先を変える")
    assert office.page.select_one("#name")["value"] == "みどり警備"

    office.post(path, GUARD | {"name": "あさひ警備", "hours": ""})
    assert "時間外の連絡先：あさひ警備 00-0000-0120" in office.text
    office.visit(path).press("連絡先を消す")

    assert "会館が電話に出ないときの連絡先は、まだありません。" in office.text
    office.post(f"{path}/remove", {})  # asked again: nothing more
    assert deeds(app) == ["door.contact_set", "door.contact_set", "door.contact_removed"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "電話に出るところを入力してください。"),
        ({"phone": "110番"}, "電話番号は、042-000-0000 のように数字で入力してください。"),
        ({"phone": ""}, "電話番号を入力してください。"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_stays(app: Flask, typed: dict[str, str], said: str):
    a_door(app)
    office = clerk(app)
    path = page_of(app, office)

    office.post(path, GUARD | typed, status=422)

    assert said in office.text
    assert office.page.select_one("#hours")["value"] == "夜間と休館日"
    assert deeds(app) == []


def test_it_is_for_those_who_set_up_doors_and_for_halls_of_their_own(app: Flask):
    a_door(app)
    path = page_of(app, clerk(app))
    staff(app, role="manager", email="m@example.jp").post(path, GUARD, status=403)
    clerk(app, slug="aoba", email="x@example.jp").post(
        path.replace("midori", "aoba"), GUARD, status=404
    )
    assert deeds(app) == []


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_the_page_is_accessible(app: Flask):
    a_door(app)
    office = clerk(app)
    path = page_of(app, office)
    office.post(path, GUARD)
    assert not faults(app, office, path, DOORS)
