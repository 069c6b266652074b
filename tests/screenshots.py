"""Takes the pictures of the README from a running demonstration (`make run`)."""

import os
import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from app.kernel import clock
from app.kernel.clock import TOKYO
from app.local.browser import ensure_browser
from tests.journeys import steps
from tests.journeys.conftest import DESKTOP, PHONE, Service

HALL_WITH_DOORS = "community-4"  # as the pack's demonstration.yaml says
DOORS = os.environ.get("DEMO_DOORS_URL", "http://127.0.0.1:8128/")
PICTURES = Path(__file__).parents[1] / "docs" / "screenshots"


def main() -> None:
    """Walk through a booking on a phone and look at the hall's desk, taking pictures."""
    service = Service(
        os.environ.get("BASE_URL", "http://127.0.0.1:8124"),
        os.environ.get("DEMO_MAILBOX_URL", "http://127.0.0.1:8125/"),
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    day = clock.now().astimezone(TOKYO).date() + timedelta(days=10)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=ensure_browser(),
            args=["--lang=ja"],
            env={**os.environ, "LANGUAGE": "ja"},
        )
        phone = browser.new_page(
            viewport={"width": PHONE[0], "height": PHONE[1]},
            base_url=service.url,
            locale="ja-JP",
        )
        _book(phone, service, day)
        pin = _open_a_door(phone, service)
        desk = browser.new_page(
            viewport={"width": DESKTOP[0], "height": DESKTOP[1]},
            base_url=service.url,
            locale="ja-JP",
        )
        _look(desk, service, day)
        _show(desk)
        _press(desk, pin)
        browser.close()


def _book(page: Page, service: Service, day: date) -> None:
    page.goto(f"/{steps.CITY}/")
    _take(page, "home")
    steps.search(page, day)
    page.goto(f"/{steps.CITY}/facilities/{steps.HALL}/days/{day}")
    free = page.get_by_role("button", name=re.compile("^(10|11|12|13|14|15)時.*会議室"))
    with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
        free.first.click()
    _take(page, "day")
    steps.to_the_check_page(page, service, "hanako@example.jp")
    _take(page, "check")
    steps.apply(page)
    _take(page, "done")
    page.get_by_role("link", name="支払いへ進む").click()
    page.get_by_label("クレジットカード").check()
    _take(page, "pay")
    _pay(page)
    _take(page, "paid")


def _pay(page: Page) -> None:
    page.get_by_role("button", name="支払いのページへ進む").click()
    page.locator("input[name=number]").fill("4242424242424242")
    page.locator("input[name=expiry]").fill("12/40")
    page.locator("input[name=cvc]").fill("123")
    page.get_by_role("button", name="払う").click()
    page.get_by_role("heading", name="支払いを受け取りました").wait_for()


def _open_a_door(page: Page, service: Service) -> str:
    """Book a room for tomorrow, pay, and read the number that opens it; return it."""
    day = clock.now().astimezone(TOKYO).date() + timedelta(days=1)
    page.goto(f"/{steps.CITY}/facilities/{HALL_WITH_DOORS}/days/{day}")
    free = page.get_by_role("button", name=re.compile("^(9|1[0-9])時.*(集会室|会議室)"))
    with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
        free.first.click()
    steps.to_the_check_page(page, service, "hanako@example.jp")
    number = steps.apply(page)
    page.get_by_role("link", name="支払いへ進む").click()
    page.get_by_label("クレジットカード").check()
    _pay(page)
    page.goto(f"/{steps.CITY}/bookings/{number}/key")
    digits = page.locator(".keycode").first
    for _ in range(30):  # the worker brings it to the locks within seconds
        if digits.count():
            break
        page.wait_for_timeout(2_000)
        page.reload()
    _take(page, "key")
    return re.sub(r"\D", "", digits.inner_text())


def _press(page: Page, pin: str) -> None:
    """Press the number at the entrance when its time has come: on the stand-in's page."""
    at = clock.now().astimezone(TOKYO)
    page.goto(DOORS)
    when = page.locator(f"text=/{pin}/").first.locator("xpath=..").inner_text()
    month, day, hour = map(int, re.findall(r"(\d+)月(\d+)日 (\d+):", when)[0])
    opens_at = at.replace(month=month, day=day, hour=hour, minute=55)
    page.locator("input[name=at]").fill(f"{opens_at:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="この時刻にする").click()
    page.locator("input[name=pin]").first.fill(pin)
    page.get_by_role("button", name="開ける").first.click()
    _take(page, "doors")
    page.request.post(f"{DOORS}__sim/clock", data={"now": clock.now().isoformat()})


def _look(page: Page, service: Service, day: date) -> None:
    page.goto(f"/{steps.CITY}/facilities/chuo-kominkan/weeks/{day}")
    _take(page, "week")
    path = f"/{steps.CITY}/desk/chuo-kominkan/days/{day - timedelta(days=9)}"
    steps.sign_in_as_staff(page, service, "kanri-chuo@example.jp", path)
    _take(page, "desk")
    page.goto(f"/{steps.CITY}/desk/chuo-kominkan/till/{day - timedelta(days=10)}")
    _take(page, "till")
    page.goto(f"/{steps.CITY}/desk/calendar/week/{day}?hall=chuo-kominkan")
    _take(page, "calendar")
    page.goto(f"/{steps.CITY}/desk/reports/")
    page.get_by_role("heading", name="曜日と時間ごとの利用率").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.heat').closest('section').scrollIntoView()")
    _take(page, "report")


def _show(page: Page) -> None:
    """Look at a screen of the hall, as it hangs in the lobby."""
    page.goto(f"/{steps.CITY}/desk/chuo-kominkan/screens")
    page.get_by_label(re.compile("^名前")).fill("玄関の画面")
    page.get_by_role("button", name="アドレスを作る").click()
    address = page.locator("ul.rows a").last.get_attribute("href")
    page.goto(address or "")
    page.set_viewport_size({"width": 1280, "height": 720})
    _take(page, "screen")


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
