"""What follows from a booking: never due too late to matter, never more back than was paid."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.policy import Cancellation, Payment, Terms
from app.booking.rules.days import Place
from app.booking.rules.outcomes import consequence, due_at
from app.booking.rules.refunds import refund
from app.kernel.clock import TOKYO
from tests.rules.catalogues import a_catalogue

DAYS = st.dates(date(2026, 4, 1), date(2030, 3, 31))
COUNTS = st.none() | st.integers(0, 60)
TIERS = st.lists(
    st.fixed_dictionaries({"days_before": st.integers(0, 60), "percent": st.integers(0, 100)}),
    max_size=4,
    unique_by=lambda tier: tier["days_before"],
)


def terms(tiers: list[dict[str, int]]) -> Terms:
    return Terms.model_validate(
        {
            "reception": [{"opens": {"kind": "before", "months": 2},
                           "closes": {"kind": "before", "days": 1}}],
            "payment": {"where": "会館の受付"},
            "cancellation": {"until": {"kind": "before", "days": 1}, "refunds": tiers},
        }
    )  # fmt: skip


@given(COUNTS, COUNTS, DAYS, st.integers(0, 400), st.integers(0, 23))
def test_a_fee_is_due_after_it_was_asked_for_and_not_after_the_use_begins(
    after, before, asked, ahead, hour
):
    payment = Payment(days_after_request=after, days_before_use=before, where="会館の受付")
    use = datetime.combine(asked + timedelta(days=ahead), datetime.min.time(), TOKYO)
    first_use = use + timedelta(hours=hour)

    due = due_at(payment, requested_on=asked, first_use=first_use, zone=TOKYO)

    asked_at = datetime.combine(asked, datetime.min.time(), TOKYO)
    assert asked_at <= due <= first_use
    if after is not None:
        assert due <= asked_at + timedelta(days=after + 1)
    if ahead and (before is None or before <= ahead):
        assert due > asked_at


@pytest.mark.parametrize(
    ("if_closed", "asked", "use", "due_day"),
    [
        # Tuesdays are closed: 2027-03-09 and -16.
        ("keep", date(2027, 3, 2), date(2027, 3, 30), date(2027, 3, 9)),
        ("next_open_day", date(2027, 3, 2), date(2027, 3, 30), date(2027, 3, 10)),
        ("next_open_day", date(2027, 3, 3), date(2027, 3, 30), date(2027, 3, 10)),
        ("next_open_day", date(2027, 3, 8), date(2027, 3, 17), date(2027, 3, 15)),
    ],
)
def test_a_last_day_on_which_nobody_takes_the_money_moves(if_closed, asked, use, due_day):
    payment = Payment(days_after_request=7, where="会館の受付", if_closed=if_closed)
    catalogue = a_catalogue()
    place = Place(catalogue, catalogue.facilities[0])
    first_use = datetime.combine(use, datetime.min.time(), TOKYO) + timedelta(hours=10)

    due = due_at(payment, requested_on=asked, first_use=first_use, zone=TOKYO, place=place)

    assert due == datetime.combine(due_day + timedelta(days=1), datetime.min.time(), TOKYO)


def test_and_never_beyond_the_beginning_of_the_use():
    payment = Payment(days_before_use=1, where="会館の受付", if_closed="next_open_day")
    catalogue = a_catalogue()
    place = Place(catalogue, catalogue.facilities[0])
    first_use = datetime(2027, 3, 10, 10, tzinfo=TOKYO)

    due = due_at(
        payment, requested_on=date(2027, 3, 1), first_use=first_use, zone=TOKYO, place=place
    )

    assert due == first_use, "the ninth is a Tuesday, the tenth the day of the use"


@given(TIERS, st.integers(0, 10_000_000), st.booleans(), DAYS, st.integers(-5, 90))
def test_cancelling_brings_back_a_share_of_what_was_paid_and_releases_what_was_not(
    tiers, fee, is_paid, use_day, ahead
):
    found = consequence(
        terms(tiers), fee_yen=fee, is_paid=is_paid, use_day=use_day,
        today=use_day - timedelta(days=ahead),
    )  # fmt: skip

    assert 0 <= found.refund_yen <= fee
    assert found.released_yen == (0 if is_paid else fee)
    assert not (found.refund_yen and found.released_yen)
    if is_paid:
        assert found.refund_yen == fee * found.refund_percent // 100


@given(TIERS, st.integers(-5, 90))
def test_the_nearest_tier_that_is_reached_holds(tiers, days_before):
    reached = [tier for tier in tiers if tier["days_before"] <= days_before]
    nearest = max(reached, key=lambda tier: tier["days_before"], default={"percent": 0})

    rule = Cancellation.model_validate({"until": {"kind": "before"}, "refunds": tiers})
    use_day = date(2027, 5, 20)
    found = refund(rule, use_day=use_day, today=use_day - timedelta(days=days_before))

    assert found.percent == nearest["percent"]
