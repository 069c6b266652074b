"""Papers of a booking: who gets which, numbered once, the same again, checked by their code."""

import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.booking.models import Booking
from app.booking.states import Review
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction
from app.issued import keys
from app.issued.models import Paper
from app.issued.service import Draft
from app.papers import printing
from app.usecases import reviewing
from app.usecases.cancelling import cancel_lines
from app.usecases.issuing import issue_papers
from app.usecases.receiving import Taken, receive_payment
from app.usecases.reviewing import Answer
from app.web import desk_permits
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.db import proof
from tests.pages import Visitor
from tests.papers.reading import pages_of
from tests.racing import race
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import a_booking, clerk, goes_on_until, staff, working
from tests.usecases import steps
from tests.usecases.steps import CLERK
from tests.usecases.test_receiving import cancel_by_hall, has_payees
from tests.usecases.test_reviewing import WITH_PERMIT
from tests.web.situations import a_third_hall, has_booked, holds, is_signed_in, lines_in


def booked(app: Flask, *, paid: bool = False, visitor: Visitor | None = None, **more):
    """A resident's browser and their booking of 第1会議室 next Monday from 10 to 12, 800円."""
    visitor = visitor or Visitor(app)
    person = is_signed_in(visitor, name="髙﨑 德子")
    made = has_booked(app, person, **more)
    if paid:
        pays(app, made.booking)
    return visitor, made.booking


def pays(app: Flask, booking: Booking) -> None:
    with working(app) as found:
        receive_payment(
            found, booking.id, Taken(None, "みどり市"), yen=booking.fee_yen, actor=CLERK,
            now=MONDAY_9AM,
        )  # fmt: skip


def cancels(app: Flask, booking: Booking, *, line_ids: list[int] | None = None) -> None:
    with working(app) as found:
        cancel_lines(
            found, booking.id, line_ids or lines_in(app, booking),
            actor=Actor("resident", booking.account_id), now=MONDAY_9AM,
        )  # fmt: skip


def words(visitor: Visitor) -> str:
    """Return the words of the PDF in front of a visitor; it is private and has a name."""
    answer = visitor.response
    assert answer is not None
    assert answer.mimetype == "application/pdf", visitor.text[:500]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    return "".join(pages_of(answer.data))


def every_paper(app: Flask) -> list[Paper]:
    with working(app):
        found = list(db.session.scalars(select(Paper).order_by(Paper.id)))
        db.session.expunge_all()
        return found


def of(number: str | None) -> str:
    return f"/midori/bookings/{number}"


