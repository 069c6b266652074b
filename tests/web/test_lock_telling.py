"""The vendor is told by us where its notices go: one address, also after answers that were lost."""

import dataclasses
import threading
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.db.audit import AuditEntry
from app.kernel.refusals import Refused
from app.locks.models import LockAccount, LockNotice
from app.sims.locks.routes import ROUTES
from app.usecases import lock_hooks
from app.usecases.lock_consent import Asked, ask
from tests.pages import Visitor
from tests.reports.browsing import served
from tests.reports.situations import clerk
from tests.web.doors import CLIENT, FRONT, ROOM_1, STAFF, WORD, House

DOORS = "/midori/office/doors"
ACCOUNTS = f"{DOORS}/accounts"
SUBSCRIBERS, SUBSCRIPTIONS = "/notification_subscribers", "/notification_subscriptions"
ACCEPT = "application/vnd.lockstate+json; version=1"


class Vendor:
    """What people of the municipality see and do at the vendor's own screens."""

    def __init__(self, house: House) -> None:
        self.url = house.sim.base_url
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": WORD}
        token = requests.post(f"{self.url}/oauth/token", data=form, timeout=5).json()
        self.headers = {"Authorization": f"Bearer {token['access_token']}", "Accept": ACCEPT}

    def subscribers(self) -> list[dict[str, Any]]:
        return self._call("GET", SUBSCRIBERS)["data"]

    def addresses(self) -> list[tuple[str, bool]]:
        told = [one["attributes"] for one in self.subscribers()]
        return [(one["url"], one["active"]) for one in told]

    def subscriptions(self) -> list[dict[str, Any]]:
        return [one["attributes"] for one in self._call("GET", SUBSCRIPTIONS)["data"]]

    def puts_in(self, url: str, name: str = "city hall") -> str:
        told = {"name": name, "url": url, "content_type": "json"}
        body = {"type": "webhook_notification_subscriber", "attributes": told}
        return str(self._call("POST", SUBSCRIBERS, body)["data"]["id"])

    def subscribes(self, subscriber: str, house: House, *kinds: str) -> None:
        place = house.sim.world.directory.device(FRONT).location
        told = {
            "events": [{"event_type": one} for one in kinds],
            "publisher_type": "location", "publisher_id": place,
            "subscriber_type": "webhook_notification_subscriber", "subscriber_id": subscriber,
        }  # fmt: skip
        self._call("POST", SUBSCRIPTIONS, {"attributes": told})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(
            method, f"{self.url}{path}", json=body, headers=self.headers, timeout=5
        )
        assert answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
def vendor(house: House) -> Vendor:
    return Vendor(house)


def row(house: House) -> LockAccount:
    with house.inside():
        found = db.session.scalars(select(LockAccount).order_by(LockAccount.id)).all()[-1]
        db.session.expunge_all()
    return found


def address(house: House, account: int) -> str:
    with house.inside():
        key = lock_hooks.hook_of(house.locks, account, actor=STAFF, now=house.clock.now)
    return f"http://localhost/hooks/locks/{key}"


def deeds(house: House) -> list[str]:
    with house.inside():
        found = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    return [one.removeprefix("lock_account.") for one in found if "hook_" in one]


def presses(page: Visitor, account: int, *, status: int = 200) -> Visitor:
    page.visit(f"{ACCOUNTS}/{account}/hook")
    text = "もう一度登録する" if "もう一度登録する" in page.text else "鍵の会社に登録する"
    return page.press(text, status=status)


def told(path: str) -> str:
    return "/hooks/locks/" + path.rsplit("/", 1)[1]


