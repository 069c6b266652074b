"""The main job on real input: booked on a phone, seen at the desk, exported by the city."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.conftest import DESKTOP, PHONE, TABLET

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_two_rooms_are_booked_in_one_request_and_one_is_cancelled(
    open_page, service, size, javascript
):
    day, email = steps.a_free_day(), "tanaka@example.jp"
    page = open_page(size, javascript=javascript)

    steps.search(page, day)
    page.goto(f"/akiruno/facilities/{steps.HALL}/days/{day}")
    steps.press(page, "会議室", 10)
    steps.press(page, "和室", 13)
    steps.to_the_check_page(page, service, email)
    expect(page.get_by_text("料金", exact=False).first).to_be_visible()
    number = steps.apply(page)

    service.letter(email, "申し込み", about=number)
    page.goto(f"/akiruno/bookings/{number}/cancel")
    page.get_by_label(re.compile("和室を取り消す")).check()
    page.get_by_role("button", name="えらんだ枠を取り消す").click()
    expect(page.get_by_text("取り消し").first).to_be_visible()

    stranger = open_page(PHONE, javascript=javascript)
    stranger.goto(f"/akiruno/facilities/{steps.HALL}/days/{day}")
    expect(stranger.get_by_role("button", name=re.compile("^13時.*和室"))).to_be_visible()
    expect(stranger.get_by_role("button", name=re.compile("^10時.*会議室"))).to_have_count(0)

    letters = [one for one in service.letters(email) if "申し込み" in one["subject"]]
    told = [one for one in letters if number[:4] in re.sub(r"[^0-9]", "", one["body"])]
    assert len(told) == 1, "one mail for one request"


def test_the_manager_sees_the_booking_and_the_city_exports_it(open_page, service):
    day, email = steps.a_free_day(), "kobayashi@example.jp"
    page = open_page(PHONE)
    steps.search(page, day)
    page.goto(f"/akiruno/facilities/{steps.HALL}/days/{day}")
    steps.press(page, "集会室", 10)
    steps.to_the_check_page(page, service, email)
    number = steps.apply(page)

    desk = open_page(TABLET)
    path = f"/akiruno/desk/{steps.HALL}/days/{day}"
    steps.sign_in_as_staff(desk, service, "kanri-sugao@example.jp", path)
    expect(desk.get_by_text("小林 節子").first).to_be_visible()
    desk.goto(f"/akiruno/desk/bookings/{number}")
    desk.get_by_role("link", name=re.compile("を受け取った")).click()
    desk.get_by_role("button", name=re.compile("を受け取った")).click()
    expect(desk.get_by_text("予約確定").first).to_be_visible()

    office = open_page(DESKTOP)
    steps.sign_in_as_staff(office, service, "shiyakusho@example.jp", "/akiruno/office/bookings")
    exported = office.request.get(
        f"/akiruno/office/bookings/csv?from={day}&to={day}", headers={"Accept": "text/csv"}
    )
    assert exported.status == 200
    assert number in re.sub(r"(?<=\d)-(?=\d)", "", exported.body().decode("utf-8-sig"))

    page.goto(f"/akiruno/bookings/{number}")
    expect(page.get_by_text("予約確定").first).to_be_visible()


def test_from_the_first_page_to_a_finished_booking_takes_at_most_7_screens_and_12_taps(
    open_page, service
):
    day, email = steps.a_free_day(), "hanako@example.jp"
    page = open_page(PHONE)
    page.goto("/akiruno/sign-in")
    steps.sign_in(page, service, email)
    screens: list[str] = []
    page.on("framenavigated", lambda frame: screens.append(frame.url))

    steps.search(page, day)  # five fields and a button
    taps = 6
    with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
        page.get_by_role("button", name=re.compile("^15時.*会議室")).first.click()
    expect(page.get_by_text(re.compile("えらびました")).first).to_be_visible()
    taps += 1
    page.get_by_role("link", name=re.compile("えらんだ枠")).first.click()
    page.get_by_role("link", name="申し込みへ進む").click()
    taps += 2
    while "内容を確かめる" not in page.get_by_role("heading", level=1).inner_text():
        page.get_by_role("button", name="次へ進む").click()
        page.wait_for_load_state()
        taps += 1
    steps.apply(page)
    taps += 1

    seen = list(dict.fromkeys(screens))
    print(f"\nscreens {len(seen)}, taps {taps}: {seen}")
    assert len(seen) <= 7
    assert taps <= 12
