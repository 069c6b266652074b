"""An owner of locks lets the office in at the vendor's page: asked, answered once, kept, healed."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.db.audit import AuditEntry
from app.locks.models import LockAccount
from app.locks.tasks import DoorTask
from app.sims.locks import Account, Door
from app.usecases import connecting_locks, door_notices, lock_watch
from tests.builders import MONDAY_9AM
from tests.conftest import Clock
from tests.pages import ORIGIN, Visitor
from tests.reports.browsing import NOT_OURS, chromium, served
from tests.reports.situations import clerk, goes_on_until, staff
from tests.web.doors import CLIENT, FRONT, WORD, House, a_house

DOORS = "/midori/office/doors"
ACCOUNTS = f"{DOORS}/accounts"
BACK = f"{ACCOUNTS}/back"
OWNER, OWN_LOCK, OTHERS_LOCK = "市民センター", "裏口の鍵", "となりの市の鍵"
UNKNOWN = "この画面から頼んだ許可ではないか、10分をすぎました。"


@pytest.fixture
def house(app: Flask, clock: Clock) -> Iterator[House]:
    """An application's own account with locks, an owner's with another, and somebody else's."""
    others = (Account(OWNER, {}, [Door(OWN_LOCK)]), Account("となり", {}, [Door(OTHERS_LOCK)]))
    with a_house(app, clock, others=others) as one:
        yield one


def row(house: House) -> LockAccount:
    with house.inside():
        found = db.session.scalars(select(LockAccount).order_by(LockAccount.id)).all()[-1]
        db.session.expunge_all()
    return found


def facts(house: House) -> dict[str, Any]:
    """Return what would matter if it had changed without leave."""
    one = row(house)
    return {name: getattr(one, name) for name in (
        "sealed_tokens", "sealed_secret", "is_by_consent", "heard_at", "error", "hook_told_at",
    )}  # fmt: skip


def deeds(house: House) -> list[str]:
    with house.inside():
        found = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    return [one.removeprefix("lock_account.") for one in found if one.startswith("lock_account.")]


def asks(page: Visitor, account: int) -> str:
    """Press the button; return the vendor's page that the browser is sent to."""
    page.visit(f"{ACCOUNTS}/{account}/consent")
    assert "鍵の会社の画面に行く" in page.text
    answer = page.client.post(f"{ACCOUNTS}/{account}/consent", headers={"Origin": ORIGIN})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def answers(asked: str, account: str = OWNER, answer: str = "yes") -> str:
    """Let the owner press at the vendor's page; return the path that the browser comes back to."""
    assert requests.get(asked, timeout=5).status_code == 200
    form = {name: found[0] for name, found in parse_qs(urlsplit(asked).query).items()}
    told = requests.post(
        asked.partition("?")[0], data=form | {"account": account, "answer": answer},
        allow_redirects=False, timeout=5,
    )  # fmt: skip
    back = urlsplit(told.headers["Location"])
    return f"{back.path}?{back.query}"


def connected(house: House, page: Visitor) -> int:
    """Let the office be let in by the owner."""
    account = house.account(is_by_consent=True)
    page.visit(answers(asks(page, account)))
    return account


def granted(house: House) -> list[str]:
    """Return which grants the token desk was asked for."""
    return [one["body"]["grant_type"] for one in house.sim.requests("POST", "/oauth/token")]


def names(house: House, account_id: int) -> list[str]:
    """Return the locks of an account, as the vendor names them."""
    return [one.name for one in connecting_locks.devices(house.locks, account_id)]