class TestAResident:
    def test_gets_the_permit_of_a_booking_that_is_paid(self, app: Flask):
        me, booking = booked(app, paid=True)

        said = words(me.visit(of(booking.number)).press("使用許可書（PDF）"))

        for one in (
            "使用許可書", "許可番号2026-000001", "髙﨑德子様", "2027年（令和9年）3月8日（月）",
            "10時から12時まで（2時間）", "中央会館", "第1会議室", "800円（受け取りずみ）",
        ):  # fmt: skip
            assert one in said
        name = unquote(me.response.headers["Content-Disposition"])
        assert "使用許可書_2026-000001.pdf" in name

    def test_gets_no_permit_before_it_is_paid(self, app: Flask):
        me, booking = booked(app)

        assert "使用許可書（PDF）" not in me.visit(of(booking.number)).text
        assert "使用許可書は、代金をはらうと出せます。" in me.text
        me.post(f"{of(booking.number)}/papers/permit", {})
        assert me.path == of(booking.number)
        assert every_paper(app) == []

    def test_gets_the_bill_while_it_is_not_paid_and_not_after(self, app: Flask):
        me, booking = booked(app)

        said = words(me.visit(of(booking.number)).press("請求書（PDF）"))

        for one in (
            "請求番号2026-000001", "800円", "10％対象800円（うち消費税等72円）",
            "2027年3月7日（日）", "お支払いの場所会館の受付", "髙﨑德子様",
        ):  # fmt: skip
            assert one in said, said
        pays(app, booking)
        assert "請求書（PDF）" not in me.visit(of(booking.number)).text
        me.visit(f"{of(booking.number)}/papers/bill")
        assert me.path == of(booking.number)

    def test_gets_the_receipt_as_a_file_as_often_as_wanted(self, app: Flask):
        me, booking = booked(app, paid=True)

        first = words(me.visit(of(booking.number)).press("領収書（PDF）"))
        again = words(me.visit(of(booking.number)).press("領収書（PDF）"))

        assert first == again
        for one in ("領収番号2026-000001", "電子交付", "紙の領収書と同じ番号です。", "800円"):
            assert one in first
        assert "再発行" not in first

    def test_gets_a_notice_after_cancelling_with_what_comes_back(self, app: Flask):
        me, booking = booked(app, paid=True)
        assert "通知書" not in me.visit(of(booking.number)).text
        cancels(app, booking)

        said = words(me.visit(of(booking.number)).press("取消・還付通知書（PDF）"))

        for one in (
            "通知番号2026-000001", "みどり市会館条例施行規則第8条", "受け取った額800円", "400円",
            "申し出による取り消し", "2027年3月1日（月）に取り消し",
        ):  # fmt: skip
            assert one in said, said
        assert "使用許可書（PDF）" not in me.visit(of(booking.number)).text

    def test_of_an_unpaid_booking_is_told_that_nothing_is_to_be_paid(self, app: Flask):
        me, booking = booked(app)
        cancels(app, booking)

        said = words(me.visit(of(booking.number)).press("取消・還付通知書（PDF）"))

        assert "お支払いのいらなくなった額800円" in said

    def test_gets_an_estimate_of_the_basket_and_of_the_booking(self, app: Flask):
        me = holds(Visitor(app))
        said = words(me.visit("/midori/basket/estimate").press("見積書（PDF）"))
        assert "これは料金の見積です。予約ではありません。" in said
        assert "800円" in said
        assert "第1会議室" in said

        me, booking = booked(app, rooms=(("room-2", NEXT_MONDAY, (10, 12)),))
        said = words(me.visit(of(booking.number)).press("見積書（PDF）"))
        assert "髙﨑德子様" in said
        assert "600円" in said
        pays(app, booking)
        me.visit(f"{of(booking.number)}/estimate", status=404)

    def test_with_an_empty_basket_gets_no_estimate(self, app: Flask):
        Visitor(app).visit("/midori/basket/estimate/pdf", status=404)

    def test_gets_nothing_of_anybody_else(self, app: Flask):
        _, booking = booked(app, paid=True)
        other = Visitor(app)
        is_signed_in(other, "jiro@example.jp", name="次郎")

        for path in ("papers/permit", "papers/bill", "papers/notice", "estimate", "receipts/1"):
            other.visit(f"{of(booking.number)}/{path}", status=404)
        other.post(f"{of(booking.number)}/papers/permit", {}, status=404)
        assert every_paper(app) == []

    def test_gets_no_receipt_of_another_booking_and_no_other_kind(self, app: Flask):
        me, booking = booked(app, paid=True)
        _, other = booked(app, visitor=me, rooms=(("room-2", NEXT_MONDAY, (10, 12)),), key="2")

        me.visit(f"{of(other.number)}/receipts/1", status=404)
        me.visit(f"{of(booking.number)}/receipts/{2**63}", status=404)
        me.visit(f"{of(booking.number)}/papers/receipt", status=404)
        me.post(f"{of(booking.number)}/papers/x", {}, status=404)


