"""The state of every slot: never free when somebody has the floor, and a reason for each "no"."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.availability import (
    Busy,
    Kind,
    Outlook,
    Own,
    SlotState,
    blocks_of,
    judged,
    next_turn,
    slot_states,
    summary,
    timings,
)
from app.booking.rules.reception import Window
from app.facilities.catalogue import RoomInfo
from app.facilities.rules import Slot
from app.kernel.clock import TOKYO
from app.kernel.spans import epoch, instant

DAY = date(2027, 3, 8)
MORNING = instant(DAY, 8 * 60, TOKYO)
SLOTS = tuple(Slot(f"{hour:02d}:00", "", hour * 60, hour * 60 + 60) for hour in range(9, 22))
ALWAYS = Window(MORNING - timedelta(days=60), MORNING + timedelta(days=1), "会館へ")
EAST, WEST = 11, 12
BASKET, ROOM = 7, 1


def a_room(*spaces: int, clean_up: int = 0) -> RoomInfo:
    return RoomInfo(ROOM, 1, "hall", "ホール", "", None, 1, (), "", clean_up, spaces or (EAST,))


def taken(
    from_hour: float, to_hour: float, kind: str = "booking", *, space: int = EAST, **held: object
) -> dict[int, list[Busy]]:
    begins, ends = (epoch(DAY, int(hour * 60), TOKYO) for hour in (from_hour, to_hour))
    return {space: [Busy(begins, ends, kind, **held)]}  # type: ignore[arg-type]


def states(
    busy: dict[int, list[Busy]],
    *,
    room: RoomInfo | None = None,
    now: datetime = MORNING,
    window: Window | None = ALWAYS,
    own: Own | None = None,
) -> list[SlotState]:
    room = room or a_room()
    windows = {slot.from_minute: window for slot in SLOTS}
    timed = timings(room, DAY, SLOTS, windows, TOKYO)
    return slot_states(timed, blocks_of(room, busy, now), windows, Outlook(now, own, "00-0000"))


def hours(found: list[SlotState], kind: Kind) -> list[int]:
    return [one.slot.from_minute // 60 for one in found if one.kind is kind]


def code_at(found: list[SlotState], hour: int) -> str | None:
    refusal = found[hour - 9].refusal
    return refusal.code if refusal else None


def test_an_empty_day_in_its_reception_period_is_free():
    assert {one.kind for one in states({})} == {Kind.FREE}


def test_what_is_booked_is_taken_and_what_touches_it_is_free():
    found = states(taken(10, 12))

    assert hours(found, Kind.TAKEN) == [10, 11]
    assert code_at(found, 10) == "slot.taken"


@pytest.mark.parametrize(
    ("kind", "shown", "code"),
    [
        ("closure", Kind.CLOSED, "slot.closed"),
        ("public_use", Kind.CLOSED, "slot.public_use"),
        ("maintenance", Kind.MAINTENANCE, "slot.maintenance"),
    ],
)
def test_what_is_kept_from_booking_says_why(kind, shown, code):
    found = states(taken(10, 11, kind))

    assert (found[1].kind, code_at(found, 10)) == (shown, code)


def test_the_whole_hall_is_taken_when_one_half_is():
    assert hours(states(taken(9, 12, space=WEST), room=a_room(EAST, WEST)), Kind.TAKEN) == [
        9,
        10,
        11,
    ]


def test_one_half_is_free_when_the_other_is_taken():
    assert not hours(states(taken(9, 12, space=WEST), room=a_room(EAST)), Kind.TAKEN)


def test_the_clean_up_of_an_earlier_use_takes_the_next_slot():
    assert hours(states(taken(9, 10.5)), Kind.TAKEN) == [9, 10]


def test_a_slot_whose_own_clean_up_reaches_into_another_use_is_taken():
    assert hours(states(taken(12, 13), room=a_room(clean_up=30)), Kind.TAKEN) == [11, 12]


class TestAHold:
    def test_is_taken_and_says_until_when(self):
        until = MORNING + timedelta(minutes=15)

        found = states(taken(10, 11, "hold", booking_id=1, expires_at=until, room_id=ROOM))

        assert code_at(found, 10) == "slot.held"
        assert found[1].refusal.facts == {"until": until}

    def test_takes_nothing_from_the_instant_it_runs_out(self):
        until = MORNING + timedelta(minutes=15)
        hold = taken(10, 11, "hold", booking_id=1, expires_at=until, room_id=ROOM)

        assert hours(states(hold, now=until - timedelta(seconds=1)), Kind.TAKEN) == [10]
        assert hours(states(hold, now=until), Kind.TAKEN) == []

    def test_of_ones_own_is_shown_as_such(self):
        hold = taken(10, 12, "hold", booking_id=BASKET, expires_at=ALWAYS.closes_at, room_id=ROOM)

        found = states(hold, own=Own(BASKET, ROOM))

        assert hours(found, Kind.MINE) == [10, 11]
        assert code_at(found, 10) is None

    def test_of_ones_own_through_another_room_is_not_to_be_had_twice(self):
        hold = taken(10, 11, "hold", booking_id=BASKET, expires_at=ALWAYS.closes_at, room_id=2)

        found = states(hold, own=Own(BASKET, ROOM))

        assert (found[1].kind, code_at(found, 10)) == (Kind.TAKEN, "slot.overlaps_own")


class TestOutsideOfReception:
    def test_before_it_opens_it_says_from_when(self):
        later = Window(MORNING + timedelta(days=1), MORNING + timedelta(days=2), "")

        found = states({}, window=later)

        assert {one.kind for one in found} == {Kind.OUTSIDE}
        assert found[0].refusal.facts == {"opens_at": later.opens_at}

    def test_who_can_not_apply_online_is_told_whom_to_call(self):
        found = states({}, window=None)

        assert code_at(found, 9) == "reception.not_online"
        assert found[0].refusal.facts == {"phone": "00-0000"}

    def test_what_is_taken_is_taken_before_reception_too(self):
        assert hours(states(taken(10, 11), window=None), Kind.TAKEN) == [10]

    def test_what_has_begun_is_past_whatever_else_it_is(self):
        at_ten = instant(DAY, 600, TOKYO)

        found = states(taken(9, 10), now=at_ten)

        assert hours(found, Kind.PAST) == [9, 10]
        assert code_at(found, 9) == "slot.past"


MINUTES = st.integers(8 * 60, 23 * 60)
KINDS = st.sampled_from(["booking", "hold", "closure", "public_use", "maintenance"])


@st.composite
def blocks(draw: st.DrawFn) -> Busy:
    begins = draw(MINUTES)
    ends = draw(st.integers(begins + 1, 24 * 60))
    kind = draw(KINDS)
    is_hold = kind == "hold"
    return Busy(
        epoch(DAY, begins, TOKYO),
        epoch(DAY, ends, TOKYO),
        kind,
        draw(st.sampled_from([1, BASKET])) if is_hold else None,
        instant(DAY, draw(st.integers(7 * 60, 22 * 60)), TOKYO) if is_hold else None,
        draw(st.sampled_from([ROOM, 2])) if is_hold else None,
    )


BUSY = st.dictionaries(st.sampled_from([EAST, WEST, 99]), st.lists(blocks(), max_size=5))
NOWS = st.builds(lambda minute: instant(DAY, minute, TOKYO), st.integers(0, 1440))
CLEAN_UP = st.sampled_from([0, 15, 30, 90])
OWN = st.sampled_from([None, Own(BASKET, ROOM)])


@given(BUSY, NOWS, CLEAN_UP, OWN)
def test_a_slot_is_never_free_when_somebody_else_has_any_of_its_floor(busy, now, clean_up, own):
    room = a_room(EAST, WEST, clean_up=clean_up)

    for one in states(busy, room=room, now=now, own=own):
        begins = epoch(DAY, one.slot.from_minute, TOKYO)
        ends = epoch(DAY, one.slot.to_minute + clean_up, TOKYO)
        others = [
            block
            for space in (EAST, WEST)
            for block in busy.get(space, ())
            if block.from_second < ends
            and begins < block.to_second
            and (block.expires_at is None or block.expires_at > now)
            and (block.booking_id, block.room_id) != own
        ]
        if others or begins <= now.timestamp():
            assert one.kind not in (Kind.FREE, Kind.MINE)
        else:
            assert one.kind in (Kind.FREE, Kind.MINE)


@given(BUSY, NOWS, OWN)
def test_every_no_has_a_reason_and_a_yes_has_none(busy, now, own):
    for one in states(busy, room=a_room(EAST, WEST), now=now, own=own):
        assert (one.refusal is None) == (one.kind in (Kind.FREE, Kind.MINE))


@given(BUSY, NOWS, CLEAN_UP, OWN)
def test_nothing_changes_before_the_next_turn(busy, now, clean_up, own):
    room = a_room(EAST, WEST, clean_up=clean_up)
    windows = {slot.from_minute: ALWAYS for slot in SLOTS}
    timed = timings(room, DAY, SLOTS, windows, TOKYO)

    def kinds(moment: datetime) -> list[Kind]:
        found = judged(timed, blocks_of(room, busy, moment), moment, own)
        return [kind for kind, _ in found]

    turn = next_turn(timed, blocks_of(room, busy, now), now)

    assert turn > now
    last = min(turn, now + timedelta(days=3)) - timedelta(seconds=1)
    assert kinds(last) == kinds(now)


@given(st.lists(st.sampled_from(Kind)))
def test_a_summary_says_whether_there_is_anything_to_be_had(kinds):
    had = [kind for kind in kinds if kind in (Kind.FREE, Kind.MINE)]

    found = summary(kinds)

    assert (found == "none") == (not kinds)
    assert (found == "free") == (bool(kinds) and len(had) == len(kinds))
    assert (found == "partly") == (0 < len(had) < len(kinds))
    assert summary(kinds[::-1]) == found