class TestAskedAndAnswered:
    def test_a_look_ahead_uses_nothing_up(self, app: Flask, house: House):
        page = clerk(app)
        account = house.account(is_by_consent=True)
        back = answers(asks(page, account))

        assert page.client.head(back).status_code == 405
        assert not row(house).sealed_tokens

        page.visit(back)
        assert row(house).sealed_tokens

    def test_from_the_form_to_the_owner_s_locks(self, app: Flask, house: House):
        page = clerk(app).visit(DOORS).press("RemoteLOCKを加える")
        page.fill("名前", "本館の鍵").choose("RemoteLOCK（日本）").choose("予約として作る")
        page.choose("会社の画面でゆるしてもらう")
        page.fill("クライアントID", CLIENT).fill("秘密鍵", WORD).press("加える")

        assert "「本館の鍵」を加えました。" in page.text
        assert f"{ORIGIN}{BACK}" in page.text  # to be registered at the vendor
        account = row(house)
        assert account.is_by_consent
        assert account.is_waiting
        assert house.sim.requests() == []
        assert "まだ、ゆるしてもらっていません" in page.visit(DOORS).text
        asked = asks(page, account.id)
        given = {name: one[0] for name, one in parse_qs(urlsplit(asked).query).items()}
        assert asked.startswith(f"{house.sim.base_url}/oauth/authorize?")
        assert (given["client_id"], given["response_type"]) == (CLIENT, "code")
        assert given["redirect_uri"] == f"{ORIGIN}{BACK}"
        assert given["state"] not in str(dict(vars(row(house))))  # a hash of it is kept
        page.visit(answers(asked))

        assert "ゆるしてもらいました。鍵の会社につながりました。" in page.text
        assert page.path.startswith(f"{DOORS}/new")
        kept = row(house)
        assert not kept.is_waiting
        assert kept.heard_at == MONDAY_9AM
        for token in (*house.sim.world["tokens"], *house.sim.world["refreshes"]):
            assert token not in str(dict(vars(kept)))
        with house.inside():
            found = names(house, kept.id)
        assert found == [OWN_LOCK]
        assert granted(house) == ["authorization_code"]
        assert deeds(house) == ["added", "consent_asked", "consented", "hook_told"]
        assert "ここからは登録していません" not in page.visit(DOORS).text

    def test_tokens_are_renewed_and_the_application_s_own_locks_never_seen(
        self, app: Flask, house: House
    ):
        account = connected(house, clerk(app))
        before = row(house).sealed_tokens
        house.clock.now += timedelta(hours=3)
        house.sim.clock.stand_still(house.clock.now)
        with house.inside():
            devices = names(house, account)

        assert devices == [OWN_LOCK]
        assert granted(house) == ["authorization_code", "refresh_token"]
        assert row(house).sealed_tokens != before

    def test_an_account_with_a_secret_alone_can_be_let_in_later(self, app: Flask, house: House):
        account = house.account()
        page = clerk(app)
        assert (
            "ゆるした人のアカウントの鍵を使います。"
            in page.visit(f"{ACCOUNTS}/{account}/consent").text
        )
        page.visit(answers(asks(page, account)))

        assert row(house).is_by_consent
        with house.inside():
            assert names(house, account) == [OWN_LOCK]

    def test_the_vendor_s_page_may_be_led_to_by_the_form_alone(self, app: Flask, house: House):
        page = clerk(app).visit(f"{ACCOUNTS}/{house.account()}/consent")
        policy = page.response.headers["Content-Security-Policy"]

        assert f"form-action 'self' {house.sim.base_url};" in policy
        elsewhere = page.visit(DOORS).response.headers["Content-Security-Policy"]
        assert "form-action 'self';" in elsewhere

    def test_a_place_that_settings_do_not_know_is_said_so(self, app: Flask, house: House):
        account = house.account()
        settings = app.config["KAIKAN"]
        app.config["KAIKAN"] = dataclasses.replace(settings, lock_sites={})
        house.writes(lambda session: setattr(session.get(LockAccount, (1, account)), "site", "x"))
        answer = clerk(app).post(f"{ACCOUNTS}/{account}/consent", {}, status=422)

        assert "鍵の会社につながりません。" in answer.text
        assert row(house).consent_mark is None


