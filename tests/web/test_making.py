"""A workbook that takes long is made by the worker: seen to grow, fetched once done, forgotten."""

import io
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from app.db.outbox import enqueue
from app.db.session import in_transaction, tenant_scope
from app.reports import made
from app.reports.models import MadeFile
from app.web import making, office_files
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, working
from tests.web.test_mail import works
from tests.web.test_office import clerk

LIST = "/midori/office/bookings?from=2027-03-01&to=2027-03-31"
EXCEL = LIST.replace("bookings?", "bookings/excel?")


@pytest.fixture(autouse=True)
def four_bookings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_files, "AT_ONCE", 3)
    with working(app) as found:
        for hour in (9, 11, 13, 15):
            a_booking(found, ("room-1", NEXT_MONDAY, (hour, hour + 1)))


def the_file(app: Flask) -> MadeFile:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        (found,) = db.session.query(MadeFile).all()
        db.session.expunge_all()
        return found


def test_it_is_asked_for_seen_made_and_fetched(app: Flask):
    page = clerk(app).visit(EXCEL)
    assert page.path.startswith("/midori/office/files/")
    assert "4件のうち0件（0％）" in page.text
    assert page.page.select_one("noscript meta[http-equiv=refresh]")
    works(app)

    page.visit(page.path).press("Excelを受け取る（4件）")
    book = openpyxl.load_workbook(io.BytesIO(page.response.data))
    assert book.sheetnames == ["予約一覧", "条件"]
    rows = list(book["予約一覧"].values)
    assert len(rows) == 5
    assert [row[4] for row in rows[1:]] == [timedelta(hours=n) for n in (9, 11, 13, 15)]
    assert "attachment" in page.response.headers["Content-Disposition"]


def test_it_is_the_same_as_what_is_sent_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch):
    later = clerk(app).visit(EXCEL)
    works(app)
    later.visit(later.path).press("Excelを受け取る")
    monkeypatch.setattr(office_files, "AT_ONCE", 100)
    at_once = clerk(app, email="b@example.jp").visit(EXCEL)

    a, b = (openpyxl.load_workbook(io.BytesIO(x.response.data)) for x in (later, at_once))
    assert list(a["予約一覧"].values) == list(b["予約一覧"].values)


def test_the_progress_is_seen_while_it_is_made(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(made, "STEP", 2)
    page = clerk(app).visit(EXCEL)
    seen: list[str] = []
    usual = made.keep

    def look(*given: object, **more: object) -> None:
        seen.append(page.visit(page.path).text)
        usual(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(made, "keep", look)
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        file_id = the_file(app).id
    works(app)

    assert file_id
    assert "4件のうち4件" in seen[0]


def test_begun_by_a_worker_that_was_killed_and_told_twice_it_is_one_file(app: Flask):
    page = clerk(app).visit(EXCEL)
    with working(app):
        in_transaction(lambda session: made.begin(session, the_file(app).id))
        in_transaction(lambda session: enqueue(session, made.MAKE, file_id=the_file(app).id))
    assert the_file(app).state == "working"
    works(app)

    assert the_file(app).state == "done"
    with working(app):
        assert db.session.scalar(text("select count(*) from made_file_piece")) == 1
    page.visit(page.path).press("Excelを受け取る")
    assert len(list(openpyxl.load_workbook(io.BytesIO(page.response.data))["予約一覧"].values)) == 5


def test_given_up_it_is_said(app: Flask, monkeypatch: pytest.MonkeyPatch):
    def broken(*_given: object) -> making.Book:
        raise RuntimeError("no room left")

    monkeypatch.setitem(making.MAKERS, "bookings", broken)
    page = clerk(app).visit(EXCEL)
    for _ in range(made.MOST_TRIES):
        works(app)

    assert the_file(app).state == "failed"
    assert "ファイルを作れませんでした" in page.visit(page.path).text


def test_it_is_only_whose_it_is_and_only_for_a_day(app: Flask):
    page = clerk(app).visit(EXCEL)
    works(app)
    another = clerk(app, email="b@example.jp")
    another.visit(page.path, status=404)
    another.visit(f"{page.path}/file", status=404)

    with working(app):
        made.forget_old(now=MONDAY_9AM + timedelta(hours=23))
    page.visit(page.path)
    with working(app):
        made.forget_old(now=MONDAY_9AM + timedelta(hours=25))
        assert db.session.scalar(text("select count(*) from made_file_piece")) == 0
    page.visit(page.path, status=404)


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask):
    page: Visitor = clerk(app).visit(EXCEL)
    assert not faults(app, page, page.path)
    works(app)
    assert not faults(app, page, page.path)
