"""A clerk without YAML: reads the rules, drafts a change in forms, has it checked and published."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.packs.drafting import MODELS
from app.packs.format import SUBJECTS, document_of
from app.packs.reader import read_pack
from app.packs.rule_shapes import kinds_of, shapes_of
from app.packs.rule_words import LABELS, WORDS, WORDS_OF
from app.web.rule_controls import Control, controls
from app.web.rule_reading import read
from tests.conftest import Clock
from tests.pages import Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import clerk, staff
from tests.web.situations import has_booked, holds, is_signed_in

PACKS = sorted({one.parent for one in Path("app/packs").rglob("facilities")})


def filled(found: list[Control]) -> list[tuple[str, str]]:
    """Return what a browser would send of a form that nobody touched."""
    sent: list[tuple[str, str]] = []
    for one in found:
        if one.kind in ("part", "row"):
            sent += filled(list(one.children))
        elif one.kind == "parts":
            sent += [(one.path, one.value), *filled(list(one.children))]
        elif one.kind in ("choice", "choices", "names"):
            sent += [(one.path, value) for value, _, chosen in one.options if chosen and value]
        elif one.kind != "flag" or one.value:
            sent.append((one.path, one.value))
    return sent


def through_forms(model: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document after every rule of it was opened and kept without a change."""
    typed = read(model, MultiDict(filled(controls(model, document, lambda _: []))))
    back = {}
    for shape in shapes_of(model):
        if shape.kind != "parts":
            back |= {shape.name: typed[shape.name]} if shape.name in typed else {}
            continue
        back[shape.name] = [
            read(one, MultiDict(filled(controls(one, rule, lambda _: []))))
            for rule in document[shape.name]
            for one in [next((x for x in shape.models if rule.get("kind") in kinds_of(x)),
                             shape.models[0])]
        ]  # fmt: skip
    return dict(model.model_validate(back).model_dump(mode="json", by_alias=True))