class TestWhereUsesNeedAPermit:
    @pytest.fixture(autouse=True)
    def a_hall_that_permits(self, app: Flask) -> None:
        a_third_hall(app, terms={**WITH_PERMIT, "notes": "鍵は管理人室で受け取ってください。"})

    def answers(self, app: Flask, answer: Answer) -> tuple[Visitor, Booking]:
        me, booking = booked(app, facility="nishi")
        assert "使用許可書（PDF）" not in me.visit(of(booking.number)).text
        with working(app) as found:
            reviewing.decide(found, booking.id, answer, actor=CLERK, now=MONDAY_9AM)
        return me, booking

    def test_the_permit_says_by_which_article_and_on_what_conditions(self, app: Flask):
        me, booking = self.answers(app, Answer(Review.GRANTED, "火は使わないでください。"))
        assert "使用許可書（PDF）" not in me.visit(of(booking.number)).text, "not paid yet"
        pays(app, booking)

        said = words(me.visit(of(booking.number)).press("使用許可書（PDF）"))

        for one in (
            "使用を許可します。（規則第3条）", "鍵は管理人室で受け取ってください。",
            "火は使わないでください。", "西会館",
        ):  # fmt: skip
            assert one in said

    def test_what_was_refused_was_never_cancelled(self, app: Flask):
        me, booking = self.answers(app, Answer(Review.REFUSED, "行事と重なります。", ("order",)))

        me.visit(of(booking.number))

        assert "書類" not in [h.get_text() for h in me.page.select("h2")]
        me.post(f"{of(booking.number)}/papers/notice", {})
        assert every_paper(app) == []


def test_each_payee_issues_a_paper_of_its_own(app: Flask):
    has_payees(
        app,
        {
            "id": "manager", "name": "指定管理者", "issuer": "株式会社みどり会館",
            "legal_basis": "manager_income", "invoice_number": "T1234567890123",
        },
    )  # fmt: skip
    a_third_hall(app, terms={"payment": {"where": "西会館の受付", "payee": "manager"}})
    me = Visitor(app)
    person = is_signed_in(me)
    with working(app) as found:
        wishes = [builders.a_wish(found, "room-1", facility=one) for one in ("chuo", "nishi")]
        booking = steps.book(found, person, *wishes).booking
        number = booking.number
    me.visit(of(number)).press("請求書（PDF）")

    ours, theirs = pages_of(me.response.data)

    assert ("請求番号2026-000001" in ours, "みどり市" in ours, "西会館" in ours) == (
        True,
        True,
        False,
    )
    for one in ("請求番号2026-000001", "株式会社みどり会館", "T1234567890123", "西会館の受付"):
        assert one in theirs
    assert "中央会館" not in theirs
    with working(app):
        assert [(x.payee, x.number) for x in every_paper(app)] == [("city", 1), ("manager", 1)]
    page = f"/midori/desk/bookings/{number}"
    of_chuo = staff(app).visit(page)
    assert "請求書（PDF）" not in of_chuo.text, "it speaks of another hall's room too"
    of_chuo.visit(f"{page}/papers/bill", status=404)
    assert "請求書（PDF）" in clerk(app).visit(page).text


def test_a_notice_of_what_the_hall_cancelled_says_so_and_gives_all_back(app: Flask):
    me, booking = booked(app, paid=True)
    desk = staff(app)
    with working(app) as found:
        cancel_by_hall(found, booking.id, lines_in(app, booking))
    with proof.as_superuser_of(app) as connection:
        connection.execute(
            "with c as (insert into closure (tenant_id, facility_id, kind, name, created_at)"
            " select tenant_id, facility_id, 'closure', 'x', now() from booking_line limit 1"
            " returning tenant_id, id) insert into displacement (tenant_id, closure_id,"
            " booking_line_id, at, is_mailed) select c.tenant_id, c.id, l.id, now(), false"
            " from c, booking_line l where l.booking_id = %s",
            [booking.id],
        )

    said = words(desk.visit(f"/midori/desk/bookings/{booking.number}").press("取消・還付通知書"))

    assert "会館の都合" in said
    assert "お返しする額受け取った額800円800円" in said
    assert "申し出" not in said
    assert words(me.visit(of(booking.number)).press("取消・還付通知書（PDF）")) == said


