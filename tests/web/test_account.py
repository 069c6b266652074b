"""Signing in with a code by mail, saying who one is, signing out."""

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.db.session import tenant_scope
from app.identity.codes import code_for
from app.identity.models import Resident, SignedIn, SignInAttempt
from app.kernel import clock as clock_of_this_machine
from app.web import way_back
from tests import builders
from tests.pages import Visitor
from tests.web.situations import holds, is_signed_in, searched_for, statements

EMAIL = "hanako@example.jp"


def asks_for_a_code(visitor: Visitor, email: str = EMAIL, path: str = "/midori/sign-in") -> Visitor:
    return visitor.visit(path).fill("メールアドレス", email).press("確認の番号を送る")


def codes(app: Flask) -> list[str]:
    """Return all codes that were sent, the newest first."""
    with app.app_context(), tenant_scope(None):
        attempts = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc()))
        secret = app.config["KAIKAN"].secret_key
        return [code_for(secret, one.id, one.salt) for one in attempts]


def gives(visitor: Visitor, code: str, *, status: int = 200) -> Visitor:
    return visitor.fill("確認の番号", code).press("番号を確かめる", status=status)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def signs_in(visitor: Visitor, **how: str) -> Visitor:
    return gives(asks_for_a_code(visitor, **how), codes(visitor.app)[0])


def sessions(app: Flask) -> list[SignedIn]:
    with app.app_context(), tenant_scope(None):
        found = list(db.session.scalars(select(SignedIn).order_by(SignedIn.id)))
        db.session.expunge_all()
        return found


class TestACodeByMail:
    def test_signs_in(self, visitor: Visitor):
        signs_in(visitor)

        assert visitor.path == "/midori/bookings"
        assert EMAIL in visitor.text

    @pytest.mark.parametrize("write", ["{a}-{b}", " {a} {b} ", "{a}ー{b}"])
    def test_may_be_typed_in_any_width(self, visitor: Visitor, write: str):
        asks_for_a_code(visitor)
        wide = codes(visitor.app)[0].translate(str.maketrans("0123456789", "０１２３４５６７８９"))

        gives(visitor, write.format(a=wide[:3], b=wide[3:]))

        assert visitor.path == "/midori/bookings"

    def test_the_field_is_one_and_fills_itself(self, visitor: Visitor):
        field = asks_for_a_code(visitor).field("確認の番号")

        assert field["autocomplete"] == "one-time-code"
        assert field["inputmode"] == "numeric"
        assert len(visitor.page.select("main input:not([type=hidden])")) == 2, "code and device"

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３", "٣٣٣٣٣٣"])
    def test_what_can_be_no_code_does_not_count_as_a_try(self, visitor: Visitor, typed: str):
        asks_for_a_code(visitor)

        for _ in range(6):
            gives(visitor, typed, status=422)

        assert visitor.text.count("メールの6けたの番号を入力してください。") == 2
        gives(visitor, codes(visitor.app)[0])

    def test_a_wrong_one_is_said_and_may_be_mended(self, visitor: Visitor):
        asks_for_a_code(visitor)
        right = codes(visitor.app)[0]

        gives(visitor, wrong(right), status=409)

        assert "番号がちがいます。" in visitor.text
        assert visitor.title.startswith("エラー：")
        assert gives(visitor, right).path == "/midori/bookings"

    def test_five_wrong_ones_end_it(self, visitor: Visitor):
        asks_for_a_code(visitor)
        right = codes(visitor.app)[0]

        for _ in range(5):
            gives(visitor, wrong(right), status=409)
        gives(visitor, right, status=409)

        assert "番号のまちがいが続きました。" in visitor.text
        visitor.press("番号をもう一度送る")
        assert gives(visitor, codes(visitor.app)[0]).path == "/midori/bookings"

    def test_an_old_one_is_refused_and_a_new_one_offered(self, visitor: Visitor, clock):
        asks_for_a_code(visitor)
        clock.now += timedelta(minutes=16)

        gives(visitor, codes(visitor.app)[0], status=409)

        assert "番号の期限が切れました。" in visitor.text
        visitor.press("番号をもう一度送る")
        assert "番号をもう一度送りました。" in visitor.text
        assert gives(visitor, codes(visitor.app)[0]).path == "/midori/bookings"

    @pytest.mark.parametrize("place", [0, 1])
    def test_of_two_mails_either_will_do(self, visitor: Visitor, place: int):
        asks_for_a_code(visitor).press("番号をもう一度送る")

        assert gives(visitor, codes(visitor.app)[place]).path == "/midori/bookings"

    def test_a_code_of_another_browser_is_no_use(self, visitor: Visitor, app: Flask):
        asks_for_a_code(Visitor(app))
        stolen = codes(app)[0]
        asks_for_a_code(visitor, "mallory@example.jp")

        gives(visitor, stolen, status=409)

    def test_a_used_one_does_not_work_again(self, visitor: Visitor, app: Flask):
        asks_for_a_code(visitor)
        with visitor.client.session_transaction() as session:
            kept = dict(session["sign_in"])
        gives(visitor, codes(app)[0])
        other = Visitor(app)
        with other.client.session_transaction() as session:
            session["sign_in"] = kept

        gives(other.visit("/midori/sign-in/code"), codes(app)[0], status=409)

    def test_the_code_page_alone_leads_to_the_beginning(self, visitor: Visitor):
        assert visitor.visit("/midori/sign-in/code").path == "/midori/sign-in"
        assert visitor.post("/midori/sign-in/code", {}).path == "/midori/sign-in"
        assert visitor.post("/midori/sign-in/again", {}).path == "/midori/sign-in"

    def test_the_demonstration_has_a_link_to_its_mail_box(self, visitor: Visitor, app: Flask):
        settings = app.config["KAIKAN"]
        app.config["KAIKAN"] = dataclasses.replace(settings, demo_mailbox_url="http://mail.test/")
        try:
            asks_for_a_code(visitor)
        finally:
            app.config["KAIKAN"] = settings

        link = visitor.page.select_one("a[href='http://mail.test/']")
        assert link is not None
        assert "デモ用の受信箱をひらく" in link.get_text()


