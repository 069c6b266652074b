"""What is kept of which day, and what of it is still free: minute by minute."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.keeping import Keep, gaps, read, refusals
from app.kernel.clock import TOKYO
from app.kernel.spans import Span

MONDAY = date(2027, 3, 8)
BEFORE = datetime(2027, 3, 1, 9, tzinfo=TOKYO)
ZERO = datetime(2027, 3, 8, tzinfo=TOKYO)


def span(begins: int, ends: int) -> Span:
    return Span(ZERO + timedelta(minutes=begins), ZERO + timedelta(minutes=ends))


SPANS = st.builds(
    lambda begins, length: span(begins, begins + length), st.integers(0, 300), st.integers(1, 90)
)


@given(SPANS, st.lists(SPANS, max_size=8))
def test_gaps_and_what_is_taken_are_the_whole_and_share_nothing(wanted: Span, taken: list[Span]):
    minute = timedelta(minutes=1)
    found = list(gaps(wanted, taken))
    at = wanted.starts_at
    while at < wanted.ends_at:
        is_taken = any(one.starts_at <= at < one.ends_at for one in taken)
        assert sum(one.starts_at <= at < one.ends_at for one in found) == (not is_taken)
        at += minute
    assert all(wanted.starts_at <= one.starts_at and one.ends_at <= wanted.ends_at for one in found)


def test_only_the_chosen_days_of_the_week_are_kept():
    keep = Keep((1,), MONDAY, MONDAY + timedelta(days=20), 540, 720, weekdays=(0, 2))

    days = [one.starts_at.date() for one in keep.stretches(TOKYO, now=BEFORE)]

    assert days == [MONDAY + timedelta(days=n) for n in (0, 2, 7, 9, 14, 16)]
    assert {(x.starts_at.hour, x.ends_at.hour) for x in keep.stretches(TOKYO, now=BEFORE)} == {
        (9, 12)
    }


def test_what_has_gone_by_is_not_kept():
    keep = Keep((1,), MONDAY, MONDAY + timedelta(days=1))
    noon = datetime(2027, 3, 8, 12, 0, 30, tzinfo=TOKYO)

    found = keep.stretches(TOKYO, now=noon)

    assert found[0] == Span(noon.replace(second=0), ZERO + timedelta(days=1))
    assert len(found) == 2


def test_it_is_read_as_it_was_stored():
    keep = Keep((1, 5), MONDAY, MONDAY, 540, 1320, (0, 6))

    assert read(keep.document()) == keep


def test_what_cannot_be_kept_is_said():
    def codes(keep: Keep) -> list[str]:
        return [no.code for no in refusals(keep, today=MONDAY)]

    day = timedelta(days=1)
    assert codes(Keep((1,), MONDAY, MONDAY)) == []
    assert codes(Keep((), MONDAY, MONDAY)) == ["closure.no_rooms"]
    assert codes(Keep((1,), MONDAY + day, MONDAY)) == ["closure.backwards"]
    assert codes(Keep((1,), MONDAY - day, MONDAY - day)) == ["closure.over"]
    assert codes(Keep((1,), MONDAY, MONDAY + 400 * day)) == ["closure.too_long"]
    assert codes(Keep((1,), MONDAY, MONDAY, weekdays=(1,))) == ["closure.no_days"]
    assert codes(Keep((1,), MONDAY, MONDAY, 600, 600)) == ["slot.backwards"]
