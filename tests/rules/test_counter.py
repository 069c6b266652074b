"""Which mark may follow which at the counter: every order of taps ends in something that can be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.counter.rules import NEEDS, Mark, Marks, marked, taken_back
from app.kernel.refusals import Refusal

BEGINS = datetime(2027, 3, 8, 1, tzinfo=UTC)
TAPS = st.lists(st.tuples(st.sampled_from(Mark), st.booleans(), st.integers(-60, 240)), max_size=25)


def done(*taps: Mark, at: datetime = BEGINS) -> Marks | Refusal:
    marks: Marks | Refusal = Marks()
    for tap in taps:
        assert isinstance(marks, Marks)
        marks = marked(marks, tap, starts_at=BEGINS, now=at)
    return marks


@given(TAPS)
def test_no_order_of_taps_ends_in_what_cannot_be(taps: list[tuple[Mark, bool, int]]):
    marks, now = Marks(), BEGINS - timedelta(hours=1)
    for mark, is_undo, minutes in taps:
        now += timedelta(minutes=abs(minutes))
        told = taken_back(marks, mark) if is_undo else marked(
            marks, mark, starts_at=BEGINS, now=now
        )  # fmt: skip
        marks = marks if isinstance(told, Refusal) else told

        assert not (marks.came_at and marks.no_show_at)
        assert not marks.left_at or (marks.came_at and marks.came_at <= marks.left_at)
        assert not marks.key_back_at or marks.key_out_at
        assert marks.no_show_at is None or marks.no_show_at >= BEGINS


@given(TAPS, st.sampled_from(Mark))
def test_a_second_tap_changes_nothing(taps: list[tuple[Mark, bool, int]], mark: Mark):
    marks = Marks()
    for tap, _undo, _minutes in taps:
        told = marked(marks, tap, starts_at=BEGINS, now=BEGINS)
        marks = marks if isinstance(told, Refusal) else told
    once = marked(marks, mark, starts_at=BEGINS, now=BEGINS)
    if isinstance(once, Marks):
        assert marked(once, mark, starts_at=BEGINS, now=BEGINS + timedelta(hours=1)) == once
        back = taken_back(once, mark)
        assert isinstance(back, Refusal) or taken_back(back, mark) == back


@pytest.mark.parametrize(
    ("taps", "code"),
    [
        ([Mark.LEFT], "use.not_come"),
        ([Mark.KEY_BACK], "use.no_key_out"),
        ([Mark.CAME, Mark.NO_SHOW], "use.came_already"),
    ],
)
def test_what_cannot_follow_is_refused(taps: list[Mark], code: str):
    assert done(*taps) == Refusal(code)


def test_nobody_has_failed_to_come_before_it_begins():
    early = BEGINS - timedelta(minutes=1)

    assert done(Mark.NO_SHOW, at=early) == Refusal("use.not_begun")


def test_who_comes_late_has_come():
    marks = done(Mark.NO_SHOW, Mark.CAME)

    assert isinstance(marks, Marks)
    assert (marks.came_at, marks.no_show_at) == (BEGINS, None)


@pytest.mark.parametrize(("follower", "before"), NEEDS.items())
def test_what_others_follow_is_taken_back_last(follower: Mark, before: Mark):
    marks = done(before, follower)
    assert isinstance(marks, Marks)

    assert isinstance(taken_back(marks, before), Refusal)
    left = taken_back(marks, follower)
    assert isinstance(left, Marks)
    assert taken_back(left, before) == Marks()