class TestRefused:
    """Whatever comes back that is no answer to what this browser asked changes nothing."""

    def refuses(self, house: House, page: Visitor, path: str, said: str, *, status: int) -> None:
        before = facts(house)
        page.visit(path, status=status)
        assert said in page.text
        assert page.title.startswith("エラー：")
        assert facts(house) == before
        assert "authorization_code" not in granted(house) or status == 422 or before["heard_at"]

    def test_a_no_at_the_vendor_s_page(self, app: Flask, house: House):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True)), answer="no")
        self.refuses(house, page, back, "「許可しない」がえらばれました。", status=403)

        assert deeds(house)[-1] == "consent_failed"
        page.press("もう一度ゆるしてもらう")
        assert "鍵の会社の画面に行く" in page.text

    @pytest.mark.parametrize(
        "spoilt",
        [
            lambda back: back.partition("?")[0],
            lambda back: f"{BACK}?code=x&state=",
            lambda back: f"{BACK}?code=x&state=1-{'x' * 43}",
            lambda back: f"{BACK}?code=x&state=99999-x",
            lambda back: f"{BACK}?code=x&state=٣-x",
            lambda back: f"{BACK}?code=x&state={'1' * 400}",
            lambda back: f"{back}x",
        ],
    )
    def test_a_state_that_nobody_asked_with(
        self, app: Flask, house: House, spoilt: Callable[[str], str]
    ):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True)))
        self.refuses(house, page, spoilt(back), UNKNOWN, status=400)

        page.visit(back)  # and what was asked can still be answered
        assert not row(house).is_waiting

    def test_an_answer_that_was_given_before(self, app: Flask, house: House):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True)))
        page.visit(back)
        self.refuses(house, page, back, UNKNOWN, status=400)

    def test_one_of_a_question_that_was_asked_anew(self, app: Flask, house: House):
        page, account = clerk(app), house.account(is_by_consent=True)
        first = answers(asks(page, account))
        second = answers(asks(page, account))
        self.refuses(house, page, first, UNKNOWN, status=400)

        page.visit(second)
        assert not row(house).is_waiting

    def test_one_that_comes_after_ten_minutes(self, app: Flask, house: House, clock: Clock):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True)))
        goes_on_until(app, clock, MONDAY_9AM + timedelta(minutes=10))
        self.refuses(house, page, back, UNKNOWN, status=400)
        goes_on_until(app, clock, MONDAY_9AM)
        self.refuses(house, page, back, UNKNOWN, status=400)  # it is over for good

    def test_one_in_another_browser(self, app: Flask, house: House):
        page, account = clerk(app), house.account(is_by_consent=True)
        back = answers(asks(page, account))
        other = clerk(app, email="other@example.jp")
        self.refuses(house, other, back, UNKNOWN, status=400)
        assert "職員のログイン" in Visitor(app).visit(back).text
        staff(app, email="k2@example.jp").visit(back, status=403)

        page.visit(back)  # the browser that asked is heard still
        assert not row(house).is_waiting

    def test_one_of_another_municipality(self, app: Flask, house: House):
        page, account = clerk(app), house.account(is_by_consent=True)
        back = answers(asks(page, account))
        neighbour = clerk(app, slug="aoba", email="x@example.jp")
        self.refuses(house, neighbour, back.replace("/midori/", "/aoba/"), UNKNOWN, status=400)
        neighbour.visit(f"/aoba/office/doors/accounts/{account}/consent", status=404)
        assert "鍵の会社とのつながり" not in Visitor(app).visit(back).text

        assert row(house).is_waiting

    def test_a_code_that_is_over(self, app: Flask, house: House):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True)))
        house.sim.clock.advance(seconds=601)
        self.refuses(house, page, back, "許可の期限が切れたか、前に使われたものです。", status=422)

        assert deeds(house)[-1] == "consent_failed"

    def test_a_secret_that_is_wrong(self, app: Flask, house: House):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True, secret="wrong")))
        self.refuses(house, page, back, "クライアントIDと秘密鍵をたしかめてください。", status=422)

    def test_a_vendor_that_falls_silent_meanwhile(self, app: Flask, house: House):
        page = clerk(app)
        back = answers(asks(page, house.account(is_by_consent=True)))
        house.sim.fault("http_500_once", count=9)
        self.refuses(house, page, back, "鍵の会社につながりません。", status=422)

    def test_an_owner_who_has_none_of_the_doors(self, app: Flask, house: House):
        page = clerk(app)
        account = connected(house, page)
        house.door(account, OWN_LOCK)
        back = answers(asks(page, account), "となり")
        self.refuses(house, page, back, "いまのドアの鍵が1つもないアカウントで", status=422)

        with house.inside():
            assert names(house, account) == [OWN_LOCK]

    def test_key_boxes_have_no_owner_to_ask(self, app: Flask, house: House):
        house.box()
        page = clerk(app)
        page.visit(f"{ACCOUNTS}/{row(house).id}/consent", status=404)
        page.post(f"{ACCOUNTS}/{row(house).id}/consent", {}, status=404)

    def test_a_proof_of_a_while_ago(self, app: Flask, house: House, clock: Clock):
        account, page = house.account(is_by_consent=True), clerk(app)
        goes_on_until(app, clock, MONDAY_9AM + timedelta(minutes=16))

        assert page.visit(f"{ACCOUNTS}/{account}/consent").path.startswith("/midori/staff/")


