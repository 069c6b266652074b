"""Every page: accessible, light, readable at 320 px and at twice the text size."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys import steps
from tests.journeys.conftest import DESKTOP, PHONE, TABLET

pytestmark = pytest.mark.browser

HALL = f"/akiruno/facilities/{steps.HALL}"


def public_paths() -> list[str]:
    day = steps.a_free_day()
    return [
        "/",
        "/akiruno/",
        f"/akiruno/search?on={day}&people=10&purpose=meeting",
        HALL,
        f"{HALL}/days/{day}",
        f"{HALL}/weeks/{day}",
        f"{HALL}/months/{day:%Y-%m}",
        f"{HALL}/rooms/kaigi/days/{day}",
        f"{HALL}/choose",
        "/akiruno/facilities/chuo-kominkan/weeks/" + str(day),
        "/akiruno/basket",
        "/akiruno/sign-in",
        "/akiruno/no-such-page",
        "/akishima/",
    ]


def violations(page: Page) -> list[str]:
    """Return what axe finds, as rule and place."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["360", "768", "1280"])
def test_axe_finds_nothing_on_public_pages(open_page, size):
    page = open_page(size)

    found = {}
    for path in public_paths():
        page.goto(path)
        found[path] = violations(page)

    assert {path: one for path, one in found.items() if one} == {}


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["360", "768", "1280"])
def test_axe_finds_nothing_from_the_basket_to_the_booking(open_page, service, size):
    day, page, found = steps.a_free_day(), open_page(size), {}

    def look(name: str) -> None:
        found[name] = violations(page)

    page.goto(f"{HALL}/days/{day}")
    steps.press(page, "会議室", 10)
    look("day with a choice")
    page.goto("/akiruno/basket")
    look("basket")
    page.goto("/akiruno/basket/estimate")
    look("estimate")
    page.goto("/akiruno/basket/fee")
    look("why this fee")
    for question in ("purpose", "people", "name", "notes"):
        page.goto(f"/akiruno/apply/{question}")
        look(question)
    page.goto("/akiruno/sign-in")
    steps.sign_in(page, service, "hanako@example.jp")
    steps.to_the_check_page(page, service, "hanako@example.jp")
    look("check")
    number = steps.apply(page)
    look("done")
    for path in ("", f"/{number}", f"/{number}/fee", f"/{number}/cancel", f"/{number}/print"):
        page.goto(f"/akiruno/bookings{path}")
        look(f"bookings{path}")

    assert {name: one for name, one in found.items() if one} == {}


@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["360", "768", "1280"])
def test_axe_finds_nothing_on_the_pages_of_staff(open_page, service, size):
    day, page, found = steps.a_free_day(), open_page(size), {}
    steps.sign_in_as_staff(page, service, "shiyakusho@example.jp", "/akiruno/office/bookings")

    for path in (
        "desk/",
        f"desk/{steps.HALL}/days/{day}",
        f"desk/{steps.HALL}/weeks/{day}",
        f"desk/calendar/day/{day}",
        f"desk/calendar/week/{day}?hall={steps.HALL}",
        f"desk/calendar/month/{day}?hall={steps.HALL}&mode=close",
        "desk/bookings?q=00000000",
        "office/bookings",
        "desk/reports/",
        "desk/approvals",
        f"desk/{steps.HALL}/screens",
        "office/decisions",
        "office/letters",
        "office/audit",
    ):
        page.goto(f"/akiruno/{path}")
        found[path] = violations(page)

    assert {path: one for path, one in found.items() if one} == {}


def test_no_page_scrolls_sideways_at_320_pixels_or_at_twice_the_text_size(open_page):
    narrow, large = open_page((320, 640)), open_page((640, 800))

    sideways = []
    for path in public_paths():
        narrow.goto(path)
        large.goto(path)
        large.evaluate("document.documentElement.style.fontSize = '200%'")
        for page in (narrow, large):
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                sideways.append((path, page.viewport_size))

    assert sideways == []


def test_a_residents_page_is_light_and_asks_nobody_else(open_page, service):
    page = open_page(PHONE)
    day = steps.a_free_day()

    for path in ("/akiruno/", f"{HALL}/days/{day}", f"{HALL}/weeks/{day}", "/akiruno/basket",
                 f"/akiruno/facilities/chuo-kominkan/weeks/{day}"):  # fmt: skip
        fresh = open_page(PHONE)
        answers = []
        fresh.on("response", lambda answer, kept=answers: kept.append(answer))
        fresh.goto(path)
        fresh.wait_for_load_state("networkidle")
        weight = sum(one.request.sizes()["responseBodySize"] for one in answers)
        print(f"\n{path}: {len(answers)} requests, {weight / 1024:.1f} KB")
        assert len(answers) <= 8, path
        assert weight <= 80 * 1024, path
        assert {re.match(r"https?://[^/]+", one.url)[0] for one in answers} == {service.url}
    page.close()


def test_a_room_is_booked_with_the_keyboard_alone(open_page, service):
    day = steps.a_free_day()
    page = open_page(DESKTOP)
    page.goto(f"{HALL}/days/{day}")

    steps.tab_to(page, "^10時")
    with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
        page.keyboard.press("Enter")
    page.get_by_text(re.compile("えらびました")).first.wait_for()
    page.goto("/akiruno/basket")
    steps.tab_to(page, "申し込みへ進む")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/**")
    assert page.get_by_role("button", name="次へ進む").is_visible()