class TestANumber:
    def test_is_given_once_for_the_same_facts(self, app: Flask):
        me, booking = booked(app, paid=True)
        for _ in range(3):
            me.post(f"{of(booking.number)}/papers/permit", {})
        me.visit(f"{of(booking.number)}/papers/permit")

        assert [(x.number, x.copies) for x in every_paper(app)] == [(1, 0)]

    def test_is_new_when_the_booking_changed_and_the_earlier_one_is_replaced(self, app: Flask):
        rooms = (("room-1", NEXT_MONDAY, (10, 12)), ("room-2", NEXT_MONDAY, (10, 12)))
        me, booking = booked(app, paid=True, rooms=rooms)
        me.post(f"{of(booking.number)}/papers/permit", {})
        cancels(app, booking, line_ids=lines_in(app, booking)[:1])

        me.visit(f"{of(booking.number)}/papers/permit")
        assert me.path == of(booking.number), "what was permitted is not so any more"
        said = words(me.press("使用許可書（PDF）"))

        assert "第1会議室" not in said
        old, new = every_paper(app)
        assert (old.number, old.replaced_at) == (1, MONDAY_9AM)
        assert (new.number, new.replaced_at) == (2, None)

    def test_is_counted_by_kind_and_fiscal_year(self, app: Flask, clock: Clock):
        me, booking = booked(app)
        me.post(f"{of(booking.number)}/papers/bill", {})
        pays(app, booking)
        me.post(f"{of(booking.number)}/papers/permit", {})
        clock.now = MONDAY_9AM + timedelta(days=45)
        with working(app):
            issue_papers(
                booking.id, lambda _: [Draft("permit", "city", {"x": 1}, {})],
                actor=CLERK, today=date(2027, 4, 15), now=clock.now,
            )  # fmt: skip

        assert [(x.kind, x.fiscal_year, x.number) for x in every_paper(app)] == [
            ("bill", 2026, 1), ("permit", 2026, 1), ("permit", 2027, 1),
        ]  # fmt: skip

    @pytest.mark.race
    def test_of_many_at_once_has_no_gap_and_no_double(self, app: Flask):
        with working(app) as found:
            ids = [
                a_booking(found, ("room-1", NEXT_MONDAY, (hour, hour + 1))).booking.id
                for hour in range(9, 17)
            ]

            def issues(booking_id: int) -> int:
                (paper,) = issue_papers(
                    booking_id, lambda one: [Draft("permit", "city", {"of": one.id}, {})],
                    actor=CLERK, today=builders.TODAY, now=MONDAY_9AM,
                )  # fmt: skip
                return paper.number

            # Each is asked for twice at once: by the resident and at the desk.
            won = race(issues, *ids, *ids)

            assert sorted(won.results) == sorted([*range(1, 9), *range(1, 9)])

    def test_stands_on_a_paper_that_nobody_edits(self, app: Flask):
        me, booking = booked(app, paid=True)
        me.post(f"{of(booking.number)}/papers/permit", {})
        with working(app):
            for edit in ("number = 2", "document = '{}'", "facts = '{}'", "issued_at = now()"):
                with pytest.raises(DBAPIError, match="permission denied"):
                    in_transaction(lambda s, e=edit: s.execute(text(f"update paper set {e}")))
            with pytest.raises(DBAPIError, match="permission denied"):
                in_transaction(lambda s: s.execute(text("delete from paper")))

    @pytest.mark.race
    def test_is_given_back_when_issuing_fails(self, app: Flask):
        with working(app) as found:
            made = a_booking(found).booking.id
            told = {"actor": CLERK, "today": builders.TODAY, "now": MONDAY_9AM}

            def fails(_: Booking) -> list[Draft]:
                good = Draft("permit", "a", {}, {})
                return [good, Draft("nonsense", "b", {}, {})]

            with pytest.raises(Exception, match="ck_paper_kind"):
                issue_papers(made, lambda one: list(reversed(fails(one))), **told)
            (paper,) = issue_papers(made, lambda _: [Draft("permit", "a", {}, {})], **told)

            assert paper.number == 1


