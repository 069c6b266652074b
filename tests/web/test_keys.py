"""The page with a door's number: who sees it, when, what it says in each state, who looked."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app import jobs
from app.booking.service.application import Applicant
from app.booking.service.submitting import Submitted
from app.db import audit, db
from app.db.audit import SERVICE, Actor
from app.db.session import in_transaction, tenant_scope
from app.kernel.clock import TOKYO
from app.locks.models import AccessGrant
from app.locks.states import GrantState
from app.usecases import door_news, door_photos, door_watch, doors, keys, planning_doors
from app.web.logs import JsonLines
from tests import builders
from tests.conftest import Clock
from tests.pages import Visitor
from tests.usecases import steps
from tests.usecases.mailbox import MailBox
from tests.web.codes import PIN, a_code, a_door, changed, looks
from tests.web.doors import ROOM_1, STAFF, House
from tests.web.situations import has_booked, is_signed_in
from tests.web.test_door_photos import a_photo

HANAKO = "hanako@example.jp"
USE = datetime(2027, 3, 8, 10, tzinfo=TOKYO)  # to 12:00; the door opens from 9:50 to 12:10
THE_DAY_BEFORE = datetime(2027, 3, 7, 9, 50, tzinfo=TOKYO)
PHONE = "00-0000-0002"  # of 中央会館


@pytest.fixture
def hanako(visitor: Visitor) -> Applicant:
    """A resident who is signed in."""
    return is_signed_in(visitor)


@pytest.fixture
def made(app: Flask, hanako: Applicant, clock: Clock) -> Submitted:
    """Her paid booking of a room whose door has a lock, an hour before its use."""
    booked = has_booked(app, hanako)
    pays(app, booked)
    a_door(app, provider="remotelock")
    clock.now = (USE - timedelta(hours=1)).astimezone(UTC)
    return booked


def pays(app: Flask, booked: Submitted) -> None:
    with app.app_context(), tenant_scope(booked.booking.tenant_id):
        steps.pay(booked.booking)


def path_of(booked: Submitted, slug: str = "midori") -> str:
    return f"/{slug}/bookings/{booked.booking.number}/key"


def proves(visitor: Visitor, email: str = HANAKO) -> Visitor:
    """Let a browser be one that has just proved whose it is."""
    with visitor.app.app_context():
        account = builders.an_account(email)
        now = visitor.app.config["KAIKAN_CLOCK"].now
        return visitor.sign_in_as(builders.a_session_token(visitor.app, account, now=now))


def opens(visitor: Visitor, booked: Submitted, **more: int) -> Visitor:
    return proves(visitor).visit(path_of(booked), **more)


def shows_no_number(visitor: Visitor) -> bool:
    assert visitor.response is not None
    html = visitor.response.text
    return not any(one in html for one in (PIN, "482 913", "4、8、2")) and "data-until" not in html


class TestTheNumber:
    def test_stands_large_with_its_door_its_time_its_room_and_a_telephone(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_code(app, made)

        opens(visitor, made)

        assert visitor.title.startswith("ドアの番号｜中央会館")
        assert "ドアをあける番号 4、8、2、9、1、3 482 913" in visitor.text
        assert "3月8日（月） 9時50分から 12時10分まで あきます。" in visitor.text
        assert "第1会議室のドア 部屋のドア" in visitor.text
        assert "使う部屋：第1会議室" in visitor.text
        assert "1分待ってから、番号をもう一度おしてください。" in visitor.text
        assert visitor.page.select_one(f"ol a[href='tel:{PHONE.replace('-', '')}']")
        assert visitor.page.select_one(".key svg[role=img]")["aria-label"].startswith("部屋のドア")

    def test_stands_with_the_photo_of_its_door_in_the_page_itself(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        front = a_door(app, "正面の入口", rooms=(), is_shared=True)
        a_code(app, made)
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            door_photos.set_photo(front, a_photo(), actor=SERVICE, now=builders.MONDAY_9AM)

        opens(visitor, made)

        assert len(visitor.page.select(".doors li")) == 2
        (seen,) = visitor.page.select(".doors img")
        assert seen["src"].startswith("data:image/jpeg;base64,")
        assert seen["alt"] == "「正面の入口」の写真"
        assert seen.find_previous_sibling("svg") is None

    def test_is_heard_digit_by_digit(self, visitor: Visitor, app: Flask, made: Submitted):
        a_code(app, made)

        opens(visitor, made)

        drawn = visitor.page.select_one(".keycode")
        assert (drawn.get_text(), drawn["aria-hidden"]) == ("482 913", "true")
        assert drawn.find_previous_sibling(class_="vh").get_text() == "4、8、2、9、1、3"

    def test_of_several_doors_names_the_entrance_first(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_door(app, "正面の入口", rooms=(), is_shared=True, place="通用口は使えません")
        a_code(app, made)

        opens(visitor, made)

        doors = [" ".join(one.get_text(" ").split()) for one in visitor.page.select(".doors li")]
        assert len(doors) == 2
        assert "正面の入口" in doors[0]
        assert "通用口は使えません" in doors[0]

    def test_opens_when_the_vendor_says(self, visitor: Visitor, app: Flask, made: Submitted):
        window = {"effective_from": USE.replace(hour=9), "effective_to": USE.replace(hour=13)}
        a_code(app, made, **window)

        opens(visitor, made)

        assert "3月8日（月） 9時から 13時まで あきます。" in visitor.text

    def test_that_is_not_in_the_lock_yet_says_how_it_gets_there(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_code(app, made, state=GrantState.PENDING)

        opens(visitor, made)

        assert "482 913" in visitor.text
        assert "この番号を、ドアに送っています。" in visitor.text
        assert "いまは、何もしなくてかまいません。" in visitor.text
        assert visitor.page.select_one("#codes")["hx-trigger"] == "every 20s"

    def test_that_moves_says_the_time_that_is_wanted(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        old = {"effective_from": USE.replace(hour=8), "effective_to": USE.replace(hour=9)}
        a_code(app, made, version=2, told_version=1, **old)

        opens(visitor, made)

        assert "9時50分から 12時10分まで" in visitor.text
        assert "この番号を、ドアに送っています。" in visitor.text

    def test_of_a_key_box_is_called_so(self, visitor: Visitor, app: Flask, hanako, clock):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app, "玄関のよこの箱")
        clock.now = (USE - timedelta(hours=1)).astimezone(UTC)
        a_code(app, booked, pin="7351")

        opens(visitor, booked)

        assert "キーボックスの番号 7、3、5、1 7351" in visitor.text
        assert "使えます。" in visitor.text
        assert "休んでいる鍵" not in visitor.text

    def test_may_be_an_address_instead(self, visitor: Visitor, app: Flask, made: Submitted):
        a_code(app, made, pin=None, url="https://keys.example/abc")

        opens(visitor, made)

        link = visitor.page.select_one("main a.primary")
        assert (link["href"], link["rel"]) == ("https://keys.example/abc", ["noreferrer"])
        assert not visitor.page.select(".keycode, [data-offline], [data-print]")
        assert "番号をもう一度" not in visitor.text

    def test_in_place_of_one_that_was_seen_says_so(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        first = a_code(app, made)
        opens(visitor, made)
        assert "番号が変わりました" not in visitor.text
        changed(app, made, first, is_wanted=False, state=GrantState.REVOKED)
        a_code(app, made, pin="730264")

        opens(visitor, made)

        assert "番号が変わりました。前の番号は使えません。" in visitor.text
        assert "730 264" in visitor.text
        assert "482 913" not in visitor.text

    def test_that_the_vendor_replaced_says_so(self, visitor: Visitor, app: Flask, made: Submitted):
        grant_id = a_code(app, made)
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            in_transaction(
                lambda session: audit.note(
                    session, SERVICE, "key.changed", subject="booking", now=builders.MONDAY_9AM,
                    subject_id=made.booking.id, facts={"grant": grant_id, "why": None},
                )
            )  # fmt: skip

        assert "番号が変わりました。" in opens(visitor, made).text

    def test_is_what_it_was_when_only_a_key_box_beside_it_was_taken_down(
        self, visitor: Visitor, app: Flask, hanako: Applicant, house: House, clock: Clock
    ):
        house.door(house.account(), ROOM_1, "room-1")
        box = house.box("2580", "room-1")
        booked = has_booked(app, hanako)
        pays(app, booked)
        house.works()
        clock.now = (USE - timedelta(hours=1)).astimezone(UTC)
        assert "2580" in opens(visitor, booked).text
        number = visitor.page.select_one(".keycode").get_text()

        with house.inside():
            doors.end_door(box, actor=STAFF, now=clock.now)
        house.works()
        visitor.visit(path_of(booked))

        assert "2580" not in visitor.text
        assert [one.get_text() for one in visitor.page.select(".keycode")] == [number]
        assert "番号が変わりました" not in visitor.text

    def test_says_why_a_neighbour_s_use_leaves_fewer_minutes(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_code(app, made, starts_at=USE, ends_at=USE + timedelta(hours=2))

        opens(visitor, made)

        assert "10時から 12時まで あきます。" in visitor.text
        said = visitor.page.select_one(".key .window").get_text("/")
        assert "/10時までは、ほかの人が使います。/12時からは、ほかの人が使います。" in said
        app.config["KAIKAN_CLOCK"].now = (USE - timedelta(minutes=5)).astimezone(UTC)
        assert "10時までは、ほかの人が使っています。" in opens(visitor, made).text
        app.config["KAIKAN_CLOCK"].now = (USE + timedelta(minutes=5)).astimezone(UTC)
        assert "10時までは" not in opens(visitor, made).text

    def test_says_what_was_booked_and_how_to_press_it(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_code(app, made)

        said = opens(visitor, made).text

        hours, window = said.index("使う時間：10時から12時まで"), said.index("あきます。")
        assert said.index("482 913") < said.index("「開ける」などのボタンがあれば") < hours < window
        assert "どちらのドアも" not in said
        a_door(app, "正面の入口", rooms=(), is_shared=True)
        changed_doors = a_code(app, made, pin="730264")
        assert changed_doors
        assert "どちらのドアも、この番号をおします。" in opens(visitor, made).text

    def test_of_several_names_its_room(
        self, visitor: Visitor, app: Flask, hanako: Applicant, clock: Clock
    ):
        wanted = [
            ("room-1", builders.NEXT_MONDAY, (10, 12)),
            ("room-2", builders.NEXT_MONDAY, (14, 16)),
        ]
        booked = has_booked(app, hanako, wanted)
        pays(app, booked)
        a_door(app, rooms=(), provider="remotelock")
        clock.now = (USE - timedelta(hours=1)).astimezone(UTC)
        a_code(app, booked)
        a_code(app, booked, line=1, pin="730264")

        opens(visitor, booked)

        headings = [one.get_text() for one in visitor.page.select(".key h2")]
        assert headings == ["第1会議室の番号", "第2会議室の番号"]

    def test_on_paper_has_a_date_and_no_word_of_what_passes(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_code(app, made, state=GrantState.PENDING)

        opens(visitor, made)

        paper = visitor.page.select_one(".on-paper").get_text(" ")
        assert paper == "2027年3月8日（月）に印刷 予約を変えたときは、この紙は使えません。"
        sent = visitor.page.find(string=re.compile("ドアに送っています")).find_parent(
            class_="no-print"
        )
        assert sent.has_attr("data-online")  # and a copy has it not


class TestNoNumber:
    """Where there is nothing to open a door with, the page says why and what to do."""

    def test_more_than_a_day_before(self, visitor: Visitor, app: Flask, made: Submitted, clock):
        a_code(app, made)
        clock.now = (THE_DAY_BEFORE - timedelta(minutes=1)).astimezone(UTC)

        opens(visitor, made)

        assert "番号が見られるのは： 3月7日（日） 9時50分から" in visitor.text
        assert "ドアがあく時間： 3月8日（月） 9時50分から 12時10分まで" in visitor.text
        assert shows_no_number(visitor)
        clock.now += timedelta(minutes=1)
        assert "482 913" in opens(visitor, made).text

    def test_before_it_is_paid(self, visitor: Visitor, app: Flask, hanako: Applicant):
        booked = has_booked(app, hanako)
        a_door(app)
        a_code(app, booked)

        opens(visitor, booked)

        assert "番号は、料金をはらうと見られます" in visitor.text
        assert "2027年3月7日（日）までに、800円をはらってください。" in visitor.text
        assert shows_no_number(visitor)

    @pytest.mark.parametrize(
        ("state", "pin"),
        [(GrantState.PLANNED, PIN), (GrantState.ISSUING, PIN), (GrantState.PENDING, None)],
    )
    def test_while_it_is_being_made(
        self, visitor: Visitor, app: Flask, made: Submitted, state: GrantState, pin: str | None
    ):
        a_code(app, made, state=state, pin=pin)

        opens(visitor, made)

        assert "番号を用意しています。数分かかることがあります。" in visitor.text
        assert "もうすぐ使う時間です。" not in visitor.text
        assert visitor.page.select_one("#codes")["hx-get"].startswith(path_of(made))
        assert shows_no_number(visitor)
        assert looks(app, made) == []

    def test_shortly_before_the_use_the_telephone_comes_first(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock
    ):
        a_code(app, made, state=GrantState.ISSUING)
        clock.now = (USE - timedelta(minutes=40)).astimezone(UTC)

        opens(visitor, made)

        call, wait = visitor.text.index(PHONE), visitor.text.index("番号を用意しています。")
        assert call < wait

    @pytest.mark.parametrize(
        "how",
        [
            {"state": GrantState.FAILED},
            {"is_by_hand": True},
            {"is_blocked": True, "state": GrantState.REVOKED},
        ],
    )
    def test_where_staff_hand_over_a_key(
        self, visitor: Visitor, app: Flask, made: Submitted, how: dict[str, object]
    ):
        a_code(app, made, **how)

        opens(visitor, made)

        assert "鍵は、会館の職員がおわたしします。" in visitor.text
        assert PHONE in visitor.text
        assert shows_no_number(visitor)
        assert looks(app, made) == []

    def test_after_its_time(self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock):
        a_code(app, made)
        clock.now = (USE + timedelta(hours=2, minutes=10)).astimezone(UTC)

        opens(visitor, made)

        assert "次の番号は、もう使えません。" in visitor.text
        assert "3月8日（月） 9時50分から 12時10分まで 第1会議室" in visitor.text
        assert shows_no_number(visitor)
        assert looks(app, made) == []

    def test_of_a_booking_that_was_cancelled(self, visitor: Visitor, app: Flask, hanako: Applicant):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app)
        a_code(app, booked, shown_at=builders.MONDAY_9AM)
        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                steps.cancel(found, booked)

        opens(visitor, booked)

        assert "取り消した予約の番号は、使えません" in visitor.text
        assert shows_no_number(visitor)

    def test_of_a_room_without_a_lock(self, visitor: Visitor, app: Flask, made: Submitted, hanako):
        other = has_booked(app, hanako, [("room-2", builders.NEXT_MONDAY, (18, 19))], key="2")
        pays(app, other)

        opens(visitor, other)

        assert "この予約に、ドアの番号はありません" in visitor.text

    def test_before_any_code_was_planned(self, visitor: Visitor, app: Flask, made: Submitted):
        assert "番号を用意しています" in opens(visitor, made).text
        app.config["KAIKAN_CLOCK"].now -= timedelta(days=3)
        assert "番号が見られるのは： 3月7日（日） 10時から" in opens(visitor, made).text


class TestWhoSeesIt:
    def test_nobody_but_who_applied(self, visitor: Visitor, app: Flask, made: Submitted):
        a_code(app, made)
        proves(visitor, "taro@example.jp").visit(path_of(made), status=404)

        assert shows_no_number(visitor)
        assert looks(app, made) == []

    def test_not_in_another_municipality(self, visitor: Visitor, app: Flask, made: Submitted):
        a_code(app, made)

        proves(visitor).visit(path_of(made, "aoba"), status=404)

    def test_nobody_who_is_not_signed_in(self, app: Flask, made: Submitted):
        a_code(app, made)
        stranger = Visitor(app).visit(path_of(made))

        assert stranger.path.startswith("/midori/sign-in?next=")
        assert shows_no_number(stranger)

    def test_each_look_is_written_down(
        self, visitor: Visitor, app: Flask, made: Submitted, hanako: Applicant
    ):
        grant_id = a_code(app, made)

        opens(visitor, made)
        visitor.visit(path_of(made))

        assert looks(app, made) == [("resident", hanako.account_id, [grant_id])] * 2

    def test_what_is_not_there_was_not_seen(self, visitor: Visitor, app: Flask, made: Submitted):
        """Else the first number would be told as another than the one that was seen."""
        grant_id = a_code(app, made, state=GrantState.PENDING, pin=None)
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            actor = Actor("resident", made.booking.account_id)
            now = app.config["KAIKAN_CLOCK"].now
            secret = app.config["KAIKAN"].secret_key
            told = keys.shown(made.booking.id, secret=secret, actor=actor, now=now)

        assert told == {}
        assert looks(app, made) == []
        assert seen_at(app, made, grant_id) is None

    def test_no_cache_keeps_it(self, visitor: Visitor, app: Flask, made: Submitted):
        a_code(app, made)
        opens(visitor, made)
        assert visitor.response is not None
        assert visitor.response.headers["Cache-Control"] == "no-store"

    def test_its_address_may_be_asked_for_by_a_page_that_waits_without_being_a_look(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        grant_id = a_code(app, made, state=GrantState.PENDING)
        opens(visitor, made)
        again = visitor.page.select_one("#codes")["hx-get"]
        told = {"HX-Request": "true", "HX-Request-Type": "partial"}

        same = visitor.client.get(again, headers=told)
        changed(app, made, grant_id, state=GrantState.READY)
        other = visitor.client.get(again, headers=told)

        assert (same.status_code, same.text) == (204, "")
        assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-store")
        assert other.text.lstrip().startswith('<div id="codes"')
        assert "482 913" in other.text
        assert 'hx-trigger="every 60s"' in other.text  # it may be cancelled while one looks
        assert len(looks(app, made)) == 2


class TestAFreshProof:
    def test_is_asked_for_after_half_an_hour(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock
    ):
        a_code(app, made)
        opens(visitor, made)
        clock.now += timedelta(minutes=30)
        assert "482 913" in visitor.visit(path_of(made)).text
        clock.now += timedelta(seconds=1)

        visitor.visit(path_of(made))

        assert "もう一度、本人か確かめます" in visitor.text
        assert "hanako@example.jp" in visitor.text
        assert shows_no_number(visitor)
        assert len(looks(app, made)) == 2

    def test_comes_by_mail_and_leads_back(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock, mailbox: MailBox
    ):
        a_code(app, made)
        opens(visitor, made)
        clock.now += timedelta(minutes=31)
        visitor.visit(path_of(made)).press("確認の番号を送る")
        code = sent_code(app, mailbox)
        assert "この端末を使うのは自分だけです" not in visitor.text

        visitor.fill("確認の番号", "000000" if code != "000000" else "111111")
        visitor.press("番号を確かめる", status=409)
        visitor.fill("確認の番号", code).press("番号を確かめる")

        assert visitor.path == path_of(made)
        assert "482 913" in visitor.text
        assert sessions(app) == 2  # the one of the fixture and the one that proved: none was added

    def test_can_be_sent_again(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock, mailbox: MailBox
    ):
        a_code(app, made)
        opens(visitor, made)
        clock.now += timedelta(minutes=31)
        visitor.visit(path_of(made)).press("確認の番号を送る").press("番号をもう一度送る")

        assert "番号をもう一度送りました。" in visitor.text
        visitor.fill("確認の番号", sent_code(app, mailbox)).press("番号を確かめる")
        assert visitor.path == path_of(made)

    def test_of_one_address_proves_nobody_else(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock, mailbox: MailBox
    ):
        """Who had a code sent and then signs in as another has to have one sent again."""
        clock.now += timedelta(minutes=31)
        visitor.post("/midori/sign-in/once-more", {"next": path_of(made)})
        proves(visitor, "taro@example.jp")

        visitor.visit("/midori/sign-in/once-more/code")

        assert "taro@example.jp" in visitor.text
        assert "hanako@example.jp" not in visitor.text

    def test_of_staff_is_asked_for_as_theirs(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock
    ):
        a_code(app, made)
        with app.app_context():
            account = builders.a_staff_member(email=HANAKO)
            token = builders.a_session_token(app, account, now=clock.now, is_staff=True)
        visitor.sign_in_as(token)
        assert "482 913" in visitor.visit(path_of(made)).text
        with app.app_context(), tenant_scope(None):
            in_transaction(
                lambda s: s.execute(
                    text("update signed_in set proved_at = :at where is_staff"),
                    {"at": clock.now - timedelta(hours=1)},
                )
            )

        assert visitor.visit(path_of(made)).path.startswith("/midori/staff/again?next=")


class TestTheWayThere:
    def test_is_the_main_thing_to_do_once_it_can_be_seen(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock
    ):
        a_code(app, made)
        page = f"/midori/bookings/{made.booking.number}"

        for path in (page, f"{page}/done"):
            primary = visitor.visit(path).page.select("main a.primary")
            assert [one["href"] for one in primary] == [path_of(made)], path
        visitor.visit("/midori/bookings")
        assert visitor.page.select_one(f"article a[href='{path_of(made)}']")
        clock.now -= timedelta(days=3)
        links = visitor.visit(page).page.select(f"main a[href='{path_of(made)}']")
        assert ["primary" in one["class"] for one in links] == [False]

    def test_is_there_shortly_before_though_the_number_is_not_planned_yet(
        self, visitor: Visitor, made: Submitted
    ):
        proves(visitor).visit(f"/midori/bookings/{made.booking.number}")

        visitor.press("ドアの番号を見る")

        assert "番号を用意しています" in visitor.text

    def test_is_not_there_where_no_door_opens_by_number(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        booked = has_booked(app, hanako)
        a_door(app, rooms=("room-2",))
        page = f"/midori/bookings/{booked.booking.number}"

        for path in (page, f"{page}/done", f"{page}/cancel", "/midori/bookings"):
            assert "ドア" not in visitor.visit(path).text, path


class TestACopyOnADevice:
    """Pages about a booking say which of its numbers still open, by signs that tell nothing."""

    def test_is_told_the_same_as_it_was_kept_with_until_the_number_is_another(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        grant_id = a_code(app, made)
        opens(visitor, made)
        kept = visitor.page.select_one("#codes")["data-signs"]
        page = f"/midori/bookings/{made.booking.number}"

        assert kept
        for path in (page, f"{page}/done", "/midori/bookings"):
            assert signs_on(visitor.visit(path)) == {path_of(made): kept}, path
        changed(app, made, grant_id, state=GrantState.PENDING)  # on its way: the same number
        assert signs_on(visitor.visit(page)) == {path_of(made): kept}
        changed(app, made, grant_id, pin="730264")
        assert kept not in signs_on(visitor.visit(page)).values()

    @pytest.mark.parametrize("how", [{"is_by_hand": True}, {"is_blocked": True}])
    def test_is_told_of_nothing_where_the_number_was_taken_away(
        self, visitor: Visitor, app: Flask, made: Submitted, how: dict[str, bool]
    ):
        a_code(app, made, **how)
        proves(visitor)

        assert signs_on(visitor.visit("/midori/bookings")) == {path_of(made): ""}

    def test_is_left_alone_after_the_use_while_the_door_still_opens(
        self, visitor: Visitor, app: Flask, made: Submitted, clock: Clock
    ):
        a_code(app, made)
        proves(visitor)
        clock.now = (USE + timedelta(hours=2, minutes=1)).astimezone(UTC)

        assert signs_on(visitor.visit("/midori/bookings")) == {}


def signs_on(visitor: Visitor) -> dict[str, str]:
    """Return by the address of its key page what a page says of each booking's numbers."""
    told = visitor.page.select("[data-kept-key]")
    return {str(one["data-kept-key"]): str(one["data-signs"]) for one in told}


