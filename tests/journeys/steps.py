"""What people do at the screens, step by step, with or without JavaScript."""

import itertools
import re
import time
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from app.kernel import clock
from app.kernel.clock import TOKYO
from app.sims.authenticator import WORDS, digits_of
from tests.journeys.conftest import Service

HALL, CITY = "sugao-koryu-kaikan", "akiruno"
_days = itertools.count(8)
_sessions: dict[str, list[Any]] = {}


def a_free_day() -> date:
    """Return a day of use that no other journey takes, open and in the reception period."""
    while True:
        day = clock.now().astimezone(TOKYO).date() + timedelta(days=next(_days))
        if (day.month, day.day) < (12, 28) and (day.month, day.day) > (1, 4):
            return day


def ja_day(day: date) -> str:
    """Return 12月5日."""
    return f"{day.month}月{day.day}日"


def search(page: Page, day: date, *, people: str = "12") -> None:
    """Search the hall from the first page; purpose and people are answered here already."""
    page.goto(f"/{CITY}/")
    page.get_by_label("日にち").fill(day.isoformat())
    page.get_by_label("人数").fill(people)
    page.get_by_label("何に使いますか").select_option(label="会議・話し合い")
    page.get_by_label("施設", exact=True).select_option(label="菅生交流会館")
    page.get_by_role("button", name="空きをさがす").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def press(page: Page, room: str, hour: int) -> None:
    """Press a free hour of a room and see that it is held."""
    name = re.compile(rf"^{hour}時.*{room}")
    with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
        page.get_by_role("button", name=name).click()
    expect(page.get_by_text(re.compile("えらびました")).first).to_be_visible()


def to_the_check_page(page: Page, service: Service, email: str) -> None:
    """Go from the basket to the check page, answering and signing in where asked."""
    page.goto(f"/{CITY}/basket")
    page.get_by_role("link", name="申し込みへ進む").click()
    for _ in range(9):
        heading = page.get_by_role("heading", level=1).inner_text()
        if "内容を確かめる" in heading:
            return
        answer(page, service, email, heading)
    raise AssertionError(f"no check page after nine screens: {page.url}")


def answer(page: Page, service: Service, email: str, heading: str) -> None:
    """Do what the screen with this heading asks for, and go on."""
    if "メールアドレスを確かめます" in heading:
        sign_in(page, service, email)
        return
    if page.get_by_role("radio", name="会議・話し合い").count():
        page.get_by_role("radio", name="会議・話し合い").check()
    elif page.get_by_role("combobox", name=re.compile("何に使いますか")).count():
        page.get_by_role("combobox", name=re.compile("何に使いますか")).select_option(
            label="会議・話し合い"
        )
    if page.get_by_label(re.compile("^人数|何人")).count():
        page.get_by_label(re.compile("^人数|何人")).first.fill("１２")
    page.get_by_role("button", name="次へ進む").click()
    page.wait_for_load_state()


def sign_in(page: Page, service: Service, email: str) -> None:
    """Sign in on the page that asks for the address, with the code from the mail."""
    seen = max((int(one["number"]) for one in service.letters(email)), default=0)
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_role("button", name="確認の番号を送る").click()
    expect(page.get_by_role("button", name="番号を確かめる")).to_be_visible()
    letter = service.letter(email, "番号", after=seen)
    found = re.search(r"\b(\d{3}) ?(\d{3})\b", letter["body"])
    assert found, letter["body"]
    page.get_by_label(re.compile("番号")).first.fill(found[1] + found[2])
    page.get_by_role("button", name="番号を確かめる").click()
    page.wait_for_load_state()


def is_signed_in(page: Page, service: Service, email: str, city: str) -> None:
    """Let a resident be signed in; only so many codes are sent to an address."""
    if email in _sessions:
        page.context.add_cookies(_sessions[email])
        return
    page.goto(f"/{city}/sign-in")
    sign_in(page, service, email)
    _sessions[email] = page.context.cookies()


def apply(page: Page) -> str:
    """Apply on the check page and return the booking's number, digits only."""
    page.get_by_role("button", name=re.compile("この内容で申し込む")).click()
    expect(page.get_by_role("heading", name="申し込みました")).to_be_visible()
    number = page.locator(".number").inner_text()
    return re.sub(r"\D", "", number)


_used: dict[str, str] = {}


def _digits_never_used(email: str) -> str:
    """Wait for digits that were not used: each lets in once."""
    while (digits := digits_of(email)) == _used.get(email):
        time.sleep(0.5)
    _used[email] = digits
    return digits


def sign_in_as_staff(page: Page, service: Service, email: str, path: str) -> None:
    """Open a page of the staff; it asks to sign in first and comes back to itself.

    Whoever signed in before still is: the digits change twice a minute only.
    """
    if email in _sessions:
        page.context.add_cookies(_sessions[email])
        page.goto(path)
        return
    page.goto(path)
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード").fill(WORDS)
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_label(re.compile("認証アプリ")).fill(_digits_never_used(email))
    page.get_by_role("button", name="ログインする").click()
    page.wait_for_load_state()
    expect(page.get_by_role("button", name="ログアウト")).to_be_visible()
    _sessions[email] = page.context.cookies()


def tab_to(page: Page, text: str) -> None:
    """Go with the Tab key to what has this name, and see that it is marked."""
    for _ in range(400):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(a => a.innerText || (a.labels && a.labels[0] && a.labels[0].innerText)"
            " || a.name || '')(document.activeElement)"
        )
        if re.search(text, name):
            shown = page.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            )
            assert shown, f"no visible focus on {name}"
            return
    raise AssertionError(f"no way to {text!r} with the keyboard on {page.url}")
