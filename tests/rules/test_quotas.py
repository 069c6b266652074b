"""How many uses an applicant may have: what counts, in which stretch of time, for whom."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.quotas import Counted, refusals
from app.kernel.refusals import Refusal
from app.tenants.policy import Quota

MONDAY = date(2027, 3, 1)
SATURDAY = date(2027, 3, 6)


def a_quota(**changes: Any) -> Quota:
    return Quota.model_validate({"id": "q", "name": "月2回まで", "limit": 2, **changes})


def a_use(day: date = MONDAY, room: str = "room-1", slots: int = 1) -> Counted:
    return Counted(room, day, slots, day.weekday() >= 5)


def is_over(
    quota: Quota,
    asked: list[Counted],
    standing: list[Counted] | None = None,
    *,
    applicant_class: str = "resident",
    today: date = MONDAY,
) -> bool:
    found = refusals(
        [quota], applicant_class=applicant_class, asked=asked, standing=standing or [], today=today
    )
    assert all(no.code == "quota.reached" for no in found)
    return bool(found)


def test_the_limit_itself_is_allowed_and_one_more_is_refused_with_the_rule_s_name():
    assert not is_over(a_quota(), [a_use()], [a_use()])
    assert refusals(
        [a_quota()], applicant_class="x", asked=[a_use()], standing=[a_use()] * 2, today=MONDAY
    ) == [Refusal("quota.reached", {"name": "月2回まで", "limit": 2})]


def test_what_stands_over_the_limit_is_no_reason_when_nothing_asked_for_counts():
    elsewhere = a_use(room="lobby")

    assert not is_over(a_quota(rooms=["room-1"]), [elsewhere], [a_use()] * 5)


@pytest.mark.parametrize(
    ("per", "same", "other"),
    [
        ("day", date(2027, 3, 10), date(2027, 3, 11)),
        ("week", date(2027, 3, 14), date(2027, 3, 15)),  # Sunday, Monday
        ("month", date(2027, 3, 31), date(2027, 4, 1)),
        ("fiscal_year", date(2027, 3, 31), date(2027, 4, 1)),
        ("outstanding", date(2029, 3, 31), None),
    ],
)
def test_uses_are_counted_within_a_stretch_of_time(per, same, other):
    quota, first = a_quota(limit=1, per=per), a_use(date(2027, 3, 10))

    assert is_over(quota, [a_use(same)], [first])
    if other:
        assert not is_over(quota, [a_use(other)], [first])


def test_a_week_lies_over_the_turn_of_a_year():
    quota = a_quota(limit=1, per="week")

    assert is_over(quota, [a_use(date(2027, 1, 3))], [a_use(date(2026, 12, 28))])


def test_a_use_that_is_over_is_no_longer_outstanding():
    quota = a_quota(limit=1, per="outstanding")

    assert is_over(quota, [a_use(SATURDAY)], [a_use(MONDAY)], today=MONDAY)
    assert not is_over(quota, [a_use(SATURDAY)], [a_use(MONDAY)], today=MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("counts", "asked", "over"),
    [
        ("lines", [a_use(slots=5), a_use(slots=5)], False),
        ("slots", [a_use(slots=2)], False),
        ("slots", [a_use(slots=1), a_use(slots=2)], True),
        ("days", [a_use(), a_use(room="hall"), a_use(SATURDAY)], False),
        ("days", [a_use(), a_use(SATURDAY), a_use(date(2027, 3, 7))], True),
    ],
)
def test_what_is_counted_is_uses_slots_or_days(counts, asked, over):
    assert is_over(a_quota(counts=counts), asked) is over


def test_it_may_be_for_rooms_classes_and_kinds_of_days_only():
    full = [a_use(), a_use()]
    assert not is_over(a_quota(rooms=["lobby"]), [a_use()], full)
    assert not is_over(a_quota(classes=["group"]), [a_use()], full)
    assert is_over(a_quota(classes=["group"]), [a_use()], full, applicant_class="group")
    assert not is_over(a_quota(days="weekend_or_holiday"), [a_use()], full)
    assert is_over(a_quota(days="weekend_or_holiday"), [a_use(SATURDAY)] * 3)
    assert not is_over(a_quota(days="weekday"), [a_use(SATURDAY)], full)


def test_near_uses_may_be_free_of_it():
    quota = a_quota(not_within_days=0)
    today, tomorrow = a_use(MONDAY), a_use(MONDAY + timedelta(days=1))

    assert not is_over(quota, [today] * 9)
    assert is_over(quota, [tomorrow] * 3)
    assert not is_over(quota, [tomorrow] * 2, [today] * 9)


def test_each_quota_that_is_exceeded_says_so_once():
    two = [a_quota(), a_quota(id="w", name="週2回まで", per="week")]

    found = refusals(
        two,
        applicant_class="resident",
        asked=[a_use(), a_use(), a_use(), a_use(date(2027, 4, 5))] * 3,
        standing=[],
        today=MONDAY,
    )

    assert [no.facts["name"] for no in found] == ["月2回まで", "週2回まで"]


USES = st.lists(
    st.builds(
        a_use,
        st.dates(date(2027, 3, 1), date(2027, 6, 30)),
        st.sampled_from(["room-1", "hall"]),
        st.integers(1, 3),
    ),
    max_size=8,
)
QUOTAS = st.builds(
    a_quota,
    limit=st.integers(1, 6),
    counts=st.sampled_from(["lines", "slots", "days"]),
    per=st.sampled_from(["day", "week", "month", "fiscal_year", "outstanding"]),
    days=st.sampled_from(["any", "weekday", "weekend_or_holiday"]),
)


@given(QUOTAS, USES, USES, USES)
def test_having_more_never_allows_more(quota, asked, standing, more):
    if is_over(quota, asked, standing):
        assert is_over(quota, asked, standing + more)
        assert is_over(quota, asked + more, standing)


@given(QUOTAS, USES, USES)
def test_it_does_not_matter_in_how_many_requests_the_uses_are_asked_for(quota, first, second):
    one_by_one = is_over(quota, first) or is_over(quota, second, first)

    assert one_by_one == is_over(quota, first + second) or not second