class TestTheAddress:
    def test_the_answer_is_the_same_whether_or_not_it_is_known(self, visitor: Visitor, app: Flask):
        with app.app_context():
            builders.an_account()
        known = asks_for_a_code(Visitor(app)).text
        unknown = asks_for_a_code(visitor, "nobody@example.jp").text

        assert known.replace(EMAIL, "nobody@example.jp") == unknown

    @pytest.mark.parametrize(
        "typed", ["", "hanako", "hanako@", "@example.jp", "a b@", "\x00", "a@b.jp\nBcc: c@d.jp"]
    )
    def test_what_is_none_is_said_beside_the_field(self, visitor: Visitor, typed: str):
        visitor.visit("/midori/sign-in").fill("メールアドレス", typed)

        visitor.press("確認の番号を送る", status=422)

        assert visitor.field("メールアドレス")["aria-invalid"] == "true"
        assert codes(visitor.app) == []

    def test_it_may_be_typed_in_any_width(self, visitor: Visitor):
        asks_for_a_code(visitor, " Ｈａｎａｋｏ＠example.jp ")

        assert f"{EMAIL} に、番号を送りました。" in visitor.text

    def test_too_many_codes_are_refused_in_words(self, visitor: Visitor):
        for _ in range(5):
            asks_for_a_code(visitor)

        visitor.visit("/midori/sign-in").fill("メールアドレス", EMAIL)
        visitor.press("確認の番号を送る", status=409)

        assert visitor.text.count("番号を送りすぎました。") == 2
        assert visitor.field("メールアドレス")["value"] == EMAIL

    def test_a_rival_elsewhere_locks_nobody_out_of_a_device_they_used(
        self, visitor: Visitor, app: Flask
    ):
        signs_in(visitor).press("ログアウトする")
        for network in range(30):
            rival = app.test_client()
            rival.environ_base["REMOTE_ADDR"] = f"203.0.113.{network}"
            rival.post(
                "/midori/sign-in", data={"email": EMAIL}, headers={"Origin": "http://localhost"}
            )

        stranger = Visitor(app)
        stranger.visit("/midori/sign-in").fill("メールアドレス", EMAIL)
        stranger.press("確認の番号を送る", status=409)
        assert signs_in(visitor).path == "/midori/bookings"

    def test_a_mark_that_was_made_up_makes_no_device_known(self, visitor: Visitor):
        visitor.client.set_cookie("device", "WyJhIl0.forged")

        assert signs_in(visitor).path == "/midori/bookings"


