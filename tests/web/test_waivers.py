"""Waivers: asked for with papers, answered by the office, granted, applied, counted."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.booking.models import Booking, BookingLine
from app.db import db
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.fees.models import WaiverRequest
from app.identity.models import Entitlement
from app.identity.queries import entitlements_of
from app.usecases.answering import Answer, decide
from app.usecases.lapsing import lapse_overdue
from tests import builders
from tests.builders import CITED, MONDAY_9AM, NEXT_MONDAY
from tests.db import proof
from tests.pages import ORIGIN, Visitor
from tests.racing import race
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import clerk, staff
from tests.usecases import steps
from tests.web.situations import a_third_hall, holds, is_signed_in, searched_for

OFFICE = Actor("staff", account_id=999, request_id="r")
NOT_A_PAPER = "書類は、PDFか写真（JPEG・PNG）で送ってください。"
PDF = b"%PDF-1.7 a list of members"
WAIVERS = [
    {"id": "disabled", "name": "障害のある方の団体", "percent": 100, "needs_document": True,
     "citation": CITED},
    {"id": "children", "name": "子どもの団体", "percent": 50, "per_month": 2, "citation": CITED},
    {"id": "elders", "name": "高齢者の日", "percent": 50, "rooms": ["hall"], "is_automatic": True,
     "citation": CITED},
]  # fmt: skip


@pytest.fixture
def hanako(visitor: Visitor, app: Flask) -> Visitor:
    """Somebody who holds 第1会議室 (800円) of a hall with waivers."""
    a_third_hall(app, fees={"waivers": WAIVERS})
    is_signed_in(visitor)
    searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
    return visitor.visit("/midori/apply").press("次へ進む").press("次へ進む")


def only(app: Flask, model):
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = db.session.scalars(select(model)).one()
        db.session.expunge_all()
        return found


def whole(app: Flask) -> None:
    with proof.as_superuser_of(app) as connection:
        proof.assert_whole(connection)


def asks(visitor: Visitor, waiver: str = "障害のある方の団体", reason: str = "手をつなぐ会"):
    visitor.press("減免を申請する").choose(waiver).fill("申請の理由", reason).press("次へ進む")
    return visitor


def sends(visitor: Visitor, name: str, content: bytes) -> TestResponse:
    """Send a paper on the page of a request, as a browser does."""
    field = f'Content-Disposition: form-data; name="paper"; filename="{name}"'
    head = f"--edge\r\n{field}\r\nContent-Type: application/pdf\r\n\r\n".encode()
    return visitor.client.post(
        f"{visitor.path}/papers",
        data=head + content + b"\r\n--edge--\r\n",
        content_type="multipart/form-data; boundary=edge",
        headers={"Origin": ORIGIN},
    )


def approves(app: Flask, *, keep: tuple[str, str] | None = None, words: str = "") -> Visitor:
    office = clerk(app).visit("/midori/office/decisions").press("（")
    office.choose("認める").fill("申請した人への言葉", words)
    if keep:
        office.choose("これからの予約にも").fill("いつから", keep[0]).fill("いつまで", keep[1])
    return office.press("この答えを送る")


class TestWithTheApplication:
    def test_both_amounts_are_shown_before_and_after(self, hanako: Visitor, app: Flask):
        asks(hanako)

        assert "減免を申請します：障害のある方の団体（全額免除）" in hanako.text
        assert "認められると 0円 になります。認められないときは 800円 です。" in hanako.text
        hanako.press("この内容で申し込む").press("この予約を見る")
        assert "審査中 減免の申請：障害のある方の団体（全額免除）" in hanako.text
        assert only(app, Booking).fee_yen == 800
        assert only(app, WaiverRequest).state == "asked"

    def test_without_a_reason_it_is_not_asked(self, hanako: Visitor, app: Flask):
        hanako.press("減免を申請する").choose("障害のある方の団体").press("次へ進む", status=422)

        assert "理由を入力してください。" in hanako.text
        assert hanako.field("障害のある方の団体").has_attr("checked")

    def test_it_can_be_given_up_again(self, hanako: Visitor, app: Flask):
        asks(hanako).press("申請を変える・やめる").choose("減免を申請しない").press("次へ進む")

        assert "減免を申請します" not in hanako.text
        hanako.press("この内容で申し込む")
        with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
            assert db.session.scalars(select(WaiverRequest)).all() == []

    def test_what_would_take_nothing_off_is_not_offered(self, hanako: Visitor):
        hanako.press("減免を申請する")

        assert "高齢者の日" not in hanako.text


class TestTheAnswer:
    @pytest.fixture
    def booked(self, hanako: Visitor) -> Visitor:
        return asks(hanako).press("この内容で申し込む")

    def test_approved_nothing_is_owed_and_the_statement_says_why(self, booked: Visitor, app: Flask):
        approves(app, words="よい活動を。")

        made = only(app, Booking)
        assert (made.state, made.fee_yen) == ("confirmed", 0)
        booked.press("この予約を見る")
        assert "減免（障害のある方の団体）" in booked.text
        assert "認められました" in booked.text
        assert "減免を認めました。" in booked.text
        booked.visit("/midori/waivers").press("障害のある方の団体")
        assert "よい活動を。" in booked.text
        whole(app)

    def test_approved_after_it_was_paid_money_goes_back(self, booked: Visitor, app: Flask):
        with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
            steps.pay(only(app, Booking))

        office = approves(app)

        office.press("この予約を見る")
        assert "返すお金が 800円 あります" in office.text
        whole(app)

    def test_returned_answered_with_a_paper_and_refused(self, booked: Visitor, app: Flask):
        office = clerk(app).visit("/midori/office/decisions")
        assert "きょう" in office.text
        office.press("障害のある方の団体").choose("問い合わせる").press(
            "この答えを送る", status=422
        )
        assert "わけを入力してください。" in office.text
        office.fill("申請した人への言葉", "名簿を送ってください。").press("この答えを送る")

        booked.visit("/midori/waivers").press("障害のある方の団体")
        assert "名簿を送ってください。" in booked.text
        sent = sends(booked, "名簿.pdf", PDF)
        assert sent.status_code == 303
        booked.visit(booked.path).fill("返事", "送りました。").press("返事を送る")
        assert "審査中" in booked.text

        office.visit(office.path)
        assert "名簿.pdf" in office.text
        paper = office.page.find("a", string="名簿.pdf")["href"]
        file = office.client.get(paper)
        assert file.data == PDF
        assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "attachment" in file.headers["Content-Disposition"]
        office.choose("認めない").fill("申請した人への言葉", "対象外です。").press("この答えを送る")
        assert only(app, WaiverRequest).state == "refused"
        assert only(app, Booking).fee_yen == 800
        whole(app)

    def test_while_it_waits_nothing_lapses_and_then_there_is_time_to_pay(
        self, booked: Visitor, app: Flask
    ):
        due = only(app, Booking).due_at
        late = due + timedelta(minutes=1)
        with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
            assert lapse_overdue(now=late) == 0
        assert only(app, Booking).state == "provisional"
        office = clerk(app).visit("/midori/office/decisions").press("障害のある方の団体")
        office.choose("認めない").fill("申請した人への言葉", "対象外です。").press("この答えを送る")

        with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
            assert only(app, Booking).due_at >= due
            assert lapse_overdue(now=only(app, Booking).due_at) == 1

    def test_cancelling_takes_it_back(self, booked: Visitor, app: Flask):
        number = only(app, Booking).number
        booked.visit(f"/midori/bookings/{number}/cancel").press("取り消す", within="main form")

        assert only(app, WaiverRequest).state == "withdrawn"
        office = clerk(app).visit("/midori/office/decisions")
        assert "いまはありません" in office.text

    def test_nobody_answers_their_own(self, booked: Visitor, app: Flask):
        own = clerk(app, email="hanako@example.jp").visit("/midori/office/decisions").press("（")

        assert "自分の申請には、ほかの職員が答えます。" in own.text
        own.post(own.path, {"state": "approved", "words": ""}, status=409)
        assert only(app, WaiverRequest).state == "asked"

    def test_a_manager_neither_reads_nor_answers(self, booked: Visitor, app: Flask):
        request_id = only(app, WaiverRequest).id
        manager = staff(app, facility="nishi")

        manager.visit("/midori/office/decisions", status=403)
        manager.post(f"/midori/office/decisions/{request_id}", {"state": "approved"}, status=403)

    def test_a_stranger_sees_neither_request_nor_paper(self, booked: Visitor, app: Flask):
        request_id = only(app, WaiverRequest).id
        other = Visitor(app)
        is_signed_in(other, "taro@example.jp")

        for path in ("", "/papers/1"):
            other.visit(f"/midori/waivers/{request_id}{path}", status=404)
        other.post(f"/midori/waivers/{request_id}/withdrawal", {}, status=404)
        assert only(app, WaiverRequest).state == "asked"

    def test_answered_by_four_at_once_it_is_answered_once(self, booked: Visitor, app: Flask):
        request_id = only(app, WaiverRequest).id
        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                came = race(
                    lambda state: decide(
                        found, request_id, Answer(state, "理由"), actor=OFFICE, now=MONDAY_9AM
                    ),
                    *["approved", "approved", "refused", "refused"],
                )
        assert came.refusals == [("waiver.decided",)] * 2
        with proof.as_superuser_of(app) as connection:
            letters = "select count(*) from delivery where template = 'waiver_answered'"
            assert proof.one(connection, letters) == 1
            waived = "select count(*) from ledger_entry where kind = 'waiver'"
            assert proof.one(connection, waived) in (0, 1)
        whole(app)


class TestPapers:
    @pytest.fixture
    def request_page(self, visitor: Visitor, app: Flask) -> Visitor:
        a_third_hall(app, fees={"waivers": WAIVERS})
        is_signed_in(visitor)
        visitor.visit("/midori/waivers").press("減免を申請する", within="main")
        visitor.choose("障害のある方の団体").fill("申請の理由", "手をつなぐ会")
        return visitor.press("この内容で申請する")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (
                b"<html><script>alert(1)</script>",
                NOT_A_PAPER,
            ),
            (b"", NOT_A_PAPER),
            (PDF + b"0" * (5 * 1024 * 1024), "書類は1つ5MBまでです。"),
        ],
    )
    def test_what_can_not_be_kept_is_told(self, request_page: Visitor, content: bytes, said: str):
        answer = sends(request_page, "x.pdf", content)

        assert answer.status_code == 422
        assert said in answer.text

    def test_a_form_without_a_paper_is_told(self, request_page: Visitor):
        request_page.press("書類を送る", status=422)

        assert "書類をえらんでください。" in request_page.text

    def test_a_request_can_be_taken_back_and_asked_again(self, request_page: Visitor, app: Flask):
        request_page.press("この申請を取り下げる")
        assert "取り下げました" in request_page.text

        request_page.visit("/midori/waivers/new").choose("障害のある方の団体")
        request_page.fill("申請の理由", "もう一度").press("この内容で申請する")
        assert "審査中" in request_page.text


class TestARight:
    def granted(self, app: Flask, waiver: str, days: tuple[date, date]) -> None:
        with app.app_context():
            person = builders.a_resident()
            tenant_id = builders.tenant_id_of("midori")
            with tenant_scope(tenant_id):
                db.session.add(
                    Entitlement(
                        tenant_id=tenant_id, account_id=person.account_id, waiver=waiver,
                        name=waiver, percent=50, valid_from=days[0], valid_to=days[1],
                        granted_at=MONDAY_9AM,
                    )
                )  # fmt: skip
                db.session.commit()

    def test_of_a_group_is_asked_granted_and_then_comes_by_itself(
        self, visitor: Visitor, app: Flask
    ):
        a_third_hall(app, fees={"waivers": WAIVERS})
        is_signed_in(visitor)
        visitor.visit("/midori/waivers/new").choose("障害のある方の団体")
        visitor.fill("申請の理由", "手をつなぐ会").press("この内容で申請する")
        office = approves(app, keep=("2027-03-01", "2028-03-31"))
        assert "答えを記録しました。" in office.text

        searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
        assert "合計 0円" in visitor.visit("/midori/basket").text
        visitor.visit("/midori/apply").press("次へ進む").press("次へ進む")
        assert "減免（障害のある方の団体） 全額免除 -800円" in visitor.text
        visitor.press("この内容で申し込む")
        assert only(app, BookingLine).waivers == ["disabled"]
        visitor.visit("/midori/waivers")
        assert "2027年3月1日（月）から2028年3月31日（金）まで" in visitor.text

        office.visit("/midori/office/waivers?year=2026")
        assert "西会館 障害のある方の団体 1 1 800円" in office.text
        csv = office.client.get("/midori/office/waivers/csv?year=2026").data.decode("utf-8-sig")
        assert '"西会館","障害のある方の団体",1,1,800' in csv
        office.visit("/midori/office/entitlements").press("終わりにする")
        assert "資格を終わりにしました。" in office.text
        holds(visitor, [("room-2", NEXT_MONDAY, (13, 15))], facility="nishi", token="another")
        assert "合計 600円" in visitor.visit("/midori/basket").text

    @pytest.mark.parametrize(
        ("days", "yen"),
        [
            ((NEXT_MONDAY, NEXT_MONDAY), 0),
            ((date(2026, 4, 1), NEXT_MONDAY - timedelta(days=1)), 800),
            ((NEXT_MONDAY + timedelta(days=1), date(2028, 3, 31)), 800),
        ],
    )
    def test_holds_on_its_days_and_no_other(self, visitor: Visitor, app: Flask, days, yen):
        a_third_hall(app, fees={"waivers": WAIVERS})
        self.granted(app, "disabled", days)
        is_signed_in(visitor)
        holds(visitor, facility="nishi")

        assert f"合計 {yen}円" in visitor.visit("/midori/basket").text

    def test_of_two_a_month_gives_two_a_month(self, visitor: Visitor, app: Flask):
        a_third_hall(app, fees={"waivers": WAIVERS})
        self.granted(app, "children", (date(2027, 3, 1), date(2027, 4, 30)))
        is_signed_in(visitor)
        days = [NEXT_MONDAY + timedelta(days=n) for n in (0, 2, 3, 28)]
        holds(visitor, [("room-1", on, (10, 12)) for on in days], facility="nishi")

        visitor.visit("/midori/basket")

        assert "合計 2,000円" in visitor.text, "400 + 400 + 800 in March, 400 in April"

    def test_of_two_a_month_is_in_the_prices_until_both_are_used(
        self, visitor: Visitor, app: Flask
    ):
        a_third_hall(app, fees={"waivers": WAIVERS})
        self.granted(app, "children", (date(2027, 3, 1), date(2027, 4, 30)))
        person = is_signed_in(visitor)
        day = "/midori/facilities/nishi/rooms/room-1/days/2027-03-15"
        assert "200円" in visitor.visit(day).text

        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                person = replace(
                    person, entitlements=entitlements_of(db.session(), person.account_id)
                )
                for on in (NEXT_MONDAY, NEXT_MONDAY + timedelta(days=2)):
                    steps.book(found, person, builders.a_wish(found, facility="nishi", on=on))

        assert "200円" not in visitor.visit(day).text
        assert "400円" in visitor.text

    def test_of_two_a_month_asked_for_four_times_at_once_gives_two(self, app: Flask):
        a_third_hall(app, fees={"waivers": WAIVERS})
        self.granted(app, "children", (date(2027, 3, 1), date(2027, 4, 30)))
        with app.app_context():
            found = builders.catalogue_of("midori")
            person = builders.a_resident()
            with tenant_scope(found.tenant_id):
                person = replace(
                    person, entitlements=entitlements_of(db.session(), person.account_id)
                )
                keys = [steps.new_key() for _ in range(4)]
                for n, key in enumerate(keys):
                    on = NEXT_MONDAY + timedelta(days=(0, 2, 3, 4)[n])
                    steps.choose(found, key, builders.a_wish(found, facility="nishi", on=on))

                came = race(lambda key: steps.apply(found, key, person).booking.fee_yen, *keys)

        assert sorted(came.results) == [400, 400, 800, 800]
        whole(app)


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(hanako: Visitor, app: Flask):
    asks(hanako).press("この内容で申し込む")
    request_id = only(app, WaiverRequest).id

    assert not faults(
        app,
        hanako,
        "/midori/waivers",
        "/midori/waivers/new",
        f"/midori/waivers/{request_id}",
        f"/midori/bookings/{only(app, Booking).number}",
    )
    assert not faults(
        app,
        clerk(app),
        "/midori/office/decisions",
        f"/midori/office/decisions/{request_id}",
        "/midori/office/entitlements",
        "/midori/office/waivers",
    )
