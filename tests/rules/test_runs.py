"""Slots next to one another are one use; adding and taking away never loses or invents a minute."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.runs import Run, length_refusals, runs_of, slots_between
from app.facilities.policy import PeriodDivision, UnitDivision
from app.facilities.rules import Slot

HOURS = UnitDivision(kind="unit", minutes=60)
HOURLY = tuple(Slot(f"{hour:02d}:00", "", hour * 60, hour * 60 + 60) for hour in range(9, 22))
PERIODS = [
    {"id": "am", "name": "午前", "from": "9:00", "to": "12:00"},
    {"id": "noon", "name": "昼", "from": "12:00", "to": "13:00"},
    {"id": "pm", "name": "午後", "from": "13:30", "to": "17:00"},
    {"id": "night", "name": "夜間", "from": "18:00", "to": "24:00"},
]


def in_periods(use: str) -> tuple[PeriodDivision, tuple[Slot, ...]]:
    division = PeriodDivision.model_validate(
        {"kind": "periods", "periods": PERIODS, "gap": {"use": use}}
    )
    return division, tuple(Slot(p.id, p.name, p.from_, p.to) for p in division.periods)


INCLUDED, NAMED = in_periods("included")
NOT_INCLUDED, _ = in_periods("not_included")
SOME_HOURS = st.sets(st.sampled_from(HOURLY))
SOME_PERIODS = st.sets(st.sampled_from(NAMED))


def stretches(runs: list[Run]) -> list[tuple[int, int]]:
    return [(run.from_minute // 60, run.to_minute // 60) for run in runs]


def test_hours_that_touch_are_one_use():
    assert stretches(runs_of([*HOURLY[0:2], *HOURLY[4:5]], HOURS)) == [(9, 11), (13, 14)]


def test_periods_that_touch_are_one_use_whatever_is_said_of_gaps():
    for division in (INCLUDED, NOT_INCLUDED):
        assert len(runs_of(NAMED[:2], division)) == 1


def test_a_gap_between_periods_belongs_to_the_use_only_where_the_rule_says_so():
    assert stretches(runs_of(NAMED[2:], INCLUDED)) == [(13, 24)]
    assert stretches(runs_of(NAMED[2:], NOT_INCLUDED)) == [(13, 17), (18, 24)]


def test_a_period_left_out_is_no_gap():
    assert len(runs_of([NAMED[0], NAMED[2]], INCLUDED)) == 2


def test_the_places_of_gaps_are_counted_from_the_first_slot():
    (run,) = runs_of(NAMED, INCLUDED)

    assert run.gaps == (1, 2)
    assert run.slot_minutes == 3 * 60 + 60 + 210 + 6 * 60


@given(SOME_HOURS, st.permutations(HOURLY))
def test_the_order_and_repetition_of_choosing_do_not_matter(chosen, order):
    in_order = [slot for slot in order if slot in chosen]

    assert runs_of([*in_order, *in_order], HOURS) == runs_of(chosen, HOURS)


@given(SOME_PERIODS)
def test_no_slot_is_lost_or_invented(chosen):
    for division in (INCLUDED, NOT_INCLUDED):
        runs = runs_of(chosen, division)

        assert [slot for run in runs for slot in run.slots] == sorted(
            chosen, key=lambda slot: slot.from_minute
        )


@given(SOME_HOURS)
def test_two_uses_never_touch(chosen):
    for one, following in pairwise(runs_of(chosen, HOURS)):
        assert one.to_minute < following.from_minute


@given(SOME_HOURS, SOME_HOURS)
def test_adding_and_taking_away_again_leaves_what_was_not_added(held, added):
    after = runs_of((held | added) - added, HOURS)

    assert after == runs_of(held - added, HOURS)


@given(SOME_HOURS, SOME_HOURS)
def test_adding_never_makes_a_use_shorter(held, added):
    after = runs_of(held | added, HOURS)

    for run in runs_of(held, HOURS):
        assert any(
            longer.from_minute <= run.from_minute and run.to_minute <= longer.to_minute
            for longer in after
        )


@given(SOME_PERIODS)
def test_minutes_of_a_use_are_its_slots_and_its_gaps(chosen):
    for run in runs_of(chosen, INCLUDED):
        gaps = sum(
            run.slots[place + 1].from_minute - run.slots[place].to_minute for place in run.gaps
        )
        assert run.slot_minutes + gaps == run.to_minute - run.from_minute


@given(st.integers(0, 1440), st.integers(0, 1440))
def test_slots_between_two_minutes_fill_them_or_there_are_none(begins, ends):
    found = slots_between(HOURLY, begins, ends)

    if found:
        assert (found[0].from_minute, found[-1].to_minute) == (begins, ends)
    else:
        fits = begins % 60 == 0 and ends % 60 == 0 and 540 <= begins < ends <= 1320
        assert not fits


@pytest.mark.parametrize(
    ("hours", "codes"), [(1, ["slot.too_short"]), (2, []), (4, []), (5, ["slot.too_long"])]
)
def test_a_use_has_a_least_and_a_most_length_where_the_rule_says_so(hours, codes):
    division = UnitDivision(kind="unit", minutes=60, at_least=2, at_most=4)

    found = length_refusals(Run(HOURLY[:hours]), division)

    assert [no.code for no in found] == codes