class TestWhereItLeads:
    def test_back_to_the_application_with_the_basket(self, visitor: Visitor):
        searched_for(holds(visitor), purpose="meeting", people="8").visit("/midori/apply")
        visitor.press("次へ進む").press("次へ進む")
        assert visitor.path.startswith("/midori/sign-in?next=")

        visitor.fill("メールアドレス", EMAIL).press("確認の番号を送る")
        gives(visitor, codes(visitor.app)[0])

        assert visitor.path.startswith("/midori/profile")
        visitor.fill("お名前", "山田 花子").fill("ふりがな", "やまだ はなこ")
        visitor.fill("電話番号", "０９０ー１２３４ー５６７８").choose("市内の方").press("次へ進む")
        assert visitor.path == "/midori/apply/check"
        assert "090-1234-5678" in visitor.text

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example/midori/",
            "//evil.example/midori/",
            "/\\evil.example",
            "/midori//evil.example",
            "/aoba/bookings",
            "/midori/../aoba/bookings",
            "/midori/%2e%2e/aoba/bookings",
            "/midori/%252e%252e/aoba/",
            "/midorix/",
            "javascript:alert(1)",
            "/midori/\nLocation: https://evil.example",
            "/midori/" + "a" * 600,
        ],
    )
    def test_never_to_another_site_or_municipality(
        self, visitor: Visitor, app: Flask, elsewhere: str
    ):
        visitor.post("/midori/sign-in", {"email": EMAIL, "next": elsewhere})

        assert gives(visitor, codes(app)[0]).path == "/midori/bookings"
        with app.test_request_context("/midori/"):
            app.preprocess_request()
            assert way_back.safe(elsewhere) == ""

    def test_to_the_page_that_was_asked_for(self, visitor: Visitor):
        signs_in(visitor, path="/midori/sign-in?next=/midori/profile%3Fx%3D1")

        assert visitor.path == "/midori/profile?x=1"

    def test_who_is_signed_in_already_goes_on(self, visitor: Visitor):
        is_signed_in(visitor)

        assert visitor.visit("/midori/sign-in?next=/midori/profile").path == "/midori/profile"
        assert visitor.visit("/midori/sign-in/code").path == "/midori/bookings"


class TestTheSession:
    def test_on_a_shared_device_ends_with_the_browser_and_the_day(self, visitor: Visitor):
        signs_in(visitor)

        (session,) = sessions(visitor.app)
        assert session.expires_at == builders.MONDAY_9AM + timedelta(hours=12)
        cookie = visitor.client.get_cookie("kaikan")
        assert cookie is not None
        assert cookie.expires is None

    def test_on_ones_own_device_stays(self, visitor: Visitor):
        asks_for_a_code(visitor).choose("この端末を使うのは自分だけ")
        gives(visitor, codes(visitor.app)[0])

        (session,) = sessions(visitor.app)
        assert session.expires_at == builders.MONDAY_9AM + timedelta(days=90)
        cookie = visitor.client.get_cookie("kaikan")
        assert cookie is not None
        assert cookie.expires is not None
        assert cookie.expires > clock_of_this_machine.now() + timedelta(days=89)

    def test_the_box_is_not_ticked_beforehand(self, visitor: Visitor):
        assert not asks_for_a_code(visitor).field("この端末").has_attr("checked")

    def test_begins_with_a_token_of_its_own(self, visitor: Visitor):
        """What somebody planted in the browser before does not come along."""
        with visitor.client.session_transaction() as session:
            session["_user_id"] = "planted"
            session["made"] = {"midori": "12345678"}

        signs_in(visitor)

        with visitor.client.session_transaction() as session:
            assert session["_user_id"] != "planted"
            assert not {"sign_in", "made"} & set(session)

    def test_signing_out_ends_it_everywhere(self, visitor: Visitor, app: Flask):
        signs_in(visitor)
        copy = Visitor(app)
        with visitor.client.session_transaction() as session:
            copy.sign_in_as(session["_user_id"])

        visitor.press("ログアウトする")

        assert "ログアウトしました" in visitor.text
        assert sessions(app) == []
        assert copy.visit("/midori/bookings").path.startswith("/midori/sign-in")
        assert visitor.post("/midori/sign-out", {}).path == "/midori/signed-out"

    def test_is_asked_for_where_it_is_needed(self, visitor: Visitor):
        for path in ("bookings", "profile", "apply/check", "bookings/12345678"):
            assert visitor.visit(f"/midori/{path}").path.startswith("/midori/sign-in?next=")