class TestHealed:
    def watches(self, house: House) -> None:
        with house.inside():
            lock_watch.check_locks(house.locks, now=house.clock.now)
            door_notices.poll(house.locks, now=house.clock.now)

    def tasks(self, house: House) -> list[tuple[str, bool]]:
        with house.inside():
            return [(one.kind, one.done_at is None) for one in db.session.query(DoorTask)]

    def test_nothing_is_asked_of_who_was_not_let_in_yet(self, app: Flask, house: House):
        account = house.account(is_by_consent=True)
        self.watches(house)
        assert house.sim.requests() == []
        assert self.tasks(house) == []
        page = clerk(app).visit(f"{DOORS}/new?account={account}&hall=chuo", status=422)

        assert "まだゆるしてもらっていないか、許可が切れました。" in page.text

    def test_a_refresh_token_that_is_refused_by_the_same_button(self, app: Flask, house: House):
        page = clerk(app)
        account = connected(house, page)
        house.door(account, OWN_LOCK)
        house.sim.world["refreshes"].clear()
        house.sim.world["tokens"].clear()
        self.watches(house)
        assert row(house).error == "invalid_grant"
        assert self.tasks(house) == [("account", True)]
        page.visit(DOORS)
        assert "鍵の会社の許可が切れました" in page.text
        assert "秘密鍵を入れなおす必要はありません。" in page.text
        page.press("もう一度ゆるしてもらう")
        page.visit(answers(asks(page, account)))

        assert page.path == DOORS
        assert "ゆるしてもらいました。" in page.text
        assert "許可が切れました" not in page.text
        assert self.tasks(house) == [("account", False)]
        assert row(house).rest_until is None
        assert "client_credentials" not in granted(house)

    def test_another_secret_does_not_lose_who_let_us_in(self, app: Flask, house: House):
        page = clerk(app)
        account = connected(house, page)
        page.visit(DOORS).press("秘密鍵を書きかえる")
        before = facts(house)
        page.fill("新しい秘密鍵", "wrong").press("書きかえる", status=422)
        assert facts(house) == before
        page.fill("新しい秘密鍵", WORD).press("書きかえる")
        assert "秘密鍵を書きかえました。" in page.text
        with house.inside():
            assert names(house, account) == [OWN_LOCK]

        assert "client_credentials" not in granted(house)

    def test_another_secret_is_kept_where_only_the_owner_s_leave_is_over(
        self, app: Flask, house: House
    ):
        page = clerk(app)
        account = house.account(is_by_consent=True, secret="old")
        page.visit(f"{ACCOUNTS}/{account}/secret").fill("新しい秘密鍵", WORD).press("書きかえる")
        assert "秘密鍵を書きかえました。" in page.text  # nothing to try it with yet
        page.visit(answers(asks(page, account)))
        house.sim.world["refreshes"].clear()
        before = row(house).sealed_secret
        page.visit(f"{ACCOUNTS}/{account}/secret").fill("新しい秘密鍵", WORD)
        page.press("書きかえる", status=422)

        assert "秘密鍵は書きかえました。鍵の会社の許可は切れています。" in page.text
        assert "秘密鍵は、前のままです。" not in page.text
        assert row(house).sealed_secret != before


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_a_browser_goes_to_the_vendor_and_comes_back(app: Flask, house: House):
    account = house.account(is_by_consent=True)
    page = clerk(app)
    cookie = page.client.get_cookie("kaikan")
    assert cookie is not None
    settings = app.config["KAIKAN"]
    with served(app) as url, chromium() as browser:
        app.config["KAIKAN"] = dataclasses.replace(settings, base_url=url)
        context = browser.new_context()
        context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
        tab = context.new_page()
        tab.goto(f"{url}{ACCOUNTS}/{account}/consent")
        tab.get_by_role("button", name="鍵の会社の画面に行く").click()
        tab.wait_for_url(f"{house.sim.base_url}/oauth/authorize*")
        tab.get_by_label("アカウント").select_option(OWNER)
        tab.get_by_role("button", name="許可する", exact=True).click()
        tab.wait_for_url(f"{url}{DOORS}/new*")
        assert "ゆるしてもらいました。" in tab.inner_text("main")
        context.close()

    assert not row(house).is_waiting
    assert FRONT not in str(house.sim.requests())
