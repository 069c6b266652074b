"""Where a use of some length fits when it is put elsewhere."""

from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.fitting import ending_at, fitted
from app.facilities.policy import PeriodDivision, UnitDivision
from app.facilities.rules import Slot

HOURS = [Slot(str(n), "", n * 60, (n + 1) * 60) for n in range(9, 22)]
UNIT = UnitDivision(kind="unit", minutes=60)
PERIODS = [Slot("am", "", 540, 720), Slot("pm", "", 780, 1020), Slot("night", "", 1080, 1320)]
THREE = PeriodDivision.model_validate(
    {
        "kind": "periods",
        "periods": [
            {"id": "am", "name": "午前", "from": "9:00", "to": "12:00"},
            {"id": "pm", "name": "午後", "from": "13:00", "to": "17:00"},
            {"id": "night", "name": "夜間", "from": "18:00", "to": "22:00"},
        ],
    }
)


def times(found):
    return (found.from_minute, found.to_minute) if found else None


@given(st.integers(9, 21), st.integers(1, 5))
def test_hours_keep_their_length_as_far_as_the_day_goes(begins: int, length: int):
    found = times(fitted(HOURS, UNIT, begins * 60, length * 60))

    assert found == (begins * 60, min(begins + length, 22) * 60)


def test_a_morning_takes_what_lies_nearest():
    assert times(fitted(PERIODS, THREE, 540, 120)) == (540, 720)
    assert times(fitted(PERIODS, THREE, 780, 180)) == (780, 1020)
    assert times(fitted(PERIODS, THREE, 700, 60)) == (780, 1020)


def test_periods_with_an_hour_between_them_are_no_one_use():
    """Unless the rule says that the hour between belongs to it."""
    included = THREE.model_copy(update={"gap": THREE.gap.model_copy(update={"use": "included"})})

    assert times(fitted(PERIODS, THREE, 540, 480)) == (540, 720)
    assert times(fitted(PERIODS, included, 540, 480)) == (540, 1020)


def test_an_end_is_put_where_a_slot_ends():
    assert times(ending_at(HOURS, UNIT, 600, 840)) == (600, 840)
    assert times(ending_at(HOURS, UNIT, 600, 850)) == (600, 840)
    assert times(ending_at(HOURS, UNIT, 600, 300)) == (600, 660)
    assert ending_at(HOURS, UNIT, 605, 840) is None


def test_a_closed_day_has_no_place():
    assert fitted([], UNIT, 540, 60) is None
    assert ending_at([], UNIT, 540, 600) is None
