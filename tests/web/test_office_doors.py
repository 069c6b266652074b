"""Doors at the office: accounts at vendors, locks of them as doors, key boxes, what ends."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db import db
from app.db.audit import AuditEntry
from app.locks.models import Door, DoorRoom, LockAccount
from app.usecases import doors
from tests.builders import MONDAY_9AM, TODAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, clerk, goes_on_until, staff, working
from tests.web.doors import CLIENT, FRONT, ROOM_1, ROOM_2, STAFF, WORD, House

DOORS = "/midori/office/doors"
ACCOUNTS = f"{DOORS}/accounts"
WEDNESDAY = date(2027, 3, 3)


def describes_an_account(page: Visitor, *, secret: str = WORD) -> Visitor:
    page.visit(DOORS).press("RemoteLOCKを加える")
    page.fill("名前", "本館の鍵").choose("RemoteLOCK（日本）").choose("予約として作る")
    page.choose("アプリを作ったアカウントの鍵を使う")
    return page.fill("クライアントID", CLIENT).fill("秘密鍵", secret)


def chooses(page: Visitor, account: str = "本館の鍵", hall: str = "chuo") -> Visitor:
    page.visit(f"{DOORS}/new").fill("会館", hall).choose(account)
    return page.press("次へ")


def describes_a_door(
    page: Visitor, name: str = "第1会議室のドア", room: str = "第1会議室"
) -> Visitor:
    return page.fill("ドアの名前", name).choose("部屋のドア").choose(room)


def books(app: Flask, *rooms: str, paid: bool = True, email: str = "hanako@example.jp") -> int:
    with working(app) as found:
        uses = [(room, WEDNESDAY, (13, 15)) for room in rooms]
        return a_booking(found, *uses, paid=paid, email=email).booking.id


def rows(house: House, table: type) -> list:
    with house.inside():
        found = list(db.session.query(table).order_by(*table.__table__.primary_key))
        db.session.expunge_all()
    return found


def actions(house: House) -> list[str]:
    with house.inside():
        return list(db.session.scalars(select(AuditEntry.action)))


class TestAccounts:
    def test_is_added_once_the_vendor_lets_us_in(self, app: Flask, house: House):
        page = describes_an_account(clerk(app), secret="wrong").press("加える", status=422)
        assert "鍵の会社に断られました。" in page.text
        assert page.field("クライアントID")["value"] == CLIENT
        assert page.field("名前")["value"] == "本館の鍵"
        assert "wrong" not in page.response.text
        assert page.page.select_one('input[value="jp"]').has_attr("checked")
        page.fill("秘密鍵", WORD).press("加える")

        assert "「本館の鍵」を加えました。" in page.text
        assert "次に、ドアを加えてください。" in page.text
        [failed, one] = rows(house, LockAccount)
        assert failed.ended_at is not None
        assert (one.provider, one.mode, one.site) == ("remotelock", "bookings", "jp")
        assert WORD not in str(one.sealed_secret)
        text = page.visit(DOORS).text
        assert "RemoteLOCK（日本）" in text
        assert "予約として作る" in text

    def test_what_is_missing_is_said_at_its_field(self, app: Flask, house: House):
        page = clerk(app).visit(f"{ACCOUNTS}/new/remotelock").press("加える", status=422)

        for said in ("名前を入力してください。", "使っている場所をえらんでください。",
                     "番号の作り方をえらんでください。", "つなぎ方をえらんでください。",
                     "クライアントIDを入力してください。",
                     "秘密鍵を入力してください。"):  # fmt: skip
            assert page.text.count(said) == 2
        assert rows(house, LockAccount) == []
        page.visit(f"{ACCOUNTS}/new/elsewhere", status=404)

    def test_a_vendor_that_does_not_answer_is_said_so(self, app: Flask, house: House):
        house.sim.fault("http_500_once", count=9)
        page = describes_an_account(clerk(app)).press("加える", status=422)

        assert "鍵の会社につながりません。" in page.text
        assert [one.ended_at is None for one in rows(house, LockAccount)] == [False]

    def test_another_secret_is_tried_and_kept_only_if_it_is_taken(self, app: Flask, house: House):
        house.account()
        [before] = rows(house, LockAccount)
        page = clerk(app).visit(DOORS).press("秘密鍵を書きかえる")
        for typed, said in (("wrong", "鍵の会社に断られました。"), ("", "秘密鍵を入力して")):
            page.fill("新しい秘密鍵", typed).press("書きかえる", status=422)
            assert said in page.text
        assert "wrong" not in page.response.text
        page.fill("新しい秘密鍵", "wrong").press("書きかえる", status=422)
        assert "秘密鍵は、前のままです。" in page.text
        [still] = rows(house, LockAccount)
        assert (still.sealed_secret, still.sealed_tokens) == (
            before.sealed_secret, before.sealed_tokens,
        )  # fmt: skip
        page.fill("新しい秘密鍵", WORD).press("書きかえる")

        assert "秘密鍵を書きかえました。" in page.text
        [after] = rows(house, LockAccount)
        assert after.sealed_secret != before.sealed_secret
        assert actions(house).count("lock_account.renewed") == 1

    def test_another_secret_is_not_kept_while_the_vendor_is_silent(self, app: Flask, house: House):
        house.account()
        [before] = rows(house, LockAccount)
        house.sim.stop()
        page = clerk(app).visit(DOORS).press("秘密鍵を書きかえる")
        page.fill("新しい秘密鍵", WORD).press("書きかえる", status=422)

        assert "鍵の会社につながりません。" in page.text
        [still] = rows(house, LockAccount)
        assert still.sealed_secret == before.sealed_secret

    def test_its_kind_is_a_word_whatever_the_settings_call_it(self, app: Flask, house: House):
        house.account()
        for site, said in (("demo", "RemoteLOCK（お試し）"), ("north", "RemoteLOCK（north）")):
            house.writes(lambda session, site=site: session.execute(
                update(LockAccount).values(site=site)))  # fmt: skip
            kind = clerk(app, email=f"{site}@example.jp").visit(DOORS).page.select_one("dl.sum dd")
            assert kind.get_text() == said

    def test_where_the_vendor_tells_us_is_shown_and_the_look_written_down(
        self, app: Flask, house: House
    ):
        house.account()
        page = clerk(app).visit(DOORS)
        assert "/hooks/locks/" not in page.response.text
        page.press("お知らせの届け先")

        assert "http://localhost/hooks/locks/" in page.text
        assert page.response.headers["Cache-Control"] == "private, no-store"
        assert actions(house).count("lock_account.hook_seen") == 1

    def test_is_ended_when_no_door_needs_it(self, app: Flask, house: House):
        account = house.account()
        house.door(account, FRONT)
        page = clerk(app).visit(DOORS).press("つながりを切る").press("つながりを切る")
        assert "先にドアを使うのをやめてください。" in page.text
        page.press("使うのをやめる").press("このドアを使うのをやめる")
        page.press("つながりを切る").press("つながりを切る")

        assert "「本館の鍵」とのつながりを切りました。" in page.text
        page.visit(f"{ACCOUNTS}/{account}/end", status=404)

    @pytest.mark.parametrize(
        "path", ["new/remotelock", "1/secret", "1/hook", "1/hook/new", "1/consent", "1/end"]
    )
    def test_needs_a_fresh_proof(self, app: Flask, house: House, clock: Clock, path: str):
        house.account()
        page = clerk(app)
        goes_on_until(app, clock, MONDAY_9AM + timedelta(minutes=16))

        assert page.visit(f"{ACCOUNTS}/{path}").path.startswith("/midori/staff/")


class TestDoors:
    def test_a_lock_added_later_gives_codes_to_bookings_that_stand(self, app: Flask, house: House):
        house.account()
        books(app, "room-1")
        books(app, "room-2", email="b@example.jp")
        unpaid = books(app, "lobby", "kitchen", paid=False, email="c@example.jp")
        page = chooses(clerk(app))
        locks = [one.get_text() for one in page.page.select("#device option")]
        assert locks == ["えらんでください", FRONT, ROOM_1, ROOM_2]
        describes_a_door(page).fill("鍵", house.sim.device_id(ROOM_1))
        page.fill("どこにあるか", "2階の右がわ").fill("何分前から", "１５").press(
            "このドアを加える"
        )

        assert "「第1会議室のドア」を加えました。" in page.text
        assert "いまある予約 1件にも、番号を用意します。" in page.text
        [door] = rows(house, Door)
        assert (door.place, door.before_minutes, door.is_shared) == ("2階の右がわ", 15, False)
        assert len(rows(house, DoorRoom)) == 1
        house.works()
        assert [one.state for one in house.grants()] == ["ready"]
        assert unpaid not in {one.booking_id for one in house.grants()}

    def test_nothing_that_was_typed_is_lost(self, app: Flask, house: House):
        house.account()
        page = chooses(clerk(app)).fill("どこにあるか", "2階").fill("何分後まで", "たくさん")
        page.fill("鍵", house.sim.device_id(ROOM_2)).choose("第2会議室")
        page.press("このドアを加える", status=422)

        assert page.title.startswith("エラー：")
        for said in ("ドアの名前を入力してください。", "ドアの種類をえらんでください。",
                     "数字で入力してください。"):  # fmt: skip
            assert said in page.text
        assert page.field("どこにあるか")["value"] == "2階"
        assert page.field("何分後まで")["value"] == "たくさん"
        assert page.page.select_one("#device option[selected]").get_text() == ROOM_2
        ticked = [x.find_parent("label").get_text() for x in page.page.select("[name=rooms]")
                  if x.has_attr("checked")]  # fmt: skip
        assert ticked == ["第2会議室"]
        assert rows(house, Door) == []

    def test_nor_when_the_vendor_falls_silent_meanwhile(self, app: Flask, house: House):
        house.account()
        page = describes_a_door(chooses(clerk(app))).fill("鍵", house.sim.device_id(ROOM_1))
        house.sim.fault("http_500_once", count=9)
        page.press("このドアを加える", status=422)
        assert "鍵の会社につながりません。" in page.text
        assert page.field("ドアの名前")["value"] == "第1会議室のドア"
        house.sim.lift()
        page.press("このドアを加える")

        assert "「第1会議室のドア」を加えました。" in page.text

    def test_a_lock_is_one_door_s(self, app: Flask, house: House):
        account = house.account()
        house.door(account, FRONT)
        page = chooses(clerk(app))
        assert FRONT not in page.text
        typed = {"account": str(account), "hall": "chuo", "device": house.sim.device_id(FRONT),
                 "name": "二重", "kind": "shared", "before": "0", "after": "0"}  # fmt: skip
        page.post(f"{DOORS}/new", typed, status=422)

        assert "鍵をえらんでください。" in page.text
        assert len(rows(house, Door)) == 1

    def test_none_is_left_and_what_to_do_then_is_said(self, app: Flask, house: House):
        account = house.account()
        for lock in (FRONT, ROOM_1, ROOM_2):
            house.door(account, lock)
        page = chooses(clerk(app))

        assert "「本館の鍵」の鍵は、どれもほかのドアで使われています。" in page.text
        assert "先に鍵の会社の画面で登録します。" in page.text
        page.press("鍵の一覧を読みなおす")
        assert "加えられる鍵がありません" in page.text
        with house.inside():
            doors.end_door(rows(house, Door)[0].id, actor=STAFF, now=house.clock.now)
        page.press("鍵の一覧を読みなおす")
        assert [one.get_text() for one in page.page.select("#device option")][1:] == [FRONT]
        page.visit(f"{DOORS}/new?account={account}&hall=chuo")

    def test_without_any_account_the_way_to_one_is_shown(self, app: Flask, house: House):
        page = clerk(app).visit(f"{DOORS}/new")
        assert "先に、鍵の会社とのつながりかキーボックスを加えてください。" in page.text
        page.press("キーボックスを加える").fill("名前", "箱").press("加える")

        assert page.path.startswith(f"{DOORS}/new?account=")
        assert "どの鍵か" in page.text

    def test_a_lock_of_another_municipality_is_refused(self, app: Flask, house: House):
        theirs = house.account("aoba")
        house.door(theirs, FRONT, slug="aoba")
        house.account()
        page = describes_a_door(chooses(clerk(app)), "正面").fill("鍵", house.sim.device_id(FRONT))
        page.press("このドアを加える", status=422)

        assert "この鍵は、ほかのドアで使われています。" in page.text
        assert page.field("ドアの名前")["value"] == "正面"
        assert rows(house, Door) == []

    def test_every_room_is_said_and_never_meant_by_saying_none(self, app: Flask, house: House):
        house.account()
        page = chooses(clerk(app)).fill("ドアの名前", "正面").choose("みんなで使う入口")
        page.fill("鍵", house.sim.device_id(FRONT)).press("このドアを加える", status=422)
        assert "このドアから入る部屋をえらんでください。" in page.text
        page.choose("すべての部屋").choose("ロビー").press("このドアを加える", status=422)
        assert "いっしょにえらべません。" in page.text
        assert rows(house, Door) == []

    def test_what_a_door_was_and_became_is_on_record(self, app: Flask, house: House):
        door = house.door(house.account(), ROOM_1, "room-1")
        page = clerk(app).visit(f"{DOORS}/{door}").fill("何分前から", "120")
        page.choose("第2会議室").press("この内容にする")

        with house.inside():
            query = select(AuditEntry.facts).where(AuditEntry.action == "door.changed")
            facts = db.session.scalars(query).one()
        assert (facts["before"]["before_minutes"], facts["after"]["before_minutes"]) == (10, 120)
        assert len(facts["before"]["rooms"]) == 1
        assert len(facts["after"]["rooms"]) == 2
        said = page.visit("/midori/office/audit").text
        assert "第1会議室の鍵：10分前から10分後まで、第1会議室 から" in said
        assert "120分前から10分後まで、第1会議室・第2会議室 へ" in said

    def test_rooms_of_another_hall_are_refused(self, app: Flask, house: House):
        account = house.account()
        typed = {"account": str(account), "hall": "chuo", "device": house.sim.device_id(FRONT),
                 "name": "ドア", "kind": "room", "before": "0", "after": "0",
                 "rooms": ["99999"]}  # fmt: skip
        page = clerk(app).post(f"{DOORS}/new", typed, status=422)

        assert "部屋をえらびなおしてください。" in page.text
        assert rows(house, Door) == []

    def test_is_changed(self, app: Flask, house: House):
        account = house.account()
        house.door(account, ROOM_1, "room-1", name="古い名前")
        page = clerk(app).visit(DOORS).press("変える")
        assert page.field("ドアの名前")["value"] == "古い名前"
        page.fill("ドアの名前", "").press("この内容にする", status=422)
        page.fill("ドアの名前", "第1・第2のドア").choose("第2会議室").press("この内容にする")

        assert "「第1・第2のドア」を変えました。" in page.text
        assert "第1会議室、第2会議室" in page.text
        assert len(rows(house, DoorRoom)) == 2

    def test_says_how_many_bookings_lose_their_code(self, app: Flask, house: House):
        account = house.account()
        door = house.door(account, ROOM_1)
        books(app, "room-1")
        books(app, "room-2", email="b@example.jp")
        house.works()
        page = clerk(app).visit(DOORS).press("使うのをやめる")
        assert "番号が使えなくなる予約 2件" in page.text
        lost = [one.get_text(" ", strip=True) for one in page.page.select("main li:has(a)")]
        assert len(lost) == 2
        assert all(
            re.search(r"^3月\d+日.*時.* \d{4}-\d{4} みどりの会 [0-9-]+$", one) for one in lost
        ), lost
        assert "山田" not in page.text  # whose they are is seen at the desk, by who may
        page.press("このドアを使うのをやめる")
        house.works()

        assert {one.state for one in house.grants()} == {"revoked"}
        page.visit(f"{DOORS}/{door}", status=404)
        page.post(f"{DOORS}/{door}/end", {}, status=404)


class TestKeyBoxes:
    def test_is_added_with_its_number_which_no_page_shows(self, app: Flask, house: House):
        page = clerk(app).visit(DOORS).press("キーボックスを加える")
        page.fill("名前", "箱").press("加える")
        describes_a_door(chooses(page, "箱"), "裏口の箱", "すべての部屋").fill(
            "キーボックスの番号", "12"
        )
        page.press("このドアを加える", status=422)
        assert "番号は、3けたから10けたの数字で入力してください。" in page.text
        page.fill("キーボックスの番号", "２５８０").press("このドアを加える")

        assert "「裏口の箱」を加えました。" in page.text
        assert "2580" not in page.response.text
        booking = books(app, "room-1")
        house.clock.now = MONDAY_9AM + timedelta(days=2)
        house.works()
        assert house.pins(booking) == ["2580"]
        page = clerk(app, email="c2@example.jp").visit(DOORS).press("番号を書きかえる")
        page.fill("キーボックスの番号", "abc").press("この番号にする", status=422)
        page.fill("キーボックスの番号", "2580").press("この番号にする", status=422)
        assert "いまと同じ番号です。" in page.text
        page.fill("キーボックスの番号", "1379").press("この番号にする")
        house.works()
        assert house.pins(booking) == ["1379"]

    def test_has_no_connection_that_could_be_cut(self, app: Flask, house: House):
        house.box()
        page = clerk(app).visit(DOORS)
        boxes = [one for one in page.page.select("section") if "番号の決め方" in one.get_text()]
        assert [one.h2.get_text() for one in boxes] == ["キーボックス"]
        assert "つながりを切る" not in page.text
        page.press("このキーボックスをやめる").press("キーボックスをやめる")
        assert "先にドアを使うのをやめてください。" in page.text
        page.press("使うのをやめる").press("このドアを使うのをやめる")
        page.press("このキーボックスをやめる")
        assert "つながり" not in page.text
        page.press("キーボックスをやめる")

        assert "「キーボックス」を使うのをやめました。" in page.text

    def test_a_lock_has_no_number_of_its_own(self, app: Flask, house: House):
        door = house.door(house.account(), FRONT)
        clerk(app).visit(f"{DOORS}/{door}/code", status=404)


def test_they_are_for_those_who_set_up_the_municipality(app: Flask, house: House):
    house.account()
    for who in (staff(app), staff(app, role="setup", email="s@example.jp"),
                staff(app, role="cashier", facility=None, email="c@example.jp")):  # fmt: skip
        who.visit(DOORS, status=403)
        who.visit(f"{ACCOUNTS}/1/hook", status=403)
    neighbour = clerk(app, slug="aoba", email="x@example.jp")
    neighbour.visit("/aoba/office/doors/accounts/1/hook", status=404)
    assert "本館の鍵" not in neighbour.visit("/aoba/office/doors").text


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_the_pages_are_accessible(app: Flask, house: House):
    account = house.account()
    door = house.door(account, ROOM_1, "room-1", "room-2", name="第1・第2会議室のドア")
    box = house.box()
    empty = house.account(name="まだの会社", is_by_consent=True)
    assert date(2027, 3, 1) == TODAY
    assert not faults(
        app, clerk(app), DOORS, f"{DOORS}/new", f"{DOORS}/new?account={account}&hall=chuo",
        f"{DOORS}/{door}", f"{DOORS}/{door}/end", f"{DOORS}/{box}/code",
        f"{ACCOUNTS}/new/remotelock", f"{ACCOUNTS}/new/key-box", f"{ACCOUNTS}/{account}/secret",
        f"{ACCOUNTS}/{account}/hook", f"{ACCOUNTS}/{account}/hook/new",
        f"{ACCOUNTS}/{account}/consent", f"{ACCOUNTS}/back", f"{ACCOUNTS}/{account}/end",
        f"{DOORS}/new?account={empty}&hall=chuo",
    )  # fmt: skip