class TestWhoOneIs:
    def test_is_kept_for_this_municipality(self, visitor: Visitor):
        signs_in(visitor, path="/midori/sign-in?next=/midori/profile")
        visitor.fill("お名前", "𠮷田　花子").fill("ふりがな", "よしだ はなこ")
        visitor.fill("電話番号", "0425580000").choose("市外の方").press("保存する")

        assert "お名前と連絡先を保存しました。" in visitor.text
        kept = resident(visitor.app)
        assert (kept.name, kept.kana) == ("𠮷田 花子", "よしだ はなこ")
        assert (kept.phone, kept.applicant_class) == ("0425580000", "outsider")
        assert visitor.visit("/aoba/profile").field("お名前")["value"] == ""

    def test_nothing_is_chosen_beforehand_and_everything_is_asked(self, visitor: Visitor):
        signs_in(visitor, path="/midori/sign-in?next=/midori/profile").press("保存する", status=422)

        for said in ("お名前を入力", "ふりがなを入力", "電話番号を入力", "お住まいをえらんで"):
            assert visitor.text.count(f"{said}") == 2

    @pytest.mark.parametrize("phone", ["1234", "電話はない", "0" * 40, "090-1234-567x"])
    def test_a_telephone_number_that_is_none(self, visitor: Visitor, phone: str):
        is_signed_in(visitor)

        visitor.visit("/midori/profile").fill("電話番号", phone).press("保存する", status=422)

        assert visitor.field("電話番号")["value"] == phone

    def test_a_class_that_staff_give_can_not_be_taken(self, visitor: Visitor):
        is_signed_in(visitor)

        visitor.post("/midori/profile", {**SAID, "applicant_class": "group"}, status=422)

        assert resident(visitor.app).applicant_class == "resident"

    def test_a_class_that_staff_gave_stays(self, visitor: Visitor):
        is_signed_in(visitor, applicant_class="group")

        visitor.visit("/midori/profile")
        assert "登録団体" in visitor.text
        assert "市の職員が確かめてつけたものです。" in visitor.text
        visitor.post("/midori/profile", {**SAID, "applicant_class": "resident"})

        assert resident(visitor.app).applicant_class == "group"
        assert resident(visitor.app).name == "田中 洋子"


def test_each_page_sends_as_many_statements_as_written_here(visitor: Visitor):
    counts = {}
    visitor.visit("/midori/sign-in")  # the catalogue is read once
    with statements(visitor.app) as seen:
        visitor.visit("/midori/sign-in")
    counts["sign-in"] = len(seen)
    asks_for_a_code(visitor)
    with statements(visitor.app) as seen:
        visitor.visit("/midori/sign-in/code")
    counts["code"] = len(seen)
    gives(visitor, codes(visitor.app)[0])
    with statements(visitor.app) as seen:
        visitor.visit("/midori/profile")
    counts["profile"] = len(seen)

    assert counts == {"sign-in": 0, "code": 0, "profile": 1}


SAID = {"name": "田中 洋子", "kana": "たなか ようこ", "phone": "042-558-0000"}


def resident(app: Flask) -> Resident:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = db.session.scalars(select(Resident)).one()
        db.session.expunge_all()
        return found
