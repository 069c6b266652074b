"""What no page of ours would send: every route answers, and none with a fault of ours."""

from urllib.parse import quote

import pytest
from flask import Flask

from tests import builders
from tests.pages import ORIGIN, Visitor
from tests.web.every_route import routes
from tests.web.situations import is_signed_in

HOSTILE = (
    "\x00",
    "\ud800",  # half of a character
    "９" * 400,
    "²",  # a digit that is no number
    "2026-02-30",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "あ" * 10_001,
    "\r\nSet-Cookie: a=b",
    "𠮷💣",
)
FIELDS = (
    "q on from to people part purpose facility room at back next email code name kana phone"
    " applicant_class notes shown_name basket lines agreed_yen rest state sort page month status"
    " size days rooms reason"
)
GIVEN = {
    "municipality": "midori", "facility": "chuo", "room": "room-1", "on": "2027-03-08",
    "of": "2027-03", "number": "12345678", "question": "notes",
    "request_id": "1", "paper_id": "1", "entitlement_id": "1", "draft_id": "1", "subject": "fees",
}  # fmt: skip


def signed_in(app: Flask, who: str) -> Visitor:
    visitor = Visitor(app)
    if who == "resident":
        is_signed_in(visitor)
    if who == "clerk":
        with app.app_context():
            account = builders.a_staff_member(role="clerk", facility=None)
            visitor.sign_in_as(builders.a_session_token(app, account, is_staff=True))
    return visitor


def fields(turn: int) -> str:
    """Return a form in which each field holds something hostile, another one each turn."""
    said = [quote(one.encode("utf-8", "surrogatepass")) for one in HOSTILE]
    names = FIELDS.split()
    return "&".join(f"{name}={said[(n + turn) % len(said)]}" for n, name in enumerate(names))


@pytest.mark.parametrize(
    ("who", "turn"),
    [("nobody", 0), ("resident", 1), ("resident", 5), ("clerk", 2), ("clerk", 4), ("clerk", 9)],
)
def test_no_route_answers_with_a_fault_of_ours(app, who, turn):
    client = signed_in(app, who).client
    asked = 0

    for method, path in routes(app, GIVEN):
        sent = {"data": fields(turn)} if method == "POST" else {"query_string": fields(turn)}
        answer = client.open(
            path,
            method=method,
            headers={"Origin": ORIGIN},
            content_type="application/x-www-form-urlencoded",
            **sent,
        )
        asked += 1
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
        assert "a=b" not in str(answer.headers.getlist("Set-Cookie")), path

    assert asked > 60


@pytest.mark.parametrize("who", ["resident", "clerk"])
def test_a_wrong_method_outside_every_municipality_is_told_to_whoever_is_signed_in(app, who):
    answer = signed_in(app, who).client.post("/", headers={"Origin": ORIGIN})

    assert answer.status_code == 405
