"""A program cancels: whole or in part, once, within the applicant's own deadline."""

from datetime import timedelta

import pytest

from app.db.audit import Actor
from app.db.session import tenant_scope
from app.usecases.lapsing import lapse_overdue
from tests import builders
from tests.api.calling import an_application, codes, count, scalar
from tests.usecases import steps


@pytest.fixture
def made(program):
    lines = ({}, {"room": "room-2"})
    return program.post("/bookings", an_application(*lines)).get_json()


def test_a_booking_is_cancelled_whole(app, program, made):
    path = f"/bookings/{made['number']}/cancellation"

    ended = program.post(path, status=200).get_json()

    assert (ended["state"], ended["owed_yen"]) == ("cancelled", 0)
    assert {line["state"] for line in ended["lines"]} == {"cancelled"}
    assert [one["released_yen"] for one in ended["cancelled"]] == [800, 600]
    assert scalar(app, "select count(*) from occupancy where live") == 0
    assert scalar(app, "select actor_kind from audit_entry order by id desc limit 1") == "program"
    assert scalar(app, "select count(*) from delivery where template = 'booking_cancelled'") == 1


def test_one_line_is_cancelled_and_the_other_stands(program, made):
    path = f"/bookings/{made['number']}/cancellation"

    ended = program.post(path, {"lines": [made["lines"][0]["id"]]}, status=200).get_json()

    assert ended["state"] == "provisional"
    assert [line["state"] for line in ended["lines"]] == ["cancelled", "active"]
    assert ended["owed_yen"] == 600


def test_asked_twice_it_is_done_once(app, program, made):
    path = f"/bookings/{made['number']}/cancellation"
    program.post(path, {}, status=200)

    again = program.post(path, {}, status=200).get_json()

    assert (again["state"], again["cancelled"]) == ("cancelled", [])
    assert count(app, "ledger_entry") == 4
    assert scalar(app, "select count(*) from delivery where template = 'booking_cancelled'") == 1


def test_under_a_key_the_same_answer_comes_back(program, made):
    path = f"/bookings/{made['number']}/cancellation"
    first = program.post(path, {}, status=200, key="c-1")

    assert program.post(path, {}, status=200, key="c-1").data == first.data
    body = {"lines": [made["lines"][0]["id"]]}
    assert program.post(path, body, status=422, key="c-1").json["type"].endswith("key-reused")


def test_after_the_deadline_only_the_hall_can(clock, program, made):
    clock.now += timedelta(days=7)  # the use is today
    path = f"/bookings/{made['number']}/cancellation"

    found = program.get(f"/bookings/{made['number']}").get_json()
    problem = program.post(path, status=409)

    assert found["cancelling"][0]["is_possible"] is False
    assert found["cancelling"][0]["reason"]["code"] == "cancel.too_late"
    assert set(codes(problem)) == {"cancel.too_late"}
    assert problem.json["refusals"][0]["facts"]["until"] == "2027-03-08T00:00:00+09:00"


def test_a_line_of_another_booking_can_not_be_cancelled_through_this_one(program, made):
    other = program.post("/bookings", an_application({"room": "kitchen"})).get_json()
    path = f"/bookings/{made['number']}/cancellation"

    for lines in ([other["lines"][0]["id"]], [made["lines"][0]["id"], 2**63 - 1]):
        assert codes(program.post(path, {"lines": lines}, status=409)) == ["cancel.nothing_chosen"]
    assert program.get(f"/bookings/{other['number']}").get_json()["state"] == "provisional"


def test_what_was_paid_comes_back_as_the_rules_say(app, program, made):
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            booking_id = scalar(app, "select id from booking")
            clerk = Actor("staff", account_id=builders.an_account("kanri@example.jp"))
            steps.receives(found.tenant_id, booking_id, yen=1400, actor=clerk)

    ended = program.post(f"/bookings/{made['number']}/cancellation", status=200).get_json()

    assert [one["refund_yen"] for one in ended["cancelled"]] == [400, 300]  # 7 days: half
    assert (ended["paid_yen"], ended["owed_yen"]) == (1400, -700)


def test_a_booking_that_lapsed_stays_lapsed(app, clock, program, made):
    clock.now += timedelta(days=6, hours=23)
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        lapse_overdue(now=clock())

    ended = program.post(f"/bookings/{made['number']}/cancellation", status=200).get_json()

    assert (ended["state"], ended["cancelled"]) == ("lapsed", [])


def test_what_can_be_sent(program, made):
    path = f"/bookings/{made['number']}/cancellation"
    for body in ({"lines": []}, {"lines": ["1"]}, {"lines": [0]}, {"lines": None}, {"line": 1}, []):
        program.post(path, body, status=422)
    program.post("/bookings/99999999/cancellation", {}, status=404)
