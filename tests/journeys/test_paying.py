"""Paying in a real browser, at a stand-in for the provider: off to another origin and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


def to_the_ways(page: Page, service: object, email: str) -> str:
    """Book a room and go to where one chooses how to pay; return the booking's number."""
    day = steps.a_free_day()
    steps.search(page, day)
    page.goto(f"/akiruno/facilities/{steps.HALL}/days/{day}")
    steps.press(page, "会議室", 10)
    steps.to_the_check_page(page, service, email)
    number = steps.apply(page)
    page.get_by_role("link", name="支払いへ進む").click()
    return number


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_by_card_there_and_back(open_page, service, javascript):
    page = open_page(PHONE, javascript=javascript)
    email = "circle@example.jp" if javascript else "taiso@example.jp"
    number = to_the_ways(page, service, email)
    page.get_by_label("クレジットカード").check()
    page.get_by_role("button", name="支払いのページへ進む").click()

    expect(page.get_by_text("お試し用の決済ページ")).to_be_visible()
    assert not page.url.startswith(service.url)
    page.locator("input[name=number]").fill("4000000000000002")
    page.locator("input[name=expiry]").fill("12/40")
    page.locator("input[name=cvc]").fill("123")
    page.get_by_role("button", name=re.compile("払う")).click()
    page.locator("input[name=number]").fill("4242424242424242")
    page.locator("input[name=expiry]").fill("12/40")
    page.locator("input[name=cvc]").fill("123")
    page.get_by_role("button", name=re.compile("払う")).click()

    expect(page.get_by_role("heading", name="支払いを受け取りました")).to_be_visible()
    assert page.url.startswith(service.url)
    service.letter(email, "料金を受け取りました", about=number)
    page.get_by_role("link", name="予約を見る").click()
    expect(page.get_by_text("予約確定").first).to_be_visible()


def test_at_a_shop_the_letter_comes_by_itself(open_page, service):
    """Nobody comes back to our page: the provider's notice and the worker do the rest."""
    page = open_page(PHONE)
    number = to_the_ways(page, service, "kobayashi@example.jp")
    page.get_by_label(re.compile("^コンビニ")).check()
    page.get_by_role("button", name="支払いのページへ進む").click()
    page.locator("input[name=name]").fill("コバヤシ セツコ")
    page.locator("input[name=phone]").fill("09000000000")
    page.get_by_role("button", name="払込番号を受け取る").click()
    service.letter("kobayashi@example.jp", "コンビニでのはらい方", about=number)

    page.get_by_role("button", name=re.compile("店で払う")).click()

    service.letter("kobayashi@example.jp", "料金を受け取りました", about=number)
    page.goto(f"/akiruno/bookings/{number}")
    expect(page.get_by_text("予約確定").first).to_be_visible()
