"""What a program may send by mistake or on purpose: refused in words, never an error of ours."""

import json

from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from tests.api.calling import LINE, Program, an_application, count, places

DEEP = "[" * 100_000 + "]" * 100_000
HUGE = "1" * 5_000


def bodies_that_are_no_json():
    yield ""
    yield "{"
    yield "山田".encode("shift_jis")
    yield b"\xff\xfe\x00"
    yield b'{"people": 1\x00}'
    yield DEEP
    yield '{"people": ' + HUGE + "}"
    yield json.dumps(an_application())[:-1]


def test_what_is_no_json_is_400(app, program):
    for body in list(bodies_that_are_no_json())[1:]:
        answer = program.send(
            "POST", "/bookings", status=400, data=body, **{"Idempotency-Key": "k"}
        )
        assert answer.json["type"] == "about:blank", body[:30]
    assert count(app, "idempotent_answer") == 0


def test_what_is_sent_as_something_else_is_415(program):
    body = json.dumps(an_application())
    for mimetype in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
        headers = {"Idempotency-Key": "k", "Content-Type": mimetype}
        program.send("POST", "/bookings", status=415, data=body, **headers)


def test_what_is_too_large_is_413(program):
    program.post("/bookings", an_application(notes="あ" * 300_000), status=413)


def test_no_body_and_other_kinds_of_json_are_422(program):
    for body in (None, [], "text", 1, True, [an_application()]):
        places_of = places(program.post("/bookings", body, status=422))
        assert places_of


WRONG = [
    ("/people", {"people": "10"}),
    ("/people", {"people": 10.0}),
    ("/people", {"people": 1.5}),
    ("/people", {"people": True}),
    ("/people", {"people": None}),
    ("/people", {"people": 0}),
    ("/people", {"people": -1}),
    ("/people", {"people": 10_000}),
    ("/people", {"people": 10**400}),
    ("/people", {"people": float("nan")}),
    ("/people", {"people": float("inf")}),
    ("/people", {"people": [1]}),
    ("/admission_yen", {"admission_yen": 10**9}),
    ("/admission_yen", {"admission_yen": -1}),
    ("/is_for_profit", {"is_for_profit": "true"}),
    ("/is_for_profit", {"is_for_profit": 1}),
    ("/purpose", {"purpose": "war"}),
    ("/purpose", {"purpose": ""}),
    ("/purpose", {"purpose": "a\x00"}),
    ("/purpose", {"purpose": {"id": "meeting"}}),
    ("/notes", {"notes": "あ" * 1001}),
    ("/notes", {"notes": "a\x00b"}),
    ("/notes", {"notes": "\ud800"}),
    ("/notes", {"notes": "\x1b[31m"}),
    ("/notes", {"notes": ["a"]}),
    ("/shown_name", {"shown_name": "あ" * 41}),
    ("/applicant/name", {"name": ""}),
    ("/applicant/name", {"name": "　"}),
    ("/applicant/name", {"name": "a" * 101}),
    ("/applicant/name", {"name": "\ufdfa" * 90}),
    ("/applicant/name", {"name": 5}),
    ("/applicant/kana", {"kana": "\x07"}),
    ("/applicant/phone", {"phone": "電話なし"}),
    ("/applicant/phone", {"phone": "1234"}),
    ("/applicant/phone", {"phone": "0" * 16}),
    ("/applicant/phone", {"phone": "090-0000-0000; drop"}),
    ("/applicant/email", {"email": "hanako"}),
    ("/applicant/email", {"email": "a@b@example.jp"}),
    ("/applicant/email", {"email": "a\r\nBcc: x@example.jp"}),
    ("/applicant/email", {"email": "a" * 300 + "@example.jp"}),
    ("/applicant/applicant_class", {"applicant_class": "king"}),
    ("/lines", {"lines": []}),
    ("/lines", {"lines": {}}),
    ("/lines", {"lines": None}),
    ("/lines", {"lines": [LINE] * 61}),
    ("/lines/0", {"lines": [5]}),
    ("/answers", {"answers": []}),
    ("/answers", {"answers": "a"}),
    ("/answers/piano", {"answers": {"piano": "はい"}}),
    ("/answers/a", {"answers": {"a": 1}}),
    ("/answers/a", {"answers": {"a": "\x00"}}),
    ("/answers/A~1", {"answers": {"A/": "a"}}),
    ("/answers/admission_yen", {"answers": {"admission_yen": "0"}}),
    ("/nobody_knows", {"nobody_knows": 1}),
    ("/a~1b~0c", {"a/b~c": 1}),
    ("/?", {"\ud800": 1}),
]
WRONG_LINES = [
    ("/lines/0/date", {"date": "2027-02-29"}),
    ("/lines/0/date", {"date": "2027-3-8"}),
    ("/lines/0/date", {"date": "20270308"}),
    ("/lines/0/date", {"date": "２０２７-03-08"}),
    ("/lines/0/date", {"date": "9999-12-31"}),
    ("/lines/0/date", {"date": "0001-01-01"}),
    ("/lines/0/date", {"date": "2027-03-08T10:00:00+09:00"}),
    ("/lines/0/date", {"date": 20270308}),
    ("/lines/0/from", {"from": "24:01"}),
    ("/lines/0/from", {"from": "25:00"}),
    ("/lines/0/from", {"from": "10:60"}),
    ("/lines/0/from", {"from": "10"}),
    ("/lines/0/from", {"from": 10}),
    ("/lines/0/from", {"from": "１０:00"}),
    ("/lines/0/from", {"from": "-1:00"}),
    ("/lines/0/to", {"from": "12:00", "to": "12:00"}),
    ("/lines/0/to", {"from": "24:00", "to": "24:00"}),
    ("/lines/0/to", {"from": "13:00", "to": "9:00"}),
    ("/lines/0/to", {"to": None}),
    ("/lines/0/room", {"room": "Room 1"}),
    ("/lines/0/room", {"room": "room-1\n"}),
    ("/lines/0/room", {"room": "a" * 61}),
    ("/lines/0/facility", {"facility": "\x00"}),
    ("/lines/0/minutes", {"minutes": 3}),
]


