"""Staff come in: by password and app, by passkey in a real browser; administrators invite."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.db import db
from app.db.session import tenant_scope
from app.identity.codes import key_of_invitation
from app.identity.permissions import RoleKind, gives
from app.identity.staff.models import Invitation
from app.sims.authenticator import WORDS, secret_of
from app.sims.mail import MailBox, pages
from app.web.role_words import ROLES
from tests import builders
from tests.builders import MONDAY_9AM
from tests.conftest import SECRET, Clock
from tests.db import proof
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, chromium, faults, served
from tests.reports.situations import clerk, goes_on_until, staff, working

MAIL = "shinjin@example.jp"


def link(app: Flask) -> str:
    """Return the address in the letter of the latest invitation."""
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        one = db.session.query(Invitation).order_by(Invitation.id.desc()).first()
        key = key_of_invitation(SECRET, one.id, one.salt)
        return f"/midori/staff/invitations/{one.id}/{key}"


def invite(boss: Visitor) -> Visitor:
    boss.visit("/midori/office/staff").press("職員を招く")
    boss.fill("メールアドレス", MAIL).fill("お名前", "新人 良子")
    return boss.choose("予約受付 中央会館").choose("収納 中央会館").press("招待を送る")


def joined(app: Flask, clock: Clock) -> tuple[Visitor, str]:
    """Somebody who accepted, in their browser, with the secret of their app."""
    invite(clerk(app))
    one = Visitor(app).visit(link(app)).press("パスワードと認証アプリにする")
    one.fill("パスワード", WORDS).fill("もう一度", WORDS).press("次へ進む")
    secret = one.page.select_one(".mono").get_text().replace(" ", "")
    digits = pyotp.TOTP(secret).at(clock.now)
    one.fill("認証アプリ", f"{digits[:3]} {digits[3:]}").press("つないで登録する")
    return one, secret


def test_an_invitation_is_accepted_step_by_step(app: Flask, clock: Clock):
    one, _secret = joined(app, clock)

    assert "予備の番号をひかえてください" in one.text
    assert len(one.page.select(".codes li")) == 10
    one.press("ひかえたので始める")
    assert one.path.startswith("/midori/desk/chuo/days/")
    one.visit("/midori/office/bookings", status=403)
    assert "中央会館 予約受付、収納" in one.visit("/midori/staff/account").text
    assert "予備の番号" not in one.visit("/midori/staff/account/recovery-codes").title


def test_coming_in_asks_for_both_proofs_and_leads_on(app: Flask, clock: Clock):
    _, secret = joined(app, clock)
    clock.now += timedelta(minutes=1)
    one = Visitor(app).visit("/midori/desk/bookings?q=3000")
    one.fill("メールアドレス", MAIL).fill("パスワード", "wrong-wrong-wrong")
    one.press("次へ進む", status=409)
    assert "メールアドレスかパスワードがちがいます。" in one.text
    one.fill("パスワード", WORDS).press("次へ進む")
    one.fill("認証アプリ", "000000").press("ログインする", status=409)

    one.fill("認証アプリ", pyotp.TOTP(secret).at(clock.now)).press("ログインする")

    assert one.path == "/midori/desk/bookings?q=3000"
    one.press("ログアウト")
    assert "職員のログイン" in one.visit("/midori/desk/").title


def test_who_asks_for_nothing_lands_where_they_work(app: Flask, clock: Clock):
    _, secret = joined(app, clock)
    clock.now += timedelta(minutes=1)
    one = Visitor(app).visit("/midori/staff/sign-in")
    one.fill("メールアドレス", MAIL).fill("パスワード", WORDS).press("次へ進む")
    one.fill("認証アプリ", pyotp.TOTP(secret).at(clock.now)).press("ログインする")

    assert one.path.startswith("/midori/desk/chuo/days/")


def test_an_administrator_alone_lands_among_the_staff(app: Flask, clock: Clock):
    boss = clerk(app).visit("/midori/office/staff/new")
    boss.fill("メールアドレス", MAIL).fill("お名前", "新人 良子")
    boss.choose("管理者 すべての施設").press("招待を送る")
    one = Visitor(app).visit(link(app)).press("パスワードと認証アプリにする")
    one.fill("パスワード", WORDS).fill("もう一度", WORDS).press("次へ進む")
    secret = one.page.select_one(".mono").get_text().replace(" ", "")
    one.fill("認証アプリ", pyotp.TOTP(secret).at(clock.now)).press("つないで登録する")

    one.press("ひかえたので始める")

    assert one.path == "/midori/office/staff"


def test_half_way_in_nothing_opens(app: Flask, clock: Clock):
    joined(app, clock)
    one = Visitor(app).visit("/midori/staff/sign-in")
    one.fill("メールアドレス", MAIL).fill("パスワード", WORDS).press("次へ進む")

    assert "職員のログイン" in one.visit("/midori/desk/").title
    assert "職員のログイン" in one.visit("/midori/staff/account").title


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("", "", "パスワードを入力してください。"),
        ("short", "short", "12文字以上"),
        ("password1234", "password1234", "よくある言葉"),
        ("shinjin12345", "shinjin12345", "よくある言葉"),
        (MAIL.upper(), MAIL.upper(), "よくある言葉"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "よくある言葉"),
        (WORDS, WORDS + "x", "2つのパスワードがちがいます"),
    ],
)
def test_a_password_that_will_not_do_is_told_and_never_sent_back(
    app: Flask, password: str, again: str, said: str
):
    invite(clerk(app))
    one = Visitor(app).visit(f"{link(app)}/password")

    one.fill("パスワード", password).fill("もう一度", again).press("次へ進む", status=422)

    assert said in one.text
    assert not password or password not in one.response.text


def test_an_invitation_that_is_gone_says_what_to_do(app: Flask):
    boss = invite(clerk(app))
    address = link(app)
    boss.press("取り消す")

    for path in (address, f"{address}/password", "/midori/staff/invitations/999999/x"):
        assert "この招待は使えません" in Visitor(app).visit(path, status=410).text


def test_roles_are_changed_and_somebody_leaves(app: Flask):
    boss = clerk(app)
    manager = staff(app)
    boss.visit("/midori/office/staff")
    rows = [one for one in boss.page.select("tr") if "kanri@example.jp" in one.get_text()]
    page = str(rows[0].select_one("a")["href"])
    boss.visit(page)
    boss.choose("監査 すべての施設").press("この役割にする")
    assert "管理 太郎さんの役割を変えました。" in boss.text
    manager.visit("/midori/office/audit")
    assert "役割の変更" in manager.text
    assert "から 中央会館（" in manager.text

    boss.visit(page).press("職員をやめる").press("登録を終える")

    assert "前にいた職員（1人）" in boss.text
    assert "職員のログイン" in manager.visit("/midori/desk/").title


MONEY = {
    "料金を受け取る（収納）": "desk_payment.receive",
    "領収書を出す・再発行する": "desk_receipts.again",
    "日計表を締める": "desk_till.close_hall",
    "窓口・振込で返金する": "desk_refunds.give",
    "未納の催促をする": "arrears_reminder.send",
    "料金を減らす・返す額を決める": "desk_credit.take_off",
    "止まった返金や異議の申し立てを確かめる": "office_money.done",
    "オンライン決済の設定（口座を出す・認める）": "office_accounts.propose",
    "調定・収納の表を見る": "months.show",
    "未納の一覧を見る": "arrears.show",
}


def test_the_table_of_roles_names_what_may_be_done_with_money_as_the_pages_ask_for_it(app: Flask):
    page = clerk(app).visit("/midori/office/staff/roles").page
    heads = [one.get_text(strip=True) for one in page.select("table.roles thead th")][1:]
    assert heads == [str(ROLES[kind]) for kind in RoleKind]
    rows = {
        row.th.get_text(strip=True): [cell.get_text(strip=True) for cell in row.select("td")]
        for row in page.select("table.roles tbody tr")
    }

    for name, endpoint in MONEY.items():
        permission = app.view_functions[endpoint].access
        marks = [
            ("○" if gives(kind, permission, of_a_hall=True) else "◎")
            if gives(kind, permission, of_a_hall=False)
            else "できません"
            for kind in RoleKind
        ]
        assert rows[name] == marks, name
    assert rows["日計表を締める"][heads.index("収納")] == "○"
    assert rows["日計表を締める"][heads.index("予約受付")] == "できません"


def test_without_a_role_or_a_name_nobody_is_invited(app: Flask):
    boss = clerk(app).visit("/midori/office/staff/new")

    boss.fill("メールアドレス", MAIL).fill("お名前", "新人").press("招待を送る", status=422)

    assert "役割を1つ以上えらんでください。" in boss.text
    assert boss.field("メールアドレス")["value"] == MAIL


@pytest.mark.parametrize("kind", ["administrator", "auditor"])
@pytest.mark.parametrize("place", ["1", "1.1"])
def test_a_role_for_one_hall_never_becomes_one_for_all(app: Flask, kind: str, place: str):
    """There is no box for it, and what is posted all the same is refused and not widened."""
    boss = clerk(app).visit("/midori/office/staff/new")
    names = [one["value"] for one in boss.page.select(f"[name='role.{kind}']")]
    assert names == ["all"]

    form = {"email": MAIL, "name": "新人", f"role.{kind}": place, "role.reception": "1"}
    boss.post("/midori/office/staff/new", form, status=422)

    assert "管理者と監査は、「すべての施設」でだけ付けられます。" in boss.text
    with working(app):
        assert db.session.scalar(text("select count(*) from staff_invitation")) == 0


def test_old_proofs_are_asked_for_again_before_names_leave(app: Flask, clock: Clock):
    boss = clerk(app)
    goes_on_until(app, clock, MONDAY_9AM + timedelta(minutes=16))

    for path in ("/midori/office/bookings/csv", "/midori/office/staff/new"):
        boss.visit(path)
        assert "もう一度、ご本人か確かめます" in boss.text
        assert boss.page.select_one("form[action*=next]")
    boss.visit("/midori/office/bookings")


def test_what_somebody_is_called_is_escaped_and_kept(app: Flask):
    boss = clerk(app).visit("/midori/office/staff/new")
    boss.fill("メールアドレス", "x@example.jp").fill("お名前", "<b>悪い</b>")
    boss.choose("監査 すべての施設").press("招待を送る")

    assert "<b>悪い</b>" in boss.text


def authenticator(page: Page) -> None:
    """Give the browser an authenticator that always agrees."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    told = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": told})


