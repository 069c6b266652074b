"""A door's number without a network, in real Chromium: kept for one person, until its time ends."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.booking.service.submitting import Submitted
from app.db.session import tenant_scope
from app.kernel import clock as real_clock
from app.locks.states import GrantState
from tests import builders
from tests.conftest import Clock
from tests.journeys.conftest import PATIENCE
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, SIDEWAYS, WIDTHS, chromium, served
from tests.usecases import steps
from tests.web.codes import a_code, a_door, changed
from tests.web.situations import has_booked

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings(NOT_OURS)]

HANAKO, TARO = "hanako@example.jp", "taro@example.jp"
DIGITS = re.compile("482 913")
KEPT = """async () => {
  const found = [];
  for (const name of (await caches.keys()).filter((one) => one.startsWith("keys-")))
    for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);
  return found;
}"""


@pytest.fixture
def made(app: Flask) -> Submitted:
    """A paid booking of a room whose door has a lock."""
    with app.app_context():
        hanako = builders.a_resident()
    booked = has_booked(app, hanako)
    with app.app_context(), tenant_scope(booked.booking.tenant_id):
        steps.pay(booked.booking)
    a_door(app, provider="remotelock")
    a_door(app, "正面の入口", rooms=(), is_shared=True, provider="remotelock")
    return booked


@pytest.fixture
def now(clock: Clock) -> datetime:
    """The moment that the browser's own clock shows: a worker in it asks no other."""
    clock.now = real_clock.now().astimezone(UTC)
    return clock.now


@pytest.fixture
def phone(app: Flask, now: datetime) -> Iterator[BrowserContext]:
    """A telephone on which Hanako is signed in."""
    with ExitStack() as open_ones:
        url = open_ones.enter_context(served(app))
        browser = open_ones.enter_context(chromium())
        context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=url)
        context.set_default_timeout(PATIENCE)
        is_signed_in(app, context, HANAKO, url)
        yield context
        context.close()


def is_signed_in(
    app: Flask, context: BrowserContext, email: str, url: str, *, is_own: bool = False
) -> None:
    visitor = Visitor(app)
    with app.app_context():
        account = builders.an_account(email)
        now = app.config["KAIKAN_CLOCK"].now
        visitor.sign_in_as(builders.a_session_token(app, account, now=now))
    with visitor.client.session_transaction() as session:
        session.permanent = is_own
    cookie = visitor.client.get_cookie("kaikan")
    assert cookie
    context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])


def path_of(made: Submitted) -> str:
    return f"/midori/bookings/{made.booking.number}/key"


def opens(context: BrowserContext, made: Submitted) -> Page:
    """Open the page with the number, let the device keep it, and wait until it does."""
    page = context.new_page()
    page.goto(path_of(made))
    expect(page.get_by_text(DIGITS)).to_be_visible()
    page.get_by_role("button", name="この端末に残す").click()
    expect(page.get_by_text("電波がないところでも、この端末で見られます。")).to_be_visible()
    page.wait_for_function(f"({KEPT})().then((found) => found.length === 1)")
    return page


def a_code_around(app: Flask, made: Submitted, now: datetime, **more: object) -> int:
    hour = timedelta(hours=1)
    return a_code(app, made, **{"starts_at": now - hour, "ends_at": now + hour, **more})  # type: ignore[arg-type]