class TestRegistered:
    def test_with_a_new_account_by_itself(self, app: Flask, house: House, vendor: Vendor):
        page = clerk(app).visit(f"{ACCOUNTS}/new/remotelock")
        page.fill("名前", "本館の鍵").choose("RemoteLOCK（日本）").choose("予約として作る")
        page.choose("アプリを作ったアカウントの鍵を使う")
        page.fill("クライアントID", CLIENT).fill("秘密鍵", WORD).press("加える")

        assert "お知らせの届け先も、鍵の会社に登録しました。" in page.text
        account = row(house)
        assert vendor.addresses() == [(address(house, account.id), True)]
        assert account.hook_told_at == house.clock.now
        [promised] = vendor.subscriptions()  # all three locks are at one place
        assert promised["publisher_type"] == "location"
        kinds = {one["event_type"] for one in promised["events"]}
        assert {"access_person_synced", "access_person_sync_failed", "access_denied"} <= kinds

    def test_asked_twice_there_is_one(self, app: Flask, house: House, vendor: Vendor):
        account, page = house.account(), clerk(app)
        presses(page, account)
        assert "お知らせの届け先を、鍵の会社に登録しました。" in page.text
        first = vendor.subscribers()
        presses(page, account)

        assert vendor.subscribers() == first
        assert vendor.addresses() == [(address(house, account), True)]
        assert len(vendor.subscriptions()) == 1

    def test_an_answer_that_was_lost_leaves_one(self, app: Flask, house: House, vendor: Vendor):
        account, page = house.account(), clerk(app)
        house.sim.fault("timeout_after_commit")
        presses(page, account, status=422)
        assert "鍵の会社につながりません。" in page.text
        assert row(house).hook_told_at is None
        assert len(vendor.subscribers()) == 1  # it was made all the same
        assert vendor.subscriptions() == []
        house.sim.fault("timeout_after_commit")
        presses(page, account, status=422)
        assert len(vendor.subscriptions()) == 1  # so was this
        presses(page, account)

        assert len(vendor.subscribers()) == len(vendor.subscriptions()) == 1
        assert row(house).hook_told_at is not None

    @pytest.mark.race
    def test_pressed_by_two_at_once_one_stays(self, app: Flask, house: House, vendor: Vendor):
        account = house.account()
        start, failed = threading.Barrier(3), []

        def press() -> None:
            start.wait()
            try:
                with house.inside():
                    lock_hooks.register(
                        house.locks, account, lambda key: f"http://localhost/hooks/locks/{key}",
                        actor=STAFF, now=house.clock.now,
                    )  # fmt: skip
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=press) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert failed == []
        assert vendor.addresses() == [(address(house, account), True)]

    def test_one_put_in_by_hand_is_ours_and_those_of_others_stay(
        self, app: Flask, house: House, vendor: Vendor
    ):
        account = house.account()
        vendor.puts_in("https://elsewhere.example/notices", "another program")
        ours = vendor.puts_in(address(house, account))
        vendor.subscribes(ours, house, "unlocked")
        vendor.subscribes(ours, house, "unlocked", "access_denied")
        presses(clerk(app), account)

        assert vendor.addresses() == [
            ("https://elsewhere.example/notices", True), (address(house, account), True),
        ]  # fmt: skip
        assert [one["id"] for one in vendor.subscribers()][1] == ours
        [promised] = vendor.subscriptions()
        assert len(promised["events"]) > 2

    def test_a_door_at_another_place_is_heard_of_too(
        self, app: Flask, house: House, vendor: Vendor
    ):
        account, page = house.account(), clerk(app)
        presses(page, account)
        place = vendor.subscriptions()[0]["publisher_id"]
        house.sim.world["subscriptions"].clear()  # as if it had been another place
        page.visit(f"{DOORS}/new?account={account}&hall=chuo").fill("ドアの名前", "正面")
        page.choose("部屋のドア").choose("すべての部屋").fill(
            "鍵", house.sim.device_id(ROOM_1)
        ).press("このドアを加える")

        assert [one["publisher_id"] for one in vendor.subscriptions()] == [place]
        assert "お知らせの届け先も" not in page.text

    def test_a_vendor_that_has_no_notices_leaves_it_to_people(
        self, app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
    ):
        account, page = house.account(), clerk(app)
        others = tuple(one for one in ROUTES if "notification" not in one.path.pattern)
        monkeypatch.setattr("app.sims.locks.desk.ROUTES", others)  # a contract without them
        presses(page, account, status=422)

        assert "鍵の会社が、届け先を受け取りませんでした。" in page.text
        assert address(house, account) in page.text  # to be put in by hand
        assert "ここからは、まだ登録していません。" in page.text

    def test_what_the_vendor_tells_comes_in(self, app: Flask, house: House):
        account, page, settings = house.account(), clerk(app), app.config["KAIKAN"]
        house.door(account, FRONT)
        with served(app) as url:
            app.config["KAIKAN"] = dataclasses.replace(settings, base_url=url)
            presses(page, account)
            house.sim.keypad(FRONT, "000000")
            assert house.sim.wait_for_deliveries()
        app.config["KAIKAN"] = settings

        with house.inside():
            heard = [one.event_ref for one in db.session.query(LockNotice)]
        assert heard == [one["id"] for one in house.sim.events("access_denied")]


