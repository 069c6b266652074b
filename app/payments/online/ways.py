"""Which ways to pay over the network are offered, and how long one may take. Pure.

Limits and times are the provider's (Stripe Checkout; konbini and PayPay in Japan).
"""

from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo
from typing import Final

CARD, KONBINI, PAYPAY = "card", "konbini", "paypay"
WAYS: Final = (CARD, KONBINI, PAYPAY)

# From and to, in yen.
LIMITS: Final = {CARD: (50, 9_999_999), KONBINI: (120, 300_000), PAYPAY: (50, 1_000_000)}

# The provider knows none shorter than 30 minutes; five are to spare for asking it again.
SESSION: Final = timedelta(minutes=35)
GRACE: Final = timedelta(minutes=5)  # until its answer about the last second has come
BREATHER: Final = timedelta(seconds=7)  # between two questions of one who looks, longer than each
LATE_AT_THE_SHOP: Final = timedelta(minutes=30)  # a slip printed in time is still paid so long
MOST_DAYS: Final = 60
NOTICE_NEEDED: Final = timedelta(hours=24)  # before the deadline, to walk to a shop


def konbini_days(*, due_at: datetime, now: datetime, zone: tzinfo) -> int | None:
    """Return for how many days a number to pay at a shop may hold; None: it can't be offered.

    It ends at 23:59:59 so many days after the number is taken, which may be as late as the page
    where one takes it stands open; it never outlives the deadline.
    """
    if due_at - now < NOTICE_NEEDED:
        return None
    taken_on = (now + SESSION).astimezone(zone).date()
    last_day = (due_at + timedelta(seconds=1)).astimezone(zone).date() - timedelta(days=1)
    days = (last_day - taken_on).days
    return min(days, MOST_DAYS) if days >= 1 else None


def offered(
    known: Collection[str], *, yen: int, due_at: datetime | None, now: datetime, zone: tzinfo
) -> list[str]:
    """Return the ways that an account knows and that fit the sum and the deadline."""
    if due_at is not None and due_at <= now:
        return []
    return [
        way
        for way in WAYS
        if way in known
        and LIMITS[way][0] <= yen <= LIMITS[way][1]
        and (
            way != KONBINI
            or (due_at is not None and konbini_days(due_at=due_at, now=now, zone=zone) is not None)
        )
    ]
