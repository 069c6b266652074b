"""Doors at the desk: who has a code, what waits for a person, codes anew, a key instead."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db import db
from app.db.audit import AuditEntry
from app.db.session import tenant_scope
from app.locks import contacts, tasks
from app.locks.models import AccessGrant, Door
from app.locks.tasks import DoorTask
from app.usecases.door_watch import warn
from app.usecases.lock_watch import check_locks
from tests import builders
from tests.builders import MONDAY_9AM, TODAY
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, clerk, goes_on_until, staff, working
from tests.web.doors import FRONT, ROOM_1, House

DOORS = "/midori/desk/doors"
WEDNESDAY = date(2027, 3, 3)
LATER = MONDAY_9AM + timedelta(hours=2)


def booked(app: Flask, *, on: date = TODAY, room: str = "room-1", paid: bool = True, **more):
    """Somebody books from 13 to 15; return the number and the id of the booking."""
    with working(app) as found:
        made = a_booking(found, (room, on, (13, 15)), paid=paid, **more)
        return str(made.booking.number), made.booking.id


def with_doors(house: House) -> tuple[int, int]:
    account = house.account()
    front = house.door(account, FRONT, name="正面入口", shared=True)
    return front, house.door(account, ROOM_1, "room-1", name="第1会議室のドア")


def hall_of(house: House, facility: str = "chuo") -> int:
    with house.inside():
        hall = builders.catalogue_of("midori").facility_named(facility)
        assert hall is not None
        return hall.id


def asked(house: House, kind: str, **more) -> None:
    house.writes(
        lambda session: tasks.ask_staff(session, kind, f"{kind}:1:1", now=MONDAY_9AM, **more)
    )


def row(page: Visitor, number: str) -> str:
    dashed = next(x for x in page.page.select("tr") if number in x.get_text().replace("-", ""))
    return " ".join(dashed.get_text(" ").split())


class TestTheDay:
    def test_which_doors_are_ready_and_which_not(self, app: Flask, house: House):
        with_doors(house)
        ready, _ = booked(app)
        unpaid, _ = booked(app, on=WEDNESDAY, paid=False, email="b@example.jp")
        house.works()
        house.sim.fault("sync_fail", FRONT, count=9)
        failing, _ = booked(app, room="room-2", email="c@example.jp")
        house.works()

        page = staff(app).visit(DOORS)
        assert "用意できた 正面入口、第1会議室のドア" in row(page, ready)
        assert "用意できた" not in row(page, failing)
        assert "090-0000-0000" in row(page, ready)
        house.clock.now = MONDAY_9AM + timedelta(days=1)
        page = staff(app, email="k2@example.jp").visit(DOORS)
        assert "予約が決まってから用意する" in row(page, unpaid)

    def test_a_use_behind_no_door_is_not_among_them(self, app: Flask, house: House):
        account = house.account()
        house.door(account, ROOM_1, "room-1")
        other, _ = booked(app, room="room-2")
        house.works()

        assert other not in staff(app).visit(DOORS).text.replace("-", "")

    def test_how_the_locks_are(self, app: Flask, house: House):
        with_doors(house)
        house.box()
        house.sim.drain(FRONT, 15)
        with house.inside():
            check_locks(house.locks, now=house.clock.now)

        text = staff(app).visit(DOORS).text
        assert "▲ 15％" in text
        assert "裏口の箱" in text
        assert "2580" not in text

    def test_a_lock_is_as_it_was_when_it_was_looked_at(self, app: Flask, house: House):
        front, _ = with_doors(house)
        with house.inside():
            check_locks(house.locks, now=house.clock.now)
        house.clock.now += timedelta(minutes=7)
        page = staff(app).visit(DOORS)
        assert page.text.count("● つながっています 7分前のようす") == 2
        ahead = house.clock.now + timedelta(minutes=6)
        house.writes(
            lambda session: session.execute(
                update(Door).where(Door.id == front).values(seen_at=ahead)
            )
        )

        text = page.visit(DOORS).text
        assert text.count("つながっています") == 1
        assert "？ わかりません 7分前のようす" in text

    def test_what_is_over_or_goes_on_is_not_still_to_be_made(self, app: Flask, house: House):
        with_doors(house)
        number, _ = booked(app)  # nobody worked
        page = staff(app)
        for hours, said in ((1, "○ これから用意する"), (5, "▲ 番号の用意ができていない"),
                            (6.1, "－ 時間が終わった")):  # fmt: skip
            goes_on_until(app, house.clock, MONDAY_9AM + timedelta(hours=hours))
            page = staff(app, email=f"k{hours}@example.jp")
            assert said in row(page.visit(DOORS), number)

    def test_another_hall_s_clerk_sees_none_of_it(self, app: Flask, house: House):
        front, _ = with_doors(house)
        number, booking_id = booked(app)
        house.works()
        hall = house.grants()[0].facility_id
        asked(house, "offline", facility_id=hall, door_id=front)
        asked(house, "late", facility_id=hall, booking_id=booking_id)
        asked(house, "account", facts={"account": 1})

        page = staff(app, facility="kita", email="kita@example.jp").visit(DOORS)
        assert "ドアの番号を使う部屋はありません" in page.text
        for said in (number, "正面入口", "山田", "連絡がありません", "つながりません"):
            assert said not in page.text.replace("-", "")

    def test_a_clerk_of_one_room_sees_that_room_s(self, app: Flask, house: House):
        with_doors(house)
        mine, _ = booked(app)
        other, _ = booked(app, room="room-2", email="b@example.jp")
        house.works()
        for grant in house.grants():
            asked_about = {"facility_id": grant.facility_id, "grant_id": grant.id}
            house.writes(
                lambda session, grant=grant, more=asked_about: tasks.ask_staff(
                    session, "late", f"late:{grant.id}:1", now=MONDAY_9AM,
                    booking_id=grant.booking_id, **more,
                )
            )  # fmt: skip

        page = staff(app, role="reception", room="room-1").visit(DOORS)
        text = page.text.replace("-", "")
        assert mine in text
        assert other not in text
        assert "人が確かめること 1件" in page.text


class TestTasks:
    def test_says_what_is_the_matter_whom_to_call_and_what_to_do(self, app: Flask, house: House):
        with_doors(house)
        number, booking_id = booked(app)
        house.works()
        grant = house.grants()[0]
        asked(house, "urgent", facility_id=grant.facility_id, booking_id=booking_id,
              grant_id=grant.id, facts={"why": "ReadTimeout"})  # fmt: skip

        page = staff(app).visit(DOORS)
        assert "急ぎ" in page.text
        for said in ("まもなく使う時刻です。", "いますぐ本人に電話して、", "090-0000-0000",
                     "12時50分から15時10分まで", "鍵の会社から返事がありません"):  # fmt: skip
            assert said in page.text
        page.press(number[:4])
        assert page.page.select_one("#keys") is not None

    def test_of_a_use_that_has_begun_says_so(self, app: Flask, house: House, clock: Clock):
        with_doors(house)
        _, booking_id = booked(app)
        house.works()
        grant = house.grants()[0]
        asked(house, "urgent", facility_id=grant.facility_id, booking_id=booking_id,
              grant_id=grant.id)  # fmt: skip
        page = staff(app)
        goes_on_until(app, clock, grant.starts_at)

        text = page.visit(DOORS).text
        assert "ドアがあく時刻をすぎたのに、ドアの番号の用意ができていません。" in text
        assert "まもなく" not in text

    def test_of_a_silent_lock_names_whom_it_keeps_out_and_how_to_call_them(
        self, app: Flask, house: House, clock: Clock
    ):
        front, _ = with_doors(house)
        mine, _ = booked(app)
        later, _ = booked(app, on=WEDNESDAY, room="room-2", email="b@example.jp")
        house.works()
        hall, opens = hall_of(house), house.grants()[0].starts_at
        page, part = staff(app), staff(app, role="reception", room="room-1", email="r@example.jp")
        asked(house, "offline", facility_id=hall, door_id=front,
              facts={"first": opens.isoformat(), "urgent": True})  # fmt: skip
        asked(house, "late", facility_id=hall, booking_id=1)
        goes_on_until(app, clock, opens + timedelta(minutes=30))

        assert "確かめることが2件あります（急ぎ1件）" in page.visit("/midori/desk/").text
        first = page.visit(DOORS).page.select_one(".door-tasks li")
        said = " ".join(first.get_text(" ").split())
        for one in ("急ぎ", "もう使っている時間です。", "いますぐ下の人に電話して",
                    "3月1日（月） 13時から15時", "090-0000-0000", "から使っています",
                    "番号は、ドアに届いています。"):  # fmt: skip
            assert one in said
        named = [x["href"] for x in first.select("a[href*=bookings]")]
        assert [mine] == [x.split("/")[-1].removesuffix("#keys") for x in named]
        assert "1週間のうちに、ほかに1件あります。" in said  # nobody calls them at once
        assert later not in part.visit(DOORS).text.replace("-", "")  # another's room

    def test_of_a_box_names_it_and_leads_to_where_its_number_is_written(
        self, app: Flask, house: House
    ):
        box = house.box()
        number, booking_id = booked(app)
        house.works()
        assert house.pins(booking_id) == ["2580"]
        page = staff(app)
        page.post(f"/midori/desk/bookings/{number}/keys/1/away", {})
        house.works()

        text = page.visit(DOORS).text
        assert "キーボックスの番号を変えてください。" in text
        assert "中央会館、裏口の箱" in text
        assert page.page.select_one(f'a[href$="/doors/{box}/code"]') is None  # not theirs to write
        office = clerk(app).visit(DOORS).press("新しい番号を入れる")
        assert "中央会館 裏口の箱" in office.text
        office.fill("キーボックスの番号", "1379").press("この番号にする")
        house.works()
        assert "人が確かめることは、いまはありません。" in page.visit(DOORS).text

    def test_is_seen_to_with_a_word_about_how_once(self, app: Flask, house: House):
        front, _ = with_doors(house)
        asked(house, "offline", facility_id=hall_of(house), door_id=front)
        page = staff(app).visit(DOORS).press("すませた", status=422)
        assert "どうしたかを入力してください。" in page.text
        assert page.title.startswith("エラー：")
        field = page.field("どうしたか")
        assert field.has_attr("required")
        assert "※必須" in field.find_parent(class_="field").label.get_text()
        error = page.page.find(id=field["aria-describedby"])
        assert error.get_text().startswith("どうしたかを入力してください。")
        assert page.page.select_one(f'.notice a[href="#{field["id"]}"]') is not None
        page.fill("どうしたか", "電池をかえた").press("すませた")

        assert "すませました。" in page.text
        assert "連絡がありません" not in page.text
        page.post(f"{DOORS}/tasks/1", {"remark": "もう一度"})
        assert "この確認は、もうすんでいます。" in page.text
        with house.inside():
            found = db.session.query(DoorTask).one()
            assert (found.remark, found.done_at) == ("電池をかえた", MONDAY_9AM)
            notes = db.session.scalars(
                select(AuditEntry.facts).where(AuditEntry.action == "door.task_done")
            ).all()
        assert notes == [{"reason": "電池をかえた"}]

    def test_is_not_seen_to_from_another_hall(self, app: Flask, house: House):
        _, room_1 = with_doors(house)
        asked(house, "offline", facility_id=hall_of(house), door_id=room_1)
        for who, path in (
            (staff(app, facility="kita", email="kita@example.jp"), DOORS),
            (staff(app, role="reception", room="room-2", email="r@example.jp"), DOORS),
            (staff(app, slug="aoba", email="x@example.jp"), "/aoba/desk/doors"),
        ):
            who.post(f"{path}/tasks/1", {"remark": "x"})
            with house.inside():
                assert db.session.query(DoorTask).one().done_at is None
        mine = staff(app, role="reception", room="room-1", email="r1@example.jp")
        mine.post(f"{DOORS}/tasks/1", {"remark": "x"})
        with house.inside():
            assert db.session.query(DoorTask).one().done_at is not None

    def test_about_an_account_is_for_those_who_set_doors(self, app: Flask, house: House):
        account = house.account()
        asked(house, "account", facts={"account": account})

        assert "鍵の会社につながりません" not in staff(app).visit(DOORS).text
        text = clerk(app).visit(DOORS).text
        assert "鍵の会社につながりません。" in text
        assert "本館の鍵" in text

    def test_is_counted_where_a_clerk_begins(self, app: Flask, house: House):
        front, _ = with_doors(house)
        asked(house, "battery", facility_id=hall_of(house), door_id=front)

        assert "ドアで確かめることが1件あります" in staff(app).visit("/midori/desk/").text
        town = clerk(app).visit("/midori/desk/")
        assert "ドアで確かめること 1件" in town.text
        elsewhere = staff(app, facility="kita", email="kita@example.jp")
        assert "確かめること" not in elsewhere.visit("/midori/desk/").text
        cashier = staff(app, role="cashier", email="cash@example.jp")
        assert "確かめること" not in cashier.visit("/midori/desk/").text

    def test_what_was_seen_to_and_ails_on_stays_in_sight_and_comes_back(
        self, app: Flask, house: House
    ):
        with_doors(house)
        booked(app)
        house.works()
        house.sim.drain(FRONT, 15)
        with house.inside():
            check_locks(house.locks, now=house.clock.now)
        page = staff(app).visit(DOORS)
        page.fill("どうしたか", "電池をたのんだ").press("すませた")
        waits = "なおるのを待っています 中央会館 正面入口 鍵の電池が少なくなっています。"
        assert waits in " ".join(page.text.split())
        assert "電池をたのんだ" in page.text
        assert "人が確かめること 1件" not in page.text
        for minutes, comes_back in ((10, False), (15, True)):
            with house.inside():
                check_locks(house.locks, now=MONDAY_9AM + timedelta(minutes=minutes))
            assert ("人が確かめること 1件" in page.visit(DOORS).text) is comes_back
        assert "なおるのを待っています" not in page.text

    def test_a_lock_that_came_right_is_waited_for_no_more(self, app: Flask, house: House):
        with_doors(house)
        booked(app)
        house.works()
        house.sim.drain(FRONT, 15)
        with house.inside():
            check_locks(house.locks, now=house.clock.now)
        page = staff(app).visit(DOORS).fill("どうしたか", "取りかえた").press("すませた")
        house.sim.drain(FRONT, 90)
        for minutes in (5, 20):
            with house.inside():
                check_locks(house.locks, now=MONDAY_9AM + timedelta(minutes=minutes))
            text = page.visit(DOORS).text
            assert "なおるのを待っています" not in text
            assert "人が確かめることは、いまはありません。" in text

    def test_a_number_that_became_another_is_to_be_told_anew(self, app: Flask, house: House):
        with_doors(house)
        number, booking_id = booked(app)
        house.works()
        asked(house, "number_changed", facility_id=hall_of(house), booking_id=booking_id,
              grant_id=house.grants()[0].id)  # fmt: skip
        page = staff(app).visit(DOORS)
        assert "番号が変わりました。電話で伝えなおしてください。" in page.text
        assert "090-0000-0000" in page.text
        page.press("番号を見る（電話で伝える）")
        assert page.path.endswith(f"/bookings/{number}/keys")

    def test_whom_a_door_that_is_used_no_more_keeps_out_is_called(self, app: Flask, house: House):
        _front, room = with_doors(house)
        number, _ = booked(app)
        house.works()
        page = clerk(app).visit(f"/midori/office/doors/{room}/end")
        assert "みどりの会 090-0000-0000" in page.text
        page.press("このドアを使うのをやめる")

        text = staff(app).visit(DOORS).text
        assert "番号で入れなくなった人がいます。" in text
        assert "090-0000-0000" in text
        assert number in text.replace("-", "")
        with house.inside():
            warn(now=house.grants()[0].ends_at + timedelta(minutes=1))
        assert "番号で入れなくなった人" not in staff(app, email="k2@example.jp").visit(DOORS).text


class TestABooking:
    def test_its_number_is_made_anew_after_saying_what_happens(self, app: Flask, house: House):
        with_doors(house)
        number, booking_id = booked(app)
        house.works()
        before = house.pins(booking_id)
        page = staff(app).visit(f"/midori/desk/bookings/{number}")
        assert "用意できた 正面入口、第1会議室のドア" in page.text
        page.press("番号を新しくする")
        assert "いまの番号は使えなくなり、別の番号を用意します。" in page.text
        assert "前の番号は、もう伝わっています。" in page.text
        assert house.pins(booking_id) == before
        page.press("番号を新しくする", within="form.form")
        assert "新しい番号を用意しています。" in page.text
        house.works()

        after = house.pins(booking_id)
        assert len(after) == 1
        assert after != before
        assert house.sim.keypad(ROOM_1, before[0])["result"] != "opened"
        old, new = house.grants()
        assert (old.state, new.state, new.replaces_id) == ("revoked", "ready", old.id)

    def test_the_number_that_holds_comes_before_the_one_that_is_going(
        self, app: Flask, house: House
    ):
        with_doors(house)
        number, _ = booked(app)
        house.works()
        house.sim.fault("offline", ROOM_1, count=10_000)
        page = staff(app)
        page.post(f"/midori/desk/bookings/{number}/keys/1/again", {})
        house.works()
        assert [one.state for one in house.grants()] == ["revoking", "pending"]

        page.visit(f"/midori/desk/bookings/{number}")
        live, gone = (x.get_text(" ", strip=True) for x in page.page.select(".door-codes > li"))
        assert live.startswith("◇ ドアに届くのを待っている")
        assert "使えない番号" not in live
        assert gone.startswith("使えない番号（前の番号） ◆ ドアから消しているところ")
        assert len(page.visit(f"/midori/desk/bookings/{number}/keys").page.select(".door-pin")) == 1
        assert len(page.page.select(".door-number")) == 1
        assert row(page.visit(DOORS), number).count("第1会議室のドア") == 1

    def test_of_a_box_the_same_number_is_not_called_another(self, app: Flask, house: House):
        house.box()
        number, booking_id = booked(app)
        house.works()
        assert house.pins(booking_id) == ["2580"]
        page = staff(app)
        for deed in ("1/away", "1/again"):
            page.post(f"/midori/desk/bookings/{number}/keys/{deed}", {})
            house.works()

        assert [one.state for one in house.grants()] == ["revoking", "ready"]
        page.visit(f"/midori/desk/bookings/{number}")
        assert len(page.page.select(".door-codes > li")) == 1
        assert "使えない番号" not in page.text

    def test_whose_door_is_used_no_more_says_so(self, app: Flask, house: House):
        box = house.box()
        number, booking_id = booked(app)
        house.works()
        assert house.pins(booking_id) == ["2580"]
        clerk(app).visit(f"/midori/office/doors/{box}/end").press("このドアを使うのをやめる")
        house.works()

        text = staff(app).visit(f"/midori/desk/bookings/{number}").text
        assert "ドアの使用を終えた 管理 太郎 裏口の箱" in text
        assert "用意ができなかった" not in text

    def test_pressed_twice_it_is_made_anew_once(self, app: Flask, house: House):
        with_doors(house)
        number, _ = booked(app)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}")
        for _n in range(2):
            page.post(f"/midori/desk/bookings/{number}/keys/1/again", {})
        house.works()

        assert [one.state for one in house.grants()] == ["revoked", "ready"]

    def test_a_key_instead_and_back_again(self, app: Flask, house: House):
        with_doors(house)
        number, booking_id = booked(app)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}").press("鍵を手でわたす")
        assert "番号は使えなくなります。鍵は、職員が手でわたします。" in page.text
        page.press("鍵を手でわたす", within="form.form")
        house.works()
        assert house.pins(booking_id) == []
        assert "鍵を手でわたす" in page.visit(f"/midori/desk/bookings/{number}").text
        page.press("番号を新しくする").press("番号を新しくする", within="form.form")
        house.works()

        assert len(house.pins(booking_id)) == 1

    def test_taken_away_it_opens_nothing_and_none_is_made(self, app: Flask, house: House):
        with_doors(house)
        number, booking_id = booked(app)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}").press("番号を使えなくする")
        assert "この番号では、ドアがあかなくなります。" in page.text
        page.press("番号を使えなくする", within="form.form")
        house.works()

        assert house.pins(booking_id) == []
        assert {one["attributes"]["status"] for one in house.sim.cloud()} == {"deactivated"}
        assert "使えなくした" in page.visit(f"/midori/desk/bookings/{number}").text

    def test_a_box_that_somebody_knows_is_said_to_open_until_it_is_turned(
        self, app: Flask, house: House
    ):
        house.box()
        number, booking_id = booked(app)
        house.works()
        assert house.pins(booking_id) == ["2580"]
        page = staff(app).visit(f"/midori/desk/bookings/{number}/keys/1/away")
        assert "使う時間" in page.text
        assert "ドアがあく時間" not in page.text
        page.press("番号を使えなくする", within="form.form")
        assert "箱の番号を変えるまで、前の番号であきます。" in page.text
        assert "キーボックスの番号を変えてください。" in page.visit(DOORS).text  # at once
        with working(app):
            house_grant = house.grants()[0]
        house.writes(
            lambda session: session.execute(
                update(AccessGrant).where(AccessGrant.id == house_grant.id)
                .values(is_wanted=False, is_blocked=False, state="revoking")
            )
        )  # fmt: skip

        text = page.visit(f"/midori/desk/bookings/{number}").text
        assert "▲ 箱の番号を変えるまで、前の番号であく" in text
        assert "ドアから消しているところ" not in text

    def test_read_aloud_it_leads_on_and_says_whom_to_call(self, app: Flask, house: House):
        with_doors(house)
        number, _ = booked(app)
        house.works()
        hall = hall_of(house)
        house.writes(
            lambda session: contacts.keep(
                session, hall, name="守衛室", phone="042-000-9999", hours="夜間", now=MONDAY_9AM
            )
        )
        house.writes(lambda session: session.execute(update(Door).values(place="入って右")))
        page = staff(app).visit(f"/midori/desk/bookings/{number}/keys")
        assert "守衛室 （夜間） 042-000-9999" in page.text
        one = page.page.select_one(".door-number").get_text(" ", strip=True)
        assert one.startswith("正面入口、第1会議室のドア")
        assert one.index("正面入口 入って右") < one.index("第1会議室のドア 入って右")
        page.press("鍵を手でわたす")
        assert "鍵を手でわたしますか" in page.text

    def test_the_slip_says_how_the_door_opens_and_whom_to_call(self, app: Flask, house: House):
        with_doors(house)
        number, _ = booked(app, on=WEDNESDAY)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}/slip")
        assert "ドア（正面入口、第1会議室のドア）は、番号であきます。" in page.text
        assert "番号は、3月2日（火）13時から、会館に電話して聞けます。" in page.text
        assert "中央会館 電話" in page.text
        elsewhere, _ = booked(app, facility="kita", email="b@example.jp")
        desk = staff(app, facility="kita", email="kita@example.jp")
        assert "番号" in desk.visit(f"/midori/desk/bookings/{elsewhere}/slip").text
        assert "ドアのあけかた" not in desk.text

    def test_a_key_box_is_turned_by_hand(self, app: Flask, house: House):
        house.box()
        number, _ = booked(app)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}")
        assert "番号を新しくする" not in page.text
        page.press("番号を使えなくする")
        assert "キーボックスの番号を変えてください。" in page.text

    def test_the_number_is_read_to_a_caller_and_that_is_written_down(
        self, app: Flask, house: House
    ):
        with_doors(house)
        number, booking_id = booked(app)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}")
        pin = house.pins(booking_id)[0]
        assert pin not in page.response.text
        page.press("番号を見る")

        assert "".join(x.get_text() for x in page.page.select(".door-pin b")) == pin
        assert [len(x.get_text()) for x in page.page.select(".door-pin b")] == [3, 3]
        assert page.page.select_one(".door-pin .vh").get_text() == " ".join(pin)
        assert page.response.headers["Cache-Control"] == "private, no-store"
        assert "予約した本人か確かめてから" in page.text
        assert "ドアの番号を見た 管理 太郎" in page.visit(f"/midori/desk/bookings/{number}").text

    def test_the_number_is_shown_a_day_before_and_after_a_fresh_proof(
        self, app: Flask, house: House, clock: Clock
    ):
        with_doors(house)
        number, _ = booked(app, on=WEDNESDAY)
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}/keys")
        assert "使う時刻の24時間前になると見られます。" in page.text
        assert page.page.select_one(".door-pin") is None
        goes_on_until(app, clock, MONDAY_9AM + timedelta(minutes=16))
        page.visit(f"/midori/desk/bookings/{number}/keys")
        assert page.path.startswith("/midori/staff/")

    def test_is_handled_by_who_lets_people_into_all_of_its_rooms(self, app: Flask, house: House):
        with_doors(house)
        with working(app) as found:
            uses = [(room, TODAY, (13, 15)) for room in ("room-1", "room-2")]
            number = str(a_booking(found, *uses, paid=True).booking.number)
        house.works()
        part = staff(app, role="reception", room="room-2", email="r@example.jp")
        page = part.visit(f"/midori/desk/bookings/{number}")
        assert "番号を見る" not in page.text
        part.visit(f"/midori/desk/bookings/{number}/keys", status=404)
        part.visit(f"/midori/desk/bookings/{number}/keys/1/again", status=404)
        part.post(f"/midori/desk/bookings/{number}/keys/1/away", {})
        cashier = staff(app, role="cashier", email="c@example.jp")
        assert "用意できた" in cashier.visit(f"/midori/desk/bookings/{number}").text
        assert "番号を見る" not in cashier.text
        cashier.visit(f"/midori/desk/bookings/{number}/keys", status=403)

        assert [one.is_blocked for one in house.grants()] == [False]

    def test_another_booking_s_code_is_not_reached_through_it(self, app: Flask, house: House):
        with_doors(house)
        booked(app)
        other, _ = booked(app, room="room-2", email="b@example.jp")
        house.works()
        page = staff(app)
        page.visit(f"/midori/desk/bookings/{other}/keys/1/away", status=404)
        page.post(f"/midori/desk/bookings/{other}/keys/1/away", {})
        page.visit(f"/midori/desk/bookings/{other}/keys/2/open", status=404)

        assert not any(one.is_blocked for one in house.grants())

    def test_staff_leave_their_own_to_others(self, app: Flask, house: House):
        with_doors(house)
        number, _ = booked(app, email="kanri@example.jp")
        house.works()
        page = staff(app).visit(f"/midori/desk/bookings/{number}").press("番号を使えなくする")
        page.press("番号を使えなくする", within="form.form")

        assert "ほかの職員が新しくしたり消したりします。" in page.text
        assert [one.is_blocked for one in house.grants()] == [False]


def test_the_book_of_the_day_says_which_key_and_what_its_signs_mean_and_no_number(
    app: Flask, house: House
):
    with_doors(house)
    _, first = booked(app)
    second, _ = booked(app, room="room-2", email="b@example.jp")
    house.works()
    pin = house.pins(first)[0]
    desk = staff(app)
    desk.post(f"/midori/desk/bookings/{second}/keys/2/by-hand", {})

    page = desk.visit("/midori/desk/chuo/days/2027-03-01/ledger")
    assert "番号 ●" in page.text
    assert "手わたし" in page.text
    assert pin not in page.response.text
    foot = " ".join(x.get_text() for x in page.page.select(".book-foot"))
    assert "● 用意できた" in foot
    assert "「手わたし」は、職員が鍵をわたします。" in foot
    for sign in ("◇", "▲", "○", "×", "未"):
        assert sign not in foot  # nothing of it is on this paper
    assert "00-0000-0002" not in page.text  # whose own paper it is calls nobody of itself
    assert "ドアがあかなくて困ったとき：市民課 00-0000-0001" in page.text
    without = desk.visit("/midori/desk/chuo/days/2027-03-08/ledger")
    assert "ドアがあかなくて" not in without.text
    assert "鍵のらん" not in without.text


def test_the_book_of_the_day_names_the_door_that_has_no_number_and_says_what_is_unpaid(
    app: Flask, house: House
):
    with_doors(house)
    booked(app, on=WEDNESDAY)
    booked(app, on=WEDNESDAY, room="room-2", paid=False, email="b@example.jp")
    house.sim.fault("offline", FRONT, count=10_000)
    house.works()

    page = staff(app).visit("/midori/desk/chuo/days/2027-03-03/ledger")
    waiting, unpaid = (x.get_text(" ", strip=True) for x in page.page.select("td:has(b)")
                       if "番号" in x.get_text())  # fmt: skip
    assert waiting == "番号 ◇ 正面入口"
    assert unpaid == "番号 －"
    foot = " ".join(x.get_text() for x in page.page.select(".book-foot"))
    for said in ("◇ ドアに届くのを待っている", "－ 予約が決まってから用意する",
                 "「未」は、代金を受け取っていない予約です。"):  # fmt: skip
        assert said in foot


def test_the_neighbours_clerk_gets_to_no_code(app: Flask, house: House):
    with_doors(house)
    number, booking_id = booked(app)
    house.works()
    pin = house.pins(booking_id)[0]
    other = staff(app, slug="aoba", facility=None, role="clerk", email="x@example.jp")
    for path in (f"/aoba/desk/bookings/{number}/keys", f"/aoba/desk/bookings/{number}/keys/1/away"):
        other.visit(path, status=404)
    assert pin not in other.visit("/aoba/desk/doors").response.text
    other.post(f"/aoba/desk/bookings/{number}/keys/1/away", {}, status=404)
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        assert not any(one.is_blocked for one in house.grants())


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_the_pages_are_accessible(app: Flask, house: House):
    front, _ = with_doors(house)
    house.box()
    number, booking_id = booked(app)
    house.works()
    grant = house.grants()[0]
    asked(house, "urgent", facility_id=grant.facility_id, booking_id=booking_id,
          grant_id=grant.id, facts={"why": "ReadTimeout"})  # fmt: skip
    asked(house, "offline", facility_id=grant.facility_id, door_id=front,
          facts={"first": LATER.isoformat(), "battery": 40})  # fmt: skip
    at = f"/midori/desk/bookings/{number}"
    assert not faults(
        app, staff(app), DOORS, at, f"{at}/keys", f"{at}/keys/{grant.id}/again",
        "/midori/desk/chuo/days/2027-03-01",
    )  # fmt: skip
