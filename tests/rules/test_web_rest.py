"""Days on which a municipality lets people only look, and uses that are too short or too long."""

from datetime import datetime

import pytest

from app.booking.rules import reception
from app.booking.rules.days import Place
from app.booking.rules.runs import length_refusals, runs_of
from app.facilities.policy import UnitDivision
from app.facilities.rules import Slot
from app.kernel.clock import TOKYO
from app.kernel.refusals import Refusal
from tests.rules.catalogues import a_catalogue

SATURDAY = datetime(2027, 3, 6, 10, 0, tzinfo=TOKYO)
MONDAY = datetime(2027, 3, 8, 0, 0, tzinfo=TOKYO)
WEEKENDS = [{"kind": "weekly", "weekdays": ["sat", "sun"]}]


def a_place(**calendar: object) -> Place:
    found = a_catalogue(calendar={"office_closings": WEEKENDS, **calendar})
    return Place(found, found.facilities[0])


def test_nothing_can_be_applied_for_while_the_office_is_closed_where_the_rule_says_so() -> None:
    place = a_place(web_on_office_closed_days="view_only")

    refused = reception.view_only(place, SATURDAY)

    assert refused == Refusal("reception.view_only", {"opens_at": MONDAY})


def test_everything_can_be_applied_for_while_the_office_is_closed_otherwise() -> None:
    assert reception.view_only(a_place(), SATURDAY) is None


def test_on_an_open_day_the_rule_has_no_effect() -> None:
    place = a_place(web_on_office_closed_days="view_only")

    assert reception.view_only(place, MONDAY) is None


def test_the_halls_own_closing_day_is_another_thing_than_the_offices() -> None:
    place = a_place(web_on_closing_days="view_only")

    assert reception.view_only(place, SATURDAY) is None
    assert reception.view_only(place, datetime(2027, 3, 9, 10, 0, tzinfo=TOKYO)) is not None


@pytest.mark.parametrize(
    ("hours", "codes"),
    [(1, ["slot.too_short"]), (2, []), (3, []), (4, ["slot.too_long"])],
    ids=["below the least", "the least", "the most", "above the most"],
)
def test_a_use_lasts_between_the_least_and_the_most(hours: int, codes: list[str]) -> None:
    division = UnitDivision(kind="unit", minutes=60, at_least=2, at_most=3)
    slots = [Slot(str(n), "", n * 60, (n + 1) * 60) for n in range(9, 9 + hours)]

    found = length_refusals(runs_of(slots, division)[0], division)

    assert [no.code for no in found] == codes
