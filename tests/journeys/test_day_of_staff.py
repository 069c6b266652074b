"""The day of hall managers and of the city in a real browser: phone, tablet, desktop, keyboard."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.conftest import DESKTOP, PHONE, TABLET, Service

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP], ids=["360", "768", "1280"])
CITY_HALL = "/akishima/facilities/shimin-kaikan"
APPLICANT = "kobayashi@example.jp"
CLERK, OFFICE = "akishima-shi@example.jp", "shiyakusho@example.jp"


def holds_the_hall(page: Page) -> None:
    """Hold the hall that permits its uses, on the first day a month ahead on which it is free."""
    name = re.compile("えらぶ.*ホール")
    for _ in range(30):
        page.goto(f"{CITY_HALL}/days/{steps.a_free_day() + timedelta(days=35)}")
        if page.get_by_role("button", name=name).count():
            break
    with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
        page.get_by_role("button", name=name).first.click()


def applies(page: Page, service: Service) -> str:
    """Apply for the hall, as somebody who is signed in; return the number."""
    steps.is_signed_in(page, service, APPLICANT, "akishima")
    holds_the_hall(page)
    page.goto("/akishima/basket")
    page.get_by_role("link", name="申し込みへ進む").click()
    for _ in range(9):
        if "内容を確かめる" in page.get_by_role("heading", level=1).inner_text():
            break
        for choice in ("とらない", "いいえ"):
            if page.get_by_role("radio", name=choice).count():
                page.get_by_role("radio", name=choice).first.check()
        if page.get_by_label(re.compile("^人数|何人")).count():
            page.get_by_label(re.compile("^人数|何人")).first.fill("３００")
        if (
            page.get_by_role("radio").count()
            and not page.get_by_role("radio", checked=True).count()
        ):
            page.get_by_role("radio").first.check()
        page.get_by_role("button", name="次へ進む").click()
        page.wait_for_load_state()
    expect(page.get_by_text("会館の許可がいります。")).to_be_visible()
    return steps.apply(page)


@SIZES
def test_an_application_is_asked_back_answered_and_permitted(open_page, service, size):
    resident, clerk = open_page(PHONE), open_page(size)
    number = applies(resident, service)
    expect(resident.get_by_text("審査中").first).to_be_visible()

    steps.sign_in_as_staff(clerk, service, CLERK, "/akishima/desk/approvals")
    clerk.goto(f"/akishima/desk/approvals/{number}")
    clerk.get_by_label("問い合わせる（差し戻し）").check()
    clerk.get_by_label(re.compile("申し込んだ人への言葉")).fill("リハーサルは何時からですか。")
    clerk.get_by_role("button", name="この答えを送る").click()
    expect(clerk.get_by_text("答えを記録しました")).to_be_visible()

    resident.goto(f"/akishima/bookings/{number}")
    expect(resident.get_by_text("リハーサルは何時からですか。")).to_be_visible()
    resident.get_by_label("会館への返事").fill("9時からです。")
    resident.get_by_role("button", name="返事を送る").click()
    expect(resident.get_by_text("返事を送りました。")).to_be_visible()

    clerk.goto("/akishima/desk/approvals")
    clerk.locator(f"input[name=number][value='{number}']").check()
    clerk.get_by_role("button", name="えらんだ申請をまとめて許可する").click()
    clerk.get_by_role("button", name="1件を許可する").click()
    expect(clerk.get_by_text("1件を許可しました。")).to_be_visible()

    resident.goto(f"/akishima/bookings/{number}")
    expect(resident.get_by_text("支払い待ち").first).to_be_visible()
    letter = service.letter(APPLICANT, "使用が許可されました", about=number)
    assert "までに" in letter["body"]


@SIZES
def test_a_report_is_asked_for_kept_and_taken_along(open_page, service, size):
    office = open_page(size)
    steps.sign_in_as_staff(office, service, OFFICE, "/akiruno/desk/reports/")
    office.get_by_label("まとめ方").select_option(label="曜日")
    office.get_by_role("button", name="集計する").click()
    expect(office.get_by_role("heading", name="曜日ごとの表")).to_be_visible()

    with office.expect_download() as download:
        office.get_by_role("link", name="Excel（すべてのまとめ方）").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames[:3] == ["部屋別", "施設別", "月別"]

    office.get_by_text("この集計を保存する・毎月メールで受け取る").click()
    office.get_by_label("名前", exact=True).fill(f"曜日の件数 {size[0]}")
    office.get_by_role("button", name="保存する").click()
    expect(office.get_by_role("link", name=f"曜日の件数 {size[0]}")).to_be_visible()
    assert not office.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@SIZES
def test_a_screen_is_made_and_shows_the_hall(open_page, service, size):
    manager, screen = open_page(size), open_page((1920, 1080))
    path = f"/akiruno/desk/{steps.HALL}/screens"
    steps.sign_in_as_staff(manager, service, "kanri-sugao@example.jp", path)
    manager.get_by_label(re.compile("^名前")).fill(f"玄関 {size[0]}")
    manager.get_by_role("button", name="アドレスを作る").click()
    address = manager.locator("ul.rows a").last.get_attribute("href")
    screen.goto(address)
    expect(screen.get_by_role("heading", name="菅生交流会館")).to_be_visible()

    manager.get_by_label("言葉").fill("避難所を開設しています")
    manager.get_by_role("button", name="画面に出す").click()
    screen.reload()
    expect(screen.get_by_text("避難所を開設しています")).to_be_visible()
    manager.get_by_role("button", name="画面から消す").click()
    expect(manager.get_by_text("画面の言葉を消しました。")).to_be_visible()


def test_an_application_is_permitted_with_the_keyboard_alone(open_page, service):
    resident, clerk = open_page(PHONE), open_page(DESKTOP)
    number = applies(resident, service)
    steps.sign_in_as_staff(clerk, service, CLERK, f"/akishima/desk/approvals/{number}")

    steps.tab_to(clerk, "許可する")
    clerk.keyboard.press("Space")
    steps.tab_to(clerk, "この答えを送る")
    clerk.keyboard.press("Enter")

    expect(clerk.get_by_text("許可ずみ")).to_be_visible()


def test_a_report_is_made_with_the_keyboard_alone(open_page, service):
    office = open_page(DESKTOP)
    steps.sign_in_as_staff(office, service, OFFICE, "/akiruno/desk/reports/")

    steps.tab_to(office, "前年度")
    office.keyboard.press("Enter")
    office.wait_for_url("**from=**")
    steps.tab_to(office, "集計する")
    office.keyboard.press("Enter")

    expect(office.get_by_role("heading", name="部屋ごとの表")).to_be_visible()