def in_any_order(value: Any) -> Any:
    """Return a document with the parts of a fee, which are ticked, in one order."""
    if isinstance(value, dict):
        return {
            key: sorted(one) if key == "on" and isinstance(one, list) else in_any_order(one)
            for key, one in value.items()
        }
    return [in_any_order(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("folder", PACKS, ids=lambda one: one.name)
def test_every_rule_of_every_pack_goes_through_its_form_unchanged(folder: Path):
    reading = read_pack(folder)
    assert reading.municipality
    documents = [("policy", document_of(one)) for one in reading.municipality.policy]
    for hall in reading.facilities.values():
        documents += [(x, document_of(one)) for x in SUBJECTS for one in hall.editions(x)]

    for subject, document in documents:
        back = through_forms(MODELS[subject], document)
        assert in_any_order(back) == in_any_order(document), subject


def test_every_field_and_every_choice_has_words():
    silent, seen = set(), set()

    def look(model: Any) -> None:
        if model in seen:
            return
        seen.add(model)
        for shape in shapes_of(model):
            if shape.name not in LABELS and f"{model.__name__}.{shape.name}" not in LABELS:
                silent.add(f"{model.__name__}.{shape.name}")
            known = WORDS | WORDS_OF.get(shape.name, {})
            silent.update(f"{shape.name}={one}" for one in shape.options if one not in known)
            for one in shape.models:
                look(one)

    for model in MODELS.values():
        look(model)
    assert silent == set()


@pytest.fixture
def writer(app: Flask) -> Visitor:
    return clerk(app, email="writer@example.jp")


@pytest.fixture
def draft(writer: Visitor) -> Visitor:
    """A clerk in front of a draft of 中央会館's fees."""
    writer.visit("/midori/office/rules").press("料金 中央会館")
    return writer.press("この決まりを直す")


def edits(draft: Visitor, name: str) -> Visitor:
    """Open the form of the rule that stands n-th under 基本の料金."""
    return draft.visit(f"{draft.path.split('?')[0]}/rule?at={name}")


def test_what_holds_is_read_rule_by_rule_beside_its_article(writer: Visitor):
    writer.visit("/midori/office/rules").press("料金 中央会館")

    assert "2026年4月1日（水）から効いている決まりです。" in writer.text
    assert "1時間いくら 金額（円） 400 部屋 第1会議室" in writer.text
    assert "みどり市会館条例 別表" in writer.text
    for subject in ("terms", "calendar"):
        writer.visit(f"/midori/office/rules/chuo/{subject}")
    writer.visit("/midori/office/rules/municipality")
    assert "市内の方" in writer.text


def test_a_price_is_changed_checked_and_published_by_another(
    app: Flask, clock: Clock, draft: Visitor, visitor: Visitor
):
    has_booked(app, is_signed_in(visitor))
    edits(draft, "prices.0").fill("金額（円）", "５００円").press("下書きに入れる")
    assert "金額（円） 500" in draft.text
    where = draft.path
    draft.fill("いつから", "2027-03-02").fill("直すわけ", "改正条例").press("日とわけを保存する")
    draft.press("検査に進む")
    assert "検査に合格しました" in draft.text
    assert "400 から 500 になります" in draft.text
    assert "800円 1,000円" in draft.text, "the booking that is there, and what it would cost"
    assert "公開は、別の職員がします" in draft.text

    other = clerk(app, email="other@example.jp").visit(f"{where}/check")
    assert "改正条例" in other.text
    other.press("この決まりを公開する")

    assert "公開しました。" in other.text
    assert "変わったこと 1件" in other.text
    holds(visitor, [("room-1", date(2027, 3, 15), (10, 12))])
    assert "1,000円" in visitor.visit("/midori/basket").text

    other.press("この版に戻す下書きを作る").press("検査に進む")
    assert "500 から 400 になります" in other.text
    clock.now += timedelta(minutes=1)
    draft.visit(other.path).press("この決まりを公開する")
    assert "800円" in visitor.visit("/midori/basket").text
    assert "決まりの公開" in draft.visit("/midori/office/audit").text
    assert "中央会館 料金（2027年3月2日（火）から）" in draft.text


def test_nobody_publishes_their_own(draft: Visitor):
    seen = draft.page.select_one("input[name=seen_at]")["value"]

    draft.post(f"{draft.path}/publish", {"seen_at": seen}, status=409)

    assert "公開は、下書きを書いた人とは別の職員がします。" in draft.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("金額（円）", "", "この項目がありません"),
        ("金額（円）", "たくさん", "「たくさん」は使えません"),
        ("金額（円）", "-1", "0以上にしてください"),
        ("1単位は何分", "5", "10以上にしてください"),
        ("条例・規則の名前", "", "この項目がありません"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_kept(draft: Visitor, field, typed, said):
    edits(draft, "prices.0").fill(field, typed).press("下書きに入れる", status=422)

    box = draft.field(field).find_parent(class_="field")
    assert said in box.get_text()
    assert draft.field(field)["value"] == typed
    assert draft.title.startswith("エラー：")


def test_rules_are_added_of_each_kind_moved_and_taken_out(draft: Visitor):
    where = draft.path
    draft.visit(f"{where}/rule?at=surcharges").fill("名前", "営利").fill("加える割合", "100")
    draft.choose("営利").fill("条例・規則の名前", "みどり市会館条例").press("下書きに入れる")
    assert "営利 加える割合（％） 100 条件（はいと答えたもの） 営利" in draft.text

    draft.visit(f"{where}/rule?at=prices&kind=per_use").choose("ロビー").fill("金額（円）", "100")
    draft.fill("条例・規則の名前", "みどり市会館条例").press("下書きに入れる")
    assert "1回いくら 金額（円） 100 部屋 ロビー" in draft.text

    def rooms() -> list[str]:
        return [one.get_text(" ", strip=True) for one in draft.page.select(".rule dl")]

    before = rooms()
    draft.press("上へ")
    assert rooms() == [before[1], before[0], *before[2:]]
    draft.press("外す")
    assert rooms() == [before[0], *before[2:]]


def test_every_form_of_every_section_opens(writer: Visitor):
    for subject in ("fees", "terms", "calendar"):
        writer.visit(f"/midori/office/rules/chuo/{subject}").press("この決まりを直す")
        where = writer.path
        links = [one["href"] for one in writer.page.select("a[href*='/rule?at=']")]
        kinds = [
            f"{where}/rule?at={form.select_one('[name=at]')['value']}&kind={option['value']}"
            for form in writer.page.select("form.adding")
            for option in form.select("option")
        ]
        for link in [*links, *kinds]:
            writer.visit(link)
        assert len([*links, *kinds]) > 4
    writer.visit("/midori/office/rules/municipality").press("この決まりを直す")
    writer.press("直す")


def test_a_case_that_fails_is_shown_and_stops_it(app: Flask, draft: Visitor):
    where = draft.path
    edits(draft, "prices.0").press("下書きに入れる")
    draft.visit(where)
    for _ in range(len(draft.page.select("button[value=out]"))):
        draft.press("外す")
    draft.press("検査に進む")

    assert "まだ公開できません" in draft.text
    assert "この決まりを公開する" not in draft.text
    other = clerk(app, email="other@example.jp").visit(f"{where}/check")
    assert "この決まりを公開する" not in other.text


def test_a_day_that_is_none_is_told(draft: Visitor):
    draft.fill("いつから", "来月").press("日とわけを保存する", status=422)

    assert "「来月」は日付として読めません。" in draft.text


def test_what_somebody_else_changed_meanwhile_is_not_lost(app: Flask, clock: Clock, draft: Visitor):
    where = draft.path
    mine = draft.visit(f"{where}/rule?at=prices.0").fill("金額（円）", "500")
    clock.now += timedelta(minutes=1)
    other = clerk(app, email="other@example.jp").visit(f"{where}/rule?at=prices.1")
    other.fill("金額（円）", "350").press("下書きに入れる")

    mine.press("下書きに入れる", status=409)

    assert "ほかの職員が、この下書きを変えました。" in mine.text
    assert "金額（円） 350" in mine.text
    assert "金額（円） 500 部屋 第1会議室" not in mine.text


def test_the_last_rule_that_must_be_there_stays(writer: Visitor):
    writer.visit("/midori/office/rules/chuo/calendar").press("この決まりを直す")

    writer.press("外す", status=422)

    assert "1つ以上書いてください。" in writer.text
    assert "始まり 09:00" in writer.text


def test_put_away_nothing_changed(draft: Visitor):
    draft.press("この下書きをやめる")

    assert "下書きをやめました。" in draft.text
    assert "下書き 会館" not in draft.text


def test_managers_and_residents_may_not(app: Flask, draft: Visitor, visitor: Visitor):
    manager = staff(app)
    is_signed_in(visitor)
    sent = {"seen_at": "2027-03-01T00:00:00+00:00"}
    for path in ("/midori/office/rules", draft.path, f"{draft.path}/check"):
        manager.visit(path, status=403)
        assert visitor.visit(path).path.startswith("/midori/staff/sign-in")
    manager.post(f"{draft.path}/publish", sent, status=403)
    assert visitor.post(f"{draft.path}/publish", sent).path.startswith("/midori/staff/sign-in")


def test_another_municipality_sees_no_draft(app: Flask, draft: Visitor):
    other = clerk(app, slug="aoba", email="aoi@example.jp")

    other.visit(draft.path.replace("/midori/", "/aoba/"), status=404)


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_axe_finds_nothing(app: Flask, draft: Visitor):
    assert not faults(
        app,
        draft,
        "/midori/office/rules",
        "/midori/office/rules/chuo/fees",
        draft.path,
        f"{draft.path}/rule?at=prices.3",
        f"{draft.path}/rule?at=unclear",
        f"{draft.path}/check",
    )