class TestMadeAnew:
    def test_the_old_address_is_refused_and_the_vendor_told_the_new_one(
        self, app: Flask, house: House, vendor: Vendor, visitor: Visitor
    ):
        account, page = house.account(), clerk(app)
        presses(page, account)
        old = address(house, account)
        first = vendor.subscribers()[0]["id"]
        page.visit(f"{ACCOUNTS}/{account}/hook").press("届け先を新しくする")
        assert "前の届け先は、すぐに使えなくなります。" in page.text
        assert vendor.addresses() == [(old, True)]  # nothing was done yet
        page.press("届け先を新しくする")

        assert "前の届け先は、もう使えません。" in page.text
        new = address(house, account)
        assert new != old
        assert [one["id"] for one in vendor.subscribers()] == [first]
        assert vendor.addresses() == [(new, True)]
        body = b'{"data": {"id": "event-1"}}'
        assert visitor.client.post(told(old), data=body).status_code == 404
        assert visitor.client.post(told(new), data=body).status_code == 200
        assert [one for one in deeds(house) if one != "hook_seen"] == [
            "hook_told", "hook_replaced", "hook_told",
        ]  # fmt: skip

    def test_also_while_the_vendor_is_silent(
        self, app: Flask, house: House, vendor: Vendor, visitor: Visitor
    ):
        account, page = house.account(), clerk(app)
        presses(page, account)
        old = address(house, account)
        house.sim.fault("http_500_once", count=9)
        page.visit(f"{ACCOUNTS}/{account}/hook/new").press("届け先を新しくする", status=422)

        assert "前の届け先は、もう使えません。" in page.text
        assert "新しい届け先は、鍵の会社にまだ登録できていません。" in page.text
        assert address(house, account) in page.text
        assert row(house).hook_told_at is None
        assert visitor.client.post(told(old), data=b'{"data": {"id": "x"}}').status_code == 404
        house.sim.lift()
        assert vendor.addresses() == [(old, True)]
        presses(page, account)
        assert vendor.addresses() == [(address(house, account), True)]

    def test_one_that_was_put_in_by_hand_goes_with_it(
        self, app: Flask, house: House, vendor: Vendor
    ):
        account = house.account()
        vendor.puts_in(address(house, account))
        page = clerk(app).visit(f"{ACCOUNTS}/{account}/hook/new")
        page.press("届け先を新しくする")

        assert vendor.addresses() == [(address(house, account), True)]

    def test_an_account_that_ends_is_told_of_no_more(
        self, app: Flask, house: House, vendor: Vendor
    ):
        account, page = house.account(), clerk(app)
        presses(page, account)
        vendor.puts_in("https://elsewhere.example/notices", "another program")
        door = house.door(account, FRONT)
        page.visit(f"{ACCOUNTS}/{account}/end").press("つながりを切る")
        assert len(vendor.addresses()) == 2  # refused: a door needs it
        page.visit(f"{DOORS}/{door}/end").press("このドアを使うのをやめる")
        page.visit(f"{ACCOUNTS}/{account}/end").press("つながりを切る")
        assert vendor.addresses() == [("https://elsewhere.example/notices", True)]
        assert vendor.subscriptions() == []

        house.account(name="新しい会社")
        last = row(house).id
        presses(page, last)
        house.sim.fault("http_500_once", count=9)
        page.visit(f"{ACCOUNTS}/{last}/end").press("つながりを切る")
        assert "「新しい会社」とのつながりを切りました。" in page.text  # whether it hears us or not

    def test_key_boxes_have_none(self, app: Flask, house: House):
        house.box()
        page, account = clerk(app), row(house).id
        page.visit(f"{ACCOUNTS}/{account}/hook", status=404)
        page.visit(f"{ACCOUNTS}/{account}/hook/new", status=404)
        page.post(f"{ACCOUNTS}/{account}/hook", {}, status=404)
        page.post(f"{ACCOUNTS}/{account}/hook/new", {}, status=404)
        now = house.clock.now
        with house.inside():
            with pytest.raises(Refused, match=r"lock\.tells_nobody"):
                lock_hooks.register(house.locks, account, str, actor=STAFF, now=now)
            with pytest.raises(Refused, match=r"lock\.tells_nobody"):
                lock_hooks.replace(house.locks, account, actor=STAFF, now=now)
            with pytest.raises(Refused, match=r"lock\.no_page"):
                ask(house.locks, account, Asked("x", "http://localhost"), actor=STAFF, now=now)

        assert deeds(house) == []

    def test_nor_may_another_municipality_s_clerk(self, app: Flask, house: House):
        account = house.account()
        before = row(house).hook_mark
        neighbour = clerk(app, slug="aoba", email="x@example.jp")
        for path in ("hook", "hook/new"):
            neighbour.post(f"/aoba/office/doors/accounts/{account}/{path}", {}, status=404)

        assert row(house).hook_mark == before