class TestInABrowser:
    """Passkeys need one: Chromium's virtual authenticator signs."""

    pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings(NOT_OURS)]

    def test_a_passkey_is_made_used_and_asked_for_again(self, app: Flask, clock: Clock):
        invite(clerk(app))
        address = link(app)
        with served(app) as url, chromium() as browser:
            page = browser.new_context(base_url=url.replace("127.0.0.1", "localhost")).new_page()
            authenticator(page)
            page.goto(address)
            page.get_by_role("button", name="パスキーを作る").click()
            expect(page.get_by_role("heading", name="予備の番号をひかえてください")).to_be_visible()
            page.get_by_role("button", name="ひかえたので始める").click()
            page.get_by_role("button", name="ログアウト").click()

            page.goto("/midori/desk/bookings?q=3000")
            page.get_by_role("button", name="パスキーでログインする").click()
            page.wait_for_url("**/midori/desk/bookings?q=3000")

            goes_on_until(app, clock, MONDAY_9AM + timedelta(minutes=20))
            page.goto("/midori/staff/again?next=/midori/staff/account")
            page.get_by_role("button", name="パスキーで確かめる").click()
            page.wait_for_url("**/midori/staff/account")
            page.get_by_label("名前").fill("自分のスマートフォン")
            removed = page.get_by_role("button", name="なくす はじめのパスキー")
            removed.click()
            expect(page.get_by_text("ログインの方法がなくなります")).to_be_visible()

    def test_a_passkey_of_nobody_opens_nothing(self, app: Flask):
        invite(clerk(app))
        with served(app) as url, chromium() as browser:
            page = browser.new_context(base_url=url.replace("127.0.0.1", "localhost")).new_page()
            authenticator(page)
            page.goto(link(app))
            page.get_by_role("button", name="パスキーを作る").click()
            expect(page.get_by_role("heading", name="予備の番号をひかえてください")).to_be_visible()
            page.context.clear_cookies()
            with proof.as_superuser_of(app) as connection:
                connection.execute("delete from passkey")
            page.goto("/midori/staff/sign-in")
            page.get_by_role("button", name="パスキーでログインする").click()
            expect(page.get_by_text("このパスキーは登録されていません")).to_be_visible()
            page.goto("/midori/desk/")
            expect(page.get_by_role("heading", name="職員のログイン")).to_be_visible()

    def test_axe_finds_nothing(self, app: Flask, clock: Clock):
        boss = invite(clerk(app))
        faulty = faults(
            app, boss, "/midori/office/staff", "/midori/office/staff/new",
            "/midori/office/staff/roles", "/midori/staff/account", "/midori/staff/again",
        )  # fmt: skip
        address = link(app)
        other = Visitor(app)
        assert not faulty
        assert not faults(app, other, "/midori/staff/sign-in", address, f"{address}/password")


def test_the_demonstrations_app_shows_what_its_staff_need():
    client = pages(MailBox()).test_client()
    shown = client.get("/authenticator?email=kanri-chuo@example.jp").text

    digits = re.search(r"<output>(\d{3}) (\d{3})<", shown)
    assert digits
    totp = pyotp.TOTP(secret_of("kanri-chuo@example.jp"))
    assert totp.verify(digits[1] + digits[2], valid_window=1)
