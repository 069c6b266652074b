"""The states of a booking: none without a way in, no way back from an end."""

import pytest

from app.booking.states import MOVES, OPEN, SUBMITTED, LineState, State, may_move


def test_every_state_says_what_may_follow():
    assert set(MOVES) == set(State)


def test_every_state_but_the_first_can_be_reached():
    reached, before = {State.DRAFT}, set()
    while reached != before:
        before = set(reached)
        reached |= {following for state in before for following in MOVES[state]}

    assert reached == set(State)


@pytest.mark.parametrize("end", [State.CANCELLED, State.USED])
def test_an_end_is_an_end(end):
    assert MOVES[end] == frozenset()


def test_only_money_that_came_too_late_brings_a_lapsed_booking_back():
    assert MOVES[State.LAPSED] == {State.CONFIRMED}


@pytest.mark.parametrize("state", State)
def test_no_state_becomes_itself_or_a_draft_again(state):
    assert not may_move(state, state)
    assert not may_move(state, State.DRAFT)


def test_what_is_open_can_still_be_cancelled_and_nothing_else_can():
    assert {state for state in State if may_move(state, State.CANCELLED)} == OPEN
    assert OPEN < SUBMITTED == set(State) - {State.DRAFT}


def test_money_that_came_is_never_lost_by_a_deadline():
    assert not may_move(State.CONFIRMED, State.LAPSED)


def test_a_line_ends_as_its_booking_does():
    ends = {State.CANCELLED, State.LAPSED}
    assert {str(state) for state in ends} < {str(state) for state in LineState}
