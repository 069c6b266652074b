"""The page with the doors: as HTML without JavaScript, and in a real browser on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from click.testing import CliRunner
from playwright.sync_api import Page

from app.cli.sim import sim as commands
from app.sims.locks import IGLOO, LockSim, SwitchBot, options
from tests.reports.browsing import NOT_OURS, SIDEWAYS, WIDTHS, chromium
from tests.sims.conftest import accounts
from tests.sims.locking import NOON, Vendor


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as one:
        yield one


def read(answer: requests.Response, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = BeautifulSoup(answer.content, "html.parser")
    assert len(page.select("h1")) == 1
    assert not page.select("script, link, img, iframe")
    return page


def door(page: BeautifulSoup, name: str) -> Any:
    return next(one for one in page.select("section.door") if one.h2.text.startswith(name))


class TestThePage:
    def shown(self, locks: LockSim, browser: requests.Session) -> BeautifulSoup:
        return read(browser.get(locks.base_url))

    def press(
        self, locks: LockSim, browser: requests.Session, action: str, name: str = "", **typed: str
    ) -> BeautifulSoup:
        told = typed | ({"id": locks.device_id(name)} if name else {})
        return read(browser.post(f"{locks.base_url}/__sim/do/{action}", data=told))

    def type(
        self, locks: LockSim, browser: requests.Session, name: str, status: int = 200, **form: str
    ) -> Any:
        url = f"{locks.base_url}/__sim/doors/{locks.device_id(name)}/keypad"
        return door(read(browser.post(url, data=form), status), name)

    def test_shows_each_door_and_when_it_comes_next(self, locks: LockSim, browser: Any):
        page = self.shown(locks, browser)

        assert [one.h2.text for one in page.select("section.door")] == [
            "正面入口（city）",
            "集会室（city）",
            "ホール（city）",
            "倉庫（city）",
            "町の入口（town）",
        ]
        assert "いつもつながっています。" in door(page, "正面入口").text
        assert "15分ごとにつながります。次は12:15です。" in door(page, "集会室").text
        assert "4時間ごとにつながります。次は16:00です。" in door(page, "ホール").text
        assert "12月5日（土）12:00" in page.text
        assert "まだ何も起きていません。" in page.text

    def test_shows_what_the_centre_and_the_lock_hold(
        self, locks: LockSim, vendor: Vendor, browser: Any
    ):
        vendor.booked("集会室", "12:20", "13:00", pin="482913")

        def held() -> list[list[str]]:
            found = door(self.shown(locks, browser), "集会室").select("tbody tr")
            return [[row.select_one(".pin").text, *(td.text for td in row.select("td"))]
                    for row in found]  # fmt: skip

        assert held() == [["482913", "あり", "まだ"]]
        self.press(locks, browser, "heartbeat", "集会室")
        assert held() == [["482913", "あり", "あり"]]
        vendor.call("PUT", "/bookings/R-1-1", {"attributes": {"ends_at": "2026-12-05T14:00:00"}})
        assert held() == [["482913", "あり", "まだ"], ["482913", "なし", "あり"]]
        vendor.call("PUT", "/bookings/R-1-1/deactivate")
        assert held() == [["482913", "なし", "あり"]]
        self.press(locks, browser, "heartbeat", "集会室")
        assert held() == []

    def test_shows_numbers_whose_time_is_over(self, locks: LockSim, vendor: Vendor, browser: Any):
        vendor.booked("正面入口", "11:00", "12:10")
        vendor.booked("倉庫", "11:00", "13:00", id="R-2-1")
        locks.clock.advance(seconds=1200)

        page = self.shown(locks, browser)

        assert [td.text for td in door(page, "正面入口").select("td")] == ["終わり", "あり"]
        assert [td.text for td in door(page, "倉庫").select("td")] == ["あり", "あり"]

    def test_is_typed_on_digit_by_digit(self, locks: LockSim, vendor: Vendor, browser: Any):
        vendor.booked("正面入口", "11:00", pin="4829")
        typed = ""
        for key in ("4", "8", "8", "back", "2", "9"):
            card = self.type(locks, browser, "正面入口", pin=typed, press=key)
            typed = card.select_one("input.typed")["value"]
        assert typed == "4829"

        card = self.type(locks, browser, "正面入口", pin=typed, press="open")

        assert "開きました" in card.select_one("[role=status]").text
        assert card.svg["aria-label"] == "開いています"
        assert card.select_one("input.typed")["value"] == ""

    @pytest.mark.parametrize(
        ("pin", "said"),
        [
            ("735190", "錠の中にありません"),
            ("４８２９１３", "使える時間の前です"),
        ],
    )
    def test_says_why_a_door_stays_shut(
        self, locks: LockSim, vendor: Vendor, browser: Any, pin: str, said: str
    ):
        vendor.booked("正面入口", pin="482913")

        card = self.type(locks, browser, "正面入口", pin=pin)

        assert said in card.select_one("[role=status]").text
        assert card.svg["aria-label"] == "閉まっています"

    def test_tells_to_try_again_when_the_touch_brought_the_number(
        self, locks: LockSim, vendor: Vendor, browser: Any
    ):
        vendor.booked("ホール", "11:00", pin="482913")

        first = self.type(locks, browser, "ホール", pin="482913")
        second = self.type(locks, browser, "ホール", pin="482913")

        assert "もう一度押してください" in first.select_one("[role=status]").text
        assert "開きました" in second.select_one("[role=status]").text

    def test_asks_for_a_number(self, locks: LockSim, browser: Any):
        self.type(locks, browser, "正面入口", 422, pin="")

    def test_every_button_that_is_shown_does_something(self, locks: LockSim, browser: Any):
        self.press(locks, browser, "cut", "集会室")
        assert [one["mode"] for one in locks.faults()] == ["offline"]
        assert "つながりません。" in door(self.shown(locks, browser), "集会室").text
        self.press(locks, browser, "back", "集会室")
        assert locks.faults() == []
        assert "電池 10%" in door(self.press(locks, browser, "drain", "集会室"), "集会室").text
        assert "電池 0%" in door(self.press(locks, browser, "drain", "集会室"), "集会室").text
        assert "電池 100%" in door(self.press(locks, browser, "battery", "集会室"), "集会室").text
        self.press(locks, browser, "cut", "集会室")
        self.press(locks, browser, "drain", "正面入口")
        offered = {
            form["action"].removeprefix("/__sim/do/")
            for form in self.shown(locks, browser).select("form[action^='/__sim/do/']")
        }
        assert offered == {"ten", "at", "real", "heartbeat", "cut", "back", "drain", "battery"}

    def test_moves_the_clock(self, locks: LockSim, browser: Any):
        assert "12:10" in self.press(locks, browser, "ten").select_one(".now").text
        page = self.press(locks, browser, "at", at="2026-12-06T09:30")
        assert page.select_one(".now").text == "12月6日（日）09:30"
        assert "本当の時刻とちがいます" in page.text
        assert "本当の時刻とちがいます" not in self.press(locks, browser, "real").text

    def test_says_no_to_what_is_not_there(self, locks: LockSim, browser: Any):
        for action, typed, status in (
            ("explode", {}, 404),
            ("at", {"at": "noon"}, 422),
            ("cut", {"id": "nowhere"}, 422),
        ):
            answer = browser.post(f"{locks.base_url}/__sim/do/{action}", data=typed)
            assert read(answer, status).select("[role=alert]")

    def test_tells_what_happened(self, locks: LockSim, vendor: Vendor, browser: Any):
        vendor.booked("正面入口", "11:00", pin="482913")
        locks.keypad("正面入口", "482913")
        locks.fault("offline", "正面入口")

        said = [one.text.split() for one in self.shown(locks, browser).select(".events li")]

        assert [one[-1] for one in said] == [
            "つながりません",
            "開きました",
            "番号が錠に伝わりました",
        ]


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_opens_a_door_on_a_phone_without_a_fault():
    with LockSim(*accounts(), switchbots=[SwitchBot("t" * 20, "kagi")]) as sim:
        sim.clock.set(NOON)
        Vendor(sim).booked("正面入口", "11:00", pin="4829")
        found: list[Any] = []
        with chromium() as browser:
            for width, height in WIDTHS:
                context = browser.new_context(viewport={"width": width, "height": height})
                page = context.new_page()
                page.goto(sim.base_url)
                found += [(width, fault) for fault in faults_of(page)]
                open_by_pressing(page, "正面入口", "4829")
                found += [(width, fault) for fault in faults_of(page)]
                context.close()

    assert found == []


def open_by_pressing(page: Page, name: str, pin: str) -> None:
    for key in [*pin, "開ける"]:
        section = page.locator("section.door").filter(has_text=name).first
        button = section.get_by_role("button", name=key, exact=True)
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 48
        with page.expect_navigation():
            button.click()
    page.locator("section.door").first.get_by_text("開きました").wait_for()


def faults_of(page: Page) -> list[Any]:
    found: list[Any] = [
        (fault["id"], [node["html"] for node in fault["nodes"]])
        for fault in Axe().run(page).response["violations"]
    ]
    return found + (["sideways"] if page.evaluate(SIDEWAYS) > 0 else [])


class TestACommandLine:
    def test_says_whose_everything_is(self):
        city, town = options.accounts(
            ["city", "town"],
            ["a:1", "town=b:2"],
            [
                "正面入口",
                "集会室,900",
                "town=倉庫,0,igloo_lock,5f0f4f0e-6b1c-4a53-9a53-0b4a5c3f9d12",
            ],
        )

        assert (city.clients, town.clients) == ({"a": "1"}, {"b": "2"})
        assert [(one.name, one.heartbeat) for one in city.doors] == [
            ("正面入口", 0),
            ("集会室", 900),
        ]
        assert (town.doors[0].kind, town.doors[0].id[:8]) == (IGLOO, "5f0f4f0e")
        assert options.switchbot("t:s:裏口,表口").keypads == ["裏口", "表口"]
        assert options.owned("http://hall.example/?a=b", ["city"])[1] == "http://hall.example/?a=b"

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--client", "x"],
            ["--device", "扉,soon"],
            ["--device", "扉,0,gate"],
            ["--switchbot", "x"],
        ],
    )
    def test_that_is_wrong_is_explained(self, wrong: list[str]):
        answer = CliRunner().invoke(commands, ["locks", *wrong])

        assert answer.exit_code == 2
        assert "と書きます" in answer.output
