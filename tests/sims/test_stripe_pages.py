"""The pages of the simulator, filled in as people do."""

import html
import re
from collections.abc import Iterator

import pytest
import requests
from bs4 import BeautifulSoup

from app.sims.stripe import StripeSim
from tests.sims.conftest import Opens

NOTE = "これはお試し用の決済ページです。お金は動きません。"
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/30", "cvc": "123", "name": "HANAKO"}


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as one:
        yield one


def page(answer: requests.Response, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    read = BeautifulSoup(answer.content, "html.parser")
    assert NOTE in read.text
    assert len(read.select("h1")) == 1
    assert not read.select("script, link, img, iframe")
    for field in read.select("input:not([type=hidden]), select"):
        assert field.find_parent("label") or field.get("aria-label"), field
    return read


class TestThePaymentPage:
    def test_says_what_is_paid_and_offers_each_way(self, browser: requests.Session, opened: Opens):
        read = page(browser.get(opened().url))

        assert "第1会議室" in read.text
        assert "1,200円" in read.text
        assert [one.text for one in read.select("summary")] == [
            "クレジットカード",
            "コンビニ",
            "PayPay",
        ]
        back = read.find("a", string="支払わずにもどる")
        assert back["href"] == "http://hall.example/pay/cancelled"

    def test_offers_only_what_can_be_used(self, browser: requests.Session, opened: Opens):
        read = page(browser.get(opened(allowed_payment_method_types=["konbini"]).url))

        assert [one.text for one in read.select("summary")] == ["コンビニ"]

    @pytest.mark.parametrize("mark", ["{CHECKOUT_SESSION_ID}", "%7BCHECKOUT_SESSION_ID%7D"])
    def test_sends_back_whoever_has_paid(
        self, sim: StripeSim, browser: requests.Session, opened: Opens, mark: str
    ):
        session = opened(success_url=f"http://hall.example/return?cs={mark}")

        answer = browser.post(f"{session.url}/card", data=CARD, allow_redirects=False)

        assert answer.status_code == 303
        assert answer.headers["Location"] == f"http://hall.example/return?cs={session.id}"
        assert sim.sessions()[0]["payment_status"] == "paid"
        assert "手続きは終わっています" in page(browser.get(session.url)).text

    def test_by_paypay_too(self, sim: StripeSim, browser: requests.Session, opened: Opens):
        answer = browser.post(f"{opened().url}/paypay", allow_redirects=False)

        assert answer.status_code == 303
        assert sim.sessions()[0]["payment_status"] == "paid"

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"number": "4000000000000002"}, "カードが使えませんでした。"),
            ({"number": "4000000000009995"}, "カードの残高が足りません。"),
            ({"number": "4242"}, "カード番号を確かめてください。"),
            ({"expiry": "13/30"}, "期限を「月/年」で入れてください。"),
            ({"expiry": "11/26"}, "カードの期限が切れています。"),
            ({"cvc": "1"}, "セキュリティコードは3桁か4桁の数字です。"),
        ],
    )
    def test_says_what_is_wrong_and_stays(
        self,
        sim: StripeSim,
        browser: requests.Session,
        opened: Opens,
        changed: dict[str, str],
        said: str,
    ):
        read = page(browser.post(f"{opened().url}/card", data=CARD | changed), 422)

        assert said in read.select_one("[role=alert]").text
        assert read.select_one("input[name=name]")["value"] == "HANAKO"
        assert sim.sessions()[0]["status"] == "open"

    def test_wide_digits_are_digits(self, browser: requests.Session, opened: Opens):
        typed = CARD | {"number": "４２４２４２４２４２４２４２４２", "expiry": "１２／３０"}

        answer = browser.post(f"{opened().url}/card", data=typed, allow_redirects=False)

        assert answer.status_code == 303

    def test_is_over_when_the_time_is(
        self, sim: StripeSim, browser: requests.Session, opened: Opens
    ):
        session = opened()
        sim.clock.advance(days=1)

        assert "期限が過ぎました" in page(browser.get(session.url)).text
        page(browser.post(f"{session.url}/card", data=CARD), 422)

    def test_of_nothing_is_not_there(self, sim: StripeSim, browser: requests.Session):
        page(browser.get(f"{sim.base_url}/pay/cs_test_nothing"), 404)

    def test_shows_names_as_they_are(self, browser: requests.Session, opened: Opens):
        price = {"currency": "jpy", "unit_amount": 500, "product_data": {"name": "<b>室</b>"}}
        answer = browser.get(opened(line_items=[{"quantity": 1, "price_data": price}]).url)

        assert html.escape("<b>室</b>") in answer.text

    @pytest.mark.parametrize(
        "typed", [{"name": "", "phone": "0312345678"}, {"name": "山田", "phone": "0000000000"}]
    )
    def test_asks_for_what_a_store_needs(
        self, browser: requests.Session, opened: Opens, typed: dict[str, str]
    ):
        read = page(browser.post(f"{opened().url}/konbini", data=typed | {"store": "lawson"}), 422)

        assert read.select_one("details[open] summary").text == "コンビニ"


