"""What is free, slot by slot; never who has the rest."""

import json
from datetime import timedelta

from app.booking.service.baskets import Chooser
from app.db.session import tenant_scope
from app.usecases.choosing import choose
from tests import builders
from tests.api.calling import an_application

WEEK = "/facilities/chuo/availability?from=2027-03-08&to=2027-03-14"
DAY = "/facilities/chuo/availability?from=2027-03-08&to=2027-03-08&room=room-1"


def slots_of(answer, room="room-1", date="2027-03-08"):
    rooms = {one["room"]: one for one in answer.get_json()["rooms"]}
    days = {one["date"]: one for one in rooms[room]["days"]}
    return {slot["from"]: slot for slot in days[date]["slots"]}


def hold(app, clock, hours=(10, 12), room="room-1"):
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            wish = builders.a_wish(found, room, hours=hours)
            choose(found, Chooser("k1", "resident"), [wish], now=clock())


def test_a_free_slot_tells_its_times_and_its_fee(anybody):
    slot = slots_of(anybody.get(DAY))["10:00"]

    assert slot == {
        "slot": "10:00", "name": "",
        "starts_at": "2027-03-08T10:00:00+09:00", "ends_at": "2027-03-08T11:00:00+09:00",
        "from": "10:00", "to": "11:00", "from_minute": 600, "to_minute": 660,
        "state": "free", "fee_yen": 400, "reason": None, "possible_from": None,
    }  # fmt: skip


def test_a_week_has_all_rooms_and_closed_days_say_why(anybody):
    rooms = anybody.get(WEEK).get_json()["rooms"]

    assert len(rooms) == 7
    assert {len(room["days"]) for room in rooms} == {7}
    tuesday = rooms[0]["days"][1]
    assert (tuesday["is_open"], tuesday["closed_because"], tuesday["slots"]) == (
        False, "定休日", [],
    )  # fmt: skip


def test_a_booked_slot_is_taken_and_says_nothing_of_whose_it_is(program, anybody):
    asked = an_application(name="鈴木 一郎", email="ichiro@example.jp", shown_name="ひみつの会")
    number = program.post("/bookings", asked).get_json()["number"]

    answer = anybody.get(WEEK)

    slot = slots_of(answer)["10:00"]
    assert (slot["state"], slot["reason"]) == ("taken", {"code": "slot.taken", "facts": {}})
    for secret in ("鈴木", "ichiro", "ひみつ", number, "090-0000-0000", "kanri"):
        assert secret not in answer.text


def test_a_booked_half_takes_the_whole_and_leaves_the_other_half(program, anybody):
    program.post("/bookings", an_application({"room": "hall-east", "from": "9:00"}))

    answer = anybody.get(WEEK)

    assert slots_of(answer, "hall")["09:00"]["state"] == "taken"
    assert slots_of(answer, "hall-west")["09:00"]["state"] == "free"


def test_a_held_slot_says_until_when(app, clock, anybody):
    hold(app, clock)

    slot = slots_of(anybody.get(DAY))["11:00"]

    assert slot["state"] == "taken"
    assert slot["reason"] == {
        "code": "slot.held", "facts": {"until": "2027-03-01T09:15:00+09:00"},
    }  # fmt: skip
    assert slot["possible_from"] == "2027-03-01T09:15:00+09:00"


def test_a_hold_that_ran_out_is_free_again(app, clock, anybody):
    hold(app, clock)
    clock.now += timedelta(minutes=15)

    assert slots_of(anybody.get(DAY))["11:00"]["state"] == "free"


def test_before_the_reception_period_a_slot_says_from_when(anybody):
    path = "/facilities/chuo/availability?from=2027-06-07&to=2027-06-07&room=room-1"

    slot = slots_of(anybody.get(path), date="2027-06-07")["10:00"]

    assert (slot["state"], slot["reason"]["code"]) == ("outside", "reception.not_yet")
    assert slot["reason"]["facts"] == {"opens_at": "2027-04-01T09:00:00+09:00"}
    assert slot["possible_from"] == "2027-04-01T09:00:00+09:00"


def test_what_is_past_is_past(anybody):
    path = "/facilities/chuo/availability?from=2027-03-01&to=2027-03-01&room=room-1"

    slots = slots_of(anybody.get(path), date="2027-03-01")

    assert (slots["09:00"]["state"], slots["09:00"]["reason"]["code"]) == ("past", "slot.past")


def test_another_applicant_class_has_another_reception_period(anybody):
    slots = slots_of(anybody.get(f"{DAY}&applicant_class=outsider"))
    far = "/facilities/chuo/availability?from=2027-03-22&to=2027-03-22&room=room-1"

    assert slots["10:00"]["state"] == "free"
    answer = anybody.get(f"{far}&applicant_class=outsider")
    assert slots_of(answer, date="2027-03-22")["10:00"]["state"] == "outside"
    assert slots_of(anybody.get(far), date="2027-03-22")["10:00"]["state"] == "free"


def test_24_00_is_an_end(app, anybody):
    with app.app_context():
        tenant_id = builders.tenant_id_of("midori")
        builders.a_facility(
            tenant_id, "yoru", "夜の会館", position=9,
            calendar={"hours": [{"from": "9:00", "to": "24:00"}]},
        )  # fmt: skip
    app.extensions["municipalities"]._read_at = -1

    answer = anybody.get(DAY.replace("chuo", "yoru"))

    last = slots_of(answer)["23:00"]
    assert (last["to"], last["to_minute"]) == ("24:00", 1440)
    assert last["ends_at"] == "2027-03-09T00:00:00+09:00"


def test_31_days_at_most_and_real_days_only(anybody):
    path = "/facilities/chuo/availability?"
    anybody.get(f"{path}from=2027-03-01&to=2027-03-31")
    anybody.get(f"{path}from=2028-02-29&to=2028-02-29")  # a leap day
    for wrong, parameter in {
        "from=2027-03-01&to=2027-04-01": "to",
        "from=2027-03-02&to=2027-03-01": "to",
        "from=2027-02-29&to=2027-03-01": "from",
        "from=2027-3-1&to=2027-03-01": "from",
        "from=20270301&to=2027-03-01": "from",
        "from=9999-12-31&to=9999-12-31": "from",
        "from=0001-01-01&to=0001-01-01": "from",
        "from=%00&to=2027-03-01": "from",
        "from=&to=2027-03-01": "from",
        "to=2027-03-01": "from",
        "from=2027-03-01": "to",
        "from=2027-03-01&to=2027-03-01&room=nowhere": "room",
        "from=2027-03-01&to=2027-03-01&room=%00": "room",
        "from=2027-03-01&to=2027-03-01&room=" + "a" * 999: "room",
        "from=2027-03-01&to=2027-03-01&applicant_class=king": "applicant_class",
        "from=2027-03-01&to=2027-03-01&days=3": "days",
    }.items():
        problem = anybody.get(path + wrong, status=422).get_json()
        assert parameter in {one["parameter"] for one in problem["errors"]}, wrong


def test_the_answer_is_one_line_of_utf8(anybody):
    answer = anybody.get(DAY)

    assert json.loads(answer.data.decode("utf-8"))["rooms"][0]["name"] == "第1会議室"
    assert "\\u" not in answer.text
