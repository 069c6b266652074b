"""Questions to the usage reports are kept, mean other days later, and are mailed each month."""

import functools
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.db.session import in_transaction
from app.jobs import letters, places
from app.kernel.clock import TOKYO
from app.reports import saved
from tests.builders import MONDAY_9AM
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.situations import a_booking, goes_on_until, staff, working
from tests.usecases.mailbox import MailBox
from tests.web.test_mail import read, works

MARCH = "/midori/desk/reports/?from=2027-03-01&to=2027-03-31&by=weekday&col=uses"


def keeps(page: Visitor, name: str, period: str = "last_month", *, mailed: bool = False) -> Visitor:
    page.visit(MARCH).fill("名前", name).fill("いつの集計にするか", period)
    if mailed:
        page.choose("毎月1日の朝に、前の月の集計をメールで受け取る")
    return page.press("保存する")


@pytest.mark.parametrize(
    ("period", "first", "last_day"),
    [
        ("days", "2027-03-01", "2027-03-31"),
        ("month", "2027-05-01", "2027-05-31"),
        ("last_month", "2027-04-01", "2027-04-30"),
        ("year", "2027-04-01", "2028-03-31"),
        ("last_year", "2026-04-01", "2027-03-31"),
    ],
)
def test_a_period_means_other_days_later(period: str, first: str, last_day: str):
    question = {"from": "2027-03-01", "to": "2027-03-31"}

    assert saved.days_of(period, question, date(2027, 5, 20)) == (first, last_day)


def test_it_is_kept_with_its_grouping_and_columns(app: Flask, clock: Clock):
    page = keeps(staff(app), "曜日の件数")
    assert "「曜日の件数」を保存しました。" in page.text
    goes_on_until(app, clock, MONDAY_9AM + timedelta(days=40))

    page.visit(MARCH).press("曜日の件数")
    assert days_in(page) == ["2027-03-01", "2027-03-31"], "last month, seen from April"
    heads = [one.get_text(strip=True) for one in page.page.select("table.usage thead th")]
    assert heads == ["曜日", "件数"]


def test_the_same_name_is_one_and_what_is_gone_comes_back(app: Flask):
    page = staff(app)
    keeps(page, "月報")
    keeps(page, "月報", "year")
    assert len(page.page.select(".kept li")) == 1

    page.press("消す")
    assert "「月報」を消しました。" in page.text
    assert not page.page.select(".kept li")
    page.press("もとに戻す")
    assert [one.a.get_text() for one in page.page.select(".kept li")] == ["月報"]


def test_without_a_name_it_is_asked_for(app: Flask):
    assert "保存する名前を入れてください。" in keeps(staff(app), " ").text


def test_it_is_only_whose_it_is(app: Flask):
    page = keeps(staff(app), "月報")
    path = page.page.select_one(".kept a")["href"]
    another = staff(app, email="b@example.jp")

    assert not another.visit(MARCH).page.select(".kept li")
    another.visit(str(path), status=404)
    another.post(f"{path}/end", {}, status=404)


def test_each_month_brings_one_letter_about_the_halls_of_its_reader(
    app: Flask,
    clock: Clock,
    mailbox: MailBox,
    monkeypatch: pytest.MonkeyPatch,
):
    with working(app) as found:
        a_booking(found, paid=True)
        a_booking(found, facility="kita", email="jiro@example.jp")
    keeps(staff(app), "月報", mailed=True)
    monthly(app, monkeypatch, MONDAY_9AM + timedelta(days=1))
    works(app)
    assert not [one for one in mailbox.letters if "月報" in one["Subject"]], "not the same day"

    for hours in (0, 1, 30):
        monthly(app, monkeypatch, april(6) + timedelta(hours=hours))
    works(app)

    (letter,) = [one for one in mailbox.letters if "月報" in one["Subject"]]
    body = read(letter)
    assert "2027年3月の利用実績です（保存した集計「月報」）。" in body
    assert "件数 1件　人数 10人" in body
    assert "北会館" not in body
    link = next(line for line in body.splitlines() if "/desk/reports/saved/" in line)
    page = staff(app).visit(link.split("yoyaku.example")[1])
    assert days_in(page) == ["2027-03-01", "2027-03-31"]


def test_nobody_who_works_here_no_longer_is_written_to(
    app: Flask,
    mailbox: MailBox,
    monkeypatch: pytest.MonkeyPatch,
):
    page = staff(app)
    keeps(page, "月報", mailed=True)
    with working(app):
        in_transaction(lambda s: s.execute(text("update staff set ended_at = now()")))
    monthly(app, monkeypatch, april(7))
    works(app)

    assert not [one for one in mailbox.letters if "月報" in one["Subject"]]


def april(hour: int) -> datetime:
    """Return an hour of the first of April."""
    return datetime(2027, 4, 1, hour, tzinfo=TOKYO)


def days_in(page: Visitor) -> list[str]:
    """Return the days that a report is about."""
    return [str(page.field(name)["value"]) for name in ("から", "まで")]


def monthly(app: Flask, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Let the clock's job of the letters run at a moment."""
    monkeypatch.setattr(letters.clock, "now", lambda: now)
    with app.app_context():
        places.for_each(functools.partial(letters.by_day, "x", letters.LETTERS["monthly_reports"]))