class TestTheVoucher:
    @pytest.fixture
    def voucher(self, browser: requests.Session, opened: Opens) -> requests.Response:
        typed = {"store": "seicomart", "name": "山田花子", "phone": "090-1234-5678"}
        return browser.post(f"{opened().url}/konbini", data=typed)

    def test_shows_its_codes_and_the_way_back(self, sim: StripeSim, voucher: requests.Response):
        read = page(voucher)

        session = sim.sessions()[0]
        codes = [one.text for one in read.select(".code")]
        assert re.fullmatch("[0-9]{6}", codes[0])
        assert codes[1] == "09012345678"
        assert "セイコーマート" in read.h1.text
        assert "2026年12月4日 23:59" in read.text
        assert read.find("a", string="元のサイトにもどる")["href"].endswith(session["id"])

    def test_is_paid_by_a_press(
        self, sim: StripeSim, browser: requests.Session, voucher: requests.Response
    ):
        read = page(browser.post(f"{voucher.url}/pay"))

        assert "支払いました" in read.text
        assert sim.sessions()[0]["payment_status"] == "paid"
        page(browser.post(f"{voucher.url}/lapse"), 422)

    def test_is_not_paid_by_another(
        self, sim: StripeSim, browser: requests.Session, voucher: requests.Response
    ):
        read = page(browser.post(f"{voucher.url}/lapse"))

        assert "期限が過ぎました" in read.text
        page(browser.post(f"{voucher.url}/pay"), 422)

    def test_is_refunded_to_a_bank_account(
        self, sim: StripeSim, browser: requests.Session, voucher: requests.Response
    ):
        browser.post(f"{voucher.url}/pay")
        refund = sim.dashboard_refund(sim.sessions()[0]["id"])
        url = f"{sim.base_url}/refund/{refund['id']}"

        assert "口座" in page(browser.get(url)).text
        assert "返金の手続き中" in page(browser.post(url, data={"bank": "みほん"})).text
        page(browser.post(url), 422)
        page(browser.get(f"{sim.base_url}/refund/re_nothing"), 404)


class TestTheConsole:
    def test_is_empty_at_first(self, sim: StripeSim, browser: requests.Session):
        assert "まだ支払いはありません。" in page(browser.get(sim.base_url)).text

    def press(
        self, sim: StripeSim, browser: requests.Session, action: str, **typed: str
    ) -> BeautifulSoup:
        return page(browser.post(f"{sim.base_url}/do/{action}", data=typed))

    def test_every_button_that_is_shown_does_something(
        self, sim: StripeSim, browser: requests.Session, opened: Opens
    ):
        store, card, left = opened(), opened(), opened()
        sim.choose_konbini(store.id)
        sim.pay_card(card.id)

        self.press(sim, browser, "pay-konbini", id=store.id)
        self.press(sim, browser, "expire", id=left.id)
        self.press(sim, browser, "refund", id=store.id, yen="500")
        refund = sim.refunds()[0]["id"]
        sim.give_bank_details(refund)
        self.press(sim, browser, "settle-refund", id=refund)
        self.press(sim, browser, "fail-refund", id=refund)
        self.press(sim, browser, "dispute", id=card.id)
        self.press(sim, browser, "win-dispute", id=sim.disputes()[0]["id"])
        self.press(sim, browser, "hold")
        read = self.press(sim, browser, "release")

        assert [one["status"] for one in sim.sessions()] == ["complete", "complete", "expired"]
        assert sim.refunds()[0]["status"] == "failed"
        assert sim.disputes()[0]["status"] == "won"
        offered = {form["action"].removeprefix("/do/") for form in read.select("form")}
        assert offered == {"hour", "day", "refund", "dispute", "hold", "again"}

    def test_moves_the_clock(self, sim: StripeSim, browser: requests.Session, opened: Opens):
        opened()

        self.press(sim, browser, "day")

        assert sim.sessions()[0]["status"] == "expired"

    def test_says_why_not(self, sim: StripeSim, browser: requests.Session, opened: Opens):
        url = f"{sim.base_url}/do"

        page(browser.post(f"{url}/pay-konbini", data={"id": opened().id}), 422)
        page(browser.post(f"{url}/dispute", data={"id": "cs_test_nothing"}), 422)
        page(browser.post(f"{url}/refund", data={"id": "x", "yen": "たくさん"}), 422)
        page(browser.post(f"{url}/explode"), 404)