def test_every_mistake_is_told_by_its_place(app, program):
    asked = [(p, an_application(**change)) for p, change in WRONG if "lines" not in change]
    asked += [(p, {**an_application(), **change}) for p, change in WRONG if "lines" in change]
    asked += [(place, an_application(line)) for place, line in WRONG_LINES]

    for place, application in asked:
        problem = program.post("/bookings", application, status=422)
        assert place in places(problem) or places(problem) == [place + "/_schema"], application
        assert problem.json["type"] == "urn:kaikan:problem:invalid"
        assert all(one["detail"] for one in problem.json["errors"])

    assert count(app, "booking") == count(app, "idempotent_answer") == count(app, "resident") == 0


def test_all_mistakes_are_told_at_once(program):
    found = places(program.post("/bookings", {"lines": [{}, {"room": 1}]}, status=422))

    assert {"/applicant", "/purpose", "/people", "/lines/0/date", "/lines/1/room"} <= set(found)


def test_an_answer_is_not_as_long_as_the_mistakes(program):
    asked = {"x" * 50_000 + str(n): n for n in range(2)} | {f"y{n}": n for n in range(5_000)}

    answer = program.post("/bookings", asked, status=422)

    assert len(answer.json["errors"]) == 50
    assert len(answer.data) < 20_000


def test_rules_refuse_what_is_well_formed_but_can_not_be(app, program):
    for line in (
        {"date": "2000-01-01"}, {"date": "2099-12-31"}, {"date": "2028-02-29"},
        {"from": "0:00", "to": "24:00"}, {"from": "10:01", "to": "10:02"},
    ):  # fmt: skip
        program.post("/bookings", an_application(line), status=409)
    program.post("/bookings", an_application(*[{}] * 60))  # the same use sixty times is one use
    assert count(app, "booking_line") == 1


def test_text_for_a_database_is_text(app, program):
    program.post("/bookings", an_application(name="'); drop table booking; --", shown_name="{{7}}"))

    assert count(app, "booking") == 1


OTHER_PATHS = [
    ("GET", "/bookings", 405),
    ("PUT", "/bookings", 405),
    ("DELETE", "/bookings/12345678", 405),
    ("GET", "/bookings/12345678/cancellation", 405),
    ("POST", "/facilities", 405),
    ("PATCH", "/facilities/chuo", 405),
    ("GET", "/bookings/", 404),
    ("GET", "/", 404),
    ("GET", "", 404),
    ("GET", "/facilities/chuo/", 404),
    ("GET", "/%ff%fe", 404),
    ("GET", "/facilities/%E4%B8%AD", 404),
    ("GET", "/../aoba/facilities", 404),
    ("TRACE", "/facilities", 405),
    ("MADE-UP", "/facilities", 405),
]


def test_other_paths_and_methods_are_problems_too(program):
    for method, path, status in OTHER_PATHS:
        answer = program.client.open(program.root + path, method=method)

        assert answer.status_code == status, path
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == status
        if status == 405:
            assert "OPTIONS" in answer.headers["Allow"]


def test_an_error_of_ours_is_a_problem_that_tells_nothing(app, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("a secret of the machine")

    monkeypatch.setattr("app.web.api.facilities.facility_words", fail)

    answer = Program(app).client.get("/api/v1/midori/facilities")

    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"]


def test_when_it_is_busy_nothing_is_kept_and_it_may_be_sent_again(app, program, monkeypatch):
    def wait_in_vain(*_, **__):
        raise OperationalError("insert", {}, LockNotAvailable())

    with monkeypatch.context() as patch:
        patch.setattr("app.web.api.bookings.apply_for", wait_in_vain)
        answer = program.post("/bookings", an_application(), status=503, key="k-1")

    assert answer.headers["Retry-After"] == "1"
    assert count(app, "idempotent_answer") == 0
    program.post("/bookings", an_application(), key="k-1")


def test_a_path_of_the_api_outside_of_any_municipality_is_a_problem(app):
    for path in ("/api/", "/api/v1/", "/api/v2/midori/facilities", "/api/v1/openapi.yaml"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
