"""Hostile values in the forms of what is really there: requests, open fees, drafts of rules."""

import re

import pytest
from flask import Flask

from tests.pages import ORIGIN, Visitor
from tests.reports.situations import clerk
from tests.web.situations import a_third_hall, holds, is_signed_in, searched_for
from tests.web.test_equipment import EXTRAS
from tests.web.test_settling import UNCLEAR
from tests.web.test_waivers import WAIVERS

HOSTILE = [
    "", "\x00", "a\x00b", "９" * 400, "-1", "0", "²", "1e9", "9" * 30, "none", "../..", "<b>x</b>",
    "あ" * 5_001, "prices.0", "prices.999", "prices.x", "rest", "unclear", "{}", "a = [", "日本",
    "2026-02-30", "9999-12-31", "0001-01-01", "25:00", "12:60", "null", "x.y.z = {", "𠮷💣",
]  # fmt: skip


def send(visitor: Visitor, path: str, fields: dict[str, str | list[str]]) -> int:
    answer = visitor.client.post(path, data=fields, headers={"Origin": ORIGIN})
    assert answer.status_code < 500, (path, fields, answer.status_code)
    return answer.status_code


def attack(visitor: Visitor, page: str, *, keep: tuple[str, ...] = ()) -> int:
    """Open a page and send each of its forms with one field after the other made hostile."""
    visitor.visit(page)
    forms = []
    for form in visitor.page.select("form[method=post]"):
        fields = {
            str(one["name"]): str(one.get("value") or one.get_text() or "")
            for one in form.select("input,select,textarea,button")
            if one.get("name")
        }
        forms.append((str(form.get("action") or visitor.path), fields))
    tried = 0
    for action, fields in forms:
        if re.search("sign-out|discard|withdrawal", action):
            continue
        for name in [*fields, "surplus"]:
            if name in keep:
                continue
            for value in HOSTILE:
                send(visitor, action, {**fields, name: value})
                tried += 1
    return tried


@pytest.fixture
def resident(visitor: Visitor, app: Flask) -> Visitor:
    a_third_hall(app, fees={"waivers": WAIVERS, "extras": EXTRAS, **UNCLEAR})
    is_signed_in(visitor)
    searched_for(holds(visitor, facility="nishi"), purpose="meeting", people="8")
    return visitor


def test_the_application(resident: Visitor):
    for question in ("equipment", "waiver", "people"):
        assert attack(resident, f"/midori/apply/{question}") > 20


def test_requests_and_answers_to_them(resident: Visitor, app: Flask):
    assert attack(resident, "/midori/waivers/new") > 20
    resident.visit("/midori/waivers/new").choose("障害のある方の団体")
    resident.fill("申請の理由", "理由").press("この内容で申請する")
    assert attack(resident, resident.path) > 10
    number = resident.path.rsplit("/", 1)[-1]
    assert attack(clerk(app), f"/midori/office/decisions/{number}") > 50


def test_an_open_fee(resident: Visitor, app: Flask):
    resident.visit("/midori/apply")
    for _question in range(3):
        resident.press("次へ進む")
    resident.press("この内容で申し込む").press("この予約を見る")
    number = resident.path.rsplit("/", 1)[-1]
    assert attack(clerk(app), f"/midori/desk/bookings/{number}/fee", keep=("line",)) > 50


@pytest.mark.parametrize("subject", ["fees", "terms", "calendar"])
def test_drafts_of_rules(resident: Visitor, app: Flask, subject: str):
    writer = clerk(app).visit(f"/midori/office/rules/nishi/{subject}").press("この決まりを直す")
    where = writer.path
    assert attack(writer, where) > 20
    for value in HOSTILE:
        for path in (f"{where}/rule?at={value}", f"{where}/rule?at=prices&kind={value}"):
            answer = writer.client.get(path.replace("\x00", "%00"))
            assert answer.status_code < 500, path
    section = {"fees": "prices.0", "terms": "reception.0", "calendar": "closings.0"}[subject]
    for at in (section, "rest"):
        assert attack(writer, f"{where}/rule?at={at}", keep=("seen_at",)) > 100
