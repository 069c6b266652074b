"""A program applies for somebody: the same rules, the same record, one mail."""

from sqlalchemy import text

from app.booking.looking import Looker, facility_day
from app.booking.queries import booking_numbered, bookings_of
from app.booking.rules.availability import Kind
from app.db import db
from app.db.session import tenant_scope
from tests import builders
from tests.api.calling import Program, a_token, an_application, codes, count, places, scalar


def test_a_booking_is_made_and_says_what_is_owed_until_when(program):
    answer = program.post("/bookings", an_application())
    made = answer.get_json()

    assert (made["state"], made["fee_yen"], made["owed_yen"]) == ("provisional", 800, 800)
    assert made["due_at"] == "2027-03-08T00:00:00+09:00"
    [line] = made["lines"]
    assert (line["facility"], line["room"], line["date"]) == ("chuo", "room-1", "2027-03-08")
    assert (line["from"], line["to"], line["state"]) == ("10:00", "12:00", "active")
    assert line["fee_lines"][0]["arithmetic"] == "400円 × 2時間"
    assert answer.headers["Location"] == f"/api/v1/midori/bookings/{made['number']}"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_answer_says_nothing_about_the_person(program):
    answer = program.post("/bookings", an_application(notes="玄関で待ちます"))

    for private in ("山田", "ヤマダ", "090-0000-0000", "hanako", "玄関"):
        assert private not in answer.text


def test_it_is_what_the_pages_see(app, program):
    number = program.post("/bookings", an_application()).get_json()["number"]

    with app.app_context():
        found = builders.catalogue_of("midori")
        account_id = builders.an_account("hanako@example.jp")
        with tenant_scope(found.tenant_id):
            booking = booking_numbered(db.session(), number)
            hall = found.facility_named("chuo")
            rooms = [(hall, hall.room_named("room-1"))]
            looker = Looker(builders.MONDAY_9AM, "resident")
            [day] = facility_day(db.session(), found, rooms, builders.NEXT_MONDAY, looker)
            states = {one.slot.id: one.kind for one in day.states}

            assert [one.number for one in bookings_of(db.session(), account_id)] == [number]
            assert (booking.applicant_name, booking.shown_name) == ("山田 花子", "みどりの会")
            assert (states["10:00"], states["11:00"]) == (Kind.TAKEN, Kind.TAKEN)
            assert states["12:00"] is Kind.FREE


def test_ledger_audit_and_one_mail_go_with_it(app, program):
    program.post("/bookings", an_application({}, {"room": "room-2"}))

    assert scalar(app, "select sum(yen) from ledger_entry") == 1400
    assert count(app, "delivery") == 1
    assert scalar(app, "select template from delivery") == "booking_made"
    assert scalar(app, "select email from delivery") == "hanako@example.jp"
    noted = "select actor_kind || ' ' || action from audit_entry where action = 'booking.made'"
    assert scalar(app, noted) == "program booking.made"
    token_id = scalar(app, "select id from api_token")
    assert scalar(app, "select token_id from audit_entry") == token_id
    jobs = "select count(*) from procrastinate_jobs where task_name = 'deliver_letter'"
    assert scalar(app, jobs) == 1


def test_a_booking_without_a_fee_is_certain_at_once(program):
    made = program.post("/bookings", an_application({"room": "lobby"})).get_json()

    assert (made["state"], made["due_at"], made["owed_yen"]) == ("confirmed", None, 0)


def test_adjacent_times_become_one_line(program):
    lines = ({"from": "10:00", "to": "11:00"}, {"from": "11:00", "to": "13:00"})

    [line] = program.post("/bookings", an_application(*lines)).get_json()["lines"]

    assert (line["from"], line["to"], line["fee_yen"]) == ("10:00", "13:00", 1200)


def test_the_end_of_the_day_is_24_00(app, program):
    with app.app_context():
        builders.a_facility(
            builders.tenant_id_of("midori"), "yoru", "夜の会館", position=9,
            calendar={"hours": [{"from": "9:00", "to": "24:00"}]},
        )  # fmt: skip
    app.extensions["municipalities"]._read_at = -1

    asked = an_application({"facility": "yoru", "from": "22:00", "to": "24:00"})
    [line] = program.post("/bookings", asked).get_json()["lines"]

    assert (line["from"], line["to"]) == ("22:00", "24:00")
    assert line["ends_at"] == "2027-03-09T00:00:00+09:00"


def test_all_or_nothing_and_every_refused_line_is_named(app, program):
    program.post("/bookings", an_application({"room": "room-2"}))

    asked = an_application(
        {}, {"room": "room-2"}, {"date": "2027-03-09"}, {"from": "10:30"}, {"room": "nowhere"}
    )
    problem = program.post("/bookings", asked, status=409).get_json()

    assert [(no["line"], no["code"]) for no in problem["refusals"]] == [
        (1, "slot.taken"), (2, "day.closed"), (3, "slot.unknown"), (4, "room.unknown"),
    ]  # fmt: skip
    assert problem["refusals"][1]["facts"] == {"name": "定休日"}
    assert problem["refusals"][1]["sentence"] == "この日は休館です（定休日）。"
    assert count(app, "booking") == 1
    assert count(app, "booking_line") == 1
    assert count(app, "delivery") == 1


