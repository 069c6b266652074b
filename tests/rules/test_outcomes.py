"""What follows from a booking: never due too late to matter, never more back than was paid."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.booking.policy import Cancellation, Payment, Terms
from app.booking.rules.outcomes import consequence, due_at
from app.booking.rules.refunds import refund
from app.kernel.clock import TOKYO

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