class TestOnADeviceThatOthersUse:
    def test_nothing_is_kept_unless_it_is_asked_for(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = phone.new_page()
        page.goto(path_of(made))
        expect(page.get_by_role("button", name="この端末に残す")).to_be_visible()
        page.goto("/midori/bookings")
        assert page.evaluate(KEPT) == []

        opens(phone, made)
        assert page.evaluate(KEPT) == [path_of(made)]

    def test_on_one_s_own_it_is_kept_by_itself(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = phone.new_page()
        page.goto("/midori/")
        is_signed_in(app, phone, HANAKO, page.url, is_own=True)
        page.goto(path_of(made))

        expect(page.get_by_text("電波がないところでも、この端末で見られます。")).to_be_visible()
        page.wait_for_function(f"({KEPT})().then((found) => found.length === 1)")
        assert page.get_by_role("button", name="この端末に残す").count() == 0


class TestWithoutANetwork:
    def test_it_is_there_and_says_from_when_it_is(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = opens(phone, made)
        assert "いまは通信できない" not in page.locator("main").inner_text()
        phone.set_offline(True)

        page.reload()

        expect(page.get_by_text(DIGITS)).to_be_visible()
        expect(page.get_by_text("いまは通信できないので、")).to_be_visible()
        expect(page.get_by_text("そのあとで変わったかもしれません。")).to_be_visible()
        opened = now.astimezone(builders.TOKYO)
        said = f"{opened.month}月{opened.day}日"
        assert said in page.locator("[data-offline]").inner_text()
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.keycode')).fontWeight")
            == "700"
        )
        assert page.evaluate(KEPT) == [path_of(made)]

    def test_other_pages_are_not_kept_but_say_what_is(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = opens(phone, made)
        page.goto("/midori/bookings")
        phone.set_offline(True)

        page.goto("/midori/bookings")

        expect(page.get_by_role("heading", name="いまは通信できません")).to_be_visible()
        expect(page.get_by_text("00-0000-0001")).to_be_visible()
        assert page.locator(".help .tel").first.inner_text() == "00-0000-0002"  # the hall's
        page.get_by_role("link", name="中央会館 第1会議室").click()
        expect(page.get_by_text(DIGITS)).to_be_visible()

    def test_with_a_network_the_network_decides(self, app, phone, made, now):
        grant_id = a_code_around(app, made, now)
        page = opens(phone, made)
        changed(app, made, grant_id, is_by_hand=True)

        page.reload()

        expect(page.get_by_text("鍵は、会館の職員がおわたしします。")).to_be_visible()
        page.wait_for_function(f"({KEPT})().then((found) => found.length === 0)")
        phone.set_offline(True)
        page.reload()
        expect(page.get_by_role("heading", name="いまは通信できません")).to_be_visible()


class TestItIsGone:
    def test_when_its_time_has_gone(self, app, phone, made, now):
        ends_at = real_clock.now() + timedelta(seconds=8)
        a_code_around(app, made, now, ends_at=ends_at)
        page = opens(phone, made)
        phone.set_offline(True)

        # The page that is open asks anew by itself when the time comes.
        expect(page.get_by_role("heading", name="いまは通信できません")).to_be_visible(
            timeout=20_000
        )

        assert page.evaluate(KEPT) == []
        assert not page.get_by_text(DIGITS).count()

    @pytest.mark.parametrize("where", ["", "one"])
    def test_when_another_page_says_that_it_opens_nothing_any_more(
        self, app, phone, made, now, where
    ):
        path = f"/midori/bookings/{made.booking.number}" if where else "/midori/bookings"
        grant_id = a_code_around(app, made, now)
        page = opens(phone, made)
        for _ in range(2):
            page.goto(path)
        assert page.evaluate(KEPT) == [path_of(made)]  # it opens as before
        changed(app, made, grant_id, pin="730264")

        page.goto(path)

        page.wait_for_function(f"({KEPT})().then((found) => found.length === 0)")
        phone.set_offline(True)
        page.goto(path_of(made))
        expect(page.get_by_role("heading", name="いまは通信できません")).to_be_visible()

    def test_when_she_cancels(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = opens(phone, made)
        page.goto(f"/midori/bookings/{made.booking.number}/cancel")
        page.get_by_role("button", name="の予約を取り消す").click()

        page.wait_for_function(f"({KEPT})().then((found) => found.length === 0)")

    def test_when_she_signs_out(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = opens(phone, made)
        page.get_by_role("button", name="ログアウト").click()
        expect(page.get_by_role("heading", name="ログアウトしました")).to_be_visible()

        assert page.evaluate(KEPT) == []
        page.go_back()
        expect(page.get_by_text("482")).to_have_count(0)

    def test_when_somebody_else_signs_in(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = opens(phone, made)
        phone.clear_cookies()
        is_signed_in(app, phone, TARO, page.url)

        page.goto("/midori/bookings")

        page.wait_for_function(f"({KEPT})().then((found) => found.length === 0)")
        phone.set_offline(True)
        page.goto(path_of(made))
        expect(page.get_by_role("heading", name="いまは通信できません")).to_be_visible()

    def test_when_nobody_is_signed_in_any_more(self, app, phone, made, now):
        a_code_around(app, made, now)
        page = opens(phone, made)
        phone.clear_cookies()

        page.goto("/midori/")

        page.wait_for_function(f"({KEPT})().then((found) => found.length === 0)")


class TestTheScreen:
    def test_comes_by_itself_when_the_number_is_ready(self, app, phone, made, now):
        grant_id = a_code_around(app, made, now, state=GrantState.PENDING, pin=None)
        page = phone.new_page()
        page.goto(path_of(made))
        expect(page.get_by_text("番号を用意しています。")).to_be_visible()
        changed(app, made, grant_id, pin="482913", state=GrantState.READY)

        expect(page.get_by_text(DIGITS)).to_be_visible()

        page.wait_for_function(f"({KEPT})().then((found) => found.length === 1)")

    def test_is_accessible_and_large_at_each_width_and_one_sheet_of_paper(
        self, app, phone, made, now
    ):
        a_code_around(app, made, now, state=GrantState.PENDING)
        page = opens(phone, made)

        found = []
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            found += [one["id"] for one in Axe().run(page).response["violations"]]
            assert page.evaluate(SIDEWAYS) <= 0
            size = page.evaluate(
                "parseFloat(getComputedStyle(document.querySelector('.keycode')).fontSize)"
            )
            assert size >= 32
        assert found == []
        sheet = page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
