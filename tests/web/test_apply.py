"""From the basket to the booking: each question once, a check of everything, one booking."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask

from tests import builders
from tests.pages import ORIGIN, Visitor
from tests.web.situations import (
    a_third_hall,
    basket_of,
    bookings_by,
    has_booked,
    holds,
    is_signed_in,
    loses,
    searched_for,
    statements,
)

LATER = builders.NEXT_MONDAY + timedelta(days=7)
BOTH = (("room-1", builders.NEXT_MONDAY, (10, 12)), ("room-2", LATER, (13, 15)))


@pytest.fixture
def hanako(visitor: Visitor) -> Visitor:
    """A resident who is signed in, with one room held, who searched for it."""
    is_signed_in(visitor)
    return searched_for(holds(visitor), purpose="meeting", people="8")


def answered(visitor: Visitor, *, name: str = "みどりの会", notes: str = "") -> Visitor:
    """Go from the basket over the open questions to the check."""
    visitor.visit("/midori/apply").fill("何という名前", name).press("次へ進む")
    return visitor.fill("伝えたいこと", notes).press("次へ進む")


class TestTheQuestions:
    def test_a_first_timer_meets_each_once_and_is_told_where_they_are(self, visitor: Visitor):
        holds(visitor).visit("/midori/apply")

        assert "6つのうち1つ目" in visitor.text
        visitor.choose("会議・話し合い").press("次へ進む")
        assert "6つのうち2つ目" in visitor.text
        visitor.fill("何人で使いますか", "１０人").press("次へ進む")
        assert "6つのうち3つ目" in visitor.text
        visitor.fill("何という名前", "𠮷田の会 😀").press("次へ進む")
        visitor.fill("伝えたいこと", "いすを10脚\n使います").press("次へ進む")

        assert visitor.path.startswith("/midori/sign-in")
        assert "6つのうち5つ目" in visitor.text
        draft = basket_of(visitor.app)
        assert (draft.purpose, draft.people) == ("meeting", 10)
        assert (draft.shown_name, draft.notes) == ("𠮷田の会 😀", "いすを10脚\n使います")

    def test_what_the_search_said_is_not_asked_again(self, hanako: Visitor):
        answered(hanako)

        assert hanako.path == "/midori/apply/check"
        assert "会議・話し合い" in hanako.text
        assert "8人" in hanako.text

    def test_from_basket_to_completion_after_a_search_is_four_screens(self, hanako: Visitor):
        """With the search, the list of the day and the basket before them: seven."""
        seen = [hanako.visit("/midori/apply").path]
        seen += [hanako.press("次へ進む").path, hanako.press("次へ進む").path]
        seen += [hanako.press("この内容で申し込む").path]

        assert [path.split("/")[-1] for path in seen] == ["name", "notes", "check", "done"]

    def test_who_booked_before_goes_straight_to_the_check(self, visitor: Visitor, app: Flask):
        has_booked(app, is_signed_in(visitor))

        holds(visitor, [("room-1", LATER, (9, 10))]).visit("/midori/apply")

        assert visitor.path == "/midori/apply/check"
        assert "みどりの会" in visitor.text
        assert "10人" in visitor.text

    def test_notes_of_the_last_time_are_not_said_again(self, visitor: Visitor, app: Flask):
        earlier = builders.some_answers(notes="3月8日は車いすの方が来ます。")
        has_booked(app, is_signed_in(visitor), answers=earlier)

        holds(visitor, [("room-1", LATER, (9, 10))]).visit("/midori/apply")

        assert "車いす" not in visitor.text

    def test_too_many_people_for_this_room_are_asked_again(self, visitor: Visitor, app: Flask):
        has_booked(app, is_signed_in(visitor), answers=builders.some_answers(people=25))

        holds(visitor, [("room-2", LATER, (9, 10))]).visit("/midori/apply")

        assert visitor.path == "/midori/apply/people"
        assert "第2会議室は12人まで使えます。" in visitor.text

    def test_going_back_shows_what_was_answered(self, hanako: Visitor):
        answered(hanako, name="さくら体操クラブ")

        hanako.press("戻る").press("戻る")

        assert hanako.path == "/midori/apply/name"
        assert hanako.field("何という名前")["value"] == "さくら体操クラブ"

    def test_a_change_from_the_check_leads_back_to_it(self, hanako: Visitor):
        answered(hanako)

        hanako.press("人数を 変更").fill("何人で使いますか", "20").press("次へ進む")

        assert hanako.path == "/midori/apply/check"
        assert "20人" in hanako.text

    def test_without_a_basket_they_lead_to_it(self, visitor: Visitor):
        for path in ("/midori/apply", "/midori/apply/people", "/midori/apply/check"):
            response = visitor.client.get(path, headers={"Origin": "http://localhost"})
            assert response.status_code == 303
        assert visitor.client.get("/midori/apply").location == "/midori/basket"

    def test_a_question_that_nobody_asks_is_not_there(self, hanako: Visitor):
        hanako.visit("/midori/apply/money", status=404)
        hanako.visit("/midori/apply/ask-size", status=404)


class TestWhatOnlySomeHallsAsk:
    @pytest.fixture
    def strict(self, visitor: Visitor, app: Flask) -> Visitor:
        """Somebody signed in who holds a room of a hall that asks more."""
        a_third_hall(
            app,
            terms={
                "asks_admission": True,
                "asks_for_profit": True,
                "questions": [
                    {"id": "keys", "label": "かぎを開ける人", "required": True},
                    {"id": "fire", "label": "火を使いますか", "kind": "yes_no", "required": True},
                    {"id": "seats", "label": "いすの並べ方", "kind": "choice",
                     "choices": ["教室", "輪"]},
                ],
            },
            fees={
                "open_questions": [
                    {"id": "admission", "when": "admission_from", "admission_yen": 1000,
                     "because": "1,000円からの入場料の料金は、表に定めがありません。"}
                ],
                "surcharges": [
                    {"id": "profit", "name": "営利", "percent": 100,
                     "attributes": ["for-profit"], "citation": builders.CITED}
                ],
            },
        )  # fmt: skip
        is_signed_in(visitor)
        return searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")

    def test_they_are_asked_and_shown_on_the_check(self, strict: Visitor):
        answered(strict).choose("とらない").choose("いいえ").press("次へ進む")
        strict.fill("かぎを開ける人", "田中").press("次へ進む")
        strict.choose("いいえ").press("次へ進む")
        strict.choose("輪").press("次へ進む")

        assert strict.path == "/midori/apply/check"
        for said in ("入場料 とらない", "かぎを開ける人 田中", "火を使いますか いいえ", "輪"):
            assert said in strict.text.replace("を 変更", "")

    def test_the_sum_is_asked_of_those_who_take_one(self, strict: Visitor):
        answered(strict).choose("とる").choose("いいえ").press("次へ進む", status=422)
        assert "入場料がいくらかを入力してください。" in strict.text

        strict.fill("いちばん高い入場料", "５００円").press("次へ進む")
        assert basket_of(strict.app).answers["admission_yen"] == 500

    def test_a_fee_that_no_rule_decides_is_not_guessed(self, strict: Visitor):
        answered(strict).choose("とる").choose("いいえ")
        strict.fill("いちばん高い入場料", "1,500").press("次へ進む")
        strict.fill("かぎを開ける人", "田中").press("次へ進む")
        strict.choose("はい").press("次へ進む").press("次へ進む")

        assert strict.path == "/midori/apply/check"
        assert "表に定めがありません。" in strict.text
        assert "料金は会館が決めて、メールでお知らせします。" in strict.text
        assert strict.page.select_one("table.fee") is None, "no sum is made up"

    def test_what_must_be_answered_is(self, strict: Visitor):
        answered(strict).press("次へ進む", status=422)
        assert "入場料をとるかどうかをえらんでください。" in strict.text
        strict.choose("とらない").choose("いいえ").press("次へ進む").press("次へ進む", status=422)
        assert "答えを入力してください。" in strict.text


class TestAnAnswerThatCanNotBe:
    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "人数を入力してください。"),
            ("0", "1人以上の数を入力してください。"),
            ("−５", "1人以上の数を入力してください。"),
            ("十人", "数字で入力してください。"),
            ("1.5", "数字で入力してください。"),
            ("31", "第1会議室の定員は30人です。"),
            ("1000000000", "第1会議室の定員は30人です。"),
            ("9" * 90, "第1会議室の定員は30人です。"),
            ("9" * 900, "100文字までにしてください。いまは900文字です。"),
        ],
    )
    def test_a_number_of_people(self, hanako: Visitor, typed: str, said: str):
        hanako.visit("/midori/apply/people").fill("何人で使いますか", typed)

        hanako.press("次へ進む", status=422)

        assert hanako.text.count(said) == 2, "in the summary and beside the field"
        assert hanako.title.startswith("エラー：")
        field = hanako.field("何人で使いますか")
        assert field["aria-invalid"] == "true"
        assert hanako.page.select_one(f"[data-error-summary] a[href='#{field['id']}']")
        assert len(str(field["value"])) == len(typed), "what was typed is kept"

    def test_more_people_than_anybody_counts_where_no_capacity_is_known(self, visitor: Visitor):
        holds(visitor, [("lobby", builders.NEXT_MONDAY, (10, 12))])

        visitor.visit("/midori/apply/people").fill("何人で使いますか", "10000")
        visitor.press("次へ進む", status=422)

        assert "9,999人までの数を入力してください。" in visitor.text

    def test_a_purpose_that_is_not_on_the_list(self, hanako: Visitor):
        hanako.post("/midori/apply/purpose", {"purpose": "party"}, status=422)
        hanako.post("/midori/apply/purpose", {}, status=200)  # known from the search
        assert basket_of(hanako.app).purpose == "meeting"

    def test_no_purpose(self, visitor: Visitor):
        holds(visitor).visit("/midori/apply").press("次へ進む", status=422)

        assert visitor.text.count("目的をえらんでください。") == 2

    def test_notes_of_ten_thousand_characters_are_kept_on_the_page(self, hanako: Visitor):
        hanako.visit("/midori/apply/notes").fill("伝えたいこと", "長" * 10_000)

        hanako.press("次へ進む", status=422)

        assert "1,000文字までにしてください。いまは10,000文字です。" in hanako.text
        assert hanako.field("伝えたいこと").get_text().strip() == "長" * 10_000
        assert basket_of(hanako.app).notes is None

    def test_control_characters_and_turned_writing_are_left_out(self, hanako: Visitor):
        hanako.post("/midori/apply/name", {"shown_name": "み\x00どり\u202eの会\t"})

        assert basket_of(hanako.app).shown_name == "み どりの会"

    def test_a_name_too_long_for_the_board(self, hanako: Visitor):
        hanako.visit("/midori/apply/name").fill("何という名前", "長" * 41)

        hanako.press("次へ進む", status=422)

        assert "40文字までにしてください。" in hanako.text


class TestTheCheck:
    def test_says_everything_before_anything_is_promised(self, hanako: Visitor):
        answered(hanako, notes="よろしく\nお願いします")

        for said in (
            "第1会議室",
            "みどりの会",
            "山田 花子（市内の方）",
            "400円 × 2時間",
            "800円",
            "2027年3月7日（日）までに、はらいます。",
            "はらうところ：会館の受付",
            "2027年3月7日（日）まで、ご自分で取り消せます。",
            "2027年3月1日（月）までに取り消すと、はらった料金の半分を返します。",
            "そのあとの取り消しでは、料金は返りません。",
            "みどり市会館条例施行規則 第8条",
            "9時15分まで",
        ):
            assert said in hanako.text

    def test_pressing_makes_one_booking(self, hanako: Visitor):
        answered(hanako).press("この内容で申し込む")

        (made,) = booked(hanako)
        assert hanako.path == f"/midori/bookings/{made.number}/done"
        assert f"{made.number[:4]}-{made.number[4:]}" in hanako.text
        for said in (
            "支払い待ち",
            "2027年3月7日（日）までに、800円をはらってください。",
            "会館の受付",
            "hanako@example.jp に、同じ内容のメールを送りました。",
        ):
            assert said in hanako.text
        assert hanako.page.select_one("nav small") is None, "the basket is empty"

    def test_what_is_free_is_certain_at_once(self, visitor: Visitor):
        is_signed_in(visitor)
        holds(visitor, [("lobby", builders.NEXT_MONDAY, (10, 12))])
        searched_for(visitor, purpose="meeting", people="8")

        answered(visitor)
        assert "はらうお金はありません。" in visitor.text
        visitor.press("この内容で申し込む")

        assert "予約確定" in visitor.text
        assert "0円" in visitor.text

    def test_the_same_form_again_leads_to_the_same_booking(self, hanako: Visitor):
        form = sent_by(answered(hanako))
        hanako.press("この内容で申し込む")
        done = hanako.path

        hanako.post("/midori/apply/check", form)

        assert hanako.path == done
        assert len(booked(hanako)) == 1

    def test_the_same_form_again_after_choosing_anew_books_nothing_new(self, hanako: Visitor):
        form = sent_by(answered(hanako))
        hanako.press("この内容で申し込む")
        done = hanako.path
        holds(hanako, [("room-1", LATER, (10, 12))], token="chosen-anew")

        hanako.post("/midori/apply/check", form)

        assert hanako.path == done
        assert len(booked(hanako)) == 1

    def test_a_double_tap_makes_one(self, hanako: Visitor):
        form = sent_by(answered(hanako))
        cookie = hanako.client.get_cookie("kaikan")
        assert cookie is not None

        def tap(_finger: int) -> str | None:
            browser = hanako.app.test_client()
            browser.set_cookie("kaikan", cookie.value)
            origin = {"Origin": "http://localhost"}
            return browser.post("/midori/apply/check", data=form, headers=origin).location

        with ThreadPoolExecutor(4) as fingers:
            places = set(fingers.map(tap, range(4)))

        (made,) = booked(hanako)
        assert places == {f"/midori/bookings/{made.number}/done"}

    def test_going_back_after_completion_shows_the_booking(self, hanako: Visitor):
        answered(hanako).press("この内容で申し込む")
        done = hanako.path

        for step in ("/midori/apply/notes", "/midori/apply/check", "/midori/apply"):
            assert hanako.visit(step).path == done

    def test_an_old_booking_is_no_answer_to_a_new_choice_that_ran_out(self, hanako: Visitor):
        answered(hanako).press("この内容で申し込む")
        with hanako.client.session_transaction() as session:
            session["baskets"] = {"midori": "cleared-away-meanwhile"}

        assert hanako.client.get("/midori/apply/notes").location == "/midori/basket"

    def test_what_another_tab_changed_is_shown_first(self, hanako: Visitor):
        form = sent_by(answered(hanako))
        holds(hanako, [("room-2", LATER, (10, 12))])

        hanako.post("/midori/apply/check", form, status=409)

        assert "途中で変わりました" in hanako.text
        assert "1,400円" in hanako.text
        assert booked(hanako) == []

    @pytest.mark.parametrize("yen", ["1", "", "-800", "八百", "9" * 40])
    def test_another_sum_than_was_shown_is_not_agreed(self, hanako: Visitor, yen: str):
        form = {**sent_by(answered(hanako)), "agreed_yen": yen}

        hanako.post("/midori/apply/check", form, status=409)

        assert "料金が800円に変わりました。" in hanako.text
        assert hanako.title.startswith("エラー：")
        assert booked(hanako) == []

    @pytest.mark.parametrize("basket", ["", "0", "x", "1\x00", "9" * 30])
    def test_a_basket_that_was_made_up_leads_to_ones_own(self, hanako: Visitor, basket: str):
        form = {**sent_by(answered(hanako)), "basket": basket}

        hanako.post("/midori/apply/check", form)

        assert len(booked(hanako)) == 1, "what counts is the browser's own basket"

    def test_another_persons_booking_is_not_found_by_its_number(self, hanako: Visitor, app: Flask):
        with app.app_context():
            taro = builders.a_resident(email="taro@example.jp")
        made = has_booked(app, taro, [("room-2", LATER, (10, 12))])
        form = {**sent_by(answered(hanako)), "basket": str(made.booking.id)}

        hanako.post("/midori/apply/check", form)

        assert made.booking.number not in hanako.path

    def test_who_is_not_signed_in_signs_in_first(self, visitor: Visitor):
        holds(visitor).post("/midori/apply/check", {})

        assert visitor.path.startswith("/midori/sign-in")

    def test_who_is_unknown_here_says_who_they_are_first(self, visitor: Visitor, app: Flask):
        with app.app_context():
            token = builders.a_session_token(app, builders.an_account())
        searched_for(holds(visitor.sign_in_as(token)), purpose="meeting", people="8")

        answered(visitor)

        assert visitor.path.startswith("/midori/profile")


class TestWhenNotAllCanBeHad:
    @pytest.fixture
    def late(self, visitor: Visitor, app: Flask) -> Visitor:
        """Somebody on the check page who has just lost one of two rooms to another."""
        is_signed_in(visitor)
        searched_for(holds(visitor, BOTH), purpose="meeting", people="8")
        answered(visitor)
        loses(visitor, place=1)
        return visitor

    def test_it_is_said_line_by_line_and_nothing_is_booked(self, late: Visitor):
        late.press("この内容で申し込む", status=409)

        assert "申し込めない枠が1つあります。" in late.text
        refused = late.text.split("申し込めない枠 ")[1].split("どうしますか")[0]
        assert "第2会議室" in refused
        assert "ほかの方の予約が入っています。" in refused
        assert "残りの1枠は、申し込めます。残りの料金は800円です。" in late.text
        assert not late.page.select("main .btn.primary"), "two equal choices"
        assert booked(late) == []

    def test_what_is_left_can_be_booked(self, late: Visitor):
        late.press("この内容で申し込む", status=409).press("残りだけ申し込む")

        (made,) = booked(late)
        assert made.fee_yen == 800
        assert "第2会議室" not in late.text

    def test_or_chosen_anew(self, late: Visitor):
        late.press("この内容で申し込む", status=409)

        link = late.page.find("a", string="選びなおす")
        assert link is not None
        assert link["href"] == "/midori/basket"

    def test_what_a_class_may_not_have_yet_is_said_before_pressing(self, visitor: Visitor):
        is_signed_in(visitor, applicant_class="outsider")
        searched_for(holds(visitor, BOTH), purpose="meeting", people="8")
        far = (("room-1", date(2027, 4, 5), (10, 12)),)
        holds(visitor, far)

        answered(visitor)

        assert "申し込めない枠 " in visitor.text
        assert "2027年3月22日（月）9時から申し込めます。" in visitor.text
        assert "残りの2枠は、申し込めます。" in visitor.text

    def test_a_hold_that_ran_out_is_taken_again_when_nobody_else_did(self, hanako: Visitor, clock):
        answered(hanako)
        clock.now += timedelta(minutes=20)

        hanako.visit("/midori/apply/check")
        assert "とっておく時間が過ぎました" in hanako.text
        hanako.press("この内容で申し込む")

        assert len(booked(hanako)) == 1

    def test_a_quota_is_said_and_everything_kept(self, visitor: Visitor, app: Flask):
        quota = {"id": "monthly", "name": "1か月に1回まで", "limit": 1}
        a_third_hall(app, terms={"quotas": [quota]})
        has_booked(app, is_signed_in(visitor), facility="nishi")
        holds(visitor, [("room-1", builders.NEXT_MONDAY, (15, 16))], facility="nishi")

        visitor.visit("/midori/apply").press("この内容で申し込む", status=409)

        assert "申し込める数をこえます（1か月に1回まで）。" in visitor.text
        assert "みどりの会" in visitor.text
        assert len(booked(visitor)) == 1


def test_each_page_sends_as_many_statements_as_written_here(hanako: Visitor):
    counts = {}
    answered(hanako)
    for path in ("name", "check"):
        with statements(hanako.app) as seen:
            hanako.visit(f"/midori/apply/{path}")
        counts[path] = len(seen)

    # who, basket, its lines with their holds, the last time; before applying one reads whether a
    # door opens by a number, which no catalogue knows
    assert counts == {"name": 4, "check": 5}


def test_applying_sends_as_many_statements_as_written_here(hanako: Visitor):
    answered(hanako)
    sent = sent_by(hanako)
    with statements(hanako.app) as seen:
        hanako.client.post("/midori/apply/check", data=sent, headers={"Origin": ORIGIN})

    # who, the basket, its lines, the last time; then the basket locked, its lines, the floor, the
    # number, booking, line, change of the hall, ledger, audit, address, letter
    assert len(seen) == 15, seen


def booked(visitor: Visitor) -> list:
    with visitor.app.app_context():
        person = builders.a_resident()
    return bookings_by(visitor.app, person)


def sent_by(visitor: Visitor) -> dict[str, str]:
    """Return what the check page's form would send."""
    fields = visitor.page.select("form[action$='/apply/check'] input")
    return {str(field["name"]): str(field["value"]) for field in fields}
