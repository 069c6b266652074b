"""Rooms are closed: free floor at once, bookings only when each was decided on, and back again."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.booking.rules.keeping import Keep
from app.booking.service.submitting import Submitted
from app.db import db
from app.db.audit import Actor
from app.kernel.refusals import Refused
from app.usecases import closing
from app.usecases.cancelling import cancel_lines
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.pages import ORIGIN, Visitor
from tests.racing import race
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, clerk, staff, working
from tests.usecases import steps
from tests.usecases.mailbox import MailBox
from tests.web.test_mail import works

DAY = "/midori/desk/chuo/days/2027-03-08"
NEW = "/midori/desk/chuo/closures/new"
STAFF = Actor("staff", account_id=1)


def rows(app: Flask, query: str, **values: Any) -> list[Any]:
    with working(app):
        return list(db.session.execute(text(query), values))


def made_in(app: Flask, *uses: Any, **changes: Any) -> Submitted:
    with working(app) as found:
        return a_booking(found, *uses, **changes)


def floor_of(app: Flask) -> list[tuple[str, str, str]]:
    """Return what closures keep: space, from, to in Japan."""
    return [tuple(row) for row in rows(app, """
        select s.slug, to_char(o.starts_at at time zone 'Asia/Tokyo', 'MM-DD HH24:MI'),
               to_char(o.ends_at at time zone 'Asia/Tokyo', 'MM-DD HH24:MI')
          from occupancy o join space s on s.tenant_id = o.tenant_id and s.id = o.space_id
         where o.live and o.closure_id is not null order by 1, 2""")]  # fmt: skip


def wanted(found: Any, *, rooms: tuple[str, ...] = ("room-1",), **changes: Any) -> closing.Wanted:
    hall = found.facility_named("chuo")
    ids = tuple(builders.room_id(found, one) for one in rooms)
    keep = Keep(ids, NEXT_MONDAY, NEXT_MONDAY, *changes.pop("hours", (540, 1080)))
    return closing.Wanted(hall.id, "public_use", "会議", keep, **changes)


class TestInTwoPresses:
    def test_a_free_day_is_closed_and_opened_again(self, app: Flask):
        desk = staff(app).visit(DAY).press("この日を閉める")
        assert "この時間に、予約は入っていません。" in desk.text
        desk.press("この内容で閉める")

        assert "閉めました" in desk.text
        assert len({space for space, _from, _to in floor_of(app)}) > 3
        assert {(a, b) for _space, a, b in floor_of(app)} == {("03-08 00:00", "03-09 00:00")}
        resident = Visitor(app).visit("/midori/facilities/chuo/days/2027-03-08")
        assert "申し込む" not in resident.text

        desk.press("取りやめて、部屋を開ける").press("「臨時休館」を取りやめる")
        assert floor_of(app) == []
        assert [x[0] for x in rows(app, "select action from audit_entry"
                                        " where action like 'closure.%' order by id")] == [
            "closure.made", "closure.ended"
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "name"), [("public_use", "公用"), ("event", "行事"), ("maintenance", "点検")]
    )
    def test_each_kind_keeps_a_slot(self, app: Flask, kind: str, name: str):
        room = "&room=room-1"
        desk = staff(app).visit(f"{NEW}?first=2027-03-08&from=9時&to=13:00&kind={kind}{room}")
        desk.press("この内容で閉める")

        assert name in desk.page.h1.get_text()
        every = desk.visit("/midori/desk/chuo/closures").page.select_one("tbody th")
        assert every.get_text(" ", strip=True) == "3月8日（月） 9時から13時まで"
        audit = clerk(app, role="auditor").visit("/midori/office/audit")
        assert "中央会館 第1会議室、2027年3月8日（月）、9時から13時まで" in audit.text
        assert floor_of(app) == [("room-1", "03-08 09:00", "03-08 13:00")]
        assert rows(app, "select kind from occupancy where live")[0][0] == kind

    def test_a_series_of_days_of_the_week(self, app: Flask):
        desk = staff(app).visit(
            f"{NEW}?first=2027-03-08&last=2027-03-31&weekday=0&room=room-1&from=9:00&to=12:00"
        )
        assert "（4日）" in desk.text
        desk.press("この内容で閉める")

        assert [begins[:5] for _room, begins, _to in floor_of(app)] == [
            "03-08", "03-15", "03-22", "03-29"
        ]  # fmt: skip


class TestInTheWay:
    def test_nothing_gives_way_silently(self, app: Flask):
        made_in(app)
        desk = staff(app).visit(f"{NEW}?first=2027-03-08&room=room-1")
        assert "この時間に入っている予約 1件" in desk.text
        assert "山田 花子" in desk.text
        assert "近い空き：" in desk.text
        desk.press("この内容で閉める", status=409)

        assert "1つずつ、どうするかをえらんでください" in desk.text
        assert floor_of(app) == []

    def test_one_stays_and_the_closure_goes_around_it(self, app: Flask):
        made_in(app)
        desk = staff(app).visit(f"{NEW}?first=2027-03-08&room=room-1&from=9:00&to=18:00")
        desk.choose("そのまま残す").press("この内容で閉める")

        assert "この時間に残っている予約 1件" in desk.text
        assert floor_of(app) == [
            ("room-1", "03-08 09:00", "03-08 10:00"), ("room-1", "03-08 12:00", "03-08 18:00")
        ]  # fmt: skip

    def test_one_gives_way_with_everything_paid_back_and_a_letter(
        self, app: Flask, mailbox: MailBox
    ):
        made = made_in(app, paid=True)
        desk = staff(app).visit(
            f"{NEW}?first=2027-03-08&room=room-1&name=法定点検&kind=maintenance"
        )
        desk.choose("会館の都合で取り消す").press("この内容で閉める")

        assert "会館の都合で取り消した予約 1件" in desk.text
        assert "メールで知らせました" in desk.text
        assert floor_of(app) == [("room-1", "03-08 00:00", "03-09 00:00")]
        assert [tuple(x) for x in rows(app, "select kind, yen from ledger_entry order by id")] == [
            ("charge", 800), ("payment", -800), ("release", -800)
        ]  # fmt: skip
        works(app)
        told = next(one for one in mailbox.letters if "会館の都合で" in one["Subject"])
        body = told.get_content()
        assert "「法定点検」のため" in body
        assert "はらったお金 800円を、全部返します。" in body
        assert rows(app, "select state from booking where id = :id", id=made.booking.id)[0][0] == (
            "cancelled"
        )

    def test_somebody_without_mail_is_on_the_list_of_calls(self, app: Flask):
        with working(app) as found:
            use = f"{builders.room_id(found, 'room-1')}.2027-03-08.600.720"
        phone = "/midori/desk/chuo/phone/booking?name=島田&kana=シマダ&phone=0425551234"
        desk = staff(app).visit(f"{phone}&purpose=meeting&people=8&use={use}")
        desk.press("この内容で予約する")
        desk.visit(f"{NEW}?first=2027-03-08&room=room-1")
        assert "メールなし" in desk.text
        desk.choose("会館の都合で取り消す").press("この内容で閉める")

        assert "電話で伝える" in desk.text
        assert "0425551234" in desk.text.replace("-", "")
        assert "電話する人 1" in desk.visit("/midori/desk/chuo/closures").text
        desk.press("臨時休館").press("電話した")
        assert "電話しました" in desk.text
        assert "電話する人" not in desk.visit("/midori/desk/chuo/closures").text
        desk.press("臨時休館").press("電話の記録を取り消す")
        assert "電話で伝える" in desk.text

    def test_what_has_begun_stays(self, app: Flask, clock: Clock):
        made_in(app)
        clock.now = datetime.fromisoformat("2027-03-08T10:30:00+09:00")
        desk = staff(app).visit(f"{NEW}?first=2027-03-08&room=room-1")
        assert "もう始まっています" in desk.text
        desk.press("この内容で閉める")

        assert floor_of(app) == [("room-1", "03-08 12:00", "03-09 00:00")]

    def test_what_became_free_is_kept_by_the_next_round(self, app: Flask):
        made = made_in(app)
        desk = staff(app).visit(f"{NEW}?first=2027-03-08&room=room-1")
        desk.choose("そのまま残す").press("この内容で閉める")
        with working(app) as found:
            cancel_lines(found, made.booking.id, [made.lines[0].id], actor=STAFF, now=MONDAY_9AM)
            assert "まだ閉めていない時間があります" in desk.visit(desk.path).text
            assert closing.fill_all(found, now=MONDAY_9AM) == 1
            assert closing.fill_all(found, now=MONDAY_9AM) == 0

        hours = [(begins[6:], ends) for _room, begins, ends in floor_of(app)]
        assert ("10:00", "03-08 12:00") in hours
        assert "まだ閉めていない" not in desk.visit(desk.path).text

    def test_the_owner_of_a_hold_is_not_disturbed(self, app: Flask):
        with working(app) as found:
            steps.choose(found, "a browser", builders.a_wish(found))
        desk = staff(app).visit(f"{NEW}?first=2027-03-08&room=room-1&from=9:00&to=18:00")
        assert "申し込みの途中の人が1人います" in desk.text
        desk.press("この内容で閉める")

        assert len(floor_of(app)) == 2
        with working(app) as found:
            assert closing.fill_all(found, now=MONDAY_9AM + timedelta(hours=1)) == 1
        assert len(floor_of(app)) == 3


class TestWhoMay:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"role": "reception"}, 200), ({"role": "setup"}, 200), ({"role": "cashier"}, 403),
            ({"role": "attendance"}, 403), ({"role": "auditor"}, 403),
            ({"role": "reception", "facility": "kita"}, 404),
            ({"role": "reception", "facility": None, "slug": "aoba"}, 403),
        ],
    )  # fmt: skip
    def test_close(self, app: Flask, changes: dict[str, Any], status: int):
        assert staff(app, **changes).client.get(NEW).status_code == status

    def test_one_room_is_closed_by_who_works_for_it_and_no_other(self, app: Flask):
        who = staff(app, role="reception", room="room-1")
        who.visit(f"{NEW}?first=2027-03-08").press("この内容で閉める")
        assert {room for room, _from, _to in floor_of(app)} == {"room-1"}
        with working(app) as found:
            other = builders.room_id(found, "room-2")
        who.visit(f"{NEW}?first=2027-03-08&room={other}", status=422)

    def test_who_may_not_cancel_lets_nobody_give_way(self, app: Flask):
        made = made_in(app)
        who = staff(app, role="setup").visit(f"{NEW}?first=2027-03-08&room=room-1")
        assert "会館の都合で取り消す" not in who.text
        form: dict[str, Any] = {}
        for field in who.page.select("form[method=post] input[type=hidden]"):
            form.setdefault(str(field["name"]), []).append(str(field.get("value", "")))
        who.post(NEW, {**form, f"use-{made.lines[0].id}": "give-way"})

        assert rows(app, "select state from booking")[0][0] == "provisional"

    def test_another_halls_closure_is_not_there(self, app: Flask):
        with working(app) as found:
            one = closing.close(found, wanted(found), actor=STAFF, now=MONDAY_9AM)
        for who in (staff(app, facility="kita"), staff(app, room="room-2", email="r@example.jp")):
            for what in ("fill", "end", "calls/1"):
                url = f"/midori/desk/{'kita' if who.path == '/' else 'chuo'}/closures/{one}/{what}"
                answer = who.client.post(url, headers={"Origin": ORIGIN})
                assert answer.status_code == 404
        assert len(floor_of(app)) == 1


@pytest.mark.race
class TestAtOnce:
    def test_the_same_form_sent_twice_is_one_closure(self, app: Flask):
        with working(app) as found:
            one = wanted(found, form_key="k")
            came = race(
                lambda _n: closing.close(found, one, actor=STAFF, now=MONDAY_9AM), *range(4)
            )

        assert len(rows(app, "select 1 from closure")) == 1
        assert len(floor_of(app)) == 1
        assert len(set(came.results)) == 1

    def test_a_closure_and_a_booking_want_the_same_hour(self, app: Flask):
        with working(app) as found:
            people = [builders.a_resident(email=f"r{n}@example.jp") for n in range(6)]

        def run(number: int) -> str:
            if number == 0:
                closing.close(found, wanted(found), actor=STAFF, now=MONDAY_9AM)
                return "closed"
            person, key = people[number - 1], steps.new_key()
            if steps.choose(found, key, builders.a_wish(found)).refused:
                return "taken"
            steps.apply(found, key, person)
            return "booked"

        with working(app) as found:
            came = race(run, *range(7))

        booked = rows(app, "select 1 from occupancy where live and kind = 'booking'")
        kept = floor_of(app)
        assert len(booked) <= 1
        if booked and "closed" in came.results:  # it was booked after, or held meanwhile
            assert ("room-1", "03-08 09:00", "03-08 18:00") not in kept
        elif "closed" in came.results:
            with working(app) as found:
                closing.fill_all(found, now=MONDAY_9AM + timedelta(hours=1))
            hours = [(begins, ends) for _room, begins, ends in floor_of(app)]
            assert hours[0][0] == "03-08 09:00"
            assert hours[-1][1] == "03-08 18:00"
        assert overlaps(app) == []

    def test_who_gives_way_cannot_cancel_or_pay_meanwhile(self, app: Flask):
        made = made_in(app)
        line = made.lines[0].id

        def run(number: int) -> str:
            if number == 0:
                one = wanted(found, give_way=[line])
                closing.close(found, one, actor=STAFF, now=MONDAY_9AM)
                return "closed"
            if number % 2:
                cancel_lines(found, made.booking.id, [line], actor=STAFF, now=MONDAY_9AM)
                return "cancelled"
            steps.pay(made.booking, now=MONDAY_9AM)
            return "paid"

        with working(app) as found:
            came = race(run, *range(5))

        assert "closed" in came.results
        owed = rows(app, "select sum(yen) from ledger_entry")[0][0]
        paid = rows(app, "select coalesce(sum(-yen), 0) from ledger_entry"
                         " where kind = 'payment'")[0][0]  # fmt: skip
        if rows(app, "select 1 from displacement"):
            assert owed == -paid  # all of what was paid is owed back, nothing else
        assert overlaps(app) == []

    def test_two_closures_share_no_floor(self, app: Flask):
        with working(app) as found:
            race(
                lambda n: closing.close(
                    found, wanted(found, rooms=("room-1", "room-2"), form_key=str(n)),
                    actor=STAFF, now=MONDAY_9AM,
                ), *range(4),
            )  # fmt: skip

        assert len(floor_of(app)) == 2
        assert overlaps(app) == []

    def test_without_taking_turns_a_booking_is_overlooked(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ):
        """The control: what is refused by looking again would stand in a closed hall unnamed."""
        made = made_in(app)
        with working(app) as found:
            monkeypatch.setattr(closing, "_make_way", lambda *_a, **_k: {})
            with pytest.raises(Refused):
                closing.close(found, wanted(found), actor=STAFF, now=MONDAY_9AM)
            monkeypatch.setattr(closing, "_only_known_are_left", lambda *_a, **_k: None)
            closing.close(found, wanted(found), actor=STAFF, now=MONDAY_9AM)

        stands = rows(app, "select state from booking_line where id = :id", id=made.lines[0].id)
        assert stands[0][0] == "active"


def overlaps(app: Flask) -> list[Any]:
    return rows(
        app,
        """
        select a.id, b.id from occupancy a join occupancy b
            on a.tenant_id = b.tenant_id and a.space_id = b.space_id and a.id < b.id
           and a.live and b.live and a.starts_at < b.ends_at and b.starts_at < a.ends_at""",
    )


def test_what_is_typed_wrongly_is_kept(app: Flask):
    desk = staff(app).visit(
        f"{NEW}?sent=1&first=あした&from=おひる&name=消防の点検&kind=event", status=422
    )

    assert "2026年12月5日のように" in desk.text
    assert "9:05 のように" in desk.text
    assert desk.field("名前")["value"] == "消防の点検"
    assert re.search(r"部屋をえらんで", staff(app, email="b@example.jp").visit(
        f"{NEW}?sent=1&first=2027-03-08", status=422).text)  # fmt: skip


@pytest.mark.filterwarnings(NOT_OURS)
@pytest.mark.browser
def test_the_pages_are_accessible(app: Flask):
    made_in(app)
    who = staff(app).visit(f"{NEW}?first=2027-03-08")
    who.choose("会館の都合で取り消す").press("この内容で閉める")
    done = who.path

    found = faults(app, who, f"{NEW}?first=2027-03-09", f"{NEW}?first=x", done, f"{done}/end",
                   "/midori/desk/chuo/closures")  # fmt: skip

    assert found == []