class TestTheDesk:
    def test_gets_the_same_papers_and_issues_them_again_with_a_mark(self, app: Flask):
        me, booking = booked(app, paid=True)
        resident = words(me.visit(of(booking.number)).press("使用許可書（PDF）"))
        desk = staff(app)
        page = f"/midori/desk/bookings/{booking.number}"

        assert words(desk.visit(page).press("使用許可書（PDF）")) == resident
        desk.visit(page).press("再発行する（再発行の印がつきます）")

        assert "再発行" in words(desk)
        assert "1回目" in words(desk)
        assert "許可番号2026-000001" in words(desk)
        assert "再発行1回" in desk.visit(page).text
        audit = clerk(app, role="auditor", email="k@example.jp").visit("/midori/office/audit").text
        assert "書類の発行" in audit
        assert "書類の再発行" in audit
        assert "使用許可書 2026-000001" in audit

    def test_reads_a_paper_that_was_replaced_and_can_not_issue_it_again(self, app: Flask):
        rooms = (("room-1", NEXT_MONDAY, (10, 12)), ("room-2", NEXT_MONDAY, (10, 12)))
        _, booking = booked(app, paid=True, rooms=rooms)
        desk = staff(app)
        path = f"/midori/desk/bookings/{booking.number}"
        desk.post(f"{path}/papers/permit", {})
        cancels(app, booking, line_ids=lines_in(app, booking)[:1])
        desk.post(f"{path}/papers/permit", {})
        first, _second = every_paper(app)

        assert "無効" in words(desk.visit(f"/midori/desk/papers/{first.id}"))
        assert "新しい書類に替わりました" in desk.visit(path).text
        desk.post(f"/midori/desk/papers/{first.id}/again", {})
        assert "新しいほうを再発行してください。" in desk.text

    def test_prints_a_receipt_with_what_happened_to_it(self, app: Flask):
        _, _booking = booked(app, paid=True)
        desk = clerk(app)
        desk.visit("/midori/desk/receipts/1")
        assert "再発行" not in words(desk.press("領収書（PDF）"))
        desk.visit("/midori/desk/receipts/1").press("再発行する")
        assert "再発行" in words(desk.press("領収書（PDF）"))
        desk.visit("/midori/desk/receipts/1").press("受け取りの記録を取り消す")
        desk.fill("取り消すわけ", "となりの予約でした").press("取り消す")

        said = words(desk.visit("/midori/desk/receipts/1/pdf"))
        assert "この領収書は無効です。" in said
        assert "となりの予約でした" in said

    def test_prints_the_day_of_a_counter(self, app: Flask, clock: Clock):
        booked(app, paid=True)
        desk = clerk(app)
        desk.visit("/midori/desk/till/2027-03-01")
        said = words(desk.press("日計表（PDF）"))
        for one in ("日計表", "市役所の窓口", "髙﨑德子", "2026-000001", "現金1800円"):
            assert one in said, said
        assert "この日はまだ締めていません。" in said
        goes_on_until(app, clock, MONDAY_9AM + timedelta(hours=8))
        desk.visit("/midori/desk/till/2027-03-01")
        desk.fill("数えた現金", "700").fill("記録とちがうときの、わけ", "おつりのまちがい")
        desk.press("この日を締める")
        said = words(desk.press("日計表（PDF）"))
        assert "差-100円" in said
        assert "おつりのまちがい" in said
        staff(app).visit("/midori/desk/till/2027-03-01/pdf", status=404)
        assert "中央会館" in words(staff(app).visit("/midori/desk/chuo/till/2027-03-01/pdf"))
        staff(app).visit("/midori/desk/kita/till/2027-03-01/pdf", status=404)

    def test_prints_the_permits_of_a_day_in_one_file(self, app: Flask):
        with working(app) as found:
            for hour in (9, 11, 13):
                made = a_booking(found, ("room-1", NEXT_MONDAY, (hour, hour + 1)))
                if hour != 11:
                    receive_payment(
                        found, made.booking.id, Taken(None, "みどり市"), yen=400, actor=CLERK,
                        now=MONDAY_9AM,
                    )  # fmt: skip
        desk = staff(app)
        day = "/midori/desk/chuo/days/2027-03-08"

        desk.visit(day).press("この日の使用許可書（PDF）")

        first, second = pages_of(desk.response.data)
        assert "9時から10時まで" in first
        assert "13時から14時まで" in second
        assert {x.number for x in every_paper(app)} == {1, 2}
        desk.visit(day).press("この日の使用許可書（PDF）")
        assert len(every_paper(app)) == 2

    def test_prints_more_than_a_file_holds_in_parts_and_says_how_many_are_left(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(desk_permits, "MOST", 2)
        with working(app) as found:
            for hour in (9, 11, 13):
                a_booking(found, ("room-1", NEXT_MONDAY, (hour, hour + 1)), paid=True)
        desk = staff(app)
        day = "/midori/desk/chuo/days/2027-03-08"

        desk.visit(day).press("この日の使用許可書（PDF）")

        assert "この日の使用許可書は3件です。1つのファイルは2件までです。" in desk.text
        assert "2件まで。残り1件は次のまとまり" in desk.text
        assert every_paper(app) == [], "nothing is issued before a part is chosen"
        desk.press("1件目から2件目まで（PDF）")
        assert ["9時から10時まで" in one for one in pages_of(desk.response.data)] == [True, False]
        assert len(every_paper(app)) == 2
        desk.visit(f"{day}/permits")
        assert "残り1件は次のまとまり" in desk.text
        desk.press("3件目から3件目まで（PDF）")
        (last,) = pages_of(desk.response.data)
        assert "13時から14時まで" in last
        assert len(every_paper(app)) == 3
        desk.visit(f"{day}/permits?begins=99")
        assert "この日に出せる使用許可書はありません。" in desk.text

    def test_is_told_when_a_day_has_no_permit_to_print(self, app: Flask):
        booked(app)
        desk = staff(app).visit("/midori/desk/chuo/days/2027-03-08")

        desk.press("この日の使用許可書（PDF）")

        assert "この日に出せる使用許可書はありません。" in desk.text

    def test_of_another_hall_or_municipality_gets_nothing(self, app: Flask):
        me, booking = booked(app, paid=True)
        me.post(f"{of(booking.number)}/papers/permit", {})
        (paper,) = every_paper(app)
        kita = staff(app, facility="kita", email="k@example.jp")
        for path in (f"papers/{paper.id}", f"bookings/{booking.number}/papers/permit"):
            kita.visit(f"/midori/desk/{path}", status=404)
        kita.post(f"/midori/desk/papers/{paper.id}/again", {}, status=404)
        aoba = staff(app, slug="aoba", email="x@example.jp")
        aoba.visit(f"/aoba/desk/papers/{paper.id}", status=404)

    def test_gets_no_paper_of_a_room_that_is_not_theirs(self, app: Flask):
        with working(app) as found:
            made = a_booking(found, ("room-1", NEXT_MONDAY, (10, 12)), paid=True)
            assert made.booking.number
        aside = staff(app, role="reception", room="room-2", email="r@example.jp")
        path = f"/midori/desk/bookings/{made.booking.number}/papers/permit"
        assert aside.client.get(path).status_code == 404


def code_of(app: Flask, paper: Paper, slug: str = "midori") -> str:
    key = keys.key_of(app.config["KAIKAN"].secret_key, paper)
    return f"/{slug}/permits/{paper.id}/{key}"


class TestTheCodeOnAPermit:
    def test_says_that_it_is_valid_and_names_nobody(self, app: Flask):
        me, booking = booked(app, paid=True)
        me.visit(of(booking.number)).press("使用許可書（PDF）")
        (paper,) = every_paper(app)

        anybody = Visitor(app).visit(code_of(app, paper))

        assert anybody.page.h1.get_text() == "有効です"
        for one in (
            "2026-000001",
            "2027年（令和9年）3月8日（月）",
            "10時から12時まで",
            "第1会議室",
        ):
            assert one in anybody.text
        whole = anybody.response.text
        for secret in ("髙﨑", "德子", "hanako@example.jp", booking.number):
            assert secret not in whole
        assert anybody.response.headers["Cache-Control"] == "private, no-store"
        assert anybody.response.headers["X-Robots-Tag"] == "noindex"

    def test_says_that_it_was_cancelled(self, app: Flask):
        me, booking = booked(app, paid=True)
        me.post(f"{of(booking.number)}/papers/permit", {})
        cancels(app, booking)
        (paper,) = every_paper(app)

        assert Visitor(app).visit(code_of(app, paper)).page.h1.get_text() == "取り消されました"

    def test_says_that_it_changed_and_which_is_newer(self, app: Flask):
        rooms = (("room-1", NEXT_MONDAY, (10, 12)), ("room-2", NEXT_MONDAY, (10, 12)))
        me, booking = booked(app, paid=True, rooms=rooms)
        me.post(f"{of(booking.number)}/papers/permit", {})
        cancels(app, booking, line_ids=lines_in(app, booking)[:1])
        (paper,) = every_paper(app)

        anybody = Visitor(app).visit(code_of(app, paper))
        assert anybody.page.h1.get_text() == "内容が変わりました"
        assert "新しい許可書をもらってください。" in anybody.text
        me.post(f"{of(booking.number)}/papers/permit", {})
        assert "新しい許可書 2026-000002 をご覧ください。" in anybody.visit(anybody.path).text
        assert Visitor(app).visit(code_of(app, every_paper(app)[1])).page.h1.text == "有効です"

    def test_says_that_the_use_is_over(self, app: Flask, clock: Clock):
        me, booking = booked(app, paid=True)
        me.post(f"{of(booking.number)}/papers/permit", {})
        (paper,) = every_paper(app)
        clock.now = MONDAY_9AM + timedelta(days=8)

        assert "使用の時間は終わりました" in Visitor(app).visit(code_of(app, paper)).text

    def test_leads_nowhere_with_another_key_kind_or_municipality(self, app: Flask):
        me, booking = booked(app)
        me.post(f"{of(booking.number)}/papers/bill", {})
        pays(app, booking)
        me.post(f"{of(booking.number)}/papers/permit", {})
        bill, permit = every_paper(app)
        nobody = Visitor(app)

        nobody.visit(code_of(app, permit))
        nobody.visit(code_of(app, bill), status=404)
        nobody.visit(code_of(app, permit, "aoba"), status=404)
        nobody.visit(code_of(app, permit)[:-32] + "0" * 32, status=404)
        nobody.visit(code_of(app, permit)[:-32] + "あ" * 32, status=404)
        nobody.visit(re.sub(r"/\d+/", f"/{2**63}/", code_of(app, permit)), status=404)

    def test_is_the_address_in_the_code(self, app: Flask, monkeypatch: pytest.MonkeyPatch):
        drawn: list[str] = []
        draw = printing._code
        monkeypatch.setattr(printing, "_code", lambda url: drawn.append(url) or draw(url))
        me, booking = booked(app, paid=True)
        me.visit(of(booking.number)).press("使用許可書（PDF）")
        (paper,) = every_paper(app)

        assert drawn == [app.config["KAIKAN"].base_url + code_of(app, paper)]


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_the_pages_are_accessible(app: Flask):
    me, booking = booked(app, paid=True)
    me.post(f"{of(booking.number)}/papers/permit", {})
    (paper,) = every_paper(app)

    assert not faults(app, me, of(booking.number), code_of(app, paper))
    assert not faults(
        app, staff(app), f"/midori/desk/bookings/{booking.number}",
        "/midori/desk/chuo/days/2027-03-08",
    )  # fmt: skip