class TestWhatIsSaidOfDoors:
    """On pages about a booking, before there is a number and when it may become another."""

    def test_before_it_is_paid_and_before_it_is_time(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        booked = has_booked(app, hanako)
        a_door(app)
        page = f"/midori/bookings/{booked.booking.number}"

        unpaid = [visitor.visit(path).text for path in (page, f"{page}/done")]
        pays(app, booked)
        later = visitor.visit(page).text

        for said in unpaid:
            assert "ドアは、番号であきます。番号は、料金をはらったあと、" in said
            assert "使う時間の24時間前から、予約のページで見られます。" in said
        assert "番号は、3月7日（日）9時50分から見られます。" in later
        assert visitor.page.select_one(f"main a[href='{path_of(booked)}'].secondary")

    def test_when_it_is_changed(self, visitor: Visitor, app: Flask, hanako: Applicant):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app)
        a_code(app, booked, shown_at=builders.MONDAY_9AM)
        page = f"/midori/bookings/{booked.booking.number}"

        room = booked.lines[0].room_id
        visitor.visit(f"{page}/change?check=y&room={room}&on=2027-03-08&from=840&to=960&people=10")
        before = visitor.text
        visitor.press("この内容に変える")

        assert "ドアの番号や、ドアがあく時間も、変わることがあります。" in before
        assert "予約を変更しました。" in visitor.text
        assert "ドアの番号は同じです。ドアがあく時間が変わりました。" in visitor.text
        assert "番号は、3月7日（日）13時50分から見られます。" in visitor.text

    @pytest.mark.parametrize(
        ("wish", "before", "after"),
        [
            ("room=1&from=600&to=720&people=12", None, None),
            ("room=1&from=840&to=960&people=10",
             "ドアの番号は同じです。ドアがあく時間が変わります。",
             "ドアの番号は同じです。ドアがあく時間が変わりました。"),
            ("room=2&from=600&to=720&people=10", "ドアの番号が変わります。",
             "前に見た番号は使わないで、「ドアの番号」をもう一度見てください。"),
        ],
    )  # fmt: skip
    def test_when_it_is_changed_is_what_is_so(
        self, visitor: Visitor, app: Flask, hanako, wish: str, before: str | None, after: str | None
    ):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app, provider="remotelock")
        a_door(app, "第2会議室のドア", rooms=("room-2",), provider="remotelock")
        with app.app_context():
            found = builders.catalogue_of("midori")
            rooms = {
                "room=1": builders.room_id(found, "room-1"),
                "room=2": builders.room_id(found, "room-2"),
            }
        for name, room in rooms.items():
            wish = wish.replace(name, f"room={room}")
        house_plans(app, booked)
        page = f"/midori/bookings/{booked.booking.number}"

        asked = visitor.visit(f"{page}/change?check=y&on=2027-03-08&{wish}").text
        visitor.press("この内容に変える")

        assert "予約を変更しました。" in visitor.text
        if before and after:
            assert before in asked
            assert after in visitor.text
        else:
            told = visitor.page.select_one(".notice.success").get_text()
            assert "番号" not in asked.split("予約 ")[0] + told

    @pytest.mark.parametrize(
        ("rooms", "before", "after"),
        [
            ([("room-1", (10, 12))], "取り消した枠のドアの番号は、使えなくなります。",
             "前に見たドアの番号は、使わないでください。印刷した紙は、すててください。"),
            ([("room-1", (10, 12)), ("room-2", (10, 12))],
             "のこる枠の番号も、変わることがあります。",
             "前に見た番号は使わないで、「ドアの番号」をもう一度見てください。"),
        ],
    )  # fmt: skip
    def test_when_it_is_cancelled(
        self, visitor: Visitor, app: Flask, hanako: Applicant, rooms, before: str, after: str
    ):
        wanted = [(room, builders.NEXT_MONDAY, hours) for room, hours in rooms]
        booked = has_booked(app, hanako, wanted)
        pays(app, booked)
        a_door(app, rooms=())
        a_code(app, booked, shown_at=builders.MONDAY_9AM)
        page = f"/midori/bookings/{booked.booking.number}"

        asked = visitor.visit(f"{page}/cancel").text
        visitor.post(f"{page}/cancel", {"line": str(booked.lines[0].id)})

        assert before in asked
        assert after in visitor.text

    @pytest.mark.parametrize(
        ("doors", "after"),
        [
            ([("room-1",), ("room-2",)], "のこる枠のドアの番号は、同じです。"),
            ([("room-1", "room-2")], "のこる枠のドアの番号は、同じです。"),
        ],
    )
    def test_when_a_part_is_cancelled_is_what_is_so(
        self, visitor: Visitor, app: Flask, hanako: Applicant, doors, after: str
    ):
        rooms = ("room-1", "room-2")
        booked = has_booked(app, hanako, [(one, builders.NEXT_MONDAY, (10, 12)) for one in rooms])
        pays(app, booked)
        for number, behind in enumerate(doors):
            a_door(app, f"ドア{number}", rooms=behind, provider="remotelock")
        house_plans(app, booked)

        visitor.post(
            f"/midori/bookings/{booked.booking.number}/cancel", {"line": str(booked.lines[0].id)}
        )

        assert after in visitor.text

    def test_before_a_cancel_nothing_is_said_of_numbers_nobody_could_see(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app)
        a_code(app, booked)

        visitor.visit(f"/midori/bookings/{booked.booking.number}/cancel")

        assert "ドアの番号" not in visitor.text

    def test_a_booking_that_was_cancelled_unpaid_had_no_number(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        booked = has_booked(app, hanako)
        a_door(app)
        page = f"/midori/bookings/{booked.booking.number}"
        visitor.post(f"{page}/cancel", {"line": str(booked.lines[0].id)})

        opens(visitor, booked)

        assert "この予約は取り消してあるので、ドアの番号はありません" in visitor.text
        assert "前に見た番号" not in visitor.text

    def test_on_the_hall_s_page_and_on_papers(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        booked = has_booked(app, hanako)
        page = f"/midori/bookings/{booked.booking.number}"
        hall, said = "/midori/facilities/chuo", "この会館のドアは、番号であきます。"
        assert said not in visitor.visit(hall).text
        assert "番号であきます" not in visitor.visit(f"{page}/print").text
        a_door(app)

        assert f"{said}番号は、予約のあとで見られます。" in visitor.visit(hall).text
        paper = visitor.visit(f"{page}/print").text
        assert "ドアは番号であきます。番号は別の紙（番号のページ）です。" in paper
        event = visitor.client.get(f"{page}/calendar.ics").get_data(as_text=True)
        assert "番号は、番号のページで見られます。" in event.replace("\r\n ", "")

    def test_who_never_saw_one_is_not_told_to_forget_it(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app)
        a_code(app, booked)
        page = f"/midori/bookings/{booked.booking.number}"

        visitor.post(f"{page}/cancel", {"line": str(booked.lines[0].id)})

        assert "すべて取り消しました" in visitor.text
        assert "ドア" not in visitor.text

    def test_letters_lead_to_the_page_of_the_number(
        self, app: Flask, hanako: Applicant, mailbox: MailBox
    ):
        a_door(app)
        booked = has_booked(app, hanako)
        pays(app, booked)
        jobs.run_worker(app, wait=False)

        made, paid = (letter_about(mailbox, word) for word in ("受け付けました", "受け取りました"))
        assert "番号は、使う時間の24時間前から、次のページで見られます。" in paid
        for said in (made, paid):
            assert f"https://yoyaku.example{path_of(booked)}" in said
            assert "ドアは、番号であきます。" in said

    def test_letters_say_when_it_may_be_another_or_is_none_any_more(
        self, visitor: Visitor, app: Flask, hanako: Applicant, mailbox: MailBox
    ):
        booked = has_booked(app, hanako)
        pays(app, booked)
        a_door(app)
        a_code(app, booked, shown_at=builders.MONDAY_9AM)
        page = f"/midori/bookings/{booked.booking.number}"
        room = booked.lines[0].room_id
        visitor.visit(f"{page}/change?check=y&room={room}&on=2027-03-08&from=840&to=960&people=10")
        visitor.press("この内容に変える")
        jobs.run_worker(app, wait=False)
        visitor.post(f"{page}/cancel", {"line": str(booked.lines[0].id)})
        jobs.run_worker(app, wait=False)

        changed = letter_about(mailbox, "予約を変更しました")
        assert (
            "前に見た番号や、印刷した紙は使わないで、次のページをもう一度見てください。" in changed
        )
        assert f"https://yoyaku.example{path_of(booked)}" in changed
        gone = letter_about(mailbox, "予約を取り消しました")
        assert "前に見たドアの番号は、使わないでください。" in gone
        assert path_of(booked) not in gone


def letter_about(mailbox: MailBox, word: str) -> str:
    (found,) = [one for one in mailbox.letters if word in one["Subject"]]
    said: str = found.get_content()
    return said


class TestWhereItNeverIs:
    def test_neither_in_letters_nor_in_any_row_nor_in_the_log(
        self, visitor: Visitor, app: Flask, made: Submitted, mailbox: MailBox, caplog
    ):
        caplog.set_level(logging.DEBUG)
        grant_id = a_code(app, made, pin="90817263")
        with app.app_context(), tenant_scope(made.booking.tenant_id):
            now = app.config["KAIKAN_CLOCK"].now
            assert door_watch.open_letters(now=now) == 1

            def changes(session):
                grant = session.get_one(AccessGrant, (made.booking.tenant_id, grant_id))
                door_news.tell_of_change(session, grant, now=now)

            in_transaction(changes)
        assert "908 172 63" in opens(visitor, made).text
        jobs.run_worker(app, wait=False)

        letters = {
            one["Subject"]: one.get_content() for one in mailbox.letters if "ドア" in one["Subject"]
        }
        assert set(letters) == {
            "みどり市 中央会館 ドアをあける番号を見られます（第1会議室）",
            "みどり市 中央会館 ドアをあける番号が変わりました",
        }
        for said in letters.values():
            assert f"https://yoyaku.example{path_of(made)}" in said
        kept = "".join(letters) + "".join(letters.values()) + everything(app) + logged(caplog)
        assert "/key" in logged(caplog)  # the page was logged, by its route
        for found in ("key.seen", "procrastinate_jobs", "key_changed", "access_grant_line"):
            assert found in kept  # so that there was something to look through
        assert not re.search("9 ?0 ?8 ?1 ?7 ?2 ?6 ?3|9、0、8", kept)

    def test_nor_in_a_calendar_a_paper_or_a_list(
        self, visitor: Visitor, app: Flask, made: Submitted
    ):
        a_code(app, made)
        proves(visitor)
        page = f"/midori/bookings/{made.booking.number}"

        for path in (page, f"{page}/print", f"{page}/done", f"{page}/calendar.ics",
                     f"{page}/permit", "/midori/bookings"):  # fmt: skip
            said = visitor.client.get(path, follow_redirects=True).get_data(as_text=True)
            assert PIN not in said, path
            assert "482 913" not in said, path


class TestTheApp:
    def test_of_each_municipality_is_its_own(self, visitor: Visitor, app: Flask):
        visitor.visit("/midori/")
        link = visitor.page.select_one("link[rel=manifest]")
        answer = visitor.client.get(link["href"])

        told = json.loads(answer.text)
        assert answer.mimetype == "application/manifest+json"
        assert (told["name"], told["start_url"]) == ("みどり市 施設予約", "/midori/bookings")
        assert told["scope"] == told["id"] == "/midori/"
        for icon in told["icons"]:
            with visitor.client.get(icon["src"]) as sent:
                png = sent.data
            size = int.from_bytes(png[16:20])
            assert (png[:8], icon["sizes"]) == (b"\x89PNG\r\n\x1a\n", f"{size}x{size}")

    def test_has_a_worker_that_reaches_its_pages_and_no_others(self, visitor: Visitor):
        answer = visitor.client.get("/midori/sw.js")

        assert answer.mimetype == "text/javascript"
        assert "Service-Worker-Allowed" not in answer.headers
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert b'"fetch"' in answer.data

    def test_has_words_for_when_there_is_no_network_that_name_nobody(
        self, visitor: Visitor, hanako: Applicant
    ):
        visitor.visit("/midori/offline")

        assert visitor.response is not None
        assert "いまは通信できません" in visitor.text
        assert "00-0000-0001" in visitor.response.text
        assert "hanako" not in visitor.response.text
        assert "data-owner" not in visitor.response.text

    def test_pages_say_whose_they_are_by_a_mark_that_tells_nothing(
        self, visitor: Visitor, app: Flask, hanako: Applicant
    ):
        def mark(one: Visitor, path: str = "/midori/bookings") -> str:
            return str(one.visit(path).page.select_one("body")["data-owner"])

        hers = mark(visitor)
        his = mark(proves(Visitor(app), "taro@example.jp"))
        assert re.fullmatch("[0-9a-f]{24}", hers)
        assert hers != his
        assert mark(visitor, "/midori/") == mark(visitor, "/aoba/") == hers
        assert mark(Visitor(app), "/midori/") == ""
        missing = visitor.visit("/midori/bookings/00000000", status=404)
        assert not missing.page.select_one("body").has_attr("data-owner")

    @pytest.mark.parametrize("path", ["/midori/sign-out", "/midori/staff/sign-out"])
    def test_signing_out_empties_the_browser(self, visitor: Visitor, app: Flask, path: str):
        with app.app_context():
            account = builders.a_staff_member()
            token = builders.a_session_token(app, account, is_staff=True)
        visitor.sign_in_as(token)

        answer = visitor.client.post(path, headers={"Origin": "http://localhost"})

        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def house_plans(app: Flask, booked: Submitted) -> None:
    """Let the code of a booking be planned as it is by the worker, and be seen."""
    with app.app_context(), tenant_scope(booked.booking.tenant_id):
        now = app.config["KAIKAN_CLOCK"].now
        in_transaction(lambda s: planning_doors.plan_bookings(s, [booked.booking.id], now=now))
        in_transaction(
            lambda session: session.execute(
                text("update access_grant set shown_at = :now where booking_id = :id"),
                {"now": now, "id": booked.booking.id},
            )
        )


def seen_at(app: Flask, made: Submitted, grant_id: int) -> datetime | None:
    with app.app_context(), tenant_scope(made.booking.tenant_id):
        return db.session.execute(
            text("select shown_at from access_grant where id = :id"), {"id": grant_id}
        ).scalar_one()


def sessions(app: Flask) -> int:
    with app.app_context(), tenant_scope(None):
        return db.session.execute(text("select count(*) from signed_in")).scalar_one()


def sent_code(app: Flask, mailbox: MailBox) -> str:
    """Return the code in the newest letter about signing in."""
    jobs.run_worker(app, wait=False)
    letter = next(one for one in reversed(mailbox.letters) if "確認の番号" in one["Subject"])
    found = re.search(r"\d{3} ?\d{3}", letter.get_content())
    assert found
    return found[0].replace(" ", "")


def everything(app: Flask) -> str:
    """Return all that the database keeps of みどり市 and of nobody, as its owner reads it."""
    said: list[str] = []
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):

        def read(session) -> None:
            tables = session.execute(
                text("select table_name from information_schema.tables where table_schema='public'")
            )
            for (table,) in tables.all():
                rows = session.execute(text(f'select t::text from "{table}" t')).scalars()
                said.extend([f"\n{table}\n", *rows])

        in_transaction(read, as_owner=True)
    return "\n".join(said)


def logged(caplog) -> str:
    return "\n".join(JsonLines().format(one) for one in caplog.records)
