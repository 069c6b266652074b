"""What a tariff has to know of a use: what can move its fee is asked, and nothing else."""

from typing import Any

from app.fees.policy import Tariff
from app.fees.rules import mentioned, needs
from tests.rules.test_tariffs import CITED, HOURLY, rule, tariff

PROFIT = {"attributes": ["for-profit"], "percent": 100}
TICKETS = {"admission": {"from": 1}, "percent": 50}


def of(table: Tariff, room: str = "room", applicant_class: str = "resident") -> Any:
    return needs(table, room, applicant_class)


def test_a_plain_table_asks_nothing():
    assert of(tariff(HOURLY)) == needs(tariff(HOURLY), "other", "resident")
    assert not of(tariff(HOURLY)).admission
    assert not of(tariff(HOURLY)).for_profit


def test_admission_and_profit_are_asked_where_a_surcharge_depends_on_them():
    table = tariff(HOURLY, surcharges=[rule("profit", **PROFIT), rule("tickets", **TICKETS)])

    assert of(table).admission
    assert of(table).for_profit


def test_not_in_a_room_or_of_a_class_that_the_surcharge_leaves_alone():
    elsewhere = rule("profit", rooms=["hall"], **PROFIT)
    others = rule("tickets", classes=["outsider"], **TICKETS)
    table = tariff(HOURLY, surcharges=[elsewhere, others])

    assert not of(table).for_profit
    assert of(table, "hall").for_profit
    assert not of(table).admission
    assert of(table, applicant_class="outsider").admission


def test_a_question_that_the_rule_leaves_open_is_asked_too():
    open_one = {"id": "open", "when": "admission_from", "admission_yen": 1000, "because": "…"}

    assert of(tariff(HOURLY, open_questions=[open_one])).admission
    assert not of(tariff(HOURLY, open_questions=[{**open_one, "rooms": ["hall"]}])).admission


def test_yes_or_no_questions_are_known_even_where_they_do_not_matter():
    table = tariff(HOURLY, surcharges=[rule("fire", rooms=["hall"], attributes=["fire"], yen=500)])

    assert mentioned(table) == {"fire"}
    assert of(table).attributes == frozenset()
    assert of(table, "hall").attributes == {"fire"}


def test_equipment_of_the_room_can_be_asked_for_but_not_what_comes_by_itself():
    extras = [
        rule("piano", yen=1030, rooms=["hall"]),
        rule("heating", part="heating", yen_by_room={"hall": 3420, "room": 570}),
        rule("season", part="heating", percent=20, is_automatic=True),
    ]
    table = tariff(HOURLY, extras=extras)

    assert [one.id for one in of(table).extras] == ["heating"]
    assert [one.id for one in of(table, "hall").extras] == ["piano", "heating"]
    assert of(table, "kitchen").extras == ()


def test_people_are_counted_by_category_where_each_has_a_price():
    pool = {
        "kind": "per_person", "id": "pool", "rooms": ["pool"], "citation": CITED, "per": "use",
        "yen": {"adult": 500, "child": 200}, "names": {"adult": "大人"},
    }  # fmt: skip
    table = tariff(HOURLY, pool)

    assert of(table, "pool").people == (("adult", "大人"), ("child", "child"))
    assert of(table).people == ()


def test_a_share_of_another_rooms_price_asks_what_that_room_asks():
    stage = {
        "kind": "share_of", "id": "stage", "rooms": ["stage"], "of": "room", "percent": 50,
        "citation": CITED,
    }  # fmt: skip
    table = tariff({**HOURLY, "per_item": True}, stage)

    assert of(table, "stage").items


def test_what_matters_in_one_reading_only_is_asked():
    unclear = {
        "id": "unclear", "because": "読み方が2つあります。",
        "readings": [
            {"name": "とる", "change": {"more": {"attributes": ["for-profit"]}}},
            {"name": "とらない", "change": {"more": {"percent": 0}}},
        ],
    }  # fmt: skip
    table = tariff(HOURLY, surcharges=[rule("more", percent=100)], unclear=[unclear])

    assert of(table).for_profit
