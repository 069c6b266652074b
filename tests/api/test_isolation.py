"""Two municipalities with the same words: neither sees or touches anything of the other."""

import pytest

from tests.api.calling import Program, an_application, codes, count

WEEK = "/facilities/chuo/availability?from=2027-03-08&to=2027-03-14"


@pytest.fixture
def made(program):
    return program.post("/bookings", an_application()).get_json()


def test_lists_hold_only_ones_own(app, made):
    there = Program(app, "aoba")

    facilities = there.get("/facilities").get_json()
    assert [one["name"] for one in facilities["facilities"]] == ["町民会館"]
    there.get("/facilities/kita", status=404)
    there.get("/facilities/kita/rooms", status=404)
    there.get(WEEK.replace("chuo", "kita"), status=404)
    free = there.get(WEEK).get_json()["rooms"][0]["days"][0]["slots"]
    assert {slot["state"] for slot in free} == {"free"}


def test_a_booking_of_another_municipality_is_not_there(app, neighbour, made):
    number, [line] = made["number"], made["lines"]

    neighbour.get(f"/bookings/{number}", status=404)
    neighbour.post(f"/bookings/{number}/cancellation", status=404)
    neighbour.post(f"/bookings/{number}/cancellation", {"lines": [line["id"]]}, status=404)


def test_its_lines_can_not_be_cancelled_through_ones_own_booking(app, program, neighbour, made):
    own = neighbour.post("/bookings", an_application()).get_json()["number"]
    theirs = [made["lines"][0]["id"]]

    problem = neighbour.post(f"/bookings/{own}/cancellation", {"lines": theirs}, status=409)

    assert codes(problem) == ["cancel.nothing_chosen"]
    assert program.get(f"/bookings/{made['number']}").get_json()["state"] == "provisional"


def test_tokens_do_not_open_the_neighbours_door(app, program, neighbour, made):
    for token, slug in ((program.token, "aoba"), (neighbour.token, "midori")):
        stranger = Program(app, slug, token)
        stranger.post("/bookings", an_application(), status=401)
        stranger.get(f"/bookings/{made['number']}", status=401)
        stranger.post(f"/bookings/{made['number']}/cancellation", status=401)
    assert (count(app, "booking"), count(app, "booking", "aoba")) == (1, 0)


def test_a_hall_of_the_neighbours_can_not_be_applied_for(app, neighbour):
    problem = neighbour.post("/bookings", an_application({"facility": "kita"}), status=409)

    assert codes(problem) == ["room.unknown"]


def test_the_same_key_means_another_request_elsewhere(app, program, neighbour):
    here = program.post("/bookings", an_application(), key="the-same").get_json()
    there = neighbour.post("/bookings", an_application(), key="the-same").get_json()

    assert here["number"] != there["number"]
    assert (count(app, "booking"), count(app, "booking", "aoba")) == (1, 1)
    assert (count(app, "idempotent_answer"), count(app, "idempotent_answer", "aoba")) == (1, 1)


def test_a_person_in_both_is_known_to_each_by_what_was_said_there(app, program, neighbour):
    program.post("/bookings", an_application(name="山田 花子"))
    neighbour.post("/bookings", an_application(name="ヤマダ"))

    assert (count(app, "resident"), count(app, "resident", "aoba")) == (1, 1)


def test_a_municipality_that_is_none_is_not_found(app, program):
    Program(app, "nowhere", program.token).get("/facilities", status=404)
    Program(app, "nowhere", program.token).post("/bookings", an_application(), status=404)