def test_rules_about_the_use_name_the_line_too(program):
    lines = ({"from": "9:00", "to": "10:00"}, {"room": "room-2", "from": "9:00", "to": "10:00"})

    problem = program.post("/bookings", an_application(*lines, people=20), status=409).get_json()

    assert [(no["line"], no["code"]) for no in problem["refusals"]] == [(1, "room.over_capacity")]
    assert problem["refusals"][0]["facts"] == {"room": "第2会議室", "capacity": 12}
    assert "定員は12人" in problem["detail"]


def test_the_reception_period_is_that_of_the_applicant_class(program):
    asked = an_application({"date": "2027-03-22"}, applicant_class="outsider")

    problem = program.post("/bookings", asked, status=409).get_json()

    assert problem["refusals"][0]["code"] == "reception.not_yet"
    assert problem["refusals"][0]["facts"] == {"opens_at": "2027-03-08T09:00:00+09:00"}


def test_a_class_that_staff_decide_on_is_believed_of_those_who_have_it(app, program):
    asked = an_application(applicant_class="group")
    assert codes(program.post("/bookings", asked, status=409)) == ["applicant.not_of_class"]
    assert count(app, "resident") == 0

    with app.app_context():
        builders.a_resident(applicant_class="group")
    program.post("/bookings", asked)


def test_what_a_person_said_of_themselves_stays(app, program):
    with app.app_context():
        builders.a_resident(name="山田 花子（本人）")

    program.post("/bookings", an_application(name="だれか", phone="080-1111-1111"))

    assert scalar(app, "select name from resident") == "山田 花子（本人）"
    assert scalar(app, "select applicant_name from booking") == "だれか"


def test_quotas_count_what_was_applied_for_by_whatever_way(app, program):
    with app.app_context():
        quota = [{"id": "two", "name": "1か月に2回まで", "limit": 2}]
        tenant_id = builders.a_tenant("kuota", "132012", "くおた市", {"quotas": quota})
        builders.a_facility(tenant_id, "chuo", "会館")
    there = Program(app, "kuota", a_token(app, "kuota"))
    for room in ("room-1", "room-2"):
        there.post("/bookings", an_application({"room": room}))

    assert codes(there.post("/bookings", an_application({"room": "kitchen"}), status=409)) == [
        "quota.reached"
    ]


def test_what_a_hall_asks_by_itself_is_answered_and_kept(app, program):
    asks = [
        {"id": "piano", "label": "ピアノを使いますか", "kind": "yes_no", "required": True},
        {"id": "seats", "label": "いすの並べ方", "kind": "choice", "choices": ["円", "列"]},
    ]
    with app.app_context():
        tenant_id = builders.tenant_id_of("midori")
        builders.a_facility(tenant_id, "oto", "音の会館", position=9, terms={"questions": asks})
    app.extensions["municipalities"]._read_at = -1
    line = {"facility": "oto"}

    told = program.get("/facilities/oto").get_json()["questions"]
    assert [(one["id"], one["is_required"], one["choices"]) for one in told] == [
        ("piano", True, ["はい", "いいえ"]), ("seats", False, ["円", "列"]),
    ]  # fmt: skip
    for answers, place in (({}, "piano"), ({"piano": "yes"}, "piano"),
                           ({"piano": "はい", "seats": "山"}, "seats")):  # fmt: skip
        problem = program.post("/bookings", an_application(line, answers=answers), status=422)
        assert places(problem) == [f"/answers/{place}"]
    answers = {"piano": "いいえ", "seats": "列"}
    number = program.post("/bookings", an_application(line, answers=answers)).json["number"]
    assert program.get(f"/bookings/{number}").json["answers"] == answers


def test_text_is_kept_as_people_mean_it(app, program):
    asked = an_application(
        name="山田　花子　", phone="０９０−００００ー００００", email=" Hanako@Example.JP ",
        shown_name="𠮷野の会🎵", notes="１行目\r\n２行目\n",
    )  # fmt: skip

    program.post("/bookings", asked)

    assert scalar(app, "select applicant_name from booking") == "山田 花子"
    assert scalar(app, "select applicant_phone from booking") == "090-0000-0000"
    assert scalar(app, "select shown_name from booking") == "𠮷野の会🎵"
    assert scalar(app, "select notes from booking") == "1行目\n2行目"
    with app.app_context():
        emails = db.session.scalars(text("select email from account")).all()
    assert emails == ["hanako@example.jp"]


def test_a_booking_can_be_read_by_its_number_as_it_is_spoken_too(program):
    number = program.post("/bookings", an_application(notes="鍵は不要")).get_json()["number"]

    found = program.get(f"/bookings/{number}").get_json()

    assert found["applicant"] == {
        "name": "山田 花子", "kana": "ヤマダ ハナコ", "phone": "090-0000-0000",
        "applicant_class": "resident",
    }  # fmt: skip
    assert (found["notes"], found["people"], found["purpose"]) == ("鍵は不要", 10, "meeting")
    assert found["cancelling"][0]["is_possible"] is True
    assert found["cancelling"][0]["released_yen"] == 800
    assert program.get(f"/bookings/{number[:4]}-{number[4:]}").get_json() == found


def test_numbers_that_are_none_are_not_found(program):
    for number in ("00000000", "1", "9" * 500, "abc", "12345678-"):
        program.get(f"/bookings/{number}", status=404)
    program.send("GET", "/bookings/%00", status=404)
